"""The forms with which a program enters a student in its own records, and ends a stay."""

from collections.abc import Collection
from typing import Any

from django import forms

from throughway.agreements.document_forms import day
from throughway.casework.program_entry.entered_student import LINE, EnteredStudent
from throughway.supports.entry import language_words
from throughway.supports.forms import COMMON_LANGUAGES


def _line(label: str, help: str = "", *, missing: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help, max_length=LINE, required=bool(missing), widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": missing},
    )  # fmt: skip


class EnterForm(forms.Form):
    """What the program knows of the student, and the first day."""

    first_name = _line("First name", missing="Write the first name of the student.")
    last_or_surname = _line("Family name", missing="Write the family name of the student.")
    birthdate = day("Birth date", "If the family told you. It tells two students of one name apart.")
    telephone = _line("Telephone of the family")
    language = forms.ChoiceField(label="Language at home", required=False)
    own_number = _line(
        "Number in your own system", "If it has one already. Your next file then continues this record."
    )
    since = day("First day in the program", missing="Write the first day, such as July 1, 2026.")

    def __init__(self, *args: Any, languages: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        offered = dict.fromkeys([*filter(None, languages), *COMMON_LANGUAGES])
        language.choices = [("", "not known"), *((code, language_words(code)) for code in offered)]

    def said(self) -> EnteredStudent:
        data = self.cleaned_data
        texts = ("first_name", "last_or_surname", "telephone", "language", "own_number")
        return EnteredStudent(
            **{name: " ".join(str(data.get(name) or "").split()) for name in texts},
            birthdate=data.get("birthdate"),
        )


class ListedForm(forms.Form):
    """One of the students whom the organization's own records list."""

    person = forms.IntegerField(min_value=0, max_value=2**63 - 1)
    since = forms.DateField(required=False)
    own = forms.BooleanField(
        required=False
    )  # one whom the agreement shows no longer, by the own record's number


class StayEndForm(forms.Form):
    until = day("Last day", missing="Write the last day, such as July 1, 2026.")
