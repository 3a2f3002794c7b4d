"""Reads of agreements: their status on a day, their texts, their review, and whose turn it is."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from django.db.models import Max

from throughway.agreements import apps
from throughway.agreements.approvals import ApprovalPolicy
from throughway.agreements.available_acts import ActContext
from throughway.agreements.document import AgreementDocument, read_document
from throughway.agreements.document_sections import Purpose
from throughway.agreements.effective_grants import why_not_in_effect
from throughway.agreements.enums import PartyRole, PurposeKind
from throughway.agreements.grant_sql import show_by_purpose
from throughway.agreements.legal_review.findings import FORMAT, ReviewFinding, Severity
from throughway.agreements.legal_review.review import ReviewContext, review, review_text
from throughway.agreements.legal_review.rule_pack import Pack, packs_in
from throughway.agreements.models import AgreementEvent, AgreementVersion, SignedPaper
from throughway.agreements.open_steps import OpenStepContext, open_steps_of, status_step
from throughway.agreements.signing_authority import (
    NO_BOARD,
    BoardVote,
    check_may_sign,
    check_voted,
    needs_vote,
)
from throughway.agreements.states import (
    OPEN,
    OVER,
    SIGNING_ACTS,
    TEXT_ACTS,
    AgreementAct,
    AgreementState,
    LifecycleEvent,
    may,
)
from throughway.agreements.status import AgreementLifecycle, AgreementStatus, lifecycle_on
from throughway.core.cache import Cache
from throughway.core.refusals import Refused
from throughway.partners import Actor
from throughway.partners.debarment import Debarment
from throughway.partners.legal_status.selectors import status_changes
from throughway.partners.legal_status.status_change import StatusChange
from throughway.partners.open_step import OpenStep
from throughway.partners.permissions import SIGNERS
from throughway.partners.register_stamps import RegisterStamp
from throughway.partners.selectors import BARS, bars, partner_names, partners, partners_at, users
from throughway.partners.signatories.selectors import signing_register, signing_registers
from throughway.store.selectors import current_community


def today() -> date:
    return date.today()


Done = Mapping[str, Sequence[LifecycleEvent]]  # all events, oldest first, by the agreement's id


class AllAgreements(NamedTuple):
    """All agreements on a day, their events, and the recorded bars."""

    lives: Sequence[AgreementLifecycle]
    done: Done
    bars: tuple[Debarment, ...]


def policy() -> ApprovalPolicy:
    """How the community makes its agreements."""
    found = current_community().settings.agreements
    return ApprovalPolicy(found.process, found.days_to_answer)


def agreement_statuses(on: date) -> list[AgreementStatus]:
    """The status of every agreement on that day, ordered by id: of the text in effect, or the newest where none was yet."""
    return [found.current for found in agreement_lifecycles(on)]


def statuses_and_bars(on: date) -> tuple[list[AgreementStatus], tuple[Debarment, ...]]:
    """The same with barred parties, for the gate's decisions."""
    found = all_agreements_on(on)
    return [life.current for life in found.lives], found.bars


def agreement_lifecycles(on: date) -> list[AgreementLifecycle]:
    """Every agreement with all its texts, ordered by id."""
    return list(all_agreements_on(on).lives)


def in_effect(on: date) -> list[AgreementStatus]:
    return [found for found in agreement_statuses(on) if found.in_effect]


def stewarded_by(partner: str, steward: str, on: date) -> str:
    """The id of an agreement in effect, not suspended by the partner, by which the steward houses its records; empty where there is none."""
    return next(
        (
            standing.document.id
            for standing in in_effect(on)
            if partner not in standing.suspended_by
            and partner in standing.document.parties_with(PartyRole.DISCLOSER)
            and steward in standing.document.parties_with(PartyRole.STEWARD)
        ),
        "",
    )


def kept_by(partner: str) -> frozenset[str]:
    """The partner itself, and the disclosers whose records it houses under an agreement in effect."""
    housed = [
        standing.document.parties_with(PartyRole.DISCLOSER)
        for standing in in_effect(date.today())
        if partner in standing.document.parties_with(PartyRole.STEWARD)
    ]
    return frozenset({partner, *(id for disclosers in housed for id in disclosers)})


def pending_amendments(on: date) -> list[AgreementStatus]:
    """The amendments in preparation, ordered by id."""
    return [found.pending for found in agreement_lifecycles(on) if found.pending]


def one(id: str, on: date | None = None) -> AgreementStatus:
    """The agreement with that id on that day (default: today), as in `agreement_statuses`; Refused when there is none."""
    return lifecycle_of(id, on).current


def prepared_status(id: str) -> AgreementStatus:
    """The text that is, or was last, in preparation today: an amendment before the text it amends."""
    return lifecycle_of(id).prepared


def pending_amendment(id: str, on: date | None = None) -> AgreementStatus | None:
    """The agreement's amendment in preparation; None where there is none."""
    return lifecycle_of(id, on).pending


def unknown_agreement(id: str) -> Refused:
    """The refusal for an agreement that does not exist, or that the reader may not see."""
    return Refused(
        f"No agreement has the id {id}; see `throughway agreement list`.", code="unknown_agreement"
    )


def lifecycle_of(id: str, on: date | None = None) -> AgreementLifecycle:
    """The agreement with all its texts on that day (default: today), not from the cache; Refused when there is none."""
    texts = list(AgreementVersion.objects.filter(agreement=id).order_by("number"))
    if not texts:
        raise unknown_agreement(id)
    events = [event.event() for event in AgreementEvent.objects.filter(agreement=id).order_by("id")]
    return _life(texts, events, on or today())


def has_signed(partner: str) -> bool:
    """Whether the partner ever signed a text: on the site, on paper, or by command."""
    return AgreementEvent.objects.filter(partner=partner, what__in=SIGNING_ACTS).exists()


def past_acts(id: str) -> list[LifecycleEvent]:
    """All events of an agreement, oldest first."""
    return list(all_agreements_on(today()).done.get(id, ()))


def past_acts_since(since: date) -> list[tuple[str, LifecycleEvent]]:
    """Events of all agreements (with their ids) on that day or later, newest first."""
    found = [
        (id, event)
        for id, done in all_agreements_on(today()).done.items()
        for event in reversed(done)
        if event.day >= since
    ]
    return sorted(found, key=lambda one: one[1].day, reverse=True)


def all_agreements_on(on: date) -> AllAgreements:
    """The whole register, cached until the last event changes, since every act on an agreement records an event."""
    return _EVERY.of((_ACTS.now(), _BARS.now(), on), lambda: _read_every(on))


_EVERY = Cache[AllAgreements](16)  # days


# An act on an agreement records an event, and so does a bar.
_ACTS = RegisterStamp("max(id)", "max(at)", "count(*)", table=AgreementEvent._meta.db_table)
_BARS = RegisterStamp("max(id)", "max(at)", "count(*)", table=BARS)


def _read_every(on: date) -> AllAgreements:
    events: dict[str, list[LifecycleEvent]] = defaultdict(list)
    for event in AgreementEvent.objects.order_by("id"):
        events[event.agreement].append(event.event())
    texts = AgreementVersion.objects.order_by("agreement", "number")
    found = [
        _life(list(of_one), events[id], on) for id, of_one in groupby(texts, key=lambda text: text.agreement)
    ]
    return AllAgreements(found, events, bars())


def _life(
    texts: Sequence[AgreementVersion], events: Sequence[LifecycleEvent], on: date
) -> AgreementLifecycle:
    documents = {text.version: parsed(text.text) for text in texts}
    return lifecycle_on(documents, [text.version for text in texts], events, on, partner_names())


@lru_cache(maxsize=512)
def parsed(text: str) -> AgreementDocument:
    """The document of an added text; Refused when this version of the platform cannot read it."""
    document, faults = read_document(text, merge_keys=True)
    if document is None:
        raise Refused(f"A stored agreement cannot be read: {faults[0].message}", code="unreadable")
    return document


def documents_ever() -> Iterator[AgreementDocument]:
    """Every text that was ever added, also one that no party signed."""
    return (parsed(text) for text in AgreementVersion.objects.values_list("text", flat=True))


def linkage_purposes(on: date) -> list[str]:
    """The purposes of kind linkage of all agreements in effect on that day, each once."""
    return sorted({entry.id for _, entry in _linkage_entries(on)})


ENDS_A_DECISION = TEXT_ACTS | {AgreementAct.TAKE_BACK}


class OpenDecision(NamedTuple):
    """That the text in preparation takes effect by itself: the event by which somebody decided it."""

    text: AgreementStatus
    event: LifecycleEvent


def open_decisions() -> Mapping[str, OpenDecision]:
    """By agreement: its last decision, where no text came after it and it was not taken back. (`lapsed`: as an earlier version of the
    platform recorded that another text came.)"""
    every, found = all_agreements_on(today()), {}
    for text in (life.prepared for life in every.lives if life.prepared.state in OPEN):
        done = reversed(every.done[text.document.id])
        last = next((e for e in done if e.act in ENDS_A_DECISION or e.act is AgreementAct.DECIDE), None)
        if last and (last.act, last.version) == (AgreementAct.DECIDE, text.version) and not last.detail("lapsed"):  # fmt: skip
            found[text.document.id] = OpenDecision(text, last)
    return found


def compared_together(on: date) -> list[frozenset[str]]:
    """The partners whose records each linkage purpose in effect compares with each other."""
    found: dict[str, set[str]] = defaultdict(set)
    for document, entry in _linkage_entries(on):
        found[entry.id].update(document.disclosers(entry))
    return [frozenset(partners) for partners in found.values()]


def may_link(actor: Actor, on: date) -> bool:
    """Whether purposes of kind linkage that name this reader show the records of everybody of whom one in effect shows any, in each
    agreement: linking without some would split persons. Training, and whatever else the gate asks for, is decided when linkage reads."""
    whole, named = set(), set()
    for document, entry in _linkage_entries(on):
        shown = {(document.id, entry.id, partner) for partner in document.disclosers(entry)}
        whole |= shown
        if actor.partner in document.recipients(entry) and actor.role in entry.roles:
            named |= shown
    return bool(named) and named == whole


def _linkage_entries(on: date) -> Iterator[tuple[AgreementDocument, Purpose]]:
    known = agreement_statuses(on)
    for standing in known:
        if not why_not_in_effect(standing, known):
            for entry in standing.document.purposes:
                if entry.kind is PurposeKind.LINKAGE:
                    yield standing.document, entry


@dataclass(frozen=True)
class KeptText:
    """One text of an agreement, as added. `number` counts from 1."""

    number: int
    version: str
    text: str
    day: date
    by: str

    @property
    def document(self) -> AgreementDocument:
        return parsed(self.text)


def kept_texts(id: str) -> list[KeptText]:
    """All texts of an agreement, oldest first."""
    return [
        KeptText(text.number, text.version, text.text, text.added_at.date(), text.added_by)
        for text in AgreementVersion.objects.filter(agreement=id).order_by("number")
    ]


def source_of(found: AgreementStatus) -> str:
    """The source of a text, as added."""
    texts = AgreementVersion.objects.filter(agreement=found.document.id, version=found.version)
    return texts.order_by("number").values_list("text", flat=True).last() or ""


def text_day(found: AgreementStatus) -> date:
    """The day on which a text was first added, in this machine's time zone."""
    texts = AgreementVersion.objects.filter(agreement=found.document.id, version=found.version)
    added = texts.order_by("number").values_list("added_at", flat=True).first()
    return added.astimezone().date() if added else date.min


def signed_paper(sha256: str) -> bytes | None:
    """The content of a signed paper; None for an unknown fingerprint."""
    content = SignedPaper.objects.filter(pk=sha256).values_list("content", flat=True).first()
    return None if content is None else bytes(content)


def wider(narrow: AgreementStatus, on: date) -> list[AgreementStatus]:
    """The agreements above this one, its own `under` first, then theirs; unknown ones are left out."""
    known = {found.document.id: found for found in agreement_statuses(on)}
    above: dict[str, AgreementStatus] = {}
    waiting = list(narrow.document.under)
    while waiting:
        id = waiting.pop(0)
        if id in known and id not in above and id != narrow.document.id:
            above[id] = known[id]
            waiting.extend(known[id].document.under)
    return list(above.values())


def sql_of(found: AgreementStatus, on: date) -> Mapping[str, str]:
    """By purpose id, the SQL compiled from the agreement on that day; cached, since a large one takes a second."""
    above = wider(found, on)
    key = (on, *(s.identity for s in (found, *above)))
    return _SQL.of(key, lambda: show_by_purpose(found, above, on))


_SQL = Cache[Mapping[str, str]](64)  # agreements


def context(
    apart_from: str = "", sees: Callable[[AgreementDocument], bool] = lambda document: True
) -> ReviewContext:
    """The context for a review of the agreement with that id; for one reader, with the agreements that the reader may see."""
    others = {
        s.document.id: s.document
        for s in agreement_statuses(today())
        if s.document.id != apart_from and s.state not in OVER
    }
    return ReviewContext(
        partners=partners(),
        others={id: document for id, document in others.items() if sees(document)},
        bars=bars(),
        packs=added_rules(),
    )


def added_rules() -> tuple[Pack, ...]:
    """The rules that the State or the community added; Refused when a file of them cannot be read."""
    return packs_in(current_community().rules)


def reviewed(
    text: str, sees: Callable[[AgreementDocument], bool] = lambda document: True
) -> list[ReviewFinding]:
    """The review of any text. An agreement that its author may not see (`sees`) counts as unknown."""
    document, _ = read_document(text)
    return review_text(text, context(document.id if document else "", sees))


def findings(id: str) -> list[ReviewFinding]:
    """The review of an agreement's current text."""
    return findings_on(one(id).document)


def findings_on(document: AgreementDocument) -> list[ReviewFinding]:
    """The review of a document as the community's agreement with that id. Where the community's own rules cannot be read, that is the
    only finding; it blocks signing, not reading."""
    try:
        against = context(apart_from=document.id)
    except Refused as refused:
        return [_unread(refused)]
    return review(document, against)


def findings_of_open(on: date) -> dict[str, list[ReviewFinding]]:
    """The review of every text in preparation, by agreement id, with a constant number of queries."""
    found = [life.prepared for life in agreement_lifecycles(on) if life.prepared.state in OPEN]
    if not found:
        return {}
    try:
        against = context()
    except Refused as refused:
        return {s.document.id: [_unread(refused)] for s in found}
    return {
        s.document.id: review(
            s.document,
            replace(against, others={id: d for id, d in against.others.items() if id != s.document.id}),
        )
        for s in found
    }


class StatusFindings(NamedTuple):
    """What the review finds in a text in effect only because a party's legal statuses changed after the last signature. `change`: the
    latest of those changes."""

    text: AgreementStatus
    change: StatusChange
    findings: list[ReviewFinding]


def findings_of_changed_statuses(on: date) -> list[StatusFindings]:
    """Of every text in effect on that day, or suspended, that has some."""
    changes = status_changes()
    if not changes:
        return []
    acts = AgreementEvent.objects.filter(what__in=SIGNING_ACTS).values_list("agreement", "version")
    signed = {(id, version): at for id, version, at in acts.annotate(at_last=Max("at"))}
    try:
        against = context()
    except Refused:  # then nothing can be reviewed, and every text in preparation says so
        return []
    found = []
    for text in agreement_statuses(on):
        document, last = text.document, signed.get((text.document.id, text.version))
        if last is None or text.state not in (AgreementState.ACTIVE, AgreementState.SUSPENDED):
            continue
        later = [each for each in changes if each.at > last and each.partner in document.partners]
        if later:
            others = {id: d for id, d in against.others.items() if id != document.id}
            now = replace(against, others=others)
            then = {(f.id, f.element) for f in review(document, replace(now, partners=partners_at(last)))}
            findings = [f for f in review(document, now) if (f.id, f.element) not in then]
            if findings:
                found.append(StatusFindings(text, later[-1], findings))
    return found


def _unread(refused: Refused) -> ReviewFinding:
    return ReviewFinding("D1", Severity.BLOCKING, "", FORMAT, refused.message)


def author_of(id: str) -> str | None:
    """The partner whose people started the text in preparation; None for the operator."""
    return _author(past_acts(id))


def _author(done: Sequence[LifecycleEvent]) -> str | None:
    began = [
        d
        for n, d in enumerate(done)
        if d.act in (AgreementAct.AMEND, AgreementAct.RENEW) or (d.act is AgreementAct.ADD and n == 0)
    ]
    return began[-1].partner if began else None


def board_vote(partner: str, id: str, version: str, signer: str = "") -> BoardVote:
    """What the partner's boards decided on that text, where a package keeps votes."""
    return next((ask(partner, id, version, signer) for ask in apps.board_votes), NO_BOARD)


def lacks_vote(found: AgreementStatus, partner: str) -> bool:
    """Whether a board of the partner must still approve the text before anybody signs it for the partner."""
    signatories = signing_register(partner).in_force(today())
    vote = board_vote(partner, found.document.id, found.version)
    return not vote.decision and any(needs_vote(each, vote) for each in signatories or (None,))


def why_not_sign(found: AgreementStatus, actor: Actor) -> str:
    """Why the actor cannot sign this text for their own partner, which has not signed it; empty where nothing stands against it, or the
    text is not to be signed now."""
    waits = may(found.state, AgreementAct.SIGN) and actor.partner in found.waits_for
    return _why_not(found, actor) if waits and actor.role in SIGNERS else ""


def why_not_join(found: AgreementStatus, actor: Actor) -> str:
    """The same of an open agreement, which one joins by signing it."""
    return _why_not(found, actor)


def _why_not(found: AgreementStatus, actor: Actor) -> str:
    partner, id = actor.partner or "", found.document.id
    try:
        signatory = check_may_sign(actor, signing_register(partner), id, today())
        check_voted(partner, id, signatory, board_vote(partner, id, found.version, actor.email))
    except Refused as refused:
        return refused.message
    return ""


def act_context(found: AgreementLifecycle, actor: Actor, done: Sequence[LifecycleEvent]) -> ActContext:
    """What the actor's acts depend on besides the status of the text; `done`: all events of the agreement."""
    return _setting(found, _author(done), held_capacities(actor.partner), policy(), actor)


def act_contexts(found: Iterable[AgreementLifecycle], actor: Actor) -> dict[str, ActContext]:
    """The same for many agreements, by id, with a constant number of queries."""
    done = all_agreements_on(today()).done
    held, made = held_capacities(actor.partner), policy()
    return {
        life.current.document.id: _setting(
            life, _author(done.get(life.current.document.id, ())), held, made, actor
        )
        for life in found
    }


def _setting(
    found: AgreementLifecycle, author: str | None, held: frozenset[str], made: ApprovalPolicy, actor: Actor
) -> ActContext:
    return ActContext(
        author, held, made.full, bool(found.activated), found.pending is not None, why_not_sign(found.prepared, actor)
    )  # fmt: skip


def held_capacities(partner: str | None) -> frozenset[str]:
    """The roles of the partner's people."""
    return frozenset(user.role for user in users() if user.partner == partner)


def open_steps(on: date) -> list[OpenStep]:
    """Open steps of all agreements on that day, unordered."""
    found_lives, done, _ = all_agreements_on(on)
    held: dict[str, set[str]] = defaultdict(set)
    for user in users():
        held[user.partner or ""].add(user.role)
    blocking, made, found = _blocking(on), policy(), []
    signers = {
        partner: frozenset(one.email for one in register.in_force(on))
        for partner, register in signing_registers().items()
    }
    for each in found_lives:
        id = each.current.document.id
        waiting = each.prepared.waits_for if may(each.prepared.state, AgreementAct.SIGN) else ()
        unvoted = frozenset(partner for partner in waiting if lacks_vote(each.prepared, partner))
        known = OpenStepContext(
            done.get(id, ()), _author(done.get(id, ())), made, held, blocking.get(id, 0), signers, unvoted
        )
        found += open_steps_of(each, known, on)
    return [
        *found,
        *(
            status_step(text.document.id, change, findings)
            for text, change, findings in findings_of_changed_statuses(on)
        ),
    ]


def _blocking(on: date) -> dict[str, int]:
    """How many findings block each text in preparation, by id."""
    return {id: sum(finding.blocks for finding in found) for id, found in findings_of_open(on).items()}
