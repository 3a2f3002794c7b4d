"""What people read in Riverbend on the first day, and what they are refused: the ledger then has something true to show."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from throughway.core.refusals import Refused
from throughway.demo.partners import (
    CASE_WORKER,
    COUNSELOR,
    EVALUATOR,
    MANAGER,
    OFFICER,
    REGISTRAR,
    STEWARD,
    Say,
)
from throughway.gate.actions import disclosures_of, enter
from throughway.insight.actions import report_pipeline
from throughway.insight.commitments.actions import report_services
from throughway.insight.report_files import written
from throughway.insight.selectors import report
from throughway.partners import OPERATOR
from throughway.partners.selectors import actor, users
from throughway.publication.actions import agree
from throughway.publication.permissions import can_review
from throughway.publication.selectors import published, where
from throughway.vocabulary.school_calendar import school_year_of

OPENED = 4  # students that each case worker opens

QUESTION = """
SELECT CASE WHEN after_school THEN 'came to a program' ELSE 'did not' END AS students_who,
       count(*) AS students, round(avg(absences), 1) AS mean_days_absent
FROM (SELECT person_id, bool_or(attendance_event_type = 'ProgramAttendance') AS after_school,
             count(*) FILTER (WHERE attendance_event_type = 'DailyAttendance'
                              AND attendance_status IN ('ExcusedAbsence', 'UnexcusedAbsence')) AS absences
      FROM attendance_day WHERE attendance_event_date >= DATE '{since}' GROUP BY person_id)
GROUP BY after_school ORDER BY after_school
"""


def ask(today: date, say: Say) -> None:
    """One question over several partners' records that is answered, and one that is refused with its reasons."""
    question = QUESTION.format(
        since=f"{school_year_of(today) - 2}-08-01"
    )  # the last complete school year and this one
    evaluator = actor(EVALUATOR)
    answer = enter(actor=evaluator, purpose="evaluation").query(question)
    for who, students, absences in answer.rows:
        say(f"  students who {who}: {students}, on average {absences} days absent")
    say(f"  written in the ledger as {answer.disclosure}, under {', '.join(answer.agreements)}")
    _refused(say, "the evaluator asks for names",
             lambda: enter(actor=evaluator, purpose="evaluation").query("SELECT last_or_surname FROM person"))  # fmt: skip


def work(say: Say) -> None:
    """Case workers open some of their students, a district asks for the transcripts of those who moved to it, the officer
    asks who saw a student, and a manager whose course has lapsed is turned away."""
    opened: list[int] = []
    for address, purpose in ((CASE_WORKER, "casework"), (COUNSELOR, "school-casework")):
        access = enter(actor=actor(address), purpose=purpose)
        students = access.students()
        opened = [line.person for line in students[:OPENED]]
        for person in opened:
            access.record_of(person)
        say(f"  {address} has {len(students)} students and opened {len(opened)}")
    records = "SELECT count(DISTINCT person_id) FROM school_enrollment"
    [(moved,)] = enter(actor=actor(REGISTRAR), purpose="enrollment-transfer").query(records).rows
    say(f"  {REGISTRAR} finds the earlier records of {moved} students who moved from the other district")
    for person in opened[:1]:
        seen = disclosures_of(person=person, by=actor(OFFICER))
        say(f"  {OFFICER} asks who saw one of them: {len(seen)} entries of the ledger")
    _refused(say, f"{MANAGER} asks for the students", lambda: enter(actor=actor(MANAGER), purpose="casework"))


def publish(today: date, say: Say) -> dict[str, Any]:
    """Where students are lost; the partners whose records it counts look at it, and agree."""
    made: dict[str, Any] = report_pipeline(
        actor=actor(STEWARD), purpose="community-report", on=today, out=None
    )
    made |= _agreed(made, say)
    written(Path(made["report"]), report(made["release"], OPERATOR).page)  # without the notice that it waits
    return made


def publish_services(today: date, say: Say) -> dict[str, Any] | None:
    """Which services were promised, beside how many took part. None in a town so small that no figure may be shown."""
    try:
        made: dict[str, Any] = report_services(actor=actor(STEWARD), purpose="community-report", on=today)
    except Refused as refused:
        if refused.code != "no_figures":
            raise
        say(f"  {refused.message}")
        return None
    return made | _agreed(made, say)


def _agreed(made: dict[str, Any], say: Say) -> dict[str, object]:
    """Every partner whose records a release counts looks at it and agrees, so that it does not wait for its day."""
    say(f"  release {made['release']}, {made['title']}: {made['state']} until {made['public_on']}")
    for partner in made["disclosers"]:
        by = next(user for user in users() if can_review(user, [partner]))
        agree(release=made["release"], by=by)
    found = published(made["release"], OPERATOR, tables=False)
    say(f"  {len(made['disclosers'])} partners agree: it is {found.standing.state}")
    return where(found)


def _refused(say: Say, what: str, asked: Callable[[], object]) -> None:
    try:
        asked()
    except Refused as refused:
        say(f"  {what} and is refused: {refused.message}")
