"""The form for a note: its three fields, kept as they are typed."""

from typing import Any

from django import forms

from throughway.agreements.document_forms import day
from throughway.casework.contact_notes.note import KIND_WORDS, LONGEST, ContactKind, NoteText
from throughway.casework.typed_entries.forms import EntryForm


class NoteForm(EntryForm):
    text = forms.CharField(
        label="What was said or done",
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "accesskey": "n", "maxlength": LONGEST}),
        error_messages={
            "required": "Write what was said, or that nobody answered.",
            "max_length": f"A note has at most {LONGEST:,} characters; write the rest in a second note.",
        },
    )
    kind = forms.ChoiceField(
        label="How",
        choices=[(kind.value, words) for kind, words in KIND_WORDS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how.", "invalid_choice": "Choose from the list."},
    )
    on = day("When", missing="Give the day of the contact.")

    def said(self) -> dict[str, Any]:
        data = super().said()
        return {"said": NoteText(data["on"], ContactKind(data["kind"]), data["text"])}
