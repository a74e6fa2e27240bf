"""What is kept stands as it stood: rows of tables and lines byte for byte, fields in any form."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_cli import dedupe

from dedupe import pipeline
from dedupe.pipeline import analyse

WORDS = [f"w{n}" for n in range(3000)]


def texts(count: int, distinct: int, seed: int = 7) -> list[str]:
    """So many texts, of which so many are different; those that recur are mixed among them."""
    rng = random.Random(seed)
    own = [" ".join(rng.choices(WORDS, k=60)) + '.\nEnd, “quoted” "so".' for _ in range(distinct)]
    found = own + rng.choices(own, k=count - distinct)
    rng.shuffle(found)
    return found


def words(seed: int, count: int) -> list[str]:
    """Words of an article of its own."""
    return random.Random(seed).choices(WORDS, k=count)


def records(count: int = 40, distinct: int = 25) -> list[dict[str, Any]]:
    """Articles with fields that mean nothing here."""
    return [
        {"url": f"https://a.example/{n}", "title": f"Title {n}", "body": text, "note": "=1+1",
         "price": 1.50, "tags": ["a", {"b": None}], "published": f"2026-03-01T10:{n % 60:02d}:00Z"}
        for n, text in enumerate(texts(count, distinct))
    ]  # fmt: skip


def first_of_each(rows: list[dict[str, Any]]) -> list[int]:
    """Places of the rows whose text came nowhere before; they are the earliest, too."""
    seen: dict[str, int] = {}
    for n, row in enumerate(rows):
        seen.setdefault(row["body"], n)
    return sorted(seen.values())


def table(rows: list[dict[str, Any]], delimiter: str, end: str) -> list[str]:
    """The lines of a table, each row with its line breaks: the header first."""
    found = []
    for row in [list(rows[0]), *(list(row.values()) for row in rows)]:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator=end).writerow(row)
        found.append(out.getvalue())
    return found


def chosen(lines: list[str], places: list[int]) -> str:
    return "".join([lines[0], *(lines[place + 1] for place in places)])


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "dos"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semi", "tab", "bar"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-mark", "cp1252"])
def test_each_byte_of_a_row_of_a_table_stays(
    encoding: str, delimiter: str, end: str, tmp_path: Path
) -> None:
    rows = records()
    lines, source, out = table(rows, delimiter, end), tmp_path / "news.csv", tmp_path / "out.csv"

    def encoded(text: str) -> bytes:
        if encoding == "utf-16-be-mark":
            return ("\ufeff" + text).encode("utf-16-be")
        return text.encode(encoding)

    source.write_bytes(encoded("".join(lines)))
    ran = dedupe("keep", source, "-o", out)
    assert ran.code == 0, ran.err
    assert out.read_bytes() == encoded(chosen(lines, first_of_each(rows)))
    assert ran.err == f"dedupe: {out}: 25 articles of 40; 15 left out\n"


def test_a_name_without_an_ending_gives_what_standard_output_gets(tmp_path: Path) -> None:
    source = written(tmp_path / "news.csv", records())
    out, left = tmp_path / "out", tmp_path / "left"
    assert dedupe("keep", source, "-o", out, "--left-out", left).code == 0
    assert out.read_text("utf-8") == dedupe("keep", source).out
    assert all(json.loads(line)["kept"] for line in left.read_text("utf-8").splitlines())
    assert left.stat().st_size


def test_so_does_each_byte_of_a_line(tmp_path: Path) -> None:
    rows = records()
    lines = [json.dumps(row, ensure_ascii=n % 2 == 0) + " \r\n" for n, row in enumerate(rows)]
    lines = [line.replace(", ", " ,\t", 1) for line in lines]
    source, out = tmp_path / "news.jsonl", tmp_path / "out.jsonl"
    source.write_bytes("\n".join(lines).encode())
    assert dedupe("keep", source, "-o", out).code == 0
    assert out.read_bytes() == "".join(lines[place] for place in first_of_each(rows)).encode()


def test_what_has_no_copies_comes_out_as_it_is(tmp_path: Path) -> None:
    source, out = tmp_path / "news.csv", tmp_path / "out.csv"
    source.write_text("".join(table(records(20, 20), ",", "\n")).rstrip("\n"), encoding="utf-8")
    assert dedupe("keep", source, "-o", out).code == 0
    assert out.read_bytes() == source.read_bytes()


def test_rows_that_could_not_be_read_are_told_and_not_written(tmp_path: Path) -> None:
    rows = records(12, 8)
    lines, source = table(rows, ",", "\n"), tmp_path / "news.csv"
    broken = ["too,few\n", "\n", "far,too,many,columns,for,this,table,here\n"]
    source.write_text("".join([lines[0], broken[0], *lines[1:5], *broken[1:], *lines[5:]]), "utf-8")
    ran = dedupe("keep", source, "--left-out", tmp_path / "left.csv")
    stays = first_of_each(rows)
    assert ran.out.replace("\n\n", "\n") == chosen(lines, stays)
    assert "2 records rejected" in ran.err
    with (tmp_path / "left.csv").open(encoding="utf-8", newline="") as file:
        left = [int(row["row"]) for row in csv.DictReader(file)]
    # The first row below the header is 1, and those that are broken count.
    assert left == [n + 2 + (n > 3) for n in range(12) if n not in stays]


FORMS = ["csv", "tsv", "jsonl", "json", "parquet"]


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    """The rows in the form that the name says."""
    form = path.suffix[1:]
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist([{**row, "tags": ["a", "b"]} for row in rows]), path)
    elif form == "json":
        path.write_text(json.dumps({"results": rows}, indent=1), encoding="utf-8")
    elif form == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        path.write_text("".join(table(rows, "," if form == "csv" else "\t", "\n")), "utf-8")
    return path


def read_back(path: Path) -> list[dict[str, Any]]:
    """The rows of a file, all values as the text that JSON makes of them."""
    form = path.suffix[1:]
    if form == "parquet":
        rows = pq.read_table(path).to_pylist()
    elif form in ("json", "jsonl"):
        text = path.read_text("utf-8")
        rows = json.loads(text) if form == "json" else list(map(json.loads, text.splitlines()))
    else:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="," if form == "csv" else "\t"))
    return rows


PLAIN = ("url", "title", "body", "note", "published")


@pytest.mark.parametrize("to", FORMS)
@pytest.mark.parametrize("of", FORMS)
def test_all_fields_go_from_any_form_to_any(of: str, to: str, tmp_path: Path) -> None:
    rows = records()
    out = tmp_path / f"out.{to}"
    assert dedupe("keep", written(tmp_path / f"news.{of}", rows), "-o", out).code == 0
    found, wanted = read_back(out), [rows[place] for place in first_of_each(rows)]
    assert [list(row) for row in found] == [list(rows[0])] * len(wanted)
    assert [[row[name] for name in PLAIN] for row in found] == [
        [row[name] for name in PLAIN] for row in wanted
    ]
    assert {str(row["price"]) for row in found} == {"1.5"}
    tags = found[0]["tags"]
    if isinstance(tags, str) and of not in ("csv", "tsv"):
        tags = json.loads(tags)
    if of not in ("csv", "tsv", "parquet"):
        assert tags == ["a", {"b": None}]


def test_the_schema_of_parquet_stays(tmp_path: Path) -> None:
    rows = records()
    kinds = [
        ("body", pa.string()),
        ("n", pa.int16()),
        ("price", pa.decimal128(5, 2)),
        ("day", pa.date32()),
    ]
    schema = pa.schema(kinds, metadata={"made": "by us"})
    made = pa.Table.from_pylist(
        [{"body": row["body"], "n": n} for n, row in enumerate(rows)], schema
    )
    source, out = tmp_path / "news.parquet", tmp_path / "out.parquet"
    pq.write_table(made, source, row_group_size=7, compression="gzip")
    assert dedupe("keep", source, "-o", out).code == 0
    found = pq.read_table(out)
    assert found.schema.equals(schema, check_metadata=True)
    assert pq.ParquetFile(out).metadata.row_group(0).column(0).compression == "GZIP"
    numbers = found.column("n").to_pylist()
    assert numbers == sorted(numbers)
    assert len({rows[n]["body"] for n in numbers}) == len(numbers) == 25


def test_compressed_and_through_pipes(tmp_path: Path) -> None:
    rows = records()
    lines = table(rows, ";", "\r\n")
    kept, data = chosen(lines, first_of_each(rows)).encode(), "".join(lines).encode()
    source, out = tmp_path / "news.csv.gz", tmp_path / "out.csv.gz"
    source.write_bytes(gzip.compress(data))
    assert dedupe("keep", source, "-o", out).code == 0
    assert gzip.decompress(out.read_bytes()) == kept
    before = out.read_bytes()
    time.sleep(1.1)
    assert dedupe("keep", source, "-o", out).code == 0
    assert out.read_bytes() == before, "the same input makes the same file"
    ran = dedupe("keep", "--format", "csv", "-o", "-", stdin=data)
    assert ran.out.encode() == kept


@pytest.mark.parametrize("per", ["text", "story"])
def test_what_goes_is_told_with_what_stays_for_it(per: str, tmp_path: Path) -> None:
    left = tmp_path / "left.jsonl"
    source = Path(__file__).parent.parent / "fixtures/articles/news.jsonl"
    ran = dedupe("keep", source, "--one-per", per, "--left-out", left)
    stays = {json.loads(line)["id"] for line in ran.out.splitlines()}
    told = [json.loads(line) for line in left.read_text("utf-8").splitlines()]
    ids = [json.loads(line)["id"] for line in source.read_text("utf-8").splitlines()]
    assert [row["id"] for row in told] == [name for name in ids if name not in stays]
    assert [ids[row["row"] - 1] for row in told] == [row["id"] for row in told]
    assert [ids[row["kept_line"] - 1] for row in told] == [row["kept"] for row in told]
    assert {row["kept"] for row in told} <= stays
    grouped = {row["id"]: row for row in dedupe("group", source).rows}
    of = {"text": "copies", "story": "story"}[per]
    assert len(stays) == len({row[of] for row in grouped.values()})
    for row in told:
        assert grouped[row["id"]][of] == grouped[row["kept"]][of]
        if per == "story":
            assert grouped[row["id"]]["scores"] == row["scores"]
            assert grouped[row["id"]]["to"] == row["to"]


def test_records_of_lists_and_lines_of_several_are_written_one_a_line(tmp_path: Path) -> None:
    one, other, third = (" ".join(words(n, 40)) for n in range(3))
    source = tmp_path / "answers.jsonl"
    lists = [
        [{"title": "a", "text": one}, {"title": "b", "text": other}],
        [{"title": "c", "text": other}],
    ]
    lines = [json.dumps({"status": "ok", "articles": found}) for found in lists]
    lines.append(
        json.dumps({"title": "d", "text": third}) + json.dumps({"title": "e", "text": one})
    )
    source.write_text("\n".join(lines), encoding="utf-8")
    rows = dedupe("keep", source).rows
    assert sorted(row["text"] for row in rows) == sorted([one, other, third])
    assert all(set(row) == {"title", "text"} for row in rows)


def test_an_id_of_the_line_before_is_the_records_own(tmp_path: Path) -> None:
    source = tmp_path / "bulk.jsonl"
    actions = [{"index": {"_id": "x1"}}, {"title": "a", "text": " ".join(words(1, 40))}]
    source.write_text("".join(json.dumps(one) + "\n" for one in actions), encoding="utf-8")
    assert dedupe("keep", source).rows == [{"_id": "x1", **actions[1]}]


# What cannot be written


def refused(tmp_path: Path, *files: tuple[str, str], to: str = "out.csv") -> str:
    """What is said of files that make no one table; nothing may be left."""
    for name, text in files:
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    ran = dedupe("keep", *(tmp_path / name for name, _ in files), "-o", tmp_path / to)
    assert ran.code == 2
    assert sorted(tmp_path.iterdir()) == before
    return ran.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("files", "to", "told"),
    [
        ((("a.csv", "title,text\nA,one two\n"), ("b.csv", "title;text\nB;two three\n")), "out.csv", "another header than"),
        ((("a.csv", "title,text\nA,one two\n"), ("b.csv", "text,title\nB b c,C\n")), "out.tsv", "other columns than"),
        ((("a.csv", "title,text\nA,one two\n"), ("b.jsonl", '{"text": "two three"}\n')), "out.csv", "rows of a table: they make no one table"),
        ((("a.txt", "one two\n"), ("b.jsonl", '{"text": "two three"}\n')), "out.parquet", "holds objects, and"),
        ((("a.csv", "title,text\nA,one two\n"),), "out.txt", "the name does not say in which form"),
        ((("a.csv", "title,text\nA,one two\n"),), "none/out.csv", "o such file or directory"),
    ],
)  # fmt: skip
def test_what_makes_no_one_table_is_said_and_nothing_is_written(files, to, told, tmp_path) -> None:
    assert told in refused(tmp_path, *files, to=to)


def test_tables_of_one_header_become_one(tmp_path: Path) -> None:
    one, other = (" ".join(words(n, 40)) for n in range(2))
    (tmp_path / "a.csv").write_text(f"title,text\nA,{one}", encoding="utf-8")
    (tmp_path / "b.csv").write_text(f"\ufefftitle,text\nB,{other}\n", encoding="utf-8")
    (tmp_path / "c.csv").write_text("title,text\n", encoding="utf-8")
    ran = dedupe("keep", *(tmp_path / name for name in ("a.csv", "b.csv", "c.csv")))
    assert ran.out == f"title,text\nA,{one}\nB,{other}\n"


def test_pages_become_articles_with_fields_of_ours(tmp_path: Path) -> None:
    for n, name in enumerate(("a.txt", "b.txt", "c.txt")):
        text = " ".join(words(n % 2, 40))
        (tmp_path / name).write_text(f"A headline of {n % 2}\n\n{text}.\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    assert dedupe("keep", tmp_path, "-o", out).code == 0
    found = read_back(out)
    assert [row["id"] for row in found] == ["a.txt", "b.txt"]
    assert list(found[0]) == ["id", "title", "text", "date", "source", "url", "lang"]


@pytest.mark.posix
def test_a_full_disk_is_told_in_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # it would write a large file, too
    source = written(tmp_path / "news.csv", records(2000, 1900))
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16));"
        "from dedupe.cli import main; main(sys.argv[1:])"
    )
    before = sorted(tmp_path.iterdir())
    for command in ("keep", "group"):
        call = [sys.executable, "-c", code, command, source, "-q", "-o", tmp_path / "out.csv"]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "File too large" in done.stderr
        assert sorted(tmp_path.iterdir()) == before


@pytest.mark.posix
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_parquet_is_not_written_to_a_terminal(unbuffered: str, tmp_path: Path) -> None:
    source = written(tmp_path / "news.parquet", records())
    controller, terminal = os.openpty()
    call = [sys.executable, "-m", "dedupe", "keep", source, "-q"]
    env = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(call, stdout=terminal, stderr=subprocess.PIPE, env=env, check=False)
    os.close(terminal)
    os.close(controller)
    told = b"dedupe: Parquet is no text for a terminal: give --output the name of a file\n"
    assert (done.returncode, done.stderr) == (2, told)


@pytest.mark.posix
@pytest.mark.parametrize("command", ["keep", "group"])
def test_an_interrupt_leaves_the_file_that_was_there(command: str, tmp_path: Path) -> None:
    pipe, out = tmp_path / "pipe", tmp_path / "out.csv"
    os.mkfifo(pipe)
    out.write_text("before", encoding="utf-8")
    call = [sys.executable, "-m", "dedupe", command, pipe, "--format", "csv", "-o", out]
    with subprocess.Popen(call, stderr=subprocess.PIPE) as process, pipe.open("wb") as writer:
        writer.write(b"title,text\nA,one two three\n")
        writer.flush()
        while not list(tmp_path.glob("out.csv.*.part")):
            time.sleep(0.05)
        while process.poll() is None:  # one that comes just before a read is seen after it
            process.send_signal(signal.SIGINT)
            time.sleep(1)
        assert process.returncode == 130
    assert out.read_text("utf-8") == "before"
    assert sorted(tmp_path.iterdir()) == [out, pipe]


def test_a_file_that_changes_meanwhile_is_told(tmp_path: Path, monkeypatch) -> None:
    source, out = written(tmp_path / "news.csv", records()), tmp_path / "out.csv"

    def changing(*given: Any, **more: Any) -> Any:
        found = analyse(*given, **more)
        with source.open("a", encoding="utf-8") as file:
            file.write("a,b,c,d,e,f,g\n")
        return found

    monkeypatch.setattr(pipeline, "analyse", changing)
    ran = dedupe("keep", source, "-o", out)
    assert ran.code == 2
    assert "changed while it was read" in ran.err
    assert not out.exists()


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_versions_and_ids_of_others_stay_with_their_rows(form: str, tmp_path: Path) -> None:
    rng = random.Random(5)
    rows: list[dict[str, Any]] = []
    for n in range(120):
        again = rng.choice(rows) if rows and rng.random() < 0.4 else None
        name = again["id"] if again else f"n{n}"
        place = again["url"] if again and rng.random() < 0.6 else f"https://{n}.example/a"
        body = " ".join(words(n if rng.random() < 0.8 else 0, 60))
        date = f"2026-03-{rng.randint(1, 28):02d}T{rng.randint(0, 23):02d}:10:00Z"
        rows.append({"id": name, "url": place, "title": f"T{n}", "body": body, "published": date})
    source, rejects = tmp_path / f"news.{form}", tmp_path / "rejects.jsonl"
    written(source, rows)
    grouped = dedupe("group", source, "--copies-only", "--rejects", rejects)
    assert grouped.code == 0, grouped.err
    refused = [json.loads(line) for line in rejects.read_text("utf-8").splitlines()]
    assert any(row["older"] for row in refused)
    assert any(row["id"] not in {r["id"] for r in rows} for row in grouped.rows)
    for row in grouped.rows:  # an id that is another's begins with the one that both had
        assert row["id"].startswith(rows[row["row"] - 1]["id"])
    numbers = [row["row"] for row in grouped.rows]
    assert numbers == sorted(set(numbers))
    kept = dedupe("keep", source, "-o", "-")
    assert kept.code == 0, kept.err
    stays = len({row["copies"] for row in grouped.rows})
    lines = kept.out.splitlines()[form == "csv" :]
    assert len(lines) == stays
    whole = set(source.read_text("utf-8").splitlines())
    assert set(lines) <= whole


def test_two_sources_that_number_alike_keep_their_places(tmp_path: Path) -> None:
    names = [("1", "Post"), ("2", "Press"), ("1", "Lamp"), ("2", "Courier")]
    rows = [
        {"id": name, "source": source, "text": " ".join(words(n, 40))}
        for n, (name, source) in enumerate(names)
    ]
    source = tmp_path / "news.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert [row["row"] for row in dedupe("group", source).rows] == [1, 2, 3, 4]
    assert dedupe("keep", source).rows == rows


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_parquet_goes_into_a_pipe(tmp_path: Path, unbuffered: str) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(pa.table({"text": ["Some words of news.", "Some words of news."]}), source)
    ran = subprocess.run(
        [sys.executable, "-m", "dedupe", "keep", source],
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    assert pq.read_table(io.BytesIO(ran.stdout)).num_rows == 1
