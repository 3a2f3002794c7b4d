"""Forms of agreements: a draft to be reviewed, and the fields of an act."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django import forms

from throughway.agreements.approvals import CAPACITY_WORDS, Capacity
from throughway.agreements.document_forms import day, one_of, text

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
            raise forms.ValidationError("That file is empty; choose the file with the draft.")
        if file is not None:
            if file.size > LONGEST:
                raise forms.ValidationError(
                    "That file is too large to be an agreement; choose the file with the draft."
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


line = partial(text, most=500)
paragraph = partial(text, most=2_000)

READ_BY_ALL = "Every party reads this in the history. Name no student."


class ReasonForm(forms.Form):
    """Why an agreement is suspended, ended or objected to; recorded in the history."""

    reason = paragraph("Why", READ_BY_ALL, rows=4, missing="Say why, so that the others can answer it.")


class SignForm(forms.Form):
    """Who signs, by role: the person, the office, and its authority to bind the partner."""

    signer = line("Your name", "As it stands on the signed paper.", missing="Enter your name.")
    title = line("Office", "Such as Superintendent.", missing="Enter the office by which you sign.")
    authority = line(
        "Authority", "What lets this office bind its partner, such as Board policy 1450.",
        missing="Enter what lets this office bind its partner.",
    )  # fmt: skip


class DoneOnForm(forms.Form):
    """The day on which something was done (`on`), today at the latest."""

    def __init__(self, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError("Choose today or an earlier day.")
        return on


class PaperForm(DoneOnForm, SignForm):
    """A signature on paper, and the signed paper. `registered`: the partner registered who signs, so the register has the office and its
    authority."""

    signer = line("Who signed", "The name, as written on the paper.", missing="Enter who signed the paper.")
    on = day("The day on the paper", missing="Enter the date on the paper.")
    paper = forms.FileField(
        label="The signed paper",
        help_text="A PDF of 10 MB at most, all pages, with the fingerprint of this text at the bottom.",
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,application/pdf"}),
        error_messages={
            "required": "Choose the signed PDF.",
            "empty": "That file is empty; choose the signed PDF.",
        },
    )

    def __init__(self, *args: Any, registered: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if registered:
            del self.fields["title"], self.fields["authority"]


class ApproveForm(forms.Form):
    """A choice among the capacities that wait for the reader."""

    def __init__(self, capacities: Sequence[Capacity], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.value, CAPACITY_WORDS[each].capitalize()) for each in capacities]
        self.fields["capacity"] = one_of("As", choices, missing="Choose one.")
        self.fields["capacity"].initial = choices[0][0] if choices else None
        if Capacity.BOARD in capacities:
            self.fields["minutes"] = line(
                "Minutes of the board",
                "Such as Minutes of 12 May 2026, item 7. Needed for a board’s approval.",
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("capacity") == Capacity.BOARD and not values.get("minutes"):
            self.add_error("minutes", "Name the minutes in which the board approved it.")
        return values


class RenewForm(forms.Form):
    until = day("New last day", missing="Enter the new last day.")

    def __init__(self, last: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last = last

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until <= self.last:
            raise forms.ValidationError("Choose a day later than the present last day.")
        return until


class AmendAgreementForm(forms.Form):
    text = forms.CharField(
        label="The later text", strip=False, max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "autocomplete": "off"}),
    )  # fmt: skip


class CertifyForm(DoneOnForm):
    """What happened to the records that the reader's partner received."""

    copies = paragraph(
        "What you held", "Every copy, including extracts and derived data. If there were none, say so.", rows=3,
        missing="Say what you held, even if it was nothing.",
    )  # fmt: skip
    subcontractors = paragraph("What others held for you", "Subcontractors, hosts, backups.", rows=2)
    method = line("How it was destroyed or returned", "Such as NIST SP 800-88 purge.", missing="Say how.")
    on = day("The day on which the last copy was destroyed or returned", missing="Enter that day.")
    exceptions = paragraph("What you keep, and by what right", "Leave empty if you keep nothing.", rows=2)
