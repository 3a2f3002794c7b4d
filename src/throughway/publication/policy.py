"""The numbers of disclosure control, as one table: change them here, never in a rule's body.

The bands of rates are those of NCES 2011-603 (its bands still await a check against the printed page).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """How the rate of `smallest` persons and more is coded.

    Up to `edge` percent and from 100 - `edge` percent on, one code for all; between them steps of `step` percent.
    """

    smallest: int
    edge: int
    step: int


@dataclass(frozen=True)
class SuppressionPolicy:
    """What protects a withheld figure, besides the minimum cell that the agreements set."""

    # Largest first. Fewer persons than the last band begins with: no rate at all.
    bands: tuple[Band, ...] = (
        Band(smallest=301, edge=1, step=1),
        Band(smallest=101, edge=2, step=1),
        Band(smallest=41, edge=5, step=5),
        Band(smallest=21, edge=10, step=10),
        Band(smallest=10, edge=20, step=10),
    )
    # The student who is alone in a cell can subtract one person from the total: so ranges in its block are that much wider.
    extra_beside_one: int = 1
    # Withholding a total hides more from a reader than withholding one of its parts: each level up costs so much more.
    weight_of_a_total: float = 3.0
    # Seconds that one optimisation may take; one that takes longer counts as not protected.
    seconds: float = 10.0


POLICY = SuppressionPolicy()
