"""A small community whose agreements are signed for real: what its tests of destruction share."""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from throughway.agreements import actions as agreements
from throughway.intake import actions as intake
from throughway.intake.load_report import Loaded
from throughway.partners import OPERATOR, Actor
from throughway.partners.actions import add_partner, add_user
from throughway.partners.selectors import actor

TODAY = date.today()
BEGAN = TODAY - timedelta(days=400)
BORN = TODAY.year - 13  # the students are not of age
PARTNERS = {"school": "lea", "club": "charter", "backbone": "backbone"}
PEOPLE = {
    "leader": "leader",
    "officer": "privacy_officer",
    "steward": "data_steward",
    "worker": "case_worker",
    "evaluator": "evaluator",
}


def person(role: str, partner: str) -> Actor:
    return actor(f"{role}@{partner}.example")


def people(*names: str) -> None:
    """Three partners, each with its people, or with those named."""
    for id, kind in PARTNERS.items():
        add_partner(id=id, name=id.title(), kind=kind, by=OPERATOR)
        for name in names or PEOPLE:
            role = PEOPLE[name]
            add_user(email=f"{name}@{id}.example", partner=id, role=role, by=OPERATOR)


def paper(
    id: str,
    schedule: Sequence[str],
    *,
    population: str = "[]",
    records: str = "{}",
    custody: str = "{basis: school_official, basis_details: {function: hosting, direct_control: true, annual_notice_criteria: Notice}}",
    basis: str = "school_official",
    linkage: bool = False,
    effective: date = BEGAN,
    expires: date = TODAY + timedelta(days=300),
    form: str = "identified",
    under: str = "",
) -> str:
    """A document; each line of `schedule` is what stands between the braces of a schedule's line."""
    purpose = f"use-{id}"
    lines = "\n".join(
        f"  - {{{line}, {'' if 'purposes:' in line else f'purposes: [{purpose}], '}necessity: It is the question}}"
        for line in schedule
    )
    match = (
        f"  - {{id: match-{id}, kind: linkage, from: [school, club], recipients: [backbone], roles: [data_steward],"
        f" interest: Recognise, basis: {basis}, form: identified, basis_details: {{function: matching, direct_control: true,"
        " annual_notice_criteria: Notice}}"
        if linkage
        else ""
    )
    if linkage:
        lines += f"\n  - {{element: person.*, purposes: [match-{id}], necessity: Names}}"
    return f"""
throughway: agreement/1
id: {id}
tier: {"dul" if under else "dsa"}
{f"under: {under}" if under else ""}
title: The agreement {id}
parties:
  - {{partner: school, roles: [discloser, recipient], signatory: {{title: Superintendent, authority: Policy}}}}
  - {{partner: club, roles: [discloser, recipient], signatory: {{title: Director, authority: Bylaws}}}}
  - {{partner: backbone, roles: [recipient, steward], signatory: {{title: Director, authority: Resolution}}}}
purposes:
  - {{id: {purpose}, kind: evaluation, from: [school, club], recipients: [backbone], roles: [evaluator],
      interest: Learn what helps, basis: {basis}, form: {form},
      basis_details: {{function: evaluation, direct_control: true, annual_notice_criteria: Notice}}}}
{match}
schedule:
{lines}
population: {population}
records: {records}
custody: {custody}
terms:
  effective: {effective}
  expires: {expires}
  minimum_cell: 10
  training: []
  destruction: {{within_days: 60, method: NIST SP 800-88 purge}}
  ended_by: [backbone]
clauses:
  use_only_for_purpose: Only for these purposes.
  no_redisclosure: Passes nothing on.
  no_identification: Only its representatives.
  destroy_when_no_longer_needed: Destroyed when no longer needed.
  protect_from_further_disclosure: Keeps policies against it.
  reasonable_methods: By this system.
"""


def sign(text: str, id: str, *, activate: bool = True) -> None:
    """Adds the document, has every party sign it, and puts it into effect."""
    agreements.add(text=text, by=OPERATOR)
    for partner in PARTNERS:
        agreements.sign(id=id, by=person("leader", partner))
    if activate:
        agreements.activate(id=id, by=person("steward", "backbone"))


def end(id: str) -> None:
    agreements.terminate(id=id, by=person("steward", "backbone"))


STUDENTS = """
throughway: crosswalk/1
tables:
  person:
    key: [ID]
    columns:
      first_name: {from: First}
      last_or_surname: {from: Last, required: true}
      birthdate: {from: Born}
  attendance_day:
    key: [ID, Day]
    person: ID
    columns: {attendance_event_date: {from: Day}, attendance_status: {from: Mark}}
  school_enrollment:
    key: [ID, Entry]
    person: ID
    columns:
      enrollment_entry_date: {from: Entry, required: true}
      entry_grade_level: {from: Grade}
"""
HEAD = ("ID", "First", "Last", "Born", "Day", "Mark", "Entry", "Grade")


def rows(students: Mapping[str, str], *, days: int = 2) -> list[Sequence[str]]:
    """Key and grade of students → lines of one export, with an attendance day each time."""
    return [
        (
            key,
            _called(key)[0],
            f"Family-{key}",
            _called(key)[1],
            f"2025-10-{1 + n:02}",
            "Present",
            "2025-08-20",
            grade,
        )
        for key, grade in students.items()
        for n in range(days)
    ]


def _called(key: str) -> tuple[str, str]:
    """A given name and a birth date of the year `BORN`, each key's own, so that nobody is taken for another."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return digest[:12].translate(
        str.maketrans("0123456789", "ghijklmnop")
    ), f"{BORN}-{2 + int(digest[:4], 16) % 11:02}-{2 + int(digest[4:8], 16) % 26:02}"


def load(
    folder: Path,
    lines: Sequence[Sequence[str]],
    *,
    partner: str = "school",
    name: str = "export",
    right: str = "",
) -> Loaded:
    path, crosswalk = folder / f"{name}.csv", folder / "crosswalk.yaml"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        writer.writerows(lines)
    crosswalk.write_text(STUDENTS, encoding="utf-8")
    done = intake.load(
        path=path, partner=partner, format="csv", crosswalk=crosswalk, by=OPERATOR, right=right
    )
    path.unlink()
    return done
