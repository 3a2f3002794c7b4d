from collections.abc import Sequence

from django import forms

from throughway.insight.comments.selectors import CommentPurpose

NO_THEME = "none"


class ReadingForm(forms.Form):
    """Which comments are to be read: of a purpose, a survey and a question. `read`: those that were read already."""

    purpose = forms.ChoiceField()
    survey = forms.CharField(max_length=500)
    question = forms.CharField(max_length=500)
    read = forms.BooleanField(required=False)

    def __init__(self, *given: object, purposes: Sequence[CommentPurpose], **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        purpose = self.fields["purpose"]
        assert isinstance(purpose, forms.ChoiceField)
        purpose.choices = [(each.purpose, each.interest) for each in purposes]


class ThemeForm(forms.Form):
    name = forms.CharField(
        label="Name of the theme", max_length=60, help_text="It is published. At most 60 characters; name nobody.",
        error_messages={"required": "Give the theme a name of at most 60 characters."},
    )  # fmt: skip
