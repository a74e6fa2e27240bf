"""Indexes and arrays that were changed at random: no crash, no hang, no error of another kind.

The scenarios of ``python -m soak mutated flipped`` and ``tools/fuzz_kernels.py`` at a small size.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from dedupe.index import open_index
from dedupe.index.salvage import salvaged
from dedupe.index.sqlite.file import PAGE
from soak import flipped, mutated
from soak.__main__ import main
from soak.behind import connected, summed
from soak.findings import Findings
from soak.mutations import TABLES, is_crafted, mutate
from soak.varied import LARGE, SMALL, Stock, stocked

TOOL = Path(__file__).parent.parent / "tools" / "fuzz_kernels.py"
PAGE_KINDS = {2: "inner of keys", 5: "inner of rows", 10: "leaf of keys", 13: "leaf of rows"}


@pytest.fixture(autouse=True)
def untraced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # it would count as their memory


def test_whatever_is_changed_the_answers_are_as_before_or_damage_is_told(tmp_path: Path) -> None:
    findings = Findings(print)
    mutated.run(16, tmp_path, findings)
    assert findings.broken == []
    assert findings.measured["told by verify(), or refused"] > 0


def test_of_flipped_bits_none_changes_an_answer_in_silence(tmp_path: Path) -> None:
    findings = Findings(print)
    flipped.run(8, tmp_path, findings, first=1)
    assert findings.broken == []
    assert findings.measured["found by verify(), or refused"] > 0


def test_the_small_index_has_each_kind_of_row_and_answer_that_the_large_one_has(
    tmp_path: Path,
) -> None:
    small, large = (set(_kinds(tmp_path / f"{len(s.held)}", s)) for s in (SMALL, LARGE))
    assert {("table", table) for table in TABLES} <= small
    assert {("page", kind) for kind in PAGE_KINDS.values()} <= large
    assert large - small <= {("page", "inner of keys")}


def _kinds(path: Path, stock: Stock) -> Iterator[tuple[object, ...]]:
    """Of an index: tables with rows, changes and runs, forms and kinds of answers, pages."""
    stocked(path, stock)
    with closing(connected(path)) as database:
        for table in TABLES:
            if database.execute(f"SELECT 1 FROM {table}").fetchone():
                yield "table", table
        yield from database.execute("SELECT DISTINCT 'change', event FROM log")
        yield from database.execute("SELECT DISTINCT 'run', state, level FROM run")
        for column in ("verdict", "text"):
            for (packed,) in database.execute(f"SELECT {column} FROM cold"):
                yield from _forms(json.loads(zlib.decompress(packed)), column)
    with open_index(path) as index:
        for article in index.articles():
            yield "answer", article.verdict.relation
            yield from (("match", match.relation) for match in article.verdict.matches)
    content = path.read_bytes()
    for first in (100, *range(PAGE, len(content), PAGE)):
        if kind := PAGE_KINDS.get(content[first]):
            yield "page", kind


def _forms(value: object, where: str) -> Iterator[tuple[str, str]]:
    """What stands where in JSON: of which type, and whether there is anything in it."""
    yield where, f"{type(value).__name__} {bool(value)}"
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _forms(one, f"{where}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from _forms(one, f"{where}[]")


def test_a_mutation_is_the_same_each_time_and_tells_whether_sums_were_made_anew(
    tmp_path: Path,
) -> None:
    sound, path = tmp_path / "sound", tmp_path / "changed"
    stocked(sound, SMALL)
    found = []
    for turn in [*range(30)] * 2:
        path.write_bytes(sound.read_bytes())
        done = mutate(path, random.Random(turn))
        found.append((done, path.read_bytes()))
        summed_anew = summed(path.read_bytes()) == path.read_bytes()
        assert is_crafted(done) == summed_anew, done
    assert found[:30] == found[30:]
    assert len(set(found)) > 20
    assert {is_crafted(done) for done, _ in found} == {True, False}


@pytest.mark.parametrize("table", ["fence", "block"])
def test_what_lies_under_another_number_is_told_before_a_merge_stumbles_over_it(
    tmp_path: Path, table: str
) -> None:
    path = tmp_path / "changed"
    stocked(path, SMALL)
    with closing(connected(path)) as database, database:
        database.execute(f"UPDATE {table} SET id = id + 1 WHERE id = (SELECT max(id) FROM {table})")
    with open_index(path) as index:
        assert any("blocks or fences under other numbers" in told for told in index.verify())


def test_an_article_that_is_marked_different_from_itself_is_not_salvaged(tmp_path: Path) -> None:
    path, new = tmp_path / "changed", tmp_path / "new"
    stocked(path, SMALL)
    with closing(connected(path)) as database, database:
        database.execute("UPDATE different SET other = one")
    salvaged(path, new, lambda _: None)
    with open_index(new) as index:
        assert (index.differences(), list(index.verify())) == ((), [])


def test_only_cases_with_numbers_have_a_first_one() -> None:
    for names in (["kill"], ["mutated", "kill"], []):
        told = CliRunner().invoke(main, [*names, "--first", "7", "--size", "1"])
        assert told.exit_code == 2
        assert "only the cases of mutated and flipped have numbers" in told.output


def test_kernels_refuse_arrays_that_do_not_fit() -> None:
    ran = subprocess.run(
        [sys.executable, TOOL, "--normal", "--cases", "20000"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "20,000 cases" in ran.stdout
    assert ", 0 finds" in ran.stdout
