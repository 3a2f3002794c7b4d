"""The form to end an assignment."""

from django import forms

from throughway.agreements.document_forms import day


class EndForm(forms.Form):
    """`last`: the last day on which they work together."""

    last = day(
        "The last day on which they work together", "To end the assignment now, give yesterday’s date.",
        missing="Give the last day.",
    )  # fmt: skip
