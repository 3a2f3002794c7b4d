"""What case workers note and plan: needs that families told them, which are true in this town, and tasks with days."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from throughway.casework.needs.actions import save_need
from throughway.casework.needs.need import NeedSource
from throughway.casework.student_tasks.actions import save_task, set_task_state
from throughway.casework.student_tasks.task import TaskKind, TaskState
from throughway.casework.typed_entries.actions import new_entry_id
from throughway.core.prose import counted
from throughway.demo.partners import BRIGHT, CASE_WORKER, COUNSELOR, Say
from throughway.gate.actions import enter
from throughway.gate.actions.access_basis import families
from throughway.gate.actions.caseloads import number_of
from throughway.partners.actor import OPERATOR, Actor
from throughway.partners.selectors import actor
from throughway.vocabulary.school_calendar import school_year_of, year_start

# Of the true needs, the kinds that may be noted, with the words of the family.
KINDS = {
    "reading": ("tutoring", "The mother asks for help with reading, two afternoons a week."),
    "mentor": ("mentoring", "Would like somebody to talk to about high school."),
    "food": ("food", "Asks where there is a pantry that opens after work."),
    "housing": ("housing", "They stay with an aunt until they find a place."),
}
NEEDS_NOTED = 4
# Days from today on which a task is due and was written, its kind and its words.
TASKS = (
    (-2, -9, TaskKind.CONTACT, "Call home about the missed days"),
    (0, -5, TaskKind.SUPPORT, "Look for a tutor with a free seat"),
    (0, -1, TaskKind.CONTACT, "Ask how the first week in the club went"),
    (3, 0, TaskKind.CONSENT, "Ask for the form about the school’s records"),
    (6, 0, TaskKind.OTHER, "Prepare the meeting with the teacher"),
    (20, 0, TaskKind.CONTACT, "Ask whether the way home in the dark works"),
)
DONE = "Send the days of the homework club"


def plan(folder: Path, today: date, say: Say) -> None:
    """The case worker and the counselor plan; the case worker notes needs of students who have them."""
    worker = actor(CASE_WORKER)
    access = enter(actor=worker, purpose="casework")
    students = [line.person for line in access.students()]
    for person, (days, written, kind, text) in zip(students, TASKS, strict=False):
        _task(
            person,
            "casework",
            today + timedelta(days=days),
            today + timedelta(days=written),
            kind,
            text,
            worker,
        )
    for person in students[:1]:
        done = _task(person, "casework", today, today, TaskKind.OTHER, DONE, worker)
        set_task_state(
            person=person, purpose="casework", task=done, based_on=1, state=TaskState.DONE, by=worker
        )
    noted = 0
    for person, need, since in _true_needs(folder, today):
        if noted < NEEDS_NOTED and person in students and since <= today:
            support, words = KINDS[need]
            save_need(
                person=person, purpose="casework", need=new_entry_id(), based_on=0, kind=support, since=since,
                source=NeedSource.FAMILY, text=words, by=worker,
            )  # fmt: skip
            noted += 1
    counselor = actor(COUNSELOR)
    theirs = enter(actor=counselor, purpose="school-casework").students()
    for line, (days, written, kind, text) in zip(theirs, TASKS[:2], strict=False):
        _task(line.person, "school-casework", today + timedelta(days=days), today + timedelta(days=written), kind, text, counselor)  # fmt: skip
    say(
        f"  {CASE_WORKER} notes {counted(noted, 'need')}, and plans {counted(min(len(students), len(TASKS)), 'task')}"
    )


def _task(person: int, purpose: str, due: date, on: date, kind: TaskKind, text: str, by: Actor) -> str:
    task = new_entry_id()
    save_task(person=person, purpose=purpose, task=task, based_on=0, kind=kind, due=due, owner=by.email, text=text, on=on, by=by)  # fmt: skip
    return task


def _true_needs(folder: Path, today: date) -> Iterator[tuple[int, str, date]]:
    """Of the case worker's students, those with a need of this school year that nobody meets: the id that the pages show, the need, and since when."""
    truth = folder / "truth"
    people = {
        row["record_key"]: row["person"] for row in _rows(truth / "persons.csv") if row["partner"] == BRIGHT
    }
    unmet: dict[str, tuple[str, date]] = {}
    for row in _rows(truth / "needs.csv"):
        if row["need"] in KINDS and row["why_unmet"]:
            found_on = date.fromisoformat(row["found_on"])
            if found_on >= year_start(school_year_of(today)):
                unmet[row["person"]] = (row["need"], found_on)
    access = enter(actor=actor(CASE_WORKER), purpose="casework")
    for row in _rows(folder / "caseloads.csv"):
        found = unmet.get(people.get(row["record_key"], ""))
        if row["email"] == CASE_WORKER and not row["to"] and found:
            record = number_of(partner=row["partner"], record_key=row["record_key"], by=OPERATOR)
            yield families(access, [record])[record].person, *found


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
