"""What an officer fills in at each step of a family's request."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from django import forms

from throughway.agreements.document_forms import day, one_of, some_of, text
from throughway.consent.enums import ConsentDecision
from throughway.consent.inspection import NOTHING_SHOWN, InspectionOutcome
from throughway.core.prose import school_year
from throughway.families.request_text import TAKES
from throughway.partners.selectors import partner_names
from throughway.vocabulary import TABLES
from throughway.vocabulary.labels import element_words, table_words
from throughway.vocabulary.school_calendar import school_year_of

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
    (InspectionOutcome.NO_RIGHT, "Refused: who asked holds no right"),
]
DECISIONS = [
    (ConsentDecision.YES, "says yes, by signature"),
    (ConsentDecision.NO, "says no"),
    (ConsentDecision.WITHDRAWN, "takes back a yes that this person gave"),
]
LIMITS = [(kind, words.capitalize()) for kind, words in TAKES.items()]


def _now() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


def today(label: str, help: str = "") -> forms.DateField:
    """A day; today unless another is given."""
    field = day(label, help, missing="Give the day.")
    field.initial = date.today
    return field


def line(label: str, help: str = "", *, missing: str = "Fill this in.") -> forms.CharField:
    """A line that the browser does not remember."""
    field = text(label, help, most=200, missing=missing)
    field.widget.attrs["autocomplete"] = "off"
    return field


paragraph = partial(text, rows=3, most=4000, missing="Write a sentence.")


class AskerForm(forms.Form):
    """The requester, the student, and how the requester's identity was verified."""

    student = line("Student’s number", "The number in your own files.", missing="Give the student’s number.")
    who = line("Name of the requester", "The name is kept sealed.", missing="Give the name of the requester.")
    relation = forms.ChoiceField(
        label="The requester is", choices=RELATIONS, widget=forms.RadioSelect, initial="parent"
    )
    identified = line(
        "How you verified the requester’s identity",
        "For example: photo ID at the counter.",
        missing="Say how you verified the identity.",
    )
    received = today("Day on which it was received")


class InspectForm(AskerForm):
    relation = forms.ChoiceField(
        label="The requester is", widget=forms.RadioSelect, initial="parent",
        choices=[*RELATIONS, ("representative", "a representative authorized in writing: give the name of the person represented above")],
    )  # fmt: skip
    asked = line("What they want to see", "Leave empty for the whole record.", missing="")
    meeting = day(
        "Next meeting about special education",
        "You must answer before this meeting. Leave empty if there is none.",
    )


class AmendRecordForm(AskerForm):
    element = one_of("What they dispute", [], menu=True, missing="Choose from the list.")
    which = line(
        "Which record", "For example: the mark of 3 March 2026.", missing="Say which record they dispute."
    )
    why = paragraph(
        "Why",
        "It is inaccurate, misleading or violates the student’s privacy.",
        missing="Say why they dispute it.",
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
    on = today("On which day")
    copy_fee = line(
        "Fee for copies, in dollars", "Only for copies; you cannot charge for the search.", missing=""
    )
    note = line("Note", "Do not name the student.", missing="")

    def __init__(self, *given: Any, nothing_shown: bool = False, **named: Any) -> None:
        """`nothing_shown`: nothing was gathered, or nothing may be shown, so only outcomes without that are offered."""
        super().__init__(*given, **named)
        if nothing_shown:
            how = self.fields["how"]
            how.choices = [(value, words) for value, words in HOWS if value in NOTHING_SHOWN]  # type: ignore[attr-defined]
            how.initial = None
            del self.fields["copy_fee"]


class DayForm(forms.Form):
    on = today("On which day")


class RefuseAmendmentForm(DayForm):
    reason = paragraph(
        "Why you do not amend it", "The family receives this reason.", missing="Say why you do not amend it."
    )


class HearingForm(forms.Form):
    date_ = day("Day of the hearing", missing="Give the day.")
    time = line("Time", "For example: 16:30.")
    place = line("Place")
    officer = line("Office that conducts the hearing", "It must have no direct interest in the outcome.")
    notice = today("Day on which the family received notice")


class DecisionForm(DayForm):
    summary = paragraph("Summary of the evidence")
    reasons = paragraph("Reasons for the decision")


class StatementForm(DayForm):
    statement = paragraph(
        "The family’s statement, in its own words",
        "Everybody who sees the contested part also sees this statement.",
    )


class StudentNumberForm(forms.Form):
    student = line("Student’s number", "The number in your own files.", missing="Give the student’s number.")


class FamilyDecisionForm(StudentNumberForm):
    """One decision of a family. `choices`: pairs of an agreement and a purpose that rest on a family's choice, as one value, with words."""

    about = one_of("What was decided on", [], menu=True, missing="Choose from the list.")
    decision = one_of("The family", DECISIONS, missing="Choose the answer.")
    signer = line("Name of who decided", "The name is kept sealed.", missing="Give the name.")
    relation = one_of("This person is", RELATIONS, missing="Choose the relation.")
    signed_on = today("Signed or said on")
    method = line(
        "How you know who it was",
        "For example: signed paper, photo ID seen. A yes needs it.",
        missing="",
    )
    language = line(
        "Language of the notice that was read",
        "As your notices name it, such as en or es. A yes needs it.",
        missing="",
    )
    notice_version = line(
        "Version of the notice that was read", "It is printed on the form. A yes needs it.", missing=""
    )
    expires = day("Last day of a yes", "Leave empty for no end.")

    def __init__(self, *given: Any, choices: Sequence[tuple[str, str]], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["about"].choices = [("", "Choose"), *choices]  # type: ignore[attr-defined]

    def cells(self, partner: str) -> dict[str, str]:
        """As a line of the list of consents (`consent.consent_file.COLUMNS`)."""
        filled = self.cleaned_data
        agreement, _, purpose = filled["about"].partition(" ")
        days = {name: filled[name].isoformat() if filled[name] else "" for name in ("signed_on", "expires")}
        same = {
            name: filled[name]
            for name in ("decision", "signer", "relation", "method", "language", "notice_version")
        }
        return (
            same
            | days
            | {
                "partner": partner,
                "record_key": filled["student"],
                "agreement": agreement,
                "purpose": purpose,
            }
        )


class LimitForm(forms.Form):
    student = line("Student’s number", "The number in your own files.", missing="Give the student’s number.")
    who = line(
        "Name of the adult",
        "As the adult signs or makes requests. The name is kept sealed.",
        missing="Give the name of the adult.",
    )
    kind = one_of("What the order takes away", LIMITS, missing="Choose what the order takes away.")
    reference = line(
        "The order or document",
        "The court’s number, such as 2025-DR-0417.",
        missing="Give the reference of the order.",
    )
    since = today("First day of the limit")


class LiftLimitForm(forms.Form):
    why = line(
        "What lifts it", "For example: a later court order, with its number.", missing="Say what lifts it."
    )
    on = today("First day without the limit")


class WindowForm(forms.Form):
    year = forms.TypedChoiceField(
        label="School year", coerce=int, error_messages={"required": "Choose the school year."}
    )
    notice = line(
        "Version of the directory notice",
        "The notice that gives families these days.",
        missing="Give the version of the notice.",
    )
    opens = today("First day")
    closes = day("Last day", missing="Give the day.")

    def __init__(self, *given: Any, today: date, **named: Any) -> None:
        super().__init__(*given, **named)
        this = school_year_of(today)
        years = [(year, school_year(year)) for year in (this - 1, this, this + 1)]
        self.fields["year"].choices = years  # type: ignore[attr-defined]
        self.fields["year"].initial = this


class CloseWindowForm(forms.Form):
    year = forms.IntegerField()


class IncidentForm(forms.Form):
    what = paragraph("What happened", "Do not name a student.", missing="Say what happened.")
    recipients = some_of(
        "Where it happened", [], "The partner that held the records. Tick your own organization if it held them.",
        missing="Tick the partner where it happened.",
    )  # fmt: skip
    since = day(
        "First day on which records may have leaked",
        "If you are not sure, give an earlier day.",
        missing="Give the day.",
    )
    known = forms.DateTimeField(
        label="When you learned of it", help_text="In UTC. The agreements count their deadlines from this time.", initial=_now,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": "Give the date and time.", "invalid": "Write the date and time as 2026-09-01T14:30."},
    )  # fmt: skip
    reported_by = line(
        "Office that reported it", "Do not name a person.", missing="Say which office reported it."
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["recipients"].choices = sorted(partner_names().items(), key=lambda each: each[1])  # type: ignore[attr-defined]


class CloseIncidentForm(forms.Form):
    outcome = paragraph("What was done", "Say what was stopped, returned or destroyed, and what was changed.")
