"""What every store must do: one suite, run over each of them.

A class in ``test_index_stores.py`` for each store inherits it and says how one is opened.
"""

from __future__ import annotations

import itertools
from typing import get_args

import numpy as np
import pytest

from dedupe.errors import StoreError
from dedupe.index.store import (
    BlobKind,
    Blobs,
    Change,
    Entries,
    Entry,
    Group,
    Groups,
    Holders,
    Position,
    Record,
    Store,
    StoryRow,
)

ids = itertools.count()


def entry(name: str | None = None, *, keys=(), story: int = 1, **others) -> Entry:
    """An entry with what matters to a test; the rest is told apart by its id."""
    name = f"e{next(ids)}" if name is None else name
    plain = {
        "id": name, "digest": b"digest of " + name.encode(), "moment": 1, "arrived": 2,
        "language": "en", "story": story, "copies": 0, "keys": np.array(keys, np.uint32),
        "sketch": b"sketch of " + name.encode(), "shingles": b"shingles of " + name.encode(),
        "verdict": b"verdict on " + name.encode(),
    }  # fmt: skip
    return Entry(**{**plain, **others})


def add(store: Store, *entries: Entry) -> list[int]:
    """Numbers of entries that were added in one session."""
    with store.write() as writer:
        return list(writer.add(entries))


def discard(store: Store, *numbers: int) -> None:
    with store.write() as writer:
        writer.discard(numbers)


def failing(store: Store, change) -> None:
    """Makes a change in a session that then fails."""
    with store.write() as writer:
        change(writer)
        raise ZeroDivisionError


def listed(found: Holders) -> list[list[int]]:
    bounds = itertools.pairwise(found.starts.tolist())
    return [found.numbers[start:end].tolist() for start, end in bounds]


def holders(store: Store, keys, newest: int = 100) -> list[list[int]]:
    with store.read() as reader:
        return listed(reader.holders(np.array(keys, np.uint32), newest))


def rows_of(blobs: Blobs) -> list[bytes]:
    """Each row's bytes."""
    return [blobs.row(at) for at in range(len(blobs.bounds) - 1)]


def known(reader: Entries, numbers) -> list[tuple]:
    """Number, id, moment, arrival, story and group of copies of each of these entries."""
    found = reader.rows(numbers)
    columns = (found.numbers, found.moments, found.arrived, found.stories, found.copies)
    numbers, *others = (column.tolist() for column in columns)
    return list(zip(numbers, found.ids, *others, strict=True))


def numbers_of(reader: Entries, numbers) -> list[int]:
    return reader.rows(numbers).numbers.tolist()


def stories_of(reader: Entries, numbers) -> list[int]:
    return reader.rows(numbers).stories.tolist()


def told(changes) -> list[tuple]:
    """Changes without their positions and sketches."""
    return [(change.event, change.number, change.story) for change in changes]


def contents(store: Store) -> dict[str, object]:
    """Everything that a reader tells of a store."""
    with store.read() as reader:
        numbers = list(reader.walk(0, 10**6))
        stories = range(1, reader.position().story + 2)
        every = np.unique(np.arange(64, dtype=np.uint32) * 67_000_000)
        return {
            "position": reader.position(),
            "changes": [reader.changes(after) for after in range(reader.position().change + 1)],
            "records": [reader.records(name) for name in ("name", "more", "counts")],
            "rows": known(reader, numbers),
            "blobs": [rows_of(reader.blobs(kind, numbers)) for kind in get_args(BlobKind)],
            "members": reader.members(numbers),
            "groups": reader.groups(stories, 10**6),
            "stories": list(reader.stories(0, 10**6)),
            "differences": list(reader.differences()),
            "holders": [
                [n for n in held if n in numbers] for held in listed(reader.holders(every, 10**6))
            ],
            "counts": reader.counts()._replace(size=0),
            "problems": list(reader.problems()),
        }


class StoreContract:
    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError("say how a store is opened")

    # What is kept of an entry.

    def test_a_new_store_is_empty_and_sound(self, store):
        assert "sound" in store.remedy
        with store.read() as reader:
            assert reader.counts()._replace(size=0) == (0, 0, 0, 0, None, None, ())
            assert reader.position() == Position(change=0, story=0, different=False)
            assert (reader.changes(0), list(reader.walk(0, 10))) == ([], [])
            assert (reader.records("any"), list(reader.differences())) == ([], [])
            assert (reader.groups([0, 1], 9), reader.members([])) == ({}, {})
            assert list(reader.problems()) == []

    def test_all_that_is_put_in_comes_out(self, store):
        one = entry("one", moment=-5, arrived=7, copies=0, text=b"\0text")
        (number,) = add(store, one)
        (other,) = add(store, entry("other", copies=number))
        with store.read() as reader:
            assert reader.find(["one", "none", "other"]) == {
                "one": (number, one.digest),
                "other": (other, b"digest of other"),
            }
            assert known(reader, [other, number]) == [
                (other, "other", 1, 2, 1, number),
                (number, "one", -5, 7, 1, number),
            ]
            for kind, rows in {
                "sketch": [b"sketch of other", one.sketch],
                "shingles": [b"shingles of other", one.shingles],
                "verdict": [b"verdict on other", one.verdict],
                "text": [b"", b"\0text"],
            }.items():
                assert rows_of(reader.blobs(kind, np.array([other, number]))) == rows

    @pytest.mark.parametrize(
        "name", ["", "a b", "'; DROP TABLE article --", "é\n\0\x1b[", "漢" * 5000]
    )
    def test_an_id_is_any_text(self, store, name):
        (number,) = add(store, entry(name))
        with store.write() as writer:
            writer.mark_different(name, "other")
        with store.read() as reader:
            assert reader.find([name])[name][0] == number
            assert reader.rows([number]).ids == [name]
            assert list(reader.differences([name])) == [tuple(sorted([name, "other"]))]

    def test_what_is_not_there_is_left_out(self, store):
        (number,) = add(store, entry())
        with store.read() as reader:
            assert numbers_of(reader, [number + 1, number, 0]) == [number]
            assert numbers_of(reader, np.array([number + 1, number, 0])) == [number]
            assert numbers_of(reader, []) == []
            assert reader.members([number, number + 1]) == {number: [number], number + 1: []}
            for kind in get_args(BlobKind):
                assert rows_of(reader.blobs(kind, [])) == []
                with pytest.raises(StoreError):
                    reader.blobs(kind, [number, number + 1])

    def test_numbers_rise_and_are_never_given_twice(self, store):
        first = add(store, entry("a"), entry("b"), entry("c"))
        discard(store, *first)
        second = add(store, entry("a"), entry("b"))
        assert first + second == sorted(set(first + second))

    def test_numbers_may_come_as_numpys(self, store):
        first, second = add(store, entry(keys=[4]), entry(keys=[4]))
        with store.write() as writer:
            numbers = writer.holders(np.array([4], np.uint32), 9).numbers
            assert numbers_of(writer, numbers) == [first, second]
            story = np.int64(7)
            writer.place(numbers, story, numbers[0])
            assert stories_of(writer, numbers) == [7, 7]
            assert writer.groups([story], np.int64(9))[7] == Groups(7, 2, [Group(first, 2)])
            (third,) = writer.add([entry(story=story, copies=numbers[0], moment=np.int64(5))])
            assert writer.members(numbers[:1])[first] == [first, second, third]
            assert list(writer.older(np.int64(9), np.int64(9)))[-1] == third
            assert list(writer.walk(np.int64(first), np.int64(1))) == [second]
            writer.merge(story, np.int64(3))
            writer.discard(numbers[:1])
        with store.read() as reader:
            assert numbers_of(reader, numbers.tolist()) == [second]
            assert reader.position().story == 7

    def test_an_id_that_is_held_is_refused_and_its_session_keeps_nothing(self, store):
        add(store, entry("held"))
        before = contents(store)

        def try_again(writer):
            with pytest.raises(StoreError, match="stored already"):
                writer.add([entry("held")])

        with pytest.raises(StoreError):
            add(store, entry("other"), entry("held"))
        with pytest.raises(StoreError, match="nothing was kept"), store.write() as writer:
            try_again(writer)
        assert contents(store) == before

    def test_an_id_may_come_again_once_its_entry_went(self, store):
        (number,) = add(store, entry("again", keys=[5]))
        with store.write() as writer:
            writer.discard([number])
            (later,) = writer.add([entry("again", keys=[6])])
        with store.read() as reader:
            assert reader.find(["again"])["again"][0] == later
            assert numbers_of(reader, [number, later]) == [later]

    def test_what_a_session_finds_follows_what_it_changes(self, store):
        (first,) = add(store, entry("a"))
        with store.read() as reader:
            assert set(reader.find(["a", "b"])) == {"a"}
        with store.write() as writer:
            assert set(writer.find(["a", "b"])) == {"a"}
            (second,) = writer.add([entry("b")])
            assert writer.find(["b", "a"])["b"][0] == second
            writer.discard([first])
            assert set(writer.find(["a", "b"])) == {"b"}
            (third,) = writer.add([entry("a")])
            assert writer.find(["a"])["a"][0] == third
        with pytest.raises(StoreError, match="stored already"), store.write() as writer:
            writer.add([entry("b")])
        with store.read() as reader:
            assert set(reader.find(["a", "b", "c"])) == {"a", "b"}

    def test_entries_go_with_all_that_is_of_them(self, store):
        first, second = add(store, entry("first", text=b"t"), entry("second", text=b"t"))
        discard(store, first, first, 77)
        with store.read() as reader:
            assert numbers_of(reader, [first, second]) == [second]
            for kind in get_args(BlobKind):
                with pytest.raises(StoreError):
                    reader.blobs(kind, [first])
            assert "first" not in reader.find(["first", "second"])
            assert list(reader.walk(0, 9)) == [second]
            assert reader.counts().articles == 1
            assert list(reader.problems()) == []

    # Keys.

    def test_holders_come_key_by_key_and_ascending(self, store):
        a, b, c = add(store, entry(keys=[1, 2]), entry(keys=[2, 2**32 - 1]), entry(keys=[2, 0]))
        assert holders(store, [2, 7, 1, 2**32 - 1, 0]) == [[a, b, c], [], [a], [b], [c]]
        assert holders(store, []) == []

    def test_of_many_holders_the_newest_are_given(self, store):
        numbers = add(store, *(entry(keys=[9]) for _ in range(300)))
        assert holders(store, [9], 7) == [numbers[-7:]]
        assert holders(store, [9], 0) == [[]]
        assert holders(store, [9], 10**9) == [numbers]

    def test_entries_without_keys_are_found_by_none(self, store):
        add(store, entry(keys=[]))
        assert holders(store, [0, 1]) == [[], []]
        with store.read() as reader:
            assert list(reader.problems()) == []

    def test_a_writer_finds_what_it_has_just_added(self, store):
        add(store, entry())
        with store.write() as writer:
            (number,) = writer.add([entry("new", keys=[3])])
            assert listed(writer.holders(np.array([3], np.uint32), 5)) == [[number]]
            assert writer.find(["new"])["new"][0] == number
            assert numbers_of(writer, [number]) == [number]

    def test_once_shrunk_no_key_leads_to_what_is_gone(self, store):
        numbers = add(store, *(entry(keys=[i % 5, i % 7 + 100]) for i in range(400)))
        discard(store, *numbers[::2])
        store.shrink()
        left = set(numbers[1::2])
        keys = [*range(5), *range(100, 107)]
        assert {n for held in holders(store, keys, 10**6) for n in held} == left
        with store.read() as reader:
            assert list(reader.problems()) == []

    @pytest.mark.parametrize("seed", range(12))
    def test_every_key_leads_to_every_entry_whatever_came_and_went(self, store, seed):
        chance = np.random.default_rng(seed)
        asked = np.arange(41, dtype=np.uint32) * 67_000_000
        truth = {}
        for _ in range(chance.integers(2, 9)):
            gone = [number for number in truth if chance.random() < 0.3]
            with store.write() as writer:
                writer.discard(gone)
                for size in chance.integers(0, 12, 6):
                    shares = chance.choice([0, 0.1, 0.4], size)
                    held = [asked[chance.random(41) < share] for share in shares]
                    numbers = writer.add([entry(keys=keys) for keys in held])
                    truth |= {n: set(keys.tolist()) for n, keys in zip(numbers, held, strict=True)}
            if chance.random() < 0.2:
                store.shrink()
            truth = {number: held for number, held in truth.items() if number not in gone}
            newest = int(chance.choice([3, 10**6]))
            with store.read() as reader:
                found = listed(reader.holders(asked, newest))
                after = int(chance.choice([0, reader.position().change, *truth]))
                later = listed(reader.holders(asked, newest, after))
                assert later == [[n for n in held if n > after] for held in found]
                assert list(reader.problems()) == []
            for key, numbers in zip(asked.tolist(), found, strict=True):
                right = [number for number, held in truth.items() if key in held]
                assert numbers == sorted(set(numbers))
                assert len(numbers) <= newest
                there = [number for number in numbers if number in truth]
                assert there == (
                    right if len(numbers) < newest else right[len(right) - len(there) :]
                )

    # Order, time.

    def test_entries_are_walked_through_in_their_order(self, store):
        numbers = add(store, *(entry() for _ in range(5)))
        with store.read() as reader:
            assert list(reader.walk(0, 3)) == numbers[:3]
            assert list(reader.walk(numbers[2], 9)) == numbers[3:]
            assert list(reader.walk(numbers[-1], 9)) == []

    def test_older_entries_are_given_oldest_first(self, store):
        a, b, c, d = add(store, *(entry(moment=moment) for moment in (30, 10, 20, 10)))
        with store.read() as reader:
            assert list(reader.older(30, 9)) == [b, d, c]
            assert list(reader.older(30, 2)) == [b, d]
            assert list(reader.older(10, 9)) == []
            assert list(reader.older(31, 9)) == [b, d, c, a]

    # Stories and copies.

    def test_a_story_is_given_by_its_first_use_with_all_lower_numbers(self, store):
        (number,) = add(store, entry(story=4))
        with store.write() as writer:
            assert writer.position().story == 4
            writer.place([number], 6, number)
            assert writer.position().story == 6
            writer.merge(9, 9)
            assert writer.position().story == 9
            assert writer.groups([5, 9, 10], 9) == {5: Groups(5, 0, []), 9: Groups(9, 0, [])}
            writer.merge(12, 6)
            assert writer.position().story == 12
            assert writer.groups([12], 9)[12] == Groups(6, 1, [Group(number, 1)])
        with store.read() as reader:
            assert list(reader.problems()) == []

    @pytest.mark.parametrize("story", [0, -1])
    def test_what_is_no_number_of_a_story_is_refused(self, store, story):
        (number,) = add(store, entry())
        before = contents(store)
        for change in (
            lambda writer: writer.merge(1, story),
            lambda writer: writer.merge(story, 1),
            lambda writer: writer.place([number], story, number),
            lambda writer: writer.add([entry(story=story)]),
        ):
            with pytest.raises(StoreError), store.write() as writer:
                change(writer)
        assert contents(store) == before

    def test_a_merged_story_still_resolves_through_any_number_of_merges(self, store):
        a, b, c = add(
            store,
            entry(story=1, moment=5),
            entry(story=2, moment=3),
            entry(story=3, moment=9),
        )
        with store.write() as writer:
            for story, into in ((4, 4), (2, 1), (3, 2), (3, 1)):
                writer.merge(story, into)
        with store.read() as reader:
            found = reader.groups([1, 2, 3, 4, 99], 2)
            assert {asked: story.story for asked, story in found.items()} == {
                1: 1, 2: 1, 3: 1, 4: 4,
            }  # fmt: skip
            assert stories_of(reader, [a, b, c]) == [1, 1, 1]
            assert found[3] == Groups(1, 3, [Group(c, 1), Group(b, 1)])
            assert found[4] == Groups(4, 0, [])
            assert list(reader.stories(0, 9)) == [StoryRow(1, (a, b, c), 3, 9, (2, 3))]
            assert reader.counts().stories == 1
            assert list(reader.problems()) == []

    def test_what_is_placed_in_a_merged_story_is_in_the_one_that_it_is_part_of(self, store):
        a, b = add(store, entry(story=1), entry(story=2))
        with store.write() as writer:
            writer.merge(2, 1)
            writer.place([b], 3, b)
            writer.place([b], 2, b)
        with store.read() as reader:
            assert stories_of(reader, [a, b]) == [1, 1]
            assert list(reader.problems()) == []

    def test_stories_are_given_in_order_and_in_parts(self, store):
        add(store, *(entry(story=story) for story in (1, 2, 4, 5)))
        with store.read() as reader:
            assert [row.story for row in reader.stories(0, 2)] == [1, 2]
            assert [row.story for row in reader.stories(2, 9)] == [4, 5]
            assert list(reader.stories(5, 9)) == []

    def test_a_story_outlives_its_entries(self, store):
        (number,) = add(store, entry(story=1))
        discard(store, number)
        with store.read() as reader:
            assert reader.groups([1], 9) == {1: Groups(1, 0, [])}
            assert reader.position().story == 1

    @pytest.mark.parametrize("newest", [0, 1, 2, 3, 9])
    def test_a_story_has_its_size_however_few_groups_are_asked_for(self, store, newest):
        first, *_ = add(store, entry(), entry())
        _, fourth = add(store, entry(copies=first), entry())
        groups = [Group(fourth, 1), Group(2, 1), Group(first, 2)]
        with store.read() as reader:
            assert reader.groups([1], newest) == {1: Groups(1, 4, groups[:newest])}

    def test_entries_move_to_another_story(self, store):
        a, b = add(store, entry(story=1), entry(story=2))
        with store.write() as writer:
            writer.place([a, 99], 2, a)
        with store.read() as reader:
            assert stories_of(reader, [a, b]) == [2, 2]
            assert [row.story for row in reader.stories(0, 9)] == [2]

    def test_copies_are_grouped_under_the_first_even_once_it_is_gone(self, store):
        first, alone = add(store, entry(), entry())
        second, third = add(store, entry(copies=first), entry(copies=first))
        with store.read() as reader:
            assert reader.members([first, alone, second]) == {
                first: [first, second, third], alone: [alone], second: [],
            }  # fmt: skip
            assert reader.counts().copies == 2
            assert reader.groups([1], 9)[1].groups == [Group(alone, 1), Group(first, 3)]
        discard(store, first, alone)
        with store.read() as reader:
            assert reader.members([first]) == {first: [second, third]}
            assert reader.groups([1], 9) == {1: Groups(1, 2, [Group(first, 2)])}
            assert reader.counts().copies == 1
            assert list(reader.problems()) == []

    def test_entries_move_to_another_group_of_copies_which_may_be_one_of_them(self, store):
        first, other = add(store, entry(), entry())
        second, third = add(store, entry(copies=first), entry(copies=first))
        with store.write() as writer:
            writer.discard([first])
            writer.place([second, third, 99], 1, third)
        with store.read() as reader:
            assert reader.members([third, first]) == {third: [second, third], first: []}
            assert reader.rows([second, third]).copies.tolist() == [third, third]
            assert reader.groups([1], 9)[1].groups == [Group(third, 2), Group(other, 1)]
            assert reader.counts().copies == 2
            assert list(reader.problems()) == []

    def test_pairs_marked_different_are_kept_once_in_either_order(self, store):
        with store.write() as writer:
            writer.mark_different("b", "a")
            writer.mark_different("a", "b")
            writer.mark_different("c", "b")
            assert writer.position().different
        with store.read() as reader:
            assert list(reader.differences(["a"])) == [("a", "b")]
            assert list(reader.differences(["b", "a", "z"])) == [("a", "b"), ("b", "c")]
            assert list(reader.differences([])) == []
            assert list(reader.differences(["c", "\0", *map(str, range(700))])) == [("b", "c")]
            assert list(reader.differences()) == [("a", "b"), ("b", "c")]
            assert reader.position().different

    # The log.

    def test_changes_tell_what_came_and_went_in_order(self, store):
        a, b = add(store, entry("a"), entry("b", story=2))
        with store.read() as reader:
            middle = reader.position().change
        discard(store, a)
        (c,) = add(store, entry("c"))
        with store.read() as reader:
            changes = reader.changes(middle)
            assert all(isinstance(change, Change) for change in changes)
            assert [tuple(change)[1:] for change in changes] == [
                ("discarded", a, 1, b"sketch of a"),
                ("added", c, 1, b""),  # it can be asked for
            ]
            positions = [change.position for change in changes]
            assert positions == sorted(set(positions))
            assert middle < positions[0]
            assert positions[-1] == reader.position().change
            assert reader.changes(reader.position().change) == []
            # What came and went since is left out.
            assert told(reader.changes(0)) == [("added", b, 2), ("added", c, 1)]

    def test_changes_tell_what_moved(self, store):
        a, b, c = add(store, entry("a"), entry("b", story=2), entry("c", story=3))
        positions = []

        def changed(change) -> list[tuple]:
            with store.write() as writer:
                positions.append(writer.position().change)
                change(writer)
                assert writer.position().change > positions[-1]
            with store.read() as reader:
                return told(reader.changes(positions[-1]))

        assert changed(lambda writer: writer.place([b, a, 99], 5, a)) == [
            ("moved", a, 5),
            ("moved", b, 5),
        ]
        assert changed(lambda writer: writer.merge(3, 5)) == [("merged", 3, 5)]
        assert changed(lambda writer: writer.mark_different("c", "a")) == [
            ("different", a, 5),
            ("different", c, 5),
        ]
        assert changed(lambda writer: writer.mark_different("a", "none")) == [
            ("different", 0, 0),
            ("different", a, 5),
        ]
        assert changed(lambda writer: writer.discard([c, b])) == [
            ("discarded", b, 5),
            ("discarded", c, 5),
        ]
        with store.read() as reader:
            assert [change.event for change in reader.changes(positions[0])] == [
                "moved", "moved", "merged", "different", "different", "different", "different",
                "discarded", "discarded",
            ]  # fmt: skip
            assert told(reader.changes(0))[0] == ("added", a, 5)

    def test_what_changes_nothing_is_no_change(self, store):
        (a,) = add(store, entry("a"))
        with store.write() as writer:
            writer.mark_different("a", "b")
        before = contents(store)
        with store.write() as writer:
            writer.mark_different("b", "a")
            writer.merge(1, 1)
            writer.discard([a + 70])
            writer.place([a + 70], 1, a)
            writer.place([], 1, a)
            writer.add([])
        assert contents(store) == before

    def test_records_that_follow_each_other_stand_side_by_side(self, store):
        with store.write() as writer:
            writer.record("counts", b"to 5", 0, 5)
            writer.record("counts", b"to 9", 5, 9)
            writer.record("counts", b"to 20", 9, 20)
            writer.record("name", b"value")
        with store.read() as reader:
            assert reader.records("counts") == [
                Record(0, 5, b"to 5"), Record(5, 9, b"to 9"), Record(9, 20, b"to 20"),
            ]  # fmt: skip
            assert [row.first for row in reader.records("counts", 5)] == [5, 9]
            assert [row.first for row in reader.records("counts", 6)] == [5, 9]
            assert reader.records("counts", 20) == []
            assert reader.records("name") == [Record(0, 0, b"value")]

    def test_a_record_takes_the_place_of_those_that_it_covers(self, store):
        with store.write() as writer:
            writer.record("counts", b"to 5", 0, 5)
            writer.record("counts", b"to 9", 5, 9)
            writer.record("counts", b"to 12", 9, 12)
            writer.record("counts", b"both", 5, 20)
            writer.record("name", b"value")
            writer.record("name", b"other")
        with store.read() as reader:
            assert reader.records("counts") == [Record(0, 5, b"to 5"), Record(5, 20, b"both")]
            assert reader.records("name") == [Record(0, 0, b"other")]

    def test_changes_are_forgotten_once_records_go_on_from_them(self, store):
        a, b = add(store, entry("a"), entry("b"))
        discard(store, a)
        with store.write() as writer:
            covered = writer.position().change
            writer.record("counts", b"1", 0, covered)
        (c,) = add(store, entry("c"))
        with store.read() as reader:
            assert told(reader.changes(0)) == [("added", b, 1), ("added", c, 1)]
            assert told(reader.changes(b)) == [("discarded", a, 1), ("added", c, 1)]
        with store.write() as writer:
            writer.record("counts", b"2", covered, writer.position().change)
            writer.record("name", b"value")
        (d,) = add(store, entry("d"))
        with store.read() as reader:
            assert told(reader.changes(covered)) == [("added", c, 1), ("added", d, 1)]
            assert reader.changes(covered - 1) is None
            assert reader.changes(0) is None

    def test_positions_go_on_after_a_session_that_failed(self, store):
        add(store, entry("a"))
        before = contents(store)
        with pytest.raises(ZeroDivisionError):
            failing(store, lambda writer: writer.add([entry("b")]))
        assert contents(store) == before
        (number,) = add(store, entry("c"))
        assert number == before["position"].change + 1
        with store.read() as reader:
            assert [c.number for c in reader.changes(before["position"].change)] == [number]

    # Sessions.

    def test_a_session_that_fails_leaves_nothing(self, store):
        a, b, c = add(
            store, entry("a", keys=[67_000_000, 0]), entry("b", keys=[0]), entry("c", story=2)
        )
        with store.write() as writer:
            writer.record("name", b"value")
            writer.mark_different("a", "b")
            writer.record("counts", b"before", 0, writer.position().change)
        before = contents(store)

        def change_all(writer):
            writer.record("name", b"other")
            writer.record("more", b"")
            writer.mark_different("a", "c")
            writer.discard([a])
            writer.add([entry("a", keys=[67_000_000], story=3)])
            writer.add([entry(keys=[0, i], story=4) for i in range(300)])
            writer.merge(2, 1)
            writer.place([b, c], 13, c)
            writer.record("counts", b"after", before["position"].change, writer.position().change)

        with pytest.raises(ZeroDivisionError):
            failing(store, change_all)
        assert contents(store) == before
        add(store, entry("d", keys=[0]))
        with store.read() as reader:
            assert list(reader.problems()) == []

    def test_sessions_do_not_nest(self, store):
        with store.read(), pytest.raises(StoreError), store.read():
            pass
        with store.write() as writer:
            writer.record("a", b"b")
            with pytest.raises(StoreError), store.write():
                pass
        with store.read() as reader:
            assert reader.records("a") == [Record(0, 0, b"b")]

    def test_a_closed_store_says_so(self, store):
        add(store, entry())
        store.close()
        store.close()
        for session in (store.read, store.write):
            with pytest.raises(StoreError, match="closed"), session():
                pass
        with pytest.raises(StoreError, match="closed"):
            store.shrink()

    def test_counts_tell_what_is_there(self, store):
        (first, *_) = add(
            store, entry(moment=5, language="de"), entry(moment=9), entry(moment=7, story=2)
        )
        add(store, entry(moment=8, copies=first, language="fr"))
        with store.read() as reader:
            counts = reader.counts()
        assert counts._replace(size=0) == (
            4, 2, 3, 0, 5, 9, (("en", 2), ("de", 1), ("fr", 1)),
        )  # fmt: skip
