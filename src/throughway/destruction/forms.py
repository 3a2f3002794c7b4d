"""The forms to order a destruction and to record and lift a hold."""

from typing import Any

from django import forms


class OrderForm(forms.Form):
    """`person`: for one person's records the form also asks who requested it."""

    why = forms.CharField(
        label="Why it is destroyed",
        help_text="Stands in the certificate. No student’s name.",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    asked_by = forms.CharField(
        label="Who asked for it",
        help_text="Such as: a parent, in writing on 3 March. No name.",
        max_length=300,
        required=False,
    )
    sure = forms.BooleanField(
        label="I know that nothing brings it back",
        error_messages={"required": "Say that you know it cannot be undone."},
    )

    def __init__(self, *given: Any, person: bool = False, **named: Any) -> None:
        super().__init__(*given, **named)
        if person:
            for name, missing in (("why", "Say why."), ("asked_by", "Say who asked.")):
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = missing
        else:
            del self.fields["asked_by"]


class HoldForm(forms.Form):
    notice = forms.CharField(
        label="The notice’s reference",
        help_text="As its sender numbered it, such as a docket.",
        max_length=200,
        error_messages={"required": "Give the notice’s reference."},
    )
    why = forms.CharField(
        label="What it asks to be kept",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what it asks to be kept, and for what."},
    )


class LiftHoldForm(forms.Form):
    why = forms.CharField(
        label="What ended the hold",
        max_length=2000,
        error_messages={"required": "Say what ended it, such as the order of the court."},
    )
