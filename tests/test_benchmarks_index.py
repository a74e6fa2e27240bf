"""The harness of the index benchmark on a tiny file: its stream, its peer, what it counts."""

from __future__ import annotations

import random
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from benchmarks.index import job, redis_server, space, speed
from benchmarks.index.__main__ import main
from benchmarks.index.stream import moment, prepared
from benchmarks.results import BEGIN, END
from benchmarks.server import main as server

WORDS = [f"word{n}" for n in range(500)]
needs_index = pytest.mark.skipif(
    find_spec("dedupe.index.index") is None, reason="this build has no index"
)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Twenty unrelated articles over ten days, the later ones first, then copies of five."""
    draw = random.Random(7)
    texts = [draw.choices(WORDS, k=120) for _ in range(20)]
    copies = [[*text[:60], "changed", *text[60:]] for text in texts[:5]]
    rows = [
        {
            "id": f"a{n:02}",
            "title": f"title {n}",
            "text": " ".join(text),
            "date": f"2026-03-{10 - n % 10:02}",
            "story": f"s{n % 20}",
            "slug": "no field of an article",
        }
        for n, text in enumerate([*texts, *copies])
    ]
    file = tmp_path / "tiny.jsonl"
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return file


def test_a_stream_goes_on_in_time_and_repeats_no_id(articles: Path, tmp_path: Path) -> None:
    stream = prepared(articles, 60, tmp_path)
    rows = [orjson.loads(line) for line in stream.lines(0)]
    assert len(rows) == 75
    assert len({row["id"] for row in rows}) == 75
    dates = [moment(row["date"]) for row in rows]
    assert dates == sorted(dates)
    assert (dates[25] - dates[0]).days == 10
    assert set(rows[0]) == {"id", "title", "text", "date", "source", "url", "lang"}


def test_the_first_round_of_a_stream_is_the_file(articles: Path, tmp_path: Path) -> None:
    texts = {orjson.loads(line)["text"] for line in articles.read_bytes().splitlines()}
    first = [orjson.loads(line) for line in islice(prepared(articles, 60, tmp_path).lines(0), 25)]
    assert {row["text"] for row in first} == texts
    second = orjson.loads(next(prepared(articles, 60, tmp_path).lines(25)))
    assert second["text"] not in texts


def test_articles_without_dates_stay_without(tmp_path: Path) -> None:
    file = tmp_path / "undated.jsonl"
    file.write_bytes(
        b'{"id": "a", "text": "one two"}\n{"id": "b", "text": "three", "date": null}\n'
    )
    rows = [orjson.loads(line) for line in prepared(file, 4, tmp_path).lines(0)]
    assert [row["date"] for row in rows] == [""] * 4


def test_a_cut_takes_up_where_the_one_before_it_ended(articles: Path, tmp_path: Path) -> None:
    stream = prepared(articles, 60, tmp_path)
    cuts = [stream.cut(first, 15, tmp_path / f"{first}").read_bytes() for first in (20, 35)]
    assert b"".join(cuts) == b"".join(islice(stream.lines(20), 30))
    with pytest.raises(ValueError, match="ends after 75 articles"):
        stream.cut(70, 6, tmp_path / "late")


def test_percentiles_are_ranks() -> None:
    values = [float(n) for n in range(1, 101)]
    random.Random(1).shuffle(values)
    assert [job.percentile(values, share) for share in (0.0, 0.5, 0.99, 1.0)] == [1, 50, 99, 100]
    assert job.percentile([3.0], 0.99) == 3.0


@pytest.mark.skipif(bool(redis_server.missing()), reason="no Redis here")
def test_the_peer_tells_copies_and_ends_with_the_benchmark(articles: Path, tmp_path: Path) -> None:
    stream = prepared(articles, 25, tmp_path)
    with redis_server.running(tmp_path / "redis") as server:
        job.told("redis_load", server.socket, "20", *stream.rounds)
        # Those that were loaded take the place of the warm-up, then come again.
        again = tmp_path / "again.jsonl"
        lines = list(islice(stream.lines(0), 20))
        renamed = [line.replace(b'"id":"', b'"id":"again-') for line in lines]
        fill = [b'{"id":"w%d","text":"w%d","title":"","date":""}\n' % (n, n) for n in range(100)]
        again.write_bytes(b"".join([*fill, *renamed]))
        taken = {}
        for way in ("insert", "session"):
            taken[way] = job.turn("redis_admit", server.socket, way, again)
            again.write_bytes(again.read_bytes().replace(b'"id":"', b'"id":"more-'))
        assert server.memory() > 0
    assert {way: (turn.copies, len(turn.seconds)) for way, turn in taken.items()} == {
        "insert": (20, 20),
        "session": (20, 20),
    }
    assert server.process.returncode is not None
    assert not server.socket.exists()


@pytest.mark.skipif(bool(redis_server.missing()), reason="no Redis here")
def test_the_peer_is_asked_behind_a_server_as_the_index_is() -> None:
    ran = CliRunner().invoke(server, ["--articles", "30", "--requests", "100", "--peer"])
    assert ran.exit_code == 0, ran.output
    asked = [line for line in ran.output.splitlines() if "articles a request" in line]
    assert len(asked) == 2  # the index, and the peer
    assert "The same by datasketch on Redis" in ran.output
    assert "Redis held" in ran.output


def test_an_unknown_section_and_a_bad_size_are_refused(articles: Path) -> None:
    for arguments, said in (
        (["--only", "speed"], "no section is called speed; there are admit, together, bulk"),
        (["--sizes", "many"], "many is no list of numbers"),
        (["--sizes", "0"], "has at least one article"),
    ):
        result = CliRunner().invoke(main, [str(articles), *arguments])
        assert result.exit_code == 2
        assert said in " ".join(result.output.split())


@needs_index
def test_the_whole_run_prints_every_section_and_writes_them_into_the_page(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "STARTS", 1)
    monkeypatch.setattr(space, "ALONE", 0.2)
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    arguments = [str(articles), "--sizes", "40", "--articles", "5", "--rounds", "1"]
    arguments += ["--peer-most", "0", "--labelled", str(articles), "--markdown", str(page)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    written = page.read_text("utf-8")
    assert written.startswith("before\n")
    assert "| dedupe, durability normal |" in written
    assert "no peer at 40" in result.stderr
    assert "| 40 articles, without texts |" in written
    assert "verify found 0 problems" in written
    assert "| articles with the same verdict | 25 (100.000%) |" in written
    assert "| tiny | 25 | 20 |" in written
    assert str(tmp_path) not in written
