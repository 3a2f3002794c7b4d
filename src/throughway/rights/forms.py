"""What an officer fills in at each step of a family's request."""

from datetime import date
from typing import Any

from django import forms

from throughway.consent.inspecting import How
from throughway.vocabulary import TABLES
from throughway.vocabulary.words import element_words, table_words

LONGEST = 4000
RELATIONS = [
    ("parent", "a parent"),
    ("guardian", "a guardian"),
    ("acting_parent", "one who acts as a parent"),
    ("student", "the student"),
]
HOWS = [
    (How.INSPECTION, "They looked at it"),
    (How.COPY, "They were given a copy"),
    (How.ARRANGEMENT, "Another way was arranged"),
    (How.WITHDRAWN, "They no longer ask"),
]


def day(label: str, help_text: str = "", *, required: bool = True, today: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, required=required, initial=date.today if today else None,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Give the day.", "invalid": "Write the day as 2026-09-01."},
    )  # fmt: skip


def line(
    label: str, help_text: str = "", *, required: bool = True, lacks: str = "Fill this in."
) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=200, error_messages={"required": lacks},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


def text(label: str, help_text: str = "", *, lacks: str = "Write a sentence.") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=LONGEST, error_messages={"required": lacks},
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class AskerForm(forms.Form):
    """Who asks, about whom, and how it was made sure that it is they."""

    student = line("Student’s number", "Your own, as your files have it.", lacks="Give the student’s number.")
    who = line("Name of who asks", "It is kept sealed.", lacks="Give the name of who asks.")
    relation = forms.ChoiceField(
        label="Who asks is", choices=RELATIONS, widget=forms.RadioSelect, initial="parent"
    )
    identified = line(
        "How you made sure who asks", "Such as: photo ID at the counter.", lacks="Say how you made sure."
    )
    received = day("Day on which it was received")


class InspectForm(AskerForm):
    asked = line("What they want to see", "Empty: the whole record.", required=False)
    meeting = day(
        "Next meeting about special education",
        "The answer must come before it. Empty: none.",
        required=False,
        today=False,
    )


class AmendForm(AskerForm):
    element = forms.ChoiceField(
        label="What they contest", error_messages={"invalid_choice": "Choose from the list."}
    )
    which = line(
        "Which record of it", "Such as: the mark of 3 March 2026.", lacks="Say which record is meant."
    )
    why = text(
        "Why", "Inaccurate, misleading, or against the student’s privacy.", lacks="Say why they contest it."
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["element"].choices = [  # type: ignore[attr-defined]
            (table_words(name).capitalize(), [(f"{name}.*", "all of it"), *((f"{name}.{e}", element_words(e)) for e in table.elements if e != "person_id")])
            for name, table in TABLES.items()
            if table.of_person
        ]  # fmt: skip


class AnswerForm(forms.Form):
    how = forms.ChoiceField(
        label="How it ended", choices=HOWS, widget=forms.RadioSelect, initial=How.INSPECTION
    )
    on = day("On which day")
    copy_fee = line(
        "Fee for copies, in dollars", "For copies alone; searching costs nothing.", required=False
    )
    note = line("Anything to remember", "No student’s name.", required=False)


class DayForm(forms.Form):
    on = day("On which day")


class RefuseForm(DayForm):
    reason = text("Why it is not amended", "The family is told so.", lacks="Say why it is not amended.")


class HearingForm(forms.Form):
    date_ = day("Day of the hearing", today=False)
    time = line("Time", "As 16:30.")
    place = line("Place")
    officer = line("Which office conducts it", "One without a direct interest in the outcome.")
    notice = day("Day on which the family was told")


class DecisionForm(DayForm):
    summary = text("Summary of the evidence")
    reasons = text("Reasons for the decision")


class StatementForm(DayForm):
    statement = text(
        "The family’s statement, in its own words", "Whoever is shown the contested part reads it."
    )


class CloseForm(forms.Form):
    outcome = text("What was done", "What was stopped, returned or destroyed, and what was changed.")
