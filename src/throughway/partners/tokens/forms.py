"""What is asked of one who makes a token."""

from django import forms

from throughway.partners.tokens.token import LONGEST, LONGEST_NAME, USUAL

DAYS = {30: "30 days", USUAL: "90 days", 180: "180 days", LONGEST: "One year"}


class TokenForm(forms.Form):
    name = forms.CharField(
        label="What uses it",
        help_text="Such as: nightly attendance sheet. One token for each program, so that you can end one alone.",
        max_length=LONGEST_NAME,
    )
    days = forms.TypedChoiceField(
        label="How long it holds",
        choices=list(DAYS.items()),
        coerce=int,
        initial=USUAL,
        widget=forms.RadioSelect,
    )
