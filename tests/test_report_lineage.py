"""The tree of reports and their copies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from report_examples import FERRY, member, scores

from dedupe.model import Member, Story
from dedupe.report.table import DEEPEST, lineage


def copy(name: str, to: str | None, group: str = "c") -> Member:
    return member(name, name, "", None, group, "near_duplicate", to, scores(0.9, 0.9, 0.9))


def test_each_report_is_followed_by_its_copies_in_order() -> None:
    found = [(e.member.id, e.above.id if e.above else None) for e in lineage(FERRY)]
    assert found == [
        ("nord-001", None),
        ("daily-1", "nord-001"),
        ("post-9", "nord-001"),
        ("post-brief", "post-9"),
        ("radio-5", None),
        ("radio-5b", "radio-5"),
        ("gazette-77", None),
    ]


def test_the_last_branch_is_known() -> None:
    assert [e.ancestors_last for e in lineage(FERRY)] == [
        (),
        (False,),
        (True,),
        (True, True),
        (),
        (True,),
        (),
    ]


def test_a_long_chain_is_indented_only_so_far() -> None:
    chain = [member("0", "", "", None, "c")] + [copy(str(i), str(i - 1)) for i in range(1, 9)]
    entries = list(lineage(Story("s", tuple(chain))))
    assert len(entries) == 9
    assert max(len(e.ancestors_last) for e in entries) == DEEPEST


@given(st.lists(st.integers(-1, 9), min_size=1, max_size=10), st.integers(1, 3))
def test_every_member_stands_in_the_tree_once_whatever_it_points_to(
    to: list[int], groups: int
) -> None:
    members = [copy(str(i), str(target), str(i % groups)) for i, target in enumerate(to)]
    assert sorted(e.member.id for e in lineage(Story("s", tuple(members)))) == sorted(
        m.id for m in members
    )
