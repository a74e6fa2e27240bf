"""What goes wrong with an index in any database: its kind, and the words for it."""

from __future__ import annotations

from dedupe.errors import BusyError, FullError, StoreError

FailureKind = tuple[type[StoreError], str]
IN_USE: FailureKind = (BusyError, "others use the index; try again, or be more patient")
NO_SPACE: FailureKind = (
    FullError,
    "no space is left; nothing of the last call was kept: make room and repeat it",
)
STORED_ALREADY: FailureKind = (StoreError, "an entry of this id is stored already")
TOO_BIG: FailureKind = (StoreError, "the entry is too big to be kept")
NOT_TO_BE_KEPT: FailureKind = (StoreError, "this cannot be kept")
NOT_TO_BE_USED: FailureKind = (StoreError, "the index cannot be used")
FAILED_BEFORE = "something failed in this session; nothing was kept"
IS_OPEN = "others have the index open; end them, then try again"
WAS_CHANGED = "others changed the index meanwhile; end them, then try again"
LONGEST_LINE = 200
"""Letters of what a database tells in one line."""
