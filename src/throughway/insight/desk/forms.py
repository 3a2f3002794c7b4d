from collections.abc import Sequence
from typing import Any

from django import forms

from throughway.insight.desk.selectors import DeskPurpose

CHOOSE = "Choose a purpose from the list."


class DeskForm(forms.Form):
    """A purpose and the text of a question, which is for the gate to judge. `saves`: it needs a title, since it is to be saved."""

    purpose = forms.ChoiceField(
        label="For which purpose?", error_messages={"required": CHOOSE, "invalid_choice": CHOOSE}
    )
    sql = forms.CharField(
        label="Query",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 10, "spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
        ),
    )
    title = forms.CharField(
        label="Title", max_length=150, error_messages={"required": "Give the question a title."}
    )
    shared = forms.BooleanField(label="Show it to the other evaluators of my organization", required=False)

    def __init__(
        self, *arguments: Any, purposes: Sequence[DeskPurpose], saves: bool = False, **named: Any
    ) -> None:
        super().__init__(*arguments, **named)
        purpose = self.fields["purpose"]
        assert isinstance(purpose, forms.ChoiceField)
        purpose.choices = [(each.purpose, each.label) for each in purposes if not each.closed]
        self.fields["title"].required = saves

    def clean_sql(self) -> str:
        """With the line ends of a file, so that the ledger's digest is that of the same question asked by command."""
        text: str = self.cleaned_data["sql"]
        return text.replace("\r\n", "\n")
