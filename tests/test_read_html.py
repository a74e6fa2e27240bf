"""HTML in a field: what is taken for markup, and what of it is text."""

from __future__ import annotations

import html as references
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_harness import Result

from dedupe.read.fields import FieldFinder
from dedupe.read.html import is_html
from dedupe.read.markup import PlainText, line_of, plain_text

ROWS = Path(__file__).parent / "data" / "read" / "html_fragments.jsonl"
FRAGMENTS = {row["case"]: row for row in map(json.loads, ROWS.read_text("utf-8").splitlines())}


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_keeps_its_paragraphs_and_loses_its_markup(name: str) -> None:
    assert plain_text(FRAGMENTS[name]["html"]) == FRAGMENTS[name]["text"]


PLAIN = {
    "comparisons": "If a < b and c > d, then 5 < 6 & 7 > 2; fine.",
    "code": "#include <vector>\nstd::vector<int> a; if (i<n && j>k) List<String> x;",
    "addresses": "Write to Jo <jo@h.example> or see <https://h.example/a=b>.",
    "tickers": "Pike Petroleum Co <P> and Sorrel <S>, Apex Inc <APX.O> rose; <BRX-A> fell.",
    "an ampersand": "AT&T; R&D and S&P; bread &c.",
    "arrows": "Rates <- here -> there <3 <",
    "a name of a tag": "The tag <b> makes it bold, and <em> leans.",
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_text_with_angle_brackets_and_ampersands_is_left_as_read(name: str) -> None:
    assert plain_text(PLAIN[name]) == PLAIN[name]


def test_references_are_resolved_in_a_text_without_tags() -> None:
    assert plain_text("AT&amp;T said &quot;no&quot;&#8230; &#x201c;") == 'AT&T said "no"… “'
    assert plain_text("&unknown; &#99999999;") == "&unknown; &#99999999;"


def test_titles_and_outlets_lose_their_markup_too() -> None:
    row = FieldFinder().row({"title": "Q&amp;A: the <em>Kestrel</em>\ncase", "source": "B&#039;s"})
    assert (row[1], row[4]) == ("Q&A: the Kestrel case", "B's")
    assert line_of("PIKE <P> RAISES  PRICES") == "PIKE <P> RAISES  PRICES"


def test_links_that_say_where_to_read_on_are_no_text() -> None:
    more = '<a href="https://h.example/{}">{}</a>'
    every = "".join(f"<p>Line {n} {more.format(n, 'Read it all here and now')}</p>" for n in "ab")
    assert plain_text(every) == "Line a\n\nLine b"
    assert plain_text(f"<p>They agreed. {more.format(1, 'more')}</p>") == "They agreed."
    assert plain_text(f"<p>They agreed.</p><p>{more.format(1, 'Read on <b>→</b>')}</p>") == (
        "They agreed."
    )


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            "<p>She told <a href='x'>Anna Hart</a></p><p>He left.</p>",
            "She told Anna Hart\n\nHe left.",
        ),
        ("<p>It was Dr. <a href='x'>Hart</a></p>", "It was Dr. Hart"),
        ("<ul><li><a href='1'>One head</a></li><li><a href='2'>Two</a></li></ul>", "One head\nTwo"),
        ("<p>It fell. <a href='x'>Anna Hart was there.</a></p>", "It fell. Anna Hart was there."),
        ("See.<ul><li><a href='1'>One</a></li><li>Two now</li></ul>", "See.\n\nOne\nTwo now"),
    ],
)
def test_links_that_are_part_of_the_text_stay(html: str, text: str) -> None:
    assert plain_text(html) == text


_words = st.text("abcdefghijklmnopqrstuvwxyzäöü<>&\"'", min_size=1, max_size=8)
_paragraphs = st.lists(_words, min_size=1, max_size=6).map(" ".join)
_tags = st.sampled_from(["p", "P class='a > b'", 'div data-x="<i>"', "li", "h2", "blockquote id=x"])


@given(st.lists(st.tuples(_tags, _paragraphs), min_size=1, max_size=6))
def test_what_was_escaped_is_read_word_for_word(parts: list[tuple[str, str]]) -> None:
    html = "".join(f"<{t}>{references.escape(p)}</{t.split()[0]}>" for t, p in parts)
    html = f"<p>Begin</p>{html}"
    words = ["Begin", *(word for _, paragraph in parts for word in paragraph.split())]
    # There is no semicolon in them, which is why none of them is a reference once it is resolved.
    assert plain_text(html).split() == words


@given(st.text(alphabet=st.sampled_from("<>/!-[]&;#\"'=pabr \n\x02\x03")))
def test_no_markup_is_an_error(html: str) -> None:
    assert isinstance(plain_text(html), str)
    assert isinstance(plain_text(html, markup=True), str)
    assert "\x02" not in plain_text("<p>a</p>" + html)


def test_what_an_extractor_has_made_is_left_alone() -> None:
    shown = 'Write <p class="x">Hello</p>, [so](https://h.example).'
    assert plain_text(PlainText(shown)) == shown


HOSTILE = {
    "a comment never ended": "<!--" + "x" * 2_000_000,
    "comments never ended": "<!-- " * 400_000,
    "deeply nested": "<div>" * 100_000 + "x" + "</div>" * 100_000,
    "nothing ever closed": "word " * 400_000,
    "open tags": "<a " * 600_000,
    "open quotes": "<a \"'" * 400_000,
    "quotes around markup": '<a "<" ' * 300_000,
    "scripts": "<script>" * 250_000,
    "menus": "<nav>" * 400_000,
    "preformatted": "<pre>\n" * 300_000 + "</pre>",
    "digits": "&#" + "9" * 2_000_000 + ";",
    "ampersands": "&amp" * 500_000,
    "white space": " \n" * 1_000_000,
    "links": "A. <a>b</a><br>" * 130_000,
    "unknown elements": "<zz></zz>" * 200_000,
    "escaped": "&amp;lt;p&gt;" * 150_000,
}


@pytest.mark.timed
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markup_takes_time_in_proportion_to_its_length(name: str) -> None:
    html = "<p class='a'>x</p>" + HOSTILE[name]

    def seconds(text: str) -> float:
        began = time.process_time()
        plain_text(text)
        return time.process_time() - began

    assert seconds(html) < 8


def test_recognition_reads_no_further_than_its_bound() -> None:
    assert not is_html("<" * 10_000_000 + "</p>")


RECORDS: dict[str, dict[str, Any]] = {
    "a field of any known name": {"content": "<p>A crane <a href='x'>fell</a>.</p>"},
    "a name that tells the form": {"article_html": "<p>A crane fell."},
    "wrapped": {"content": {"direction": "ltr", "content": "<p>A crane fell.</p>"}},
    "typed": {"body": {"type": "text/html", "value": "A crane <b>fell.</b>"}},
    "bytes": {"text": b"<p>A crane fell.</p>"},
}


@pytest.mark.parametrize("name", RECORDS)
def test_markup_is_read_in_every_field_of_text(name: str) -> None:
    assert FieldFinder().row({"title": "t", **RECORDS[name]})[2] == "A crane fell."


def test_a_body_of_markup_alone_gives_way_to_the_summary() -> None:
    row = FieldFinder().row({"content": "<p><img src='a.jpg'></p>", "summary": "A crane fell."})
    assert row[2] == "A crane fell."


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "json", "parquet", "txt"])
def test_markup_is_read_in_every_format(tmp_path: Path, ending: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    body = "<p>A crane &amp; a <a href='x'>ship</a>.</p><p>They fell.</p>"
    path = tmp_path / f"a.{ending}"
    if ending == "parquet":
        pq.write_table(pa.table({"id": ["1"], "content": [body]}), path)
    else:
        record = json.dumps({"id": "1", "content": body})
        written = {"csv": f"id,content\n1,{body}\n", "tsv": f"id\tcontent\n1\t{body}\n"}
        written |= {"jsonl": record, "json": f"[{record}]", "txt": body}
        path.write_text(written[ending], "utf-8")
    (read,) = Result(path).articles
    assert read.text == "A crane & a ship.\n\nThey fell."
