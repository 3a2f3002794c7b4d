"""The forms for a need of a student: which, since when and who said so; and how it ends."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from throughway.agreements.document_forms import day
from throughway.casework.needs.need import LONGEST, SOURCE_WORDS, NeedSource, NeedState, kinds
from throughway.casework.typed_entries.forms import EntryForm


class StudentNeedForm(EntryForm):
    ids: ClassVar[str] = "need"
    kind = forms.ChoiceField(
        label="What the student needs",
        widget=forms.Select,
        error_messages={"required": "Choose a kind of need.", "invalid_choice": "Choose from the list."},
    )
    source = forms.TypedChoiceField(
        label="Who said so",
        coerce=NeedSource,
        choices=[(source.value, words) for source, words in SOURCE_WORDS.items()],
        widget=forms.Select,
        error_messages={"required": "Choose who said so.", "invalid_choice": "Choose from the list."},
    )
    since = day("Known since", missing="Give the day since which it is known.")
    text = forms.CharField(
        label="In their words, if you like",
        required=False,
        strip=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST}),
        error_messages={"max_length": f"At most {LONGEST:,} characters; write the rest in a note."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose"), *kinds().items()]


class NeedStateForm(EntryForm):
    words: ClassVar[Sequence[str]] = ()
    ids: ClassVar[str] = "need_state"
    state = forms.TypedChoiceField(
        choices=[(state.value, state.value) for state in NeedState], coerce=NeedState
    )
