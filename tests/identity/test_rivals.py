"""Rivals: of two good candidates of one source neither is certain, whichever number a record has."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from throughway.identity.linkage.candidate_pairs import CandidatePairs, Integers
from throughway.identity.linkage.comparisons import COMPARISONS
from throughway.identity.linkage.match_weights import Floats, Rivals, _Others

SOURCE = np.array([0, 1, 0, 2, 1, 2, 0, 1])  # records of three sources, as they come in turn


def slowly(left: Integers, right: Integers, weight: Floats, counted: np.ndarray) -> list[float]:
    """Every pair against every other, one by one."""
    found = []
    for at in range(len(left)):
        e, rivals = 2.0 ** weight[at], 0.0
        across = SOURCE[left[at]] != SOURCE[right[at]]
        for other in range(len(left)):
            if other == at or not counted[other] or SOURCE[left[other]] == SOURCE[right[other]]:
                continue
            for mine, wanted in ((left[at], right[at]), (right[at], left[at])):
                for its, found_there in ((left[other], right[other]), (right[other], left[other])):
                    if its == mine and SOURCE[found_there] == SOURCE[wanted]:
                        rivals += 2.0 ** weight[other]
        found.append(e / (1 + e + (rivals if across and counted[at] else 0.0)))
    return found


PAIRS = [(a, b) for a in range(len(SOURCE)) for b in range(a + 1, len(SOURCE))]


@settings(max_examples=200)
@given(
    chosen=st.lists(st.sampled_from(PAIRS), min_size=1, max_size=12, unique=True),
    turned=st.randoms(use_true_random=False),
)
def test_posteriors_are_those_of_a_slow_reference(chosen, turned) -> None:  # type: ignore[no-untyped-def]
    pairs = [pair if turned.random() < 0.5 else pair[::-1] for pair in chosen]
    left, right = np.array(pairs).T
    weight = np.array([turned.uniform(-6, 12) for _ in pairs])
    counted = np.array([turned.random() < 0.8 for _ in pairs])
    posterior = Rivals(left, right, SOURCE).posterior(weight, counted)
    assert np.allclose(posterior, slowly(left, right, weight, counted))


def test_rival_counts_for_either_order_of_numbers() -> None:
    """School 0 and school 2 both want the club's record 1."""
    posterior = Rivals(np.array([0, 1]), np.array([1, 2]), SOURCE).posterior(
        np.array([6.0, 6.0]), np.array([True, True])
    )
    assert np.allclose(posterior, 64 / (1 + 64 + 64))


@settings(max_examples=200)
@given(
    chosen=st.lists(st.sampled_from(PAIRS), min_size=1, max_size=12, unique=True),
    home=st.lists(st.integers(-1, 2), min_size=len(SOURCE), max_size=len(SOURCE)),
    turned=st.randoms(use_true_random=False),
)
def test_others_of_a_household_have_neither_record(chosen, home, turned) -> None:  # type: ignore[no-untyped-def]
    pairs = [pair if turned.random() < 0.5 else pair[::-1] for pair in chosen]
    left, right = np.array(pairs).T
    at = np.array(home)
    both = (at[left] >= 0) & (at[right] >= 0)
    given_pairs = CandidatePairs(left, right, np.zeros((len(pairs), len(COMPARISONS)), np.int8))
    posterior = np.array([turned.random() for _ in pairs])
    found = _Others(given_pairs, at[left], at[right], both).of(posterior)
    for one in np.flatnonzero(both):
        others = sum(
            posterior[other]
            for other in np.flatnonzero(both)
            if {home[r] for r in pairs[other]} == {home[r] for r in pairs[one]}
            and not {*pairs[other]} & {*pairs[one]}
        )
        assert np.isclose(found[one], others)
