"""The forms to order a destruction and to record and lift a hold."""

from typing import Any

from django import forms


class OrderForm(forms.Form):
    """`person`: for one person's records the form also asks who requested it."""

    why = forms.CharField(
        label="Why it is destroyed",
        help_text="The certificate shows this. Do not name a student.",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    asked_by = forms.CharField(
        label="Who asked for it",
        help_text="For example: a parent, in writing on 3 March. Do not give a name.",
        max_length=300,
        required=False,
    )
    sure = forms.BooleanField(
        label="I understand that this cannot be undone",
        error_messages={"required": "Confirm that you understand this cannot be undone."},
    )

    def __init__(self, *given: Any, person: bool = False, **named: Any) -> None:
        super().__init__(*given, **named)
        if person:
            for name, missing in (
                ("why", "Say why the data are destroyed."),
                ("asked_by", "Say who asked for the destruction."),
            ):
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = missing
        else:
            del self.fields["asked_by"]


class HoldForm(forms.Form):
    notice = forms.CharField(
        label="Reference of the notice",
        help_text="The sender’s own number, such as a docket number.",
        max_length=200,
        error_messages={"required": "Give the notice’s reference."},
    )
    why = forms.CharField(
        label="What must be kept",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what must be kept, and why."},
    )


class LiftHoldForm(forms.Form):
    why = forms.CharField(
        label="What ended the hold",
        max_length=2000,
        error_messages={"required": "Say what ended the hold, such as a court order."},
    )
