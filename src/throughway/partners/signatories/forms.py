"""The form by which a partner registers who signs for it."""

from collections.abc import Sequence
from typing import Any

from django import forms

from throughway.partners.models import User
from throughway.partners.signatories.signatory import KIND_LABELS, LONGEST


class SignatoryForm(forms.Form):
    email = forms.ChoiceField(label="Who signs", error_messages={"required": "Choose who signs."})
    name = forms.CharField(
        label="Name", max_length=LONGEST, help_text="As it stands on signed papers.", error_messages={"required": "Type the name."},
    )  # fmt: skip
    office = forms.CharField(
        label="Office", max_length=LONGEST, help_text="Such as Superintendent.", error_messages={"required": "Type the office."},
    )  # fmt: skip
    authority = forms.CharField(
        label="Authority", max_length=LONGEST, help_text="What lets this office bind your organization, such as Board policy 1450.",
        error_messages={"required": "Type what lets the office bind your organization."},
    )  # fmt: skip
    kind = forms.ChoiceField(
        label="What kind of authority it is", choices=KIND_LABELS.items(), widget=forms.RadioSelect,
        error_messages={"required": "Choose what kind of authority it is."},
    )  # fmt: skip

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(user.email, f"{user.email}, {user.get_role_display()}") for user in people]
        self.fields["email"].choices = [("", "Choose"), *choices]  # type: ignore[attr-defined]
