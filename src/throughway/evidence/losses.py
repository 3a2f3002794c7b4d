"""How many of each side have no outcome, held against the cautious boundary of the What Works Clearinghouse (handbook 4.1).

Losses that differ between the sides make a difference where there is none: a program that loses its weakest third looks as if it helped.
"""

from dataclasses import dataclass

import numpy as np

from throughway.evidence.standards import low_attrition

BEYOND = "more of one side than of the other have no outcome, beyond what is allowed (WWC, cautious boundary)"


@dataclass(frozen=True)
class Losses:
    """The shares without an outcome, of those in the program or offered a place, and of the others. `low`: they are within the boundary."""

    shares: tuple[float, float]
    low: bool

    def of(self, one: str, other: str) -> str:
        return f"Of {one} {self.shares[0]:.1%} have no outcome, of {other} {self.shares[1]:.1%}."

    @property
    def verdict(self) -> str:
        return f"That is {'low' if self.low else 'high'} (WWC, cautious boundary)."


def losses(begun: np.ndarray, kept: np.ndarray, treated: np.ndarray) -> Losses:
    """Of rows of which `begun` could be in the study and `kept` are in it."""
    whole = int((begun & treated).sum()), int((begun & ~treated).sum())
    left = int((begun & kept & treated).sum()), int((begun & kept & ~treated).sum())
    if not all(whole):
        return Losses((0.0, 0.0), low=False)
    one, other = (1 - part / of for part, of in zip(left, whole, strict=True))
    return Losses((one, other), low_attrition(begun=whole, kept=left))
