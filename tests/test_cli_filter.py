"""``dedupe filter`` as a user meets it: streams, signals, closed pipes, failures, documents."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from click.testing import CliRunner
from exact_index import ExactIndex

import dedupe.index
from dedupe.cli import cli, main
from dedupe.errors import BusyError
from dedupe.hooks.filter import DROPPABLE, Decision, decision_object
from dedupe.hooks.start import MOST_TRIED, TRIED
from dedupe.index import open_index
from dedupe.model import Evidence, Match, Scores, Verdict

GUIDE = Path(__file__).parent.parent / "docs" / "filter.md"
COMMAND = [sys.executable, "-m", "dedupe", "filter"]
TOWNS = [
    "Orrin",
    "Halden",
    "Brask",
    "Telwick",
    "Morvane",
    "Sundby",
    "Crail",
    "Ashfen",
    "Pellow",
    "Drumore",
]
THINGS = [
    "ferry",
    "bridge",
    "school",
    "mill",
    "harbour",
    "quarry",
    "museum",
    "tunnel",
    "market",
    "theatre",
]
VERBS = [
    "opened",
    "burned",
    "closed",
    "flooded",
    "moved",
    "reopened",
    "collapsed",
    "expanded",
    "struck",
    "vanished",
]


class Ran(NamedTuple):
    code: int
    out: bytes
    err: str

    @property
    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.rows]


def dedupe_filter(*args: object) -> Ran:
    """One call in this process."""
    with CliRunner().isolation() as (out, err, _):
        with pytest.raises(SystemExit) as ended:
            main(["filter", *map(str, args)])
        sys.stdout.flush()
        sys.stderr.flush()
        return Ran(int(ended.value.code or 0), out.getvalue(), err.getvalue().decode())


def spawned(*args: object, lines: bytes = b"") -> Ran:
    """One call in a process of its own, fed from a pipe."""
    done = subprocess.run(
        [*COMMAND, *map(str, args)], input=lines, capture_output=True, check=False, timeout=120
    )
    return Ran(done.returncode, done.stdout, done.stderr.decode())


def text_of(n: int) -> str:
    """Texts that have no story in common, each of enough words to be told from the others."""
    chosen = random.Random(n)
    town, thing, verb = (chosen.choice(words) for words in (TOWNS, THINGS, VERBS))
    words = " ".join(f"{chosen.choice(TOWNS).lower()}{chosen.randrange(10**6)}" for _ in range(40))
    return f"The {thing} of {town} {verb} in its year {n}. {words}."


def article(n: int, **more: object) -> dict[str, object]:
    return {"id": f"a{n}", "text": text_of(n), **more}


def json_lines(records: Iterable[object]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "news.index"


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts the command in a process of its own, with pipes to feed it and to read from it."""
    with ExitStack() as running:

        def start(*args: object) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [*COMMAND, *map(str, args)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,  # what is not read by line is left for `communicate`
            )
            running.enter_context(process)
            running.callback(process.kill)
            return process

        yield start


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Two articles, and a copy of the first between them."""
    path = tmp_path / "in.ndjson"
    path.write_bytes(json_lines([article(1), {"id": "copy", "text": text_of(1)}, article(2)]))
    return path


def held(index: Path) -> list[str]:
    with open_index(index, create=False) as opened:
        return [entry.article.id for entry in opened.articles()]


# What it writes


def test_only_what_is_new_goes_out_as_it_came(index: Path, source: Path) -> None:
    ran = dedupe_filter("--index", index, source)
    first, _, last = source.read_bytes().splitlines(keepends=True)
    assert ran == (0, first + last, "")


def test_the_index_is_kept_from_run_to_run(index: Path, source: Path, tmp_path: Path) -> None:
    dedupe_filter("--index", index, source)
    later = tmp_path / "later.ndjson"
    later.write_bytes(json_lines([{"id": "z", "text": text_of(2)}, article(3)]))
    assert dedupe_filter("--index", index, later).ids == ["a3"]


def test_marked_lines_tell_what_would_have_become_of_them(index: Path, source: Path) -> None:
    ran = dedupe_filter("--index", index, "--mode", "mark", source)
    assert ran.ids == ["a1", "copy", "a2"]
    marks = [row["dedupe"] for row in ran.rows]
    assert [(mark["relation"], mark["to"], mark["passed"]) for mark in marks] == [
        ("new", None, True), ("identical", "a1", False), ("new", None, True),
    ]  # fmt: skip
    assert marks[0]["story"] == marks[1]["story"] != marks[2]["story"]


def test_verdicts_alone_have_the_fields_of_a_mark(index: Path, source: Path) -> None:
    marked = dedupe_filter("--index", f"{index}1", "--mode", "mark", source)
    told = dedupe_filter("--index", f"{index}2", "--mode", "verdict", source)
    assert told.rows == [row["dedupe"] for row in marked.rows]


def test_what_is_a_duplicate_can_be_said(index: Path, source: Path) -> None:
    assert dedupe_filter("--index", index, "--drop", "new", source).ids == ["copy"]
    assert dedupe_filter("--index", index, "--drop", "", source).ids == ["a1", "copy", "a2"]
    assert dedupe_filter("--index", index, "--drop", "same_story, replayed", source).ids == []


def test_a_second_run_over_the_same_lines_answers_as_the_first(index: Path, source: Path) -> None:
    first = dedupe_filter("--index", index, source)
    again = dedupe_filter("--index", index, "--mode", "mark", source)
    assert [row["id"] for row in again.rows if row["dedupe"]["passed"]] == first.ids
    assert all(row["dedupe"]["replayed"] for row in again.rows)


def test_a_changed_text_is_a_revision_and_passes(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "in"
    url = {"url": "https://h.example/story"}
    path.write_bytes(json_lines([{**url, "text": text_of(1)}, {**url, "text": text_of(2)}]))
    one, two = dedupe_filter("--index", index, "--mode", "mark", path).rows
    assert [row["dedupe"]["relation"] for row in (one, two)] == ["new", "revision"]
    assert one["dedupe"]["id"] == two["dedupe"]["id"] == two["dedupe"]["to"]
    assert two["dedupe"]["passed"]


def test_a_text_that_says_more_than_its_excerpt_passes(index: Path, tmp_path: Path) -> None:
    long = " ".join(text_of(n) for n in range(5))
    path = tmp_path / "in"
    records = [("part", text_of(2)), ("whole", long), ("again", text_of(3))]
    path.write_bytes(json_lines({"id": name, "text": text} for name, text in records))
    ran = dedupe_filter("--index", index, "--mode", "mark", path)
    told = [
        (r["dedupe"]["relation"], r["dedupe"]["extends"], r["dedupe"]["passed"]) for r in ran.rows
    ]
    assert told == [("new", False, True), ("contained", True, True), ("contained", False, False)]


@pytest.mark.parametrize("batch", [1, 3, 256])
def test_groups_of_any_size_give_the_same_answers(index: Path, tmp_path: Path, batch: int) -> None:
    path = tmp_path / "in"
    path.write_bytes(json_lines({"id": f"{n}", "text": text_of(n % 4)} for n in range(10)))
    ran = dedupe_filter("--index", index, "--batch", batch, path)
    assert ran.ids == ["0", "1", "2", "3"]


def test_it_can_ask_without_admitting(index: Path, source: Path, tmp_path: Path) -> None:
    dedupe_filter("--index", index, source)
    other = tmp_path / "other"
    records = [("x", text_of(1)), ("y", text_of(7)), ("z", text_of(7))]
    other.write_bytes(json_lines({"id": name, "text": text} for name, text in records))
    ran = dedupe_filter("--index", index, "--check-only", "--mode", "verdict", other)
    assert [row["relation"] for row in ran.rows] == ["identical", "new", "new"]
    assert not any(row["admitted"] for row in ran.rows)
    assert held(index) == ["a1", "copy", "a2"]


def test_to_ask_an_index_that_there_is_not_is_an_error(index: Path, source: Path) -> None:
    ran = dedupe_filter("--index", index, "--check-only", source)
    assert (ran.code, ran.out) == (2, b"")
    assert str(index) in ran.err
    assert not index.exists()


def test_fields_can_be_named(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(json_lines([{"nr": 7, "payload": {"words": text_of(1)}, "text": "footer"}]))
    ran = dedupe_filter("--index", index, "--id-key", "nr", "--text-key", "payload.words", path)
    assert ran.out == path.read_bytes()
    with open_index(index) as opened:
        assert opened.get("7").article.text == text_of(1)


# What it refuses


def test_a_relation_that_there_is_not_is_refused_before_an_index_is_made(
    index: Path, source: Path
) -> None:
    ran = dedupe_filter("--index", index, "--drop", "identical,copy", source)
    assert (ran.code, ran.out) == (2, b"")
    assert f"copy; known: {', '.join(DROPPABLE)}" in ran.err
    assert not index.exists()


def test_an_index_of_other_settings_is_refused(index: Path, source: Path) -> None:
    dedupe_filter("--index", index, "--set", "shingle_words=4", source)
    assert dedupe_filter("--index", index, source).code == 0
    ran = dedupe_filter("--index", index, "--set", "shingle_words=5", source)
    assert (ran.code, ran.out) == (2, b"")
    assert "shingle_words" in ran.err


def test_a_threshold_may_differ_from_run_to_run(index: Path, tmp_path: Path) -> None:
    words = text_of(1).split()
    edited = [word if n % 12 else "otherwise" for n, word in enumerate(words)]
    path = tmp_path / "in"
    records = [("a", words), ("b", edited)]
    path.write_bytes(json_lines({"id": name, "text": " ".join(ws)} for name, ws in records))
    dedupe_filter("--index", index, "--set", "shingle_words=3", path)
    asked = ("--index", index, "--check-only", "--mode", "verdict", path)
    path.write_bytes(json_lines([{"id": "c", "text": " ".join(edited)[:-1] + " again"}]))
    loose = dedupe_filter(*asked, "--set", "near_duplicate=0.2")
    strict = dedupe_filter(*asked, "--set", "near_duplicate=0.99", "--set", "contained=1")
    assert [row["relation"] for row in loose.rows] == ["near_duplicate"]
    assert [row["relation"] for row in strict.rows] != ["near_duplicate"]


def test_the_settings_of_a_calibration_are_taken(index: Path, tmp_path: Path) -> None:
    missing = tmp_path / "settings.json"
    ran = dedupe_filter("--index", index, "--settings", missing, missing)
    assert (ran.code, ran.out) == (2, b"")
    assert str(missing) in ran.err
    assert not index.exists()


def test_a_file_that_is_no_index_is_refused_and_left_alone(source: Path) -> None:
    before = source.read_bytes()
    ran = dedupe_filter("--index", source, source, "--fail", "open")
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.count("\n") == 1
    assert source.read_bytes() == before


@pytest.mark.parametrize("name", ["missing.ndjson", "."])
def test_a_source_that_cannot_be_read_is_refused(index: Path, tmp_path: Path, name: str) -> None:
    ran = dedupe_filter("--index", index, tmp_path / name)
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.count("\n") == 1
    assert not index.exists()


def test_utf_16_is_refused_with_its_remedy(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(json_lines([article(1)]).decode().encode("utf-16"))
    ran = dedupe_filter("--index", index, path)
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err == f"dedupe: {path} is UTF-16: give it through iconv -f UTF-16 -t UTF-8\n"


def test_without_a_stream_the_help_is_shown(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with CliRunner().isolation() as (_, err, _):
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
        with pytest.raises(SystemExit) as ended:
            main(["filter", "--index", str(index)])
        sys.stderr.flush()
        assert ended.value.code == 2
        assert b"Usage: dedupe filter" in err.getvalue()
    assert not index.exists()


# Lines that hold no article

JUNK = b'{"id": "x", "text": "cut\n\n{"id": "\x1b[31m", "headword": 1}\n'


def test_bad_lines_are_told_one_by_one_and_the_stream_goes_on(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(JUNK + b'{"\\u001b[2J": 1}\n' + json_lines([article(1)]))
    ran = dedupe_filter("--index", index, path)
    assert (ran.code, ran.ids) == (0, ["a1"])
    first, second, third = ran.err.splitlines()
    assert first == f"dedupe: {path}:1: broken JSON: unexpected end of data (column 25)"
    assert second.startswith(f"dedupe: {path}:3: broken JSON: ")
    assert third.startswith(f"dedupe: {path}:4: neither text nor title found")
    assert "\x1b" not in ran.err


def test_bad_lines_are_kept_where_asked(index: Path, tmp_path: Path) -> None:
    path, rejects = tmp_path / "in", tmp_path / "rejects"
    path.write_bytes(JUNK + json_lines([article(1)]))
    ran = dedupe_filter("--index", index, "--rejects", rejects, path)
    assert (ran.code, ran.ids, ran.err) == (0, ["a1"], "")
    first, second = map(json.loads, rejects.read_text(encoding="utf-8").splitlines())
    assert first == {
        "source": str(path),
        "line": 1,
        "reason": "broken JSON: unexpected end of data (column 25)",
        "raw": '{"id": "x", "text": "cut',
    }
    assert second["line"] == 3


def test_lines_without_articles_among_others_are_told_of_in_few_words(
    index: Path, tmp_path: Path
) -> None:
    path, rejects = tmp_path / "in", tmp_path / "rejects"
    path.write_bytes(b"a header\n" + json_lines([article(1)]) + b"junk\n" * 3000)
    ran = dedupe_filter("--index", index, path)
    assert (ran.code, ran.ids) == (0, ["a1"])
    told = ran.err.splitlines()
    assert len(told) == 8
    assert told[-1] == "dedupe: 3,001 lines rejected; --rejects FILE keeps them all"
    assert dedupe_filter("--index", index, "--rejects", rejects, path).err == ""
    assert rejects.read_bytes().count(b"\n") == 3001


@pytest.mark.parametrize("before", [TRIED - 1, 300])
def test_objects_without_articles_do_not_end_a_stream(
    index: Path, tmp_path: Path, before: int
) -> None:
    path = tmp_path / "in"
    path.write_bytes(b'{"took": 3}\n' * before + json_lines([article(1)]))
    ran = dedupe_filter("--index", index, path, "--batch", "1")
    assert (ran.code, ran.ids) == (0, ["a1"])


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"id,title,text\n" + b"7,Ferry sinks,It sank\n" * 3000, "a table (CSV); dedupe watch"),
        (b"id\ttitle\ttext\n" + b"7\tFerry sinks\tIt sank\n" * 30, "a table (TSV)"),
        (b"<?xml version='1.0'?>\n<rss>\n" + b"<item/>\n" * 30, "a feed; dedupe watch --once"),
        (b"<!DOCTYPE html>\n<html>\n" + b"<p>\n" * 30, "a page of HTML; dedupe watch --once"),
        (b'[\n  {\n    "id": 1,\n' + b'    "text": "Ferry",\n' * 30, "JSON over several lines"),
        (b"The ferry sank, they say.\n" * 40, "plain text; the filter takes one object a line"),
    ],
    ids=["csv", "tsv", "feed", "page", "json", "text"],
)
def test_what_is_no_json_lines_is_refused_in_one_sentence(
    index: Path, tmp_path: Path, data: bytes, looks: str
) -> None:
    path, rejects = tmp_path / "in", tmp_path / "rejects"
    path.write_bytes(data)
    for more in ([], ["--batch", "1"], ["--rejects", rejects]):
        ran = dedupe_filter("--index", index, path, *more)
        assert (ran.code, ran.out) == (2, b"")
        assert ran.err.count("\n") == 1
        assert f"{path} is no JSON Lines: it looks like {looks}" in ran.err


def test_a_stream_of_broken_lines_ends_early(index: Path, tmp_path: Path) -> None:
    path, rejects = tmp_path / "in", tmp_path / "rejects"
    path.write_bytes(b'{"text": "half of a line\n' * (3 * MOST_TRIED))
    ran = dedupe_filter("--index", index, path)
    assert (ran.code, ran.out) == (2, b"")
    told = ran.err.splitlines()
    assert len(told) <= 9
    assert "none of its first 1,000 lines holds an article; the first: broken JSON" in told[-1]
    dedupe_filter("--index", index, path, "--rejects", rejects)
    assert rejects.read_bytes().count(b"\n") == MOST_TRIED


def test_lines_before_the_first_article_are_told_of_once_it_came(
    index: Path, tmp_path: Path
) -> None:
    path = tmp_path / "in"
    path.write_bytes(b"starting up\n" * (TRIED - 1) + json_lines([article(1)]))
    ran = dedupe_filter("--index", index, path, "--batch", "1")
    assert (ran.code, ran.ids) == (0, ["a1"])
    assert f"{TRIED - 1} lines rejected" in ran.err


@pytest.mark.parametrize("mode", ["drop", "mark", "verdict"])
def test_each_line_has_one_answer_where_asked_and_nothing_else_is_told(
    index: Path, mode: str
) -> None:
    lines = b"\nstarting up\n" + json_lines([article(1), {"id": "b", "text": text_of(1)}, {"n": 1}])
    ran = spawned("--index", index, "--mode", mode, "--answer-all", lines=lines)
    assert (ran.code, ran.err, len(ran.rows)) == (0, "", 5)
    blank, broken, _, copy, other = (row.get("dedupe", row) for row in ran.rows)
    assert [blank["line"], broken["line"], other["line"]] == [1, 2, 5]
    assert (copy["relation"], copy["passed"]) == ("identical", False)


def test_a_line_over_the_limit_is_answered_where_asked(index: Path) -> None:
    lines = json_lines([article(1), {"text": "x" * 600_000}, article(2)])
    ran = spawned(
        "--index", index, "--answer-all", "--mode", "verdict", "--limit", "record_bytes=300000",
        lines=lines,
    )  # fmt: skip
    assert [row["id"] for row in ran.rows] == ["a1", None, "a2"]
    assert "300000 bytes" in ran.rows[1]["error"]


def test_rejects_are_kept_where_asked_beside_their_answers(index: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects"
    lines = b"\njunk\n" + json_lines([article(1)])
    ran = spawned("--index", index, "--answer-all", "--rejects", rejects, lines=lines)
    assert (len(ran.rows), ran.err) == (3, "")
    assert [json.loads(line)["line"] for line in rejects.read_bytes().splitlines()] == [2]


@pytest.mark.parametrize("line", [b"7,Ferry sinks,It sank", b'{"text": "half of a line'])
def test_a_stream_of_broken_lines_ends_early_though_each_was_answered(
    index: Path, line: bytes
) -> None:
    ran = spawned("--index", index, "--answer-all", lines=(line + b"\n") * (3 * MOST_TRIED))
    assert ran.code == 2
    assert MOST_TRIED <= len(ran.rows) < MOST_TRIED + 256
    assert ran.err.count("\n") == 1


def test_the_answer_to_each_line_comes_before_the_next_is_given(index: Path, started) -> None:
    process = started("--index", index, "--answer-all", "--mode", "verdict")
    for line in [b"\n", b"junk\n", json_lines([article(1)]), b"[]\n"]:
        process.stdin.write(line)
        assert json.loads(process.stdout.readline())["schema_version"] == 1
    process.stdin.close()
    assert process.wait(60) == 0


def test_a_stream_without_any_article_ends_with_two(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(b'{"took": 3}\n')
    ran = dedupe_filter("--index", index, path)
    assert ran.code == 2
    assert "no line holds an article" in ran.err
    path.write_bytes(b"\n\n")
    assert dedupe_filter("--index", index, path).code == 0


def test_rejects_of_an_earlier_run_are_kept(index: Path, tmp_path: Path) -> None:
    path, rejects = tmp_path / "in", tmp_path / "rejects"
    for junk in (b"one\n", b"two\n"):
        path.write_bytes(junk)
        dedupe_filter("--index", index, "--rejects", rejects, path)
    rows = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert [row["raw"] for row in rows] == ["one", "two"]


def test_rejects_go_neither_into_the_source_nor_into_the_index(index: Path, source: Path) -> None:
    dedupe_filter("--index", index, source)
    for path in (source, index):
        before = path.read_bytes()
        ran = dedupe_filter("--index", index, "--rejects", path, source)
        assert (ran.code, ran.out) == (2, b"")
        assert "give --rejects a file of its own" in ran.err
        assert path.read_bytes() == before


@pytest.mark.parametrize("form", ["{}", "{}-wal", "{parent}/./{name}"])
def test_rejects_and_an_index_that_is_to_be_made_are_two_files(form, tmp_path, source) -> None:
    index = tmp_path / "new.index"
    rejects = form.format(index, parent=tmp_path, name=index.name)
    ran = dedupe_filter("--index", index, "--rejects", rejects, source)
    assert (ran.code, ran.out) == (2, b"")
    assert f"{index} is the index: give --rejects a file of its own" in ran.err
    assert not index.exists()


def test_of_mixed_lines_every_valid_article_is_answered_in_order(
    index: Path, tmp_path: Path
) -> None:
    chance = random.Random(5)
    lines, wanted, rejected = [], [], 0
    for n in range(2000):
        kind = chance.choice(["article", "bytes", "cut", "blank", "number", "empty"])
        if kind == "article":
            lines.append(json.dumps(article(n % 700, id=f"{n}"), ensure_ascii=False).encode())
            wanted.append(f"{n}")
        elif kind == "blank":
            lines.append(chance.choice([b"", b" ", b"\r"]))
        else:
            junk = {
                "bytes": bytes(
                    chance.choice(range(11, 256)) for _ in range(chance.randrange(1, 99))
                ),
                "cut": json.dumps(article(n)).encode()[: chance.randrange(1, 90)],
                "number": b'{"id": 1, "text": 5}',
                "empty": b"{}",
            }[kind]
            lines.append(b"\xff" + junk if kind == "bytes" else junk)
            rejected += 1
    rejects = tmp_path / "rejects"
    ran = spawned(
        "--index", index, "--mode", "verdict", "--rejects", rejects, lines=b"\n".join(lines)
    )
    assert (ran.code, ran.err) == (0, "")
    assert ran.ids == wanted
    assert sum(row["relation"] == "new" for row in ran.rows) == len({int(n) % 700 for n in wanted})
    told = [json.loads(line)["line"] for line in rejects.read_bytes().splitlines()]
    assert told == sorted(told)
    assert len(told) == rejected


@pytest.mark.posix
def test_memory_stays_flat(index: Path) -> None:
    def peak(count: int) -> int:
        """Kilobytes that the command held at most, over so many lines."""
        lines = json_lines([article(1), {"id": 5}]) * count
        script = (
            "import resource, sys; from dedupe.cli import main\n"
            "try: main(sys.argv[1:])\n"
            "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, "filter", "--index", index, "--rejects", os.devnull],
            input=lines, capture_output=True, check=True,
        )  # fmt: skip
        assert done.stdout.count(b"\n") == count
        return int(done.stderr) >> (10 if sys.platform == "darwin" else 0)  # there in bytes

    assert peak(12_000) < peak(2_000) + 8_000


# Streams


def test_line_ends_and_a_mark_at_the_start_make_no_difference(index: Path) -> None:
    one, two = (json.dumps(article(n)).encode() for n in (1, 2))
    ran = spawned("--index", index, lines=b"\xef\xbb\xbf" + one + b"\r\n\r\n" + two)
    assert ran == (0, one + b"\r\n" + two + b"\n", "")


def test_an_empty_stream_is_no_error(index: Path) -> None:
    assert spawned("--index", index) == (0, b"", "")


def test_each_line_is_answered_as_soon_as_it_came(index: Path, started) -> None:
    running = started("--index", index, "--mode", "verdict")
    waits = []
    for n in range(12):
        running.stdin.write(json_lines([article(n)]))
        start = time.perf_counter()
        assert json.loads(running.stdout.readline())["id"] == f"a{n}"
        waits.append(time.perf_counter() - start)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (0, b"", b"")
    assert sorted(waits)[6] < 0.1


@pytest.mark.posix
@pytest.mark.parametrize(
    ("number", "code", "message"),
    [(signal.SIGTERM, 143, b""), (signal.SIGINT, 130, b"dedupe: interrupted")],
)
def test_a_signal_ends_it_after_what_is_under_way(
    index: Path, started, number: int, code: int, message: bytes
) -> None:
    running = started("--index", index, "--mode", "verdict", "--batch", 8)
    lines = json_lines(article(n) for n in range(400))
    os.set_blocking(running.stdin.fileno(), False)
    running.stdin.write(lines)  # as much as the pipe takes
    first = running.stdout.readline()
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err.strip()) == (code, message)
    answered = [json.loads(line)["id"] for line in [first, *out.splitlines()]]
    assert answered == [f"a{n}" for n in range(len(answered))]
    assert held(index) == answered
    again = spawned("--index", index, "--mode", "verdict", lines=lines)
    assert [row["id"] for row in again.rows if row["replayed"]] == answered
    assert len(again.rows) == 400


@pytest.mark.posix
def test_a_signal_while_nothing_comes_ends_it_at_once(index: Path, started) -> None:
    running = started("--index", index)
    running.stdin.write(json_lines([article(1)]))
    running.stdout.readline()
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=10) == 143
    running.communicate()


def test_a_reader_that_leaves_is_a_normal_end_and_loses_nothing(index: Path, started) -> None:
    lines = json_lines(article(n, filler="x" * 4000) for n in range(60))
    running = started("--index", index, "--batch", 4)
    running.stdin.write(lines[: lines.index(b"\n") + 1])
    taken = [running.stdout.readline()]
    running.stdout.close()
    try:
        running.stdin.write(lines[lines.index(b"\n") + 1 :])
        running.stdin.close()
    except BrokenPipeError:
        pass
    assert running.wait(timeout=60) == 0
    assert running.stderr.read() == b""
    running.stderr.close()
    assert len(held(index)) > len(taken)
    again = spawned("--index", index, lines=lines)
    assert again.out == lines


def test_who_was_killed_gives_the_same_lines_and_gets_the_same_answers(
    index: Path, started
) -> None:
    texts = [text_of(n % 150) for n in range(300)]
    lines = json_lines({"id": f"{n}", "text": text} for n, text in enumerate(texts))
    running = started("--index", index, "--batch", 4)
    os.set_blocking(running.stdin.fileno(), False)
    running.stdin.write(lines)
    before = [running.stdout.readline() for _ in range(10)]
    running.kill()
    out, _ = running.communicate()
    before += out[: out.rfind(b"\n") + 1].splitlines(keepends=True)
    again = spawned("--index", index, lines=lines)
    assert again.code == 0
    assert again.out == b"".join(lines.splitlines(keepends=True)[:150])
    assert again.out.startswith(b"".join(before))


def test_of_copies_in_two_streams_at_once_one_passes(index: Path, started) -> None:
    streams = []
    for name in "ab":
        order = random.Random(name).sample(range(200), 200)
        streams.append(json_lines({"id": f"{name}{n}", "text": text_of(n)} for n in order))
    running = [started("--index", index, "--batch", 5) for _ in streams]
    for process, lines in zip(running, streams, strict=True):
        process.stdin.write(lines[:60_000])
    outs = []
    for process, lines in zip(running, streams, strict=True):
        out, err = process.communicate(lines[60_000:], timeout=120)
        assert (process.returncode, err) == (0, b"")
        outs += [json.loads(line)["id"] for line in out.splitlines()]
    assert sorted(int(name[1:]) for name in outs) == list(range(200))


# When the index cannot answer


class Failing(ExactIndex):
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """An index that is busy when it is asked for the second time."""
    index = Failing([None, BusyError("held by another process for 30 seconds")])
    monkeypatch.setattr(dedupe.index, "open_index", lambda *_, **__: index)
    return index


def test_it_ends_and_names_the_line_that_has_no_answer(failing: Failing, source: Path) -> None:
    ran = dedupe_filter("--index", "x", "--batch", 1, source)
    assert (ran.code, ran.ids) == (2, ["a1"])
    assert ran.err == (
        f"dedupe: held by another process for 30 seconds; {source}:2 is the first line without an"
        " answer: give it again from that line\n"
    )


def test_it_passes_lines_on_unjudged_where_asked(failing: Failing, source: Path) -> None:
    ran = dedupe_filter("--index", "x", "--batch", 1, "--fail", "open", source)
    assert (ran.code, ran.ids) == (0, ["a1", "copy", "a2"])
    assert ran.err == (
        f"dedupe: {source}:2: passed on unjudged: held by another process for 30 seconds\n"
    )
    assert list(failing.texts) == ["a1", "a2"]


def test_what_the_index_is_asked_for_reaches_it(
    monkeypatch: pytest.MonkeyPatch, source: Path
) -> None:
    asked = []

    def note(target, **options):
        asked.append((target, options))
        return Failing()

    monkeypatch.setattr(dedupe.index, "open_index", note)
    dedupe_filter("--index", "x", source)
    dedupe_filter(
        "--index", "x", source, "--window", 3, "--durability", "full", "--patience", 2.5,
        "--check-only", "--set", "copy_bands=40",
    )  # fmt: skip
    (target, usual), (_, chosen) = asked
    assert target.name == "x"
    assert usual == {
        "settings": None, "model": None, "create": True, "read_only": False, "window": None,
        "durability": "normal", "patience": 30.0, "same_by": "address",
    }  # fmt: skip
    assert chosen.pop("settings").copy_bands == 40
    assert chosen == {
        "model": None, "create": False, "read_only": True, "window": 3.0, "durability": "full", "patience": 2.5,
        "same_by": "address",
    }  # fmt: skip


# Documents


def guide() -> str:
    return GUIDE.read_text(encoding="utf-8")


def test_every_field_of_a_decision_is_documented() -> None:
    match = Match("a", "b", "identical", Scores(1, 1, 1, 1), 0.0, (Evidence("n", "v", 1.0),))
    judged = decision_object(Decision("a", False, Verdict("a", "identical", "s1", (match,))))
    told = guide().partition("## The decision as JSON")[2].partition("\n## ")[0]
    for field in judged:
        assert f"\n| `{field}` |" in told
    for inner in (judged["matches"][0], judged["matches"][0]["evidence"][0], judged["scores"]):
        assert [name for name in inner if f"`{name}`" not in told] == []


@pytest.mark.parametrize("name", DROPPABLE)
def test_everything_that_can_be_dropped_is_documented(name: str) -> None:
    assert f"`{name}`" in guide()


def test_every_option_is_documented() -> None:
    command = cli.get_command(click.Context(cli), "filter")
    told = guide().partition("## From the shell")[2].partition("\n## ")[0]
    options = [param for param in command.params if isinstance(param, click.Option)]
    assert options
    assert [o.opts[0] for o in options if f"`{o.opts[0]}`" not in told] == []


def test_the_examples_for_python_print_what_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    for code in re.findall(r"^```python\n(.*?)^```$", guide(), re.MULTILINE | re.DOTALL):
        exec(compile(code, str(GUIDE), "exec"), {"__name__": "example"})
    assert capsys.readouterr().out == "new: a\nnew: c\n1 new, 1 identical\n"
