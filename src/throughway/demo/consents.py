"""Families' decisions: consent, refusal, withdrawal, consent that expires; in English and in Spanish; and no answer."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

import numpy as np

from throughway.demo.arrays import Ints
from throughway.demo.caseloads import Caseloads
from throughway.demo.partners import COLLEGE_ACCESS, FAMILIES, LAKESIDE, RIVERBEND
from throughway.demo.programs import stays_from
from throughway.demo.roster import Roster
from throughway.demo.town import Town

COLUMNS = (
    "partner", "record_key", "agreement", "purpose", "decision", "signer", "relation", "signed_on", "method", "language",
    "notice_version", "expires",
)  # fmt: skip
METHODS = (
    "signed on paper before the case worker",
    "web form, with a code sent to the telephone on file",
    "signed on paper at enrollment night, identity card seen",
)
RELATIONS = ("parent", "parent", "parent", "guardian")
ADULT = timedelta(days=18 * 365 + 5)
UNSURE = timedelta(days=60)  # around the eighteenth birthday no consent is requested
OPTED_OUT = 0.05  # of families, of the list of addresses


class FamilyConsentAnswer(StrEnum):
    YES = "yes"
    SOON = "a yes that runs out in some weeks"
    OVER = "a yes that has run out"
    NO = "no"
    TAKEN_BACK = "a yes, and later withdrawn"
    NONE = "no answer"


# How twelve families answer; repeated for all.
ANSWERS = (
    FamilyConsentAnswer.YES, FamilyConsentAnswer.YES, FamilyConsentAnswer.NO, FamilyConsentAnswer.YES, FamilyConsentAnswer.SOON, FamilyConsentAnswer.YES, FamilyConsentAnswer.YES, FamilyConsentAnswer.TAKEN_BACK, FamilyConsentAnswer.YES,
    FamilyConsentAnswer.OVER, FamilyConsentAnswer.YES, FamilyConsentAnswer.NONE,
)  # fmt: skip

# How fewer than twelve families of a district answer, so that a yes that ends or has ended is among those of the first weeks
# of a school year too, when few students are in a program.
FEW_ANSWERS = (
    FamilyConsentAnswer.YES, FamilyConsentAnswer.SOON, FamilyConsentAnswer.OVER, FamilyConsentAnswer.YES, FamilyConsentAnswer.NO,
    FamilyConsentAnswer.TAKEN_BACK, FamilyConsentAnswer.YES, FamilyConsentAnswer.YES, FamilyConsentAnswer.NONE, FamilyConsentAnswer.YES,
    FamilyConsentAnswer.YES,
)  # fmt: skip

Line = tuple[object, ...]


@dataclass(frozen=True)
class FamilyConsentForm:
    """What a family is asked: the records of which partner, under which agreement, for which purpose."""

    roster: Roster
    agreement: str
    purpose: str


def write_consents(folder: Path, town: Town, caseloads: Caseloads) -> None:
    """One file for each form that families were given."""
    folder.mkdir(parents=True, exist_ok=True)
    casework: list[Line] = []
    for district in (RIVERBEND, LAKESIDE):
        form = FamilyConsentForm(town.rosters[district], "riverbend-casework", "casework")
        students = _of_district(town, caseloads.case_worker, district)
        casework += _answers(town, form, students, ANSWERS if len(students) >= len(ANSWERS) else FEW_ANSWERS)
    _write(folder / "casework.csv", casework)
    agency = FamilyConsentForm(town.rosters[FAMILIES], "riverbend-supports", "casework")
    clients = caseloads.case_worker[np.isin(caseloads.case_worker, agency.roster.student)]
    _write(
        folder / "family-services.csv",
        _answers(
            town, agency, clients, (FamilyConsentAnswer.YES, FamilyConsentAnswer.YES, FamilyConsentAnswer.NO)
        ),
    )
    _write(folder / "college-advising.csv", _advised(town))
    _write(folder / "directory-opt-outs.csv", _opt_outs(town))
    asked, felt = town.feelings
    form = FamilyConsentForm(town.rosters[RIVERBEND], "feelings-survey", "community-report")
    _write(
        folder / "feelings.csv", _answers(town, form, asked, ANSWERS, before=felt.day.min().astype(object))
    )


def _of_district(town: Town, students: Ints, district: str) -> Ints:
    """The students who attend school there now, in the same order."""
    now = stays_from(town.spells, town.year)
    there = now.student[now.district == (RIVERBEND, LAKESIDE).index(district)]
    return students[np.isin(students, there)]


def _advised(town: Town) -> Iterator[Line]:
    """Graduates and seniors who asked for advice on college; those of age sign for themselves."""
    known = town.rosters[COLLEGE_ACCESS].student
    for district in (RIVERBEND, LAKESIDE):
        roster = town.rosters[district]
        students = np.sort(known[np.isin(known, roster.student)])[-40:]
        yield from _answers(
            town, FamilyConsentForm(roster, "next-step-advising", "college-advising"), students, ANSWERS
        )


def _opt_outs(town: Town) -> Iterator[Line]:
    """Families of grades 5 to 8 who do not want their address given to anybody."""
    now = stays_from(town.spells, town.year)
    there = now.student[(now.district == 0) & (now.grade >= 5) & (now.grade <= 8)]
    some = there[town.stream("opt-outs").random(len(there)) < OPTED_OUT]
    form = FamilyConsentForm(town.rosters[RIVERBEND], "after-school-invitations", "invite-families")
    return _answers(town, form, some, (FamilyConsentAnswer.NO,))


def _answers(
    town: Town,
    form: FamilyConsentForm,
    students: Ints,
    answers: Sequence[FamilyConsentAnswer],
    before: date | None = None,
) -> Iterator[Line]:
    """`before`: a day before which all were signed; today if None."""
    rng = town.stream("consents", form.agreement, form.roster.partner)
    born = form.roster.written.birthdate[form.roster.places_of(students)]
    for place, (student, key, birth) in enumerate(
        zip(students, form.roster.keys_of(students), born, strict=True)
    ):
        signed = (before or town.today) - timedelta(days=int(rng.integers(40, 100)))
        signer = _signer(town, int(student), str(birth), signed, int(rng.integers(len(RELATIONS))))
        if signer is None:
            continue
        for decision, day, expires in _decisions(answers[place % len(answers)], signed, town, rng):
            spanish = town.people.language[student] == "spa"
            yield (
                form.roster.partner, key, form.agreement, form.purpose, decision, *signer, day,
                METHODS[int(rng.integers(len(METHODS)))], "es" if spanish else "en", f"{town.year - 1}-08", expires or "",
            )  # fmt: skip


def _signer(town: Town, student: int, birth: str, signed: date, relation: int) -> tuple[str, str] | None:
    """Name and relation of somebody who held the right on that day, by the age in the partner's own record; None in doubt.

    The right passes at 18 or with the first day at a college (34 CFR 99.3), of which a partner may or may not know.
    """
    people = town.people
    if not birth:
        return None
    of_age = date.fromisoformat(birth) + ADULT
    if of_age + UNSURE < signed:
        return f"{people.first[student]} {people.surname[student]}", "student"
    if signed < of_age - UNSURE and student not in town.college.terms.student:
        return f"{people.guardian[student]} {people.surname[student]}", RELATIONS[relation]
    return None


def _decisions(
    answer: FamilyConsentAnswer, signed: date, town: Town, rng: np.random.Generator
) -> Iterator[tuple[str, date, date | None]]:
    """(decision, day, last day of a yes) of each paper that the family signed, in order."""
    until = date(town.year, 6, 30)
    if answer is FamilyConsentAnswer.NO:
        yield "no", signed, None
    elif answer is FamilyConsentAnswer.SOON:
        yield "yes", signed, town.today + timedelta(days=int(rng.integers(14, 50)))
    elif answer is FamilyConsentAnswer.OVER:
        yield "yes", signed, town.today - timedelta(days=int(rng.integers(3, 20)))
    elif answer is not FamilyConsentAnswer.NONE:
        yield "yes", signed, until
        if answer is FamilyConsentAnswer.TAKEN_BACK:
            yield "withdrawn", town.today - timedelta(days=int(rng.integers(2, 30))), None


def _write(path: Path, lines: Iterator[Line] | list[Line]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        out.writerows(lines)
