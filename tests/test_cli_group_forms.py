"""What ``dedupe group`` writes by the name of its output: tables that can be joined, and graphs."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import hostile
import pyarrow.parquet as pq
import pytest
from test_cli import RECORDS, dedupe

FIXTURES = Path(__file__).parent.parent / "fixtures/articles"
GRAPH = "{http://graphml.graphdrawing.org/xmlns}"


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    path = tmp_path_factory.mktemp("group") / "groups.jsonl"
    ran = dedupe("group", FIXTURES, "-o", path)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.endswith(f"dedupe: {path}: 41 articles\n")
    return lines_of(path)


def test_without_a_name_the_same_lines_go_to_standard_output(objects) -> None:
    assert dedupe("group", FIXTURES).rows == objects
    assert dedupe("group", FIXTURES, "-o", "-").rows == objects


def test_a_name_without_an_ending_gives_lines_and_json_an_array(objects, tmp_path: Path) -> None:
    assert dedupe("group", FIXTURES, "-o", tmp_path / "groups").code == 0
    assert lines_of(tmp_path / "groups") == objects
    assert dedupe("group", FIXTURES, "-o", tmp_path / "groups.json").code == 0
    assert json.loads((tmp_path / "groups.json").read_text("utf-8")) == objects


@pytest.mark.parametrize("name", ["groups.xlsx", "groups.txt.gz"])
def test_a_name_of_no_known_form_is_refused(name: str, tmp_path: Path) -> None:
    ran = dedupe("group", FIXTURES, "-o", tmp_path / name)
    assert (ran.code, ran.out) == (2, "")
    assert "the name does not say in which form" in ran.err
    assert ".graphml" in ran.err
    assert not (tmp_path / name).exists()


def told(row: dict[str, Any]) -> list[Any]:
    """What a table must tell of an article."""
    scores = row["scores"] or dict.fromkeys(("jaccard", "containment", "cosine", "story", "share"))
    names = ("file", "line", "row", "id", "story", "copies", "role", "relation", "to")
    return [*(row[name] for name in names), *scores.values(), row["extends"], row["corrects"]]


def test_parquet_holds_the_same_with_types(objects, tmp_path: Path) -> None:
    path = tmp_path / "groups.parquet"
    assert dedupe("group", FIXTURES, "-o", path).code == 0
    rows = pq.read_table(path).to_pylist()
    assert [list(row.values())[:16] for row in rows] == [told(row) for row in objects]
    assert [json.loads(row["quotes"]) for row in rows] == [row["quotes"] for row in objects]
    assert [json.loads(row["mentions"]) for row in rows] == [row["mentions"] for row in objects]


@pytest.mark.parametrize(("ending", "delimiter"), [(".csv", ","), (".tsv", "\t"), (".csv.gz", ",")])
def test_so_do_tables_of_text(ending: str, delimiter: str, objects, tmp_path: Path) -> None:
    path = tmp_path / f"groups{ending}"
    assert dedupe("group", FIXTURES, "-o", path).code == 0
    open_ = gzip.open if ending.endswith(".gz") else open
    with open_(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=delimiter))[1:]

    def cell(value: Any) -> str:
        return "" if value is None else json.dumps(value) if not isinstance(value, str) else value

    assert [row[:16] for row in rows] == [list(map(cell, told(row))) for row in objects]


def test_each_row_of_a_table_is_found_again(tmp_path: Path) -> None:
    source, out = tmp_path / "news.csv", tmp_path / "out.csv"
    texts = [f"words of article {n} one two three\nfour {n}" for n in range(9)]
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["headline", "body"])
        for n, text in enumerate(texts):
            writer.writerow([f"Number {n}", text])
            if n % 3 == 1:
                file.write("broken\n")
    assert dedupe("group", source, "-o", out, "-q").code == 0
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with out.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [rows[int(row["row"])][1] for row in found] == texts
    lines = source.read_text("utf-8").splitlines()
    assert all(lines[int(row["line"]) - 1].startswith("Number") for row in found)
    assert {row["file"] for row in found} == {str(source)}


def test_rows_of_parquet_count_all(tmp_path: Path) -> None:
    import pyarrow as pa

    source = tmp_path / "news.parquet"
    pq.write_table(pa.table({"text": ["one two three", "", "four five six"]}), source)
    rows = dedupe("group", source).rows
    assert [(row["line"], row["row"]) for row in rows][-1] == (3, 3)


def test_a_graph_holds_each_article_and_each_link(objects, tmp_path: Path) -> None:
    path = tmp_path / "groups.graphml"
    assert dedupe("group", FIXTURES, "-o", path).code == 0
    graph = ET.parse(path).getroot().find(f"{GRAPH}graph")
    assert graph is not None

    def data(element: ET.Element) -> dict[str, str]:
        return {d.get("key", "")[2:]: d.text or "" for d in element.findall(f"{GRAPH}data")}

    nodes = {node.get("id"): data(node) for node in graph.findall(f"{GRAPH}node")}
    assert [node["id"] for node in nodes.values()] == [row["id"] for row in objects]
    assert {node["story"] for node in nodes.values()} == {row["story"] for row in objects}
    assert all(node["headline"] for node in nodes.values())
    links = {
        (nodes[edge.get("source")]["id"], nodes[edge.get("target")]["id"]): data(edge)
        for edge in graph.findall(f"{GRAPH}edge")
    }
    tied = {(row["id"], row["to"]): row for row in objects if row["to"]}
    assert {pair for pair, edge in links.items() if edge["relation"] != "quotation"} == set(tied)
    for pair, row in tied.items():
        assert links[pair]["relation"] == row["relation"]
        assert float(links[pair]["story"]) == row["scores"]["story"]
    quoted = {(row["id"], quote["id"]) for row in objects for quote in row["quotes"]}
    assert quoted <= set(links)
    declared = {key.get("id") for key in ET.parse(path).getroot().findall(f"{GRAPH}key")}
    used = {d.get("key") for d in graph.iter(f"{GRAPH}data")}
    assert used <= declared


def test_a_graph_of_hostile_strings_is_xml_that_says_them(tmp_path: Path) -> None:
    names = [name for name in hostile.STRINGS.values() if name.strip()]
    rows = [{"id": name, "title": name, "text": f"one two {n}"} for n, name in enumerate(names)]
    rows.append({"id": "\u202eid<&>\"'", "title": "x", "text": "three four five"})
    source, path = tmp_path / "news.jsonl", tmp_path / "groups.graphml"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert dedupe("group", source, "-o", path).code == 0
    raw = path.read_text("utf-8")
    assert "\x1b" not in raw
    assert "\u202e" not in raw
    ids = [d.text for d in ET.fromstring(raw).iter(f"{GRAPH}data") if d.get("key") == "n_id"]
    assert "\u202eid<&>\"'" in ids


def test_cells_that_begin_as_formulas_do_stay_and_are_counted(tmp_path: Path) -> None:
    ids = ["=1+1", "@sum", "-5", "plain"]
    rows = [
        {**RECORDS[2], "id": name, "text": f"text of {name} " * n} for n, name in enumerate(ids, 1)
    ]
    source, path = tmp_path / "news.jsonl", tmp_path / "groups.csv"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    ran = dedupe("group", source, "-o", path, "--copies-only")
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["id"] for row in found] == ids
    cells = sum(row[name][:1] in "=+-@" for row in found for name in ("id", "to") if row[name])
    assert f"{path}: {cells} cells would be a formula in a spreadsheet" in ran.err
    assert "formula" not in dedupe("group", source, "-o", tmp_path / "groups.jsonl").err
