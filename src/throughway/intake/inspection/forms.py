"""The forms of a file that is looked at: the file, and the questions about its columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from throughway.agreements.document_forms import one_of, text
from throughway.intake.inspection.crosswalk_questions import CrosswalkQuestion

LARGEST = 50 * 1024 * 1024  # bytes of a file that is looked at on the site


# Where the browser runs htmx, the field keeps the chosen file from the first form to the second.
FILE = forms.FileInput(attrs={"hx-preserve": "true"})


class FileForm(forms.Form):
    """`partners`: those whose files the reader may load, by id."""

    partner = one_of("Whose records", [], menu=True)
    file = forms.FileField(
        label="File",
        help_text="csv, txt, xlsx, zip, xml or jsonl; 50 MB at most. It is looked at as soon as you choose it, and not kept.",
        allow_empty_file=True,
        error_messages={"required": "Choose the file that your system exported."},
        widget=FILE,
    )

    def __init__(self, *given: Any, partners: Mapping[str, str], **named: Any) -> None:
        super().__init__(*given, **named)
        first = [("", "As the file’s name says")] if len(partners) > 1 else []
        self.fields["partner"].choices = [*first, *partners.items()]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(
                "The file is larger than 50 MB; look at a part of it, or run throughway inspect on your own machine."
            )
        if not file.size:
            raise forms.ValidationError("The file is empty; export it again.")
        return file


class QuestionsForm(forms.Form):
    """`asked`: the questions, each a menu."""

    file = forms.FileField(
        label="The file",
        help_text="The one that was looked at; if the field is empty, choose it once more. Without it only the crosswalk is saved.",
        required=False,
        widget=FILE,
    )
    name = text("Name of the crosswalk", "In small letters, digits and hyphens, such as students-2026.")

    def __init__(self, *given: Any, asked: Sequence[CrosswalkQuestion], **named: Any) -> None:
        super().__init__(*given, **named)
        for question in asked:
            first = [] if question.usual else [("", "Choose")]
            field = one_of(
                question.asks,
                [*first, *question.choices],
                question.why,
                menu=True,
                missing="Choose an answer.",
            )
            field.initial = question.usual
            self.fields[question.name] = field
        self.order_fields([*(question.name for question in asked), "name", "file"])

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"]).strip().lower()
