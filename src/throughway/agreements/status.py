"""The status of an agreement on a day, from its texts and the events of its life."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType

from throughway.agreements.approvals import Capacity, Needed, required
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.effective_document import (
    Joined,
    Membership,
    TextVersion,
    effective,
    ever_joined,
    membership,
    signed,
    text_versions,
)
from throughway.agreements.enums import PartyRole
from throughway.agreements.states import AgreementAct, AgreementState, LifecycleEvent
from throughway.core.prose import listed


@dataclass(frozen=True)
class AgreementStatus:
    """The status of one text of an agreement on one day; `reason` is a sentence that names the agreement and the day.

    `document` is the effective one (`effective_document.py`), `text` the signed one where they differ. `left` and `leaving`: the first
    day on which each is not a party. `missing`: approvals that the settled text still needs. `full`: the full process was used.
    `certified`: recipients who have certified destruction; `uncertified`: those who have not, once it has ended. `activated`: whether
    it ever was; then it is in the public register, otherwise only its parties see it.
    """

    document: AgreementDocument
    version: str
    state: AgreementState
    reason: str
    signed_by: tuple[str, ...] = ()
    suspended_by: tuple[str, ...] = ()
    text: AgreementDocument | None = None
    waits_for: tuple[str, ...] = ()  # parties that have not signed
    approved: tuple[Needed, ...] = ()
    missing: tuple[Needed, ...] = ()
    full: bool = False
    joined: tuple[Joined, ...] = ()
    left: tuple[tuple[str, date], ...] = ()
    leaving: tuple[tuple[str, date], ...] = ()
    abstaining: tuple[str, ...] = ()
    certified: tuple[str, ...] = ()
    uncertified: tuple[str, ...] = ()
    certificate: str = ""  # of the platform's own destruction
    activated: bool = False

    @cached_property
    def fingerprint(self) -> str:
        """`version_of` the effective document: a cache key."""
        return version_of(self.document)

    @property
    def in_effect(self) -> bool:
        return self.state is AgreementState.ACTIVE

    @property
    def signed_text(self) -> AgreementDocument:
        return self.text or self.document

    @property
    def ever_parties(self) -> tuple[str, ...]:
        """Present and former parties: those whom the text names and those who joined."""
        return tuple(dict.fromkeys((*self.signed_text.partners, *self.document.partners)))

    @property
    def identity(self) -> tuple[object, ...]:
        """A cache key: equal for two statuses with the same content."""
        parties = (self.joined, tuple(partner for partner, _ in self.left), self.abstaining)
        return (self.document.id, self.version, self.state, self.reason, parties)


@dataclass(frozen=True)
class AgreementLifecycle:
    """An agreement on one day: the text in effect (or the last that was; or the newest where none ever was), and the later one in
    preparation. `texts`: every text that was, or may come to be, in effect, oldest first. `activated`: their activated versions."""

    current: AgreementStatus
    pending: AgreementStatus | None
    texts: tuple[AgreementStatus, ...]
    activated: tuple[str, ...]

    @property
    def prepared(self) -> AgreementStatus:
        """The text that is, or was last, in preparation: a later one before the one in effect."""
        return self.pending or self.current


@dataclass(frozen=True)
class ApprovalStatus:
    """A text in preparation; approvals and signatures count for its exact hash. `waiting`: parties that have not signed, `missing`:
    approvals that a settled text still needs."""

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
        return f"{id} is not in effect on {on}: every party has signed, but nobody has activated it."


@dataclass(frozen=True)
class WindDownStatus:
    """An agreement after its end, until received records are gone, here and at each recipient. `state`: None before its end; `reason`:
    the text after the agreement's id in a sentence."""

    state: AgreementState | None
    reason: str
    certified: tuple[str, ...]
    uncertified: tuple[str, ...]
    certificate: str


def lifecycle_on(
    documents: Mapping[str, AgreementDocument],
    versions: Sequence[str],
    events: Iterable[LifecycleEvent],
    on: date,
    names: Mapping[str, str] = MappingProxyType({}),
) -> AgreementLifecycle:
    """The agreement at the end of the day `on`. `versions`: those of the texts, oldest first; `documents` by version; `names`:
    partners' names by id.

    The first activated text applies from the day that it names; each later one from the day of its activation. Signatures and the
    activation count whenever they were given, since an agreement applies from the day that its text names; a suspension and an end
    count from their own day on.
    """
    done = list(events)
    texts = text_versions(documents, versions, done)
    end = _wind_down_status(texts, done, on)
    replaced = [(later.begins or date.max) <= on for later in texts[1:]] + [False]
    statuses = [
        _status(text, done, on, end, is_replaced, names)
        for text, is_replaced in zip(texts, replaced, strict=True)
    ]
    place = max(
        (n for n, text in enumerate(texts) if text.activated and (text.begins or date.min) <= on),
        default=len(texts) - 1,
    )
    later = place + 1 < len(texts) and not texts[-1].activated and end.state is None
    activated = tuple(text.version for text in texts if text.activated)
    return AgreementLifecycle(statuses[place], statuses[-1] if later else None, tuple(statuses), activated)


def _status(
    text: TextVersion,
    events: Sequence[LifecycleEvent],
    on: date,
    end: WindDownStatus,
    replaced: bool,
    names: Mapping[str, str],
) -> AgreementStatus:
    members = membership(text, events, on)
    document = effective(text.document, members.joined, [p for p, _ in members.left], members.abstaining)
    prepared = _approval_status(text, document, members, events)
    suspended = _suspended_by(events, on)
    state, reason = _state(text, document, on, prepared, suspended, end, replaced, names)
    return AgreementStatus(
        document, text.version, state, reason, prepared.signed, suspended,
        text=text.document, waits_for=prepared.waiting, approved=prepared.approved, missing=prepared.missing,
        full=prepared.full, joined=members.joined, left=members.left, leaving=members.leaving,
        abstaining=members.abstaining, certified=end.certified, uncertified=end.uncertified, certificate=end.certificate,
        activated=text.activated,
    )  # fmt: skip


def _suspended_by(events: Iterable[LifecycleEvent], on: date) -> tuple[str, ...]:
    """A suspension applies to the agreement, whichever its text: a later text does not lift it."""
    suspended: dict[str, None] = {}
    for event in events:
        if event.partner is None or event.day > on:
            continue
        if event.act is AgreementAct.SUSPEND:
            suspended[event.partner] = None
        elif event.act is AgreementAct.RESUME:
            suspended.pop(event.partner, None)
    return tuple(suspended)


def _state(
    text: TextVersion, document: AgreementDocument, on: date, prepared: ApprovalStatus, suspended: Sequence[str], end: WindDownStatus, replaced: bool,
    names: Mapping[str, str],
) -> tuple[AgreementState, str]:  # fmt: skip
    name, terms = document.id, document.terms
    if replaced:
        return AgreementState.AMENDED, f"This text of {name} was replaced by a later one."
    if end.state is not None:
        return end.state, f"{name} {end.reason}"
    if not text.activated:
        return prepared.state, prepared.reason(name, on, names)
    if on > terms.expires:
        return AgreementState.EXPIRED, f"{name} expired on {terms.expires}, its last day; {on} is later."
    if on < terms.effective:
        return AgreementState.NOT_YET_EFFECTIVE, f"{name} takes effect on {terms.effective}; {on} is earlier."
    if suspended:
        return (
            AgreementState.SUSPENDED,
            f"{name} is suspended on {on} by {listed(names.get(p, p) for p in suspended)}.",
        )
    return AgreementState.ACTIVE, f"{name} is in effect on {on}, until {terms.expires}."


PHASES = {
    AgreementAct.SUBMIT: AgreementState.REVIEW,
    AgreementAct.OFFER: AgreementState.NEGOTIATION,
    AgreementAct.AGREE: AgreementState.APPROVAL,
    AgreementAct.OBJECT: AgreementState.NEGOTIATION,
}


def _approval_status(
    text: TextVersion,
    document: AgreementDocument,
    members: Membership,
    events: Sequence[LifecycleEvent],
) -> ApprovalStatus:
    """`document`: the effective one of the text."""
    signers = [p for p in document.partners if not (p in members.abstaining and not _has_roles(document, p))]
    have = tuple(p for p in document.partners if signed(text.version, p, events))
    waiting = tuple(p for p in signers if p not in have)
    phase, given = _phase(text, events)
    missing = _missing(document, given) if phase is AgreementState.APPROVAL else ()
    return ApprovalStatus(
        _prepared_state(phase, missing, have, waiting),
        have,
        waiting,
        given,
        missing,
        phase is not AgreementState.DRAFT,
    )


def _phase(text: TextVersion, events: Sequence[LifecycleEvent]) -> tuple[AgreementState, tuple[Needed, ...]]:
    """The text's phase in the full process (DRAFT: not used), and the approvals since it was settled."""
    phase = AgreementState.DRAFT
    given: dict[Needed, None] = {}
    for event in events[max(text.begun, 0) : text.until]:
        if event.act is AgreementAct.ADD and phase not in (AgreementState.DRAFT, AgreementState.REVIEW):
            phase, given = AgreementState.NEGOTIATION, {}
        elif event.act in PHASES:
            phase, given = PHASES[event.act], {}
        elif event.act is AgreementAct.APPROVE and event.partner and event.version == text.version:
            given[Needed(event.partner, Capacity(event.detail("capacity")))] = None
    return phase, tuple(given)


def _missing(document: AgreementDocument, given: Iterable[Needed]) -> tuple[Needed, ...]:
    have = {
        Needed(g.partner, Capacity.PRIVACY_OFFICER if g.capacity is Capacity.COUNSEL else g.capacity)
        for g in given
    }
    return tuple(need for need in required(document) if need not in have)


def _prepared_state(
    phase: AgreementState, missing: Sequence[Needed], signed: Sequence[str], waiting: Sequence[str]
) -> AgreementState:
    if phase in (AgreementState.REVIEW, AgreementState.NEGOTIATION) or missing:
        return phase
    if not signed:
        return AgreementState.APPROVED if phase is AgreementState.APPROVAL else AgreementState.DRAFT
    return AgreementState.PARTLY_SIGNED if waiting else AgreementState.SIGNED


def _has_roles(document: AgreementDocument, partner: str) -> bool:
    return any(party.roles for party in document.parties if party.partner == partner)


def _wind_down_status(
    texts: Sequence[TextVersion], events: Sequence[LifecycleEvent], on: date
) -> WindDownStatus:
    own = [event for event in events if event.day <= on]
    first = {act: next((e for e in own if e.act is act), None) for act in AgreementAct}
    certified = tuple(dict.fromkeys(e.partner for e in own if e.act is AgreementAct.CERTIFY and e.partner))
    uncertified = tuple(p for p in _receivers(texts, events) if p not in certified)
    ended, winding = (
        first[AgreementAct.TERMINATE],
        first[AgreementAct.WIND_DOWN] or first[AgreementAct.DESTROY],
    )
    destroyed = first[AgreementAct.DESTROY]
    state, reason = None, ""
    if closed := first[AgreementAct.CLOSE]:
        state, reason = AgreementState.CLOSED, f"was closed on {closed.day}."
    elif destroyed and not uncertified:
        last = max(e.day for e in own if e.act in (AgreementAct.DESTROY, AgreementAct.CERTIFY))
        state, reason = (
            AgreementState.DESTROYED,
            f"has ended, and what was received under it was destroyed by {last}.",
        )
    elif winding:
        state = AgreementState.WINDING_DOWN
        reason = f"is being wound down since {winding.day}; nothing comes in or is read under it."
    elif ended:
        state, reason = AgreementState.TERMINATED, f"was terminated on {ended.day}."
    certificate = destroyed.detail("certificate") if destroyed else ""
    return WindDownStatus(state, reason, certified, uncertified, certificate)


def _receivers(texts: Sequence[TextVersion], events: Sequence[LifecycleEvent]) -> tuple[str, ...]:
    """Everyone who received or stored records under any text that was in effect, including former parties."""
    joined = ever_joined(events)
    found: dict[str, None] = {}
    for text in texts:
        if text.activated:
            document = effective(text.document, joined)
            for role in (PartyRole.RECIPIENT, PartyRole.STEWARD):
                found.update(dict.fromkeys(document.parties_with(role)))
    return tuple(found)
