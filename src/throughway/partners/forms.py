"""The forms to add a partner or a user."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.utils.html import format_html

from throughway.core.prose import capital
from throughway.partners.actor import Role
from throughway.partners.kinds import KIND_LABELS, STATUS_LABELS, LegalStatus, PartnerKind
from throughway.partners.models import Partner, User
from throughway.partners.permissions import SIGNERS

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOST_AT_ONCE = 50  # accounts that one form adds
NO_DAY = {"invalid": "Write a calendar day, such as August 31, 2027."}


class PartnerForm(forms.ModelForm):  # type: ignore[type-arg]
    signer = forms.EmailField(
        label="E-mail of who signs for it",
        help_text="Its leader. The account is added with the partner; the account’s page gives its first link.",
        required=False,
        error_messages={"invalid": "Write it as name@example.org."},
    )
    legal = forms.MultipleChoiceField(
        label="Further legal statuses",
        help_text="The kind says some by itself. The law asks more of these, so tick what applies.",
        choices=[
            (status.value, capital(STATUS_LABELS[status]))
            for status in LegalStatus
            if status not in (LegalStatus.LEA, LegalStatus.COLLEGE)
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Partner
        fields = ("name", "id", "kind")
        widgets = {"kind": forms.RadioSelect}
        error_messages = {
            "name": {"required": "Type the partner’s name."},
            "id": {"required": "Type a short name.", "invalid": "Use small letters, digits and hyphens."},
            "kind": {"required": "Choose a kind."},
        }

    field_order = ("name", "id", "kind", "legal", "signer")

    def __init__(self, *args: Any, kinds: Iterable[PartnerKind], adds_people: bool, **kwargs: Any) -> None:
        """`adds_people`: whether the reader keeps other partners' accounts."""
        super().__init__(*args, **kwargs)
        if not adds_people:
            del self.fields["signer"]
        self.fields["kind"].choices = [(kind.value, KIND_LABELS[kind]) for kind in kinds]  # type: ignore[attr-defined]


ROWS = 3  # other organizations that the first form adds
MAIL = {"invalid": "Write it as name@example.org."}


class FirstPartnersForm(forms.Form):
    """The organizations that will share, and who signs for each; rows that are left empty are left out."""

    def __init__(
        self, *args: Any, kinds: Collection[PartnerKind], own: str, own_signs: bool, **kwargs: Any
    ) -> None:
        """`own`: the name of the reader's organization; `own_signs`: whether somebody may sign for it already."""
        super().__init__(*args, **kwargs)
        if not own_signs:
            self.fields["own_signer"] = forms.EmailField(label=f"Who signs for {own}? (e-mail)", error_messages=MAIL | {
                "required": "Type the address of its leader."}, help_text="Its leader. You cannot sign yourself.")  # fmt: skip
        usual = [kind for kind in (PartnerKind.LEA, PartnerKind.CBO) if kind in kinds]
        for n in range(1, ROWS + 1):
            self.fields[f"name_{n}"] = forms.CharField(label="Name", max_length=200, required=n == 1, error_messages={
                "required": "Type the name of an organization that will share."})  # fmt: skip
            self.fields[f"kind_{n}"] = forms.ChoiceField(
                label="Kind",
                choices=[(kind.value, KIND_LABELS[kind]) for kind in kinds],
                initial=usual[min(n, len(usual)) - 1] if usual else None,
            )
            self.fields[f"signer_{n}"] = forms.EmailField(
                label="Who signs for it? (e-mail)", required=False, error_messages=MAIL
            )

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        return [[self[f"{name}_{n}"] for name in ("name", "kind", "signer")] for n in range(1, ROWS + 1)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for n in range(1, ROWS + 1):
            name, signer = given.get(f"name_{n}"), given.get(f"signer_{n}")
            if name and not signer and f"signer_{n}" not in self.errors:
                self.add_error(f"signer_{n}", "Type the address of its leader.")
            if signer and not name and f"name_{n}" not in self.errors:
                self.add_error(f"name_{n}", "Type the organization’s name.")
        return given

    def organizations(self) -> list[tuple[str, str, str]]:
        """(name, kind, signer) of each row that is filled; valid forms only."""
        given = self.cleaned_data
        return [
            (given[f"name_{n}"], given[f"kind_{n}"], given[f"signer_{n}"].lower())
            for n in range(1, ROWS + 1)
            if given.get(f"name_{n}")
        ]


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    left_out: Collection[Role] = ()

    class Meta:
        model = User
        fields: tuple[str, ...] = ("email", "partner", "role", "last_day")
        widgets = {"role": forms.RadioSelect, "last_day": DATE}
        error_messages = {
            "last_day": NO_DAY,
            "email": {"required": "Type an e-mail address.", "invalid": "Write it as name@example.org."},
            "partner": {"required": "Choose a partner."},
            "role": {"required": "Choose a role."},
        }

    def __init__(self, *args: Any, partners: Iterable[str], **kwargs: Any) -> None:
        """`partners`: the ids of those whose accounts the reader keeps."""
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = Partner.objects.filter(id__in=partners).order_by("id")  # type: ignore[attr-defined]
        self.fields["partner"].empty_label = None  # type: ignore[attr-defined]
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role.value, format_html("<strong>{}</strong><br>{}", role.label, role.duty))
            for role in Role
            if role not in self.left_out
        ]


class SeveralPeopleForm(PersonForm):
    """Several people of one partner in one role; those who may sign are added one by one. `emails`: a list without repetitions."""

    left_out = SIGNERS
    emails = forms.CharField(
        label="E-mail addresses",
        help_text=f"One to a line, at most {MOST_AT_ONCE}.",
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type at least one e-mail address."},
    )
    field_order = ("emails",)

    class Meta(PersonForm.Meta):
        fields = ("partner", "role", "last_day")

    def clean_emails(self) -> list[str]:
        found = list(
            dict.fromkeys(each.lower() for each in re.split(r"[\s,;]+", self.cleaned_data["emails"]) if each)
        )
        if len(found) > MOST_AT_ONCE:
            raise forms.ValidationError(
                f"These are {len(found)} addresses; add at most {MOST_AT_ONCE} at once."
            )
        return found


class LastDayForm(forms.ModelForm):  # type: ignore[type-arg]
    """`last_day` may stay empty: then the account has none."""

    class Meta:
        model = User
        fields = ("last_day",)
        widgets = {"last_day": DATE}
        error_messages = {"last_day": NO_DAY}
