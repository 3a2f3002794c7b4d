"""Rates printed without counts: who knows how many there are must not learn how many of them."""

from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from throughway.publication import RawCell, RawTable
from throughway.publication.protection import protect

groups = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), min_size=2, max_size=5)


def share(parts):
    cells = [
        RawCell({"school": str(i)}, "rate", numerator=a, denominator=a + b) for i, (a, b) in enumerate(parts)
    ]
    whole = RawCell({}, "rate", numerator=sum(a for a, _ in parts), denominator=sum(a + b for a, b in parts))
    return RawTable("share", ("school",), (whole, *cells))


def read(shown, n):
    """The numerators that a printed rate allows, read as a newspaper would."""
    if isinstance(shown, int):
        return (shown - 0.5) / 100 * n, (shown + 0.5) / 100 * n
    ends = shown.strip("≤≥%").split("–")
    if shown[0] == "≤":
        return 0, int(ends[0]) / 100 * n
    if shown[0] == "≥":
        return int(ends[0]) / 100 * n, n
    return (int(ends[0]) - 1) / 100 * n, (int(ends[1]) + 1) / 100 * n


@settings(max_examples=40, deadline=None)
@given(groups)
def test_a_withheld_rate_cannot_be_had_from_the_others(parts):
    raw = share(parts)
    (safe,) = protect([raw], minimum_cell=10)
    sizes = [cell.denominator for cell in raw.cells]
    bounds = [
        (0, n) if cell.withheld else read(cell.shown, n) for cell, n in zip(safe.cells, sizes, strict=True)
    ]
    line = [[-1.0] + [1.0] * len(parts)]
    for i, cell in enumerate(safe.cells):
        if cell.withheld:
            ends = []
            for sign in (1, -1):
                aim = [0.0] * len(sizes)
                aim[i] = sign
                ends.append(sign * linprog(aim, A_eq=line, b_eq=[0], bounds=bounds, method="highs").fun)
            assert ends[1] - ends[0] >= min(10, sizes[i]) - 1e-6


@settings(max_examples=40, deadline=None)
@given(groups)
def test_few_among_many_and_few_at_all_are_withheld(parts):
    raw = share(parts)
    (safe,) = protect([raw], minimum_cell=10)
    for true, cell in zip(raw.cells, safe.cells, strict=True):
        if min(true.numerator, true.denominator - true.numerator) < 10:
            assert cell.withheld
