"""What older versions of an index stored is read as it was meant.

``data/index_v1.index.gz`` was made by the code of schema version 1, ``data/index_v1.jsonl.gz`` is
its export by the same code, ``data/answer_v1.json`` an answer in it, as bytes and as it was shown.
"""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from index_corpus import counted

import dedupe.config
from dedupe.errors import DamagedError, FingerprintError, NotAnIndexError
from dedupe.evidence import FEATURES
from dedupe.index import open_index
from dedupe.index.answers import CODES, restored, stored_form
from dedupe.index.exchange import export_lines
from dedupe.model import Evidence
from dedupe.story import COMPANY
from soak.behind import connected

DATA = Path(__file__).parent / "data"
ANSWER = json.loads((DATA / "answer_v1.json").read_text("utf-8"))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """An index of schema version 1."""
    path = tmp_path / "old.index"
    path.write_bytes(gzip.decompress((DATA / "index_v1.index.gz").read_bytes()))
    return path


def version(path: Path) -> int:
    with closing(connected(path)) as database:
        return database.execute("PRAGMA user_version").fetchone()[0]


def test_an_index_of_other_signatures_is_refused_with_a_way_out(old: Path) -> None:
    with pytest.raises(FingerprintError, match="index export with that version"):
        open_index(old)


def test_an_old_index_is_brought_up_to_date_and_means_what_it_meant(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its signatures are those of version 1, which are not looked at here.
    monkeypatch.setattr(dedupe.config, "ALGORITHM_VERSION", 1)
    export = gzip.decompress((DATA / "index_v1.jsonl.gz").read_bytes()).splitlines(keepends=True)
    assert version(old) == 1
    with open_index(old, create=False) as index:
        assert list(index.verify()) == []
        assert list(map(as_of_then, export_lines(index))) == list(map(json.loads, export))
        articles = [held.article for held in index.articles()]
        index.check(articles[0])
        found = counted(index._finder.tallies)
    assert version(old) == 3
    with open_index(tmp_path / "new.index") as other:
        other.admit_many(articles)
        other.check(articles[0])
        assert found == counted(other._finder.tallies)


def as_of_then(line: bytes) -> dict[str, Any]:
    """A line of an export without what no version told of then: shares, and settings of those."""
    row: dict[str, Any] = json.loads(line)
    for name in ("edited", "quoted", "memory"):
        row.get("settings", {}).pop(name, None)
    for match in row.get("verdict", {}).get("matches", ()):
        assert match["scores"].pop("share") is None
    return row


def test_an_old_index_is_not_changed_by_one_who_may_only_read(old: Path) -> None:
    before = old.read_bytes()
    with pytest.raises(NotAnIndexError, match="open it once for writing"):
        open_index(old, read_only=True)
    assert old.read_bytes() == before


@pytest.mark.parametrize("stored", [b"", b"no archive", b"PK\3\4" + bytes(40)])
def test_frequencies_that_cannot_be_read_are_damage_and_left_as_they_are(old, stored) -> None:
    with closing(connected(old)) as database, database:
        database.execute("UPDATE tallies SET tallies = ?", (stored,))
    with pytest.raises(DamagedError, match="document frequencies"):
        open_index(old)
    assert version(old) == 1


def test_an_old_answer_says_what_it_said() -> None:
    answer = asdict(restored(ANSWER["id"], frozen()))
    for match in answer["matches"]:
        assert match["scores"].pop("share") is None
    assert json.loads(json.dumps(answer)) == {
        **ANSWER["answer"],
        "corrects": False,
        "added": [],
        "mentions": [],
    }


def frozen() -> bytes:
    return bytes.fromhex(ANSWER["bytes"])


def test_evidence_keeps_its_number_whatever_is_added() -> None:
    """The numbers are those of the frozen answer, in which the first ten stand."""
    shown = [part["name"] for part in ANSWER["answer"]["matches"][0]["evidence"]]
    assert sorted(CODES.values())[:10] == list(range(10))
    names = list(CODES)[:10]
    labels = {feature.name: feature.label for feature in FEATURES}
    assert shown == [*(labels[name] for name in names[:7]), *COMPANY[:2], COMPANY[-1]]


def test_evidence_that_is_not_known_is_shown_under_its_own_name() -> None:
    answer = restored(ANSWER["id"], frozen())
    match = answer.matches[0]
    more = (Evidence("what no version knows", "1", 0.5), *match.evidence)
    answer = replace(answer, matches=(replace(match, evidence=more),))
    assert restored(ANSWER["id"], stored_form(answer)) == answer
