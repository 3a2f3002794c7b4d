"""What people fill in: a study in YAML, the program's reply, a decision, and what came of it."""

from functools import partial
from typing import Any

from django import forms

from throughway.agreements.document_forms import Choices, day, one_of, text

paragraph = partial(text, rows=4, most=2000)
STARTER = """throughway: study/1
title: Does tutoring raise the reading of grade 3 students?
program: partner/program
purpose: {purpose}
outcome: reading
who: {{grades: ["03"]}}
school_years: [{year}]
design: matched
covariates: [sex, english_learner, low_income, disability]
baseline: reading_before
smallest_effect: {{value: 0.1, scale: sd}}
subgroups: [sex, school]
"""


class StudyForm(forms.Form):
    study = text(
        "The study",
        "In YAML. Write it before anybody looks at outcomes: its hash covers every word.",
        rows=18,
        most=20_000,
        missing="Write the study.",
    )


class ReplyForm(forms.Form):
    reply = paragraph(
        "What the program says of it",
        "Printed with the finding, for everybody who reads it.",
        missing="Write the reply.",
    )


class DecisionForm(forms.Form):
    """`meetings`, `owners`: the choices."""

    text = paragraph("What was decided", missing="Write what was decided.")
    meeting = one_of(
        "At which meeting", [], "Leave it open where it was no meeting of a body here.", menu=True
    )
    met_on = day("Or on which day", "Where no meeting is chosen.")
    owner = one_of("Who carries it out", [], menu=True, missing="Choose who carries it out.")
    due = day("Until", missing="Give the day.")
    measure_again_on = day(
        "Measured again on",
        "After it was carried out, with a study of later school years.",
        missing="Give the day.",
    )

    def __init__(self, *args: Any, meetings: Choices, owners: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        choose(self, "meeting", [("", "None of these"), *meetings])
        choose(self, "owner", [("", "Choose"), *owners])


class OutcomeForm(forms.Form):
    words = paragraph("What came of it", missing="Write what came of it.")


class MeasuredForm(forms.Form):
    """`releases`: later findings on the same program."""

    release = one_of("The finding that measured again", [], menu=True, missing="Choose the finding.")

    def __init__(self, *args: Any, releases: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        choose(self, "release", [("", "Choose"), *releases])


def choose(form: forms.Form, name: str, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)
