"""The form to end an assignment."""

from django import forms


class EndForm(forms.Form):
    """`last`: the last day on which they work together."""

    last = forms.DateField(
        label="The last day on which they work together",
        help_text="To end the assignment now, give yesterday’s date.",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Give the last day.", "invalid": "Write the day as 2026-09-01."},
    )
