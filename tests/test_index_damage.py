"""What stands in an index and can't: each kind is told as damage, by those who ask and by verify."""

from __future__ import annotations

import contextlib
import gzip
import json
import zlib
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

import dedupe.config
from dedupe.errors import DamagedError, RecordError, StoreError
from dedupe.index import Index, answers, open_index, tallies
from dedupe.index.sqlite import SqliteStore
from dedupe.index.tables import merge, postings
from dedupe.index.tables import writer as writing
from dedupe.model import Article
from dedupe.read.budget import USUAL
from soak.behind import connected, summed
from soak.texts import START, News

DATA = Path(__file__).parent / "data"
NEWS = News(3, words=60)
HELD = 60


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with something in every table, and a merge under way."""
    path = tmp_path_factory.mktemp("sound") / "sound.index"
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in (
            (postings, "SEGMENT", 16), (postings, "BLOCK", 8), (merge, "KEYS", 1),
            (tallies, "SAVED_EVERY", 20), (writing, "WORK", 0),
        ):  # fmt: skip
            patch.setattr(module, name, value)
        with open_index(path) as index:
            index.admit_many(NEWS.articles(0, HELD))
            index.remove("n7")
            index.remove("n50")
            index.mark_different("n0", "n10")
        store = SqliteStore(path)
        with store.write() as writer:
            writer.merge(3, 2)
        for _ in range(6):  # some segments are in runs, one is under way
            with store.write() as writer:
                writer.merging().work(300)
        store.close()
    for table in ("job", "gone", "log", "record", "run WHERE state = 'live'"):
        assert rows(path, f"SELECT count(*) FROM {table}") != [(0,)], table
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "news.index"
    copy.write_bytes(sound.read_bytes())
    return copy


def rows(path: Path, statement: str) -> list[tuple]:
    with closing(connected(path)) as database:
        return database.execute(statement).fetchall()


def change(
    path: Path, *statements: str, values: tuple[object, ...] | dict[str, object] = ()
) -> None:
    """Changes it behind its back."""
    with closing(connected(path, isolation_level=None)) as database:
        for statement in statements:
            assert database.execute(statement, values).rowcount


def ask(index: Index) -> None:
    """What looks at all there is, and then what changes it."""
    index.stats()
    list(index.stories())
    for number in range(1, HELD):
        index.story(f"s{number}")
    list(index.articles())
    for article in NEWS.articles(0, HELD):
        index.get(article.id)
        index.check(replace(article, id=f"again-{article.id}"))
    index.admit_many(NEWS.articles(HELD, 10))
    index.expire(START + timedelta(minutes=HELD // 2))
    index.compact()


def test_the_sound_one_is_sound(path: Path) -> None:
    with open_index(path) as index:
        assert list(index.verify()) == []
        ask(index)
        assert list(index.verify()) == []


def verify_and_ask(path: Path, problems: list[str]) -> None:
    with open_index(path) as index:
        problems += index.verify()
        ask(index)


def verified(path: Path) -> tuple[list[str], str]:
    """What verify tells of a damaged index, and what those are told who ask it, or open it."""
    problems: list[str] = []
    with pytest.raises(DamagedError) as told:
        verify_and_ask(path, problems)
    return problems or [str(told.value)], str(told.value)


TOLD = {
    # Values of another type, or that no row can have.
    "UPDATE article SET moment = 'soon' WHERE number = 5": "table article, row 5",
    "UPDATE article SET story = 2.5 WHERE number = 5": "table article, row 5",
    "UPDATE article SET story = 10000000000000000000 WHERE number = 5": "table article, row 5",
    "UPDATE article SET copies = x'07' WHERE number = 5": "table article, row 5",
    "UPDATE article SET arrived = 9223372036854775807 WHERE number = 5": "table article, row 5",
    "UPDATE article SET id = x'00' WHERE number = 5": "article",
    "UPDATE article SET language = x'00' WHERE number = 5": "article",
    "UPDATE different SET one = x'00'": "different",
    "UPDATE story SET root = 'other'": "story",
    "UPDATE run SET level = 1000000": "table run",
    "UPDATE run SET last = 4611686018427387904": "table run",
    "UPDATE run SET first = last + 1": "run",
    "UPDATE run SET postings = 'many'": "table run",
    "UPDATE job SET newer = 77": "table job",
    "UPDATE job SET gone = x'00'": "table job",
    "UPDATE job SET segment = 4611686018427387904": "table job",
    "UPDATE job SET segment = -1 WHERE segment >= 0": "table job",
    "UPDATE job SET older = 'x'": "table job",
    "UPDATE run SET key = 9000000000 WHERE state = 'growing'": "run",
    "UPDATE gone SET bits = x'FF'": "table gone",
    "UPDATE gone SET bits = zeroblob(1025)": "table gone",
    "UPDATE gone SET bits = 'all of them'": "table gone",
    "UPDATE fence SET keys = x'0102'": "table fence",
    "UPDATE block SET postings = substr(postings, 1, length(postings) - 1)": "table block",
    "UPDATE block SET postings = 12": "table block",
    "UPDATE tail SET keys = x'010203'": "table tail",
    "UPDATE sketch SET sketch = substr(sketch, 2) WHERE number = 5": "sketch of entry 5",
    "UPDATE sketch SET sketch = 5 WHERE number = 5": "table sketch, row 5",
    "UPDATE cold SET shingles = x'010203' WHERE number = 5": "shingles of entry 5",
    "UPDATE cold SET shingles = 'none' WHERE number = 5": "table cold, row 5",
    "UPDATE cold SET verdict = x'0102' WHERE number = 5": "answer",
    "UPDATE cold SET text = x'0102' WHERE number = 5": "article",
    "UPDATE cold SET text = x'' WHERE number = 5": "article",
    "UPDATE record SET data = x'00' WHERE name = 'frequencies'": "frequencies",
    "UPDATE record SET last = 'late' WHERE name = 'frequencies'": "table record",
    "UPDATE log SET sketch = 'none' WHERE event = 'discarded'": "table log",
}


@pytest.mark.parametrize("statement", TOLD)
def test_a_row_that_cannot_be_is_told_with_its_table(path: Path, statement: str) -> None:
    try:
        change(path, statement)
    except AssertionError:
        pytest.fail("the sound index has no such row")
    problems, told = verified(path)
    assert any(TOLD[statement] in problem for problem in problems), problems
    assert str(path) in told


def test_texts_that_are_none_are_told_on_one_line(path: Path) -> None:
    change(path, "UPDATE article SET language = CAST(x'ff1b0a' AS TEXT) WHERE number = 5")
    with open_index(path) as index:
        with pytest.raises(DamagedError) as told:
            index.stats()
        assert str(told.value).isprintable()
        assert all(problem.isprintable() for problem in index.verify())


COUNTERS = {
    "counter": (-1, "x", 2**31, 2**40), "stories": (-1, 2**62), "forgotten": (-5, b""),
    "sealed": (-1, 2**50), "epoch": ("x",), "runs": (2**60,), "segment": (0, -16, 2**40, 1.5),
    "block": (0, -1, 2**40),
}  # fmt: skip


@pytest.mark.parametrize(("column", "value"), [(c, v) for c, vs in COUNTERS.items() for v in vs])
def test_counters_that_cannot_be_are_told_at_once(path: Path, column: str, value: object) -> None:
    change(path, f"UPDATE state SET {column} = ?", values=(value,))
    with pytest.raises(DamagedError, match="table state"):
        open_index(path)


def test_a_number_that_is_far_too_high_takes_no_memory(path: Path) -> None:
    change(path, "UPDATE state SET counter = 4294967290")
    change(path, "UPDATE article SET number = 4294967290 WHERE number = 5")
    with open_index(path) as index:
        assert list(index.verify())


def test_a_free_page_that_is_none_is_no_reason_to_go_on_for_ever(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[52:56] = content[64:68] = bytes(4)  # no page can be given back any more
    content[36:40] = (50).to_bytes(4, "big")
    path.write_bytes(summed(content))
    with open_index(path) as index, contextlib.suppress(StoreError):
        index.compact()


@pytest.mark.parametrize("at", [18, 19])
def test_a_format_of_files_that_sqlite_has_not_is_told_before_anything_is_written(
    path: Path, at: int
) -> None:
    content = bytearray(path.read_bytes())
    content[at] = 66
    path.write_bytes(summed(content))
    for read_only in (False, True):
        with pytest.raises(DamagedError, match="its header can't be"):
            open_index(path, read_only=read_only)


TABLES = (
    "CREATE TRIGGER theirs AFTER INSERT ON article BEGIN DELETE FROM sketch; END",
    "CREATE VIEW theirs AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n",
    "CREATE TABLE theirs (a)",
    "DROP INDEX article_copies",
)


@pytest.mark.parametrize("statement", TABLES)
def test_statements_that_came_with_the_file_are_not_carried_out(path: Path, statement: str) -> None:
    with closing(connected(path)) as database, database:
        database.execute(statement)
    for read_only in (False, True):
        with pytest.raises(DamagedError, match="its tables are not those"):
            open_index(path, read_only=read_only)


@pytest.mark.parametrize("name", ["fence\u202e\n\x1b[2J", "fence" * 999])
def test_what_sqlite_quotes_of_the_file_is_told_on_one_short_line(path: Path, name: str) -> None:
    change(
        path,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = sql || :name WHERE name = 'fence'",
        values={"name": name},
    )
    for read_only in (False, True):
        with pytest.raises(DamagedError, match="malformed database schema") as error:
            open_index(path, read_only=read_only)
        assert str(error.value).isprintable()
        assert len(str(error.value)) < 500 + len(str(path))


def test_statistics_of_sqlite_do_no_harm(path: Path) -> None:
    with closing(connected(path)) as database, database:
        database.execute("ANALYZE")
    with open_index(path) as index:
        assert list(index.verify()) == []


# What is within the bytes.


def words(path: Path, number: int = 5) -> np.ndarray:
    ((held,),) = rows(path, f"SELECT sketch FROM sketch WHERE number = {number}")
    return np.frombuffer(held, "<u4").copy()


SKETCHES = {
    "a language that is no text": lambda w: w.__setitem__(0, 0xFFFFFFFF),
    "more terms than it has": lambda w: w.__setitem__(1, w[1] + 1),
    "2**32 - 1 terms": lambda w: w.__setitem__(1, 0xFFFFFFFF),
    "2**32 - 1 edges": lambda w: w.__setitem__(2, 0xFFFFFFFF),
    "more words than a text of its shingles has": lambda w: w.__setitem__(3, 0xFFFFFFFF),
    "a date that no calendar has": lambda w: w.__setitem__(slice(7, 9), (0, 0x7FFFFFF0)),
    "terms out of order": lambda w: w.__setitem__(10, 0xFFFFFFFF),
    "a term that never stands there": lambda w: w.__setitem__(10, w[10] & ~np.uint32(63)),
    "log-odds that are no number": lambda w: w.__setitem__(-1 - int(w[2]), 0x7FC00000),
    "a cosine that is none": lambda w: w.__setitem__(-1, 0x7F800000),
}


@pytest.mark.parametrize("what", SKETCHES)
def test_a_sketch_that_was_never_written_is_told(path: Path, what: str) -> None:
    there = [number for (number,) in rows(path, "SELECT number FROM sketch WHERE number > 9")]
    number = next(number for number in there if words(path, number)[2] > 2)
    changed = words(path, number)
    SKETCHES[what](changed)
    statement = f"UPDATE sketch SET sketch = ? WHERE number = {number}"
    change(path, statement, values=(changed.tobytes(),))
    with open_index(path) as index:
        assert any(f"entry {number} " in problem for problem in index.verify())
        with pytest.raises(DamagedError, match=f"entry {number} "):
            ask(index)


def within(path: Path, column: str, number: int, told: object) -> None:
    packed = zlib.compress(json.dumps(told).encode())
    change(path, f"UPDATE cold SET {column} = ? WHERE number = {number}", values=(packed,))


def kept(path: Path, column: str, number: int) -> object:
    ((held,),) = rows(path, f"SELECT {column} FROM cold WHERE number = {number}")
    return json.loads(zlib.decompress(held))


@pytest.mark.parametrize(
    ("name", "value"),
    [("relation", "cousin"), ("relation", 5), ("story", 5), ("matches", [[1, 2, 3, 4, 5]]),
     ("matches", [["n1", "same_story", ["a"] * 4, 0, []]]), ("extends", 1), ("added", [5]),
     ("matches", [["n1", "same_story", [0.5] * 4, 0, [[1, 2, 3]]]]), ("mentions", 7)],
)  # fmt: skip
def test_an_answer_that_was_never_given_is_told(path: Path, name: str, value: object) -> None:
    within(path, "verdict", 5, {**kept(path, "verdict", 5), name: value})
    with open_index(path) as index:
        assert any("the answer kept for" in problem for problem in index.verify())
        with pytest.raises(DamagedError, match="the answer kept for"):
            index.get("n4")


@pytest.mark.parametrize("at", range(6))
@pytest.mark.parametrize("value", [5, [], {"a": 1}])
def test_an_article_of_other_types_is_told(path: Path, at: int, value: object) -> None:
    fields = kept(path, "text", 5)
    fields[at] = value
    within(path, "text", 5, fields)
    with open_index(path) as index:
        assert any("the article kept as" in problem for problem in index.verify())
        with pytest.raises(DamagedError, match="the article kept as"):
            index.get("n4")


@pytest.mark.parametrize("column", ["text", "verdict"])
def test_what_would_take_gigabytes_is_not_unpacked(path: Path, column: str) -> None:
    stream = zlib.compressobj(9)
    packed = b"".join(stream.compress(bytes(1 << 24)) for _ in range(40)) + stream.flush()
    change(path, f"UPDATE cold SET {column} = ? WHERE number = 5", values=(packed,))
    with open_index(path) as index, pytest.raises(DamagedError, match="does not end"):
        index.get("n4")


@pytest.mark.parametrize("column", ["verdict", "text"])
@pytest.mark.parametrize("value", [b"[],", b'"",', b'"\\"",', b"1.5,"])
def test_what_is_short_and_would_be_millions_of_values_is_not_read(
    path: Path, column: str, value: bytes
) -> None:
    packed = zlib.compress(b"[" + value * (USUAL.values + 9) + b"0]", 1)
    change(path, f"UPDATE cold SET {column} = ? WHERE number = 5", values=(packed,))
    with open_index(path) as index, pytest.raises(DamagedError, match="more values"):
        index.get("n4")


def test_long_texts_are_read_whatever_stands_in_them() -> None:
    long = ('"\\' + "[1, 2]" * 9 + "\n") * 50_000
    article = Article("long", long, title=long)
    assert answers.article_of_text("long", answers.compressed(article, whole=True)) == article


@pytest.mark.parametrize("data", [b'["' + b'\\"' * 1_000_000, b'["' + b"\\" * 2_000_001])
def test_a_text_without_an_end_is_looked_through_once(data: bytes) -> None:
    with pytest.raises(DamagedError, match="can't be read"):
        answers.article_of_text("torn", zlib.compress(data, 1))


def test_an_article_that_could_not_be_read_again_is_not_kept(monkeypatch) -> None:
    monkeypatch.setattr(answers, "MOST_BYTES", 300)
    with open_index("memory:") as index:
        with pytest.raises(RecordError, match="too long to be kept"):
            index.admit(NEWS.article(0))
        assert index.stats().articles == 0


UNLIKE = {
    "UPDATE article SET digest = zeroblob(16) WHERE number = 5": "digest",
    "UPDATE article SET moment = moment + 1 WHERE number = 5": "expire by another date",
    "UPDATE article SET copies = 7 WHERE number = 5": "group of copies",
    "UPDATE article SET language = 'xx' WHERE number = 5": "other languages",
    "UPDATE cold SET shingles = zeroblob(400) WHERE number = 5":
        "shingles that its sketch was not made of",
    "UPDATE cold SET text = (SELECT text FROM cold WHERE number = 12) WHERE number = 5":
        "another date",
    "UPDATE sketch SET sketch = (SELECT sketch FROM sketch WHERE number = 12) WHERE number = 5":
        "entry 5",
    "UPDATE record SET data = replace(data, x'01000000', x'02000000') WHERE name = 'frequencies'":
        "frequencies",
    "UPDATE record SET last = last + 1000000 WHERE name = 'frequencies'": "never were",
    "UPDATE story SET story = 0": "no such story",
    "UPDATE different SET one = 'z'": "wrong order",
    "UPDATE log SET event = 'lost'": "never was",
    "UPDATE run SET blocks = blocks + 1 WHERE state = 'growing'": "another length",
    "UPDATE run SET postings = 1 WHERE state = 'live'": "another length",
    "UPDATE run SET state = 'away' WHERE state = 'live'": "no such run",
    "UPDATE run SET level = level + 1 WHERE state = 'growing'": "another level",
    "UPDATE block SET postings = (SELECT postings FROM block AS one WHERE one.id = block.id - 1) "
    "WHERE id = (SELECT max(block.id) FROM block JOIN run ON run = block.id / 67108864 "
    "WHERE state = 'growing')": "merged into it",
}  # fmt: skip


def test_verify_tells_of_a_root_that_is_a_text_on_one_line(path: Path) -> None:
    change(path, "UPDATE story SET root = char(0, 10) WHERE story = (SELECT min(story) FROM story)")
    with open_index(path) as index:
        problems = list(index.verify())
    assert any("no story of its own" in problem for problem in problems), problems
    assert all(problem.isprintable() for problem in problems)


@pytest.mark.parametrize("statement", UNLIKE)
def test_verify_holds_each_part_against_the_others(path: Path, statement: str) -> None:
    change(path, statement)
    with open_index(path) as index:
        problems = list(index.verify())
    assert any(UNLIKE[statement] in problem for problem in problems), problems


# Document frequencies of version 1: an archive of arrays.


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(dedupe.config, "ALGORITHM_VERSION", 1)
    path = tmp_path / "old.index"
    path.write_bytes(gzip.decompress((DATA / "index_v1.index.gz").read_bytes()))
    return path


def archive(**changed: object) -> bytes:
    """That of an index of one language, with other arrays."""
    columns = {
        "codes": np.array(["en"]), "articles": np.array([3]),
        "buckets0": np.array([5, 9], np.uint32), "held0": np.array([1, 2], np.int32),
        "named_buckets": np.array([5], np.uint32), "named": np.array([1], np.int32),
        "days": np.array([[20_000, 3]]),
    }  # fmt: skip
    out = BytesIO()
    np.savez_compressed(out, **columns | changed)
    return out.getvalue()


def longer(shape: tuple[int, ...]) -> bytes:
    """An archive of which an array says that it is longer than it is."""
    out, header = BytesIO(archive()), BytesIO()
    described = {"descr": "<i8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, described)
    with ZipFile(out, "a") as whole:
        whole.writestr("more.npy", header.getvalue())
    return out.getvalue()


def unread(flag: int, at: int) -> bytes:
    """An archive that claims to be encrypted, or of a version that nothing reads."""
    found = bytearray(archive())
    place = found.index(b"PK\1\2")
    found[place + at] = flag
    return bytes(found)


ARCHIVES = {
    "pickled": archive(articles=np.array([{}], object)),
    "not there": archive(codes=np.array(["en", "de"])),
    "text": archive(held0=np.array(["a", "b"])),
    "days before and after all calendars": archive(days=np.array([[-(2**31), 1], [2**31 - 1, 1]])),
    "below nothing": archive(articles=np.array([-3])),
    "more than there is": longer((10**10,)),
    "far more than there is": longer((2**62,)),
    "zeros without end": archive(named=np.zeros(1 << 26, np.int64)),
    "encrypted": unread(1, 8),
    "of another version": unread(0xB6, 6),
}


@pytest.mark.parametrize("what", ARCHIVES)
def test_frequencies_of_version_1_that_are_none_are_told(old: Path, what: str) -> None:
    with closing(connected(old)) as database, database:
        database.execute("UPDATE tallies SET tallies = ?", (ARCHIVES[what],))
    with pytest.raises(DamagedError, match="frequencies"), open_index(old) as index:
        index.check(NEWS.article(0))


def test_triggers_of_version_1_are_not_carried_out(old: Path) -> None:
    with closing(connected(old)) as database, database:
        database.execute("CREATE TRIGGER theirs AFTER UPDATE ON article BEGIN SELECT 1; END")
    with pytest.raises(DamagedError, match="its tables are not those"):
        open_index(old)
