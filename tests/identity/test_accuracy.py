"""Counting by cross-tabulation agrees with listing every pair."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.identity.linkage.accuracy import judge

LABELS = st.dictionaries(st.integers(0, 15), st.integers(0, 5))


def test_one_wrong_pair_of_three() -> None:
    made = judge({1: "a", 2: "a", 3: "a", 4: "b", 9: "b"}, {1: 1, 2: 1, 3: 2, 4: 3, 5: 3})
    assert made.judged == 4  # record 5 was not loaded, record 9 is not in the truth
    assert made.pairs.precision == pytest.approx(1 / 3)
    assert made.pairs.recall == 1.0
    assert made.pairs.f1 == pytest.approx(0.5)
    assert made.persons.precision == pytest.approx(1 / 2)  # b is exactly person 3 among the judged
    assert made.persons.recall == pytest.approx(1 / 3)


def test_nothing_to_find_and_nothing_found_is_right() -> None:
    assert judge({1: 1}, {1: 1}).pairs.f1 == 1.0
    assert judge({}, {}).persons.f1 == 1.0


@given(LABELS, LABELS)
def test_pairs_as_listed_one_by_one(found: dict[int, int], truth: dict[int, int]) -> None:
    both = sorted(found.keys() & truth.keys())
    ours = {(a, b) for a, b in combinations(both, 2) if found[a] == found[b]}
    theirs = {(a, b) for a, b in combinations(both, 2) if truth[a] == truth[b]}
    made = judge(found, truth)
    assert made.pairs.precision == (len(ours & theirs) / len(ours) if ours else 1.0)
    assert made.pairs.recall == (len(ours & theirs) / len(theirs) if theirs else 1.0)
    groups, true_groups = (
        {frozenset(r for r in both if labels[r] == label) for label in {labels[r] for r in both}}
        for labels in (found, truth)
    )
    assert made.persons.precision == (len(groups & true_groups) / len(groups) if groups else 1.0)
