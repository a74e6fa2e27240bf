"""How a stream of lines begins: whether it is one of JSON Lines, and what it looks like if not."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence

from dedupe.errors import SourceError, UnknownFormatError
from dedupe.hooks.lines import Line
from dedupe.model import Rejection
from dedupe.read.packed import BZIP2, GZIP, XZ, ZSTD

TRIED = 20
"""Lines without an article, and without a sign of JSON, after which a stream is refused."""
MOST_TRIED = 1000
"""Lines of JSON without an article at the beginning of a stream after which it is refused."""

_FOREIGN = (
    ((GZIP + b"\x08",), "is compressed with gzip: give it through gzip -dc"),
    ((ZSTD,), "is compressed with Zstandard: give it through zstd -dc"),
    ((XZ,), "is compressed with xz: give it through xz -dc"),
    (BZIP2, "is compressed with bzip2: give it through bzip2 -dc"),
    # Longer than their marks, so that no stray bytes are taken for them.
    (
        ("\ufeff{".encode("utf-16-le"), "\ufeff{".encode("utf-16-be"), b'{\0"\0', b'\0{\0"'),
        "is UTF-16: give it through iconv -f UTF-16 -t UTF-8",
    ),
)
"""How streams begin that are not lines of UTF-8, and what to do about it."""
_READ_WHOLE = (
    "dedupe watch --once reads it into an index, dedupe group and report show what it holds"
)
_SEVERAL_LINES = (b"{", b"[", b"[{")
"""Lines with which JSON of several lines begins."""
_NAMES = {
    "feed": "a feed", "html": "a page of HTML", "xml": "XML", "sgml": "SGML", "mail": "mail",
    "warc": "an archive of a crawl", "parquet": "Parquet",
}  # fmt: skip


class StreamStart:
    """What came of a stream before its first article.

    Lines that are no JSON are held back until it is clear what they are, so that of a stream that
    is refused one sentence is told, and not each of its lines.
    """

    def __init__(
        self, source: str, on_reject: Callable[[Rejection], object], tried: int = TRIED
    ) -> None:
        """``tried``, from TRIED to MOST_TRIED: lines that are no JSON, until it is refused."""
        self._source, self._on_reject, self._tried = source, on_reject, tried
        self._held: list[Rejection] = []
        self._foreign, self._answered = True, False
        self._rejected = 0
        self._first = self._looks = ""

    def article(self) -> None:
        """Says that an article came: the stream is what it should be."""
        self._answered = True
        self._release()

    def reject(self, rejection: Rejection) -> None:
        """Reports a line without an article, at once or as soon as its stream is known.

        Raises SourceError for the last that is tried of a stream that is no JSON, or the
        MOST_TRIEDth of one that is, if no article came.
        """
        if self._answered:
            self._on_reject(rejection)
            return
        self._rejected += 1
        self._first = self._first or rejection.reason
        self._foreign = self._foreign and not _is_json(rejection.raw)
        self._held.append(rejection)
        if self._foreign and self._rejected == TRIED:
            self._looks = looks_like([held.raw for held in self._held])
        if self._foreign and self._rejected >= self._tried:
            raise SourceError(f"{self._source} is no JSON Lines: {self._looks}")
        if not self._foreign or self._rejected >= TRIED:
            self._release()
            if self._rejected >= MOST_TRIED:
                raise SourceError(
                    f"{self._source}: none of its first {MOST_TRIED:,} lines holds an article; the "
                    f"first: {self._first}"
                )

    def end(self) -> None:
        """Reports what was held back. Raises SourceError where there were lines, and no article."""
        looks = self._looks if self._foreign else ""
        if self._held:
            looks = looks_like([held.raw for held in self._held])
        self._release()
        if self._rejected and not self._answered:
            told = "line holds" if self._rejected == 1 else f"of {self._rejected:,} lines holds"
            raise SourceError(
                f"{self._source}: no {told} an article" + (f"; {looks}" if looks else "")
            )

    def _release(self) -> None:
        for rejection in self._held:
            self._on_reject(rejection)
        self._held.clear()


def _is_json(data: bytes) -> bool:
    """Whether a line begins as objects and lists do that end on it."""
    line = data.strip()
    return line[:1] in (b"{", b"[") and line not in _SEVERAL_LINES


def looks_like(lines: Sequence[bytes]) -> str:
    """What lines that are no JSON Lines look like, and what to do about it; at least one line."""
    from dedupe.read.dialect import dialect_of
    from dedupe.read.formats import format_of_content

    if lines[0].strip() in _SEVERAL_LINES:
        return "it looks like JSON over several lines; give it through jq -c ."
    try:
        form = format_of_content("it", b"\n".join(lines))
        if form in _NAMES:
            return f"it looks like {_NAMES[form]}; {_READ_WHOLE}"
    except UnknownFormatError as error:
        if str(error).startswith("it is "):
            return str(error)
    shown = [line.decode("utf-8", "replace") for line in lines]
    delimiter, header = dialect_of(shown, None)
    if _is_table(shown[header:], delimiter):
        ending = {",": " (CSV)", "\t": " (TSV)"}.get(delimiter, "")
        return f"it looks like a table{ending}; {_READ_WHOLE}"
    return (
        "it looks like plain text; the filter takes one object a line, as from jq -c, with the "
        "article in its fields"
    )


def _is_table(lines: list[str], delimiter: str) -> bool:
    """Whether most lines have as many cells as the first, and that has several, as no prose has."""
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return False
    names = rows[0] if rows else []
    alike = sum(len(row) == len(names) for row in rows)
    is_prose = any(name.startswith(" ") for name in names)
    return len(names) > 1 < len(rows) and not is_prose and alike >= 0.8 * len(rows)


def must_be_text(line: Line, source: str) -> None:
    """Raises SourceError for the first line of a stream that is compressed, or UTF-16."""
    for marks, remedy in _FOREIGN:
        if line.data.startswith(marks):
            raise SourceError(f"{source} {remedy}")
