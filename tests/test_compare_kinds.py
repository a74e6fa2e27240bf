"""A kind of fact is one entry in one list, a language one file: the commands follow from there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import regex

from dedupe import lexicon
from dedupe.cli import main
from dedupe.compare.facts.kind import Found, Kind, in_each
from dedupe.compare.facts.kinds import KINDS, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedupe.compare.reading import Reading

ADDRESS = regex.compile(r"[\w.]+@[\w-]+(?:\.\w+)+")


def addresses(reading: Reading, taken: Sequence[Found]) -> Iterator[Found]:
    assert not any(taken), "the last of the list is sought first"
    for match in ADDRESS.finditer(reading.text):
        yield Found(*match.span(), match.group().lower())


@pytest.fixture
def dedupe(tmp_path, capsysbinary, monkeypatch):
    """Compares two texts with ``dedupe compare``; gives what it prints."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(a: str, b: str, *options: str, lang: str = "en") -> str:
        paths = []
        for name, text in (("a", a), ("b", b)):
            path = tmp_path / f"{name}.jsonl"
            path.write_text(json.dumps({"id": name, "text": text, "lang": lang}), "utf-8")
            paths.append(str(path))
        with pytest.raises(SystemExit) as ended:
            main(["compare", *paths, *options])
        out, err = capsysbinary.readouterr()
        assert ended.value.code == 0, err
        return out.decode()

    return run


@pytest.fixture
def e_mail() -> Iterator[None]:
    KINDS.append(Kind("address", "e-mail", in_each(addresses)))
    yield
    KINDS.pop()


A = "Write to Press2@Norlight.example or call. The mine at 40.press@karsk.example closed on Monday."
B = "The press office answers at press2@norlight.example until noon on Monday."


@pytest.mark.usefixtures("e_mail")
def test_a_kind_that_is_added_to_the_list_comes_out_as_json(dedupe):
    facts = json.loads(dedupe(A, B, "--json"))["facts"]
    both = [(f["a"]["text"], f["b"]["text"]) for f in facts["both"] if f["a"]["kind"] == "address"]
    assert both == [("Press2@Norlight.example", "press2@norlight.example")]
    assert [f["value"] for f in facts["only_a"] if f["kind"] == "address"] == [
        "40.press@karsk.example"
    ]
    assert "40" not in {f["value"] for f in facts["only_a"]}, "its words are no number too"


@pytest.mark.usefixtures("e_mail")
def test_a_kind_that_is_added_to_the_list_comes_out_as_text_and_as_a_page(dedupe, tmp_path):
    text = dedupe(A, B)
    assert "e-mail     Press2@Norlight.example" in text
    assert "e-mail   40.press@karsk.example" in text
    dedupe(A, B, "--html", str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<h4>E-mail</h4>" in page


def test_without_its_entry_there_is_no_such_kind(dedupe):
    facts = json.loads(dedupe(A, B, "--json"))["facts"]
    assert {f["kind"] for f in facts["only_a"]} <= {"name", "number", "date", "quotation"}
    with pytest.raises(StopIteration):
        kind_of("address")


def test_names_and_labels_of_kinds_are_their_own():
    assert len({kind.name for kind in KINDS}) == len({kind.label for kind in KINDS}) == len(KINDS)
    assert all(len(kind.label) <= 8 for kind in KINDS), "they stand in a column of nine"


ESPERANTO = """
name = "Esperanto"
decimal_comma = true
joiners = ["ĝis"]
over = ["pli ol"]

[cardinals]
2 = "du"
20 = "dudek"

[magnitudes]
3 = "mil"

[units]
day = "tago tagoj tagojn"

[calendar]
months = [["januaro"], ["februaro"], ["marto"], ["aprilo"], ["majo"], ["junio"], ["julio"],
  ["aŭgusto"], ["septembro"], ["oktobro"], ["novembro"], ["decembro"]]
weekdays = [["lundo", "lunde"], ["mardo"], ["merkredo"], ["ĵaŭdo"], ["vendredo"], ["sabato"],
  ["dimanĉo"]]
"""


@pytest.fixture
def esperanto(tmp_path, monkeypatch) -> Iterator[None]:
    """A language that the project has not, from a file."""
    folder = tmp_path / "languages"
    folder.mkdir()
    for path in Path(lexicon.FOLDER).glob("*.toml"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "eo.toml").write_text(ESPERANTO, "utf-8")
    monkeypatch.setattr(lexicon, "FOLDER", folder)
    lexicon.known_codes.cache_clear()
    yield
    lexicon.known_codes.cache_clear()


@pytest.mark.usefixtures("esperanto")
def test_a_language_that_is_added_as_a_file_is_read(dedupe):
    a = "La ŝipo haltis lunde, pli ol dudek du tagojn post la 7 ĝis 10 de majo 2025, kun 3,5 tunoj."
    facts = json.loads(dedupe(a, a, "--json", lang="eo"))["facts"]
    found = {(f["a"]["kind"], f["a"]["value"], f["a"]["unit"]) for f in facts["both"]}
    assert ("number", "22", "day") in found
    assert ("number", "3.5", "tunoj") in found
    assert ("date", "weekday-1", "") in found
    (number,) = [f["a"] for f in facts["both"] if f["a"]["value"] == "22"]
    assert number["qualifier"] == "over"


def test_without_its_file_the_language_is_not_read(dedupe):
    a = "La ŝipo haltis lunde, pli ol dudek du tagojn post la fino, kun 3,5 tunoj."
    facts = json.loads(dedupe(a, a, "--json", lang="eo"))["facts"]
    assert not {f["a"]["value"] for f in facts["both"]} & {"22", "weekday-1"}
