"""One effect as it may be published: rounded so that no student's outcome follows from it.

The rule, which its sentence tells the reader (decisions 31 and 35):

1. An effect is shown for at least 20 students on each side, and twice the minimum cell of the agreements.
2. On each side at least the minimum cell have an outcome above the lowest, and as many below the highest, and no student's outcome
   stands out (p-percent rule, `publication.amounts`).
3. An estimate is rounded to a step that is not below what one student's outcome can move it: the greatest weight of a student times one
   standard deviation of the outcome, or one whole answer where it is yes or no; so many times as coarsely as there are earlier effects on
   this outcome of some of the same students.
4. All else that depends on outcomes is made of the rounded estimate and of how wide the interval is, which one student's outcome hardly
   moves: the ends of the interval lie that far from the rounded estimate, and so far out that they hold the exact ones. An end that was
   rounded on its own would be a second equation about the same student.
5. No group's average is shown: only differences between groups.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from throughway.evidence.estimate import FEWEST, DesignEstimate
from throughway.evidence.plain_table import Figures
from throughway.evidence.standards import is_binary
from throughway.publication.amounts import base, may_show


@dataclass(frozen=True)
class PublishedEffect:
    """An effect as published, in units of the outcome; without one, `why` says why. `step`: to what it is rounded."""

    name: str
    estimate: float | None
    low: float | None
    high: float | None
    step: float
    why: str = ""

    @property
    def apart(self) -> bool:
        """Whether the interval, as published, lies on one side of zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def withheld_effect(name: str, why: str) -> PublishedEffect:
    return PublishedEffect(name, None, None, None, 0.0, why)


def rule_sentence(minimum_cell: int) -> str:
    """The rule for the reader of a release."""
    return (
        f"An effect is shown for {fewest(minimum_cell)} or more students on each side, where {minimum_cell} or more of them have an outcome "
        "above the lowest and below the highest and no student’s outcome stands out. It is rounded to a step that is not below what one "
        "student’s outcome can move it, and the interval outward. Groups of a kind are shown all or none, and no group’s average is shown. "
        f"No two effects on one outcome are shown whose students differ in fewer than {minimum_cell} on a side."
    )


def fewest(minimum_cell: int) -> int:
    """The students whom each side must have."""
    return max(FEWEST, 2 * minimum_cell)


def publishable(outcome: Figures, treated: np.ndarray, minimum_cell: int) -> bool:
    """Rules 1 and 2 for the outcomes behind an effect."""
    sides = (outcome[treated], outcome[~treated])
    enough = min(len(side) for side in sides) >= fewest(minimum_cell)
    return enough and all(may_show(side.tolist(), minimum_cell) for side in sides)


def rounding_step(found: DesignEstimate, outcome: Figures, earlier: int = 0) -> float:
    """To what an effect is rounded: 1, 2 or 5 times a power of ten. `earlier`: the effects on this outcome that are published already and
    hold some of the same students."""
    return base((1 + earlier) * found.heaviest * whole_outcome(found, outcome))


def whole_outcome(found: DesignEstimate, outcome: Figures) -> float:
    """By what one student's outcome is left open: a whole answer, or a standard deviation."""
    return 1.0 if is_binary(outcome) else found.sd


def published_effect(
    name: str, found: DesignEstimate, outcome: Figures, *, level: float = 0.95, earlier: int = 0
) -> PublishedEffect:
    """The effect with its interval at a level, rounded. `outcome`: of the students behind it."""
    step = rounding_step(found, outcome, earlier)
    low, high = found.interval(level)
    return around(name, found.estimate, (high - low) / 2, step)


def around(name: str, estimate: float, reach: float, step: float) -> PublishedEffect:
    """An interval that reaches as far on both sides, rounded outward whatever digits the estimate lost."""
    shown, reach = nearest(estimate, step), upward(reach + step / 2, step)
    return PublishedEffect(name, shown, clean(shown - reach, step), clean(shown + reach, step), step)


def nearest(value: float, step: float) -> float:
    return clean(math.floor(value / step + 0.5) * step, step)


def upward(value: float, step: float) -> float:
    return clean(math.ceil(value / step - 1e-9) * step, step)


def clean(value: float, step: float) -> float:
    """Without the digits that binary fractions leave behind."""
    return round(value, max(0, 1 - math.floor(math.log10(step)))) + 0.0


def digits(value: float | None, step: float) -> str | None:
    """The figure as a table shows it."""
    return None if value is None else f"{value:+.{max(0, -math.floor(math.log10(step)))}f}"
