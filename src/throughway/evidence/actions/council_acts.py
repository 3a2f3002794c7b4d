"""What the community's council decides of studies, so that nobody who makes one can choose its word: the smallest effects that matter, and a
second specification of a question. Each is a decision of the log."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from throughway.core.refusals import Refused, did_you_mean
from throughway.evidence.models import RegisteredStudy
from throughway.evidence.registered_study import StudyDocument
from throughway.evidence.study import EffectScale, SmallestEffect
from throughway.evidence.study_measures import OUTCOMES
from throughway.governance import selectors as governance
from throughway.governance.bodies import GovernanceDecision, MotionResult
from throughway.store import Community


def smallest_effect_of(outcome: str) -> dict[str, Any]:
    """The smallest effect that matters for an outcome, as the community's policy says it, with the decision and the reason; empty where
    none is set. Refused (settings) where it names an outcome or a decision that there is not."""
    community: Community = settings.COMMUNITY
    policy = community.settings.smallest_effects
    for name in policy:
        if name not in OUTCOMES:
            near = did_you_mean(name, OUTCOMES, f"known are {', '.join(OUTCOMES)}.")
            raise Refused(f"[smallest_effects.{name}] names no outcome of a study; {near}", code="settings")
    if outcome not in policy:
        return {}
    found = policy[outcome]
    _decided(found.decision, f"[smallest_effects.{outcome}]")
    return {"value": found.value, "scale": found.scale, "decision": found.decision, "reason": found.reason}


def judged_by(document: StudyDocument, smallest: dict[str, Any]) -> StudyDocument:
    """The study with the smallest effect of the community, and never one of its own."""
    effect = (
        SmallestEffect(value=smallest["value"], scale=EffectScale(smallest["scale"])) if smallest else None
    )
    return document.model_copy(update={"smallest_effect": effect})


def check_specification(document: StudyDocument, decision: int | None) -> None:
    """One specification for each program, outcome and school year; one that was taken back is none. Refused for a second without a decision of the council, in one sentence
    whatever the study would find; and for a decision that is not there, was made before the first, or has opened another study."""
    years = set(document.school_years)
    first = next(
        (
            row
            for row in _standing().filter(program=document.program).order_by("at", "id")
            if row.document["outcome"] == document.outcome
            and years & set(row.document["school_years"])
            and row.sha256 != document.sha256
        ),
        None,
    )
    if first is None:
        return
    if decision is None:
        raise Refused(
            f"Study {first.pk} of this program, outcome and school year is registered. A second specification needs a decision of the community’s council that was made since; name its number in the decision log.",
            code="second_specification",
        )
    made = _decided(decision, "The second specification")
    if made.day < first.at.date() or _standing().filter(decision=decision).exists():
        raise Refused(
            f"Decision {decision} is older than study {first.pk}, or has opened a study already; ask the council for a decision on this specification.",
            code="second_specification",
        )


def _standing() -> QuerySet[RegisteredStudy]:
    """The studies that were not taken back."""
    return RegisteredStudy.objects.filter(taken_back=None)


def _decided(number: int, what: str) -> GovernanceDecision:
    """A decision of a body of the community that passed. Refused where there is none of that number."""
    found = next(iter(governance.decisions(pk=number)), None)
    body = governance.bodies().get(found.body or "") if found else None
    if found is None or body is None or body.partner or found.result is not MotionResult.PASSED:
        raise Refused(
            f"{what} names decision {number}, which is no decision of the community’s council that passed; see the decision log.",
            code="no_decision",
        )
    return found
