"""The ledger's forms: filters of the list, one student by a partner's key, and the statement of use."""

from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import urlencode

from django import forms

from throughway.agreements.document_forms import day, one_of, text
from throughway.ledger.entry_presenter import OUTCOMES
from throughway.ledger.selectors import Filters
from throughway.vocabulary.school_calendar import school_year_of, year_start

DAYS = {"7": "7 days", "28": "4 weeks", "84": "12 weeks", "365": "a year", "": "all of it"}
USUAL_DAYS = 84


class FilterForm(forms.Form):
    """Filters of the ledger's list; a value that is not among the choices is ignored."""

    outcome = forms.ChoiceField(required=False)
    partner = forms.ChoiceField(required=False)
    purpose = forms.ChoiceField(required=False)
    days = forms.ChoiceField(required=False, choices=list(DAYS.items()))

    def __init__(
        self, data: Mapping[str, object], *, partners: Mapping[str, str], purposes: Iterable[str]
    ) -> None:
        given = {"days": str(USUAL_DAYS), **{name: data.get(name, "") for name in data}}
        super().__init__(given)
        choices = {
            "outcome": [("", "any outcome"), *((id, words) for id, (_, words) in OUTCOMES.items())],
            "partner": [("", "any partner"), *partners.items()],
            "purpose": [("", "any purpose"), *((id, id.replace("-", " ")) for id in sorted(purposes))],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = "usa-select"

    def filters(self) -> Filters:
        self.is_valid()
        cleaned = self.cleaned_data
        days = cleaned.get("days", str(USUAL_DAYS))
        return Filters(
            outcome=cleaned.get("outcome", ""),
            partner=cleaned.get("partner", ""),
            purpose=cleaned.get("purpose", ""),
            days=int(days) if days else None,
        )

    @property
    def query(self) -> str:
        """The filters as a query string, without the page position."""
        return urlencode({name: str(self.data.get(name, "")) for name in self.fields})


class StudentForm(forms.Form):
    """A partner and its record key of a student; both are sent in the request's body, never in a URL."""

    partner = one_of("Partner", [], menu=True, missing="Choose the partner whose key it is.")
    record_key = text(
        "The student’s number in that partner’s system", most=200,
        missing="Write the student’s number as that partner’s system has it.",
    )  # fmt: skip

    def __init__(self, data: Mapping[str, object] | None = None, *, partners: Mapping[str, str]) -> None:
        super().__init__(data)
        self.fields["partner"].choices = list(partners.items())  # type: ignore[attr-defined]
        self.fields["partner"].widget.attrs["class"] = "usa-select"
        self.fields["record_key"].widget.attrs |= {"class": "usa-input", "autocomplete": "off"}


class UseForm(forms.Form):
    """Defaults: the reader's own partner, and this school year."""

    partner = one_of("Whose data", [], menu=True, missing="Choose a partner.")

    def __init__(
        self, data: Mapping[str, str], *, partners: Mapping[str, str], own: str, today: date
    ) -> None:
        begins = year_start(school_year_of(today))
        usual = {"partner": own, "from": begins.isoformat(), "to": today.isoformat()}
        super().__init__({name: data.get(name) or value for name, value in usual.items()})
        choice = self.fields["partner"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = list(partners.items())
        self.one = len(partners) == 1  # only one partner: nothing to choose
        choice.widget.attrs["class"] = "usa-select"
        for name, label in (("from", "From"), ("to", "To")):
            self.fields[name] = day(label, missing="Choose a day.")
            self.fields[name].widget.attrs["class"] = "usa-input"

    def clean(self) -> None:
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first and last and last < first:
            self.add_error("to", "This is before the first day.")
