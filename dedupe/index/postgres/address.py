"""The address of an index in PostgreSQL: the server's own form of it, and the schema."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from dedupe.errors import NotAnIndexError
from dedupe.read.address import shown_address

SCHEMA = "dedupe"
"""The schema of an index whose address names none."""
PARAMETER = "schema"
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,47}")
"""What SQL takes as it is, but for its own words, and leaves room for what is added: names have 63
bytes at most."""
_RESERVED = ("pg_", "information_schema")


class PostgresAddress(NamedTuple):
    """Where an index is."""

    server: str
    """Server, database and how to get in, as libpq takes it: it may hold a password."""
    schema: str
    name: str
    """As it may be shown."""

    def beside(self, ending: str) -> PostgresAddress:
        """The schema whose name ends with this, too."""
        return _in_schema(self.server, f"{self.schema}_{ending}")


def _in_schema(server: str, schema: str) -> PostgresAddress:
    shown = shown_address(server)
    name = f"{shown}{'&' if '?' in shown else '?'}{PARAMETER}={schema}"
    return PostgresAddress(server, schema, name)


def address_of(address: str) -> PostgresAddress:
    """The parts of ``postgresql://USER@HOST/DATABASE?schema=NAME``. Raises NotAnIndexError.

    All other parameters are libpq's.
    """
    base, _, query = address.partition("?")
    parameters = [one for one in query.split("&") if one]
    named = [one for one in parameters if one.partition("=")[0] == PARAMETER]
    schema = unquote(named[-1].partition("=")[2]) if named else SCHEMA
    name = shown_address(address)
    if not _NAME.fullmatch(schema) or schema.startswith(_RESERVED):
        raise NotAnIndexError(
            f"{name}: no index can be in such a schema; give schema= another name, of up to 48 "
            "small letters, digits and _"
        )
    rest = "&".join(one for one in parameters if one not in named)
    server = f"postgresql://{base.partition('://')[2]}{'?' if rest else ''}{rest}"
    return PostgresAddress(server, schema, name)
