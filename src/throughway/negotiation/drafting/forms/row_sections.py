"""Sections that are lists of short rows: services, who receives it next, and the project of a use license."""

from collections.abc import Mapping
from typing import Any

from django import forms

from throughway.agreements.enums import Basis
from throughway.agreements.labels import BASIS_WORDS
from throughway.negotiation.drafting.forms.shared_fields import LinesField, day, kept, number, one_of, words


class ServiceForm(forms.Form):
    """One program that a partner promises."""

    def __init__(self, *args: Any, parties: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["partner"] = one_of("Who provides it", parties, required=False, radio=False)
        self.fields["program"] = words("Which program")
        self.fields["schools"] = LinesField(label="At which schools", help_text="One a line.", rows=2)
        self.fields["seats"] = number("How many seats")
        self.fields["hours_per_week"] = forms.DecimalField(
            label="How many hours a week", required=False, min_value=0, max_value=168, decimal_places=2
        )
        self.fields["leave_out"] = forms.BooleanField(label="Take it out", required=False)

    def row(self) -> dict[str, Any] | None:
        """The row; None when it says nothing or is taken out."""
        answers = self.cleaned_data
        said = kept(answers, "schools", "seats", "hours_per_week")
        if answers["leave_out"] or not (answers["program"] or said):
            return None
        if "hours_per_week" in said:
            hours = float(said["hours_per_week"])
            said["hours_per_week"] = int(hours) if hours.is_integer() else f"{hours:g}"
        return {"partner": answers["partner"] or None, "program": answers["program"] or None, **said}


class OnwardForm(forms.Form):
    """One who may receive the records next (34 CFR 99.32(b))."""

    party = words("Who")
    interest = words("For what")
    basis = one_of("By what right", [(b.value, BASIS_WORDS[b]) for b in Basis], required=False, radio=False)
    leave_out = forms.BooleanField(label="Take it out", required=False)

    def row(self) -> dict[str, Any] | None:
        answers = self.cleaned_data
        if answers["leave_out"] or not (answers["party"] or answers["interest"]):
            return None
        return {name: answers[name] or None for name in ("party", "interest", "basis")}


class LicenseProjectForm(forms.Form):
    method = words("How does the project work, step by step?", rows=4)
    irb_number = words("Which number did the review board give?", help="Empty where it has none.")
    irb_expires = day("On which day does its approval end?")
    linked_data = LinesField(
        label="Which other data is it joined with?", help_text="One a line; empty: none."
    )

    def __init__(self, data: Any = None, *, values: Mapping[str, Any]) -> None:
        project = values.get("project") or {}
        irb = project.get("irb") or {}
        super().__init__(
            data,
            initial={
                "method": project.get("method"),
                "irb_number": irb.get("number"),
                "irb_expires": irb.get("expires"),
                "linked_data": project.get("linked_data") or [],
            },
        )

    def fields_of(self) -> dict[str, Any]:
        answers = self.cleaned_data
        expires = answers["irb_expires"]
        irb = {"number": answers["irb_number"] or None, "expires": expires.isoformat() if expires else None}
        return {
            "project": {
                "method": answers["method"] or None,
                **({"irb": irb} if any(irb.values()) else {}),
                **kept(answers, "linked_data"),
            }
        }
