"""An index as lines of JSON, and one made from them: what was written is what is read."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from corpora import fixture_articles
from hypothesis import given
from hypothesis import strategies as st
from index_examples import ARTICLES, STORY

from dedupe.config import Settings
from dedupe.errors import BusyError, RecordError, SourceError
from dedupe.index.exchange import article_object, export_lines, indexed_article, read_export
from dedupe.index.rebuild import rebuilt, replaced, restored_index
from dedupe.model import Article, Evidence, IndexedArticle, Match, Scores, Verdict
from dedupe.placed import placed

OTHER = Settings(near_duplicate=0.7, story_terms=40)


def held(articles=ARTICLES, different=(("a", "b"),)) -> SimpleNamespace:
    """As much of an index as an export asks for."""
    return SimpleNamespace(
        settings=OTHER,
        keeps_texts=True,
        articles=lambda: iter(articles),
        stories=lambda: iter([STORY]),
        last_story=lambda: "s31",
        differences=lambda: iter(different),
    )


def unheard(_number: int) -> None:
    """Progress that nobody looks at."""


def changed_line(lines: list[bytes], number: int, **values: object) -> list[bytes]:
    row = json.loads(lines[number]) | values
    return [*lines[:number], json.dumps(row).encode(), *lines[number + 1 :]]


# Lines


def test_what_was_written_is_what_is_read() -> None:
    export = read_export(export_lines(held()), "x.jsonl")
    assert export.settings == OTHER
    assert export.texts
    assert list(export.articles) == list(ARTICLES)
    assert export.last_story == "s31"
    assert export.merged == {"s14": "s12", "s20": "s12"}
    assert export.different == (("a", "b"),)


texts = st.text(max_size=8)
scores = st.builds(Scores, *[st.floats(0, 1)] * 4)
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
matches = st.builds(
    Match,
    a=st.just(""),
    b=texts,
    relation=st.sampled_from(["identical", "same_story"]),
    scores=scores,
    days=st.none() | st.floats(-1e4, 1e4),
    evidence=st.lists(st.builds(Evidence, texts, texts, st.floats(-50, 50)), max_size=2).map(tuple),
)


@given(
    name=st.text(st.characters(), max_size=8),
    text=st.text(st.characters(), max_size=20),
    date=st.none() | moments,
    arrived=moments,
    found=st.lists(matches, max_size=2),
    extends=st.booleans(),
    mentions=st.lists(st.text(st.characters(), max_size=8), max_size=3).map(tuple),
)
def test_any_article_comes_back_as_it_was(
    name, text, date, arrived, found, extends, mentions
) -> None:
    own = tuple(replace(match, a=name) for match in found)
    verdict = Verdict(
        name, "same_story", "s1", own, admitted=True, extends=extends, mentions=mentions
    )
    article = Article(name, text, text, date, name, text, "en")
    stored = IndexedArticle(article, "s2", name, arrived, verdict)
    assert list(read_export(export_lines(held([stored])), "x").articles) == [stored]


def test_a_lone_surrogate_survives() -> None:
    name = "caf\udce9.html"
    stored = replace(ARTICLES[0], article=replace(ARTICLES[0].article, url=name))
    [found] = read_export(export_lines(held([stored])), "x").articles
    assert found.article.url == name


def test_dates_are_written_in_utc_and_a_naive_one_is_taken_for_it() -> None:
    row = article_object(ARTICLES[0])
    assert row["date"] == "2024-05-14T06:12:00Z"
    row["date"] = "2024-05-14T06:12:00"
    assert indexed_article(row) == ARTICLES[0]
    row["date"] = "2024-05-14T08:12:00+02:00"
    assert indexed_article(row) == ARTICLES[0]


def test_fields_that_nobody_knows_are_passed_over() -> None:
    row = article_object(ARTICLES[1]) | {"colour": "red"}
    assert indexed_article(row) == ARTICLES[1]


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff\n", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not an object"),
        (b"{}", "schema_version must be 1, not None"),
        (b'{"schema_version": 2}', "schema_version must be 1, not 2"),
        (b'{"schema_version": 1}', "settings must be an object"),
        (b'{"schema_version": 1, "settings": {}}', "texts must be true or false"),
        (b'{"schema_version": 1, "settings": {"new": 1}, "texts": true}', "called 'new'"),
    ],
)
def test_what_is_no_export_is_refused(first: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        read_export([first] if first else [], "x.jsonl")
    assert str(caught.value).startswith("x.jsonl: ")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"arrived": None}, "arrived must be a date"),
        ({"arrived": "yesterday"}, "arrived must be a date in ISO 8601, not 'yesterday'"),
        ({"date": 17}, "date must be a date"),
        ({"id": 7}, "id must be a string"),
        ({"text": None}, "text must be a string"),
        ({"story": None}, "story must be a string"),
        ({"story": "banana"}, "story must be the id of a story, such as s12, not 'banana'"),
        ({"story": "s99999999999"}, "story must be the id of a story"),
        ({"verdict": []}, "verdict must be an object"),
    ],
)
def test_a_broken_line_is_named(change: dict, reason: str) -> None:
    lines = changed_line(list(export_lines(held())), 3, **change)
    export = read_export(lines, "x.jsonl")
    with pytest.raises(SourceError, match=reason) as caught:
        list(export.articles)
    assert str(caught.value).startswith("x.jsonl:4: ")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"relation": "alike"}, "relation must be one of identical, .*, not 'alike'"),
        ({"extends": 1}, "extends must be true or false"),
        ({"mentions": "x"}, "mentions must be a list of strings"),
        ({"mentions": [1]}, "mentions must be a list of strings"),
        ({"matches": [1]}, "matches must be a list of objects"),
        (
            {"matches": [{"id": "x", "relation": "new", "scores": {"jaccard": True}}]},
            "jaccard must be a number",
        ),
    ],
)
def test_a_broken_answer_is_told(change: dict, reason: str) -> None:
    row = article_object(ARTICLES[1])
    row["verdict"] |= change
    with pytest.raises(RecordError, match=reason):
        indexed_article(row)


@pytest.mark.parametrize("kept", range(1, 6))
def test_an_export_that_was_cut_short_is_refused(kept: int) -> None:
    lines = list(export_lines(held()))
    with pytest.raises(SourceError, match=f"cut short after {kept - 1} articles"):
        list(read_export(lines[:kept], "x").articles)


def test_an_export_with_a_line_lost_is_refused() -> None:
    lines = list(export_lines(held()))
    with pytest.raises(SourceError, match="x:6: 5 articles were written, 4 are here"):
        list(read_export(lines[:2] + lines[3:], "x").articles)


@pytest.mark.parametrize(
    "change",
    [
        {"merged": {"s1": 2}},
        {"merged": {"s0": "s1"}},
        {"merged": []},
        {"different": [["a"]]},
        {"last_story": 3},
    ],
)
def test_a_broken_last_line_is_refused(change: dict) -> None:
    lines = changed_line(list(export_lines(held())), 1 + len(ARTICLES), **change)
    with pytest.raises(SourceError, match=next(iter(change))):
        list(read_export(lines, "x").articles)


# An index made from one


@pytest.fixture(scope="session")
def original(tmp_path_factory) -> Path:
    """The fixtures, a story that was merged, one that is gone, and two kept apart; not written."""
    from dedupe.index import open_index

    path = tmp_path_factory.mktemp("index") / "original.index"
    with open_index(path) as index:
        index.admit_many(fixture_articles())
        index.admit(Article("last", "Nothing else tells of the lighthouse keeper's goat."))
        index.remove("last")
        stories = [story.id for story in index.stories()]
        index.settle("", {stories[-1]: stories[-2]}, [("one", "other")])
    return path


@pytest.fixture
def file(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(original, tmp_path / "news.index"))


def contents(path: Path) -> tuple[object, ...]:
    """All that two indexes with the same articles, stories and answers have in common."""
    from dedupe.index import open_index

    with open_index(path, create=False) as index:
        assert list(index.verify()) == []
        held = list(index.articles()), list(index.stories())
        return *held, index.last_story(), index.differences()


def lines_of(path: Path) -> list[bytes]:
    from dedupe.index import open_index

    with open_index(path, create=False) as index:
        return list(export_lines(index))


def test_an_index_from_an_export_holds_what_the_old_one_held(file: Path, tmp_path: Path) -> None:
    new, heard = tmp_path / "new.index", []
    count = restored_index(lines_of(file), "x", new, heard.append)
    assert count == len(fixture_articles()) == len(heard) == heard[-1]
    articles, stories, last, different = contents(new)
    assert (articles, stories, last, different) == contents(file)
    assert any(story.merged for story in stories)
    assert last not in {story.id for story in stories}


def test_what_comes_later_is_answered_as_the_old_index_would(file: Path, tmp_path: Path) -> None:
    from dedupe.index import open_index

    new = tmp_path / "new.index"
    restored_index(lines_of(file), "x", new, unheard)
    text = fixture_articles()[0].text
    later = [
        Article("copy", text),
        Article("other", "The choir of the fishing village sang for its lost anchor on Sunday."),
        Article("excerpt", text[: len(text) // 4]),
    ]
    with open_index(file) as old, open_index(new) as made:
        answers = old.admit_many(later)
        assert made.admit_many(later) == answers
        assert {answer.relation for answer in answers} == {"identical", "new", "contained"}
        again = fixture_articles()[3]
        assert made.admit(again) == old.admit(again)
        assert made.admit(again).replayed


def test_an_export_without_texts_makes_no_index(tmp_path: Path) -> None:
    bare = held()
    bare.keeps_texts = False
    with pytest.raises(SourceError, match="x: contains no texts"):
        restored_index(export_lines(bare), "x", tmp_path / "new.index", unheard)
    assert list(tmp_path.iterdir()) == []


def test_an_index_made_anew_has_other_settings_and_the_same_stories(
    file: Path, tmp_path: Path
) -> None:
    from dedupe.index import open_index

    new, before = tmp_path / "new.index", file.read_bytes()
    assert rebuilt(file, OTHER, new, unheard) == len(fixture_articles())
    assert file.read_bytes() == before
    with open_index(new, create=False) as index:
        assert index.settings == OTHER
    assert contents(new) == contents(file)


def test_one_index_takes_the_place_of_another(file: Path) -> None:
    from dedupe.index import open_index

    before, old = contents(file), file.with_name("kept.index")
    old.write_text("what was there under that name")
    replaced(file, OTHER, str(old), unheard)
    assert sorted(path.name for path in file.parent.iterdir()) == ["kept.index", "news.index"]
    assert contents(file) == contents(old) == before
    with open_index(file, create=False) as index:
        assert index.settings == OTHER
    with open_index(old, create=False) as index:
        assert index.settings == Settings()


def test_an_index_that_another_has_open_keeps_its_place(file: Path) -> None:
    from dedupe.index import open_index

    before = contents(file)
    with open_index(file), pytest.raises(BusyError, match="others have the index open"):
        replaced(file, OTHER, None, unheard)
    assert contents(file) == before


@pytest.mark.parametrize("stays", [True, False])
def test_an_index_that_another_used_meanwhile_keeps_its_place(file: Path, stays: bool) -> None:
    from dedupe.index import open_index

    others = []

    def use(number: int) -> None:
        if number == 3:
            index = open_index(file)
            index.admit(Article("late", "What came while the index was being made anew."))
            others.append(index)
            if not stays:
                index.close()

    with pytest.raises(BusyError, match=f"{file}: others "):
        replaced(file, OTHER, None, use)
    others[0].close()
    with open_index(file, create=False) as index:
        assert index.get("late") is not None
        assert index.settings == Settings()
    assert [path.name for path in file.parent.iterdir()] == ["news.index"]


def test_a_file_has_its_place_only_once_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "out[1].txt"
    target.write_text("old")

    def interrupted() -> None:
        with placed(target) as beside:
            beside.write_text("half")
            beside.with_name(f"{beside.name}-wal").write_text("its log")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_text() == "old"
    with placed(target) as beside:
        beside.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]
