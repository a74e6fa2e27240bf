"""A macro of Superdesk: an item that is fetched to a desk is told from what is there already.

Put this file into the folder ``macros`` of the server, set DEDUPE_URL (and DEDUPE_TOKEN), and name
the macro in the rules of a routing scheme. An item gets ``extra.dedupe``, the decision. One that
repeats what the index holds is not published by itself (``auto_publish``), and says so in its
editorial note; nothing is thrown away. Where the server can't answer an item passes unmarked:
a desk goes on.

A rule of several desks calls it once for each: the second call gets the answer of the first
(``replayed``). See docs/recipes.md.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from dedupe import Filter, open_index
from dedupe.errors import RecordError, StoreError
from dedupe.hooks.filter import decision_object
from dedupe.hooks.pipe import article_of_record
from dedupe.read.fields import FieldFinder, FieldKeys

FIELDS = FieldKeys(
    id="guid",
    title="headline",
    text="body_html",
    date="versioncreated",
    source="source",
    url="uri",
    lang="language",
)
PATIENCE = float(os.environ.get("DEDUPE_PATIENCE", "5"))
"""Seconds for which a server that does not answer is asked again."""

_log = logging.getLogger(__name__)


def tell_copies(item: dict[str, Any], **_: Any) -> dict[str, Any]:
    """The item, with the decision about it."""
    record = dict(item)
    record["guid"] = item.get("ingest_id") or item.get(
        "guid"
    )  # a fetched one has a guid of its own
    record["versioncreated"] = str(item.get("versioncreated") or "")
    try:
        article = article_of_record(record, FieldFinder(FIELDS))
        with open_index(os.environ["DEDUPE_URL"], patience=PATIENCE) as index:
            decision = Filter(index).decide(article)
    except RecordError:  # a picture, say
        return item
    except StoreError as error:
        _log.warning("item %s passes unjudged: %s", item.get("guid"), error)
        return item
    told = decision_object(decision)
    item.setdefault("extra", {})["dedupe"] = told
    if not decision.passed:
        item["auto_publish"] = False
        note = f"{told['relation'].replace('_', ' ')} of {told['to']}"
        item["ednote"] = " ".join(filter(None, [item.get("ednote"), note]))
    return item


name = "tell_copies"
label = "Tell copies"
callback = tell_copies
access_type = "backend"
action_type = "direct"
