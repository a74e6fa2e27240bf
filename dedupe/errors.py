"""Everything that this project raises on purpose.

::

    DedupeError                 exit 2
    ├── SettingError            a setting is unknown, of the wrong type or out of range
    ├── SourceError             a source cannot be opened, found or understood as a whole
    │   └── UnknownFormatError  nothing here reads this kind of file
    ├── RecordError             one record cannot be taken in; readers turn it into a Rejection
    └── MissingExtraError       an optional dependency is needed; says which extra to install

A duplicate is a verdict, not an error.
"""

from __future__ import annotations


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


class MissingExtraError(DedupeError):
    """An optional dependency is missing."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package}: pip install 'story-dedupe[{extra}]'"
        )
