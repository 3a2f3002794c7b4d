"""Which hidden figures a reader can place within a narrow range, given what is printed.

Counts are a number of students for each class of persons whom every figure treats alike. A figure has a wide range where two counts that
fit what is printed differ enough in it. Each linear program finds such counts, which widen the ranges of all figures; they are kept, and
serve again wherever they fit what is printed then. A figure is called wide only where such counts were found, and narrow also where a
program was not solved in so many steps.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr
from scipy.optimize import LinearConstraint
from scipy.sparse import csr_array

from throughway.publication.linear_program import least

Vector = NDArray[np.float64]
ROUNDS = 12  # of programs that move many figures at once, before each that is left is moved on its own
FEW = 4  # figures that programs are solved for sooner than it is found which of them are combinations
NOTHING = 1e-6  # a difference below is a rounding error
DETERMINED = 1e-9  # what is left of a figure that is a combination of others, by rounding


class Printed:
    """What a reader knows: `low <= rows @ counts <= high`, each row once."""

    def __init__(self, figures: Iterable[tuple[Vector, tuple[float, float]]], classes: int) -> None:
        between: dict[bytes, tuple[float, float]] = {}
        for vector, (low, high) in figures:
            row = vector.tobytes()
            least, most = between.get(row, (low, high))
            between[row] = max(least, low), min(most, high)
        self.rows: Vector = np.frombuffer(b"".join(between)).reshape(-1, classes)
        self.matrix = csr_array(self.rows)
        self.low, self.high = np.array(list(between.values()), float).reshape(-1, 2).T
        self.key = blake2b(self.rows.tobytes() + self.low.tobytes() + self.high.tobytes()).digest()

    def fit(self, counts: Vector) -> NDArray[np.bool_]:
        """Which of these counts, one a row, fit what is printed."""
        sums = (self.matrix @ counts.T).T
        fits: NDArray[np.bool_] = ((sums >= self.low - NOTHING) & (sums <= self.high + NOTHING)).all(axis=1)
        return fits

    def determined(self, figures: Vector) -> NDArray[np.bool_]:
        """Which of these figures, one a row, are combinations of figures that are printed exactly."""
        exact = self.rows[self.low == self.high]
        if not exact.size:
            return np.zeros(len(figures), bool)
        directions, triangle, _ = qr(exact.T, mode="economic", pivoting=True)
        sizes = np.abs(np.diag(triangle))
        directions = directions[:, sizes > sizes[0] * DETERMINED]
        left = figures - (figures @ directions) @ directions.T
        return np.asarray(np.abs(left).max(axis=1, initial=0) < DETERMINED)


@dataclass
class _Answers:
    """For one state of what is printed: whether each figure is narrow, and whether every program had a solution."""

    narrow: dict[bytes, bool] = field(default_factory=dict)
    solved: bool = True


class FittingCounts:
    """Answers for one division of the persons into classes. `counts`: the true counts; `most`: the largest of each class; `required`: the
    width of a wide range."""

    def __init__(self, counts: Vector, most: Vector, required: float) -> None:
        self.counts, self.most, self.required = counts, most, required
        self.found: Vector = counts.reshape(1, -1)
        self._answers: dict[bytes, _Answers] = {}

    def narrow(self, figures: Vector, printed: Printed, *, undecided: bool = True) -> list[bool]:
        """Whether the range of each figure, one a row, is narrower than required. `undecided`: whether a figure is narrow where nothing
        fits what is printed, as can be once students are forgotten or linked anew."""
        answers = self._answers.setdefault(printed.key, _Answers())
        rows = [row.tobytes() for row in figures]
        new = {row: n for n, row in enumerate(rows) if row not in answers.narrow}
        if new:
            found, solved = self._narrow(figures[list(new.values())], printed)
            answers.narrow |= dict(zip(new, map(bool, found), strict=True))
            answers.solved &= solved
        return [(undecided or answers.solved) and answers.narrow[row] for row in rows]

    def _narrow(self, figures: Vector, printed: Printed) -> tuple[NDArray[np.bool_], bool]:
        fit = printed.fit(self.found)
        values = figures @ self.found[fit].T
        own = figures @ self.counts
        least = values.min(axis=1, initial=np.inf)
        most = values.max(axis=1, initial=-np.inf)
        least, most = np.minimum(least, own), np.maximum(most, own)
        solved = True
        fixed = np.zeros(len(figures), bool)

        def widen(aim: Vector) -> None:
            nonlocal least, most, solved
            solution = self._solution(aim, printed)
            solved = solved and solution is not None
            if solution is not None:
                values = figures @ solution
                least, most = np.minimum(least, values), np.maximum(most, values)

        def waiting() -> NDArray[np.int64]:
            return np.flatnonzero((most - least < self.required - NOTHING) & ~fixed)

        # Where the true counts do not fit, as when students are forgotten, a combination proves nothing of them.
        if fit[0] and waiting().size > FEW:
            fixed = printed.determined(figures)
        chance = np.random.default_rng(len(figures))
        for _ in range(ROUNDS if len(figures) > 1 else 0):
            if not (left := waiting()).size:
                break
            widen(chance.choice((-1.0, 1.0), left.size) @ figures[left])
        for place in waiting():
            for sign in (1, -1):
                if most[place] - least[place] < self.required - NOTHING:
                    widen(sign * figures[place])
        return fixed | (most - least < self.required - NOTHING), solved

    def _solution(self, aim: Vector, printed: Printed) -> Vector | None:
        """The counts from 0 to `most` that fit what is printed and make the aim smallest, kept for later; None where none were
        found."""
        constraints = (
            [LinearConstraint(printed.matrix, printed.low, printed.high)] if len(printed.low) else []
        )
        found = least(aim, np.zeros_like(self.most), self.most, constraints)
        if found is None:
            return None
        solution: Vector = np.clip(found.x, 0, self.most)
        self.found = np.vstack([self.found, solution])
        return solution


@dataclass
class Findings:
    """What the audits of one release have found so far. The release is audited again each time that a figure of it is withheld, and most of the
    questions are the same then. `fitting`: by the division into classes; `distances`: by the division, the figure and what is known."""

    fitting: dict[bytes, FittingCounts] = field(default_factory=dict)
    distances: dict[tuple[bytes, bytes, bytes], float] = field(default_factory=dict)


def known_key(known: Mapping[bytes, Vector]) -> bytes:
    """Equal for the same known figures in the same order."""
    key = blake2b()
    for row in known:
        key.update(row)
    return key.digest()
