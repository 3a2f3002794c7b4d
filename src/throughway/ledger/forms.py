"""The ledger's forms: what narrows the list, and how a keeper of records names one student."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from django import forms

from throughway.ledger.entry_presenter import OUTCOMES
from throughway.ledger.selectors import Filters

DAYS = {"7": "7 days", "28": "4 weeks", "84": "12 weeks", "365": "a year", "": "all of it"}
USUAL_DAYS = 84


class FilterForm(forms.Form):
    """Narrows the ledger; what is not among the choices narrows nothing."""

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
        said = self.cleaned_data
        days = said.get("days", str(USUAL_DAYS))
        return Filters(
            outcome=said.get("outcome", ""),
            partner=said.get("partner", ""),
            purpose=said.get("purpose", ""),
            days=int(days) if days else None,
        )

    @property
    def query(self) -> str:
        """The filters as they stand in an address, without the place in the list."""
        return urlencode({name: str(self.data.get(name, "")) for name in self.fields})


class StudentForm(forms.Form):
    """A partner and its own key of a student; both travel in the request's body, never in an address."""

    partner = forms.ChoiceField(label="Partner", error_messages={"required": "Choose the partner whose key it is.",
                                                "invalid_choice": "Choose the partner whose key it is."})  # fmt: skip
    record_key = forms.CharField(
        label="The student’s number in that partner’s system",
        max_length=200,
        error_messages={"required": "Write the student’s number as that partner’s system has it."},
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, partners: Mapping[str, str]) -> None:
        super().__init__(data)
        self.fields["partner"].choices = list(partners.items())  # type: ignore[attr-defined]
        self.fields["partner"].widget.attrs["class"] = "usa-select"
        self.fields["record_key"].widget.attrs |= {"class": "usa-input", "autocomplete": "off"}
