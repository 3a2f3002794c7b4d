"""What a preview tells of figures that are not published: how many would be shown, in steps.

A preview can be asked for again and again, under one filter after another. So nobody and few are one answer; and a figure whose students
differ from those of an earlier figure in fewer than the smallest number is told as that one was, whatever it would be now: else a filter
that leaves out one student would tell whether that student is counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.sparse import csr_array

from throughway.publication.tables import Place
from throughway.store.record_numbers import Numbers, any_of

STEPS = (5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
REMEMBERED = 1_000  # previews of which the figures are remembered, the newest
PLACE_IN_ORDER, TOLD = "figure", "told"


class Told(StrEnum):
    """What a reader was told of a figure."""

    SHOWN = "shown"
    RANGE = "range"
    WITHHELD = "withheld"

    @classmethod
    def of(cls, *, withheld: bool, ranged: bool) -> "Told":
        return cls.WITHHELD if withheld else cls.RANGE if ranged else cls.SHOWN


@dataclass(frozen=True, eq=False)
class ToldFigure:
    """The students of a figure, and what a reader was told of it."""

    persons: Numbers
    told: Told


def in_steps(many: int) -> int:
    """The largest step that it reaches; 0 below the first."""
    return max((step for step in STEPS if step <= many), default=0)


def step_words(step: int) -> str:
    """A step in words: `20 or more`, `fewer than 5`."""
    return f"{step:,} or more" if step else f"fewer than {STEPS[0]}"


def told_sentence(step: int) -> str:
    if step:
        return f"{step:,} figures or more would be shown."
    return f"Fewer than {STEPS[0]} figures, or none, would be shown."


def as_told_before(
    asked: Sequence[ToldFigure], before: Iterable[Sequence[ToldFigure]], minimum: int
) -> tuple[list[Told], list[ToldFigure]]:
    """What is told of each figure that is told of, and those of them of which nobody was told before. `before`: the figures of one release
    or preview after the other; the first that differs in fewer students than the minimum decides. They are read one at a time, and no
    further than is needed.

    Of a figure that counts fewer students than the minimum only that is told: else leaving out one student of ten would tell of that one.
    With fewer than half of it, a figure is as good as nobody.
    """
    figures = [each for each in asked if 2 * each.persons.size >= minimum]
    told: list[Told | None] = [None] * len(figures)
    undecided = list(range(len(figures)))
    for earlier in before:
        near = _first_near([figures[n].persons for n in undecided], [f.persons for f in earlier], minimum)
        for n, found in zip(undecided, near, strict=True):
            told[n] = None if found is None else earlier[found].told
        undecided = [n for n in undecided if told[n] is None]
        if not undecided:
            break
    new = [figures[n] for n in undecided if figures[n].persons.size >= minimum]
    for n in undecided:
        told[n] = figures[n].told if figures[n].persons.size >= minimum else None
    return [how for how in told if how is not None], new


def _first_near(asked: Sequence[Numbers], before: Sequence[Numbers], minimum: int) -> list[int | None]:
    """For each set the first earlier one from which it differs in fewer students than the minimum, and with which it shares some."""
    found: list[int | None] = [None] * len(asked)
    sizes, others = np.array([p.size for p in asked]), np.array([p.size for p in before])
    alike = np.abs(sizes[:, None] - others) < minimum  # else they differ in more
    mine, theirs = np.flatnonzero(alike.any(axis=1)), np.flatnonzero(alike.any(axis=0))
    if not mine.size:
        return found
    ours, earlier = [asked[n] for n in mine.tolist()], [before[n] for n in theirs.tolist()]
    everyone = any_of([*ours, *earlier])
    common = (_membership(ours, everyone) @ _membership(earlier, everyone).T).tocoo()
    rows, columns = mine[common.coords[0]], theirs[common.coords[1]]
    near = sizes[rows] + others[columns] - 2 * common.data < minimum
    for number, other in sorted(zip(rows[near].tolist(), columns[near].tolist(), strict=True), reverse=True):
        found[number] = other
    return found


def _membership(sets: Sequence[Numbers], everyone: Numbers) -> csr_array:
    ends = np.cumsum([0, *(each.size for each in sets)])
    columns = np.searchsorted(everyone, np.concatenate([np.empty(0, np.int64), *sets]))
    return csr_array((np.ones(ends[-1], np.int64), columns, ends), shape=(len(sets), everyone.size))


def place_of(number: int, figure: ToldFigure) -> Place:
    """Where a figure stands among those that are remembered of one preview."""
    return frozenset({(PLACE_IN_ORDER, f"{number:06}"), (TOLD, str(figure.told))})


def figure_at(at: Place, persons: Numbers) -> ToldFigure:
    return ToldFigure(persons, Told(dict(at)[TOLD]))
