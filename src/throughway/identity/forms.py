"""The description of a person who waits at a desk. It is sent in the request's body and kept nowhere."""

from collections.abc import Iterable
from typing import Any

from django import forms

from throughway.core.prose import counted
from throughway.gate.available_purposes import OpenPurpose

SEXES = [("", "not said"), ("Female", "Female"), ("Male", "Male")]


class LookUpForm(forms.Form):
    first = forms.CharField(label="First name", max_length=80, required=False)
    last = forms.CharField(
        label="Last name", max_length=80, required=False, help_text="Both, where there are two."
    )
    birthdate = forms.DateField(
        label="Birth date",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Choose a day, or leave it empty."},
    )
    sex = forms.ChoiceField(label="Sex", choices=SEXES, required=False, widget=forms.Select)
    street = forms.CharField(label="Number and street", max_length=120, required=False)
    phone = forms.CharField(label="Telephone", max_length=40, required=False)
    school = forms.CharField(
        label="School", max_length=80, required=False, help_text="Its number or name, as partners write it."
    )
    grade = forms.CharField(label="Grade", max_length=10, required=False, help_text="This school year’s.")
    purpose = forms.ChoiceField(
        label="For what",
        widget=forms.Select,
        error_messages={"required": "Choose for what.", "invalid_choice": "Choose for what."},
    )

    def __init__(self, *args: Any, purposes: Iterable[OpenPurpose]) -> None:
        super().__init__(*args)
        interests: dict[str, list[str]] = {}
        for each in purposes:
            interests.setdefault(each.purpose, []).append(each.interest)
        choices = [(id, _for_what(texts)) for id, texts in interests.items()]
        purpose = self.fields["purpose"]
        assert isinstance(purpose, forms.ChoiceField)
        purpose.choices = choices
        self.only = choices[0][1] if len(choices) == 1 else ""  # shown in place of a choice
        if self.only:
            purpose.widget = forms.HiddenInput()
            self.initial["purpose"] = choices[0][0]
        for name, field in self.fields.items():
            if name != "purpose":
                field.widget.attrs["autocomplete"] = "off"


def _for_what(interests: Iterable[str]) -> str:
    """The interests that agreements state for a purpose: the first in words, the others counted."""
    first, *others = dict.fromkeys(each.rstrip(".") for each in interests)
    return f"{first}, and {counted(len(others), 'other interest')}" if others else first
