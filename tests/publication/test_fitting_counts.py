"""Ranges of hidden figures beside what is printed, against one linear program for each end of each range."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from throughway.publication import fitting_counts
from throughway.publication.fitting_counts import FittingCounts, Printed

REQUIRED = 5
CLASSES = 6
figures = st.lists(
    st.lists(st.sampled_from((0.0, 1.0)), min_size=CLASSES, max_size=CLASSES).map(np.array), max_size=8
)


def printed_of(rows, counts, slack):
    """What is printed of these rows: exactly, or as a range."""
    return [
        (row, (int(row @ counts) - s, int(row @ counts) + s)) for row, s in zip(rows, slack, strict=False)
    ]


def width(figure, printed, most):
    """By two programs of their own."""
    rows = np.array([row for row, _ in printed]).reshape(-1, CLASSES)
    low, high = np.array([ends for _, ends in printed]).reshape(-1, 2).T
    ends = [
        linprog(sign * figure, np.vstack([rows, -rows]), np.concatenate([high, -low]), bounds=[(0, most)] * CLASSES).fun
        for sign in (1, -1)
    ]  # fmt: skip
    return -ends[1] - ends[0]


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 9), min_size=CLASSES, max_size=CLASSES),
    figures,
    st.lists(st.sampled_from((0, 0, 2, 7)), min_size=8, max_size=8),
    figures.filter(len),
    st.lists(st.integers(0, 8), max_size=3),
)
def test_a_figure_is_narrow_whatever_was_asked_before(numbers, rows, slack, hidden, cuts):
    counts = np.array(numbers, float)
    most = counts.sum() + REQUIRED
    fitting = FittingCounts(counts, np.full(CLASSES, most), REQUIRED)
    every = printed_of(rows, counts, slack)
    for cut in (*cuts, 0, *cuts):
        printed = every[cut:]
        found = fitting.narrow(np.array(hidden), Printed(printed, CLASSES))
        assert found == [width(figure, printed, most) < REQUIRED - 1e-6 for figure in hidden]


def test_counts_found_once_serve_again(monkeypatch):
    counts = np.array([20.0, 20, 20, 0, 0, 0])
    fitting = FittingCounts(counts, np.full(CLASSES, 100.0), REQUIRED)
    whole, first = np.array([1.0, 1, 1, 0, 0, 0]), np.array([1.0, 0, 0, 0, 0, 0])
    assert fitting.narrow(np.array([first]), Printed([(whole, (60, 60))], CLASSES)) == [False]
    monkeypatch.setattr(fitting_counts, "least", None)
    assert fitting.narrow(np.array([first]), Printed([], CLASSES)) == [False]


def test_counts_that_no_longer_fit_prove_nothing():
    counts = np.array([20.0, 20, 20, 0, 0, 0])
    fitting = FittingCounts(counts, np.full(CLASSES, 100.0), REQUIRED)
    whole, first, others = (
        np.array([1.0, 1, 1, 0, 0, 0]),
        np.array([1.0, 0, 0, 0, 0, 0]),
        np.array([0.0, 1, 1, 0, 0, 0]),
    )
    assert fitting.narrow(np.array([first]), Printed([(whole, (60, 60))], CLASSES)) == [False]
    assert fitting.narrow(np.array([first]), Printed([(whole, (60, 60)), (others, (40, 40))], CLASSES)) == [
        True
    ]


@pytest.mark.parametrize("many", [1, 9])
def test_a_program_that_is_not_solved_in_so_many_steps_counts_as_narrow(monkeypatch, many):
    counts = np.array([20.0, 20, 20, 20, 20, 20])
    fitting = FittingCounts(counts, np.full(CLASSES, 200.0), REQUIRED)
    monkeypatch.setattr(fitting_counts, "least", lambda *_: None)
    whole, hidden = Printed([(np.ones(CLASSES), (120, 120))], CLASSES), np.eye(CLASSES)[[0] * many]
    assert fitting.narrow(hidden, whole) == [True] * many
    # Nor may a range be taken as narrow by the earlier releases alone, which would let the new figures be shown.
    assert fitting.narrow(hidden, whole, undecided=False) == [False] * many
