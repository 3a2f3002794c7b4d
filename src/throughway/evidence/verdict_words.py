"""What each word of a finding means, in sentences that stand together wherever the word does.

Whoever reads the headline alone must read nothing false: a comparison that shows no cause says so in the headline itself.
"""

from collections.abc import Mapping

from throughway.evidence.verdict import Verdict

HEADLINES: Mapping[Verdict, str] = {
    Verdict.HELPS: "The program helps.",
    Verdict.HARMS: "The program harms.",
    Verdict.NO_EFFECT_FOUND: "No effect of the program that matters was found.",
    Verdict.DID_BETTER: "Participants did better than similar students. We do not know whether the program is why.",
    Verdict.DID_WORSE: "Participants did worse than similar students. We do not know whether the program is why.",
    Verdict.NO_DIFFERENCE_FOUND: "Participants did as well as similar students. We do not know whether the program has an effect.",
    Verdict.NOT_ENOUGH_EVIDENCE: "There is not enough evidence. That is not a finding that the program does nothing.",
}
FOLLOWS: Mapping[Verdict, str] = {
    Verdict.HELPS: "Those who were offered a place did better than they would have without the offer, as far as this study can tell.",
    Verdict.HARMS: "Those who were offered a place did worse than they would have without the offer, as far as this study can tell.",
    Verdict.NO_EFFECT_FOUND: "If it has an effect, that is smaller than the smallest that matters.",
    Verdict.DID_BETTER: "They may have differed before in what no record holds.",
    Verdict.DID_WORSE: "They may have differed before in what no record holds.",
    Verdict.NO_DIFFERENCE_FOUND: "If there is a difference, it is smaller than the smallest that matters; a hidden cause may hide what the program does.",
    Verdict.NOT_ENOUGH_EVIDENCE: "This study cannot tell.",
}
CAUSE_WOULD_SHOW = "A lottery among those who wait for a place would show whether the program is why."
# Kinds of tags: only a causal word is green or red.
TAGS: Mapping[Verdict, str] = {
    **dict.fromkeys(Verdict, "wait"),
    Verdict.HELPS: "ok",
    Verdict.HARMS: "stop",
    Verdict.NO_EFFECT_FOUND: "past",
}


def cause_not_shown(verdict: Verdict) -> bool:
    """Whether the word tells a difference, or none, whose cause is not known."""
    return not verdict.causal and verdict is not Verdict.NOT_ENOUGH_EVIDENCE


def meaning(verdict: Verdict) -> tuple[str, ...]:
    """The headline and the sentences that follow it."""
    return (
        HEADLINES[verdict],
        FOLLOWS[verdict],
        *((CAUSE_WOULD_SHOW,) if cause_not_shown(verdict) else ()),
    )
