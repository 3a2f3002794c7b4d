"""A task about a student: its states, what it may say, and how it is shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from throughway.casework.typed_entries.versions import EntryVersions, entries_of
from throughway.core.refusals import Refused
from throughway.partners.open_step import due_tag
from throughway.supports.student import parsed_day

TABLE = "task"
LONGEST = 300  # characters
AHEAD = timedelta(days=730)


class TaskKind(StrEnum):
    """The codes of `task.task_kind`, in the order of the form: the form that does it."""

    CONTACT = "contact"
    SUPPORT = "support"
    CONSENT = "consent"
    OTHER = "other"


class TaskState(StrEnum):
    """The codes of `task.task_state`."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


KIND_WORDS: Mapping[TaskKind, str] = {
    TaskKind.CONTACT: "Talk with the family or the student",
    TaskKind.SUPPORT: "Find a support",
    TaskKind.CONSENT: "Ask for the family’s answer",
    TaskKind.OTHER: "Something else",
}
BUTTONS: Mapping[TaskKind, str] = {
    TaskKind.CONTACT: "Note the contact",
    TaskKind.SUPPORT: "See what fits",
    TaskKind.CONSENT: "Record the family’s answer",
    TaskKind.OTHER: "Open the student",
}
# From a state, where a task that is new has none, to the states that may follow.
TRANSITIONS: Mapping[TaskState | None, frozenset[TaskState]] = {
    None: frozenset({TaskState.OPEN}),
    TaskState.OPEN: frozenset(TaskState),
    TaskState.DONE: frozenset({TaskState.OPEN}),
    TaskState.DROPPED: frozenset({TaskState.OPEN}),
}


def check_change(before: Mapping[str, object] | None, after: Mapping[str, object], today: date) -> None:
    """Refused (usage) where the next version of a task says too little, or may not follow the one before it. Both by column of
    `task`; `before` is None for a new task."""
    text, reason, due = str(after["task_text"]), str(after["task_reason"]), after["task_due"]
    state = TaskState(str(after["task_state"]))
    if not text.strip():
        raise Refused("Write what is to be done.", code="usage")
    if len(text) > LONGEST or len(reason) > LONGEST:
        raise Refused(f"A task has at most {LONGEST} characters; write the rest in a note.", code="usage")
    if not str(after["task_owner"]):
        raise Refused("Choose who does it.", code="usage")
    if not isinstance(due, date) or (
        due != (before or {}).get("task_due") and not today <= due <= today + AHEAD
    ):
        raise Refused("Give the day by which it is to be done: today or later.", code="usage")
    if state not in TRANSITIONS[TaskState(str(before["task_state"])) if before else None]:
        raise Refused("Somebody has closed this task already; open it again first.", code="closed")
    if state is TaskState.DROPPED and not reason.strip():
        raise Refused("Write why the task is dropped.", code="usage")


@dataclass(frozen=True)
class ShownTask:
    """One task, as its newest version says. `text` is empty where the purpose does not show it; `own`: the reader's team edits it."""

    id: str
    version: int
    kind: TaskKind
    due: date
    owner: str
    state: TaskState
    text: str
    reason: str
    author: str
    partner: str
    own: bool
    earlier: Sequence["ShownTask"] = ()

    @property
    def title(self) -> str:
        return self.text or KIND_WORDS[self.kind]

    @property
    def button(self) -> str:
        return BUTTONS[self.kind]

    @property
    def is_open(self) -> bool:
        return self.state is TaskState.OPEN

    def tag(self, today: date) -> tuple[str, str]:
        """Kind and words of the tag that says how much time is left."""
        return due_tag(self.due, today)


def tasks_of(
    rows: Iterable[Mapping[str, Any]], *, names: Mapping[str, str], reader: str | None
) -> list[ShownTask]:
    """The tasks in rows of `task`, the open ones first, by day. `names`: partners by id; `reader`: the reader's partner. A task whose
    day or state the purpose does not show is left out."""
    found = [
        shown for entry in entries_of(rows, reader=reader) if (shown := _shown(entry, names)) is not None
    ]
    return sorted(found, key=lambda task: (not task.is_open, task.due, task.id))


def _shown(entry: EntryVersions, names: Mapping[str, str]) -> ShownTask | None:
    earlier = [task for row in entry.earlier if (task := _version(entry, row, names))]
    return _version(entry, entry.newest, names, earlier)


def _version(
    entry: EntryVersions, row: Mapping[str, Any], names: Mapping[str, str], earlier: Sequence[ShownTask] = ()
) -> ShownTask | None:
    due, state = parsed_day(row.get("task_due")), row.get("task_state")
    if due is None or state not in list(TaskState):
        return None
    kind, partner = row.get("task_kind"), str(row.get("author_partner") or "")
    return ShownTask(
        id=entry.id,
        version=int(row.get("version") or 0),
        kind=TaskKind(kind) if kind in list(TaskKind) else TaskKind.OTHER,
        due=due,
        owner=str(row.get("task_owner") or ""),
        state=TaskState(state),
        text=str(row.get("task_text") or ""),
        reason=str(row.get("task_reason") or ""),
        author=str(row.get("author") or ""),
        partner=names.get(partner, partner),
        own=entry.own,
        earlier=earlier,
    )


@dataclass(frozen=True)
class TaskLine:
    """A task on a worker's home, with its student."""

    person: int
    student: str
    task: ShownTask
    nobody: bool = False  # whoever owned it no longer works with the student


A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class TaskDays:
    """A worker's open tasks by the day due."""

    overdue: Sequence[TaskLine] = ()
    today: Sequence[TaskLine] = ()
    week: Sequence[TaskLine] = ()
    later: Sequence[TaskLine] = ()

    @property
    def groups(self) -> list[tuple[str, Sequence[TaskLine]]]:
        named = (("Overdue", self.overdue), ("Today", self.today), ("This week", self.week))
        return [(words, lines) for words, lines in named if lines]

    @property
    def due(self) -> int:
        return len(self.overdue) + len(self.today)

    def __bool__(self) -> bool:
        return bool(self.overdue or self.today or self.week or self.later)


def by_day(lines: Iterable[TaskLine], today: date) -> TaskDays:
    """Open tasks, the longest overdue first; of one day, by the student's name."""
    found = sorted(lines, key=lambda line: (line.task.due, line.student, line.task.id))
    return TaskDays(
        overdue=[line for line in found if line.task.due < today],
        today=[line for line in found if line.task.due == today],
        week=[line for line in found if today < line.task.due <= today + A_WEEK],
        later=[line for line in found if line.task.due > today + A_WEEK],
    )
