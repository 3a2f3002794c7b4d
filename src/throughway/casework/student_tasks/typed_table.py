"""The typed table of tasks: its columns, and which of them are sealed. Imported when the program starts, so it stays light."""

from throughway.casework.models import Task
from throughway.casework.student_tasks.task import TABLE
from throughway.casework.typed_entries.selectors import EntryTable

TASKS = EntryTable(
    table=TABLE,
    model=Task,
    columns={
        "task_kind": "kind",
        "task_due": "due",
        "task_owner": "owner",
        "task_state": "state",
        "task_text": "text",
        "task_reason": "reason",
    },
    sealed=frozenset({"task_text", "task_reason"}),
    noun="task",
    counted="versions of tasks",
)
