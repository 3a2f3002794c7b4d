"""The form by which a partner's legal statuses change."""

from collections.abc import Collection
from typing import Any

from django import forms

from throughway.core.prose import capital
from throughway.partners.kinds import STATUS_LABELS, LegalStatus, PartnerFacts
from throughway.partners.legal_status.status_change import LONGEST_REASON, RESTRICTING


class LegalStatusForm(forms.Form):
    adds = forms.MultipleChoiceField(
        label="Add", widget=forms.CheckboxSelectMultiple, required=False,
        help_text="Where one only asks more of you, your word is enough.",
    )  # fmt: skip
    removes = forms.MultipleChoiceField(
        label="Remove", widget=forms.CheckboxSelectMultiple, required=False,
        help_text="What comes with your kind of organization cannot be removed.",
    )  # fmt: skip
    reason = forms.CharField(
        label="Why", max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Such as a license, a grant or the law that applies. Name no person.",
        error_messages={"required": "Say why."},
    )  # fmt: skip

    def __init__(self, *args: Any, partner: PartnerFacts, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lacking = [status for status in LegalStatus if status not in partner.legal]
        restricting = [status for status in lacking if status in RESTRICTING]
        others = [status for status in lacking if status not in RESTRICTING]
        self._choose("adds", [*_choices(restricting), *_choices(others, " (a second person must agree)")])
        self._choose("removes", _choices(sorted(partner.stated), " (a second person must agree)"))

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        if choices:
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields[name]


def _choices(statuses: Collection[LegalStatus], more: str = "") -> list[tuple[str, str]]:
    return [(status.value, f"{capital(STATUS_LABELS[status])}{more}") for status in statuses]
