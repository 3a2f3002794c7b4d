"""An attacker who keeps every release about the same students, written from the promise alone: it shares no code with the protection.

It knows the roll: who was in which school, group and program on each day, who came late, and whose outcome was corrected. It does
not know how anybody ended. So each figure that is shown is an inequality about the unknown outcomes of students who are known.
Students whom no figure tells apart are one unknown: how many of them reached.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

PRIME = 2_147_483_629
MANY = 1e6  # more students than any town has


@dataclass(frozen=True)
class Figure:
    """One count of a release. `signs`: of each student on the roll of this figure, 1 where reaching (by their first record) adds one,
    -1 where not reaching does, because the figure counts who was lost, or a record was corrected, and 0 where both do.

    `low` and `high`: what is printed; `high` None where nothing is.
    """

    release: int
    minimum: int
    signs: Mapping[int, int]
    low: int
    high: int | None

    @property
    def exact(self) -> bool:
        return self.low == self.high

    def persons(self, reached: Mapping[int, bool]) -> frozenset[int]:
        """Whom it counts in truth."""
        return frozenset(s for s, sign in self.signs.items() if sign == 0 or (sign > 0) == reached[s])


@dataclass(frozen=True)
class Share:
    """A percent of a release, of two of its counts: `of` of `among` is from `low` to `high`, from 0 to 1."""

    of: Figure
    among: Figure
    low: float
    high: float


def percents(shown: object) -> tuple[float, float] | None:
    """What a printed percent or code says, with half a percent for rounding; None where nothing is printed."""
    if shown is None:
        return None
    numbers = [int(n) for n in re.findall(r"\d+", str(shown))]
    low, high = numbers[0] - 0.5, numbers[-1] + (1 if len(numbers) > 1 else 0.5)
    if str(shown)[0] in "≥>":
        high = 100
    if str(shown)[0] in "≤<":
        low = 0
    return low / 100, high / 100


def told_about_few(
    figures: Sequence[Figure], reached: Mapping[int, bool], required: int
) -> list[tuple[int, ...]]:
    """Sums and differences of two or three exact figures, not all of one release, that concern some students and fewer than required.

    Each is the numbers of its figures. A figure that repeats an earlier one is left out: what tells is told by that one already.
    """
    seen: dict[frozenset[int], int] = {}
    for n, figure in enumerate(figures):
        if figure.exact:
            seen.setdefault(figure.persons(reached), n)
    everyone = sorted(reached)
    column = {student: i for i, student in enumerate(everyone)}
    rows = np.zeros((len(seen), len(everyone)), np.float32)
    for i, persons in enumerate(seen):
        rows[i, [column[s] for s in persons]] = 1
    numbers = list(seen.values())
    found = []
    for i, j in combinations(range(len(rows)), 2):
        for sign in (1, -1):
            pair = rows[i] + sign * rows[j]
            for third in (0, 1, -1):
                candidates = [None] if third == 0 else range(j + 1, len(rows))
                sums = pair[None, :] if third == 0 else pair + third * rows[j + 1 :]
                told = np.abs(sums).sum(axis=1)
                for k, few in zip(candidates, (told > 0) & (told < required), strict=True):
                    if few:
                        mine = tuple(numbers[x] for x in (i, j, k) if x is not None)
                        if len({figures[n].release for n in mine}) > 1:
                            found.append(mine)
    return found


class Attacker:
    """What follows from these figures. `shown`: those that the attacker reads; `others`: those that it wants to know; `shares`: the
    percents that it reads.

    Each group of students whom no figure tells apart has two unknowns: how many reached, and how many were lost. With `roll`, the
    attacker knows how many they are together.
    """

    def __init__(
        self,
        students: Iterable[int],
        shown: Iterable[Figure],
        others: Iterable[Figure],
        *,
        shares: Sequence[Share] = (),
        roll: bool = True,
    ) -> None:
        self.shown = list(shown)
        counts = [count for share in shares for count in (share.of, share.among)]
        signature: dict[int, list[tuple[int, int]]] = {student: [] for student in students}
        for n, figure in enumerate([*self.shown, *others, *counts]):
            for student, sign in figure.signs.items():
                signature[student].append((n, sign))
        groups: dict[tuple[tuple[int, int], ...], list[int]] = {}
        for student, signs in signature.items():
            groups.setdefault(tuple(signs), []).append(student)
        self.groups = list(groups.values())
        self.of = {student: i for i, group in enumerate(self.groups) for student in group}
        self.sizes = np.array([len(group) for group in self.groups])
        rows = [self.line(figure) for figure in self.shown]
        low, high = [f.low for f in self.shown], [f.high for f in self.shown]
        for share in shares:
            of, among = self.line(share.of), self.line(share.among)
            rows += [of - share.low * among, of - share.high * among]
            low, high = [*low, 0, -MANY], [*high, MANY, 0]
        if roll:
            rows += list(np.hstack([np.eye(len(self.groups)), np.eye(len(self.groups))]))
            low, high = [*low, *self.sizes], [*high, *self.sizes]
        self.rows = np.array(rows, float).reshape(-1, 2 * len(self.groups))
        self.low, self.high = np.array(low, float), np.array(high, float)

    def line(self, figure: Figure) -> np.ndarray:
        """The figure as a sum of unknowns."""
        row = np.zeros((2, len(self.groups)))
        for student, sign in figure.signs.items():
            group = self.of[student]
            row[0, group] += (sign >= 0) / self.sizes[group]
            row[1, group] += (sign <= 0) / self.sizes[group]
        return np.rint(row.ravel())

    def derivable(self, figure: Figure) -> bool:
        """Whether the figure is a combination of exact ones, modulo a prime."""
        exact = [row.astype(np.int64) for row in self.rows[self.low == self.high]]
        return _rank([*exact, self.line(figure).astype(np.int64)]) == _rank(exact)

    def bounds(self, figure: Figure) -> tuple[float, float]:
        """The smallest and the largest count that the figure can be, with the unknowns taken as real numbers."""
        row = self.line(figure)
        return self._least(row), -self._least(-row)

    def _least(self, aim: np.ndarray) -> float:
        sums = {}
        if len(self.rows):
            sums = {
                "A_ub": np.vstack([self.rows, -self.rows]),
                "b_ub": np.concatenate([self.high, -self.low]),
            }
        answer = linprog(aim, **sums, bounds=(0, None), method="highs")
        if answer.status == 3:
            return -np.inf
        assert answer.status == 0, answer.message
        return float(answer.fun)

    def may_be(self, figure: Figure, value: int) -> bool:
        """Whether whole numbers fit everything that is shown and give the figure this value."""
        row = self.line(figure)
        sums = [LinearConstraint(row, value, value)]
        if len(self.rows):
            sums.append(LinearConstraint(self.rows, self.low, self.high))
        answer = milp(
            np.zeros(len(row)), integrality=np.ones(len(row)), bounds=Bounds(0, np.inf), constraints=sums
        )
        assert answer.status in (0, 2), answer.message
        return answer.status == 0


def _rank(rows: Sequence[np.ndarray]) -> int:
    """The rank modulo PRIME, by elimination."""
    left = [row % PRIME for row in rows]
    rank = 0
    while left:
        row = left.pop()
        at = np.flatnonzero(row)
        if at.size:
            rank += 1
            first = at[0]
            row = row * pow(int(row[first]), -1, PRIME) % PRIME
            left = [(other - other[first] * row) % PRIME for other in left]
    return rank
