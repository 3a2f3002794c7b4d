"""What people fill in to negotiate: a proposed value, made of the typed field, with its reason; a refusal; a comment."""

from collections.abc import Sequence
from typing import Any

from django import forms

from throughway.agreements.document_forms import (
    DocumentChoices,
    DocumentForm,
    FieldQuestion,
    answer,
    text,
)
from throughway.negotiation.actions import LONGEST


def _reason(label: str, help: str, missing: str) -> forms.CharField:
    return text(
        label, f"{help} Name no student, parent or other person.", rows=3, missing=missing, most=LONGEST
    )


class WhyForm(forms.Form):
    """The reason, which every proposal carries."""

    why = _reason(
        "Why do you propose it?",
        "The other parties read this.",
        "Say why; the other parties decide based on that.",
    )


class ProposalForm(DocumentForm):
    """What is proposed at a place: one field (its path is empty), or all fields of a new entry; and why."""

    def __init__(
        self, asked: Sequence[FieldQuestion], values: Any, document: DocumentChoices, data: Any = None
    ) -> None:
        super().__init__(data, questions=asked, values=values, document=document)
        self.fields |= WhyForm().fields

    def proposed(self) -> Any:
        """The value as the document writes it; None where the one field is to be taken away."""
        if [question.path for question in self.questions] == [()]:
            return answer(self.questions[0], self.cleaned_data)
        return self.answers()


class RefusalForm(forms.Form):
    why = _reason(
        "Why do you refuse it?",
        "Say what would be acceptable instead.",
        "Say why; the partner that proposed it needs to know what would be acceptable.",
    )


class CommentForm(forms.Form):
    comment = _reason("Comment", "Every party reads it.", "Write the comment first.")
