"""Families' decisions: each as recorded, those in force on a day, those that end soon, and rows whose consent to custody has ended."""

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

import numpy as np
from django.db import connection

from throughway.agreements.enums import Basis, PartyRole
from throughway.agreements.selectors import in_effect
from throughway.agreements.status import AgreementStatus
from throughway.consent.consent_state import (
    NOTHING,
    ConsentStatus,
    Events,
    status_for_purpose,
    together,
    without_limited_signers,
)
from throughway.consent.enums import ANY, STUDENT, ConsentDecision
from throughway.consent.limit import LimitKind, RightsLimit
from throughway.consent.models import ConsentEvent
from throughway.consent.right_holders import NEVER, Transfers
from throughway.consent.rights_events import RightsSubject
from throughway.consent.selectors.rights import (
    Adult,
    FamilyStatement,
    every_statement,
    files_of,
    limits_of,
    rights_records,
    same_adults,
    sent_forms_of,
    transfers,
    without_rights,
)
from throughway.consent.sent_form import SentForm
from throughway.core.cache import Cache
from throughway.partners.register_stamps import RegisterStamp
from throughway.partners.selectors import partners
from throughway.store.record_numbers import Numbers, every
from throughway.store.selectors import snapshot

Stamp = tuple[str, int, object, str | None]  # moments as the database gives them
FIELDS = ("purpose", "record", "holder", "signed_on", "expires", "decision", "relation")
KEPT = 64


# Writers are serialized, so the newest event stands for all.
_DECISIONS = RegisterStamp(
    "SELECT max(id) FROM consent_consentevent",
    "SELECT at FROM consent_consentevent ORDER BY id DESC LIMIT 1",
    "SELECT id || ' ' || at FROM consent_rightevent WHERE about = %s ORDER BY id DESC LIMIT 1",
    parameters=[RightsSubject.LIMIT.value],
)
_PLACED = RegisterStamp(
    "SELECT max(w.event_id) FROM consent_rightwords w JOIN consent_rightevent e ON e.id = w.event_id WHERE e.step = 'statement'",
    "SELECT count(*) FROM consent_rightwords w JOIN consent_rightevent e ON e.id = w.event_id WHERE e.step = 'statement'",
)
_SENT = RegisterStamp(
    "SELECT id || ' ' || at FROM consent_rightevent WHERE about = %s ORDER BY id DESC LIMIT 1",
    parameters=[RightsSubject.FORM.value],
)


def consent_stamp() -> Stamp:
    """A stamp that changes with every decision and every limit."""
    database, id, at, limit = _DECISIONS.now()
    return str(database), cast(int, id or 0), at, cast(str | None, limit)


def statements(partners: Collection[str]) -> list[FamilyStatement]:
    """The statements that are disclosed with these partners' records (34 CFR 99.21(c)); cached until one is placed or
    destroyed."""
    placed = _PLACED.now()
    if not placed[1]:
        return []
    known = _STATEMENTS.of(placed, every_statement)
    return [each for each in known if each.partner in partners]


def sent_forms_about(records: Collection[int]) -> list[SentForm]:
    """The consent forms about any of these record numbers; cached until a step of any form is recorded."""
    sent = _SENT.now()
    if sent[1] is None:
        return []
    return _FORMS.of((*sent, *sorted(records)), lambda: sent_forms_of(records=records))


@dataclass(frozen=True, eq=False)
class _Held:
    """The decisions up to one stamp about one partner's records under one agreement, by purpose."""

    stamp: Stamp
    by_purpose: dict[str, Events]


_HELD: OrderedDict[tuple[str, str, str], _Held] = OrderedDict()
_STATEMENTS = Cache[list[FamilyStatement]](2)
_STATUS = Cache[ConsentStatus](KEPT)
_FORMS = Cache[list[SentForm]](KEPT)
_LIMITS = Cache[list[RightsLimit]](2)
_ELSEWHERE = Cache[frozenset[Adult]](KEPT)


def consent_status(
    agreement: str, purpose: str, discloser: str, on: date, transfers: Transfers
) -> ConsentStatus:
    """Whose consent, refusal and opt-out stand on that day, for one purpose of an agreement, or for any of it (`*`).

    For `*`: given to whoever consented to at least one purpose; refused by whoever refused all.
    """
    held = _current_events(discloser, agreement, purpose)
    elsewhere = _limited_elsewhere(held.stamp, discloser, on)

    def read() -> ConsentStatus:
        silent = without_rights(discloser, on)
        heard = {
            name: without_limited_signers(without_limited_signers(events, silent), elsewhere, also_no=False)
            for name, events in held.by_purpose.items()
        }
        return status_for_purpose(heard, purpose, on, transfers)

    return _STATUS.of((held.stamp, agreement, purpose, discloser, on, elsewhere, transfers), read)


def consented(agreement: str, purpose: str, partner: str, days: Collection[date]) -> Numbers:
    """The partner's records with a consent in force on each of these days, sorted."""
    rights = _rights({partner})[partner]
    return every(consent_status(agreement, purpose, partner, on, rights).given for on in days)


def limits_on(records: Collection[int], on: date) -> list[RightsLimit]:
    """The limits that hold on the day for any adult of any of these records."""
    return [each for each in _limits(consent_stamp()) if each.record in records and each.on(on)]


def _limits(now: Stamp) -> Sequence[RightsLimit]:
    """Every limit; cached until one is recorded or lifted."""
    return () if now[3] is None else _LIMITS.of(now, limits_of)


def _limited_elsewhere(now: Stamp, partner: str, on: date) -> frozenset[Adult]:
    """Adults whose rights an order takes on another record of the same student: their yes does not count, their no does."""
    standing = [each for each in _limits(now) if each.kind is LimitKind.RIGHTS and each.on(on)]
    if not standing:
        return frozenset()
    # New names are a new file; a withdrawal adds none, so that the next read is quick.
    key = (now[0], now[3], partner, on, *files_of(partner))
    return _ELSEWHERE.of(key, lambda: same_adults(standing, partner))


def _current_events(partner: str, agreement: str, purpose: str) -> _Held:
    now, known = consent_stamp(), _HELD.get((partner, agreement, purpose))
    if known is not None and known.stamp == now:
        return known
    # Events are never changed, so of the same database only later ones are read.
    same = known is not None and known.stamp[0] == now[0] and _still_there(known.stamp)
    before = known if same and known is not None else _Held(("", 0, None, None), {})
    found = ConsentEvent.objects.filter(
        partner=partner, agreement=agreement, id__gt=before.stamp[1], id__lte=now[1]
    )
    if purpose != ANY:
        found = found.filter(purpose__in=(purpose, ANY))
    by_purpose: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for about, *rest in found.order_by("id").values_list(*FIELDS):
        by_purpose[about].append((*rest,))
    later = {name: _as_events(rows) for name, rows in by_purpose.items()}
    both = {
        name: together(before.by_purpose.get(name, NOTHING), later.get(name, NOTHING))
        for name in {*before.by_purpose, *later}
    }
    held = _HELD[partner, agreement, purpose] = _Held(now, both)
    while len(_HELD) > KEPT:
        _HELD.popitem(last=False)
    return held


def _still_there(known: Stamp) -> bool:
    _, last, moment, _ = known
    with connection.cursor() as cursor:
        cursor.execute("SELECT at FROM consent_consentevent WHERE id = %s", [last])
        return moment is not None and cursor.fetchone() == (moment,)


def _as_events(rows: Sequence[tuple[Any, ...]]) -> Events:
    record, holder, signed, expires, decision, relation = zip(*rows, strict=True)
    days = {day: day.toordinal() if day else NEVER for day in {*signed, *expires}}
    return Events(
        record=np.array(record, dtype=np.int64),
        holder=np.array(holder, dtype=np.int64),
        signed=np.array([days[day] for day in signed], dtype=np.int64),
        until=np.array([days[day] for day in expires], dtype=np.int64),
        refuses=np.array([decided != ConsentDecision.YES for decided in decision], dtype=np.bool_),
        student=np.array([decided in STUDENT for decided in relation], dtype=np.bool_),
    )


@dataclass(frozen=True)
class RecordedDecision:
    """One decision. `id`: its code; `record`: the number in place of the partner's key of the student."""

    id: str
    partner: str
    record: int
    agreement: str
    purpose: str
    decision: ConsentDecision
    holder: int
    relation: str
    right_checked: bool
    signed_on: date
    method: str
    language: str
    notice_version: str
    expires: date | None
    withdraws: str


@dataclass(frozen=True)
class Lapsing:
    """A consent in force, and its last day."""

    record: int
    agreement: str
    purpose: str
    until: date
    id: str


def consents(
    *,
    partner: str | None = None,
    records: Collection[int] | None = None,
    disclosers: Collection[str] | None = None,
) -> list[RecordedDecision]:
    """Every recorded decision, in that order; of one discloser or of some records where given. `disclosers`: those that can
    have decisions on these records, where the caller knows them."""
    found = ConsentEvent.objects.order_by("id")
    if partner is not None:
        found = found.filter(partner=partner)
    if records is not None:
        found = found.filter(record__in=[int(r) for r in records])
        if partner is None:  # the index begins with the partner
            found = found.filter(partner__in=sorted(partners() if disclosers is None else disclosers))
    return [
        RecordedDecision(
            e.code, e.partner, e.record, e.agreement, e.purpose, ConsentDecision(e.decision), e.holder, e.relation,
            e.right_checked, e.signed_on, e.method, e.language, e.notice_version, e.expires, e.withdraws,
        )
        for e in found
    ]  # fmt: skip


def discloser_of(id: str) -> str:
    """Whose records the decision of that id is about; empty where there is none."""
    found = ConsentEvent.objects.filter(code=id.strip().upper()).first()
    return found.partner if found else ""


def in_force(decisions: Sequence[RecordedDecision], on: date) -> frozenset[str]:
    """The ids of the decisions that are consents in force on that day."""
    rights = _rights({c.partner for c in decisions})
    asked = {(c.agreement, c.purpose, c.partner) for c in decisions}
    given = {key: set(consent_status(*key, on, rights[key[2]]).given.tolist()) for key in asked}
    return frozenset(
        c.id
        for c in decisions
        if c.decision is ConsentDecision.YES
        and c.signed_on <= on <= _last_day(c, rights[c.partner])
        and c.record in given[c.agreement, c.purpose, c.partner]
    )


def lapsing(partner: str, within_days: int, on: date | None = None) -> list[Lapsing]:
    """Consents about the partner's records that are in force and end within so many days: by their own last day, or because
    the student comes to hold the right. The nearest first; of several for one purpose the one that holds longest."""
    today = on or date.today()
    given = [
        c for c in consents(partner=partner) if c.decision is ConsentDecision.YES and c.signed_on <= today
    ]
    rights = _rights({partner})[partner]
    ends: dict[tuple[int, str, str], Lapsing] = {}
    for c in given:
        until = _last_day(c, rights)
        if (
            until < today
            or c.record not in consent_status(c.agreement, c.purpose, partner, today, rights).given
        ):
            continue
        known = ends.get((c.record, c.agreement, c.purpose))
        if known is None or known.until < until:
            ends[c.record, c.agreement, c.purpose] = Lapsing(c.record, c.agreement, c.purpose, until, c.id)
    near = today + timedelta(days=within_days)
    return sorted(
        (end for end in ends.values() if end.until <= near), key=lambda end: (end.until, end.record)
    )


def last_day(consent: RecordedDecision) -> date:
    """The last day on which the consent can count: its own, or the one before the student comes to hold the right."""
    return _last_day(consent, _rights({consent.partner})[consent.partner])


def _last_day(consent: RecordedDecision, rights: Transfers) -> date:
    last = (consent.expires or date.max).toordinal()
    if consent.relation not in STUDENT:
        (_, by) = rights.of(np.array([consent.record], dtype=np.int64))
        last = min(last, int(by[0]) - 1 if by[0] < NEVER else NEVER)
    return date.fromordinal(max(last, consent.signed_on.toordinal() - 1))  # it never counted


def _rights(partners: Collection[str]) -> dict[str, Transfers]:
    with snapshot() as stored:
        return {partner: transfers(stored, partner) for partner in partners}


@dataclass(frozen=True)
class Lapsed:
    """`id`: the last decision on custody of the record's rows, which ended on `ended`; the stewards or the partner remove the
    rows by `due`."""

    id: str
    agreement: str
    partner: str
    record: int
    ended: date
    due: date
    stewards: tuple[str, ...]

    def may_order(self, partner: str | None) -> bool:
        return partner is not None and partner in (self.partner, *self.stewards)


def lapsed_custody(on: date) -> list[Lapsed]:
    """For agreements in effect that house rows by consent: the decision that ended each record's custody, the nearest due day
    first. Removed rows are left out; whether rows were ever here is not checked."""
    found = [
        lapsed
        for standing in in_effect(on)
        for partner in _by_consent(standing)
        for lapsed in _lapsed_of(standing, partner, on)
    ]
    return sorted(found, key=lambda each: (each.due, each.record))


def _by_consent(standing: AgreementStatus) -> Iterator[str]:
    document = standing.document
    for discloser in sorted(document.parties_with(PartyRole.DISCLOSER)):
        if any(
            c.basis is Basis.CONSENT and (c.from_ is None or discloser in c.from_) for c in document.custody
        ):
            yield discloser


def _lapsed_of(standing: AgreementStatus, partner: str, on: date) -> Iterator[Lapsed]:
    document = standing.document
    decided = [c for c in consents(partner=partner) if c.agreement == document.id]
    standing_ids = in_force(decided, on)
    still = {c.record for c in decided if c.id in standing_ids}
    housed = {c.record for c in decided if c.decision is ConsentDecision.YES} - still
    if not housed:
        return
    removed = {event.code for event in rights_records(RightsSubject.CUSTODY, partner=partner)}
    last = {c.record: c for c in sorted(decided, key=_by_day) if c.record in housed}
    within = timedelta(days=document.terms.destruction.within_days)
    stewards = tuple(document.parties_with(PartyRole.STEWARD)) or (partner,)
    for record, each in last.items():
        if each.id not in removed:
            ended = _ended(each, on)
            yield Lapsed(each.id, document.id, partner, record, ended, ended + within, stewards)


def _by_day(decision: RecordedDecision) -> tuple[date, bool]:
    return decision.signed_on, decision.decision is not ConsentDecision.YES


def _ended(last: RecordedDecision, on: date) -> date:
    """The first day on which the rows are no longer housed by consent."""
    if last.decision is ConsentDecision.YES and (until := last_day(last)) < on:
        return until + timedelta(days=1)
    return last.signed_on
