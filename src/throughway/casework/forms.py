"""The forms of the registers of who works with whom."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from throughway.agreements.document_forms import day
from throughway.partners.site_assignment import SiteKind

Choices = Iterable[tuple[str, str]]
DIGITS = 16  # more than any record number has


class EndForm(forms.Form):
    """`last`: the last day on which they work together; `to`: who takes over."""

    last = day(
        "The last day on which they work together", "To end the assignment now, give yesterday’s date.",
        missing="Give the last day.",
    )  # fmt: skip
    to = forms.ChoiceField(
        label="Who takes over the next day", required=False, help_text="A colleague of the same organization, or nobody.",
        error_messages={"invalid_choice": "Choose from the list."},
    )  # fmt: skip

    def __init__(self, *args: Any, colleagues: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", "Nobody"), *((email, email) for email in colleagues)]  # type: ignore[attr-defined]


class _From(forms.Form):
    """From one day to another, which may be open."""

    first = day("From", missing="Give the first day.")
    last = day("To", "Leave it empty if there is no last day.")

    def clean(self) -> dict[str, Any] | None:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("last", "The last day is before the first.")
        return self.cleaned_data


class RecordNumbers(forms.TypedMultipleChoiceField):
    """Record numbers of students; whose they are is checked by the action."""

    def valid_value(self, value: object) -> bool:
        return str(value).isdecimal() and len(str(value)) < DIGITS


class AssignForm(_From):
    """To find students (`words`, or the roster of `site`, of it only `group`), and to assign those who are ticked."""

    field_order = ("words", "site", "group", "email", "first", "last")
    words = forms.CharField(
        label="Name", required=False, max_length=200, help_text="The beginning of first or last name is enough.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    site = forms.ChoiceField(label="Roster of", required=False)
    group = forms.CharField(
        label="Only this grade or homeroom", required=False, max_length=50, help_text="Such as 7, or the name of the homeroom."
    )  # fmt: skip
    email = forms.CharField(
        label="Who works with them", max_length=254, help_text="The e-mail address of the account. It may be at another organization.",
        error_messages={"required": "Give the e-mail address of who works with them."},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    students = RecordNumbers(required=False, coerce=int)

    def __init__(self, *args: Any, sites: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = [("", "No roster: by name alone"), *sites]  # type: ignore[attr-defined]
        if "assign" not in self.data:
            del self.fields["students"]
            for name in ("email", "first"):
                self.fields[name].required = False

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        if "students" in self.fields and not self.cleaned_data.get("students"):
            self.errors.pop("students", None)
            self.add_error(None, "Tick at least one student.")
        elif "students" not in self.fields and not (
            self.cleaned_data.get("words") or self.cleaned_data.get("site")
        ):
            self.add_error("words", "Type the beginning of a name, or choose a roster.")
        return self.cleaned_data

    @property
    def to_find(self) -> list[forms.BoundField]:
        return [self[name] for name in ("words", "site", "group")]

    @property
    def to_assign(self) -> list[forms.BoundField]:
        return [self[name] for name in ("email", "first", "last")]


class SiteForm(_From):
    """Who is responsible for which school or program."""

    field_order = ("email", "site", "first", "last")
    email = forms.ChoiceField(label="Who", error_messages={"required": "Choose a person."})
    site = forms.ChoiceField(
        label="School or program", error_messages={"required": "Choose a school or program."}
    )

    def __init__(self, *args: Any, people: Choices, sites: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].choices = [("", "Choose"), *people]  # type: ignore[attr-defined]
        self.fields["site"].choices = [("", "Choose"), *sites]  # type: ignore[attr-defined]


class EndSiteForm(forms.Form):
    """One assignment that ends now."""

    email = forms.CharField(max_length=254)
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in SiteKind])
    site = forms.CharField(max_length=300)
