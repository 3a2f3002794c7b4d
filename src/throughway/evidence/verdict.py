"""The word of a finding: one of seven, of the set that its design earns, decided in a fixed order on the intervals as they are shown.

A lottery and a cut-off tell what a program did. A comparison with students who look alike tells who did better, and never why: no bound
on hidden causes told true words from false ones (`bench/effects.py`). Nobody chooses the word: the smallest effect that matters is the
community's, and what was rounded is all that a word knows.
"""

from collections.abc import Mapping
from enum import StrEnum
from statistics import NormalDist
from typing import Any

from throughway.evidence.study import Better, Design


class Verdict(StrEnum):
    HELPS = "helps"
    HARMS = "harms"
    NO_EFFECT_FOUND = "no effect found"
    DID_BETTER = "did better than look-alikes"
    DID_WORSE = "did worse than look-alikes"
    NO_DIFFERENCE_FOUND = "no difference found"
    NOT_ENOUGH_EVIDENCE = "not enough evidence"

    @property
    def causal(self) -> bool:
        """Whether it says what the program did."""
        return self in (Verdict.HELPS, Verdict.HARMS, Verdict.NO_EFFECT_FOUND)

    @property
    def positive(self) -> bool:
        return self in (Verdict.HELPS, Verdict.DID_BETTER)

    @property
    def claims(self) -> bool:
        """Whether it says that there is a difference, one way or the other, so that chance among many findings counts against it."""
        return self.positive or self in (Verdict.HARMS, Verdict.DID_WORSE)


# A 90% interval reaches so far beside a 95% one; with fewer degrees of freedom it reaches less far.
NINETY = NormalDist().inv_cdf(0.95) / NormalDist().inv_cdf(0.975)


def earns_cause(design: Design, *, sound: bool) -> bool:
    """`sound`: a lottery with low attrition, or a cut-off without bunching."""
    return sound and design in (Design.LOTTERY, Design.CUTOFF)


def decide(
    *,
    admissible: bool,
    cause: bool,
    ninety: tuple[float, float],
    ninety_five: tuple[float, float],
    smallest: float | None,
    better: Better,
) -> Verdict:
    """`cause`: whether the design earns causal words; `ninety`, `ninety_five`: the intervals; `smallest`: the smallest effect that
    matters, in units of the outcome, None where nobody set one."""
    if not admissible:
        return Verdict.NOT_ENOUGH_EVIDENCE
    if ninety_five[0] > 0 or ninety_five[1] < 0:
        if (ninety_five[0] > 0) == (better is Better.HIGHER):
            return Verdict.HELPS if cause else Verdict.DID_BETTER
        return Verdict.HARMS if cause else Verdict.DID_WORSE
    # Two one-sided tests at 5%: an effect that matters would have been seen (Schuirmann 1987).
    if smallest is not None and -smallest < ninety[0] and ninety[1] < smallest:
        return Verdict.NO_EFFECT_FOUND if cause else Verdict.NO_DIFFERENCE_FOUND
    return Verdict.NOT_ENOUGH_EVIDENCE


def narrower(estimate: float, low: float, high: float) -> tuple[float, float]:
    """The 90% interval of a 95% one, no narrower than it is."""
    reach = NINETY * (high - low) / 2
    return estimate - reach, estimate + reach


def as_of_today(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    """A finding as registered, with its word. An earlier version had four words for every design: a finding of then has the word that
    its published effect and its design earn; where it said that there was not enough evidence, there still is not."""
    if "causal" in finding:
        return finding
    said, word = Verdict(finding["verdict"]), _earned(finding)
    reason = finding["reason"]
    if word is not said:
        reason = f"An earlier version of this software said “{said}”. The design, and the effect as it is shown, earn this word."
    tier = finding.get("tier")
    return {
        **finding, "verdict": word.value, "causal": word.causal, "reason": reason, "tier": tier if word.positive and tier != 3 else None,
    }  # fmt: skip


def _earned(finding: Mapping[str, Any]) -> Verdict:
    effect = finding.get("effect") or {}
    estimate, low, high = (effect.get(name) for name in ("estimate", "low", "high"))
    if (
        Verdict(finding["verdict"]) is Verdict.NOT_ENOUGH_EVIDENCE
        or estimate is None
        or low is None
        or high is None
    ):
        return Verdict.NOT_ENOUGH_EVIDENCE
    return decide(
        admissible=True,
        cause=earns_cause(Design(finding["design"]), sound=finding.get("low_attrition") is not False),
        ninety=narrower(estimate, low, high),
        ninety_five=(low, high),
        smallest=finding.get("smallest"),
        better=Better(finding["better"]),
    )
