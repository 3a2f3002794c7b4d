"""The forms of files that are looked at: the files, and the questions about the columns of one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from throughway.agreements.document_forms import one_of, text
from throughway.intake.inspection.crosswalk_questions import CrosswalkQuestion

LARGEST = 50 * 1024 * 1024  # bytes of the files that are looked at together on the site
MOST_FILES = 20


class SeveralFilesInput(forms.FileInput):
    allow_multiple_selected = True


class SeveralFiles(forms.FileField):
    """Files that are chosen together, as a list."""

    # Where the browser runs htmx, the field keeps the chosen files from form to form.
    widget = SeveralFilesInput(attrs={"hx-preserve": "true", "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = [super(SeveralFiles, self).clean(file, initial) for file in data or [None]]
        files = [file for file in files if file]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"Choose {MOST_FILES} files at most; the others can follow.")
        if sum(file.size for file in files) > LARGEST:
            raise forms.ValidationError(
                "More than 50 MB is looked at in parts: choose fewer files, or run throughway inspect on your own machine."
            )
        if empty := [file.name for file in files if not file.size]:
            name = "The file" if len(files) == 1 else empty[0]
            raise forms.ValidationError(f"{name} is empty; export it again.")
        return files


class FileForm(forms.Form):
    """`partners`: those whose files the reader may load, by id."""

    partner = one_of("Whose records", [], menu=True)
    file = SeveralFiles(
        label="File, or several",
        help_text="csv, txt, xlsx, zip, xml or jsonl; 50 MB at most together. They are looked at one after another as soon as you choose them, and not kept.",
        allow_empty_file=True,
        error_messages={"required": "Choose the file that your system exported."},
    )

    def __init__(self, *given: Any, partners: Mapping[str, str], **named: Any) -> None:
        super().__init__(*given, **named)
        first = [("", "As the file’s name says")] if len(partners) > 1 else []
        self.fields["partner"].choices = [*first, *partners.items()]  # type: ignore[attr-defined]


class QuestionsForm(forms.Form):
    """`asked`: the questions, each a menu. `crosswalk`: whether the answers make one; a file of a standard format needs none."""

    file = SeveralFiles(
        label="What you chose",
        help_text="If the field is empty, choose the same once more. Without it only the crosswalk is saved.",
        required=False,
        allow_empty_file=True,
        error_messages={"required": "Choose the same once more."},
    )
    name = text("Name of the crosswalk", "In small letters, digits and hyphens, such as students-2026.")

    def __init__(
        self, *given: Any, asked: Sequence[CrosswalkQuestion], crosswalk: bool = True, **named: Any
    ) -> None:
        super().__init__(*given, **named)
        if not crosswalk:
            del self.fields["name"]
            self.fields["file"].required, self.fields["file"].help_text = True, ""
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
