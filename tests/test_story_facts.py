"""Facts over all reports of a story, and how they are shown."""

from __future__ import annotations

import io
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from corpora import FIXTURES
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from dedupe.cli import main
from dedupe.comparison.disagreements import Disagreement, Saying
from dedupe.comparison.story_facts import MOST_REPORTS, StoryFacts, Told
from dedupe.comparison.story_facts import story_facts as facts_of_reports
from dedupe.explain import described
from dedupe.model import Article, Grouping, Member, Story
from dedupe.pipeline import analyse
from dedupe.read import articles_of, read
from dedupe.report.facts import render_facts
from dedupe.report.page import make_console

GOLDEN = Path(__file__).parent / "golden"
ARTICLES = {a.id: a for batch in read([FIXTURES]) for a in articles_of(batch)}
FERRY = [ARTICLES[name] for name in ("ferry-wire", "ferry-local", "ferry-inquiry")]
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def story_facts(reports: list[Article]) -> StoryFacts:
    """Facts of reports that are all there is."""
    analysis = analyse(reports, with_evidence=True)
    return facts_of_reports(analysis, [report.id for report in reports])


def texts(told: tuple[Told, ...]) -> set[str]:
    return {one.text for one in told}


def member(number: int, headline: str = "", copies: str = "") -> Member:
    when = datetime(2024, 5, number % 28 + 1, tzinfo=UTC)
    role = "member" if number else "representative"
    return Member(f"m{number}", headline, "Weir Gazette", when, role, copies or f"c{number}")


@pytest.fixture(scope="module")
def ferry() -> StoryFacts:
    return story_facts(FERRY)


def test_what_all_reports_give_is_told_of_all(ferry: StoryFacts) -> None:
    assert {"Halcyon Star", "Grey Hen", "Tomas Veldt", "212"} <= texts(ferry.by_all)
    assert all(told.reports == (0, 1, 2) for told in ferry.by_all)


def test_a_short_name_that_two_of_the_reports_fit_ties_none() -> None:
    told = story_facts([
        Article("a", "The river froze on Monday. Kim was seen at the bridge, and Kim smiled.", lang="en"),
        Article("b", "The river froze on Monday. Kim Jong Un was at the bridge and smiled.", lang="en"),
        Article("c", "The river froze on Monday. A photograph by Kim Kyung Hoon shows the bridge.", lang="en"),
    ])  # fmt: skip
    every = (*told.by_all, *told.by_most, *told.by_some, *told.by_one)
    tied = [set(one.texts) for one in every if one.kind == "name"]
    assert not any({"Kim Jong Un", "Kim Kyung Hoon"} <= texts for texts in tied)


def test_a_short_name_is_joined_with_the_one_that_all_longer_ones_are() -> None:
    told = story_facts([
        Article("a", "The court heard on Friday that Veldt was late. Veldt denied it.", lang="en"),
        Article("b", "The court heard on Friday that Tomas Veldt was late.", lang="en"),
        Article("c", "The court heard on Friday that Tomas Aldis Veldt was late.", lang="en"),
    ])  # fmt: skip
    assert {"Veldt", "Tomas Veldt", "Tomas Aldis Veldt"} in [set(t.texts) for t in told.by_all]


TOLL = [
    Article(
        name, "", f"{text} The ferry Grey Hen sank off Port Kessel on Tuesday in a storm.",
        date=datetime(2025, 3, 4, hour, tzinfo=UTC), source=f"Paper {name}", lang="en",
    )
    for name, hour, text in (
        ("a", 8, "At least 60 people were killed when a ferry sank off Port Kessel."),
        ("b", 9, "Eighty-four passengers died on the Grey Hen off Port Kessel, police said."),
        ("c", 10, "Rescuers say 60 people died when the ferry Grey Hen sank off Port Kessel."),
        ("d", 22, "The death toll of the Grey Hen off Port Kessel has risen to 91."),
    )
]  # fmt: skip


def test_a_toll_that_is_told_differently_is_one_thing_with_who_says_so_and_when() -> None:
    (toll,) = story_facts(TOLL[:3]).disagreements
    assert (toll.about, toll.update) == ("killed", False)
    assert [(one.text, one.reports) for one in toll.sayings] == [
        ("60 people", (0, 2)),
        ("Eighty-four passengers", (1,)),
    ]
    assert toll.sayings[1].sentences == (
        "Eighty-four passengers died on the Grey Hen off Port Kessel, police said.",
    )


def test_a_toll_that_rose_later_is_an_update() -> None:
    (toll,) = story_facts([TOLL[0], TOLL[3]]).disagreements
    assert toll.update
    assert [one.text for one in toll.sayings] == ["60 people", "91"]


def test_disagreements_stand_on_the_page_with_outlet_and_time() -> None:
    out = io.StringIO()
    reports = [Member(a.id, a.title, a.source, a.date, "member", a.id) for a in TOLL]
    render_facts(
        story_facts(TOLL), reports, Story("s", tuple(reports)), make_console(out, width=80)
    )
    told = " ".join(out.getvalue().split())
    assert "killed: told differently 60 people 1 Paper a, 4 Mar 08:00 UTC" in told
    assert "91 4 Paper d, 4 Mar 22:00 UTC" in told
    assert "4 outlets" in told


def test_things_told_differently_beyond_those_shown_are_counted() -> None:
    sayings = tuple(Saying(f"{n} people", (n % 2,), (f"{n} people died.",)) for n in range(9))
    told = tuple(Disagreement(f"thing {n}", update=False, sayings=sayings) for n in range(11))
    out = io.StringIO()
    story = Story("s", tuple(REPORTS))
    facts = replace(GIVEN, disagreements=told)
    render_facts(facts, REPORTS, story, make_console(out, width=80))
    assert "and 3 more values" in out.getvalue()
    assert "and 3 more such things" in out.getvalue()


def test_the_headline_of_a_story_is_that_of_its_most_central_report() -> None:
    words = "The ferry Grey Hen sank off Port Kessel in a storm on Tuesday, the coast guard said."
    texts = {
        "a": f"{words[:52]} Sailors in Aldis prayed, and the harbour of Veldt was closed.",
        "b": f"{words} Halcyon divers searched the wreck. Rescue boats came from Orrin Sound.",
        "c": f"{words} Rescue boats came from Orrin Sound and Halcyon divers searched on.",
    }
    found = analyse(
        [Article(i, f"Title {i}", text, lang="en") for i, text in texts.items()],
        with_evidence=True,
    )
    members = tuple(
        replace(member(n), id=i, headline=f"Title {i}", copies=i) for n, i in enumerate(texts)
    )
    story = Story("s", members)
    told = described(found, Grouping((story,), tuple(texts)), [story]).stories[0]
    assert (story.headline, told.headline) == ("Title a", f"Title {told.central}")
    assert told.central in "bc"


def test_what_two_of_three_give_is_told_of_most_and_by_whom(ferry: StoryFacts) -> None:
    minister = next(told for told in ferry.by_most if "Solheim-Ray" in told.text)
    assert minister.reports == (0, 2)


def test_what_one_report_alone_gives_names_that_report(ferry: StoryFacts) -> None:
    alone = {told.text: told.reports for told in ferry.by_one}
    assert alone["Anchor Inn"] == (1,)
    assert alone["Hanna Orme"] == (2,)


def test_every_fact_is_in_one_list_only(ferry: StoryFacts) -> None:
    lists = (ferry.by_all, ferry.by_most, ferry.by_some, ferry.by_one)
    counts = [{len(told.reports) for told in told_of} for told_of in lists]
    assert counts[0] == {3}
    assert counts[1] == {2}
    assert counts[2] == set()
    assert counts[3] == {1}


def test_of_two_reports_a_fact_is_of_both_or_of_one() -> None:
    found = story_facts(FERRY[:2])
    assert found.by_all
    assert found.by_one
    assert (found.by_most, found.by_some) == ((), ())


def test_two_of_four_are_some_and_three_are_most() -> None:
    names = ("Ilse Brandt", "Otto Kaminsky")
    said = "{} spoke at the harbour on Monday. {} spoke there too."
    reports = [
        Article("a", said.format(*names)),
        Article("b", said.format(*names)),
        Article("c", f"Nobody but {names[0]} spoke there, and then the rain began to fall."),
        Article("d", "The rain fell on the harbour, and everybody went home again early."),
    ]
    found = story_facts(reports)
    assert names[0] in texts(found.by_most)
    assert names[1] in texts(found.by_some)


def test_spellings_are_kept_report_by_report() -> None:
    names = ("000_bb5fe9f4d5d8fbea.txt", "002_1f8b4ef79c703c32.txt", "visit-2025-wire")
    found = story_facts([ARTICLES[name] for name in names])
    president = next(told for told in found.by_all if "Zelensk" in told.text)
    assert president.texts == ("Volodymyr Zelenskiy", "Volodymyr Zelensky", "Volodymyr Zelenskiy")


def test_equal_measures_are_one_fact_and_equal_counts_are_not() -> None:
    found = story_facts(
        [
            Article("a", "The pause should last 30 days, said Anna Berg. It hit three roads."),
            Article("b", "After a further 30 days without rain Kim Sol saw three of them."),
        ]
    )
    assert "30 days" in texts(found.by_all)
    assert "30 days" not in texts(found.by_one)


def test_overlap_is_symmetric_and_one_with_itself(ferry: StoryFacts) -> None:
    for i in range(3):
        assert ferry.overlap[i][i] == 1.0
        for j in range(3):
            assert ferry.overlap[i][j] == ferry.overlap[j][i]
            assert 0.0 <= ferry.overlap[i][j] <= 1.0
    assert ferry.overlap[0][2] > ferry.overlap[0][1] > 0.1


@pytest.mark.parametrize("number", [0, 1, MOST_REPORTS + 1])
def test_too_few_and_too_many_reports_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match=f"{number} reports: wanted 2 to 12"):
        story_facts([Article(str(i), "x") for i in range(number)])


def test_reports_without_words_have_no_facts() -> None:
    found = story_facts([Article("a", ""), Article("b", "")])
    assert (found.by_all, found.by_one) == ((), ())
    assert found.overlap[0][1] == 0.0


def test_what_the_others_copy_stands_for_a_group_of_copies() -> None:
    held = replace(member(1, copies="x"), to="m2", relation="contained")
    holder = replace(member(2, copies="x"), to="m0", relation="same_story")
    members = (member(0), held, holder, member(3))
    assert [m.id for m in Story("s", members).reports] == ["m0", "m2", "m3"]


def test_as_many_reports_stand_as_the_story_has() -> None:
    same = tuple(replace(member(i, copies="x"), to="gone") for i in range(3))
    assert len(Story("s", same).reports) == 1


def test_a_story_of_many_reports_has_them_all() -> None:
    story = Story("s", tuple(member(i) for i in range(40)))
    assert [m.id for m in story.reports] == [f"m{i}" for i in range(40)]


NAMES = [f"Person{i}" for i in range(60)]
GIVEN = StoryFacts(
    tuple("abcd"),
    (
        Told("name", "World War Two", (0, 1, 2, 3), ("World War Two", "WWII", "WWII", "WWII")),
        Told("date", "May 6", (0, 1, 2, 3), ("May 6", "May 6", "Monday", "may 6")),
    ),
    (Told("name", "[bold]x[/]\x1b[31m", (0, 1, 3), ("[bold]x[/]\x1b[31m",) * 3),),
    (Told("number", "41 million", (1, 2), ("41 million", "41 million")),),
    (
        Told("name", "大阪市", (0,), ("大阪市",)),
        Told("quotation", "we will " * 40, (2,), ("we will " * 40,)),
        *(Told("name", name, (3,), (name,)) for name in NAMES),
    ),
    ((1, 0.05, 0.31, 1.0), (0.05, 1, 0.15, 0.5), (0.31, 0.15, 1, 0.7), (1.0, 0.5, 0.7, 1)),
)
REPORTS = [
    member(0, "Mayor opens bridge"),
    member(1, "\x1b[2Jhostile [red]headline\u202e"),
    member(2, "大阪市の橋 " * 12),
    member(3),
]


class Latin(io.StringIO):
    """A pipe into a program that reads ASCII."""

    encoding = "ascii"


def page(width: int = 80, out: io.StringIO | None = None) -> str:
    out = out or io.StringIO()
    story = Story("s", (*REPORTS, member(4)))
    render_facts(GIVEN, REPORTS, story, make_console(out, width=width))
    return out.getvalue()


DOCUMENTS = {
    "facts_80": page,
    "facts_160": lambda: page(160),
    "facts_ascii_80": lambda: page(out=Latin()),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_page_looks_as_it_was_approved(name: str) -> None:
    path = GOLDEN / f"{name}.txt"
    text = DOCUMENTS[name]()
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [40, 59, 80, 100, 160])
def test_no_line_is_wider_than_the_page(width: int) -> None:
    assert max(map(cell_len, page(width).splitlines())) <= width


def test_hostile_facts_and_headlines_come_out_as_plain_words() -> None:
    assert "[bold]x[/] (1, 2, 4)" in page()
    assert not CONTROLS.search(page())


def test_reports_that_were_left_out_are_counted() -> None:
    assert "5 independent reports, the first 4 below" in page()


def test_many_facts_are_cut_and_counted() -> None:
    assert "Person23 · and 36 more" in " ".join(page(160).split())


def test_the_matrix_gives_each_cosine_as_shade_and_number() -> None:
    rows = [line.split() for line in page().splitlines()[-4:]]
    assert rows[0] == ["1", "-", ".05", "▒.31", "█1.0"]
    assert rows[1] == ["2", ".05", "-", "░.15", "▓.50"]


def test_ascii_gets_ascii_shades() -> None:
    text = page(out=Latin())
    assert text.isascii()
    assert "=.31 #1.0" in text


@settings(max_examples=25)
@given(st.text(max_size=60), st.integers(40, 170))
def test_no_fact_whatever_breaks_the_page(text: str, width: int) -> None:
    facts = StoryFacts(
        ("a", "b"), (Told("name", text, (0, 1), (text, text[::-1])),), (), (),
        (Told("quotation", text, (1,), (text,)),), ((1, 0.2), (0.2, 1)),
    )  # fmt: skip
    out = io.StringIO()
    reports = [member(0, text), member(1)]
    render_facts(facts, reports, Story("s", tuple(reports)), make_console(out, width=width))
    assert not CONTROLS.search(out.getvalue())
    assert max(map(cell_len, out.getvalue().splitlines())) <= width


def run(capsysbinary: pytest.CaptureFixture[bytes], *args: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["report", *args])
    out, err = capsysbinary.readouterr()
    return ended.value.code, out.decode(), err.decode()


def test_the_report_shows_facts_below_its_stories(capsysbinary) -> None:
    code, out, err = run(capsysbinary, "-q", "--facts", str(FIXTURES))
    assert (code, err) == (0, "")
    assert out.index("stand alone") < out.index("Facts: ")
    ferry = out.split("Facts: Nine dead")[1]
    assert re.search(r"all 3 +names .*Halcyon Star", ferry)
    assert "Facts: " not in run(capsysbinary, "-q", str(FIXTURES))[1]


@pytest.mark.parametrize("other", [["--json"], ["--copies-only"], ["--explain", "ferry-wire"]])
def test_facts_go_with_the_stories_only(capsysbinary, other: list[str]) -> None:
    code, out, err = run(capsysbinary, "-q", "--facts", *other, str(FIXTURES))
    assert (code, out) == (2, "")
    assert "--facts goes with the stories on a terminal only" in err


@pytest.mark.parametrize("width", [40, 80, 160])
def test_a_story_of_many_facts_takes_a_screen_or_two(width: int) -> None:
    n, facts = 12, 400

    def told(kind: str, i: int, reports: tuple[int, ...]) -> Told:
        text = f"{kind} number {i} of this story"
        return Told(kind, text, reports, (text,) * len(reports))

    kinds = ("name", "number", "date", "quotation")
    ids = tuple(f"m{i}" for i in range(n))
    every = StoryFacts(
        ids,
        *(
            tuple(told(kind, i, reports) for kind in kinds for i in range(facts))
            for reports in (tuple(range(n)), (0, 1, 2, 3, 4, 5, 6), (1, 2))
        ),
        tuple(told(kind, i, (r,)) for r in range(n) for kind in kinds for i in range(facts)),
        tuple(tuple(1.0 if i == j else 0.1 for i in range(n)) for j in range(n)),
    )
    reports = [member(i, f"Report {i}") for i in range(n)]
    out = io.StringIO()
    render_facts(every, reports, Story("s", tuple(reports)), make_console(out, width=width))
    lines = out.getvalue().splitlines()
    wrapped = 30 if width < 80 else 0  # one fact may take more than its two lines
    assert len(lines) <= 3 * 4 * 2 + 2 * n + 2 * n + 10 + wrapped
    assert all(cell_len(line) <= width for line in lines)
    assert sum("more" in line for line in lines) >= 3 * 4 + n
