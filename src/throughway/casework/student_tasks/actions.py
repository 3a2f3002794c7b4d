"""Writes tasks about students: what is to be done, the day and the owner, and how a task ends."""

from datetime import date

from throughway.casework.student_tasks.selectors import team_about
from throughway.casework.student_tasks.task import TaskKind, TaskState, check_change
from throughway.casework.student_tasks.typed_table import TASKS
from throughway.casework.typed_entries.actions import Values, save_entry
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor


def save_task(
    *, person: int, purpose: str, task: str, based_on: int, kind: TaskKind, due: date, owner: str, text: str, by: Actor,
    on: date | None = None,
) -> None:  # fmt: skip
    """Writes a new task, or what is to be done, by when and by whom; see `save_entry`. Refused (usage) where it says too little, and
    (unknown_owner) where the owner is nobody of the author's team who works with the student. `on`: the day on which it is written, today if not named."""
    owner = owner or by.email
    team = {by.email} if owner == by.email else {*team_about(person, purpose, by), by.email}

    def check(before: Values | None, after: Values) -> None:
        check_change(before, after, on or date.today())
        if owner not in team and owner != (before or {}).get("task_owner"):
            raise Refused(
                "Choose somebody of your team who works with this student; ask your privacy officer to assign the student first.",
                code="unknown_owner",
            )

    values = {"task_kind": str(kind), "task_due": due, "task_owner": owner, "task_text": text}
    if not based_on:
        values |= {"task_state": str(TaskState.OPEN), "task_reason": ""}
    save_entry(
        TASKS,
        person=person,
        purpose=purpose,
        entry=task,
        based_on=based_on,
        values=values,
        by=by,
        check=check,
    )


def set_task_state(
    *, person: int, purpose: str, task: str, based_on: int, state: TaskState, reason: str = "", by: Actor
) -> None:
    """Closes a task as done, drops it with a reason, or opens it again."""
    values = {"task_state": str(state), "task_reason": reason if state is TaskState.DROPPED else ""}
    save_entry(
        TASKS,
        person=person,
        purpose=purpose,
        entry=task,
        based_on=based_on,
        values=values,
        by=by,
        check=lambda before, after: check_change(before, after, date.today()),
    )
