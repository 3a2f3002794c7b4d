from django import forms


class MakeForm(forms.Form):
    """The user's acceptance of the terms."""

    purpose = forms.CharField(widget=forms.HiddenInput)
    sure = forms.BooleanField(
        label="I have read these terms, and keep them",
        error_messages={"required": "Check the box to accept the terms; otherwise no extract is made."},
    )
