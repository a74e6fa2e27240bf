"""What schemathesis is told before it asks: a stream of events ends once all is told."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.hook
def map_query(context: Any, query: Any) -> Any:
    """The query of a request, in which no time is given that would be waited for."""
    if context.operation.path != "/v1/events" or not isinstance(query or {}, dict):
        return query
    given = dict(query or {})
    told = str(given.get("seconds", 0))
    if told.isascii() and told.isdecimal() and int(told[:9]) <= 86_400:
        given["seconds"] = 0
    return given
