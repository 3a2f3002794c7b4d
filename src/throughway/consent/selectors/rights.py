"""The state of families' rights: who signed, when the right passes to the student, requests, limits, notices, statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from django.db.models import QuerySet

from throughway.consent.amendment import Amendment, amendments
from throughway.consent.form_translation import FormTranslation, translations
from throughway.consent.incident import Incident, incidents
from throughway.consent.inspection import Inspection, inspections
from throughway.consent.limit import LimitKind, RightsLimit, limits, stands
from throughway.consent.models import ConsentEvent, RightEvent, RightWords, SignedConsentForm
from throughway.consent.notice import ConsentNotice, Window, notices, windows
from throughway.consent.right_holders import (
    CITATION,
    CLIENTS,
    UNKNOWN,
    RightHolder,
    Transfers,
    right_holder_on,
)
from throughway.consent.right_holders import transfers as judged
from throughway.consent.rights_events import RightsRecord, RightsSubject
from throughway.consent.sent_form import FormState, SentForm, sent_forms
from throughway.core.cache import Cache
from throughway.core.person_names import are_near, comparable_name
from throughway.core.personal_data import Subject, WaitingReason
from throughway.partners.actor import OFFICERS, Actor
from throughway.partners.kinds import LegalStatus, why_client_decides
from throughway.partners.selectors import partners
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine
from throughway.store.selectors import Snapshot, snapshot

SIGNERS = "consent_signer"
# Days at a college on which no school had the student: while both do, parents keep the right at the school (34 CFR 99.5(a)).
AT_COLLEGE = """
    SELECT c.person_record, min(c.entry_date_into_postsecondary) AS day FROM college AS c
    WHERE c.entry_date_into_postsecondary IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM school AS s WHERE s.person_record = c.person_record
        AND coalesce(s.enrollment_entry_date, DATE '0001-01-01') <= c.entry_date_into_postsecondary
        AND coalesce(s.enrollment_exit_date, DATE '9999-12-31') >= c.entry_date_into_postsecondary)
    GROUP BY c.person_record
"""
COLLEGE, SCHOOL = "postsecondary_enrollment", "school_enrollment"
_KNOWN = Cache[Transfers](16)  # partners
PERSON_LINK = "person_link"
Adult = tuple[int, int]  # record and holder


def signers(partner: str) -> Mapping[tuple[int, int], str]:
    """The name of each (record, holder) who signed or asked, from the vault."""
    with snapshot() as stored:
        return _signers(stored, partner)


def _signers(stored: Snapshot, partner: str) -> Mapping[tuple[int, int], str]:
    rows = stored.sealed(SIGNERS, partner)
    columns: Sequence[list[object]] = [rows[name].to_pylist() for name in ("record", "holder", "signer")]
    return {(int(str(r)), int(str(h))): str(name) for r, h, name in zip(*columns, strict=True)}


def transfers(stored: Snapshot, partner: str) -> Transfers:
    """Cached until the partner's files change or its keys no longer open them."""
    facts = partners().get(partner)
    if facts is None:
        return UNKNOWN
    if why_client_decides(facts.legal):
        return CLIENTS
    files = [file.id for table in ("person", COLLEGE, SCHOOL) for file in stored.stored(table, partner)]
    key = (partner, facts.legal, *files)
    # Refused where no key opens them, also when they were read before.
    persons = stored.sealed("person", partner)

    def read() -> Transfers:
        births: list[tuple[int, date]] = [
            (record, born)
            for record, born in zip(
                persons["person_record"].to_pylist(), persons["birthdate"].to_pylist(), strict=True
            )
            if record is not None and born is not None
        ]
        # Attending college transfers only the rights over education records.
        funded = LegalStatus.ED_FUNDED in facts.legal
        students = persons["person_record"].to_pylist() if LegalStatus.COLLEGE in facts.legal else []
        return judged(births, _at_college(stored, partner) if funded else [], is_college=students)

    return _KNOWN.of(key, read)


def _at_college(stored: Snapshot, partner: str) -> list[tuple[int, date]]:
    college = stored.files(COLLEGE, partner)
    if not college:
        return []
    with DuckDBEngine() as engine:
        engine.register("college", college, columns=schemas.columns(COLLEGE))
        school = stored.files(SCHOOL, partner) or schemas.empty(SCHOOL)
        engine.register("school", school, columns=schemas.columns(SCHOOL))
        found = engine.run(AT_COLLEGE)
    return list(zip(found["person_record"].to_pylist(), found["day"].to_pylist(), strict=True))


@dataclass(frozen=True)
class FamilyStatement:
    """A family's statement on a contested part (`element`: table.column or table.*), disclosed with it every time."""

    code: str
    partner: str
    record: int
    element: str
    text: str
    on: date


def rights_records(
    about: RightsSubject,
    *,
    partner: str | None = None,
    code: str | None = None,
    record: int | None = None,
    step: str | None = None,
    records: Collection[int] | None = None,
) -> list[RightsRecord]:
    """The events with this code, in order, with the text that people wrote. `records`: about any of these."""
    asked = {"partner": partner, "code": code, "record": record, "step": step}
    found = RightEvent.objects.filter(about=about.value, **{k: v for k, v in asked.items() if v is not None})
    if records is not None:
        found = found.filter(record__in=sorted(records))
    return [_event(row) for row in found.select_related("said").order_by("id")]


def inspections_of(partner: str | None = None, code: str | None = None) -> list[Inspection]:
    return inspections(rights_records(RightsSubject.INSPECT, partner=partner, code=code))


def amendments_of(partner: str | None = None, code: str | None = None) -> list[Amendment]:
    return amendments(rights_records(RightsSubject.AMEND, partner=partner, code=code))


def limits_of(partner: str | None = None, record: int | None = None) -> list[RightsLimit]:
    return limits(rights_records(RightsSubject.LIMIT, partner=partner, record=record))


def windows_of(partner: str | None = None) -> list[Window]:
    return windows(rights_records(RightsSubject.WINDOW, partner=partner))


def incidents_of(partner: str | None = None) -> list[Incident]:
    return incidents(rights_records(RightsSubject.INCIDENT, partner=partner))


def sent_forms_of(
    partner: str | None = None, code: str | None = None, records: Collection[int] | None = None
) -> list[SentForm]:
    """The consent forms of a discloser, with that code, or about any of these record numbers."""
    return sent_forms(rights_records(RightsSubject.FORM, partner=partner, code=code, records=records))


def signed_forms_of(partner: str | None = None) -> list[SentForm]:
    """The forms that came back signed and wait for their discloser, the one that came back first at the top."""
    steps = RightEvent.objects.filter(about=RightsSubject.FORM.value)
    if partner is not None:
        steps = steps.filter(partner=partner)
    closed = steps.filter(step__in=(FormState.CONFIRMED.value, FormState.DECLINED.value)).values("code")
    signed = steps.filter(step=FormState.SIGNED.value).exclude(code__in=closed).values("code")
    found = RightEvent.objects.filter(about=RightsSubject.FORM.value, code__in=signed)
    forms = sent_forms(_event(row) for row in found.select_related("said").order_by("id"))
    return sorted((f for f in forms if f.state is FormState.SIGNED), key=lambda f: (f.since, f.code))


def forms_by_consent(record: int) -> Mapping[str, str]:
    """By the id of a consent about the record, the code of the signed form that it rests on."""
    codes = SignedConsentForm.objects.filter(record=record).values("code")
    steps = RightEvent.objects.filter(
        about=RightsSubject.FORM.value, step=FormState.CONFIRMED.value, code__in=codes
    )
    return {facts["consent"]: code for code, facts in steps.values_list("code", "facts")}


def notices_of(partner: str | None = None) -> list[ConsentNotice]:
    return notices(rights_records(RightsSubject.NOTICE, partner=partner))


def translations_of(
    partner: str | None = None, agreement: str | None = None, code: str | None = None
) -> list[FormTranslation]:
    """What disclosers approved, oldest first: one of them, under one agreement, or that of a code."""
    found = translations(rights_records(RightsSubject.WORDS, partner=partner, code=code))
    return [t for t in found if agreement in (None, t.agreement)]


def without_rights(partner: str, on: date) -> frozenset[tuple[int, int]]:
    """(record, holder) of the adults whose rights an order takes on that day: their decisions do not count."""
    return frozenset(
        (x.record, x.holder) for x in limits_of(partner) if x.kind is LimitKind.RIGHTS and x.on(on)
    )


def every_statement() -> list[FamilyStatement]:
    """Every statement that is not destroyed, in the order in which they were placed."""
    rows = RightWords.objects.filter(event__step="statement").select_related("event").order_by("event_id")
    return [
        FamilyStatement(e.code, e.partner, e.record or 0, e.facts["element"], row.words["statement"], e.day)
        for row in rows
        for e in [row.event]
    ]


def law_of_holder(partner: str) -> str:
    """The law that says who holds the rights over the partner's records."""
    facts = partners().get(partner)
    return (why_client_decides(facts.legal) if facts else "") or CITATION


def who_holds(partner: str, record: int, on: date) -> RightHolder | None:
    """The holder of the rights over the student's records at this institution on that day; None where its records do not show it."""
    with snapshot() as stored:
        after, by = transfers(stored, partner).of(np.array([record], dtype=np.int64))
    return right_holder_on(on=on, after=int(after[0]), by=int(by[0]))


def records_named(partner: str) -> Sequence[QuerySet[Any, Any]]:
    """The record numbers of the partner about whom a family decided, exercised a right or signed a form."""
    return [
        ConsentEvent.objects.filter(partner=partner).values_list("record"),
        RightEvent.objects.filter(partner=partner).values_list("record"),
        SignedConsentForm.objects.values_list("record"),  # of any partner: numbers are given out once
    ]


def reasons_to_wait(subject: Subject) -> Sequence[WaitingReason]:
    """The open requests to inspect records of which something would go, for which a destruction waits (34 CFR 99.10(e)). Who answers
    families at that partner knows of them."""
    return [
        WaitingReason(
            f"A request to inspect records of {each.partner} is open ({each.code}, received on {each.received}); it must be answered "
            f"by {each.due}, and the destruction of that student's records waits until then.",
            partial(_answers_families, each.partner),
            {each.partner: frozenset({each.record})},
        )
        for each in inspections_of()
        if each.open and subject.concerns(each.partner, frozenset({each.record}))
    ]


def _answers_families(partner: str, reader: Actor) -> bool:
    return reader.partner == partner and reader.role in OFFICERS


def _event(row: RightEvent) -> RightsRecord:
    words = getattr(row, "said", None)
    return RightsRecord(
        row.code, RightsSubject(row.about), row.step, row.partner, row.record, row.other, row.day, row.facts,
        words.words if words else {}, row.by, row.role, row.at,
    )  # fmt: skip


def limited(
    partner: str, record: int, holder: int, on: date, kind: LimitKind = LimitKind.RIGHTS
) -> RightsLimit | None:
    """The limit of that kind that applies to the adult on the day, from this record or another of the same student: by the adult's
    number, or by an equal name, however it was typed."""
    standing = [each for each in limits_of() if each.kind is kind and each.on(on)]
    own = stands(standing, holder, on, kind, record=record)
    if own is not None or not standing:
        return own
    name = comparable_name(signers(partner).get((record, holder), ""))
    return next((each for adult, each in limits_by_record(standing).get(record, ()) if adult == name), None)


def limits_by_record(limits: Iterable[RightsLimit]) -> Mapping[int, Sequence[tuple[str, RightsLimit]]]:
    """By record, the adults who are limited on it or on another record of the same student: the name to compare, and the limit."""
    found: dict[int, list[tuple[str, RightsLimit]]] = {}
    for limit, written in names_of_limited(limits):
        for record in {limit.record, *records_with(limit.record)}:
            found.setdefault(record, []).append((comparable_name(written), limit))
    return found


def may_be_limited(name: str, record: int, on: date) -> bool:
    """Whether nearly that name is an adult's whose rights over the student an order limits on the day: a warning, since father and son may
    be named so."""
    rights = [each for each in limits_of() if each.kind is LimitKind.RIGHTS and each.on(on)]
    return any(are_near(adult, name) for adult, _ in limits_by_record(rights).get(record, ()))


def nearly_named(limit: RightsLimit) -> int:
    """How many adults who answered for the student before, here or at another partner, have nearly the name of the limited one: perhaps the
    same adult in another spelling, whom the limit does not reach. An equal name is that adult already, and so is one with a limit of its own."""
    alike = [each for each in limits_of() if each.kind is limit.kind and each.on(date.today())]
    limited_adults = limits_by_record(alike).get(limit.record, ())
    name = next((name for name, each in limited_adults if each.code == limit.code), "")
    with snapshot() as stored:
        records = {limit.record, *_records_with(stored, limit.record)}
        named = {
            comparable_name(signer)
            for partner in sorted({file.partner for file in stored.stored(SIGNERS)})
            for (record, _), signer in _signers(stored, partner).items()
            if record in records and are_near(name, signer)
        }
    return len(named - {name for name, _ in limited_adults})


def names_of_limited(limits: Iterable[RightsLimit]) -> list[tuple[RightsLimit, str]]:
    """The limits with the names of their adults, from the vault; without those whose names are destroyed."""
    names: dict[str, Mapping[Adult, str]] = {}
    found = []
    for limit in limits:
        if limit.partner not in names:
            names[limit.partner] = signers(limit.partner)
        written = names[limit.partner].get((limit.record, limit.holder), "")
        if written:
            found.append((limit, written))
    return found


def same_adults(of: Iterable[RightsLimit], partner: str) -> frozenset[Adult]:
    """In the partner's records, the adults whose name is that of one who is limited on a record of the same student."""
    named = limits_by_record(of)
    if not named:
        return frozenset()
    return frozenset(
        (record, holder)
        for (record, holder), said in signers(partner).items()
        if any(name == comparable_name(said) for name, _ in named.get(record, ()))
    )


def records_with(record: int) -> frozenset[int]:
    """The other records that linkage takes for the same student."""
    with snapshot() as stored:
        return _records_with(stored, record)


def _records_with(stored: Snapshot, record: int) -> frozenset[int]:
    path = stored.links()
    return _linked(path, record) if path else frozenset()


def files_of(partner: str) -> tuple[object, ...]:
    """Ids of the files with the partner's signers and with the links; files never change."""
    with snapshot() as stored:
        return (stored.links(), *(file.id for file in stored.stored(SIGNERS, partner)))


@lru_cache(maxsize=256)
def _linked(path: Path, record: int) -> frozenset[int]:
    """Links are files that never change."""
    links = pq.read_table(path, schema=schemas.schema(PERSON_LINK))
    records, persons = links["record"].to_numpy(), links["person"].to_numpy()
    own = persons[records == record]
    return frozenset(records[np.isin(persons, own)].tolist()) - {record}
