"""The pipe: lines in, lines out. What arrives together is answered together, and nothing is lost."""

from __future__ import annotations

import io
import json
import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from exact_index import ExactIndex
from hypothesis import given
from hypothesis import strategies as st

from dedupe.config import Limits
from dedupe.errors import BusyError, FullError, SourceError
from dedupe.hooks import Filter, lines
from dedupe.hooks.lines import ArrivingLines, Ending, Line, LineBuffer
from dedupe.hooks.pipe import ANSWERS, ANSWERS_TO_ALL, Pipe, with_member
from dedupe.hooks.start import MOST_TRIED
from dedupe.model import Article, Rejection, Verdict
from dedupe.read.fields import FieldFinder, FieldKeys


class Ran:
    """What became of lines, given in groups."""

    def __init__(self, *groups: Iterable[bytes], mode="drop", index=None, keys=None, **options):
        self.index = index or ExactIndex()
        self.rejections: list[Rejection] = []
        self.unjudged: list[tuple[int, int, str]] = []
        self._out = io.BytesIO()
        self.error: Exception | None = None
        pipe = Pipe(
            keep=Filter(self.index, **options),
            finder=FieldFinder(FieldKeys(**(keys or {}))),
            answer=ANSWERS[mode],
            out=self._out,
            on_reject=self.rejections.append,
            on_unjudged=lambda *told: self.unjudged.append(told),
            source="news",
        )
        try:
            pipe.run(numbered(groups))
        except (BusyError, FullError, SourceError) as error:
            self.error = error

    @property
    def out(self) -> bytes:
        return self._out.getvalue()

    @property
    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        return [(rejection.line, rejection.reason) for rejection in self.rejections]


def numbered(groups: Iterable[Iterable[bytes]]) -> Iterator[list[Line]]:
    count = 0
    for group in groups:
        yield [Line(count := count + 1, data) for data in group]


ONE = b'{"id": "a", "text": "The bridge opened on Monday."}'
COPY = b'{"text": "The bridge opened on Monday.", "id": "b"}'
OTHER = b'{"id": "c", "text": "It rained all week."}'
ODD = (
    b'  { "id" :"d","n": 1.0e5, "big":123456789012345678901234567890, "t":"\\u00e9\\/", "n":-0.0,'
    b' "text":"Snow } closed, {the} pass\\"." }\r'
)

# Drop: the bytes of what passes


def test_what_is_new_goes_out_as_it_came() -> None:
    ran = Ran([ONE, COPY, ODD])
    assert ran.out == ONE + b"\n" + ODD + b"\n"
    assert ran.rejections == []


def test_nan_which_python_writes_stays_as_it_is() -> None:
    line = b'{"id": "a", "score": NaN, "text": "Snow."}'
    assert Ran([line]).out == line + b"\n"
    assert b'"score": NaN, "text": "Snow.","dedupe":' in Ran([line], mode="mark").out


def test_groups_make_no_difference_to_what_passes() -> None:
    assert Ran([ONE], [COPY], [OTHER]).out == Ran([ONE, COPY, OTHER]).out


def test_a_group_is_one_call_of_the_index() -> None:
    ran = Ran([ONE, b"junk", COPY], [OTHER])
    assert ran.index.calls == [2, 1]


def test_each_group_is_written_before_the_next_one_is_taken() -> None:
    out = io.BytesIO()
    seen: list[bytes] = []

    def groups() -> Iterator[list[Line]]:
        yield [Line(1, ONE)]
        seen.append(out.getvalue())
        yield [Line(2, OTHER)]

    pipe = Pipe(
        keep=Filter(ExactIndex()), finder=FieldFinder(), answer=ANSWERS["drop"], out=out,
        on_reject=pytest.fail, on_unjudged=pytest.fail,
    )  # fmt: skip
    pipe.run(groups())
    assert seen == [ONE + b"\n"]


def test_what_was_admitted_and_not_passed_on_is_passed_on_the_second_time() -> None:
    index = ExactIndex()
    lost = Ran([ONE, COPY], index=index).out
    assert Ran([ONE, COPY, OTHER], index=index).out == lost + OTHER + b"\n"


# Mark and verdict: one line out for each line in


def test_a_mark_is_added_and_all_else_stays_as_it_was_written() -> None:
    ran = Ran([ODD], mode="mark")
    start, end = ODD[:-2], b"}\r\n"
    assert ran.out.startswith(start + b',"dedupe":{"schema_version":1,')
    assert ran.out.endswith(end)


def test_a_mark_tells_the_decision() -> None:
    first, second = Ran([ONE, COPY], mode="mark").rows
    assert first["dedupe"] == {
        "schema_version": 1,
        "id": "a",
        "relation": "new",
        "story": "s1",
        "to": None,
        "scores": None,
        "extends": False,
        "mentions": [],
        "corrects": False,
        "added": [],
        "admitted": True,
        "replayed": False,
        "matches": [],
        "passed": True,
        "error": None,
    }
    scores = {"jaccard": 1.0, "containment": 1.0, "cosine": 1.0, "story": 1.0, "share": None}
    match = {"id": "a", "relation": "identical", "scores": scores, "days": 0.5, "evidence": []}
    assert second["dedupe"] == {
        "schema_version": 1,
        "id": "b",
        "relation": "identical",
        "story": "s1",
        "to": "a",
        "scores": scores,
        "extends": False,
        "mentions": [],
        "corrects": False,
        "added": [],
        "admitted": True,
        "replayed": False,
        "matches": [match],
        "passed": False,
        "error": None,
    }


def test_verdicts_alone_are_the_same_objects() -> None:
    marks = [row["dedupe"] for row in Ran([ONE, COPY, OTHER], mode="mark").rows]
    assert Ran([ONE, COPY, OTHER], mode="verdict").rows == marks


def test_a_mark_of_an_earlier_run_is_replaced() -> None:
    line = b'{"dedupe": {"id": "old", "a": [1, {"b": "}"}]}, "id": "a", "x": 1.50, "text": "Snow."}'
    out = Ran([line], mode="mark").out
    assert out.startswith(b'{ "id": "a", "x": 1.50, "text": "Snow.","dedupe":{"schema_version":1')
    assert out.count(b'"dedupe"') == 1


def test_a_line_that_comes_byte_by_byte_costs_as_much_as_one_that_comes_whole() -> None:
    buffer = LineBuffer(1 << 20)
    for count in range(1, 300_001):  # anew over all that came before, it would take an hour
        buffer.feed(b"x")
        assert buffer.begun == count
    buffer.feed(b"\n")
    assert buffer.take(1) == [Line(1, b"x" * 300_000)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"a":1}', b'{"a":1,"m":0}'),
        (b' {"a":1 } ', b' {"a":1 ,"m":0} '),
        (b'{"m":5,"a":1}', b'{"a":1,"m":0}'),
        (b'{"a":1,"m":5}', b'{"a":1,"m":0}'),
        (b'{"m":5,"a":1,"m":[6,{"m":7}]}', b'{"a":1,"m":0}'),
        (b'{"a":"\\"m\\":1,","b":{"m":[1,2]}}', b'{"a":"\\"m\\":1,","b":{"m":[1,2]},"m":0}'),
        (b'{"\\u006d":5,"a":"\\u00e9"}', b'{"a":"\\u00e9","m":0}'),
        (b'{"a":"m","b":"x,y}{\\\\"}', b'{"a":"m","b":"x,y}{\\\\","m":0}'),
    ],
)
def test_a_member_is_put_last_in_place_of_its_namesakes(line: bytes, expected: bytes) -> None:
    assert with_member(line, "m", b"0") == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("m"), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text() | st.just("m"), JSON), st.booleans(), st.booleans())
def test_a_member_changes_nothing_else(record: dict, escaped: bool, spaced: bool) -> None:
    record = {**record, "k": 1}
    separators = (", ", " : ") if spaced else (",", ":")
    line = json.dumps(record, ensure_ascii=escaped, separators=separators).encode(
        "utf-8", "surrogatepass"
    )
    marked = json.loads(with_member(line, "m", b'{"x":1}').decode("utf-8", "surrogatepass"))
    assert marked == {**record, "m": {"x": 1}}
    assert list(marked)[-1] == "m"


# Ids


def test_a_record_with_an_address_alone_is_known_by_it() -> None:
    first = b'{"url": "https://h.example/1?utm_source=x", "text": "The bridge opened."}'
    changed = b'{"url": "https://H.example/1#top", "text": "The bridge is shut."}'
    one, two = Ran([first, changed], mode="verdict").rows
    assert one["id"] == two["id"]
    assert (one["relation"], two["relation"]) == ("new", "revision")


def test_a_record_with_neither_id_nor_address_is_known_by_its_content() -> None:
    rows = Ran([b'{"text": "A."}', b'{"text": "B."}', b'{"text": "A."}'], mode="verdict").rows
    assert len({row["id"] for row in rows}) == 2
    assert [row["replayed"] for row in rows] == [False, False, True]


def test_fields_can_be_named() -> None:
    line = b'{"payload": {"body": "The bridge opened.", "nr": 7}, "text": "footer"}'
    ran = Ran([line], mode="verdict", keys={"text": "payload.body", "id": "payload.nr"})
    assert ran.rows[0]["id"] == "7"
    assert ran.index.texts == {"7": "The bridge opened."}


def test_the_article_inside_a_graph_is_found() -> None:
    graph = {"@graph": [{"@type": "NewsArticle", "@id": "n1", "articleBody": "A crane fell."}]}
    ran = Ran([json.dumps(graph).encode()], mode="verdict")
    assert [row["id"] for row in ran.rows] == ["n1"]


# What holds no article


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": "x", "text": "cut', "broken JSON: unexpected end of data (column 25)"),
        (b'["a"]', "a list, wanted an object"),
        (b'{"id": "x", "text": "caf\xe9"}', "not UTF-8 at byte 25"),
        (
            b'{"id": "x", "text": 5}',
            "text is a number, wanted a string; name the field of the text with --text-key",
        ),
        (
            b"{}",
            "neither text nor title found; name the field of the text with --text-key; fields: none",
        ),
        (b"\0\0", "broken JSON: unexpected character, expected a JSON value (column 1)"),
        (
            json.dumps({"@graph": [{"@type": "Article", "text": t} for t in "ab"]}).encode(),
            "2 articles in one line; give each a line of its own",
        ),
    ],
)
def test_a_line_without_an_article_is_rejected_and_the_stream_goes_on(
    line: bytes, reason: str
) -> None:
    ran = Ran([ONE, line, OTHER])
    assert ran.out == ONE + b"\n" + OTHER + b"\n"
    assert ran.rejections == [Rejection("news", 2, reason, line)]


@pytest.mark.parametrize("depth", [500, 1000, 100_000])
def test_deep_nesting_is_answered_or_rejected_and_never_fatal(depth: int) -> None:
    deep = b'{"text": "t", "id": ' + b"[" * depth + b"]" * depth + b"}"
    ran = Ran([deep, OTHER], mode="mark")
    assert len(ran.rows) + len(ran.rejections) == 2
    assert ran.rows[-1]["id"] == "c"


def test_blank_lines_are_passed_over_and_counted() -> None:
    ran = Ran([ONE, b"", b" \t\r", b"junk", OTHER])
    assert ran.out == ONE + b"\n" + OTHER + b"\n"
    assert [line for line, _ in ran.reasons] == [4]


def test_a_byte_order_mark_at_the_start_is_left_out() -> None:
    buffer = LineBuffer(1024)
    for block in (b"\xef", b"\xbb\xbf" + ONE + b"\n", b"\xef\xbb\xbf" + ONE, b""):
        buffer.feed(block)
    assert [line.data for line in buffer.take(9)] == [ONE, b"\xef\xbb\xbf" + ONE]


@pytest.mark.parametrize(
    ("data", "remedy"),
    [
        ('{"id": 1}\n'.encode("utf-16"), "is UTF-16: give it through iconv -f UTF-16 -t UTF-8"),
        ('{"id": 1}\n'.encode("utf-16-le"), "is UTF-16"),
        ('{"id": 1}\n'.encode("utf-16-be"), "is UTF-16"),
        (b"\x1f\x8b\x08\0\0", "is compressed with gzip: give it through gzip -dc"),
        (b"\x28\xb5\x2f\xfd\0", "is compressed with Zstandard: give it through zstd -dc"),
        (b"\xfd7zXZ\0\0", "is compressed with xz: give it through xz -dc"),
        (b"BZh11AY&SY", "is compressed with bzip2: give it through bzip2 -dc"),
    ],
)
def test_a_stream_that_is_no_utf_8_at_all_is_refused(data: bytes, remedy: str) -> None:
    ran = Ran([data.split(b"\n")[0]])
    assert str(ran.error).startswith(f"news {remedy}")
    assert ran.index.texts == {}


def test_the_same_bytes_further_on_are_one_bad_line() -> None:
    ran = Ran([ONE, b"\x1f\x8b\x08\0\0", OTHER])
    assert ran.error is None
    assert [line for line, _ in ran.reasons] == [2]


# When the index cannot answer


def test_an_index_that_cannot_answer_ends_the_stream_and_names_the_line() -> None:
    index = ExactIndex([None, FullError("no space is left")])
    ran = Ran([ONE], [b"junk 2", COPY, b"junk 4", OTHER], index=index)
    assert isinstance(ran.error, FullError)
    assert str(ran.error) == (
        "no space is left; news:3 is the first line without an answer: give it again from that line"
    )
    assert ran.out == ONE + b"\n"
    assert [line for line, _ in ran.reasons] == [2]
    assert list(index.texts) == ["a"]


def test_a_filter_that_fails_open_passes_the_lines_unjudged_and_tells_which() -> None:
    index = ExactIndex([None, BusyError("others hold it")])
    ran = Ran([ONE], [COPY, OTHER], [COPY], index=index, on_failure="open", mode="mark")
    assert ran.unjudged == [(2, 3, "others hold it")]
    marks = [row["dedupe"] for row in ran.rows]
    assert [mark["error"] for mark in marks] == [None, "others hold it", "others hold it", None]
    assert marks[1] == {
        **dict.fromkeys(["relation", "story", "to", "scores"]),
        "schema_version": 1, "id": "b", "extends": False, "mentions": [], "corrects": False, "added": [],
        "admitted": False, "replayed": False,
        "matches": [], "passed": True, "error": "others hold it",
    }  # fmt: skip
    assert marks[3]["relation"] == "identical"
    assert list(marks[1]) == list(marks[3])


# Arrivals


@pytest.fixture
def piped() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for descriptor in (reader, writer):
        with suppress(OSError):  # the test may have closed it
            os.close(descriptor)


def lines_of(groups: Iterable[list[Line]]) -> list[tuple[int, bytes]]:
    return [(line.number, line.data) for group in groups for line in group]


def test_what_has_arrived_is_one_group(piped: tuple[int, int]) -> None:
    reader, writer = piped
    os.write(writer, b"one\ntwo\nthree\n")
    groups = ArrivingLines(reader, most=10).groups()
    assert next(groups) == [Line(1, b"one"), Line(2, b"two"), Line(3, b"three")]


def test_a_group_has_no_more_lines_than_asked_for(piped: tuple[int, int]) -> None:
    reader, writer = piped
    os.write(writer, b"1\n2\n3\n4\n5")
    os.close(writer)
    sizes = [len(group) for group in ArrivingLines(reader, most=2).groups()]
    assert sizes == [2, 2, 1]


def test_a_slow_stream_is_answered_line_by_line_at_once(piped: tuple[int, int]) -> None:
    reader, writer = piped
    groups = ArrivingLines(reader, most=256).groups()
    waits = []
    for number in range(1, 21):
        os.write(writer, b"line\nbegun")  # the beginning of the next line holds up nobody
        start = time.perf_counter()
        assert [line.number for line in next(groups)] == [number]
        waits.append(time.perf_counter() - start)
    assert sorted(waits)[10] < 0.01


def test_the_lines_of_a_busy_writer_come_in_large_groups(piped: tuple[int, int]) -> None:
    reader, writer = piped
    line = b"x" * 3000 + b"\n"  # 20 of them fill the pipe

    def write() -> None:
        for _ in range(1000):
            os.write(writer, line)
        os.close(writer)

    thread = threading.Thread(target=write)
    thread.start()
    sizes = [len(group) for group in ArrivingLines(reader, most=256).groups()]
    thread.join()
    assert sum(sizes) == 1000
    assert max(sizes) > 40


def test_a_last_line_without_its_end_counts(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one\r\n\ntwo")
    with path.open("rb", buffering=0) as file:
        found = lines_of(ArrivingLines(file.fileno(), most=9).groups())
    assert found == [(1, b"one\r"), (2, b""), (3, b"two")]


@given(st.lists(st.binary(max_size=9)), st.integers(1, 4), st.integers(1, 8))
def test_no_line_is_lost_or_changed_wherever_the_stream_is_cut(
    parts: list[bytes], most: int, block: int
) -> None:
    data = b"\n".join(parts)
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    with pytest.MonkeyPatch.context() as patch, os.fdopen(reader, "rb"):
        patch.setattr(lines, "BLOCK", block)
        found = lines_of(ArrivingLines(reader, most=most).groups())
    whole = data.split(b"\n")
    if not whole[-1]:
        whole.pop()
    assert found == list(enumerate(whole, 1))


@pytest.mark.parametrize("block", [3, 7])
def test_a_line_over_the_limit_is_cut_and_told(
    piped: tuple[int, int], monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(lines, "BLOCK", block)
    monkeypatch.setattr(lines, "KEPT_OF_LONG", 4)
    reader, writer = piped
    whole, long = b"a" * 1024, b"b" * 1025
    os.write(writer, b"%b\n%b\nlast" % (whole, long))
    os.close(writer)
    arriving = ArrivingLines(reader, most=9, limits=Limits(record_bytes=1024))
    found = [line for group in arriving.groups() for line in group]
    assert found == [Line(1, whole), Line(2, b"bbbb", cut=True), Line(3, b"last")]


def test_a_line_that_was_cut_is_rejected_with_its_beginning() -> None:
    rejections: list[Rejection] = []
    pipe = Pipe(
        keep=Filter(ExactIndex()), finder=FieldFinder(), answer=ANSWERS["drop"], out=io.BytesIO(),
        on_reject=rejections.append, on_unjudged=pytest.fail,
    )  # fmt: skip
    with pytest.raises(SourceError, match="no line holds an article"):
        pipe.run([[Line(1, b'{"text": "lon', cut=True)]])
    [rejection] = rejections
    assert rejection.raw == b'{"text": "lon'
    assert rejection.reason.startswith("the line is longer than 64 MiB (limit record_bytes;")


@pytest.mark.posix
def test_a_signal_ends_the_groups_while_they_are_waited_for(piped: tuple[int, int]) -> None:
    reader, writer = piped
    os.write(writer, b"one\n")
    with Ending() as ending:
        groups = ArrivingLines(reader, most=9, wake=ending).groups()
        assert next(groups) == [Line(1, b"one")]
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
        assert list(groups) == []
    assert ending.signal == signal.SIGTERM


@pytest.mark.posix
def test_lines_that_came_after_the_signal_are_left_alone(piped: tuple[int, int]) -> None:
    reader, writer = piped
    os.write(writer, b"one\ntwo\n")
    with Ending() as ending:
        groups = ArrivingLines(reader, most=1, wake=ending).groups()
        assert next(groups) == [Line(1, b"one")]
        os.kill(os.getpid(), signal.SIGINT)
        assert list(groups) == []
    assert ending.signal == signal.SIGINT


@pytest.mark.posix
def test_a_second_signal_acts_as_it_usually_does() -> None:
    with Ending() as ending:
        os.kill(os.getpid(), signal.SIGINT)
        assert ending.signal == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.posix
def test_afterwards_signals_act_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Ending():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.posix
def test_a_signal_that_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Ending() as ending:
            os.kill(os.getpid(), signal.SIGINT)
            assert ending.signal == 0
    finally:
        signal.signal(signal.SIGINT, before)


# One line for each line


def answered(*groups: Iterable[Line], mode="drop", **options) -> list[dict]:
    """What each line was answered, where every one is; options are those of the filter."""
    out = io.BytesIO()
    answer, refusal = ANSWERS_TO_ALL[mode]
    pipe = Pipe(
        keep=Filter(options.pop("index", None) or ExactIndex(), **options), finder=FieldFinder(),
        answer=answer, refusal=refusal, out=out, tried=MOST_TRIED,
        on_reject=lambda _: None, on_unjudged=lambda *_: None,
    )  # fmt: skip
    with suppress(BusyError, SourceError):
        pipe.run(map(list, groups))
    assert out.getvalue().endswith(b"\n") or not out.getvalue()
    return [json.loads(line) for line in out.getvalue().splitlines()]


MIXED = [ONE, b"", b"junk", COPY, b'{"id": "x"}', b" \t\r", b"\xff\xfe", OTHER, b"[]", b"{}"]


@pytest.mark.parametrize("mode", ANSWERS_TO_ALL)
def test_every_line_is_answered_in_its_place(mode) -> None:
    given = [Line(number, data) for number, data in enumerate(MIXED, 1)]
    rows = answered(given[:4], given[4:], mode=mode)
    told = [row.get("dedupe", row) for row in rows]
    assert [row["id"] for row in told] == ["a", None, None, "b", None, None, None, "c", None, None]
    assert [row["line"] for row in told if "line" in row] == [2, 3, 5, 6, 7, 9, 10]


def test_a_line_that_passes_goes_out_as_it_came_and_one_that_is_dropped_as_its_mark_alone() -> None:
    passed, dropped = answered([Line(1, ONE), Line(2, COPY)])
    assert passed == json.loads(ONE)
    assert list(dropped) == ["dedupe"]
    assert (dropped["dedupe"]["relation"], dropped["dedupe"]["passed"]) == ("identical", False)


def test_the_answer_to_no_article_has_the_fields_of_a_decision_and_says_why() -> None:
    blank, broken = answered([Line(1, b""), Line(2, b"junk"), Line(3, ONE)], mode="verdict")[:2]
    decided = answered([Line(1, ONE)], mode="verdict")[0]
    assert blank.keys() == broken.keys() == decided.keys() | {"line"}
    assert blank["error"] == "the line is blank"
    assert broken["error"].startswith("broken JSON")
    assert (broken["passed"], broken["admitted"], broken["relation"]) == (False, False, None)


def test_a_line_over_the_limit_is_answered() -> None:
    rows = answered([Line(1, b'{"text": "' + b"x" * 99, cut=True), Line(2, ONE)], mode="verdict")
    assert [row["id"] for row in rows] == [None, "a"]
    assert "limit" in rows[0]["error"]


def test_lines_before_the_first_that_the_index_cannot_answer_are_answered() -> None:
    index = ExactIndex([BusyError("others hold the index")])
    given = [Line(1, b""), Line(2, b"junk"), Line(3, ONE), Line(4, b"junk")]
    assert [row["dedupe"]["line"] for row in answered(given, index=index)] == [1, 2]


def test_lines_that_pass_unjudged_are_answered_with_the_reason() -> None:
    index = ExactIndex([BusyError("others hold the index")])
    row, other = answered(
        [Line(1, ONE), Line(2, b"")], index=index, mode="verdict", on_failure="open"
    )
    assert (row["passed"], row["error"]) == (True, "others hold the index")
    assert other["error"] == "the line is blank"


@pytest.mark.parametrize("line", [b"a,b,c", b'{"n": 1}'])
def test_a_stream_of_broken_lines_alone_is_answered_up_to_where_it_is_refused(line: bytes) -> None:
    given = [Line(number, line) for number in range(1, MOST_TRIED + 51)]
    assert len(answered(given[:500], given[500:990], given[990:1020], given[1020:])) == 1020


@pytest.mark.parametrize("line", [b"a,b,c", b'{"n": 1}'])
def test_an_article_after_many_broken_lines_is_answered(line: bytes) -> None:
    given = [Line(number, line) for number in range(1, MOST_TRIED)]
    rows = answered(given, [Line(MOST_TRIED, ONE)], mode="verdict")
    assert len(rows) == MOST_TRIED
    assert rows[-1]["id"] == "a"


class NewToAll:
    """An index to which everything is new."""

    def admit_many(self, articles: Iterable[Article]) -> list[Verdict]:
        return [Verdict(article.id, "new", "s1", admitted=True) for article in articles]

    def check(self, article: Article) -> Verdict:
        return Verdict(article.id, "new", None)


def test_of_a_hundred_thousand_lines_with_every_tenth_broken_each_is_answered_in_order() -> None:
    broken = [b"", b"junk", b"\xff", b"{}", b'{"text": 1']
    given = [
        Line(n, broken[n // 10 % 5] if n % 10 == 0 else b'{"id":"%d","text":"Snow fell."}' % n)
        for n in range(1, 100_001)
    ]
    groups = (given[start : start + 256] for start in range(0, len(given), 256))
    rows = answered(*groups, mode="verdict", index=NewToAll())
    assert len(rows) == 100_000
    assert [int(row["id"] or row["line"]) for row in rows] == list(range(1, 100_001))
