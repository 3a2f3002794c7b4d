"""The verdict on a program, in four words of fixed meaning, decided in a fixed order."""

from enum import StrEnum

from throughway.evidence.study import Better


class Verdict(StrEnum):
    HELPS = "helps"
    HARMS = "harms"
    NO_EFFECT_FOUND = "no effect found"
    NOT_ENOUGH_EVIDENCE = "not enough evidence"


def decide(
    *,
    admissible: bool,
    ninety: tuple[float, float],
    ninety_five: tuple[float, float],
    smallest: float,
    survives: bool | None,
    better: Better,
) -> Verdict:
    """The word that the figures support. `ninety`, `ninety_five`: the intervals; `smallest`: the smallest effect that matters, all in
    units of the outcome; `survives`: whether the finding outlives a hidden cause as strong as the strongest recorded one, None
    where the design does not ask."""
    if not admissible:
        return Verdict.NOT_ENOUGH_EVIDENCE
    # Two one-sided tests at 5%: an effect that matters would have been seen (Schuirmann 1987).
    if -smallest < ninety[0] and ninety[1] < smallest:
        return Verdict.NO_EFFECT_FOUND
    if survives is not False and (ninety_five[0] > 0 or ninety_five[1] < 0):
        rises = ninety_five[0] > 0
        return Verdict.HELPS if rises == (better is Better.HIGHER) else Verdict.HARMS
    return Verdict.NOT_ENOUGH_EVIDENCE
