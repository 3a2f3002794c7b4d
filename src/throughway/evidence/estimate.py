"""What every design returns, and the reasons why it may return nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from throughway.evidence.plain_table import Figures
from throughway.evidence.standards import cox_d, hedges_g, is_binary, pooled_sd
from throughway.evidence.weighting import CovariateBalance

FEWEST = 20  # students on each side, below which nothing is estimated
FEWEST_OF_A_GROUP = 5  # of the students behind a share, below which the normal interval is not trusted


class NoEstimate(Exception):
    """The data cannot answer; the message is one sentence that says what and why. `publishable`: the same without a count of
    students, for a report that protects small groups."""

    def __init__(self, message: str, publishable: str = "") -> None:
        super().__init__(message)
        self.publishable = publishable or message


@dataclass(frozen=True)
class DesignEstimate:
    """An effect in units of the outcome, with what its verdict needs.

    `sd`: the outcome's standard deviation within the groups; `doubt`: why the design does not carry a verdict, or ""; `sound`: a
    lottery with low attrition or a cut-off without bunching; `used`: the table's rows behind the
    estimate; `heaviest`: the greatest weight of one student in it, by which a student's outcome moves it.
    """

    estimate: float
    se: float
    df: float
    treated: int
    comparison: int
    left_out: int
    sd: float
    standardized: float | None
    balance: Sequence[CovariateBalance] = ()
    sensitivity: Mapping[str, object] = field(default_factory=dict)
    notes: Sequence[str] = ()
    doubt: str = ""
    sound: bool = False
    sites: int | None = None
    used: np.ndarray = field(default_factory=lambda: np.zeros(0, bool), compare=False, repr=False)
    heaviest: float = 1.0

    def interval(self, level: float) -> tuple[float, float]:
        reach = float(stats.t.ppf((1 + level) / 2, self.df)) * self.se
        return self.estimate - reach, self.estimate + reach


def check_groups(treated: np.ndarray, what: str = "students with an outcome") -> None:
    """NoEstimate where a side has too few."""
    ones = int(treated.sum())
    for count, side in ((ones, "in the program"), (len(treated) - ones, "in the comparison group")):
        if count < FEWEST:
            few = f"fewer than {FEWEST} do not carry an estimate; wait for another year, or join sites."
            raise NoEstimate(
                f"There are {count} {what} {side}, and {few}", f"There are too few {what} {side}: {few}"
            )


def check_outcome(outcome: Figures, treated: np.ndarray) -> None:
    """NoEstimate where the outcome says nothing: it is the same for everybody, or nearly nobody has the rarer of two answers."""
    if outcome.std() == 0:
        raise NoEstimate(
            "The outcome is the same for every student, so there is nothing to compare; check the column, or choose another outcome."
        )
    if is_binary(outcome):
        ones = int(outcome.sum())
        if min(ones, len(outcome) - ones) < FEWEST_OF_A_GROUP:
            raise NoEstimate(
                f"Fewer than {FEWEST_OF_A_GROUP} students differ from all others in the outcome, so no difference can be told from chance; choose an outcome that varies."
            )


def standardized(
    estimate: float, outcome: Figures, treated: np.ndarray, comparison_mean: float | None = None
) -> tuple[float, float | None]:
    """The outcome's standard deviation within the groups, and the effect on the scale of Hedges' g (Cox's index for a yes or no);
    None where the index has no finite value."""
    sd = pooled_sd(outcome[treated], outcome[~treated])
    if not is_binary(outcome):
        return sd, hedges_g(estimate, sd, len(outcome)) if sd > 0 else None
    base = float(outcome[~treated].mean()) if comparison_mean is None else comparison_mean
    index = cox_d(base + estimate, base)
    return sd, index if np.isfinite(index) else None
