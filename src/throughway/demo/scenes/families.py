"""Families use their rights: one withdraws its consent, one asks to inspect a record, one had a record amended; for one a court order
hides the student's whereabouts from an adult. And the district records the languages of its notice, and both approve the Spanish words of
their consent forms. Two families whose consents end
sign again on paper: one paper is confirmed, one waits for the district.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from throughway.agreements.document import version_of
from throughway.consent.actions import withdraw
from throughway.consent.selectors.decisions import consents, in_force
from throughway.core.refusals import Refused
from throughway.demo.partners import CASE_WORKER, LAKESIDE, OFFICER, REGISTRAR, RIVERBEND, Say
from throughway.demo.scenes.signed_paper import signed_paper
from throughway.families.actions.amendments import ask_to_amend, correct, grant
from throughway.families.actions.answers import confirm, record_signed, send_form
from throughway.families.actions.asking import open_student, student_name
from throughway.families.actions.inspections import ask_to_inspect
from throughway.families.actions.limits import limit, record_notice
from throughway.families.actions.translations import approve_words, translated_document
from throughway.gate.actions import enter
from throughway.ledger.actions.student_disclosures import numbers_of_key, person_of
from throughway.partners.selectors import actor

ASKED, CONTESTED, DECIDED, ORDERED = 12, 20, 6, 40  # days ago
KEPT_FROM = "Jordan Hale"
ELEMENT = "attendance_day.attendance_status"
AGREEMENT = "riverbend-casework"
LANGUAGES = ("en", "es")  # of the district's notices
SPANISH = {  # of the consent form for casework
    "title": "Asistencia y calificaciones de los estudiantes de los programas después de clases, para quienes trabajan con ellos",
    "purpose_casework": "Encontrar a tiempo, para cada estudiante, la ayuda después de clases que le sirva",
    "records_person": "nombre, apellido, nombre que prefiere y año de nacimiento",
    "records_person_status": "si está aprendiendo inglés",
}


@dataclass(frozen=True)
class ConsentingFamily:
    """Who consented for a student, by the partner's own number of the student."""

    key: str
    signer: str
    relation: str


def use_rights(folder: Path, today: date, say: Say) -> None:
    riverbend = list(consenting_families(folder, RIVERBEND))
    _gives_notice(folder, say)
    _writes_for_families(say)
    _had_it_put_right(riverbend[0], today, say)
    _is_kept_from(riverbend[0], today, say)
    _takes_it_back(riverbend[1:], today, say)
    _signs_again(folder, today, say, ending=True)
    _signs_again(folder, today, say, ending=False)
    _asks_to_see(next(consenting_families(folder, LAKESIDE)), today, say)


def consenting_families(folder: Path, partner: str) -> Iterator[ConsentingFamily]:
    """Families whose consent to casework is in force, in the order of the list of consents."""
    with (folder / "consents" / "casework.csv").open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["partner"] == partner]
    back = {line["record_key"] for line in lines if line["decision"] != "yes"}
    for line in lines:
        if line["record_key"] not in back and line["relation"] != "student":
            yield ConsentingFamily(line["record_key"], line["signer"], line["relation"])


def _gives_notice(folder: Path, say: Say) -> None:
    """The versions that the families read; the district gives each in both of its languages, whoever has signed by now."""
    with (folder / "consents" / "casework.csv").open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["partner"] == RIVERBEND]
    for version in sorted({line["notice_version"] for line in lines if line["notice_version"]}):
        made = record_notice(agreement=AGREEMENT, version=version, languages=LANGUAGES, by=actor(OFFICER))
        say(f"  the notice {version} of {RIVERBEND} is available in {', '.join(made.languages)}")


def _writes_for_families(say: Say) -> None:
    """Without these words no form is printed in Spanish."""
    for email in (OFFICER, REGISTRAR):
        officer = actor(email)
        version = version_of(translated_document(AGREEMENT, "es", officer))
        approve_words(agreement=AGREEMENT, language="es", words=SPANISH, version=version, by=officer)
        say(f"  {officer.partner} approves the Spanish words of its consent forms")


def _is_kept_from(family: ConsentingFamily, today: date, say: Say) -> None:
    """The case worker's page says that there is an order, and whom to ask."""
    found = limit(
        student=family.key, who=KEPT_FROM, kind="contact", reference=f"{today.year}-DR-0417",
        since=today - timedelta(days=ORDERED), by=actor(OFFICER),
    )  # fmt: skip
    say(f"  a court order hides from an adult where a student of {RIVERBEND} is (limit {found.code})")


def _takes_it_back(families: list[ConsentingFamily], today: date, say: Say) -> None:
    """The case worker reads a student's record, and again after the yes was withdrawn."""
    officer = actor(OFFICER)
    given = [c for c in consents(partner=RIVERBEND) if c.agreement == AGREEMENT]
    effective = in_force(given, today)
    for family in reversed(families):  # students that the case worker has not opened yet
        [record] = numbers_of_key(family.key, partner=RIVERBEND, by=officer)
        consent = next((c for c in given if c.record == record and c.id in effective), None)
        if consent is None:
            continue
        person = person_of(partner=RIVERBEND, record_key=family.key, by=officer)
        before = _read(person)
        withdraw(id=consent.id, by=officer)
        say(
            f"  the consent {consent.id} is withdrawn: {CASE_WORKER} saw {before} kinds of records of that student, and now sees "
            f"{_read(person)}"
        )
        return


def _signs_again(folder: Path, today: date, say: Say, *, ending: bool) -> None:
    """A family whose consent ends in some weeks (`ending`), or has ended, is asked again and signs; the district confirms the first."""
    officer, worker = actor(OFFICER), actor(CASE_WORKER)
    for line in _answers_until(folder, today, ending=ending):
        person = person_of(partner=RIVERBEND, record_key=line["record_key"], by=officer)
        try:
            student = open_student(person=person, by=worker)
        except Refused:  # linkage did not find this student
            continue
        ask = next((a for a in student.asks if (a.agreement, a.partner) == (AGREEMENT, RIVERBEND)), None)
        if ask is None:
            continue
        form = send_form(person=person, about=ask.value, language=line["language"], how="hand", by=worker)
        name, _ = student_name(student)
        picture = signed_paper(
            code=form.code,
            language=form.language,
            student=name,
            signer=line["signer"],
            day=f"{today:%m/%d/%Y}",
        )
        said: dict[str, Any] = {"signer": line["signer"], "relation": line["relation"], "signed_on": today}
        record_signed(person=person, code=form.code, paper=picture, by=worker, **said)
        if ending:
            confirm(
                code=form.code, student=line["record_key"], identified="Signature compared with the enrollment form",
                by=officer, **said,
            )  # fmt: skip
        say(
            f"  a family signed again ({form.printed_code}); {'its yes is confirmed' if ending else 'the paper waits for ' + RIVERBEND}"
        )
        return


def _answers_until(folder: Path, today: date, *, ending: bool) -> list[dict[str, str]]:
    """Parents of Riverbend whose consent ends within two months, or has ended; those who read Spanish first."""
    with (folder / "consents" / "casework.csv").open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["partner"] == RIVERBEND and line["expires"]]
    soon = today + timedelta(days=60)
    found = [
        line
        for line in lines
        if line["relation"] != "student"
        and (
            today <= date.fromisoformat(line["expires"]) <= soon
            if ending
            else date.fromisoformat(line["expires"]) < today
        )
    ]
    return sorted(found, key=lambda line: line["language"] != "es")


def _read(person: int) -> int:
    """How many kinds of records the case worker is shown of a student."""
    try:
        return len(enter(actor=actor(CASE_WORKER), purpose="casework").record_of(person).tables)
    except Refused:
        return 0


def _asks_to_see(family: ConsentingFamily, today: date, say: Say) -> None:
    asked = ask_to_inspect(
        student=family.key, who=family.signer, relation=family.relation, identified="Photo ID at the counter",
        received=today - timedelta(days=ASKED), asked="Attendance and marks of this year", by=actor(REGISTRAR),
    )  # fmt: skip
    say(f"  a family asked {LAKESIDE} to see a record ({asked.code}); the answer is due on {asked.due}")


def _had_it_put_right(family: ConsentingFamily, today: date, say: Say) -> None:
    """The case worker had seen the wrong mark; every recipient must correct it."""
    officer = actor(OFFICER)
    _read(person_of(partner=RIVERBEND, record_key=family.key, by=officer))
    asked = ask_to_amend(
        student=family.key, who=family.signer, relation=family.relation, identified="Code sent to the telephone on file",
        received=today - timedelta(days=CONTESTED), element=ELEMENT, which="The first Monday of last month: absent without an excuse",
        why="The bus broke down, and the school was told so that morning.", by=officer,
    )  # fmt: skip
    grant(code=asked.code, on=today - timedelta(days=DECIDED), by=officer)
    made = correct(code=asked.code, on=today, by=officer)
    say(
        f"  a record of {RIVERBEND} was amended ({made.code}); {', '.join(r.partner for r in made.recipients)} correct theirs"
    )
