"""What the pages of casework ask: through the gate, under the purposes of kind casework that the reader may use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from throughway.agreements.reading import standings
from throughway.agreements.words import Basis, PurposeKind
from throughway.casework.access import Closed, closed, nobody, usable
from throughway.casework.asking import question
from throughway.casework.banner import Decided
from throughway.casework.lines import StudentLine, in_order
from throughway.casework.record import Record
from throughway.casework.who import grade_words
from throughway.consent.reading import states_of
from throughway.gate.actions import Door, enter
from throughway.gate.actions.recognised import persons_of, records_of
from throughway.gate.openings import Opening, openings
from throughway.gate.reading import interests
from throughway.partners.actor import Actor
from throughway.partners.caseload import Assigned
from throughway.partners.reading import assigned_to, partners
from throughway.refusals import Refused
from throughway.training.reading import of as completed
from throughway.training.validity import Completed

CASEWORK = (PurposeKind.CASEWORK,)


@dataclass(frozen=True)
class Reader:
    """What there is to know of a reader before any door is opened."""

    openings: Sequence[Opening]
    completed: Sequence[Completed]
    caseload: Sequence[Assigned]
    names: Mapping[str, str]
    today: date

    @property
    def courses(self) -> frozenset[str]:
        return frozenset(c.course for c in self.completed if c.valid(self.today))

    @property
    def usable(self) -> list[Opening]:
        return usable(self.openings, self.courses)

    @property
    def purposes(self) -> list[str]:
        return list(dict.fromkeys(o.purpose for o in self.usable))


@dataclass(frozen=True)
class Listing:
    """The reader's students, or why there are none. `hidden`: how many of the caseload do not show."""

    students: Sequence[StudentLine]
    closed: Closed | None
    hidden: int
    refused: int
    disclosures: Sequence[str]
    notes: Sequence[str]


def reader_of(actor: Actor, today: date) -> Reader:
    return Reader(
        openings=openings(standings(today), actor, CASEWORK, also_ended=True),
        completed=completed(actor.email),
        caseload=[a for a in assigned_to(actor.email) if a.on(today)],
        names={id: facts.name for id, facts in partners().items()},
        today=today,
    )


def my_students(actor: Actor, reader: Reader) -> Listing:
    """Every student whom one of the reader's purposes shows; one reading a purpose, each in the ledger."""
    reason = closed(
        reader.openings, reader.courses, caseload=len(reader.caseload), names=reader.names, today=reader.today
    )
    if reason is not None:
        return Listing((), reason, 0, 0, (), ())
    found: dict[int, StudentLine] = {}
    disclosures, notes, refusals = [], [], []
    whose = persons_of([a.record for a in reader.caseload])
    consents = _consents_by_person(reader, whose)
    for purpose in reader.purposes:
        try:
            door = enter(actor=actor, purpose=purpose)
            asked = question(door.grants, reader.today)
            if not asked:
                continue
            answer = door.query(asked)
        except Refused as refused:
            refusals.append(refused.message)
            continue
        disclosures.append(answer.disclosure)
        notes += answer.notes
        for row in answer.rows:
            line = _line(dict(zip(answer.columns, row, strict=True)), door, consents, reader)
            found.setdefault(line.person, line)
    assigned = set(whose.values())
    hidden = sum(1 for record, person in whose.items() if not {record, person} & found.keys())
    said_no = sum(
        1 for person in assigned if (said := consents.get(person)) and not any(d.in_force for d in said)
    )
    if not found:
        reason = Closed("refused", refusals[0], "") if refusals else None
        reason = reason or nobody(reader.usable, caseload=len(assigned), refused=said_no)
    return Listing(in_order(found.values()), reason, hidden, said_no, disclosures, list(dict.fromkeys(notes)))


def record_of(actor: Actor, reader: Reader, person: int) -> Record | None:
    """One student under the first purpose that shows anything; None where none does, whoever it may be."""
    if closed(
        reader.openings, reader.courses, caseload=len(reader.caseload), names=reader.names, today=reader.today
    ):
        return None
    for purpose in reader.purposes:
        try:
            door = enter(actor=actor, purpose=purpose)
            whole = door.record_of(person)
        except Refused:
            continue
        if whole.tables:
            return _record(person, whole.tables, whole.disclosure, door, reader)
    return None


def _record(
    person: int, tables: Mapping[str, pa.Table], disclosure: str, door: Door, reader: Reader
) -> Record:
    used = [g for g in door.grants if g.table in tables]
    records = [held.record for held in records_of(person)] or [person]
    ids = {person, *records}
    return Record(
        person=person,
        tables={name: table.to_pylist() for name, table in tables.items()},
        disclosure=disclosure,
        grants=used,
        openings=[o for o in reader.usable if o.purpose == door.purpose],
        decided=_decided(records, {g.discloser for g in used}, reader.today),
        assigned=next((a for a in reader.caseload if a.record in ids), None),
    )


def _consents_by_person(reader: Reader, whose: Mapping[int, int]) -> dict[int, list[Decided]]:
    """What the family decided, by the student's ids: the person's, and those of its records on the caseload."""
    asked = {o.agreement for o in reader.usable if o.basis == Basis.CONSENT}
    found: dict[int, list[Decided]] = {}
    for (record, agreement, purpose), (told, in_force) in states_of(list(whose), reader.today).items():
        decided = Decided(
            agreement,
            purpose,
            told.decision,
            in_force,
            told.signed_on,
            told.expires,
            told.relation,
            told.language,
            "",
        )
        for id in {record, whose[record]} if agreement in asked else ():
            found.setdefault(id, []).append(decided)
    return found


def _decided(records: Sequence[int], disclosers: set[str], today: date) -> list[Decided]:
    known = interests(today)
    return [
        Decided(agreement, purpose, told.decision, in_force, told.signed_on, told.expires, told.relation,
                told.language, known.get(purpose, "everything under the agreement"))
        for (_, agreement, purpose), (told, in_force) in states_of(records, today).items()
        if told.partner in disclosers
    ]  # fmt: skip


def _line(
    row: Mapping[str, Any], door: Door, consents: Mapping[int, Sequence[Decided]], reader: Reader
) -> StudentLine:
    person = int(row["person_id"])
    first = row["preferred_first_name"] or row["first_name"] or ""
    school = row["school_name"] or reader.names.get(str(row["school"] or "").partition("/")[0], "")
    by_consent = any(Basis.CONSENT in grant.bases for grant in door.grants)
    ends = [d.until for d in consents.get(person, ()) if d.in_force and d.until is not None]
    return StudentLine(
        person=person,
        name=f"{first} {row['last_or_surname'] or ''}".strip() or "A student",
        where=", ".join(part for part in (grade_words(row["grade"]), school) if part),
        missed=None if row["last_day"] is None else int(row["missed"] or 0),
        last_day=row["last_day"],
        until=min(ends, default=None),
        by_consent=by_consent,
        today=reader.today,
    )
