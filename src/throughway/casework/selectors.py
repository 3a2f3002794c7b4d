"""Data of the casework pages: read through the gate, under the purposes of kind casework that the reader may use."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import cast

from django.utils.functional import SimpleLazyObject

from throughway.agreements.enums import AuthorCapacity, Basis, PurposeKind, Reach
from throughway.agreements.grant import Grant
from throughway.agreements.selectors import agreement_statuses, one, past_acts
from throughway.agreements.states import AgreementAct
from throughway.casework.attendance import Feeds
from throughway.casework.closed_access import Closed, Suspension, closed, nobody, suspended, usable
from throughway.casework.consent_banner import Consents, Decided, consents_of
from throughway.casework.hidden_records import ATTENDANCE
from throughway.casework.referrals.referral import TABLE as REFERRAL
from throughway.casework.sessions import mark, walk_in
from throughway.casework.student_facts import Tables
from throughway.casework.student_list import departures, in_order, question, tables_of
from throughway.casework.student_page import StudentRecord
from throughway.casework.student_summary import StudentSummary, summarize
from throughway.casework.student_tasks.selectors import families_with_steps, task_lines, team_for
from throughway.casework.student_tasks.task import TaskDays, TaskLine, by_day
from throughway.casework.typed_entries.selectors import ENTRY_TABLES
from throughway.consent.answer_history import AnswerLine, DecidedLine, answer_lines
from throughway.consent.selectors.decisions import consents, limits_on, sent_forms_about
from throughway.consent.sent_form import OPEN, SentForm
from throughway.core.refusals import Refused
from throughway.gate.actions import AmendmentStatement, GovernedAccess, QueryResult, WholeRecord, enter
from throughway.gate.actions.access_basis import FamilyConsents, families
from throughway.gate.actions.ledger_entries import record_early_refusal
from throughway.gate.available_purposes import OpenPurpose, openings
from throughway.gate.hidden_rows import HiddenRows
from throughway.partners.actor import Actor
from throughway.partners.caseload import Assigned
from throughway.partners.request_cache import own_request_cache
from throughway.partners.selectors import assigned_to, partner_names, sites_of
from throughway.supports.selectors import recent_entries
from throughway.training.selectors import of as completed
from throughway.training.validity import Completed
from throughway.vocabulary import TABLES
from throughway.vocabulary.labels import table_words
from throughway.vocabulary.school_calendar import school_year_of, year_start

CASEWORK = (PurposeKind.CASEWORK,)
SESSIONS = frozenset({mark.TABLE, walk_in.TABLE})
IN_GROUPS = Closed(
    "groups", "Your students are in their groups.", "Open today’s session of a group to record who is there."
)
NO_TASKS = TaskDays()


@dataclass(frozen=True)
class CaseworkReader:
    """What is known about a reader before any access is opened. `openings`: including ended ones."""

    openings: Sequence[OpenPurpose]
    completed: Sequence[Completed]
    caseload: Sequence[Assigned]
    today: date
    sites: int = 0  # how many schools and programs are assigned to the reader
    left: Sequence[str] = ()  # sentences about students who recently left the caseload

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Partners' names by id, read when first needed."""
        return cast(Mapping[str, str], SimpleLazyObject(partner_names))

    @property
    def courses(self) -> frozenset[str]:
        return frozenset(c.course for c in self.completed if c.valid(self.today))

    @property
    def usable(self) -> list[OpenPurpose]:
        return usable(self.openings, self.courses)

    @property
    def purposes(self) -> list[str]:
        """Those of students' pages. A purpose under which people type nothing but attendance shows its students in their groups."""
        types = self._types
        return [purpose for purpose in types if not types[purpose] or not types[purpose] <= SESSIONS]

    @property
    def group_purposes(self) -> list[str]:
        """Those under which the reader records attendance of a program's group."""
        return [purpose for purpose, types in self._types.items() if types & SESSIONS]

    def types(self, table: str) -> bool:
        """Whether one of the usable purposes lets the reader type rows of that table."""
        return any(table in types for types in self._types.values())

    @property
    def only_in_groups(self) -> bool:
        """Whether the reader meets students in groups alone: no other purpose shows any, or only those of a caseload that is empty."""
        others = [o for o in self.usable if o.purpose in self.purposes]
        return bool(self.group_purposes) and all(
            o.reach is Reach.CASELOAD and not self.caseload for o in others
        )

    @property
    def _types(self) -> dict[str, frozenset[str]]:
        """By purpose, the tables of which the reader may type rows."""
        found: dict[str, frozenset[str]] = {}
        for opening in self.usable:
            found[opening.purpose] = found.get(opening.purpose, frozenset()) | opening.types
        return found

    @cached_property
    def closed(self) -> Closed | None:
        """The reason why no access can succeed; None where one may."""
        return closed(
            self.openings,
            self.courses,
            caseload=len(self.caseload),
            sites=self.sites,
            names=lambda: self.names,
            suspensions=_suspensions,
            today=self.today,
        )

    @cached_property
    def suspended(self) -> Closed | None:
        """Says that one of the agreements is suspended, whether or not another shows students; None where none is."""
        return suspended(self.openings, lambda: self.names, _suspensions)


@dataclass(frozen=True)
class Listing:
    """The reader's students, or why there are none. `hidden`: how many of the caseload are not shown; `refused`: how many families
    refused; `suspended`: an agreement is suspended while another shows students; `tasks`: the reader's open tasks, where they
    were asked for."""

    students: Sequence[StudentSummary]
    closed: Closed | None
    hidden: int = 0
    refused: int = 0
    notes: Sequence[str] = ()
    statements: Sequence[AmendmentStatement] = ()
    suspended: Closed | None = None
    tasks: TaskDays = NO_TASKS


def reader_of(actor: Actor, today: date) -> CaseworkReader:
    with own_request_cache():
        assigned = assigned_to(actor.email)
        found = openings(agreement_statuses(today), actor, CASEWORK, also_ended=True)
        return CaseworkReader(
            openings=found,
            completed=completed(actor.email),
            caseload=[a for a in assigned if a.on(today)],
            today=today,
            sites=len(sites_of(actor, today)) if any(o.reach is Reach.SITE for o in found) else 0,
            left=departures(assigned, today),
        )


def my_students(actor: Actor, reader: CaseworkReader, *, tasks: bool = False) -> Listing:
    """Every student whom one of the reader's purposes shows, with the reader's tasks if asked; one ledger entry for each purpose."""
    if reader.only_in_groups:
        return Listing((), IN_GROUPS)
    if reader.closed is not None:
        return Listing((), reader.closed)
    found: dict[int, StudentSummary] = {}
    whose: dict[int, FamilyConsents] = {}
    known: dict[int, Consents] = {}
    answers: list[QueryResult] = []
    refusals: list[str] = []
    waiting: dict[str, TaskLine] = {}
    for purpose in reader.purposes:
        try:
            access = enter(actor=actor, purpose=purpose)
            if not _shows_students(access):
                continue
            with access.one_state():
                whose = families(access, [a.record for a in reader.caseload])
                known |= (consents := _consents(whose, actor.partner))
                to_do = families_with_steps(access, whose, reader.today, later=tasks)
                read = _summaries(
                    access, reader, whose, consents, to_do, few=_only_caseload(access), besides=found
                )
                if read is not None and tasks:
                    waiting = task_lines(access, to_do, read.tables, reader.names) | waiting
        except Refused as refused:
            refusals.append(refused.message)
            continue
        if read is None:
            continue
        answers.append(read.answer)
        found = read.students | found
    said_no = sum(1 for family in whose.values() if known[family.person].refused)
    reason = None
    if not found:
        reason = reader.suspended or (Closed("refused", refusals[0], "") if refusals else None)
        reason = reason or nobody(reader.usable, caseload=len(reader.caseload), refused=said_no)
    return Listing(
        students=in_order(found.values()),
        closed=reason,
        hidden=sum(1 for record, family in whose.items() if not {record, family.person} & found.keys()),
        refused=said_no,
        notes=list(dict.fromkeys(note for answer in answers for note in answer.notes)),
        statements=[statement for answer in answers for statement in answer.statements],
        suspended=reader.suspended,
        tasks=by_day(
            [
                replace(line, student=found[line.person].name)
                for line in waiting.values()
                if line.person in found
            ],
            reader.today,
        ),
    )


@dataclass(frozen=True)
class ReadSummaries:
    """Students under one purpose, by the id that queries show: their summaries, and the rows of which these are made."""

    students: dict[int, StudentSummary]
    tables: Mapping[int, Tables]
    answer: QueryResult


def summaries_of(
    access: GovernedAccess, reader: CaseworkReader, persons: Collection[int]
) -> ReadSummaries | None:
    """The summaries of these students, as the list shows them, under one entry that names them alone; None where no name is granted."""
    with access.one_state():
        whose = families(access, sorted(persons))
        return _summaries(access, reader, whose, _consents(whose, access.actor.partner), whose, few=True)


def _summaries(
    access: GovernedAccess, reader: CaseworkReader, whose: Mapping[int, FamilyConsents], consents: Mapping[int, Consents],
    to_do: Collection[int], *, few: bool, besides: Collection[int] = (),
) -> ReadSummaries | None:  # fmt: skip
    """`few`: of the families in `whose` alone, otherwise of everybody whom the purpose shows; `to_do`: the students whose tasks and referrals are
    asked for; `besides`: students who are known already. None where the purpose shows no name."""
    days = access.last_days("attendance_day")
    asked = question(access.grants, reader.today, few=few, steps=to_do)
    if not asked:
        return None
    numbers = {record for family in whose.values() for record in family.records}
    answer = access.query(asked, records=numbers if few else None)
    by_person = tables_of(answer.columns, answer.rows)
    by_id = {id: family for family in whose.values() for id in (family.person, *family.records)}
    if unassigned := sorted(by_person.keys() - by_id.keys()):
        others = families(access, unassigned)
        consents = {**consents, **_consents(others, access.actor.partner)}
        by_id |= others
    new = [person for person in by_person if person not in besides]
    hidden = _hidden(access, [by_id[person] for person in new], reader.today, (ATTENDANCE,))
    supports = support_names() if any(REFERRAL in by_person[person] for person in new) else {}
    return ReadSummaries(
        {
            person: summarize(
                person, by_person[person], feeds=_feeds(access, days, by_id[person]), consents=consents[by_id[person].person], partners=reader.names,
                today=reader.today, hidden=hidden[by_id[person].person], reader=access.actor.partner, supports=supports,
            )
            for person in new
        },
        by_person,
        answer,
    )  # fmt: skip


def support_names() -> dict[str, str]:
    """The names of the directory's entries, by number."""
    return {str(each.number): each.said.name for each in recent_entries()}


def summary_of(record: StudentRecord, reader: CaseworkReader) -> StudentSummary:
    """One student in short, of the rows of the student's page: the same as in the list."""
    return summarize(
        record.person, record.tables, feeds=record.feeds, consents=record.consents, partners=reader.names, today=reader.today,
        hidden=record.hidden, reader=record.reader, supports=support_names() if REFERRAL in record.tables else {},
    )  # fmt: skip


def record_of(actor: Actor, reader: CaseworkReader, person: int) -> StudentRecord | None:
    """One student under the first purpose that shows anything; None where none does, whether or not the student exists."""
    if reader.closed is not None:
        return None
    for purpose in reader.purposes:
        try:
            access = enter(actor=actor, purpose=purpose)
            if not _shows_students(access):
                continue
            with access.one_state():
                whole = access.record_of(person)
                if whole.tables:
                    return _record(person, whole, access, reader)
        except Refused:
            continue
    return None


def typing_purpose(actor: Actor, reader: CaseworkReader, table: str) -> str:
    """The first purpose under which the reader may type rows of the table. Otherwise Refused with why, and recorded."""
    refusal: Refused | None = None
    for purpose in dict.fromkeys([*reader.purposes, *(o.purpose for o in reader.openings)]):
        try:
            grants = enter(actor=actor, purpose=purpose).grants
            if any(_begins(grant, table, actor) for grant in grants):
                return purpose
        except Refused as refused:
            refusal = refusal or refused
    if refusal is not None:
        raise refusal
    none = Refused(
        f"No agreement lets your organization type {table_words(table)}; ask your privacy officer which agreement should.",
        code="not_granted",
        citations=["34 CFR 99.30(a)"],
    )
    raise record_early_refusal(none, actor=actor, purpose=str(PurposeKind.CASEWORK), asked=f"to type {table}")


def _begins(grant: Grant, table: str, actor: Actor) -> bool:
    """Whether the grant lets the reader type a new entry; a receiver only answers what was sent."""
    return (
        grant.table == table
        and actor.partner in grant.authors
        and grant.capacity is not AuthorCapacity.RECEIVER
    )


def _shows_students(access: GovernedAccess) -> bool:
    """Whether the purpose shows records of students, and not only what was sent to the reader about them."""
    return any(TABLES[g.table].of_person and not TABLES[g.table].between for g in access.grants)


def _suspensions(id: str) -> list[Suspension]:
    """An agreement's suspensions in force, oldest first."""
    last = {deed.partner: deed for deed in past_acts(id) if deed.act is AgreementAct.SUSPEND}
    return [Suspension(p, last[p].day, last[p].why) for p in one(id).suspended_by if p in last]


def _feeds(access: GovernedAccess, days: Feeds, family: FamilyConsents) -> Feeds:
    """For partners whose attendance the purpose may show for a student, the last day of their data; leaves out partners whose records
    need the family's consent."""
    return {
        g.discloser: days.get(g.discloser)
        for g in access.grants
        if g.table == "attendance_day"
        and all((c, g.discloser) in family.consented for c in g.choices if c.basis is Basis.CONSENT)
    }


def _hidden(
    access: GovernedAccess,
    whose: Sequence[FamilyConsents],
    today: date,
    tables: Collection[str] = tuple(TABLES),
) -> dict[int, frozenset[HiddenRows]]:
    """By person, the records of this school year that came in and are not shown."""
    begins = year_start(school_year_of(today))
    found = access.hidden(
        {record for family in whose for record in family.records}, since=begins, tables=tables
    )
    return {
        family.person: frozenset().union(*(found.get(record, ()) for record in family.records))
        for family in whose
    }


def _only_caseload(access: GovernedAccess) -> bool:
    """Whether the purpose shows the caseload's students and no others, so that the gate need not read all others."""
    return all(grant.reach is Reach.CASELOAD for grant in access.grants)


def _record(person: int, whole: WholeRecord, access: GovernedAccess, reader: CaseworkReader) -> StudentRecord:
    family = families(access, [person])[person]
    forms = sent_forms_about(family.records) if family.asked else []
    forms = [form for form in forms if form.sender == access.actor.partner]
    known = _consents({person: family}, access.actor.partner)[person]
    ids = {person, *family.records}
    shown = [g for g in access.grants if g.table in whole.tables]
    return StudentRecord(
        person=person,
        tables={name: table.to_pylist() for name, table in whole.tables.items()},
        grants=access.grants,
        shown=shown,
        openings=[o for o in reader.usable if o.purpose == access.purpose],
        feeds=_feeds(access, access.last_days("attendance_day"), family),
        consents=known,
        assigned=next((a for a in reader.caseload if a.record in ids), None),
        statements=whole.statements,
        reader=access.actor.partner,
        types=frozenset(table for table in ENTRY_TABLES if access.may_write(table)),
        team=lambda: team_for(access, ids),
        orders=_orders(ids, {access.actor.partner, *(g.discloser for g in shown)}, reader.today),
        answers=_answers(family, known, forms, reader.names),
        hidden=_hidden(access, [family], reader.today)[family.person],
    )


def _answers(
    family: FamilyConsents, known: Consents, forms: Sequence[SentForm], names: Mapping[str, str]
) -> list[AnswerLine]:
    """What the family was asked by these forms, and what it answered about the choices of this purpose."""
    asked = {(choice.agreement, discloser) for choice, discloser in family.asked}
    decided = [
        DecidedLine(d.id, d.discloser, d.decision, d.relation, d.signed_on)
        for d in known.decided
        if (d.agreement, d.discloser) in asked
    ]
    return answer_lines(forms, decided, names)


def _orders(records: Collection[int], of: Collection[str | None], on: date) -> dict[str, date]:
    """By partner, the first day of the orders on an adult that it recorded; only its officers see who the adult is."""
    found: dict[str, date] = {}
    for limit in limits_on(records, on):
        if limit.partner in of:
            found[limit.partner] = min(limit.since, found.get(limit.partner, limit.since))
    return found


def _consents(whose: Mapping[int, FamilyConsents], reader: str | None) -> dict[int, Consents]:
    """The choices of each family, by the ids under which the student may be listed. A form waits where the reader's team sent it."""
    by_record: dict[int, list[Decided]] = {}
    asked = {record for family in whose.values() if family.asked for record in family.records}
    forms = sent_forms_about(asked) if asked else []
    out = {form.record for form in forms if form.sender == reader and form.state in OPEN}
    disclosers = {discloser for family in whose.values() for _, discloser in family.asked}
    if disclosers:
        records = {record for family in whose.values() for record in family.records}
        for each in consents(records=records, disclosers=disclosers):
            decided = Decided(
                each.agreement, each.purpose, each.partner, each.decision, each.signed_on, each.expires,
                each.relation, each.language, each.id,
            )  # fmt: skip
            by_record.setdefault(each.record, []).append(decided)
    found: dict[int, Consents] = {}
    for id, family in whose.items():
        decisions = [decided for record in family.records for decided in by_record.get(record, ())]
        known = consents_of(family.asked, family.consented, decisions)
        found[id] = found[family.person] = replace(known, waiting=bool(out & set(family.records)))
    return found
