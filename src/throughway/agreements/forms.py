"""What people fill in about agreements: a draft to be reviewed, a reason for an end."""

from django import forms

LONGEST = 1_000_000  # bytes of a draft


class DraftForm(forms.Form):
    """A draft, pasted or as a file."""

    text = forms.CharField(
        label="Paste the draft",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "autocomplete": "off"}),
    )
    file = forms.FileField(
        label="Or choose its file",
        required=False,
        help_text="A YAML or JSON text, such as agreement.yaml.",
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml,.json"}),
    )

    def clean(self) -> dict[str, object]:
        """`draft`: the text, from whichever was given; a file wins."""
        values = super().clean() or {}
        file = values.get("file")
        if file is None and "file" in self.errors:
            self.errors.pop("file")
            raise forms.ValidationError("That file is empty; choose the draft itself.")
        if file is not None:
            if file.size > LONGEST:
                raise forms.ValidationError(
                    "That file is larger than any agreement; choose the draft itself."
                )
            try:
                values["draft"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise forms.ValidationError(
                    "That file is not a text in UTF-8; save the draft as a YAML text and choose it again."
                ) from None
        else:
            values["draft"] = values.get("text") or ""
        if not str(values["draft"]).strip():
            raise forms.ValidationError("Paste a draft, or choose its file.")
        return values


class ReasonForm(forms.Form):
    """Why an agreement is suspended or ended; the history keeps it."""

    reason = forms.CharField(
        label="Why",
        required=False,
        max_length=500,
        help_text="Every party reads this in the history. Name no student.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
