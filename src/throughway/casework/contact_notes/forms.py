"""The form for a note: its three fields, kept as they are typed."""

from typing import Any

from django import forms

from throughway.agreements.document_forms import day
from throughway.casework.contact_notes.note import KIND_WORDS, LONGEST, ContactKind, NoteText


class NoteForm(forms.Form):
    """`note` and `based_on`: the note's id and the version that the author had before them; 0 for a new note."""

    note = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    based_on = forms.IntegerField(min_value=0, max_value=1_000_000, widget=forms.HiddenInput)
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

    def clean_text(self) -> str:
        """As it was typed; browsers end a line with two characters."""
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n")

    def said(self) -> NoteText:
        data: dict[str, Any] = self.cleaned_data
        return NoteText(data["on"], ContactKind(data["kind"]), data["text"])
