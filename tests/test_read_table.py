"""CSV, TSV and Parquet."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from read_harness import Result, article, written

from dedupe.errors import SourceError
from dedupe.read import FieldKeys
from dedupe.read.markup import plain_text

HEADER = "id,title,text,date\n"


def test_rows_become_articles(tmp_path: Path) -> None:
    data = HEADER + '1,One,"First, with comma",2025-05-04\n2,Two,"a ""quote""\nand a line",\n'
    result = Result(written(tmp_path, "a.csv", data))
    one, two = result.articles
    assert (one.id, one.title, one.text) == ("1", "One", "First, with comma")
    assert one.date == datetime(2025, 5, 4, tzinfo=UTC)
    assert (two.text, two.date) == ('a "quote"\nand a line', None)
    assert not result.rejections


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_header_tells_the_delimiter(tmp_path: Path, delimiter: str, end: str) -> None:
    rows = [["id", "text"], ["1", "one, two; three"], ["2", "x"]]
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    result = Result(written(tmp_path, "a.csv", file.getvalue()))
    assert result.texts == ["one, two; three", "x"]


def test_tabs_divide_a_tsv(tmp_path: Path) -> None:
    result = Result(written(tmp_path, "a.tsv", "id\ttext, all of it\n1\tx\n"), keys=_text_key())
    assert result.texts == ["x"]


def _text_key() -> FieldKeys:
    return FieldKeys(text="text, all of it")


def test_a_compressed_table_is_read(tmp_path: Path) -> None:
    data = gzip.compress((HEADER + "1,One,First,\n").encode())
    assert Result(written(tmp_path, "a.csv.gz", data)).texts == ["First"]


def test_rows_of_another_width_are_rejected_with_their_line(tmp_path: Path) -> None:
    data = HEADER + '1,One,"two\nlines",\n2,Two\n\n3,Three,a,b,c\n,,,\n4,Four,x,\n'
    result = Result(written(tmp_path, "a.csv", data))
    assert result.ids == ["1", "4"]
    assert result.reasons == [
        (4, "2 columns, the header has 4"),
        (6, "5 columns, the header has 4"),
    ]
    assert [r.raw for r in result.rejections] == [b"2,Two", b"3,Three,a,b,c"]


def test_a_quote_left_open_costs_only_its_own_line(tmp_path: Path) -> None:
    data = HEADER + '1,One,a,\n2,Two,"open,\n3,Three,b,\n4,Four,c,\n'
    result = Result(written(tmp_path, "a.csv", data))
    assert result.ids == ["1", "3", "4"]
    assert result.reasons == [(3, "broken table row: a quote is opened here and never closed")]
    assert result.rejections[0].raw == b'2,Two,"open,'


def test_a_quote_left_open_before_another_costs_only_its_own_line(tmp_path: Path) -> None:
    data = HEADER + '1,One,"open,\n2,Two,b,\n3,Three,"c",\n4,Four,d,\n'
    result = Result(written(tmp_path, "a.csv", data))
    assert result.ids == ["2", "3", "4"]
    assert [line for line, _ in result.reasons] == [2]


def test_text_behind_a_closing_quote_is_rejected(tmp_path: Path) -> None:
    data = HEADER + '1,One,"a\nquote "b" inside",\n2,Two,x,\n'
    result = Result(written(tmp_path, "a.csv", data))
    assert result.ids == ["2"]
    ((line, reason),) = result.reasons
    assert line == 2
    assert reason.startswith("broken table row (to line 3): text stands between a closing quote")


def test_a_long_field_is_read(tmp_path: Path) -> None:
    text = "harbour " * 100_000
    assert Result(written(tmp_path, "a.csv", f"id,text\n1,{text}x\n")).texts == [text + "x"]


def test_other_encodings_are_recognised(tmp_path: Path) -> None:
    text = "Мэр города открыл новую гавань и поблагодарил строителей за их труд."
    for encoding in ("utf-8-sig", "utf-16", "cp1251"):
        data = ("id,text\n" + "".join(f"{n},{text}\n" for n in range(20))).encode(encoding)
        assert set(Result(written(tmp_path, "a.csv", data)).texts) == {text}


def test_a_row_with_spoilt_bytes_in_a_utf8_table_is_rejected(tmp_path: Path) -> None:
    rows = "".join(f"{n},Die Küche brennt für längere Zeit\n" for n in range(50)).encode()
    data = b"id,text\n" + rows + b"x,caf\xe9\n" + b"y,fine\n"
    result = Result(written(tmp_path, "a.csv", data))
    assert result.reasons == [(52, "not UTF-8 at byte 6 of line 52")]
    assert len(result.articles) == 51


def test_columns_of_the_same_name_do_not_hide_each_other(tmp_path: Path) -> None:
    data = "id,text,text,,\n1,first,second,x,y\n"
    (read,) = Result(written(tmp_path, "a.csv", data)).articles
    assert read.text == "first"


def test_a_table_without_known_columns_names_those_it_has(tmp_path: Path) -> None:
    result = Result(written(tmp_path, "a.csv", "a,b\n1,2\n"))
    assert result.reasons[0][1].endswith("name the field of the text with --text-key; fields: a, b")
    assert Result(tmp_path / "a.csv", keys=FieldKeys(text="b")).texts == ["2"]


def test_a_table_of_a_header_alone_holds_no_articles(tmp_path: Path) -> None:
    result = Result(written(tmp_path, "a.csv", HEADER))
    assert (result.articles, result.rejections) == ([], [])


def test_a_broken_header_is_an_error_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", 'id,"text\n1,x\n')
    with pytest.raises(SourceError, match=r"a\.csv: broken table header"):
        Result(path)


def test_a_table_whose_archive_ends_early_is_read_up_to_there(tmp_path: Path) -> None:
    rows = "".join(f"{n},Title,Text {n * 7919},\n" for n in range(3000))
    data = gzip.compress((HEADER + rows).encode())
    result = Result(written(tmp_path, "a.csv.gz", data[: len(data) // 2]))
    last = result.rejections[-1]
    assert "the archive ends early" in last.reason
    assert len(result.articles) > 1000
    assert result.ids == [str(n) for n in range(len(result.ids))]


_cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_cells, _cells), max_size=8))
def test_every_table_that_csv_writes_is_read_whole(
    tmp_path: Path, rows: list[tuple[str, str]]
) -> None:
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("title", "text", "n"), *((a, b, str(n)) for n, (a, b) in enumerate(rows))])
    result = Result(written(tmp_path, "a.csv", file.getvalue()))
    assert not result.rejections
    wanted = ["" if b.isspace() else plain_text(b).replace("\0", " ") for _, b in rows]
    assert [t if t.strip() else "" for t in result.texts] == [
        w if w.strip() else "" for w in wanted
    ]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text('ab,"\n1', max_size=60))
def test_no_table_is_fatal(tmp_path: Path, body: str) -> None:
    result = Result(written(tmp_path, "a.csv", "id,text\n" + body))
    assert len(set(result.ids)) == len(result.ids)


def parquet(folder: Path, columns: dict[str, Any], **options: Any) -> Path:
    path = folder / "a.parquet"
    pq.write_table(pa.table(columns), path, **options)
    return path


def hour(n: int) -> datetime:
    """A time without a zone, as Parquet has them."""
    return datetime(2025, 5, 4, n, tzinfo=UTC).replace(tzinfo=None)


def test_parquet_is_read_by_row_group(tmp_path: Path) -> None:
    records = [article(n, date=hour(n % 24)) for n in range(50)]
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(records), path, row_group_size=7)
    result = Result(path, batch_bytes=5000)
    assert result.ids == [f"a{n}" for n in range(50)]
    assert result.articles[9].date == datetime(2025, 5, 4, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("dates", "wanted"),
    [
        (pa.array([date(2025, 5, 4)]), datetime(2025, 5, 4, tzinfo=UTC)),
        (pa.array([1746316800000000123], pa.timestamp("ns")), datetime(2025, 5, 4, tzinfo=UTC)),
        (pa.array([1746316800], pa.timestamp("s", "Asia/Tokyo")), datetime(2025, 5, 4, tzinfo=UTC)),
        (pa.array([2**60], pa.timestamp("us")), None),
        (pa.array([2**31 - 1], pa.date32()), None),
        (pa.array([None], pa.timestamp("us")), None),
        (pa.array(["2025-05-04"]).dictionary_encode(), datetime(2025, 5, 4, tzinfo=UTC)),
    ],
)
def test_times_of_every_parquet_type_are_read(
    tmp_path: Path, dates: pa.Array, wanted: datetime | None
) -> None:
    (read,) = Result(parquet(tmp_path, {"text": ["x"], "date": dates})).articles
    assert read.date == wanted


def test_parquet_values_of_other_types_are_minded(tmp_path: Path) -> None:
    columns = {
        "id": pa.array([1.0, 2.0, None, 4.0]),
        "text": pa.array([b"caf\xc3\xa9", b"\xff", b"x", None]),
        "title": pa.array(["a", "b", "c", "d"]),
        "metadata": pa.array([{"source": "Harbour News", "junk": [1]}] * 4),
        "embedding": pa.array([[0.1, 0.2]] * 4),
    }
    result = Result(parquet(tmp_path, columns))
    assert result.texts == ["café", "x", ""]
    assert result.ids[0] == "1"
    assert result.ids[2] == "4"
    assert {a.source for a in result.articles} == {"Harbour News"}
    assert result.reasons == [(2, "text is not UTF-8 at byte 1")]


def test_a_parquet_string_that_is_no_utf8_is_rejected(tmp_path: Path) -> None:
    spoilt = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff")]
    )
    result = Result(parquet(tmp_path, {"id": ["1", "2"], "text": spoilt}))
    assert result.texts == ["a"]
    assert result.reasons == [(2, "text is not UTF-8 at byte 1")]


def test_fields_inside_a_struct_can_be_named(tmp_path: Path) -> None:
    path = parquet(tmp_path, {"a": pa.array([{"b": "inner", "c": 1}]), "text": ["outer"]})
    assert Result(path, keys=FieldKeys(text="a.b")).texts == ["inner"]


def test_a_rejected_parquet_row_is_kept_as_json(tmp_path: Path) -> None:
    result = Result(parquet(tmp_path, {"id": [1], "body": pa.array([[1, 2]])}))
    assert result.rejections[0].raw == b'{"id":1,"body":[1,2]}'


def test_a_file_that_is_no_parquet_is_an_error_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.parquet: broken Parquet file"):
        Result(written(tmp_path, "a.parquet", b"PAR1 not at all"))


def test_a_spoilt_row_group_is_rejected_and_the_others_read(tmp_path: Path) -> None:
    records = [article(n, text=f"Text {n} " * 50) for n in range(30)]
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(records), path, row_group_size=10, write_page_checksum=True)
    column = pq.ParquetFile(path).metadata.row_group(1).column(2)
    data = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    data[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(data)
    result = Result(path)
    assert result.ids == [f"a{n}" for n in [*range(10), *range(20, 30)]]
    ((line, reason),) = result.reasons
    assert line == 11
    assert reason.startswith("rows 11 to 20 cannot be read")


ROWS = "1{d}The crane fell{d}It fell on Friday.\r\n2{d}No one hurt{d}They said so.\r\n"


@pytest.mark.parametrize(
    ("before", "delimiter"),
    [
        ("sep=;\r\n", ";"),
        ("\ufeffsep=|\n", "|"),
        ('"sep=,"\n\n', ","),
        ("News of May\n\n", ","),
        ("News of May, printed on Friday;;\n;;\n", ";"),
        ("Export\tdesk\t\n", "\t"),
        ("", "^"),
        ("", "\x1f"),
        ("# made by a tool\n", "~"),
    ],
)
def test_a_table_of_a_spreadsheet_may_begin_with_other_lines(
    tmp_path: Path, before: str, delimiter: str
) -> None:
    data = before + delimiter.join(["id", "Headline", "Full text"]) + "\n"
    path = written(tmp_path, "a.csv", data + ROWS.format(d=delimiter))
    result = Result(path)
    assert [(a.id, a.title, a.text) for a in result.articles] == [
        ("1", "The crane fell", "It fell on Friday."),
        ("2", "No one hurt", "They said so."),
    ]
    assert not result.rejections


def test_quotes_may_be_escaped_by_a_backslash(tmp_path: Path) -> None:
    data = 'id,title,text\n1,"A ""b"" c","d"\n'
    assert Result(written(tmp_path, "a.csv", data)).articles[0].title == 'A "b" c'
    data = 'id,title,text\n1,"He said \\"no, never\\" twice","x, y"\n2,t,"C:\\\\new"\n'
    one, two = Result(written(tmp_path, "b.csv", data)).articles
    assert (one.title, one.text, two.text) == ('He said "no, never" twice', "x, y", "C:\\new")


def test_delimiters_behind_the_last_column_are_no_columns(tmp_path: Path) -> None:
    result = Result(written(tmp_path, "a.csv", "id;title;text\n1;t;x;;\n2;t;x;;y\n"))
    assert result.ids == ["1"]
    assert result.reasons == [(3, "5 columns, the header has 3")]


@pytest.mark.parametrize(
    "text",
    [
        "Der Bürgermeister sagte: „Das ist gut“ – und ging über die Brücke nach Süden.",
        "It isn’t clear why the council’s cost rose to £5 million… “None of us knows”.",
        "L’élève a mangé une crème brûlée à la préfecture, où l’on dansait déjà.",
    ],
)
def test_tables_of_windows_in_western_europe_are_recognised(tmp_path: Path, text: str) -> None:
    data = f"id;title;text\n1;t;{text}\n".encode("cp1252")
    assert Result(written(tmp_path, "a.csv", data)).texts == [text]
