"""The forms to add a partner or a user."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from throughway.core.prose import capital
from throughway.partners.actor import Role
from throughway.partners.kinds import KIND_LABELS, STATUS_LABELS, LegalStatus, PartnerFacts, PartnerKind


def _role(role: Role) -> SafeString:
    return format_html("<strong>{}</strong><br>{}", role.label, role.duty)


class PartnerForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=200, error_messages={"required": "Type the partner’s name."}
    )
    id = forms.SlugField(
        label="Short name",
        max_length=100,
        help_text="For files and commands: small letters, digits and hyphens, as oak-schools. It cannot be changed.",
        error_messages={
            "required": "Type a short name.",
            "invalid": "Use small letters, digits and hyphens.",
        },
    )
    kind = forms.ChoiceField(
        label="Kind",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a kind."},
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

    def __init__(self, *args: Any, kinds: Iterable[PartnerKind] = PartnerKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["kind"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(kind.value, KIND_LABELS[kind]) for kind in kinds]


class PersonForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        help_text="What the user types to sign in. The site sends no mail to it.",
        error_messages={"required": "Type an e-mail address.", "invalid": "Write it as name@example.org."},
    )
    partner = forms.ChoiceField(label="Acts for", error_messages={"required": "Choose a partner."})
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, _role(role)) for role in Role],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role."},
    )

    def __init__(self, *args: Any, partners: Iterable[PartnerFacts], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["partner"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(partner.id, partner.name) for partner in partners]
