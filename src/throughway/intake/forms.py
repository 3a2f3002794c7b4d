"""The form to send a file."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from throughway.intake.formats import BY_CROSSWALK, FILE_KINDS, READABLE, endings
from throughway.intake.value_parsing import ending_year

LISTED = {"invalid_choice": "Choose one from the list."}
NO_CROSSWALK = "None: the file has the standard columns of its format"


class UploadForm(forms.Form):
    """`partners`: those whose files the sender may load, by id. `crosswalks`: names of files."""

    partner = forms.ChoiceField(
        label="Whose records", error_messages={"required": "Choose whose records these are.", **LISTED}
    )
    file = forms.FileField(
        label="File",
        help_text=f"{endings(kind[1:] for kind in FILE_KINDS)}; 200 MB at most.",
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(FILE_KINDS)}),
        error_messages={"required": "Choose the file that your system exported."},
    )
    format = forms.ChoiceField(
        label="Format",
        choices=[("", "Choose"), *((name, format.title) for name, format in READABLE.items())],
        error_messages={"required": "Choose the format of the file.", **LISTED},
    )
    crosswalk = forms.ChoiceField(
        label="Crosswalk",
        required=False,
        help_text="For csv and xlsx: what your columns and codes mean.",
        error_messages=LISTED,
    )
    school_year = forms.CharField(
        label="School year",
        required=False,
        help_text="Such as 2026-27; leave it empty if the file states it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
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
