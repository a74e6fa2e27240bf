"""Everything that this project raises on purpose.

::

    DedupeError                 exit 2
    ├── SettingError            a setting is unknown, of the wrong type or out of range
    ├── SourceError             a source cannot be opened, found or understood as a whole
    │   └── UnknownFormatError  nothing here reads this kind of file
    ├── RecordError             one record cannot be taken in; readers turn it into a Rejection
    ├── NoRoomError             no space is left for temporary files
    ├── MissingExtraError       an optional dependency is needed; says which extra to install
    ├── EngineError             an engine cannot be reached, or failed at its work
    └── StoreError              an index cannot be read or written
        ├── NotAnIndexError     the file is something else, or of a newer version of this package
        ├── FingerprintError    the index was written with other settings
        ├── DamagedError        the index is cut short or broken
        ├── BusyError           others held the index for too long, or its server is away
        ├── FullError           no space is left where the index lies
        └── ReadOnlyError       the index may be read only

A duplicate is a verdict, not an error.
"""

from __future__ import annotations

REMEDY = (
    "take over what is sound with dedupe index salvage FILE -o NEW, or go back to the last sound "
    "copy"
)
"""What is to be done about an index that is damaged."""


class DedupeError(Exception):
    """Base of all errors here. The message says what was wrong and what to do."""

    exit_code = 2


class SettingError(DedupeError):
    """A setting is unknown, of the wrong type or out of range."""


class SourceError(DedupeError):
    """A source cannot be opened, found or understood as a whole."""


class UnknownFormatError(SourceError):
    """Nothing here reads this kind of file."""


class RecordError(DedupeError):
    """One record cannot be taken in. Readers turn it into a Rejection and go on."""


class NoRoomError(DedupeError):
    """No space is left for the temporary files of a run that is bounded in memory."""


class MissingExtraError(DedupeError):
    """An optional dependency is missing."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package}: pip install 'story-dedupe[{extra}]'"
        )


class EngineError(DedupeError):
    """An engine cannot be reached, or failed at its work. Its stages keep what was done."""


class StoreError(DedupeError):
    """An index cannot be read or written. What it held before is as it was."""


class NotAnIndexError(StoreError):
    """The file is no index, or one of a newer version of this package. It was left untouched."""


class FingerprintError(StoreError):
    """The index was written with other settings, so that its signatures can't be compared."""


class DamagedError(StoreError):
    """The index is cut short or broken."""


class BusyError(StoreError):
    """Others held the index for longer than this caller would wait, or its server is away."""


class FullError(StoreError):
    """No space is left where the index lies; nothing of the last call was kept."""


class ReadOnlyError(StoreError):
    """The index, or its folder, may be read only."""
