"""To add a task about a student, to change it, and to close it."""

from throughway.casework.student_tasks.actions import save_task, set_task_state
from throughway.casework.student_tasks.forms import TaskForm, TaskStateForm
from throughway.casework.student_tasks.task import TABLE, ShownTask, TaskKind, TaskState, tasks_of
from throughway.casework.typed_entries.forms import EntryForm
from throughway.casework.views.entries import EntryScreens
from throughway.casework.views.students import WORKERS
from throughway.partners.actor import Actor
from throughway.partners.page_access import screen


def _save(form: EntryForm, person: int, purpose: str, by: Actor) -> None:
    data = form.cleaned_data
    save_task(
        person=person,
        purpose=purpose,
        task=data["entry"],
        based_on=data["based_on"],
        kind=TaskKind(data["kind"]),
        due=data["due"],
        owner=data["owner"],
        text=data["text"],
        by=by,
    )


def _set_state(form: EntryForm, person: int, purpose: str, by: Actor) -> None:
    data = form.cleaned_data
    set_task_state(
        person=person,
        purpose=purpose,
        task=data["entry"],
        based_on=data["based_on"],
        state=TaskState(data["state"]),
        reason=data["reason"],
        by=by,
    )


def _initial(shown: ShownTask) -> dict[str, object]:
    return {"text": shown.text, "kind": shown.kind, "due": shown.due, "owner": shown.owner}


TASKS = EntryScreens(
    table=TABLE,
    template="casework/task.html",
    form=TaskForm,
    save=_save,
    saved="The task is saved.",
    find=lambda record, names: tasks_of(record.tables.get(TABLE, ()), names=names, reader=record.reader),
    version=lambda shown: shown.version,
    initial=_initial,
    states=TaskStateForm,
    set_state=_set_state,
    said={
        TaskState.DONE: "The task is done.",
        TaskState.DROPPED: "The task is dropped.",
        TaskState.OPEN: "The task is open again.",
    },
)
new = screen(*WORKERS, person=True)(TASKS.new)
edit = screen(*WORKERS, person=True)(TASKS.edit)
close = screen(*WORKERS, person=True)(TASKS.close)
