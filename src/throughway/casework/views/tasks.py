"""To add a task about a student, to change it, and to close it."""

from throughway.casework.student_tasks.actions import save_task, set_task_state
from throughway.casework.student_tasks.forms import TaskForm, TaskStateForm
from throughway.casework.student_tasks.task import TABLE, ShownTask, TaskState, tasks_of
from throughway.casework.views.entries import EntryScreens
from throughway.casework.views.students import WORKERS
from throughway.partners.page_access import screen


def _initial(shown: ShownTask) -> dict[str, object]:
    return {"text": shown.text, "kind": shown.kind, "due": shown.due, "owner": shown.owner}


TASKS = EntryScreens(
    table=TABLE,
    template="casework/task.html",
    form=TaskForm,
    save=save_task,
    noun="task",
    saved="The task is saved.",
    find=lambda record, names: tasks_of(record.tables.get(TABLE, ()), names=names, reader=record.reader),
    version=lambda shown: shown.version,
    initial=_initial,
    states=TaskStateForm,
    set_state=set_task_state,
    said={
        TaskState.DONE: "The task is done.",
        TaskState.DROPPED: "The task is dropped.",
        TaskState.OPEN: "The task is open again.",
    },
)
new = screen(*WORKERS, person=True)(TASKS.new)
edit = screen(*WORKERS, person=True)(TASKS.edit)
close = screen(*WORKERS, person=True)(TASKS.close)
