"""What people fill in: a study in YAML, the program's reply, a decision, and what came of it."""

from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext

from throughway.agreements.document_forms import Choices, day, number, one_of, some_of, text
from throughway.evidence.registered_study import GRADE_LABELS, ComparedWith, HelpComesBy
from throughway.evidence.study import Design
from throughway.evidence.study_measures import COVARIATES, OUTCOMES, PLACEBOS, SUBGROUPS, name_of

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
subgroups: [sex, school]
"""


def _decision() -> Any:
    return number(
        "The council’s decision",
        "Only for a second specification of a program, outcome and school year: the number in the decision log.",
        least=1,
    )


class StudyForm(forms.Form):
    study = text(
        "The study",
        "In YAML. Write it before anybody looks at outcomes: its hash covers every word.",
        rows=18,
        most=20_000,
        missing="Write the study.",
    )
    decision = _decision()


class StudyFieldsForm(forms.Form):
    """The same, field by field; `values` are those of the document. `purposes`: the choices."""

    title = text(
        "What is asked",
        "Such as: Does tutoring raise the reading of grade 3 students?",
        most=200,
        missing="Write what is asked.",
    )
    program = text(
        "The program",
        "Its identifier in the records, such as page-by-page/tutoring.",
        most=300,
        missing="Name the program.",
    )
    purpose = one_of(
        "For which purpose", [], "One of evaluation or research.", menu=True, missing="Choose a purpose."
    )
    outcome = one_of(
        "Outcome", [(each.id, each.name) for each in OUTCOMES.values()], missing="Choose an outcome."
    )
    grades = some_of(
        "Grades", [(each, label) for each, label in GRADE_LABELS.items()], missing="Tick the grades."
    )
    school_years = text(
        "School years",
        "Each by its ending year, such as 2024 2025 2026.",
        most=100,
        missing="Write the school years.",
    )
    design = one_of(
        "Design",
        [
            (Design.MATCHED, "a comparison with students who look alike"),
            (Design.LOTTERY, "a lottery, by the program’s own records of offers"),
            (Design.DIFFERENCES, "changes over school years"),
        ],
        "An eligibility cut-off is written as text below.",
        missing="Choose a design.",
    )
    compared_with = one_of(
        "Who stands beside the participants",
        [
            (ComparedWith.APPLICANTS, "students who asked for a place and had none"),
            (ComparedWith.ENROLLED, "all others who were enrolled"),
        ],
        "Who asked wanted the help too, as the participants did, so they are the fairer comparison, where twenty or more of them have an outcome. Of a comparison with students who look alike.",
    )
    help_comes_by = one_of(
        "How help comes",
        [
            (HelpComesBy.STUDENT, "to single students"),
            (HelpComesBy.SCHOOL, "to a whole school, or to a group or site of one school"),
        ],
        "What a whole school has in common counts once; ten schools are needed.",
    )
    baseline = one_of(
        "Baseline",
        [("", "None"), *((each.id, each.name) for each in COVARIATES.values() if each.domain)],
        "The outcome of an earlier time. Without it a comparison carries no verdict.", menu=True,
    )  # fmt: skip
    covariates = some_of("What else was so before", [(each.id, each.name) for each in COVARIATES.values()])
    subgroups = some_of(
        "Subgroups",
        [(name, COVARIATES[name].name) for name in SUBGROUPS],
        "Four at most; each widens the intervals of all.",
    )
    placebo = some_of(
        "What the program cannot have moved",
        [(name, name_of(name)) for name in PLACEBOS],
        "A check (placebo), three at most: what was measured before and is not adjusted for, or a matter that the program does not touch. If it moves, the study carries no verdict.",
    )

    decision = _decision()

    def __init__(self, *args: Any, purposes: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        choose(self, "purpose", [("", "Choose"), *purposes])

    def values(self) -> dict[str, Any]:
        """The document that the fields say."""
        given = self.cleaned_data
        years = given["school_years"].replace(",", " ").split()
        matched = given["design"] == Design.MATCHED
        return {
            "compared_with": (matched and given["compared_with"]) or ComparedWith.ENROLLED,
            "help_comes_by": given["help_comes_by"] or HelpComesBy.STUDENT,
            "throughway": "study/1", "title": given["title"], "program": given["program"], "purpose": given["purpose"],
            "outcome": given["outcome"], "who": {"grades": given["grades"]},
            "school_years": [int(each) if each.isdigit() else each for each in years], "design": given["design"],
            "covariates": given["covariates"], "baseline": given["baseline"] or None,
            "subgroups": given["subgroups"], "placebo": given["placebo"],
        }  # fmt: skip


class StudyTakeBackForm(forms.Form):
    reason = text(
        "Why it is taken back",
        "Such as a program’s identifier that was mistyped. Everybody who signs in can read it.",
        most=500,
        missing="Say why the study is taken back.",
    )


class ReplyForm(forms.Form):
    reply = paragraph(
        "What the program says of it",
        "Printed with the finding, for everybody who reads it.",
        missing="Write the reply.",
    )


class FollowUpForm(forms.Form):
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


def in_language(form: forms.Form) -> None:
    """Labels, hints, errors and the choice of none, in the language of a page that has two."""
    for field in form.fields.values():
        field.label, field.help_text = _told(field.label), _told(field.help_text)
        field.error_messages = {code: _told(message) for code, message in field.error_messages.items()}
        if isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            field.choices = [(value, name if value else _told(name)) for value, name in choices]


def _told(text: Any) -> Any:
    return gettext(text) if text and isinstance(text, str) else text
