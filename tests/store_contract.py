"""What every store must do: one suite, run over each of them.

A class in ``test_index_stores.py`` for each store inherits it and says how one is opened.
"""

from __future__ import annotations

import itertools
from itertools import pairwise

import numpy as np
import pytest

from dedupe.errors import StoreError
from dedupe.index.store import Blobs, Change, Entry, Group, Holders, Known, Store, StoryRow

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
    """Numbers of entries that were added in one session; stories are opened as they need."""
    with store.write() as writer:
        while writer.last_story() < max(e.story for e in entries):
            writer.open_story()
        return [writer.add(one) for one in entries]


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
    return [blobs.data[first:last].tobytes() for first, last in pairwise(blobs.bounds)]


def contents(store: Store) -> dict[str, object]:
    """Everything that a reader tells of a store."""
    with store.read() as reader:
        numbers = list(reader.walk(0, 10**6))
        stories = range(1, reader.last_story() + 1)
        every = np.unique(np.arange(64, dtype=np.uint32) * 67_000_000)
        return {
            "notes": reader.notes(),
            "position": reader.position(),
            "changes": reader.changes(reader.tallies()[0]),
            "tallies": reader.tallies(),
            "known": reader.known(numbers),
            "sketches": rows_of(reader.sketches(np.array(numbers, np.int64))),
            "shingles": rows_of(reader.shingles(np.array(numbers, np.int64))),
            "verdicts": reader.verdicts(numbers),
            "texts": reader.texts(numbers),
            "arrivals": reader.arrivals(numbers),
            "roots": [reader.resolve(story) for story in stories],
            "groups": reader.groups(stories, 10**6),
            "rows": list(reader.stories(0, 10**6)),
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
        with store.read() as reader:
            assert reader.counts()._replace(size=0) == (0, 0, 0, 0, None, None, ())
            assert (reader.position(), reader.tallies(), reader.last_story()) == (0, (0, b""), 0)
            assert (reader.changes(0), list(reader.walk(0, 10))) == ([], [])
            assert (reader.notes(), list(reader.differences())) == ({}, [])
            assert not reader.any_different()
            assert reader.resolve(1) is None
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
            assert reader.known([other, number]) == {
                number: Known(number, "one", -5, 1, number),
                other: Known(other, "other", 1, 1, number),
            }
            found = reader.columns(np.array([other, number]))
            assert [column.tolist() for column in found] == [
                [other, number], [1, -5], [1, 1], [number, number],
            ]  # fmt: skip
            assert rows_of(reader.sketches(np.array([other, number]))) == [
                b"sketch of other",
                one.sketch,
            ]
            assert rows_of(reader.shingles(np.array([number]))) == [one.shingles]
            assert reader.verdicts([number]) == {number: one.verdict}
            assert reader.arrivals([number, other]) == {number: 7, other: 2}
            assert reader.texts([number, other]) == {number: b"\0text"}

    @pytest.mark.parametrize(
        "name", ["", "a b", "'; DROP TABLE article --", "é\n\0\x1b[", "漢" * 5000]
    )
    def test_an_id_is_any_text(self, store, name):
        (number,) = add(store, entry(name))
        with store.write() as writer:
            writer.mark_different(name, "other")
        with store.read() as reader:
            assert reader.find([name])[name][0] == number
            assert reader.known([number])[number].id == name
            assert list(reader.different([name])) == [tuple(sorted([name, "other"]))]

    def test_what_is_not_there_is_left_out(self, store):
        (number,) = add(store, entry())
        with store.read() as reader:
            for ask in (reader.known, reader.verdicts, reader.arrivals):
                assert list(ask([number, number + 1, 0])) == [number]
                assert ask([]) == {}
            assert reader.columns(np.array([number + 1, number, 0])).numbers.tolist() == [number]
            assert reader.columns(np.array([], np.int64)).numbers.tolist() == []
            for ask in (reader.sketches, reader.shingles):
                assert rows_of(ask(np.array([], np.int64))) == []
                with pytest.raises(StoreError):
                    ask(np.array([number, number + 1]))

    def test_numbers_rise_and_are_never_given_twice(self, store):
        first = add(store, entry("a"), entry("b"), entry("c"))
        discard(store, *first)
        second = add(store, entry("a"), entry("b"))
        assert first + second == sorted(set(first + second))

    def test_numbers_may_come_as_numpys(self, store):
        first, second = add(store, entry(keys=[4]), entry(keys=[4]))
        with store.write() as writer:
            numbers = writer.holders(np.array([4], np.uint32), 9).numbers
            assert sorted(writer.known(numbers)) == [first, second]
            story = np.int64(writer.open_story())
            writer.move(numbers, story)
            assert writer.resolve(story) == story
            assert {k.story for k in writer.known(numbers).values()} == {story}
            assert len(writer.groups([story], 9)[story]) == writer.sizes([story])[story] == 2
            third = writer.add(entry(story=story, copies=numbers[0], moment=np.int64(5)))
            assert list(writer.group(numbers[0])) == [first, third]
            assert list(writer.older(np.int64(9), np.int64(9)))[-1] == third
            writer.discard(numbers[:1])
        with store.read() as reader:
            assert list(reader.known(numbers.tolist())) == [second]

    def test_an_id_that_is_held_is_refused_and_its_session_keeps_nothing(self, store):
        add(store, entry("held"))
        before = contents(store)

        def try_again(writer):
            with pytest.raises(StoreError, match="held"):
                writer.add(entry("held"))

        with pytest.raises(StoreError):
            add(store, entry("other"), entry("held"))
        with pytest.raises(StoreError, match="nothing was kept"), store.write() as writer:
            try_again(writer)
        assert contents(store) == before

    def test_an_id_may_come_again_once_its_entry_went(self, store):
        (number,) = add(store, entry("again", keys=[5]))
        with store.write() as writer:
            writer.discard([number])
            later = writer.add(entry("again", keys=[6]))
        with store.read() as reader:
            assert reader.find(["again"])["again"][0] == later
            assert list(reader.known([number, later])) == [later]

    def test_entries_go_with_all_that_is_of_them(self, store):
        first, second = add(store, entry("first", text=b"t"), entry("second", text=b"t"))
        discard(store, first, first, 77)
        with store.read() as reader:
            asks = (reader.known, reader.verdicts, reader.texts, reader.arrivals)
            for ask in asks:
                assert list(ask([first, second])) == [second]
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
            number = writer.add(entry("new", keys=[3]))
            assert listed(writer.holders(np.array([3], np.uint32), 5)) == [[number]]
            assert writer.find(["new"])["new"][0] == number
            assert list(writer.known([number])) == [number]

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
                story = writer.open_story()
                writer.discard(gone)
                for _ in range(chance.integers(60)):
                    held = asked[chance.random(41) < chance.choice([0, 0.1, 0.4])]
                    truth[writer.add(entry(keys=held, story=story))] = set(held.tolist())
                writer.tidy(chance.choice([0, 100, 10**4, 10**6]))
            truth = {number: held for number, held in truth.items() if number not in gone}
            newest = int(chance.choice([3, 10**6]))
            with store.read() as reader:
                found = listed(reader.holders(asked, newest))
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

    def test_a_merged_story_still_resolves_through_any_number_of_merges(self, store):
        with store.write() as writer:
            first, second, third, fourth = (writer.open_story() for _ in range(4))
            a = writer.add(entry(story=first, moment=5))
            b = writer.add(entry(story=second, moment=3))
            c = writer.add(entry(story=third, moment=9))
            writer.merge(second, first)
            writer.merge(third, second)
            writer.merge(third, first)
        with store.read() as reader:
            assert [reader.resolve(story) for story in (first, second, third)] == [first] * 3
            assert (reader.resolve(fourth), reader.resolve(99)) == (fourth, None)
            assert {known.story for known in reader.known([a, b, c]).values()} == {first}
            assert [group.copies for group in reader.groups([third], 2)[third]] == [c, b]
            assert reader.sizes([first, second, fourth]) == {first: 3, second: 3, fourth: 0}
            row = StoryRow(first, (a, b, c), 3, 9, (second, third))
            assert list(reader.stories(0, 9)) == [row]
            assert reader.counts().stories == 1
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
        with store.write() as writer:
            assert writer.resolve(1) == 1
            assert writer.open_story() == writer.last_story() == 2

    def test_entries_move_to_another_story(self, store):
        a, b = add(store, entry(story=1), entry(story=2))
        with store.write() as writer:
            writer.move([a, 99], 2)
        with store.read() as reader:
            assert {known.story for known in reader.known([a, b]).values()} == {2}
            assert [row.story for row in reader.stories(0, 9)] == [2]

    def test_stories_that_are_not_there_cannot_be_merged_or_moved_to(self, store):
        (number,) = add(store, entry())
        before = contents(store)
        for change in (
            lambda writer: writer.merge(1, 8),
            lambda writer: writer.merge(8, 1),
            lambda writer: writer.move([number], 8),
        ):
            with pytest.raises(StoreError), store.write() as writer:
                change(writer)
        assert contents(store) == before

    def test_copies_are_grouped_under_the_first_even_once_it_is_gone(self, store):
        first, alone = add(store, entry(), entry())
        second, third = add(store, entry(copies=first), entry(copies=first))
        with store.read() as reader:
            assert list(reader.group(first)) == [first, second, third]
            assert list(reader.group(alone)) == [alone]
            assert list(reader.group(second)) == []
            assert reader.counts().copies == 2
            assert reader.groups([1, 9], 9) == {1: [Group(alone, 1), Group(first, 3)], 9: []}
            assert reader.groups([1], 1) == {1: [Group(alone, 1)]}
        discard(store, first, alone)
        with store.read() as reader:
            assert list(reader.group(first)) == [second, third]
            assert reader.groups([1], 9) == {1: [Group(first, 2)]}
            assert reader.counts().copies == 1
            assert list(reader.problems()) == []

    def test_entries_move_to_another_group_of_copies_which_may_be_one_of_them(self, store):
        first, other = add(store, entry(), entry())
        second, third = add(store, entry(copies=first), entry(copies=first))
        with store.write() as writer:
            writer.discard([first])
            writer.regroup([second, third, 99], third)
        with store.read() as reader:
            assert list(reader.group(third)) == [second, third]
            assert list(reader.group(first)) == []
            assert {known.copies for known in reader.known([second, third]).values()} == {third}
            assert reader.groups([1], 9) == {1: [Group(third, 2), Group(other, 1)]}
            assert reader.counts().copies == 2
            assert list(reader.problems()) == []

    def test_a_story_is_claimed_by_its_number_and_all_below_are_never_opened(self, store):
        with store.write() as writer:
            writer.claim_story(7)
            writer.claim_story(7)
            writer.claim_story(3)
            assert writer.last_story() == 7
            assert (writer.resolve(7), writer.resolve(3), writer.resolve(5)) == (7, 3, None)
            assert writer.open_story() == 8
            writer.merge(8, 3)
            writer.claim_story(8)
        with store.read() as reader:
            assert reader.resolve(8) == 3

    def test_pairs_marked_different_are_kept_once_in_either_order(self, store):
        with store.write() as writer:
            writer.mark_different("b", "a")
            writer.mark_different("a", "b")
            writer.mark_different("c", "b")
        with store.read() as reader:
            assert list(reader.different(["a"])) == [("a", "b")]
            assert list(reader.different(["b", "a", "z"])) == [("a", "b"), ("b", "c")]
            assert list(reader.different([])) == []
            assert list(reader.different(["c", "\0", *map(str, range(700))])) == [("b", "c")]
            assert list(reader.differences()) == [("a", "b"), ("b", "c")]
            assert reader.any_different()

    # Changes and tallies.

    def test_changes_tell_what_came_and_went_in_order(self, store):
        a, b = add(store, entry("a"), entry("b"))
        with store.read() as reader:
            middle = reader.position()
        discard(store, a)
        (c,) = add(store, entry("c"))
        told = [
            (a, True, b"sketch of a"),
            (b, True, b"sketch of b"),
            (a, False, b"sketch of a"),
            (c, True, b"sketch of c"),
        ]
        with store.read() as reader:
            changes = reader.changes(0)
            assert [tuple(change)[1:] for change in changes] == told
            assert [tuple(change)[1:] for change in reader.changes(middle)] == told[2:]
            positions = [change.position for change in changes]
            assert positions == sorted(set(positions))
            assert positions[-1] == reader.position()
            assert reader.changes(reader.position()) == []
            assert all(isinstance(change, Change) for change in changes)
            assert all(change.added in (True, False) for change in changes)

    def test_changes_that_were_tallied_are_forgotten(self, store):
        a, _ = add(store, entry("a"), entry("b"))
        discard(store, a)
        with store.write() as writer:
            position = writer.position()
            writer.save_tallies(position, b"tallied")
        (c,) = add(store, entry("c"))
        with store.read() as reader:
            assert reader.tallies() == (position, b"tallied")
            assert [change.number for change in reader.changes(position)] == [c]
            assert reader.changes(0) is None
            assert reader.changes(position - 1) is None

    def test_positions_go_on_after_a_session_that_failed(self, store):
        add(store, entry("a"))
        before = contents(store)
        with pytest.raises(ZeroDivisionError):
            failing(store, lambda writer: writer.add(entry("b")))
        assert contents(store) == before
        (number,) = add(store, entry("c"))
        with store.read() as reader:
            assert [change.number for change in reader.changes(before["position"])] == [number]

    # Sessions.

    def test_a_session_that_fails_leaves_nothing(self, store):
        a, b, c = add(
            store, entry("a", keys=[67_000_000, 0]), entry("b", keys=[0]), entry("c", story=2)
        )
        with store.write() as writer:
            writer.note("name", "value")
            writer.mark_different("a", "b")
            writer.save_tallies(writer.position(), b"before")
        before = contents(store)

        def change_all(writer):
            writer.note("name", "other")
            writer.note("more", "")
            writer.mark_different("a", "c")
            writer.discard([a])
            story = writer.open_story()
            writer.add(entry("a", keys=[67_000_000], story=story))
            for i in range(300):
                writer.add(entry(keys=[0, i], story=story))
            writer.merge(2, 1)
            writer.move([b, c], story)
            writer.claim_story(story + 9)
            writer.regroup([b, c], c)
            writer.save_tallies(writer.position(), b"after")
            writer.tidy(10**6)

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
            writer.note("a", "b")
            with pytest.raises(StoreError), store.write():
                pass
        with store.read() as reader:
            assert reader.notes() == {"a": "b"}

    def test_a_closed_store_says_so(self, store):
        add(store, entry())
        store.close()
        store.close()
        for session in (store.read, store.write):
            with pytest.raises(StoreError, match="closed"), session():
                pass
        with pytest.raises(StoreError, match="closed"):
            store.shrink()

    def test_tidying_ends(self, store):
        numbers = add(store, *(entry(keys=range(i, i + 9)) for i in range(600)))
        discard(store, *numbers[:400])
        with store.write() as writer:
            for _ in range(10**5):
                if not writer.tidy(3000):
                    break
            else:
                pytest.fail("there was always more to do")
        with store.read() as reader:
            assert list(reader.problems()) == []

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
