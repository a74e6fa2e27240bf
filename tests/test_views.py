"""Groupings as tables of Arrow, pandas and Polars, and as they show themselves in a notebook."""

from __future__ import annotations

import sys
from html.parser import HTMLParser

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from dedupe import Article, compare_articles, group_articles, read_articles
from dedupe.errors import DedupeError, RecordError
from dedupe.report.notebook import SHOWN_ARTICLES, SHOWN_STORIES
from dedupe.views import COLUMNS

FERRY = "The ferry Halcyon Star capsized in Orrin Sound on Saturday, and forty people were saved."
HOSTILE = "<script>alert(1)</script><img src=//evil.example/x onerror=alert(1)>\x1b[2J\u202e"


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rows = [
        {"id": a.id, "title": a.title, "body": a.text, "date": a.date, "source": a.source}
        for a in read_articles("fixtures/articles")
    ]
    return pd.DataFrame(rows, index=range(100, 100 + len(rows))).assign(mark=[object()] * len(rows))


@pytest.fixture(scope="module")
def plain(frame):
    return frame.drop(columns="mark")


@pytest.fixture(scope="module")
def grouping(plain):
    return group_articles(plain)


def test_a_table_has_one_row_an_article_in_the_order_of_input(grouping) -> None:
    table = grouping.to_arrow()
    assert tuple(table.schema.names) == COLUMNS
    assert table.column("id").to_pylist() == list(grouping.order)
    placed = {m.id: (story.id, m) for story in grouping.stories for m in story.members}
    for row in table.to_pylist():
        story, member = placed[row["id"]]
        scores = member.scores
        assert (row["story"], row["copies"], row["to"]) == (story, member.copies, member.to)
        assert (row["role"], row["relation"]) == (member.role, member.relation)
        numbers = [row[n] for n in ("jaccard", "containment", "cosine", "story_score", "share")]
        assert numbers == (
            [None] * 5
            if scores is None
            else [scores.jaccard, scores.containment, scores.cosine, scores.story, scores.share]
        )
        assert (row["extends"], row["corrects"]) == (member.extends, member.corrects)
        assert tuple(row["mentions"]) == member.mentions
        assert [(q["id"], q["share"]) for q in row["quotes"]] == list(member.quotes)


def test_pandas_and_polars_hold_the_same(grouping) -> None:
    table = grouping.to_arrow()
    assert pa.Table.from_pandas(grouping.to_pandas()).to_pylist() == table.to_pylist()
    assert grouping.to_polars().to_dicts() == table.to_pylist()


def test_other_columns_stand_before_ours_and_the_index_of_pandas_stays(grouping, frame) -> None:
    found = grouping.to_pandas(frame)
    assert list(found.columns) == ["title", "body", "date", "source", "mark", *COLUMNS]
    assert found.index.equals(frame.index)
    assert found["mark"].tolist() == frame["mark"].tolist()
    assert found["id"].tolist() == frame["id"].tolist()


@pytest.mark.parametrize("make", [lambda f: f, pl.from_pandas, pa.Table.from_pandas, lambda f: f.to_dict("records")])  # fmt: skip
def test_any_table_may_stand_beside(grouping, plain, make) -> None:
    beside = make(plain)
    expected = ["title", "body", "date", "source", *COLUMNS]
    for found in (grouping.to_arrow(beside).schema.names, grouping.to_polars(beside).columns):
        assert [name for name in found if name != "__index_level_0__"] == expected
    assert list(grouping.to_pandas(beside).columns) == expected
    assert grouping.to_arrow(beside).column("body").to_pylist() == plain["body"].tolist()


def test_what_does_not_fit_beside_is_refused_in_words(grouping, plain, frame) -> None:
    for take in (grouping.to_arrow, grouping.to_pandas, grouping.to_polars):
        with pytest.raises(RecordError, match="the table has 5 rows, and the grouping 41 articles"):
            take(plain.iloc[:5])
        with pytest.raises(RecordError, match="a column 'story' of its own: rename it"):
            take(plain.assign(story=1))
    with pytest.raises(RecordError, match="Arrow cannot hold the table"):
        grouping.to_arrow(frame)
    with pytest.raises(RecordError, match="Arrow cannot hold the table"):
        grouping.to_arrow(7)


def test_an_empty_grouping_is_an_empty_table() -> None:
    empty = group_articles([])
    assert empty.to_arrow().num_rows == 0
    assert empty.to_pandas().shape == empty.to_polars().shape == (0, len(COLUMNS))
    assert "0 articles" in empty._repr_html_()


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_library_that_is_missing_is_named(monkeypatch, grouping, library: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(DedupeError, match=f"needs the package {library}: pip install {library}"):
        getattr(grouping, f"to_{library}")()


def test_values_say_in_a_line_what_they_are(grouping) -> None:
    assert repr(grouping) == f"<Grouping: 41 articles, {len(grouping.stories)} stories>"
    for story in grouping.stories:
        assert len(repr(story)) < 160
    said = repr(group_articles([Article("a", HOSTILE, HOSTILE)]).stories[0])
    assert said.isprintable()
    comparison = compare_articles(Article("a", FERRY), Article("b", FERRY))
    assert repr(comparison).startswith("<Comparison of 'a' and 'b': identical, jaccard 1.00")
    assert len(repr(comparison)) < 200


class Seen(HTMLParser):
    """Names of the elements and attributes of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.text += data


def seen(html: str) -> Seen:
    found = Seen()
    found.feed(html)
    assert found.open == []
    assert found.tags <= {"div", "p", "table", "thead", "tbody", "tr", "th", "td", "strong", "br"}
    assert found.attributes <= {"style", "dir", "scope"}
    return found


def test_a_notebook_shows_stories_articles_and_what_is_told_differently(grouping) -> None:
    story = grouping.stories[0]
    assert story.headline in seen(grouping._repr_html_()).text
    text = seen(story._repr_html_()).text
    assert all(member.id in text for member in story.members)
    told = "The mine at Dorrel collapsed on Monday and {} miners were killed, the operator said."
    comparison = compare_articles(Article("a", told.format(12)), Article("b", told.format(15)))
    text = seen(comparison._repr_html_()).text
    assert comparison.facts.conflicts
    assert all(conflict.a.text in text for conflict in comparison.facts.conflicts)
    assert all(measure.meaning in text for measure in comparison.measures)


def test_hostile_text_is_only_text_there() -> None:
    a, b = (Article(f"{HOSTILE}{n}", f"{HOSTILE} {FERRY}", HOSTILE, source=HOSTILE) for n in "ab")
    grouping = group_articles([a, b])
    shown = (grouping, grouping.stories[0], compare_articles(a, b))
    for value in shown:
        found = seen(value._repr_html_())
        assert "<script>" in found.text
        assert not {"\x1b", "\u202e"} & set(found.text)


def test_long_results_are_cut_and_say_so() -> None:
    words = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(SHOWN_STORIES + 5)]
    texts = [" ".join(f"{word}{other}" for other in words) for word in words]
    grouping = group_articles([Article(f"{n}{c}", t) for n, t in enumerate(texts) for c in "ab"])
    assert "and 5 stories more" in seen(grouping._repr_html_()).text
    many = group_articles([Article(str(n), FERRY) for n in range(SHOWN_ARTICLES + 3)])
    assert "and 3 articles more" in seen(many.stories[0]._repr_html_()).text
