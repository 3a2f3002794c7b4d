"""What was entered on the site, and which of a program's own records a student's id stands for."""

from dataclasses import dataclass
from datetime import date

from throughway.casework.name_search import read_students
from throughway.casework.program_entry.models import ProgramEntry
from throughway.casework.referrals.selectors import OpenedReferral
from throughway.casework.sessions.mark import NAMES, full_name
from throughway.casework.student_facts import words
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.gate.actions.access_basis import families
from throughway.intake.selectors import own_learners
from throughway.partners.actor import Actor
from throughway.supports.selectors import entries


def of_referral(referral: str) -> str:
    return f"referral:{referral}"


def of_walk_in(entry: str) -> str:
    return f"walk-in:{entry}"


def entry_of_referral(referral: str, partner: str) -> ProgramEntry | None:
    """The stay that the partner entered from this referral."""
    return ProgramEntry.objects.filter(origin=of_referral(referral), partner=partner).first()


def program_of(opened: OpenedReferral, by: Actor) -> str:
    """The program in the reader's own records for which the referral asks. Refused (no_program) where the directory does not say."""
    program = opened.entry.said.program if opened.entry else ""
    if program.partition("/")[0] != by.partner:
        raise Refused(
            "The directory of supports does not say which program of your records this is; add its identifier to the entry, then enter the"
            " student.",
            code="no_program",
        )
    return program


@dataclass(frozen=True)
class OwnStudent:
    """A student of the reader's own organization: the id under which the purpose lists the student by name."""

    person: int
    purpose: str


def own_record_of(by: Actor, listed: OwnStudent, apart_from: int | None = None) -> int:
    """The number of the partner's own record of the student. Refused (unknown_student) where the purpose lists no such student."""
    access = enter(actor=by, purpose=listed.purpose)
    numbers = families(access, [listed.person])[listed.person].records
    own = [n for n in own_learners(by.partner or "", numbers) if n != apart_from]
    # Read by name, so that the ledger has who was chosen, and nobody else.
    if own and listed.person in dict(read_students(access, numbers, date.today()).students):
        return own[0]
    raise Refused(
        "Your organization’s records show you no such student; open the list again.",
        code="unknown_student",
        citations=["34 CFR 99.31(a)(1)(ii)"],
    )


@dataclass(frozen=True)
class EnteredLine:
    """One student whom the program entered here and who takes part. `person`: the id that queries show."""

    id: int
    person: int
    name: str
    program_name: str
    since: date


def entered_lines(by: Actor, purpose: str) -> list[EnteredLine]:
    """The stays that go on, as far as the purpose shows the reader who the students are, the newest first."""
    rows = ProgramEntry.objects.filter(partner=by.partner or "", until=None).order_by("-since", "-id")
    found = {row.record: row for row in rows}
    if not found:
        return []
    access = enter(actor=by, purpose=purpose)
    shown = [grant for grant in access.grants if grant.table == "person"]
    columns = [name for name in NAMES if any(name in grant.columns for grant in shown)]
    if not columns:
        return []
    question = f"SELECT person_id, {', '.join(columns)} FROM person"
    named: dict[int, str] = {}
    for row in access.few_students({"person": question}, sorted(found)).tables["person"].to_pylist():
        named[int(row["person_id"])] = full_name(row)
    called = {each.said.program: each.said.name for each in entries()}
    known = families(access, sorted(named))
    lines = []
    for entry in found.values():
        id = next((id for id, family in known.items() if entry.record in (id, *family.records)), None)
        if id is not None:
            program = called.get(entry.program) or words(entry.program.partition("/")[2])
            lines.append(EnteredLine(entry.pk, id, named[id], program, entry.since))
    return lines
