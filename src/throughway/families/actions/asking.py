"""Whom a case worker may ask: the student must be open to the worker now, and an agreement must ask for the family's consent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.confidential_partners import why_confidential
from throughway.agreements.enums import PurposeKind
from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.selectors import agreement_statuses
from throughway.core.refusals import Refused
from throughway.gate.actions import AmendmentStatement, GovernedAccess, enter
from throughway.gate.actions.access_basis import families
from throughway.gate.actions.person_records import records_of
from throughway.gate.available_purposes import openings
from throughway.partners.actor import Actor, Role
from throughway.partners.selectors import partners
from throughway.training.selectors import of as completed

Each = tuple[RequiredFamilyChoice, str]  # a choice, and the discloser whose records it opens
NAMES = ("first_name", "last_or_surname")
WORKERS = frozenset({Role.CASE_WORKER, Role.PROGRAM_MANAGER})


@dataclass(frozen=True, order=True)
class Ask:
    """One consent that an agreement asks a family for: about the records of `partner`, for one of its purposes or for all of them.
    `title` and `interest`: the agreement's own words. `given`: whether such a consent is in force."""

    agreement: str
    purpose: str
    partner: str
    title: str
    interest: str
    given: bool

    @property
    def value(self) -> str:
        return f"{self.agreement} {self.purpose} {self.partner}"


@dataclass(frozen=True)
class OpenStudent:
    """A student who is open to the worker now. `records`: every record number of the student; `held`: those of each partner, which
    nobody is shown; `asks`: what families are asked for; `apart`: disclosers that need a form of their own."""

    person: int
    records: tuple[int, ...]
    held: dict[str, tuple[int, ...]]
    asks: tuple[Ask, ...]
    apart: tuple[str, ...]
    access: GovernedAccess

    def anchor(self, worker: Actor) -> int:
        """The record number by which a form finds the student again: one of the worker's own partner, where it has one."""
        return min(self.held.get(worker.partner or "", ()) or self.records)

    def ask(self, value: str) -> Ask:
        found = next((each for each in self.asks if each.value == value), None)
        if found is None:
            raise Refused(
                "No agreement asks this student's family for that; choose from the list.",
                code="nothing_to_choose",
            )
        return found


def open_student(*, person: int, by: Actor) -> OpenStudent:
    """The student under every casework purpose that opens the student to the worker now. Refused (unknown_student) where none does,
    whether or not the student exists, and (confidential_service) for people of a partner that the law keeps out."""
    check_may_ask(by)
    today = date.today()
    good = {c.course for c in completed(by.email) if c.valid(today)}
    found = openings(agreement_statuses(today), by, (PurposeKind.CASEWORK,))
    purposes = dict.fromkeys(each.purpose for each in found if set(each.training) <= good)
    opened: list[GovernedAccess] = []
    asked: set[Each] = set()
    given: set[Each] = set()
    records: set[int] = set()
    for purpose in purposes:
        try:
            access = enter(actor=by, purpose=purpose)
            with access.one_state():
                access.why(person)
                family = families(access, [person])[person]
        except Refused:
            continue
        opened.append(access)
        asked |= family.asked
        given |= family.consented
        records |= {*family.records}
    if not opened:
        raise Refused(
            "You cannot open this student today: an agreement or a consent ended, or the student left your caseload. Nothing was"
            " recorded; ask your privacy officer.",
            code="unknown_student",
        )
    held: dict[str, tuple[int, ...]] = {}
    for each in records_of(person):
        held[each.partner] = (*held.get(each.partner, ()), each.record)
    register = partners()
    apart = {of for _, of in asked if of in register and why_confidential(register[of].legal)}
    documents = {s.document.id: s.document for s in agreement_statuses(today)}
    asks = tuple(
        sorted(
            Ask(
                c.agreement, c.purpose, of, documents[c.agreement].title,
                next((e.interest for e in documents[c.agreement].purposes if e.id == c.purpose and of in documents[c.agreement].disclosers(e)), ""),
                (c, of) in given,
            )
            for c, of in asked
            if of not in apart
        )
    )  # fmt: skip
    return OpenStudent(person, tuple(sorted(records)), held, asks, tuple(sorted(apart)), opened[0])


def check_may_ask(by: Actor) -> None:
    """Refused unless the actor works with students, at a partner whose clients are not themselves confidential: a form names the
    partner, and so would tell the discloser who its client is."""
    if by.partner is None or by.role not in WORKERS:
        raise Refused(
            "Only a case worker or program manager who works with the student records a family's answer; privacy officers and data"
            " stewards record decisions at What families decided.",
            code="not_allowed",
        )
    why = why_confidential(partners()[by.partner].legal)
    if why is not None:
        raise Refused(
            f"{by.partner} {why[0]}, and a form that names it would tell others who its clients are; use its own form of authorization.",
            code="confidential_service",
            citations=[why[1]],
        )


def student_name(student: OpenStudent) -> tuple[str, Sequence[AmendmentStatement]]:
    """The student's name, read under an entry of the ledger, with the family's statements on it; empty where the agreement does not show
    it."""
    shown = {column for grant in student.access.grants if grant.table == "person" for column in grant.columns}
    columns = [name for name in NAMES if name in shown]
    if not columns:
        return "", ()
    answer = student.access.query(
        f"SELECT {', '.join(columns)} FROM person WHERE person_id = {student.person:d}"
    )
    # Of several records of one student, the one with the most names.
    words = [" ".join(str(value) for value in row if value) for row in answer.rows]
    return max(words, key=len, default=""), answer.statements
