"""Person ids last: they are kept, never reused, and what becomes of persons is told."""

import itertools
import random
from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from throughway.identity.person_ids import HIGHEST, LOWEST, Assignment, PersonEventKind, assign

P, Q = LOWEST + 5, LOWEST + 9


def counting(start: int = LOWEST + 100) -> Callable[[], int]:
    return itertools.count(start).__next__


def assigned(
    groups: Sequence[Sequence[int]], current: dict[int, int], given_out: Sequence[int] = (P, Q)
) -> Assignment:
    return assign(groups, current, left={}, given_out=given_out, draw=counting())


def test_first_run_gives_each_group_a_new_id() -> None:
    made = assigned([[1, 2], [3]], {}, given_out=())
    assert made.links == {1: LOWEST + 100, 2: LOWEST + 100, 3: LOWEST + 101}
    assert made.new == (LOWEST + 100, LOWEST + 101)
    assert made.events == ()


def test_unchanged_groups_change_nothing() -> None:
    current = {1: P, 2: P, 3: Q}
    made = assigned([[3], [2, 1]], current)
    assert made == Assignment(current)  # no new ids, no events


def test_a_new_record_joins_without_changing_anyone() -> None:
    made = assigned([[1, 2, 7], [3]], {1: P, 2: P, 3: Q})
    assert made.links == {1: P, 2: P, 7: P, 3: Q}
    assert (made.new, made.events) == ((), ())


def test_merged_persons_keep_the_id_of_the_larger_part() -> None:
    made = assigned([[1, 2, 3]], {1: P, 2: Q, 3: Q})
    assert set(made.links.values()) == {Q}
    assert made.retired == (P,)
    [event] = made.events
    assert (event.kind, event.persons) == (PersonEventKind.MERGED, (Q, P))
    assert event.before == {P: (1,), Q: (2, 3)}


def test_equal_parts_keep_the_oldest_id() -> None:
    assert set(assigned([[1, 2]], {1: P, 2: Q}, given_out=(Q, P)).links.values()) == {Q}
    assert set(assigned([[1, 2]], {1: P, 2: Q}, given_out=(P, Q)).links.values()) == {P}


def test_split_person_leaves_the_id_with_the_larger_part() -> None:
    made = assigned([[1], [2, 3]], {1: P, 2: P, 3: P}, given_out=(P,))
    assert made.links == {1: LOWEST + 100, 2: P, 3: P}
    [event] = made.events
    assert (event.kind, event.persons) == (PersonEventKind.SPLIT, (P, LOWEST + 100))
    assert event.after == {P: (2, 3), LOWEST + 100: (1,)}


def test_person_without_records_is_retired_and_revived() -> None:
    gone = assigned([[3]], {1: P, 3: Q})
    assert gone.retired == (P,)
    assert [event.kind for event in gone.events] == [PersonEventKind.LEFT]
    back = assign([[1], [3]], gone.links, left={1: P}, given_out=(P, Q), draw=counting())
    assert back.links == {1: P, 3: Q}
    assert (back.new, back.revived) == ((), (P,))
    assert [event.kind for event in back.events] == [PersonEventKind.RETURNED]


def test_id_given_out_before_is_drawn_again() -> None:
    draws = iter([P, Q, LOWEST + 3])
    made = assign([[1]], {}, left={}, given_out=(P, Q), draw=draws.__next__)
    assert made.new == (LOWEST + 3,)


@st.composite
def regrouped(draw: st.DrawFn) -> tuple[list[list[list[int]]], int]:
    """Several runs over some records, each with groups of its own."""
    runs = []
    for _ in range(draw(st.integers(2, 5))):
        present = draw(st.lists(st.integers(1, 12), unique=True, min_size=1))
        labels = draw(st.lists(st.integers(0, 4), min_size=len(present), max_size=len(present)))
        groups: dict[int, list[int]] = {}
        for record, label in zip(present, labels, strict=True):
            groups.setdefault(label, []).append(record)
        runs.append(list(groups.values()))
    return runs, draw(st.integers(0, 2**32))


@given(regrouped())
def test_ids_are_stable_unique_and_changes_recorded(case: tuple[list[list[list[int]]], int]) -> None:
    runs, seed = case
    dice = random.Random(seed)
    current: dict[int, int] = {}
    left: dict[int, int] = {}
    given_out: list[int] = []
    for groups in runs:
        made = assign(
            groups, current, left=left, given_out=given_out, draw=lambda: dice.randrange(LOWEST, HIGHEST)
        )
        assert not set(made.new) & set(given_out)
        # one id, one group
        assert [len({made.links[r] for r in g}) for g in groups] == [1] * len(groups)
        assert len(set(made.links.values())) == len(groups)
        # a record changes its person only where a merge or a split says so
        moved = {
            r for r in made.links if r in {**left, **current} and made.links[r] != {**left, **current}[r]
        }
        told = {
            r
            for e in made.events
            if e.kind in (PersonEventKind.MERGED, PersonEventKind.SPLIT)
            for held in e.before.values()
            for r in held
        }
        assert moved <= told
        # running again on the same groups changes nothing
        given_out += made.new
        again = assign(groups, made.links, left={}, given_out=given_out, draw=counting())
        assert again == Assignment(made.links)
        left.update({r: p for r, p in current.items() if r not in made.links})
        left = {r: p for r, p in left.items() if r not in made.links}
        current = dict(made.links)
