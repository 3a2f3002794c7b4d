"""The status of an agreement on a day, from its texts and the events of its life."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType

from throughway.agreements.approvals import Capacity, Needed, required
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.effective_document import (
    Joined,
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
    preparation. `texts`: every text that was, or may later be, in effect, oldest first. `activated`: their activated versions."""

    current: AgreementStatus
    pending: AgreementStatus | None
    texts: tuple[AgreementStatus, ...]
    activated: tuple[str, ...]

    @property
    def prepared(self) -> AgreementStatus:
        """The text that is, or was last, in preparation: a later one before the one in effect."""
        return self.pending or self.current


# By state, why an agreement is or is not in effect. `who`: those it waits for, or who suspended it; `day`: since when.
REASONS: Mapping[AgreementState, str] = {
    AgreementState.DRAFT: "{id} is a draft on {on}: no party has signed it.",
    AgreementState.REVIEW: "{id} is not in effect on {on}: it is under review, and not yet offered to its parties.",
    AgreementState.NEGOTIATION: "{id} is not in effect on {on}: its parties are negotiating the text.",
    AgreementState.APPROVAL: "{id} is not in effect on {on}: {who} must still approve it.",
    AgreementState.APPROVED: "{id} is not in effect on {on}: it is approved, and no party has signed it.",
    AgreementState.PARTLY_SIGNED: "{id} is not in effect on {on}: {who} must still sign it.",
    AgreementState.SIGNED: "{id} is not in effect on {on}: every party has signed, but nobody has activated it.",
    AgreementState.NOT_YET_EFFECTIVE: "{id} takes effect on {effective}; {on} is earlier.",
    AgreementState.ACTIVE: "{id} is in effect on {on}, until {expires}.",
    AgreementState.SUSPENDED: "{id} is suspended on {on} by {who}.",
    AgreementState.EXPIRED: "{id} expired on {expires}, its last day; {on} is later.",
    AgreementState.AMENDED: "This text of {id} was replaced by a later one.",
    AgreementState.TERMINATED: "{id} was terminated on {day}.",
    AgreementState.WINDING_DOWN: "{id} is being wound down since {day}; nothing comes in or is read under it.",
    AgreementState.DESTROYED: "{id} has ended, and what was received under it was destroyed by {day}.",
    AgreementState.CLOSED: "{id} was closed on {day}.",
}


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
    own = [event for event in done if event.day <= on]
    texts = text_versions(documents, versions, done)
    certified = tuple(dict.fromkeys(e.partner for e in own if e.act is AgreementAct.CERTIFY and e.partner))
    uncertified = tuple(p for p in _receivers(texts, done) if p not in certified)
    certificate = next((e.detail("certificate") for e in own if e.act is AgreementAct.DESTROY), "")
    ended = _ended(own, uncertified)
    replaced = [(later.begins or date.max) <= on for later in texts[1:]] + [False]
    statuses = [
        replace(
            _status(text, done, on, ended, is_replaced, names),
            certified=certified,
            uncertified=uncertified,
            certificate=certificate,
        )
        for text, is_replaced in zip(texts, replaced, strict=True)
    ]
    place = max(
        (n for n, text in enumerate(texts) if text.activated and (text.begins or date.min) <= on),
        default=len(texts) - 1,
    )
    later = place + 1 < len(texts) and not texts[-1].activated and ended is None
    activated = tuple(text.version for text in texts if text.activated)
    return AgreementLifecycle(statuses[place], statuses[-1] if later else None, tuple(statuses), activated)


Ended = tuple[AgreementState, date] | None  # how an agreement ended, and when


def _status(
    text: TextVersion,
    events: Sequence[LifecycleEvent],
    on: date,
    ended: Ended,
    replaced: bool,
    names: Mapping[str, str],
) -> AgreementStatus:
    members = membership(text, events, on)
    document = effective(text.document, members.joined, [p for p, _ in members.left], members.abstaining)
    signers = [p for p in document.partners if not (p in members.abstaining and not _has_roles(document, p))]
    have = tuple(p for p in document.partners if signed(text.version, p, events))
    unsigned = tuple(p for p in signers if p not in have)
    phase, given = _phase(text, events)
    missing = _missing(document, given) if phase is AgreementState.APPROVAL else ()
    suspended = _suspended_by(events, on)
    day, state = on, _prepared_state(phase, missing, have, unsigned)
    if replaced:
        state = AgreementState.AMENDED
    elif ended is not None:
        state, day = ended
    elif text.activated:
        state = _active_state(document, on, suspended)
    who: Iterable[str] = {
        AgreementState.APPROVAL: tuple(dict.fromkeys(need.partner for need in missing)),
        AgreementState.SUSPENDED: suspended,
    }.get(state, unsigned)
    terms = document.terms
    reason = REASONS[state].format(
        id=document.id, on=on, day=day, effective=terms.effective, expires=terms.expires, who=listed(names.get(p, p) for p in who)
    )  # fmt: skip
    return AgreementStatus(
        document, text.version, state, reason, have, suspended,
        text=text.document, waits_for=unsigned, approved=given, missing=missing,
        full=phase is not AgreementState.DRAFT, joined=members.joined, left=members.left, leaving=members.leaving,
        abstaining=members.abstaining, activated=text.activated,
    )  # fmt: skip


def _active_state(document: AgreementDocument, on: date, suspended: Sequence[str]) -> AgreementState:
    if on > document.terms.expires:
        return AgreementState.EXPIRED
    if on < document.terms.effective:
        return AgreementState.NOT_YET_EFFECTIVE
    return AgreementState.SUSPENDED if suspended else AgreementState.ACTIVE


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


PHASES = {
    AgreementAct.SUBMIT: AgreementState.REVIEW,
    AgreementAct.OFFER: AgreementState.NEGOTIATION,
    AgreementAct.AGREE: AgreementState.APPROVAL,
    AgreementAct.OBJECT: AgreementState.NEGOTIATION,
}


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


def _ended(events: Sequence[LifecycleEvent], uncertified: Sequence[str]) -> Ended:
    """The events until now. Destroyed: here, and by everyone who received records; until then, it is being wound down."""
    first = {act: next((e.day for e in events if e.act is act), None) for act in AgreementAct}
    if closed := first[AgreementAct.CLOSE]:
        return AgreementState.CLOSED, closed
    if first[AgreementAct.DESTROY] and not uncertified:
        gone = (AgreementAct.DESTROY, AgreementAct.CERTIFY)
        return AgreementState.DESTROYED, max(e.day for e in events if e.act in gone)
    if winding := first[AgreementAct.WIND_DOWN] or first[AgreementAct.DESTROY]:
        return AgreementState.WINDING_DOWN, winding
    if terminated := first[AgreementAct.TERMINATE]:
        return AgreementState.TERMINATED, terminated
    return None


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
