"""Whose statement, and of which days."""

from collections.abc import Mapping
from datetime import date

from django import forms

from throughway.vocabulary.school_calendar import school_year_of, year_start


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, input_formats=["%Y-%m-%d"], widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "usa-input"}),
        error_messages={"invalid": "Write the day as 2026-09-01.", "required": "Choose a day."},
    )  # fmt: skip


class UseForm(forms.Form):
    """What it does not say is as it usually is: one's own partner, and this school year."""

    partner = forms.ChoiceField(label="Whose data", error_messages={"invalid_choice": "Choose a partner."})

    def __init__(
        self, data: Mapping[str, str], *, partners: Mapping[str, str], own: str, today: date
    ) -> None:
        begins = year_start(school_year_of(today))
        usual = {"partner": own, "from": begins.isoformat(), "to": today.isoformat()}
        super().__init__({name: data.get(name) or value for name, value in usual.items()})
        choice = self.fields["partner"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = list(partners.items())
        self.one = len(partners) == 1  # nothing to choose
        choice.widget.attrs["class"] = "usa-select"
        self.fields |= {"from": _day("From"), "to": _day("To")}

    def clean(self) -> None:
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first and last and last < first:
            self.add_error("to", "This is before the first day.")
