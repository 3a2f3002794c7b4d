"""How an agreement stands on a day, from its texts and from what was done with them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from throughway.agreements.approval_status import Preparing, preparing
from throughway.agreements.approvals import SHORT, ApprovalPolicy, Needed
from throughway.agreements.document import AgreementDocument
from throughway.agreements.effective_document import Joined, effective
from throughway.agreements.membership import membership
from throughway.agreements.states import AgreementAct, AgreementState, LifecycleEvent
from throughway.agreements.text_versions import TextVersion, text_versions
from throughway.agreements.wind_down import Ending, ending
from throughway.core.prose import listed


@dataclass(frozen=True)
class AgreementStatus:
    """How one text of an agreement stands on one day; `reason` is a sentence that names the agreement and the day.

    `document` is the effective one (`effective_document.py`), `text` the signed one where they differ. `left` and `leaving`: the first
    day on which each is no party. `missing`: approvals that the settled text still needs. `full`: it took the long way.
    `certified`: who has certified that what it received is gone; `uncertified`: who has still to, once it has ended.
    `activated`: once, so that it stands in the register for everybody; until then the text is its parties' own.
    """

    document: AgreementDocument
    version: str
    state: AgreementState
    reason: str
    signed_by: tuple[str, ...] = ()
    suspended_by: tuple[str, ...] = ()
    text: AgreementDocument | None = None
    waits_for: tuple[str, ...] = ()  # who must still sign
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

    @property
    def in_effect(self) -> bool:
        return self.state is AgreementState.ACTIVE

    @property
    def signed_text(self) -> AgreementDocument:
        return self.text or self.document

    @property
    def ever_parties(self) -> tuple[str, ...]:
        """Who is or was a party: those whom the text names and those who joined."""
        return tuple(dict.fromkeys((*self.signed_text.partners, *self.document.partners)))

    @property
    def identity(self) -> tuple[object, ...]:
        """Equal for two standings that say the same: for those who keep what hangs on one."""
        parties = (self.joined, tuple(partner for partner, _ in self.left), self.abstaining)
        return (self.document.id, self.version, self.state, self.reason, parties)


@dataclass(frozen=True)
class AgreementLifecycle:
    """An agreement on one day: the text in effect (or the last that was; or the newest where none ever was), and the later
    one that is being prepared beside it. `texts`: every text that was, or may come to be, in effect, oldest first.
    `activated`: the versions of those that were activated."""

    current: AgreementStatus
    pending: AgreementStatus | None
    texts: tuple[AgreementStatus, ...]
    activated: tuple[str, ...]

    @property
    def prepared(self) -> AgreementStatus:
        """The text that is, or was last, on its way to effect: a later one before the one in effect."""
        return self.pending or self.current


def status_on(
    document: AgreementDocument,
    version: str,
    events: Iterable[LifecycleEvent],
    on: date,
    policy: ApprovalPolicy = SHORT,
) -> AgreementStatus:
    """How an agreement of this one text stands at the end of the day `on`.

    Signatures and the activation count from whenever they were given, since an agreement holds from the day that its
    text names; a suspension and an end count from their own day on.
    """
    return lifecycle_on({version: document}, [version], events, on, policy).current


def lifecycle_on(
    documents: Mapping[str, AgreementDocument],
    versions: Sequence[str],
    events: Iterable[LifecycleEvent],
    on: date,
    policy: ApprovalPolicy = SHORT,
    names: Mapping[str, str] = MappingProxyType({}),
) -> AgreementLifecycle:
    """`versions`: those of the texts, oldest first; `documents` by version; `names`: what partners are called, by id.

    The first text that was activated holds from the day that it names; each later one from the day of its activation.
    """
    done = list(events)
    texts = text_versions(documents, versions, done)
    end = ending(texts, done, on)
    replaced = [(later.begins or date.max) <= on for later in texts[1:]] + [False]
    stands = [
        _standing(line, done, on, policy, end, is_replaced, names)
        for line, is_replaced in zip(texts, replaced, strict=True)
    ]
    place = max(
        (n for n, line in enumerate(texts) if line.activated and (line.begins or date.min) <= on),
        default=len(texts) - 1,
    )
    later = place + 1 < len(texts) and not texts[-1].activated and end.state is None
    activated = tuple(line.version for line in texts if line.activated)
    return AgreementLifecycle(stands[place], stands[-1] if later else None, tuple(stands), activated)


def _standing(
    line: TextVersion,
    events: Sequence[LifecycleEvent],
    on: date,
    policy: ApprovalPolicy,
    end: Ending,
    replaced: bool,
    names: Mapping[str, str],
) -> AgreementStatus:
    members = membership(line, events, on)
    document = effective(line.document, members.joined, [p for p, _ in members.left], members.abstaining)
    prepared = preparing(line, document, members, events, policy)
    suspended = _suspended_by(events, on)
    state, reason = _state(line, document, on, prepared, suspended, end, replaced, names)
    return AgreementStatus(
        document, line.version, state, reason, prepared.signed, suspended,
        text=line.document, waits_for=prepared.waiting, approved=prepared.approved, missing=prepared.missing,
        full=prepared.full, joined=members.joined, left=members.left, leaving=members.leaving,
        abstaining=members.abstaining, certified=end.certified, uncertified=end.uncertified, certificate=end.certificate,
        activated=line.activated,
    )  # fmt: skip


def _suspended_by(events: Iterable[LifecycleEvent], on: date) -> tuple[str, ...]:
    """A suspension is of the agreement, whichever its text: a later one does not lift it."""
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
    line: TextVersion, document: AgreementDocument, on: date, prepared: Preparing, suspended: Sequence[str], end: Ending, replaced: bool,
    names: Mapping[str, str],
) -> tuple[AgreementState, str]:  # fmt: skip
    name, terms = document.id, document.terms
    if replaced:
        return AgreementState.AMENDED, f"This text of {name} was replaced by a later one."
    if end.state is not None:
        return end.state, f"{name} {end.reason}"
    if not line.activated:
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
