"""What can be added: the examples of ``docs/extending.md`` run, and all else follows from them."""

from __future__ import annotations

import json
import math
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from corpora import FIXTURES
from index_corpus import Event, copy_of
from store_contract import StoreContract

from dedupe import cli, explain_article, lexicon, open_index
from dedupe.cli import main, sources
from dedupe.comparison.facts.kinds import KINDS, kind_of
from dedupe.errors import UnknownFormatError
from dedupe.evidence import FEATURES
from dedupe.index.sqlite.store import MemoryStore
from dedupe.model import Article, Rejection
from dedupe.read import FORMATS, articles_of, read
from dedupe.read.formats import known_format

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parent.parent / "docs" / "extending.md"


def example(heading: str, language: str = "python") -> str:
    """The example below a heading of the page."""
    found = PAGE.read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", found, re.MULTILINE | re.DOTALL)
    return block


def ran(heading: str) -> dict[str, Any]:
    """The names that the example defines, once it has run."""
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(example(heading), f"{PAGE.name}: {heading}", "exec"), names)
    return names


@pytest.fixture
def dedupe(capsysbinary, monkeypatch):
    """Runs a command that must end well; gives what it prints."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main([*arguments])
        out, err = capsysbinary.readouterr()
        assert ended.value.code == 0, err
        return out.decode()

    return run


@pytest.fixture
def compared(dedupe, tmp_path):
    """Compares two texts with ``dedupe compare``; gives what it prints."""

    def run(a: str, b: str, *options: str, lang: str = "en") -> str:
        paths = []
        for name, text in (("a", a), ("b", b)):
            path = tmp_path / f"{name}.jsonl"
            path.write_text(json.dumps({"id": name, "text": text, "lang": lang}), "utf-8")
            paths.append(str(path))
        return dedupe("compare", *paths, *options)

    return run


@pytest.fixture
def e_mail() -> Iterator[None]:
    ran("A kind of fact")
    yield
    KINDS.pop()


A = "Write to Press2@Norlight.example or call. The mine at 40.press@karsk.example closed on Monday."
B = "The press office answers at press2@norlight.example until noon on Monday."


@pytest.mark.usefixtures("e_mail")
def test_a_kind_that_is_added_to_the_list_comes_out_as_json(compared):
    facts = json.loads(compared(A, B, "--json"))["facts"]
    both = [(f["a"]["text"], f["b"]["text"]) for f in facts["both"] if f["a"]["kind"] == "address"]
    assert both == [("Press2@Norlight.example", "press2@norlight.example")]
    assert [f["value"] for f in facts["only_a"] if f["kind"] == "address"] == [
        "40.press@karsk.example"
    ]
    assert "40" not in {f["value"] for f in facts["only_a"]}, "its words are no number too"


@pytest.mark.usefixtures("e_mail")
def test_a_kind_that_is_added_to_the_list_comes_out_as_text_and_as_a_page(compared, tmp_path):
    text = compared(A, B)
    assert "e-mail     Press2@Norlight.example" in text
    assert "e-mail   40.press@karsk.example" in text
    compared(A, B, "--html", str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<h3>E-mail</h3>" in page


def test_without_its_entry_there_is_no_such_kind(compared):
    facts = json.loads(compared(A, B, "--json"))["facts"]
    assert {f["kind"] for f in facts["only_a"]} <= {"name", "number", "date", "quotation"}
    with pytest.raises(StopIteration):
        kind_of("address")


def test_names_and_labels_of_kinds_are_their_own():
    assert len({kind.name for kind in KINDS}) == len({kind.label for kind in KINDS}) == len(KINDS)
    assert all(len(kind.label) <= 8 for kind in KINDS), "they stand in a column of nine"


@pytest.fixture
def esperanto(tmp_path, monkeypatch) -> Iterator[None]:
    """A language that the project has not, from a file."""
    folder = tmp_path / "languages"
    folder.mkdir()
    for path in Path(lexicon.FOLDER).glob("*.toml"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "eo.toml").write_text(example("A language", "toml"), "utf-8")
    monkeypatch.setattr(lexicon, "FOLDER", folder)
    lexicon.known_codes.cache_clear()
    yield
    lexicon.known_codes.cache_clear()


@pytest.mark.usefixtures("esperanto")
def test_a_language_that_is_added_as_a_file_is_read(compared):
    a = "La ŝipo haltis lunde, pli ol dudek du tagojn post la 7 ĝis 10 de majo 2025, kun 3,5 tunoj."
    facts = json.loads(compared(a, a, "--json", lang="eo"))["facts"]
    found = {(f["a"]["kind"], f["a"]["value"], f["a"]["unit"]) for f in facts["both"]}
    assert ("number", "22", "day") in found
    assert ("number", "3.5", "tunoj") in found
    assert ("date", "weekday-1", "") in found
    (number,) = [f["a"] for f in facts["both"] if f["a"]["value"] == "22"]
    assert number["qualifier"] == "over"


def test_without_its_file_the_language_is_not_read(compared):
    a = "La ŝipo haltis lunde, pli ol dudek du tagojn post la fino, kun 3,5 tunoj."
    facts = json.loads(compared(a, a, "--json", lang="eo"))["facts"]
    assert not {f["a"]["value"] for f in facts["both"]} & {"22", "weekday-1"}


CARDS = (
    "A ferry sank\nIt went down off Port Kessel on Friday.\n%%\nNo text\n%%\nFog\nIn the Sound.\n"
)


@pytest.fixture
def cards(tmp_path) -> Iterator[Path]:
    """A file of a format that is added."""
    path = tmp_path / "news.cards"
    path.write_text(CARDS, "utf-8")
    ran("An input format")
    yield path
    FORMATS.pop("cards")


def test_a_format_that_is_added_to_the_table_is_read_by_its_ending_and_by_its_name(cards) -> None:
    rejected: list[Rejection] = []
    other = cards.rename(cards.with_suffix(".of-no-known-kind"))
    batches = read([other], format="cards", on_reject=rejected.append)
    found = [article for batch in batches for article in articles_of(batch)]
    assert [(a.title, a.text) for a in found] == [
        ("A ferry sank", "It went down off Port Kessel on Friday."),
        ("Fog", "In the Sound.\n"),
    ]
    assert [(r.line, r.raw) for r in rejected] == [(2, b"No text")]


def test_a_format_that_is_added_is_read_by_the_commands(dedupe, cards) -> None:
    rows = [json.loads(line) for line in dedupe("group", str(cards.parent), "-q").splitlines()]
    assert len({row["id"] for row in rows}) == 2


def test_without_its_row_there_is_no_such_format(tmp_path) -> None:
    path = tmp_path / "news.cards"
    path.write_text(CARDS, "utf-8")
    with pytest.raises(UnknownFormatError, match="--format"):
        list(read([path]))


def test_the_command_line_names_every_format() -> None:
    assert {known_format(name) for name in sources.FORMATS} == set(FORMATS)


def test_an_output_that_is_added_is_a_command(dedupe, monkeypatch) -> None:
    names = ran("An output")
    monkeypatch.setitem(cli.COMMANDS, "links", "Write which article each one hangs from.")
    monkeypatch.setitem(sys.modules, "dedupe.cli.links", SimpleNamespace(command=names["command"]))
    written = [json.loads(line) for line in dedupe("links", str(FIXTURES), "-q").splitlines()]
    placed = [json.loads(line) for line in dedupe("group", str(FIXTURES), "-q").splitlines()]
    assert len(written) > 10
    assert [(row["id"], row["to"]) for row in written] == [
        (row["id"], row["to"]) for row in placed if row["to"]
    ]
    assert "links" in dedupe("--help")


@pytest.fixture
def hourly() -> Iterator[Any]:
    """A story model with a coefficient for a piece of evidence that is added."""
    yield ran("A piece of evidence")["model"]
    FEATURES.pop()


def at(hour: int, minute: int) -> datetime:
    return datetime(2025, 3, 15, hour, minute, tzinfo=UTC)


def reports() -> list[Article]:
    """Three reports of one event: the first two within an hour."""
    told = [Event(7).report(name, own=20) for name in ("a", "b", "c")]
    dates = [at(8, 0), at(8, 40), at(20, 0)]
    return [replace(article, date=date) for article, date in zip(told, dates, strict=True)]


def weights_of(matches, one: str, other: str) -> list[float]:
    """Weights of the added evidence between two articles, as explanations give them."""
    return [
        part.weight
        for match in matches
        if {match.a, match.b} == {one, other}
        for part in match.evidence
        if part.name == "within the hour"
    ]


def test_evidence_that_is_added_is_in_explanations(hourly) -> None:
    matches = explain_article(reports(), "a", model=hourly)
    assert weights_of(matches, "a", "b") == [0.5]
    assert weights_of(matches, "a", "c") == [0.0]


def test_evidence_that_is_added_is_in_the_answers_of_an_index_and_in_stored_ones(hourly) -> None:
    first, second, _ = reports()
    with open_index("memory:", model=hourly) as index:
        index.admit(first)
        verdict = index.admit(second)
        assert weights_of(verdict.matches, "a", "b") == [0.5]
        again = index.admit(second)
        assert again.replayed
        assert again.matches == verdict.matches


def test_evidence_that_is_added_adds_up_to_the_story_score(hourly) -> None:
    match, *_ = explain_article(reports(), "a", model=hourly)
    total = sum(part.weight for part in match.evidence)
    assert 1 / (1 + math.exp(-total)) == pytest.approx(match.scores.story, abs=1e-4)


def test_without_its_row_there_is_no_such_evidence() -> None:
    assert weights_of(explain_article(reports(), "a"), "a", "b") == []


def test_a_store_that_stands_in_front_of_another_serves_an_index() -> None:
    store = ran("A store")["Counted"](MemoryStore())
    text = Event(1).report("a")
    with open_index(store) as index:
        before = store.locks
        index.admit(text)
        assert store.locks == before + 1
        assert index.check(copy_of(text, "b")).relation == "identical"
        assert store.locks == before + 1, "who only asks takes no lock"
    with open_index(store) as index:
        assert index.get("a") is not None, "the store outlives the index"
    store.close()


class TestCountedStore(StoreContract):
    """The example keeps every promise of a store."""

    @pytest.fixture
    def store(self):
        store = ran("A store")["Counted"](MemoryStore())
        yield store
        store.close()
