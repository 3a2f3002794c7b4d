"""Rosters, walk-ins and who may take a student home: read through the gate, under the purposes that type attendance."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.grant import NONE, Grant
from throughway.casework.name_search import students_alike
from throughway.casework.program_entry.models import ProgramEntry
from throughway.casework.selectors import CaseworkReader, typing_purpose
from throughway.casework.sessions import pick_up
from throughway.casework.sessions.groups import ProgramGroup, groups
from throughway.casework.sessions.mark import (
    NAMES,
    TABLE,
    RosterLine,
    SentMark,
    is_fed,
    roster_lines,
)
from throughway.casework.sessions.pick_up import PickUp, pick_ups
from throughway.casework.sessions.selectors.entries import marked_days, marked_records, marked_since
from throughway.casework.sessions.walk_in import SUGGESTED, Suggestion, WalkIn
from throughway.casework.sessions.walk_in import TABLE as WALK_IN
from throughway.casework.student_facts import words
from throughway.consent.limit import RightsLimit
from throughway.consent.selectors.decisions import limits_on
from throughway.core.person_names import comparable_name
from throughway.core.refusals import Refused
from throughway.gate.actions import AmendmentStatement, GovernedAccess, enter
from throughway.gate.actions.access_basis import families
from throughway.gate.actions.limited_adults import look_at_adults
from throughway.gate.program_group import literal
from throughway.partners.actor import Actor
from throughway.partners.selectors import partner_names
from throughway.supports.selectors import entries

EIGHT_WEEKS = timedelta(weeks=8)


@dataclass(frozen=True)
class RosterPage:
    """One session: the group, its day, its lines. `fed`: the last day for which another system sent attendance; then there are no
    lines. `walks_in`: whether the reader may note walk-ins. `twice`: two students have one name, and one may have been entered on the
    site before the partner's own file brought the student. `earlier`: of an earlier day; `days`: earlier ones with marks."""

    program: str
    name: str
    on: date
    purpose: str
    lines: tuple[RosterLine, ...] = ()
    fed: date | None = None
    walks_in: bool = False
    twice: bool = False
    earlier: bool = False
    days: tuple[date, ...] = ()
    statements: tuple[AmendmentStatement, ...] = ()

    @property
    def saved(self) -> bool:
        return any(line.stands for line in self.lines)


@dataclass(frozen=True)
class SignOutLine:
    """One student at the end of a session: `there`: present or late, None while the session is not saved. `looks_up`: nobody is named, and
    the reader may look up whom an order or a limit keeps from the student; offered whether there is one or not."""

    name: str
    there: bool | None
    pick_up: PickUp
    person: int
    looks_up: bool


@dataclass(frozen=True)
class Barred:
    """Whom orders and the records keep from one student, by name; `ask`: names of the organizations whose orders name somebody that the
    agreement does not show here."""

    person: int
    names: tuple[str, ...]
    ask: tuple[str, ...]


def session_purpose(actor: Actor, reader: CaseworkReader) -> str:
    """The purpose under which the reader records attendance. Otherwise Refused with why, and recorded."""
    return next(iter(reader.group_purposes), None) or typing_purpose(actor, reader, TABLE)


def last_fed(actor: Actor, reader: CaseworkReader) -> dict[str, date | None]:
    """By program of the reader's own organization in the directory, the last day for which another system sent attendance. No record is
    read. Empty where the gate does not let the reader in: then there is nothing to record either."""
    try:
        access = enter(actor=actor, purpose=session_purpose(actor, reader))
    except Refused:
        return {}
    programs = {e.said.program for e in entries() if e.partner == actor.partner and e.said.program}
    with access.one_state():
        return {program: access.last_fed(program) for program in sorted(programs)}


def my_groups(actor: Actor, reader: CaseworkReader) -> list[ProgramGroup]:
    """The groups of the reader's own organization. Reads the partner's list of programs, and no student's record."""
    access = enter(actor=actor, purpose=session_purpose(actor, reader))
    names: dict[str, str] = {}
    if _shown(access.grants, "program") >= {"program_identifier", "program_name"}:
        rows = access.query("SELECT program_identifier, program_name FROM program").rows
        names = {str(id): str(name) for id, name in rows if id and name}
    listed = entries()
    programs = {*names, *(entry.said.program for entry in listed if entry.partner == actor.partner)}
    with access.one_state():
        fed = {program: access.last_fed(program) for program in sorted(programs) if program}
        sent = {
            program: access.fed_days(program) for program, last in fed.items() if is_fed(last, reader.today)
        }
    held = {**marked_since(actor.partner or "", reader.today - EIGHT_WEEKS), **sent}
    return groups(actor.partner or "", listed, names, fed, reader.today, held)


def roster_page(
    actor: Actor, reader: CaseworkReader, program: str, sent: Mapping[int, SentMark] | None = None, on: date | None = None
) -> RosterPage:  # fmt: skip
    """Today's roster of one program, or (`on`) the marks of an earlier day of students who are on the reader's roster still; `sent`: the
    marks of a form that was not saved. Refused where the gate refuses."""
    on = on or reader.today
    purpose = session_purpose(actor, reader)
    access = enter(actor=actor, purpose=purpose)
    with access.one_state():
        last = access.last_fed(program)
        if is_fed(last, reader.today):
            name = _called(program) or words(program.partition("/")[2])
            return RosterPage(program, name, reader.today, purpose, fed=last)
        tables, statements = _group(access, program, on)
    lines = roster_lines(tables["person"], tables[TABLE], sent=sent, reader=actor.email)
    earlier = on != reader.today
    if earlier:
        lines = [line for line in lines if line.stands]
    return RosterPage(
        program, _name(program, tables), on, purpose, tuple(lines), earlier=earlier,
        walks_in=not earlier and access.may_write(WALK_IN), twice=not earlier and _twice(program, lines), statements=statements,
        days=() if earlier else tuple(marked_days(actor.partner or "", program, on)),
    )  # fmt: skip


def _twice(program: str, lines: Sequence[RosterLine]) -> bool:
    names = [comparable_name(line.name) for line in lines]
    return len(set(names)) < len(names) and ProgramEntry.objects.filter(program=program, until=None).exists()


def sign_out_page(
    actor: Actor, reader: CaseworkReader, program: str, barred_of: int | None = None
) -> tuple[str, list[SignOutLine], Barred | None]:
    """The program's name, each student of today's roster with the adults who may take the student home, and (`barred_of`: a student of the
    roster) whom orders and the records keep from that student, of which the ledger records that the actor looked."""
    access = enter(actor=actor, purpose=session_purpose(actor, reader))
    columns = pick_up.columns_needed(_whole(access.grants, pick_up.TABLE))
    more = {pick_up.TABLE: f"SELECT person_id, {', '.join(columns)} FROM guardian"} if columns else {}
    tables, _ = _group(access, program, reader.today, more)
    lines = roster_lines(tables["person"], tables[TABLE])
    persons = [line.person for line in lines]
    records = _records(access, persons)
    limited = _limits(records, reader.today)
    rows = tables.get(pick_up.TABLE, ())
    found = pick_ups(rows, limited.keys())
    barred = None
    if columns and barred_of in persons and barred_of not in found:
        named = pick_up.barred_by_records(rows, barred_of)
        barred = _barred(access, barred_of, records[barred_of], named, limited.get(barred_of, ()))
    saved = any(line.stands for line in lines)
    return (
        _name(program, tables),
        [
            SignOutLine(
                line.name,
                (line.stands is not None and line.stands.mark != "absent") if saved else None,
                found.get(line.person, PickUp()),
                line.person,
                bool(columns) and line.person not in found,
            )
            for line in lines
        ],
        barred,
    )


def _barred(
    access: GovernedAccess,
    person: int,
    records: Collection[int],
    named: Sequence[str],
    limits: Collection[RightsLimit],
) -> Barred:
    """The names in orders of the actor's own partner, and of disclosers that show this reader every limit on contact; another's officer is
    to be asked."""
    shown = {access.actor.partner} | {g.discloser for g in access.grants if g.table == pick_up.TABLE}
    own = [each for each in limits if each.partner in shown]
    looked = look_at_adults(own, records=records, by=access.actor)
    names = {comparable_name(name): name for name in [*named, *(name for _, name in looked)]}
    told = partner_names()
    ask = {told.get(each.partner, each.partner) for each in limits if each.partner not in shown}
    return Barred(person, tuple(names.values()), tuple(sorted(ask)))


def open_walk_ins(actor: Actor, reader: CaseworkReader) -> list[WalkIn]:
    """Names that nobody has matched, the oldest first."""
    access = enter(actor=actor, purpose=session_purpose(actor, reader))
    if WALK_IN not in {grant.table for grant in access.grants}:
        return []
    rows: list[tuple[Any, ...]] = access.query(
        "SELECT entry_id, version, program_identifier, session_date, walk_in_name, author FROM walk_in"
        " WHERE NOT superseded AND NOT walk_in_closed"
    ).rows
    found = [
        WalkIn(
            str(id),
            int(version),
            str(program),
            _called(str(program)) or words(str(program).partition("/")[2]),
            date.fromisoformat(str(on)[:10]),
            str(name),
            str(author),
        )
        for id, version, program, on, name, author in rows
    ]
    return sorted(found, key=lambda each: (each.on, each.name.casefold(), each.id))


def suggested(actor: Actor, reader: CaseworkReader, name: str) -> list[Suggestion]:
    """Students of the reader's own organization whose name is similar: those whom the agreement shows today, and everybody else whom the
    organization's own records name, former students too."""
    access = enter(actor=actor, purpose=session_purpose(actor, reader))
    listed = students_alike(access, name, reader.today)
    own = enter(actor=actor, purpose=OWN_RECORDS)
    others = students_alike(own, name, reader.today, apart_from=access.reached("person").tolist())
    found = [
        (not each.exact, -each.alike, is_own, Suggestion(each.person, each.who.name, each.who.details, each.exact, is_own))
        for is_own, students in ((False, listed), (True, others))
        for each in students
    ]  # fmt: skip
    return [suggestion for *_, suggestion in sorted(found, key=lambda each: each[:3])[:SUGGESTED]]


def _group(
    access: GovernedAccess, program: str, on: date, more: Mapping[str, str] | None = None
) -> tuple[dict[str, list[dict[str, Any]]], tuple[AmendmentStatement, ...]]:
    """The rows of one roster, under one entry of the ledger."""
    named = [name for name in NAMES if name in _shown(access.grants, "person")]
    if not named:
        raise Refused(
            "The agreement does not show the names of the students in a group; it must list person.first_name in its schedule.",
            code="not_granted",
            citations=["34 CFR 99.30(a)"],
        )
    this = f"program_identifier = {literal(program)}"
    questions = {
        "person": f"SELECT person_id, {', '.join(named)} FROM person",
        TABLE: f"SELECT person_id, session_mark, version, author, recorded_at, walk_in_name FROM {TABLE}"
        f" WHERE {this} AND session_date = DATE {literal(on.isoformat())} AND NOT superseded",
        **(more or {}),
    }
    if _shown(access.grants, "program") >= {"program_identifier", "program_name"}:
        questions["program"] = f"SELECT program_name FROM program WHERE {this}"
    also = marked_records(access.actor.partner or "", program, on)
    taken = access.group(program, questions, also=also)
    return {name: table.to_pylist() for name, table in taken.tables.items()}, taken.statements


def _shown(grants: Collection[Grant], table: str) -> set[str]:
    return {column for grant in grants if grant.table == table for column in grant.columns}


def _whole(grants: Collection[Grant], table: str) -> set[str]:
    """The columns that every grant of the table shows as they are."""
    of_table = [grant for grant in grants if grant.table == table]
    shown = [{name for name, how in grant.columns.items() if how == NONE} for grant in of_table]
    return set.intersection(*shown) if shown else set()


def _records(access: GovernedAccess, persons: list[int]) -> dict[int, frozenset[int]]:
    """By student, the record numbers of all partners."""
    found = families(access, persons).items() if persons else ()
    return {person: frozenset(family.records) for person, family in found}


def _limits(records: Mapping[int, Collection[int]], on: date) -> dict[int, list[RightsLimit]]:
    """By student, the limits that orders set on some adult (34 CFR 99.4), recorded by whichever partner."""
    known = limits_on({number for numbers in records.values() for number in numbers}, on)
    found = {
        person: [each for each in known if each.record in numbers] for person, numbers in records.items()
    }
    return {person: limits for person, limits in found.items() if limits}


def _name(program: str, tables: Mapping[str, list[dict[str, Any]]]) -> str:
    rows = tables.get("program", ())
    own = next((str(row["program_name"]) for row in rows if row["program_name"]), "")
    return own or _called(program) or words(program.partition("/")[2])


def _called(program: str) -> str:
    return next((entry.said.name for entry in entries() if entry.said.program == program), "")
