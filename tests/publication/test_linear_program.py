"""Linear programs with equations, one-sided and two-sided rows; and that they end after a number of steps, not after a time."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from throughway.publication import linear_program
from throughway.publication.linear_program import least


def rows(matrix, low, high):
    return LinearConstraint(csr_array(np.array(matrix, float)), np.array(low, float), np.array(high, float))


@pytest.mark.parametrize("seed", range(20))
def test_any_mixture_of_rows_has_the_smallest_sum_that_another_solver_finds(seed):
    chance = np.random.default_rng(seed)
    matrix = chance.integers(-2, 3, (5, 6))
    inside = matrix @ chance.integers(0, 9, 6)
    low = np.where(chance.random(5) < 0.3, -np.inf, inside - chance.integers(0, 3, 5))
    high = np.where(chance.random(5) < 0.3, np.inf, inside + chance.integers(0, 3, 5))
    aim = chance.integers(-3, 4, 6).astype(float)
    constraints = [rows(matrix[:2], low[:2], high[:2]), rows(matrix[2:], low[2:], high[2:])]
    other = milp(aim, bounds=Bounds(np.zeros(6), np.full(6, 9.0)), constraints=constraints)
    found = least(aim, np.zeros(6), np.full(6, 9.0), constraints)
    assert found.fun == pytest.approx(other.fun)
    assert ((matrix @ found.x >= low - 1e-6) & (matrix @ found.x <= high + 1e-6)).all()
    assert (least(aim, np.zeros(6), np.full(6, 9.0), constraints, marginals=True).x == found.x).all()


def test_what_cannot_be_solved_has_no_answer(monkeypatch):
    aim, none, nine = np.ones(2), np.zeros(2), np.full(2, 9.0)
    assert least(aim, none, nine, [rows([[1, 1]], [20], [20])]) is None
    hard = [rows(np.random.default_rng(1).integers(1, 9, (30, 40)), [50] * 30, [np.inf] * 30)]
    assert least(np.ones(40), np.zeros(40), np.full(40, 99.0), hard) is not None
    monkeypatch.setattr(linear_program, "FEW", 39)
    monkeypatch.setattr(linear_program, "STEPS", 1)
    assert least(np.ones(40), np.zeros(40), np.full(40, 99.0), hard) is None
