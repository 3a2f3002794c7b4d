"""What an officer fills in at each step of a family's request."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms

from throughway.consent.inspections import InspectionOutcome
from throughway.families.request_text import TAKES
from throughway.partners.selectors import partner_names
from throughway.vocabulary import TABLES
from throughway.vocabulary.labels import element_words, table_words
from throughway.vocabulary.school_calendar import school_year_of

LONGEST = 4000
RELATIONS = [
    ("parent", "a parent"),
    ("guardian", "a guardian"),
    ("acting_parent", "one who acts as a parent"),
    ("surrogate", "a surrogate parent, appointed for special education"),
    ("student", "the student"),
]
HOWS = [
    (InspectionOutcome.INSPECTION, "They looked at it"),
    (InspectionOutcome.COPY, "They were given a copy"),
    (InspectionOutcome.ARRANGEMENT, "Another way was arranged"),
    (InspectionOutcome.WITHDRAWN, "They no longer ask"),
]
LIMITS = [(kind, words.capitalize()) for kind, words in TAKES.items()]


def _now() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


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
    """The requester, the student, and how the requester's identity was verified."""

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
    relation = forms.ChoiceField(
        label="Who asks is", widget=forms.RadioSelect, initial="parent",
        choices=[*RELATIONS, ("representative", "a representative, sent in writing: name above who sent it")],
    )  # fmt: skip
    asked = line("What they want to see", "Empty: the whole record.", required=False)
    meeting = day(
        "Next meeting about special education",
        "The answer must come before it. Empty: none.",
        required=False,
        today=False,
    )


class AmendRecordForm(AskerForm):
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


class InspectionOutcomeForm(forms.Form):
    how = forms.ChoiceField(
        label="How it ended", choices=HOWS, widget=forms.RadioSelect, initial=InspectionOutcome.INSPECTION
    )
    on = day("On which day")
    copy_fee = line(
        "Fee for copies, in dollars", "For copies alone; searching costs nothing.", required=False
    )
    note = line("Anything to remember", "No student’s name.", required=False)


class DayForm(forms.Form):
    on = day("On which day")


class RefuseAmendmentForm(DayForm):
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


class LimitForm(forms.Form):
    student = line("Student’s number", "Your own, as your files have it.", lacks="Give the student’s number.")
    who = line(
        "Name of the adult",
        "As who asks or signs is named. It is kept sealed.",
        lacks="Give the name of the adult.",
    )
    kind = forms.ChoiceField(
        label="What the order takes",
        choices=LIMITS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the order takes."},
    )
    reference = line(
        "The order or document",
        "As its court numbered it, such as 2025-DR-0417.",
        lacks="Give the reference of the order.",
    )
    since = day("From which day on it holds")


class LiftLimitForm(forms.Form):
    why = line(
        "What lifts it", "Such as the court’s later order, with its number.", lacks="Say what lifts it."
    )
    on = day("From which day on it no longer holds")


class WindowForm(forms.Form):
    year = forms.TypedChoiceField(
        label="School year", coerce=int, error_messages={"required": "Choose the school year."}
    )
    notice = line(
        "Version of the directory notice",
        "The one that tells families of these days.",
        lacks="Name the version of the notice.",
    )
    opens = day("First day")
    closes = day("Last day", today=False)

    def __init__(self, *given: Any, today: date, **named: Any) -> None:
        super().__init__(*given, **named)
        this = school_year_of(today)
        years = [(year, f"{year - 1}–{year % 100:02d}") for year in (this - 1, this, this + 1)]
        self.fields["year"].choices = years  # type: ignore[attr-defined]
        self.fields["year"].initial = this


class CloseWindowForm(forms.Form):
    year = forms.IntegerField()


class IncidentForm(forms.Form):
    what = text("What happened", "No student’s name.", lacks="Say what happened.")
    recipients = forms.MultipleChoiceField(
        label="With whom it happened", help_text="Who held the records when they got away. Your own partner, where it was you.",
        widget=forms.CheckboxSelectMultiple, error_messages={"required": "Tick with whom it happened."},
    )  # fmt: skip
    since = day(
        "From which day on records can have leaked", "When it is not certain, an earlier day.", today=False
    )
    known = forms.DateTimeField(
        label="When it was known", help_text="In UTC; the clocks of the agreements run from then.", initial=_now,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": "Give the moment.", "invalid": "Write the moment as 2026-09-01T14:30."},
    )  # fmt: skip
    reported_by = line("Which office reported it", "No person’s name.", lacks="Say which office reported it.")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["recipients"].choices = sorted(partner_names().items(), key=lambda each: each[1])  # type: ignore[attr-defined]


class CloseIncidentForm(forms.Form):
    outcome = text("What was done", "What was stopped, returned or destroyed, and what was changed.")
