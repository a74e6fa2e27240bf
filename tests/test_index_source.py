"""An index is a source: it is read as the files that its articles came from, and so is its export."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from test_cli import dedupe

from dedupe.cli.index_source import BEGINS
from dedupe.index import open_index
from dedupe.index.sqlite.file import MAGIC
from dedupe.model import Article
from dedupe.read import articles_of, read

NEWS = Path(__file__).parent.parent / "fixtures/articles/news.jsonl"
GOLD = NEWS.parent.parent / "gold.jsonl"
MARKED = Article("a<b", "if x < y and <p>here</p> &amp;amp; # no heading\n[a](b)", "Tags: <br>")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "news.index"
    assert dedupe("filter", "--index", path, NEWS).code == 0
    return path


@pytest.fixture(scope="module", params=["index", "address", "export", "packed"])
def source(request: pytest.FixtureRequest, index: Path) -> str:
    """The ways in which an index is named."""
    if request.param == "index":
        return str(index)
    if request.param == "address":
        return f"sqlite:{index}"
    path = index.with_name("export.jsonl")
    assert dedupe("index", "export", index, "-o", path).code == 0
    if request.param == "packed":
        import gzip

        path = path.with_suffix(".jsonl.gz")
        path.write_bytes(gzip.compress(path.with_suffix("").read_bytes()))
    return str(path)


def without_places(rows: list[dict]) -> dict[str, dict]:
    return {row["id"]: {k: v for k, v in row.items() if k not in ("file", "line", "row")} for row in rows}  # fmt: skip


def test_groups_are_those_of_the_files(source: str) -> None:
    ran = dedupe("group", source)
    assert without_places(ran.rows) == without_places(dedupe("group", NEWS).rows)
    assert "rejected" not in ran.err


@pytest.mark.parametrize(
    "words",
    [
        ["report", "{}", "--json"],
        ["compare", "ferry-wire", "ferry-local", "--json", "--in", "{}"],
        ["evaluate", str(GOLD), "{}", "--json"],
    ],
    ids=lambda words: words[0],
)
def test_so_is_what_other_commands_find(words: list[str], source: str) -> None:
    read, wanted = (
        dedupe(*(word.format(place) for word in words)).rows for place in (source, NEWS)
    )
    assert read == wanted


def test_the_report_of_an_index_is_that_of_its_files(index: Path, tmp_path: Path) -> None:
    assert shown_of(dedupe("report", index).out) == shown_of(dedupe("report", NEWS).out)
    for option in ("--html", "--svg"):
        pages = []
        for place in (index, NEWS):
            page = tmp_path / f"{place.name}{option}"
            assert dedupe("report", place, option, page).code == 0
            pages.append(shown_of(page.read_text("utf-8")).replace(str(place), "read from"))
        assert pages[0] == pages[1]


def shown_of(page: str) -> str:
    """Without the time that a run took."""
    return re.sub(r"\d+(?:\.\d+)?(?:\s|&#160;)s\b", "", page)


@pytest.mark.parametrize("number", [1, 7, 39, 500])
def test_the_newest_articles_of_an_index_are_those_that_came_last(
    index: Path, tmp_path: Path, number: int
) -> None:
    lines = NEWS.read_text("utf-8").splitlines()
    last = {json.loads(line)["id"] for line in lines[-number:]}
    stories = dedupe("report", index, "--newest", number, "--json").rows
    assert {member["id"] for story in stories for member in story["members"]} == last


def test_of_removed_articles_none_is_counted_among_the_newest(index: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.index"
    shutil.copy(index, copy)
    ids = [json.loads(line)["id"] for line in NEWS.read_text("utf-8").splitlines()]
    assert dedupe("index", "remove", copy, *ids[-20:]).code == 0
    stories = dedupe("report", copy, "--newest", 5, "--json").rows
    found = {member["id"] for story in stories for member in story["members"]}
    assert len(found) == 5


def test_files_have_no_newest(tmp_path: Path) -> None:
    ran = dedupe("report", NEWS, "--newest", 5)
    assert ran.code == 2
    assert "--newest is for an index" in ran.err


def test_what_is_kept_has_the_fields_of_articles(source: str, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert dedupe("keep", source, "-o", out).code == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert {tuple(row) for row in rows} == {
        ("id", "title", "text", "date", "source", "url", "lang")
    }
    kept = {row["id"] for row in dedupe("keep", NEWS).rows}
    assert {row["id"] for row in rows} == kept


def test_an_index_and_a_file_are_read_together(index: Path, tmp_path: Path) -> None:
    today = tmp_path / "today.jsonl"
    text = json.loads(NEWS.read_text("utf-8").splitlines()[0])["text"]
    today.write_text(json.dumps({"id": "again", "text": text}) + "\n", encoding="utf-8")
    rows = {row["id"]: row for row in dedupe("group", index, today).rows}
    assert len(rows) == 40
    assert rows["again"]["copies"] == rows["fire-trade"]["copies"]


def test_a_text_is_read_as_it_was_kept(tmp_path: Path) -> None:
    path, out = tmp_path / "own.index", tmp_path / "own.jsonl"
    with open_index(path) as own:
        own.admit(MARKED)
    assert dedupe("index", "export", path, "-o", out).code == 0
    (article,) = (found for batch in read([out]) for found in articles_of(batch))
    assert (article.id, article.text) == (MARKED.id, MARKED.text)


def test_an_index_without_texts_says_what_to_give(tmp_path: Path) -> None:
    path, out = tmp_path / "bare.index", tmp_path / "bare.jsonl"
    with open_index(path, texts=False) as own:
        own.admit(MARKED)
    assert dedupe("index", "export", path, "-o", out).code == 0
    for place in (path, out):
        ran = dedupe("report", place)
        assert ran.code == 2
        assert f"{place}: the index keeps no texts" in ran.err
        assert "give the files that its articles came from" in ran.err
        assert ran.err.count("\n") == 1


def test_an_export_that_was_cut_short_is_told(index: Path, tmp_path: Path) -> None:
    lines = dedupe("index", "export", index).out.splitlines(keepends=True)
    cut = tmp_path / "cut.jsonl"
    cut.write_text("".join([*lines[:5], "{broken\n", *lines[5:9]]), encoding="utf-8")
    ran = dedupe("group", cut)
    assert len(ran.rows) == 8
    assert f"{cut}:6: no article of an index" in ran.err
    assert f"{cut}:11: the export is cut short here" in ran.err


def test_an_empty_index_is_no_error_and_a_damaged_one_is(tmp_path: Path) -> None:
    path = tmp_path / "empty.index"
    assert dedupe("index", "create", path).code == 0
    assert dedupe("group", path).rows == []
    (tmp_path / "other.db").write_bytes(MAGIC + bytes(4096))
    ran = dedupe("group", tmp_path / "other.db")
    assert ran.code == 2
    assert ran.err.count("\n") == 1


def test_an_output_is_never_the_index_that_is_read(index: Path) -> None:
    for place in (str(index), f"sqlite:{index}"):
        ran = dedupe("group", place, "-o", index)
        assert ran.code == 2
        assert "is read: give" in ran.err


def test_what_an_index_begins_with_is_what_the_store_says() -> None:
    assert BEGINS == MAGIC
