"""The forms of the registry: a table that somebody else has published."""

from collections.abc import Mapping
from typing import Any

from django import forms

from throughway.agreements.document_forms import day, one_of, text

PIPELINE = "As the pipeline counts: milestones, steps and groups"
MOST = 500_000  # characters of a pasted table


class OutsideTableForm(forms.Form):
    """`questions`: the questions of earlier releases, by SQL, each with a title."""

    title = text("What is the table called?", most=200, missing="Give the title of the table.")
    publisher = text(
        "Who published it?",
        "Such as the State Department of Education.",
        most=200,
        missing="Say who published it.",
    )
    source = text(
        "Where is it found?",
        "An address, or the report and the page.",
        most=500,
        missing="Say where it is found.",
    )
    on = day("Which day do its figures describe?", missing="Give the day that the figures describe.")
    question = one_of(
        "Whom does it count?", [], "Its columns are named as in our own release of such figures.", menu=True
    )
    figures = text(
        "The figures",
        "Paste it from a spreadsheet, or as CSV. The first line names the columns, such as milestone, school, outcome, and students or "
        "percent. An empty place is a total. Keep the marks of withheld figures, such as * or <10. Leave out students whom no partner’s "
        "records have.",
        rows=12, most=MOST, missing="Paste the figures.",
    )  # fmt: skip

    def __init__(self, *given: Any, questions: Mapping[str, str], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["question"].choices = [("", PIPELINE), *questions.items()]  # type: ignore[attr-defined]
        self.fields["figures"].strip = False  # type: ignore[attr-defined]  # empty places at the end of a pasted line
        self.fields["figures"].widget.attrs["spellcheck"] = "false"


class RemoveOutsideForm(forms.Form):
    reason = text(
        "What was entered wrongly?",
        "It is kept with the table.",
        rows=3,
        most=2000,
        missing="Say what was entered wrongly.",
    )
