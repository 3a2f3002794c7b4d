"""The thresholds of disclosure control in one table: change them here, never in a rule.

The bands of rates are those of NCES 2011-603 (not yet checked against the printed page).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """How a rate over `smallest` or more persons is coded.

    Up to `edge` percent and from 100 - `edge` percent on, one code for all; between them steps of `step` percent.
    """

    smallest: int
    edge: int
    step: int


@dataclass(frozen=True)
class SuppressionPolicy:
    """What protects a withheld figure, besides the minimum cell that agreements set."""

    # Largest first. Below the last band's smallest number of persons, no rate is published.
    bands: tuple[Band, ...] = (
        Band(smallest=301, edge=1, step=1),
        Band(smallest=101, edge=2, step=1),
        Band(smallest=41, edge=5, step=5),
        Band(smallest=21, edge=10, step=10),
        Band(smallest=10, edge=20, step=10),
    )
    # A student who is the only one in a cell can subtract one person from the total, so every range must be that much wider: in all
    # blocks, because a rule that asked for a 1 would tell where one is.
    extra_beside_one: int = 1
    # A range is shown in place of a withheld count where it is at most this many times the minimum wide, or reaches at most from a count
    # to its double.
    widest_range: int = 4
    # Of more withheld figures that are connected, none has a range: to find them would take too long.
    largest_part: int = 500
    # Withholding a total costs a reader more than withholding one of its parts: by this factor for each level.
    weight_of_a_total: float = 3.0
    # Seconds for one optimization; a figure whose optimization takes longer counts as not protected.
    seconds: float = 10.0


POLICY = SuppressionPolicy()
