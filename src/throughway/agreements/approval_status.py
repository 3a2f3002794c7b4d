"""A text on its way to effect: reviewed, negotiated, approved, signed. Approvals and signatures count for its exact hash."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.approvals import ApprovalPolicy, Capacity, Needed, required
from throughway.agreements.document import AgreementDocument
from throughway.agreements.membership import Membership, signed
from throughway.agreements.states import AgreementAct, AgreementState, LifecycleEvent
from throughway.agreements.text_versions import TextVersion
from throughway.core.prose import listed

MOVES = {
    AgreementAct.SUBMIT: AgreementState.REVIEW,
    AgreementAct.OFFER: AgreementState.NEGOTIATION,
    AgreementAct.AGREE: AgreementState.APPROVAL,
    AgreementAct.OBJECT: AgreementState.NEGOTIATION,
}


@dataclass(frozen=True)
class Preparing:
    """`waiting`: who must still sign, `missing`: which approvals a settled text still needs."""

    state: AgreementState
    signed: tuple[str, ...]
    waiting: tuple[str, ...]
    approved: tuple[Needed, ...]
    missing: tuple[Needed, ...]
    full: bool

    def reason(self, id: str, on: date, names: Mapping[str, str]) -> str:
        match self.state:
            case AgreementState.DRAFT:
                return f"{id} is a draft on {on}: no party has signed it."
            case AgreementState.REVIEW:
                return (
                    f"{id} is not in effect on {on}: it is under review, and not yet offered to its parties."
                )
            case AgreementState.NEGOTIATION:
                return f"{id} is not in effect on {on}: its parties are negotiating the text."
            case AgreementState.APPROVAL:
                who = listed(dict.fromkeys(names.get(need.partner, need.partner) for need in self.missing))
                return f"{id} is not in effect on {on}: {who} must still approve it."
            case AgreementState.APPROVED:
                return f"{id} is not in effect on {on}: it is approved, and no party has signed it."
            case AgreementState.PARTLY_SIGNED:
                return f"{id} is not in effect on {on}: {listed(names.get(p, p) for p in self.waiting)} must still sign it."
        return f"{id} is not in effect on {on}: every party has signed, and nobody has activated it."


def preparing(
    line: TextVersion,
    document: AgreementDocument,
    members: Membership,
    events: Sequence[LifecycleEvent],
    policy: ApprovalPolicy,
) -> Preparing:
    """`document`: the effective one of the line."""
    signers = [p for p in document.partners if not (p in members.abstaining and not _has_roles(document, p))]
    have = tuple(p for p in document.partners if signed(line.version, p, events))
    waiting = tuple(p for p in signers if p not in have)
    phase, given = _phase(line, events)
    missing = _missing(document, given, policy) if phase is AgreementState.APPROVAL else ()
    return Preparing(
        _state(phase, missing, have, waiting),
        have,
        waiting,
        given,
        missing,
        phase is not AgreementState.DRAFT,
    )


def _phase(line: TextVersion, events: Sequence[LifecycleEvent]) -> tuple[AgreementState, tuple[Needed, ...]]:
    """How far the line has come on the long way (DRAFT: it did not take it), and the approvals since its text was settled."""
    phase = AgreementState.DRAFT
    given: dict[Needed, None] = {}
    for event in events[max(line.begun, 0) : line.until]:
        if event.act is AgreementAct.ADD and phase not in (AgreementState.DRAFT, AgreementState.REVIEW):
            phase, given = AgreementState.NEGOTIATION, {}
        elif event.act in MOVES:
            phase, given = MOVES[event.act], {}
        elif event.act is AgreementAct.APPROVE and event.partner and event.version == line.version:
            given[Needed(event.partner, Capacity(event.said("capacity")))] = None
    return phase, tuple(given)


def _missing(
    document: AgreementDocument, given: Iterable[Needed], policy: ApprovalPolicy
) -> tuple[Needed, ...]:
    have = {
        Needed(g.partner, Capacity.PRIVACY_OFFICER if g.capacity is Capacity.COUNSEL else g.capacity)
        for g in given
    }
    return tuple(need for need in required(document, policy) if need not in have)


def _state(
    phase: AgreementState, missing: Sequence[Needed], signed: Sequence[str], waiting: Sequence[str]
) -> AgreementState:
    if phase in (AgreementState.REVIEW, AgreementState.NEGOTIATION) or missing:
        return phase
    if not signed:
        return AgreementState.APPROVED if phase is AgreementState.APPROVAL else AgreementState.DRAFT
    return AgreementState.PARTLY_SIGNED if waiting else AgreementState.SIGNED


def _has_roles(document: AgreementDocument, partner: str) -> bool:
    return any(party.roles for party in document.parties if party.partner == partner)
