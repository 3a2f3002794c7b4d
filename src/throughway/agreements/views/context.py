"""One agreement for a reader: its status, the findings of its review, the reader's acts; findings as tags."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.http import Http404

from throughway.agreements.agreement_list import count_blocking, may_see, may_see_pending, may_see_status
from throughway.agreements.available_acts import ActContext, open_to
from throughway.agreements.legal_review.findings import ReviewFinding, Severity
from throughway.agreements.selectors import act_context, agreement_lifecycles, findings_on, past_acts, today
from throughway.agreements.states import OPEN, SIGNING_ACTS, TEXT_ACTS, AgreementAct, LifecycleEvent
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.core.prose import counted
from throughway.partners import Actor, PartnerFacts
from throughway.partners.selectors import partners

BEGINNING = TEXT_ACTS | SIGNING_ACTS | {AgreementAct.ACTIVATE}


@dataclass(frozen=True)
class AgreementForReader:
    actor: Actor
    life: AgreementLifecycle
    register: Mapping[str, PartnerFacts]
    today: date
    hidden: str = ""  # the version of a later text that the reader may not see

    @cached_property
    def names(self) -> Mapping[str, str]:
        return {id: facts.name for id, facts in self.register.items()}

    @cached_property
    def done(self) -> list[LifecycleEvent]:
        """The events of the texts that the reader sees; for a partner that might join, those that brought the text into effect."""
        found, texts = past_acts(self.life.current.document.id), [self.life.current, self.life.pending]
        if self.hidden:
            found = [event for event in found if event.version != self.hidden]
        if any(self.actor.partner in text.ever_parties for text in texts if text) or may_see(
            self.actor, self.life.current.document, self.register
        ):
            return found
        return [d for d in found if d.act in BEGINNING and d.version == self.life.current.version]

    @cached_property
    def setting(self) -> ActContext:
        return act_context(self.life, self.actor, self.done)

    @cached_property
    def review(self) -> list[ReviewFinding]:
        """The review of the text in preparation; of the one in effect where there is none."""
        return findings_on(self.life.prepared.signed_text)

    @cached_property
    def blocking(self) -> int:
        return count_blocking(self.review)

    @cached_property
    def open_to(self) -> tuple[AgreementAct, ...]:
        """What the reader may do today, the next act first."""
        return open_to(self.actor, self.life, self.blocking, self.today, self.setting)

    def review_of(self, found: AgreementStatus) -> list[ReviewFinding]:
        return self.review if found is self.life.prepared else findings_on(found.signed_text)

    def blocks(self, found: AgreementStatus) -> int:
        """How many findings block signing."""
        return self.blocking if found.state in OPEN else 0


def agreement_for_reader(actor: Actor, id: str) -> AgreementForReader:
    """The agreement, if the reader may see it; otherwise Http404."""
    register, on = partners(), today()
    life = next((life for life in agreement_lifecycles(on) if life.current.document.id == id), None)
    if life is None:
        raise Http404
    if life.pending is not None and may_see_pending(actor, life.current, life.pending, register):
        return AgreementForReader(actor, life, register, on)
    if not may_see_status(actor, life.current, register):
        raise Http404
    hidden = life.pending.version if life.pending else ""
    return AgreementForReader(actor, replace(life, pending=None), register, on, hidden)


# The kind of tag of each severity, and its words for one finding and for more.
SEVERITY_WORDS = {
    Severity.BLOCKING: ("stop", "must be cured", "must be cured"),
    Severity.WARNING: ("warn", "warning", "warnings"),
    Severity.ADVICE: ("tip", "piece of advice", "pieces of advice"),
}


def severity_tags(found: Sequence[ReviewFinding]) -> list[tuple[str, str]]:
    """How many findings of each severity, as tags."""
    counts = Counter(finding.severity for finding in found)
    return [
        (kind, counted(counts[severity], one, more))
        for severity, (kind, one, more) in SEVERITY_WORDS.items()
        if counts[severity]
    ]
