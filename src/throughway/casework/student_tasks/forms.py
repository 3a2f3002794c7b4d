"""The forms for a task: what is to be done, by when and by whom; and how it ends."""

from collections.abc import Sequence
from typing import ClassVar

from django import forms

from throughway.agreements.document_forms import day
from throughway.casework.student_tasks.task import KIND_WORDS, LONGEST, TaskKind, TaskState
from throughway.casework.typed_entries.forms import EntryForm, as_typed


class TaskForm(EntryForm):
    """`owner` is checked by the action, which knows the team."""

    ids: ClassVar[str] = "task"
    asks_for_owner: ClassVar[bool] = True

    text = forms.CharField(
        label="What is to be done",
        max_length=LONGEST,
        error_messages={
            "required": "Write what is to be done.",
            "max_length": f"A task has at most {LONGEST} characters; write the rest in a note.",
        },
    )
    kind = forms.TypedChoiceField(
        label="What kind of task",
        coerce=TaskKind,
        choices=[(kind.value, words) for kind, words in KIND_WORDS.items()],
        widget=forms.Select,
        error_messages={"required": "Choose what kind.", "invalid_choice": "Choose from the list."},
    )
    due = day("By when", missing="Give the day by which it is to be done.")
    owner = forms.CharField(
        label="Who does it",
        max_length=254,
        widget=forms.Select,
        error_messages={"required": "Choose who does it."},
    )

    def offer(self, team: Sequence[str]) -> None:
        now = self["owner"].value()
        people = list(dict.fromkeys([*team, *([str(now)] if now else [])]))
        widget = self.fields["owner"].widget
        assert isinstance(widget, forms.Select)
        widget.choices = [(email, email) for email in people]


class TaskStateForm(EntryForm):
    """`reason`: why a task is dropped."""

    words: ClassVar[Sequence[str]] = ("reason",)
    ids: ClassVar[str] = "task_state"
    state = forms.TypedChoiceField(
        choices=[(state.value, state.value) for state in TaskState], coerce=TaskState
    )
    reason = forms.CharField(
        label="Why it is dropped",
        required=False,
        strip=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST}),
        error_messages={"max_length": f"At most {LONGEST} characters; write the rest in a note."},
    )

    def clean_reason(self) -> str:
        return as_typed(self.cleaned_data["reason"])
