"""The form to send a file."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from throughway.agreements.document_forms import one_of, text
from throughway.intake.formats import BY_CROSSWALK, FILE_KINDS, READABLE, endings
from throughway.intake.value_parsing import ending_year

NO_CROSSWALK = "None: the file has the standard columns of its format"


class UploadForm(forms.Form):
    """`partners`: those whose files the sender may load, by id. `crosswalks`: names of files."""

    partner = one_of("Whose records", [], menu=True, missing="Choose whose records these are.")
    file = forms.FileField(
        label="File",
        help_text=f"{endings(kind[1:] for kind in FILE_KINDS)}; 200 MB at most.",
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(FILE_KINDS)}),
        error_messages={"required": "Choose the file that your system exported."},
    )
    format = one_of(
        "Format",
        [("", "Choose"), *((name, format.title) for name, format in READABLE.items())],
        menu=True,
        missing="Choose the format of the file.",
    )
    crosswalk = one_of("Crosswalk", [], "For csv and xlsx: what your columns and codes mean.", menu=True)
    school_year = text("School year", "Such as 2026-27; leave it empty if the file states it.")
    right = text(
        "Why it is right although it differs",
        "Only if this file was stopped because it differs from what is expected of it, does not fit the files before it, or deletes much, and is right. Name no student.",
        most=500,
    )

    def __init__(
        self, *given: Any, partners: Mapping[str, str], crosswalks: Sequence[str], **named: Any
    ) -> None:
        super().__init__(*given, **named)
        choices = list(partners.items())
        self.fields["partner"].choices = choices if len(choices) == 1 else [("", "Choose"), *choices]  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["partner"].initial = choices[0][0]
        self.fields["crosswalk"].choices = [  # type: ignore[attr-defined]
            ("", NO_CROSSWALK),
            *((name, name.removesuffix(".yaml").replace("-", " ")) for name in crosswalks),
        ]

    def clean_school_year(self) -> int | None:
        text = str(self.cleaned_data["school_year"]).strip()
        if not text:
            return None
        year = ending_year(text)
        if year is None:
            raise forms.ValidationError("Write the school year as 2026-27.")
        return int(year)

    def clean(self) -> dict[str, object]:
        values = super().clean() or {}
        if values.get("format") in BY_CROSSWALK and not values.get("crosswalk"):
            self.add_error("crosswalk", "Choose what the columns of this file mean.")
        return values
