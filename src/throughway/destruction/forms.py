"""The forms to order a destruction and to record and lift a hold."""

from typing import Any

from django import forms

from throughway.agreements.document_forms import text


class OrderForm(forms.Form):
    """`person`: for one person's records the form also asks who requested it."""

    why = text("Why it is destroyed", "The certificate shows this. Do not name a student.", rows=3, most=2000)
    asked_by = text(
        "Who asked for it", "For example: a parent, in writing on 3 March. Do not give a name.", most=300
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


class UndoForm(forms.Form):
    """`named`: the loads that the page showed to go, by id, so that no later one goes unseen."""

    reason = text(
        "Why it is taken back", "The certificate shows this. Do not name a student.", rows=3, most=500, missing="Say why the load is taken back.",
    )  # fmt: skip
    named = forms.CharField(widget=forms.HiddenInput, required=False)


class HoldForm(forms.Form):
    notice = text(
        "Reference of the notice", "The sender’s own number, such as a docket number.", most=200,
        missing="Give the notice’s reference.",
    )  # fmt: skip
    why = text("What must be kept", rows=3, most=2000, missing="Say what must be kept, and why.")


class LiftHoldForm(forms.Form):
    why = text("What ended the hold", most=2000, missing="Say what ended the hold, such as a court order.")
