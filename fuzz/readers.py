"""Files of every format, mutated, through the readers.

Each case is a seed of its format, changed at random from its number. Reading may end in articles,
rejections, or a DedupeError that names the file; ids are unique. Articles and rejections add up to
the records that were found, and of JSON Lines each line is told of. Whatever else comes is a find:
another exception, a warning, a case that takes longer than PATIENCE, a process that grows past
MEGABYTES.

    python -m fuzz.readers --cases 500000 --processes 2
    python -m fuzz.readers --first 4711 --cases 1   # one of them again
    python -m fuzz.readers --seconds 30             # as many as there is time for

Ends with 1 where it found anything.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

if TYPE_CHECKING:
    from dedupe.model import Rejection
    from dedupe.read.content import Content
    from dedupe.read.jsonl import Reject
    from dedupe.read.places import Places

PATIENCE, MEGABYTES = 5.0, 600
"""Processor seconds of one case; memory of a process that reads nothing but cases."""

WORDS = "The harbour of Elsfleth was closed on Monday after a fire. Nobody was hurt."
RECORDS: list[dict[str, Any]] = [
    {"id": "a1", "title": "Fire at the harbour", "text": WORDS, "date": "2024-05-01T12:00:00Z"},
    {"guid": 7, "headline": "Feuer", "body": f"<p>{WORDS}</p>", "published": 1714564800},
    {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "content_text": WORDS}]},
    {"@graph": [{"@type": "NewsArticle", "headline": "x", "publisher": {"@id": "p"}}]},
    {"metadata": {"title": "x", "date": {"$date": "2024"}}, "text": [WORDS, {"value": "y"}]},
]
FEED = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Outlet</title>
<item><guid>1</guid><title>Fire &amp; smoke</title><description>&lt;p&gt;{WORDS}</description>
<pubDate>Wed, 01 May 2024 12:00:00 GMT</pubDate><link>http://example.org/1</link></item>
</channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title type="html">x</title>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{WORDS}</div></content>
<updated>2024-05-01T12:00:00Z</updated></entry></feed>"""
PAGE = f"""<!doctype html><html lang="en"><head><title>Fire</title><meta charset="utf-8">
<meta property="article:published_time" content="2024-05-01"></head><body><nav>Home</nav>
<article><h1>Fire</h1><p>{WORDS}</p><p>{WORDS} <a href="/x">More</a></p></article></body></html>"""


def _parquet() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with io.BytesIO() as out:
        columns = {
            "id": ["1", "2", None],
            "text": pa.array([WORDS, WORDS, ""]).dictionary_encode(),
            "date": pa.array([1, 2, None], pa.timestamp("ms", "Europe/Berlin")),
            "n": [[1], [], None],
        }
        pq.write_table(pa.table(columns), out)
        return out.getvalue()


def seeds() -> dict[str, list[bytes]]:
    """By format what its cases begin with."""
    lines = b"".join(json.dumps(record).encode() + b"\n" for record in RECORDS)
    table = f'id;title;text;date\n1;Fire;"{WORDS}";2024-05-01\n2;"a ""b""";"x\ny";\n'
    array = json.dumps(RECORDS, indent=1).encode()
    return {
        "json": [lines, array, json.dumps(RECORDS).encode(), lines.decode().encode("utf-16")],
        "csv": [table.encode(), table.replace(";", ",").encode("utf-16"), table.encode("latin-1")],
        "tsv": [table.replace(";", "\t").encode()],
        "parquet": [_parquet()],
        "txt": [WORDS.encode(), f"Fire\n\n{WORDS}".encode("utf-16")],
        "html": [PAGE.encode()],
        "feed": [FEED.encode(), ATOM.encode()],
    }


TOKENS = [
    *(b"\0", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\n", b"\r", b'"', b"\\", b"'", b",", b";"),
    *(b"[", b"]", b"{", b"}", b":", b"<", b">", b"</", b"<!--", b"-->", b"<![CDATA[", b"&#0;"),
    *(b"null", b"NaN", b"-1e999", b"1" * 400, b"\\ud800", b"\\u0000", b"\xcc\x81", b"\xe2\x80\xae"),
    *(b"9999-99-99", b"0001-01-01", b"<br>", b"<p ", b"=", b" " * 99, b"@graph", b"items", b"id"),
]
MOST_BYTES = 200_000


def mutated(draw: random.Random, data: bytes) -> bytes:
    """A copy with some bytes changed, moved, left out, repeated or added; packed now and then."""
    for _ in range(draw.choice((1, 1, 2, 3, 6))):
        at, end = sorted((draw.randrange(len(data) + 1), draw.randrange(len(data) + 1)))
        token, times = draw.choice(TOKENS), draw.choice((1, 1, 2, 50))
        flipped = bytes(byte ^ 1 << draw.randrange(8) for byte in data[at : at + 1])
        ways = (
            data[:at] + flipped + data[at + 1 :],
            data[:at] + token * times + data[at:],
            data[:at] + data[min(end, at + times) :],
            data[:end] + data[at:end] * times + data[end:],
            data[:at],
            data[:at] + draw.randbytes(times) + data[at:],
            data[at:end] + data[:at] + data[end:],
            data.replace(draw.choice(TOKENS[:13]), token),
        )
        data = draw.choice(ways)[:MOST_BYTES]
    if draw.random() < 0.05:
        packed = gzip.compress(data, 1, mtime=0)
        data = packed[: draw.choice((len(packed), draw.randrange(len(packed))))]
    return data


def read_case(form: str, path: Path) -> str:
    """What came of a case; raises what is a find."""
    from dedupe.errors import DedupeError
    from dedupe.read import formats, read

    found: list[int] = []
    rejected: list[Rejection] = []
    places: list[Places] = []
    ids: list[str] = []
    how: dict[str, Any] = {"on_reject": rejected.append, "on_places": places.append}
    known = formats.known_format(form)
    row = formats.FORMATS[known]
    counting = replace(row, read=_counting(row.read, found))
    try:
        with patch.dict(formats.FORMATS, {known: counting}):
            for batch in read([path], format=form, on_note=lambda _: None, **how):
                batch.validate(full=True)
                ids += batch.column("id").to_pylist()
    except DedupeError as error:
        if "\n" in str(error):
            raise ValueError(f"an error in several lines: {error!r}") from error
        return "refused"
    if len(set(ids)) < len(ids) or not all(rejection.reason for rejection in rejected):
        raise ValueError("an id came twice, or a rejection without a reason")
    if len(ids) + len(rejected) != sum(found):
        raise ValueError(f"{len(ids)} read and {len(rejected)} rejected of {sum(found)} records")
    told = {line for place in places for _, lines in place.lines() for line in lines}
    told.update(rejection.line for rejection in rejected)
    if form == "json" and (silent := _lines_of(path.read_bytes()) - told):
        raise ValueError(f"nothing is told of line {min(silent)}")
    return "rejected" if rejected else "read" if ids else "nothing"


def _counting(reader: Callable[..., Iterator[Any]], found: list[int]) -> Callable[..., Any]:
    """A reader that says how many records it found, those that it rejects by itself among them."""

    def counting(content: Content, reject: Reject, *asked: object) -> Iterator[Any]:
        def rejected(*told: Any) -> None:
            found.append(1)
            reject(*told)

        for record in reader(content, rejected, *asked):
            found.append(1 if isinstance(record, tuple) else len(record.numbers))
            yield record

    return counting


def _lines_of(data: bytes) -> set[int]:
    """The numbers of the lines of a file that is read line by line, but for blank ones."""
    try:
        lines = data.decode("utf-8").removeprefix("\ufeff").split("\n")
    except UnicodeDecodeError:
        return set()
    if len(lines) < 2 or not (lines[0].startswith("{") and lines[1].startswith("{")):
        return set()
    return {number for number, line in enumerate(lines, start=1) if line.strip()}


def run(
    first: int, count: int, seconds: float
) -> tuple[Counter[str], list[str], tuple[float, int]]:
    """Cases from ``first`` on: outcomes, finds, the longest time of a case and its number."""
    import warnings

    warnings.simplefilter("ignore")
    by_format, held = seeds(), _megabytes()
    outcomes, finds, longest = Counter[str](), list[str](), (0.0, first)
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case"
        for number in range(first, first + count):
            if time.monotonic() > end:
                break
            draw = random.Random(number)
            form = draw.choice(list(by_format))
            path.write_bytes(mutated(draw, draw.choice(by_format[form])))
            began = time.process_time()
            try:
                outcomes[read_case(form, path)] += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a find
                finds.append(f"case {number} ({form}): {type(error).__name__}: {str(error)[:200]}")
            took = time.process_time() - began
            longest = max(longest, (took, number))
            if took > PATIENCE:
                finds.append(f"case {number} ({form}): {took:.1f} s")
    # What the process held before is not theirs: a peak counts from where it rises above that.
    if (memory := _megabytes()) > max(MEGABYTES, held):
        finds.append(f"cases {first} to {first + count}: {memory} MB")
    return outcomes, finds, longest


def _megabytes() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (
        20 if sys.platform == "darwin" else 10
    )


def main(argv: list[str] | None = None, say: Callable[[str], None] = print) -> int:
    """Runs the cases; returns 1 where one is a find."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args(argv)
    share = -(-asked.cases // asked.processes)
    firsts = range(asked.first, asked.first + asked.cases, share)
    outcomes, finds, longest = Counter[str](), list[str](), (0.0, asked.first)
    with ProcessPoolExecutor(asked.processes) as pool:
        jobs = [pool.submit(run, first, share, asked.seconds) for first in firsts]
        for job in jobs:
            counted, found, took = job.result()
            outcomes, finds, longest = outcomes + counted, finds + found, max(longest, took)
    for find in finds[:50]:
        say(find)
    told = ", ".join(f"{count} {what}" for what, count in sorted(outcomes.items()))
    took, number = longest
    longest_told = f"longest {took:.2f} s (case {number})"
    say(f"{sum(outcomes.values())} cases: {told}; {longest_told}; {len(finds)} finds")
    return bool(finds)


if __name__ == "__main__":
    sys.exit(main())
