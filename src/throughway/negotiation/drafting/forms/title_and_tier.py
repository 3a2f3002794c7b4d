"""What an agreement is called, and what it stands under."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from throughway.agreements.enums import Tier
from throughway.agreements.labels import TIER_WORDS
from throughway.core.prose import capital
from throughway.negotiation.drafting.forms.shared_fields import LinesField, one_of, some, words

TIERS = {
    Tier.MOU: "the frame of all partners; gives no records by itself",
    Tier.DSA: "which records are shared, and by what right",
    Tier.DUL: "one project under a data-sharing agreement",
}


class NameForm(forms.Form):
    """`wider`: (id, title) of the agreements that it may stand under. `fixed`: an amendment keeps its id."""

    def __init__(self, *args: Any, wider: Iterable[tuple[str, str]], fixed: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["title"] = words("Title", help="What it is about, in a line that everyone understands.")
        self.fields["id"] = forms.RegexField(
            r"^[a-z0-9][a-z0-9_-]{0,99}$",
            label="Short name",
            help_text="For files and commands: small letters, digits and hyphens, as oak-casework-2026.",
            error_messages={
                "invalid": "Use small letters, digits and hyphens, at most 100.",
                "required": "Give it a short name.",
            },
            disabled=fixed,
        )
        self.fields["tier"] = one_of(
            "What kind of agreement it is",
            [(tier.value, f"{capital(TIER_WORDS[tier])}: {TIERS[tier]}") for tier in Tier],
        )
        listed = list(wider)
        if listed:
            self.fields["under"] = some(
                "What it stands under",
                listed,
                help="It gives nothing that these do not give. A use license names one at least.",
            )
        self.fields["precedence"] = LinesField(
            label="Where texts conflict, which one holds?",
            help_text="One a line, the strongest first, such as: State exhibit.",
        )

    @staticmethod
    def initial_of(values: Mapping[str, Any]) -> dict[str, Any]:
        under = values.get("under") or []
        return {
            "title": values.get("title"),
            "id": values.get("id"),
            "tier": values.get("tier"),
            "under": [under] if isinstance(under, str) else list(under),
            "precedence": values.get("precedence") or [],
        }

    def fields_of(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The document's fields as answered; an agreement that is not in the list stays as it stood."""
        answers = self.cleaned_data
        offered = {id for id, _ in getattr(self.fields.get("under"), "choices", ())}
        before = self.initial_of(values)["under"]
        return {
            "title": answers["title"] or None,
            "id": answers["id"],
            "tier": answers["tier"],
            "under": [*(id for id in before if id not in offered), *answers.get("under", ())],
            "precedence": answers["precedence"],
        }
