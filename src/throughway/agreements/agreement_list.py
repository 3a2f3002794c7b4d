"""The list of agreements for one reader: which ones, in which order, and a line about each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from throughway.agreements.available_acts import NO_CONTEXT, ActContext, waits_for
from throughway.agreements.document import AgreementDocument
from throughway.agreements.effective_grants import why_not_in_effect
from throughway.agreements.enums import PurposeKind
from throughway.agreements.labels import TIER_WORDS, day, listed, partner_labels
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.states import BEGUN, AgreementState
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.agreements.status_text import Tag, tag, urgency, waiting_on
from throughway.partners import Actor, PartnerFacts, PartnerKind


@dataclass(frozen=True)
class AgreementRow:
    """One agreement in the list. `waits_for_reader`: the reader may do the next act. `stage`: the heading that it is listed under."""

    id: str
    title: str
    tier: str
    tag: Tag
    parties: str
    about: str
    until: str
    held_by: str
    waits_for_reader: bool
    in_effect: bool
    stage: str = ""


def may_see(actor: Actor, document: AgreementDocument, partners: Mapping[str, PartnerFacts]) -> bool:
    """Whether the reader may see it: a party's people see their agreement, the backbone's people every one."""
    if actor.partner in document.partners:
        return True
    own = partners.get(actor.partner or "")
    return own is not None and own.kind is PartnerKind.BACKBONE


def may_see_status(actor: Actor, found: AgreementStatus, partners: Mapping[str, PartnerFacts]) -> bool:
    """As `may_see`; also a partner that has left and, for an open agreement in effect, a partner of a kind that may join."""
    if actor.partner in found.ever_parties or may_see(actor, found.document, partners):
        return True
    own = partners.get(actor.partner or "")
    return found.in_effect and own is not None and own.kind in found.document.joinder.open_to


def may_see_pending(
    actor: Actor, found: AgreementStatus, later: AgreementStatus, partners: Mapping[str, PartnerFacts]
) -> bool:
    """A later text is visible to its parties and those of the text in effect, not to partners that left or might join."""
    return any(may_see(actor, text.document, partners) for text in (found, later))


def is_listed_for(actor: Actor, life: AgreementLifecycle, partners: Mapping[str, PartnerFacts]) -> bool:
    """Whether an agreement is in the list of one reader at all."""
    later = life.pending is not None and may_see_pending(actor, life.current, life.pending, partners)
    return later or may_see_status(actor, life.current, partners)


def agreement_rows(
    actor: Actor,
    found: Sequence[AgreementStatus],
    findings: Mapping[str, Sequence[ReviewFinding]],
    partners: Mapping[str, PartnerFacts],
    on: date,
    later: Mapping[str, AgreementStatus] | None = None,
    settings: Mapping[str, ActContext] | None = None,
) -> list[AgreementRow]:
    """Most urgent first. `findings`: by id, for texts in preparation; `later`: by id, texts that would replace one in effect."""
    names = {id: facts.name for id, facts in partners.items()}
    ranked = []
    for standing in found:
        id = standing.document.id
        pending = (later or {}).get(id)
        if pending is not None and not may_see_pending(actor, standing, pending, partners):
            pending = None
        if pending is None and not may_see_status(actor, standing, partners):
            continue
        setting = (settings or {}).get(id, NO_CONTEXT)
        blocking = count_blocking(findings.get(id, ()))
        own = 0 if pending else blocking
        lacking = why_not_in_effect(standing, found) if standing.in_effect else ()
        mine = waits_for(actor, standing, own, on, setting)
        also = pending is not None and waits_for(actor, pending, blocking, on, setting)
        line = _line(standing, own, lacking, mine or also, names, on)
        if pending is not None and not line.held_by:
            line = replace(line, held_by=f"A later text: {waiting_on(pending, blocking, (), names, on)}")
        ranked.append(
            (urgency(standing, own, lacking, mine or also, on), standing.document.terms.expires, line)
        )
    return [line for _, _, line in sorted(ranked, key=lambda one: (one[0], one[1], one[2].title))]


def count_blocking(findings: Iterable[ReviewFinding]) -> int:
    return sum(finding.blocks for finding in findings)


def _line(
    standing: AgreementStatus,
    blocking: int,
    lacking: Sequence[str],
    mine: bool,
    names: Mapping[str, str],
    on: date,
) -> AgreementRow:
    document = standing.document
    return AgreementRow(
        id=document.id,
        title=document.title,
        tier=TIER_WORDS[document.tier],
        tag=tag(standing, blocking, lacking, on),
        parties=_parties(partner_labels(document.partners, names)),
        about=purpose_summary(document),
        until=day(document.terms.expires),
        held_by=waiting_on(standing, blocking, lacking, names, on),
        waits_for_reader=mine,
        in_effect=standing.in_effect,
        stage=_stage(standing, mine),
    )


WAITS, PREPARED, IN_EFFECT, HELD, OVER = STAGES = (
    "Waits for you", "Being prepared", "In effect", "Suspended or ended", "Closed",
)  # fmt: skip


def _stage(standing: AgreementStatus, mine: bool) -> str:
    if mine:
        return WAITS
    if standing.in_effect:
        return IN_EFFECT
    if standing.state in (AgreementState.CLOSED, AgreementState.AMENDED):
        return OVER
    return HELD if standing.state in BEGUN else PREPARED


def group_by_stage(rows: Iterable[AgreementRow]) -> list[tuple[str, list[AgreementRow]]]:
    """The rows under their headings, those that wait for the reader first; each heading keeps their order."""
    found = list(rows)
    groups = [(stage, [line for line in found if line.stage == stage]) for stage in STAGES]
    return [(stage, held) for stage, held in groups if held]


def _parties(names: Sequence[str]) -> str:
    return listed(names) if len(names) <= 4 else listed([*names[:3], f"{len(names) - 3} others"])


def purpose_summary(document: AgreementDocument) -> str:
    """Its purposes in one line: their interests, with linkage purposes listed separately."""
    own = [p for p in document.purposes if p.kind is not PurposeKind.LINKAGE] or list(document.purposes)
    interests = list(dict.fromkeys(purpose.interest.rstrip(".") for purpose in own))
    if not interests:
        return "The framework for other agreements; it shares no records by itself."
    return " ".join(i if i.endswith(("?", "!")) else f"{i}." for i in interests[:2])
