"""What a case worker fills in to record a family's answer, and an officer to compare a signed form with the record."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from throughway.agreements.document_forms import one_of, text
from throughway.consent.actions.papers import LARGEST
from throughway.consent.answer_history import RETURNED_WORDS, SAID_WORDS, SENT_WORDS
from throughway.consent.enums import ConsentDecision
from throughway.consent.form_translation import LANGUAGES, LONGEST, TITLE
from throughway.core.prose import capital
from throughway.families.forms import RELATIONS, line, today
from throughway.vocabulary.labels import table_words

SIGNERS = [("mother", "the mother"), ("father", "the father"), *RELATIONS]
SAID = [
    (ConsentDecision.NO.value, "says no"),
    (ConsentDecision.YES.value, "says yes"),
]


def _words(of: Any) -> list[tuple[str, str]]:
    return [(value.value, capital(words)) for value, words in of.items()]


class AboutForm(forms.Form):
    """`asks`: pairs of an `Ask.value` and its words, those to ask again first. Where there is only one, or one has ended (`again`), it is
    chosen."""

    about = one_of("About", [], missing="Choose what the family is asked.")

    def __init__(
        self, *given: Any, asks: Sequence[tuple[str, str]], again: Sequence[str] = (), **named: Any
    ) -> None:
        super().__init__(*given, **named)
        self.fields["about"].choices = sorted(asks, key=lambda ask: ask[0] not in again)  # type: ignore[attr-defined]
        if len(again or asks) == 1:
            self.fields["about"].initial = again[0] if again else asks[0][0]


class WordsForm(forms.Form):
    """The words of a consent form in another language: a field beside each part of the signed text."""

    def __init__(self, *given: Any, parts: Mapping[str, str], language: str, **named: Any) -> None:
        super().__init__(*given, **named)
        for part, signed in parts.items():
            field = text(
                _part_label(part), f"In the signed text: {signed}", rows=3, most=LONGEST,
                missing=f"Write it in {LANGUAGES[language]}.",
            )  # fmt: skip
            field.widget.attrs |= {"lang": language, "spellcheck": "true"}
            self.fields[part] = field


def _part_label(part: str) -> str:
    if part == TITLE:
        return "The agreement"
    kind, _, id = part.partition("_")
    return f"Which records: {table_words(id)}" if kind == "records" else "For what the records are needed"


class SendForm(AboutForm):
    language = one_of("The family reads", list(LANGUAGES.items()), missing="Choose the language.")
    how = one_of("How the family gets it", _words(SENT_WORDS), missing="Choose how.")


class SignedForm(forms.Form):
    code = line(
        "Code of the form",
        "At the end of the paper, such as ABCD-EFGH.",
        missing="Give the code of the form.",
    )
    signer = line(
        "Name of who signed",
        "As it is on the paper. The name is kept sealed.",
        missing="Give the name of who signed.",
    )
    relation = one_of("This person is", SIGNERS, missing="Choose who signed.")
    signed_on = today("Date on the paper")
    paper = forms.FileField(
        label="Photo or scan of the paper",
        help_text=f"JPEG, PNG or PDF, {LARGEST // 1_000_000} MB at most, the whole page. It is kept sealed, and destroyed with the records.",
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
        error_messages={
            "required": "Choose the photo or scan.",
            "empty": "That file is empty; choose the photo or scan.",
        },
    )

    def clean_paper(self) -> Any:
        paper = self.cleaned_data["paper"]
        if paper.size > LARGEST:
            raise forms.ValidationError(
                f"The file is larger than {LARGEST // 1_000_000} MB; take the photo again at a smaller size."
            )
        return paper


class SaidForm(AboutForm):
    decision = one_of("The family", SAID, missing="Choose the answer.")
    how = one_of("How it was said", _words(SAID_WORDS), missing="Choose how.")
    signer = line("Name of who said it", "The name is kept sealed.", missing="Give the name of who said it.")
    relation = one_of("This person is", SIGNERS, missing="Choose who said it.")


class TakeBackForm(forms.Form):
    how = one_of("How it was said", _words(SAID_WORDS), missing="Choose how.")


class CodeForm(forms.Form):
    code = line(
        "Code of the form",
        "At the end of the paper, such as ABCD-EFGH.",
        missing="Give the code of the form.",
    )


class CompareForm(forms.Form):
    """What the officer reads on the paper."""

    student = line(
        "Student’s number",
        "The number in your own files of the student whose name is on the paper.",
        missing="Give the student’s number.",
    )
    signer = line(
        "Name of who signed", "As you read it on the paper.", missing="Give the name of who signed."
    )
    relation = one_of("This person is", SIGNERS, missing="Choose who signed.")
    signed_on = today("Date on the paper")
    identified = line(
        "How you know who signed",
        "For example: signature compared with the enrollment form.",
        missing="Say how you know who signed.",
    )


class ReturnForm(forms.Form):
    why = one_of("Why you cannot confirm it", _words(RETURNED_WORDS), missing="Choose why.")
