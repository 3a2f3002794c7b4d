"""Sums and means: an attacker who knows all that is printed places no withheld sum within one student's amount."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from throughway.publication.amounts import (
    PERCENT,
    RawAmount,
    base,
    may_show,
    protect_amounts,
    rule_sentence,
)
from throughway.publication.tables import place

MINIMUM = 3
amount = st.one_of(st.floats(0, 100), st.just(0.0), st.sampled_from([1.0, 1000.0]))


def amounts_of(cells, statistic="sum", by=("school",)):
    """Each part with its values, and every total over them."""
    found = [
        RawAmount("hours", by, dict(at), statistic, place(dict(at)), tuple(values)) for at, values in cells
    ]
    whole = tuple(v for _, values in cells for v in values)
    return [RawAmount("hours", by, {}, statistic, place({}), whole), *found] if cells[0][0] else found


def slow_p_percent(values):
    """Whether the student with the second largest amount can place the largest within PERCENT percent."""
    ordered = sorted(values)
    largest = ordered.pop()
    ordered.pop()
    return sum(ordered) < PERCENT / 100 * largest


@given(st.lists(amount, max_size=12))
def test_an_amount_is_shown_only_where_nobody_stands_out(values):
    if not may_show(values, MINIMUM):
        return
    low, high = min(values), max(values)
    assert len(values) >= MINIMUM
    assert sum(v != low for v in values) >= MINIMUM
    assert sum(v != high for v in values) >= MINIMUM
    for shifted in (values, [v - low for v in values], [high - v for v in values]):
        assert not slow_p_percent([abs(v) for v in shifted]) or np.isclose(0, min(map(abs, shifted)))


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([5, 6, 7, 8, 9, 10], True),
        ([5, 6], False),
        ([5] * 20, False),  # tells what everybody has
        ([0] * 20 + [5], False),  # tells of one
        ([0] * 20 + [1] * 20, True),
        ([0] * 38 + [1] * 2, False),
        ([10_000, 1, 2, 3, 4, 5, 6], False),
        ([180] * 20 + [150, 30], False),  # two are below all others, and know each other
    ],
)
def test_examples_of_the_rule(values, shown):
    assert may_show(values, MINIMUM) is shown


@given(st.floats(1e-6, 1e9))
def test_the_base_is_the_next_round_step(largest):
    step = base(largest)
    assert largest <= step <= largest * 2.6


@given(st.lists(st.lists(st.floats(0, 100), min_size=1, max_size=9), min_size=2, max_size=5), st.data())
def test_no_withheld_sum_is_placed_within_a_step(parts, data):
    cells = [({"school": str(n)}, values) for n, values in enumerate(parts)]
    shown = {place({}), *(place(at) for at, _ in cells if data.draw(st.booleans()))}
    (table,) = protect_amounts(amounts_of(cells), shown=shown, minimum_cell=MINIMUM)
    printed = {place(c.at): c.shown for c in table.cells}
    step = base(max(v for values in parts for v in values))
    places = [place(at) for at, _ in cells]
    withheld = [i for i, p in enumerate(places) if printed[p] is None]
    total = printed[place({})]
    assert all(printed[p] is None for p in places if p not in shown)
    if total is None or not withheld:
        return
    bounds = [(0, None) if i in withheld else (float(printed[p]) - step / 2, float(printed[p]) + step / 2) for i, p in enumerate(places)]  # fmt: skip
    limits = np.array([np.ones(len(places)), -np.ones(len(places))])
    around = [float(total) + step / 2, -(float(total) - step / 2)]
    together = np.array([1.0 if i in withheld else 0.0 for i in range(len(places))])
    low, high = (
        linprog(sign * together, A_ub=limits, b_ub=around, bounds=bounds).fun * sign for sign in (1, -1)
    )
    assert high - low >= step * (1 - 1e-6)


@given(st.lists(st.lists(st.floats(1, 100), min_size=4, max_size=9), min_size=4, max_size=4), st.data())
def test_with_two_groups_a_total_is_the_sum_of_what_is_shown(parts, data):
    places = [{"school": s, "grade": g} for s, g in product("AB", "12")]
    found = [RawAmount("hours", ("school", "grade"), at, "sum", place(at), tuple(v)) for at, v in zip(places, parts, strict=True)]  # fmt: skip
    for at in [{}, *({"school": s} for s in "AB"), *({"grade": g} for g in "12")]:
        values = [v for p, each in zip(places, parts, strict=True) if place(at) <= place(p) for v in each]
        found.append(RawAmount("hours", ("school", "grade"), at, "sum", place(at), tuple(values)))
    shown = {place(a.at) for a in found if not a.at or data.draw(st.integers(0, 4))}
    (table,) = protect_amounts(found, shown=shown, minimum_cell=MINIMUM)
    printed = {place(c.at): c.shown for c in table.cells}
    for where, value in printed.items():
        inner = [printed[place(p)] for p in places if where <= place(p)]
        if value is not None and len(where) < 2:
            assert None not in inner
            assert float(value) == pytest.approx(sum(map(float, inner)))


def test_a_total_is_withheld_where_it_would_tell_of_a_withheld_part():
    # Two parts of 105 are shown as 110, and 210.2 in all would be 210: so at most 5 are left for the third part.
    shown = [10.0] * 9 + [1.5] * 10
    cells = [({"school": "A"}, shown), ({"school": "B"}, shown), ({"school": "C"}, [0.2])]
    (table,) = protect_amounts(amounts_of(cells), shown={place({}), place({"school": "A"}), place({"school": "B"})}, minimum_cell=MINIMUM)  # fmt: skip
    assert [c.shown for c in table.cells] == [None, 110, 110, None]


def test_a_mean_is_the_rounded_sum_by_the_count():
    values = tuple(float(n) for n in range(10, 30))  # 20 students, 390 hours, base 50
    found = {}
    for statistic in ("sum", "mean"):
        raw = [RawAmount("hours", (), {}, statistic, place({}), values)]
        (table,) = protect_amounts(raw, shown={place({})}, minimum_cell=10)
        (found[statistic],) = (c.shown for c in table.cells)
    assert found == {"sum": 400, "mean": 20}


def test_amounts_below_one_keep_their_digits():
    values = tuple(0.01 * n for n in range(1, 30))
    (table,) = protect_amounts([RawAmount("x", (), {}, "sum", place({}), values)], shown={place({})}, minimum_cell=10)  # fmt: skip
    assert table.cells[0].shown == "4.5"  # 4.35, in steps of 0.5


def test_the_rule_is_said():
    assert "10 or more students" in rule_sentence(10)


def test_only_sums_and_means_are_amounts():
    with pytest.raises(ValueError, match="only sums and means"):
        RawAmount("x", (), {}, "median", place({}), ())
