"""Standards of the What Works Clearinghouse (Procedures and Standards Handbooks 4.1 and 5.0) and of 20 USC 7801(21), as figures.

Written from the formulas and tables named beside each; nothing here was reviewed by the Clearinghouse.
"""

import math

import numpy as np

from throughway.evidence.plain_table import Figures
from throughway.evidence.study import Design

BASELINE_SATISFIED = 0.05
BASELINE_LIMIT = 0.25  # beyond, no adjustment makes a comparison admissible
ESSA_STUDENTS, ESSA_SITES = 350, 2
LOWEST_TIER = 2  # that a finding is said to support; a promising one is no finding
DETECTABLE = 2.802  # standard errors: a power of 80% at 5%, two-sided, is 1.96 + 0.84

# Handbook 4.1, Table II.1, cautious boundary: the highest differential attrition, in points, by overall attrition in whole percent.
_CAUTIOUS = """5.7 5.8 5.9 5.9 6.0 6.1 6.2 6.3 6.3 6.3 6.3 6.2 6.2 6.1 6.0 5.9 5.9 5.8 5.7 5.5 5.4 5.3 5.2 5.1 4.9 4.8 4.7 4.5 4.4 4.3
4.1 4.0 3.8 3.6 3.5 3.3 3.2 3.1 2.9 2.8 2.6 2.5 2.3 2.1 2.0 1.8 1.6 1.5 1.3 1.2 1.0 0.9 0.7 0.6 0.4 0.3 0.2 0.0"""
CAUTIOUS = tuple(float(each) for each in _CAUTIOUS.split())


def is_binary(outcome: Figures) -> bool:
    return bool(np.isin(outcome, (0, 1)).all())


def pooled_sd(treated: Figures, comparison: Figures) -> float:
    """The unadjusted standard deviation within the groups; NaN where a group has fewer than two."""
    nt, nc = len(treated), len(comparison)
    if min(nt, nc) < 2:
        return math.nan
    return math.sqrt(((nt - 1) * treated.var(ddof=1) + (nc - 1) * comparison.var(ddof=1)) / (nt + nc - 2))


def hedges_g(difference: float, sd: float, n: int) -> float:
    """The difference in standard deviations, corrected for few students (handbook 4.1, appendix E)."""
    return difference / sd * (1 - 3 / (4 * n - 9))


def cox_d(treated: float, comparison: float) -> float:
    """The difference of two shares, on the scale of g: that of their logits over 1.65. Infinite for a share of 0 or 1."""

    def logit(share: float) -> float:
        if not 0 < share < 1:
            return math.inf if share >= 1 else -math.inf
        return math.log(share / (1 - share))

    return (logit(treated) - logit(comparison)) / 1.65


def baseline_g(treated: Figures, comparison: Figures) -> float:
    """How far the groups were apart before, in standard deviations, without adjustment."""
    sd = pooled_sd(treated, comparison)
    difference = float(treated.mean() - comparison.mean())
    if is_binary(np.concatenate([treated, comparison])):
        return cox_d(float(treated.mean()), float(comparison.mean()))
    return hedges_g(difference, sd, len(treated) + len(comparison)) if sd > 0 else 0.0


def low_attrition(*, begun: tuple[int, int], kept: tuple[int, int]) -> bool:
    """Whether the loss of a lottery's students, (offered, not offered), is within the cautious boundary.

    Between two whole percents the smaller of the two boundaries holds.
    """
    overall = 1 - sum(kept) / sum(begun)
    differential = abs((begun[0] - kept[0]) / begun[0] - (begun[1] - kept[1]) / begun[1])
    # As exact tenths of points, because 0.29 × 100 is 28.999…
    percent = round(overall * 100, 9)
    rows = {math.floor(percent), math.ceil(percent)}
    if max(rows) >= len(CAUTIOUS):
        return False
    return round(differential * 100, 9) <= min(CAUTIOUS[row] for row in rows)


def tier(design: Design, *, without_reservations: bool, students: int, sites: int | None) -> int:
    """The best tier of 20 USC 7801(21) that a significant, positive result of this design could support."""
    if students < ESSA_STUDENTS or (sites is not None and sites < ESSA_SITES):
        return 3
    return best_tier(design, without_reservations=without_reservations)


def best_tier(design: Design, *, without_reservations: bool) -> int:
    """The same, with as many students and sites as it asks for."""
    return 1 if without_reservations and design in (Design.LOTTERY, Design.CUTOFF) else 2


def ceiling(design: Design, *, without_reservations: bool, students: int, sites: int | None) -> str:
    """The best claim that such a result could support, in words."""
    best = best_tier(design, without_reservations=without_reservations)
    found = tier(design, without_reservations=without_reservations, students=students, sites=sites)
    where = f"{sites} sites" if sites is not None else "sites that the table does not tell"
    needs = f"tier {best} asks for {ESSA_STUDENTS} students at {ESSA_SITES} sites or more, and here are {students:,} students at {where}"
    at_best = " at best" if found > best else ""
    return f"could support an ESSA claim of tier {found}{at_best} ({needs}); not reviewed by WWC"
