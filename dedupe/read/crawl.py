"""Archives of crawls: the pages and texts in WARC, WET and WACZ files, one record at a time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any, BinaryIO, cast

from dedupe.errors import RecordError, SourceError
from dedupe.read.content import Content, decoded
from dedupe.read.files import page_record
from dedupe.read.found import FoundRecord, Reject
from dedupe.read.markup import PlainText

RECORD_LIMIT = 32 << 20
"""Bytes of a page or a text, beyond which it is none."""
_HELD = frozenset({"response", "resource", "conversion"})
"""Types of records that hold what was crawled. Others tell how, or refer to an earlier one."""
_PAGES = ("text/html", "application/xhtml+xml")
_ARCHIVES = (".warc", ".warc.gz", ".wet", ".wet.gz")


def read_warc(content: Content, reject: Reject) -> Iterator[FoundRecord]:
    """Pages and texts of a WARC file, numbered by its records from 1.

    What a record holds that is neither, or was no success, is rejected. What comes behind a place
    at which the archive is damaged is rejected as one.
    """
    yield from _records(content, reject, 0)
    if content.damage:
        reject(0, content.damage, b"")


def read_wacz(content: Content, reject: Reject) -> Iterator[FoundRecord]:
    """The same of all WARC files in a WACZ file. Raises SourceError for what is no ZIP archive."""
    with content.seekable() as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise SourceError(f"{content.name}: broken archive: {error}") from None
        with archive:
            yield from _members(archive, content, reject)


def _members(archive: zipfile.ZipFile, content: Content, reject: Reject) -> Iterator[FoundRecord]:
    number = 0
    names = [name for name in archive.namelist() if name.lower().endswith(_ARCHIVES)]
    if not names:
        raise SourceError(f"{content.name}: no WARC file in the archive")
    for name in names:
        try:
            with archive.open(name) as member:
                inner = Content(cast("BinaryIO", member), content.name, content.limits)
                for found in _records(inner, reject, number):
                    number = found[0]
                    yield found
                if inner.damage:
                    reject(0, f"{name}: {inner.damage}", b"")
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
            reject(0, f"{name} cannot be read: {error}", b"")


class _Stream(io.RawIOBase):
    """The blocks of a source as a file to read from."""

    def __init__(self, content: Content) -> None:
        self._blocks = content.blocks()
        self._left = memoryview(b"")
        self.size = 0
        """Bytes that were read."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._left = memoryview(block)
            self.size += len(block)
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _records(content: Content, reject: Reject, number: int) -> Iterator[FoundRecord]:
    from warcio.archiveiterator import ArchiveIterator

    stream = _Stream(content)
    archive = ArchiveIterator(io.BufferedReader(stream))
    records = iter(archive)
    first, held, last, told = number, 0, None, False
    while True:
        # What it complains of, it prints; and what a broken record makes it raise is not bounded.
        with redirect_stderr(io.StringIO()) as complaints:
            try:
                record = next(records, None)
            except Exception as error:  # noqa: BLE001
                reject(number + 1, f"the archive is damaged here: {_in_a_line(error)}", b"")
                return
            number += record is not None
            url = _address(record)
            wrong, data = _payload(record) if url else ("", b"")
        if "Content-Length is invalid" in complaints.getvalue():
            reject(number, "the archive is damaged here: a record is not as long as it says", b"")
        if record is None:
            break
        last = record
        if not url:
            continue
        held += 1
        told = _lacks_its_end(record)
        wrong = "its end is missing, as the archive ends early" if told else wrong
        found, wrong = (None, wrong) if wrong else _article(record, url, data, content)
        if found is None:
            reject(number, f"{url}: {wrong}", data[:_KEPT])
        else:
            yield number, found, data[:_KEPT]
    if not told and not content.damage and _ends_early(archive, last, stream):
        reject(number or 1, "the archive ends early", b"")
    elif not held and number > first:
        reject(number, f"no page and no text among {number - first} records", b"")


def _lacks_its_end(record: Any) -> bool:
    """Whether the file ends before the record does; what was not read of it is read over."""
    while record.raw_stream.read(1 << 16):
        pass
    unstated = record.length is None or record.rec_headers.get_header("Content-Length") == ""
    return unstated or bool(getattr(record.raw_stream, "limit", 0))


def _ends_early(archive: Any, last: Any, stream: _Stream) -> bool:
    """Whether a file that was read to its end lacks the end of its last record, or of a head."""
    if last is None:
        return stream.size > 0
    return bool(archive.next_line) or _lacks_its_end(last)


def _address(record: Any) -> str:
    """The address of what a record holds; '' for one that holds nothing that was crawled."""
    if record is None or record.rec_type not in _HELD:
        return ""
    url = str(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>") or "no address"
    return "" if url.startswith("metadata:") else url


_KEPT = 1 << 20


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _payload(record: Any) -> tuple[str, bytes]:
    """Why a record holds no page and no text, or ''; and its bytes, decoded."""
    status = record.http_headers.get_statuscode() if record.http_headers else "200"
    if status != "200":
        return f"no page, but the answer {status}", b""
    kind = _kind(record)
    if kind not in _PAGES and kind != "text/plain":
        return f"{kind or 'of no stated kind'}, neither a page nor a text", b""
    try:
        data = _unpacked(record)
    except Exception as error:  # noqa: BLE001 - whatever a broken record makes a decoder raise
        return f"cannot be unpacked: {_in_a_line(error)}", b""
    if len(data) > RECORD_LIMIT:
        return f"longer than {RECORD_LIMIT >> 20} MiB", data[:_KEPT]
    return "", data


def _unpacked(record: Any) -> bytes:
    """The content, at most one byte more than the limit. Brotli is unpacked here, within it."""
    headers = record.http_headers
    packed = headers and str(headers.get_header("Content-Encoding") or "").lower() == "br"
    if not packed:
        return bytes(record.content_stream().read(RECORD_LIMIT + 1))
    import brotli
    from warcio.bufferedreaders import ChunkedDataReader

    chunked = str(headers.get_header("Transfer-Encoding") or "").lower() == "chunked"
    stream = ChunkedDataReader(record.raw_stream) if chunked else record.raw_stream
    data = stream.read(RECORD_LIMIT)
    return bytes(brotli.Decompressor().process(data, output_buffer_limit=RECORD_LIMIT + 1))


def _kind(record: Any) -> str:
    headers = record.http_headers or record.rec_headers
    return str(headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()


def _article(
    record: Any, url: str, data: bytes, content: Content
) -> tuple[dict[str, Any] | None, str]:
    """The article of a page or a text, with the time of its crawl where it has no own.

    Without one, None and why there is none.
    """
    try:
        found = _read(record, url, data, content)
    except RecordError as error:
        return None, str(error)
    return found, "" if found else "no article text found in the page"


def _read(record: Any, url: str, data: bytes, content: Content) -> dict[str, Any] | None:
    if _kind(record) in _PAGES:
        found = page_record(decoded(data, content.name), content.limits)
        return None if found is None else {**found, "url": found.get("url") or url}
    text = decoded(data, content.name).strip()
    return {
        "text": PlainText(text),
        "url": url,
        "date": record.rec_headers.get_header("WARC-Date"),
        "lang": _language(record.rec_headers.get_header("WARC-Identified-Content-Language")),
        "source": url,
    }


def _language(stated: str | None) -> str:
    return (stated or "").partition(",")[0]
