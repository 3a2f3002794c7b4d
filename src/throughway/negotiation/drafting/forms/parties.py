"""Who agrees: each party's roles, the office that signs for it and by what authority; and who may join later."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from throughway.agreements.enums import PartyRole
from throughway.agreements.labels import KIND_WORDS, ROLE_WORDS
from throughway.core.prose import capital
from throughway.negotiation.drafting.forms.shared_fields import one_of, some, words
from throughway.partners import PartnerKind

CONTACTS = ("notices", "data", "security")
ROLES = [(role.value, capital(ROLE_WORDS[role])) for role in PartyRole]


class PartyForm(forms.Form):
    """One party; its partner stands in its heading."""

    roles = some("What it does here", ROLES)
    title = words("Which office signs?", help="An office, not a name, such as Superintendent.")
    authority = words("What gives it the authority?", help="Such as Board policy 1450.")
    contact_notices = words("Which office receives notices?", help="These three may be left empty.")
    contact_data = words("Which office answers for the data?")
    contact_security = words("Which office answers for security?")
    leave_out = forms.BooleanField(label="Take this party out", required=False)

    def __init__(self, data: Any, *, party: Mapping[str, Any], name: str, prefix: str) -> None:
        signatory = party.get("signatory") or {}
        contacts = party.get("contacts") or {}
        initial = {
            "roles": party.get("roles") or [],
            "title": signatory.get("title"),
            "authority": signatory.get("authority"),
            **{f"contact_{name}": contacts.get(name) for name in CONTACTS},
        }
        super().__init__(data, initial=initial, prefix=prefix)
        self.partner, self.name = party.get("partner"), name

    def party(self) -> dict[str, Any]:
        answers = self.cleaned_data
        contacts = {name: answers[f"contact_{name}"] for name in CONTACTS if answers[f"contact_{name}"]}
        return {
            "partner": self.partner,
            "roles": answers["roles"],
            "signatory": {"title": answers["title"] or None, "authority": answers["authority"] or None},
            **({"contacts": contacts} if contacts else {}),
        }


class PartiesForm(forms.Form):
    """All of them. `more`: one further partner; `open_to`: kinds of partner that may join by signing."""

    def __init__(self, data: Any = None, *, values: Mapping[str, Any], names: Mapping[str, str]) -> None:
        joinder = values.get("joinder")
        open_to = (joinder or {}).get("open_to") if isinstance(joinder, Mapping) else []
        super().__init__(data, initial={"open_to": [open_to] if isinstance(open_to, str) else open_to or []})
        parties: Sequence[Mapping[str, Any]] = values.get("parties") or []
        self.each = [
            PartyForm(data, party=party, name=names.get(party.get("partner", ""), party.get("partner", "")), prefix=f"party{n}")
            for n, party in enumerate(parties)
        ]  # fmt: skip
        here = {party.get("partner") for party in parties}
        self.fields["more"] = one_of(
            "Add a partner",
            [(id, name) for id, name in names.items() if id not in here],
            required=False,
            radio=False,
        )
        self.fields["open_to"] = some(
            "Who may join later, by signing the same text",
            [(kind.value, capital(KIND_WORDS[kind])) for kind in PartnerKind],
            help="Choose none for an agreement that stays among its parties.",
        )

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(form.is_valid() for form in self.each)])

    def fields_of(self) -> dict[str, Any]:
        parties = [form.party() for form in self.each if not form.cleaned_data["leave_out"]]
        if self.cleaned_data["more"]:
            parties.append(
                {
                    "partner": self.cleaned_data["more"],
                    "roles": [],
                    "signatory": {"title": None, "authority": None},
                }
            )
        open_to = self.cleaned_data["open_to"]
        return {"parties": parties, "joinder": {"open_to": open_to} if open_to else None}
