"""What an officer fills in at each step of a family's request."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms

from throughway.consent.inspection import InspectionOutcome
from throughway.families.request_text import TAKES
from throughway.partners.selectors import partner_names
from throughway.vocabulary import TABLES
from throughway.vocabulary.labels import element_words, table_words
from throughway.vocabulary.school_calendar import school_year_of

LONGEST = 4000
RELATIONS = [
    ("parent", "a parent"),
    ("guardian", "a guardian"),
    ("acting_parent", "a person acting as a parent"),
    ("surrogate", "a surrogate parent, appointed for special education"),
    ("student", "the student"),
]
HOWS = [
    (InspectionOutcome.INSPECTION, "They inspected the record"),
    (InspectionOutcome.COPY, "They received a copy"),
    (InspectionOutcome.ARRANGEMENT, "Another arrangement was made"),
    (InspectionOutcome.WITHDRAWN, "They withdrew the request"),
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

    student = line("Student’s number", "The number in your own files.", lacks="Give the student’s number.")
    who = line("Name of the requester", "The name is kept sealed.", lacks="Give the name of the requester.")
    relation = forms.ChoiceField(
        label="The requester is", choices=RELATIONS, widget=forms.RadioSelect, initial="parent"
    )
    identified = line(
        "How you verified the requester’s identity",
        "For example: photo ID at the counter.",
        lacks="Say how you verified the identity.",
    )
    received = day("Day on which it was received")


class InspectForm(AskerForm):
    relation = forms.ChoiceField(
        label="The requester is", widget=forms.RadioSelect, initial="parent",
        choices=[*RELATIONS, ("representative", "a representative authorized in writing: give the name of the person represented above")],
    )  # fmt: skip
    asked = line("What they want to see", "Leave empty for the whole record.", required=False)
    meeting = day(
        "Next meeting about special education",
        "You must answer before this meeting. Leave empty if there is none.",
        required=False,
        today=False,
    )


class AmendRecordForm(AskerForm):
    element = forms.ChoiceField(
        label="What they dispute", error_messages={"invalid_choice": "Choose from the list."}
    )
    which = line(
        "Which record", "For example: the mark of 3 March 2026.", lacks="Say which record they dispute."
    )
    why = text(
        "Why",
        "It is inaccurate, misleading or violates the student’s privacy.",
        lacks="Say why they dispute it.",
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
        "Fee for copies, in dollars", "Only for copies; you cannot charge for the search.", required=False
    )
    note = line("Note", "Do not name the student.", required=False)


class DayForm(forms.Form):
    on = day("On which day")


class RefuseAmendmentForm(DayForm):
    reason = text(
        "Why you do not amend it", "The family receives this reason.", lacks="Say why you do not amend it."
    )


class HearingForm(forms.Form):
    date_ = day("Day of the hearing", today=False)
    time = line("Time", "For example: 16:30.")
    place = line("Place")
    officer = line("Office that conducts the hearing", "It must have no direct interest in the outcome.")
    notice = day("Day on which the family received notice")


class DecisionForm(DayForm):
    summary = text("Summary of the evidence")
    reasons = text("Reasons for the decision")


class StatementForm(DayForm):
    statement = text(
        "The family’s statement, in its own words",
        "Everybody who sees the contested part also sees this statement.",
    )


class LimitForm(forms.Form):
    student = line("Student’s number", "The number in your own files.", lacks="Give the student’s number.")
    who = line(
        "Name of the adult",
        "As the adult signs or makes requests. The name is kept sealed.",
        lacks="Give the name of the adult.",
    )
    kind = forms.ChoiceField(
        label="What the order takes away",
        choices=LIMITS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the order takes away."},
    )
    reference = line(
        "The order or document",
        "The court’s number, such as 2025-DR-0417.",
        lacks="Give the reference of the order.",
    )
    since = day("First day of the limit")


class LiftLimitForm(forms.Form):
    why = line(
        "What lifts it", "For example: a later court order, with its number.", lacks="Say what lifts it."
    )
    on = day("First day without the limit")


class WindowForm(forms.Form):
    year = forms.TypedChoiceField(
        label="School year", coerce=int, error_messages={"required": "Choose the school year."}
    )
    notice = line(
        "Version of the directory notice",
        "The notice that gives families these days.",
        lacks="Give the version of the notice.",
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
    what = text("What happened", "Do not name a student.", lacks="Say what happened.")
    recipients = forms.MultipleChoiceField(
        label="Where it happened", help_text="The partner that held the records. Tick your own organization if it held them.",
        widget=forms.CheckboxSelectMultiple, error_messages={"required": "Tick the partner where it happened."},
    )  # fmt: skip
    since = day(
        "First day on which records may have leaked", "If you are not sure, give an earlier day.", today=False
    )
    known = forms.DateTimeField(
        label="When you learned of it", help_text="In UTC. The agreements count their deadlines from this time.", initial=_now,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": "Give the date and time.", "invalid": "Write the date and time as 2026-09-01T14:30."},
    )  # fmt: skip
    reported_by = line(
        "Office that reported it", "Do not name a person.", lacks="Say which office reported it."
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["recipients"].choices = sorted(partner_names().items(), key=lambda each: each[1])  # type: ignore[attr-defined]


class CloseIncidentForm(forms.Form):
    outcome = text("What was done", "Say what was stopped, returned or destroyed, and what was changed.")
