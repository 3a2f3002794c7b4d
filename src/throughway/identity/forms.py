"""The description of a person to look up. It is sent in the request's body and not stored."""

from collections.abc import Iterable
from typing import Any

from django import forms

from throughway.agreements.document_forms import day, one_of, text
from throughway.core.prose import counted
from throughway.gate.available_purposes import OpenPurpose

SEXES = [("", "not known"), ("Female", "Female"), ("Male", "Male")]


class LookUpForm(forms.Form):
    first = text("First name", most=80)
    last = text("Last name", "Both last names, if there are two.", most=80)
    birthdate = day("Birth date")
    sex = one_of("Sex", SEXES, menu=True)
    street = text("Number and street", most=120)
    phone = text("Telephone", most=40)
    school = text("School", "Its number or name, as partners write it.", most=80)
    grade = text("Grade", "This school year’s.", most=10)
    purpose = one_of("Purpose", [], menu=True, missing="Choose a purpose.")

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
