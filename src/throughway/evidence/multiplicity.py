"""Several findings on one program in one domain: of many outcomes one differs by chance.

Benjamini, Y., and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical Society B 57(1), 289-300:
of M findings those stand whose p is not above i × 5% / M, for the largest such rank i.
"""

from collections.abc import Sequence

LEVEL = 0.05


def stands(p: float, others: Sequence[float | None]) -> bool:
    """Whether a finding stands beside the others of its program and domain. `others`: their p; None counts as 1."""
    every = sorted([p, *(1.0 if each is None else each for each in others)])
    passed = [each for rank, each in enumerate(every, 1) if each <= rank * LEVEL / len(every)]
    return bool(passed) and p <= passed[-1]


def sentence(domain: str, findings: int, holds: bool | None) -> str:
    """For the reader of a finding. `findings`: with this one; `holds`: whether it stands, None where it claims nothing."""
    if findings == 1:
        return f"It is the only finding on this program and {domain} here."
    counted = f"There are {findings:,} findings on this program and {domain} here, of other outcomes, years, students or specifications."
    if holds is None:
        return counted
    told = "this one stands" if holds else "this one does not stand"
    return f"{counted} Allowing for their number (Benjamini and Hochberg, 5%), {told}."
