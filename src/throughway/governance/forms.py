"""What people fill in for bodies, seats, meetings, motions, and each step of a request's way."""

from collections.abc import Iterable
from typing import Any

from django import forms

from throughway.governance.bodies import BODY_KINDS, MOTION_KINDS, RULES, Body, Meeting, MotionKind, Seat
from throughway.governance.data_request import ANSWERS
from throughway.partners import PartnerFacts

LONGEST = 2000
Pairs = Iterable[tuple[str, str]]


def day_field(label: str, help_text: str = "", *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    errors = {"required": "Give the day.", "invalid": "Write the day as 2026-09-01."}
    return forms.DateField(
        label=label, help_text=help_text, required=required, widget=widget, error_messages=errors
    )


def text_field(
    label: str, help_text: str = "", *, required: bool = True, rows: int = 3, lacks: str = "Write a sentence."
) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=LONGEST, error_messages={"required": lacks},
        widget=forms.Textarea(attrs={"rows": rows}),
    )  # fmt: skip


def line_field(
    label: str, help_text: str = "", *, required: bool = True, lacks: str = "Fill this in."
) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=200, error_messages={"required": lacks}
    )  # fmt: skip


class BodyForm(forms.Form):
    name = line_field("Name", lacks="Type the body’s name.")
    id = forms.SlugField(
        label="Short name",
        max_length=100,
        help_text="For addresses: small letters, digits and hyphens, as steering. It cannot be changed.",
        error_messages={
            "required": "Type a short name.",
            "invalid": "Use small letters, digits and hyphens.",
        },
    )
    kind = forms.ChoiceField(
        label="Kind", choices=list(BODY_KINDS.items()), widget=forms.RadioSelect,
        error_messages={"required": "Choose a kind."},
    )  # fmt: skip
    decides = forms.MultipleChoiceField(
        label="What it decides", choices=list(MOTION_KINDS.items()), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick what it decides."},
    )  # fmt: skip
    rule = forms.ChoiceField(
        label="Rule of decision", choices=list(RULES.items()), widget=forms.RadioSelect,
        help_text="An abstention never stops a motion and never carries one; the abstainer’s records stay out.",
        error_messages={"required": "Choose a rule."},
    )  # fmt: skip
    quorum = forms.IntegerField(
        label="Quorum", min_value=1, max_value=200, help_text="How many seats must take part.",
        error_messages={"required": "Give a number of seats.", "invalid": "Give a number of seats."},
    )  # fmt: skip
    charter = text_field(
        "Charter", "What it is for, in the words of its founding paper.", required=False, rows=6
    )


class SeatForm(forms.Form):
    holder = forms.ChoiceField(label="Who holds it", error_messages={"required": "Choose who holds it."})
    office = line_field("By which office", "Such as Superintendent.", lacks="Say by which office.")
    last = day_field("Until", "Leave it empty: until further notice.", required=False)
    chair = forms.BooleanField(label="Has the chair", required=False)

    def __init__(self, *args: Any, people: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["holder"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = list(people)


class MeetingForm(forms.Form):
    day = day_field("Day")
    place = line_field("Place", "Where it is, or remote.", lacks="Say where, or remote.")
    note = text_field("Note", "What members should know before.", required=False)


class HeldForm(forms.Form):
    present = forms.MultipleChoiceField(
        label="Who was there", required=False, widget=forms.CheckboxSelectMultiple
    )
    minutes = line_field("Where the minutes are", "Such as Minutes 12, drive folder 3.", required=False)

    def __init__(self, *args: Any, seats: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["present"]
        assert isinstance(choice, forms.MultipleChoiceField)
        choice.choices = list(seats)


class MotionForm(forms.Form):
    kind = forms.ChoiceField(
        label="What is decided", widget=forms.RadioSelect, error_messages={"required": "Choose one."}
    )
    title = line_field("In one line", lacks="Say it in one line.")
    text = text_field("In full", required=False)
    agreement = forms.ChoiceField(label="Which agreement", required=False)
    partner = forms.ChoiceField(
        label="Which partner is to be admitted", required=False, help_text="Only for an admission."
    )
    meeting = forms.ChoiceField(label="At which meeting", required=False)
    due = day_field(
        "Last day to vote", "Empty: the day of the meeting, or two weeks from now.", required=False
    )

    def __init__(
        self,
        *args: Any,
        body: Body,
        agreements: Pairs,
        partners: Iterable[PartnerFacts],
        meetings: Iterable[Meeting],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        none = [("", "None")]
        choices = {
            "kind": [(k.value, MOTION_KINDS[k]) for k in body.decides if k is not MotionKind.GRANT],
            "agreement": none + list(agreements),
            "partner": none + [(p.id, p.name) for p in partners],
            "meeting": [("", "None: votes are cast on this site"), *((str(m.number), f"{m.day}, {m.place}") for m in meetings)],
        }  # fmt: skip
        for name, pairs in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = pairs
        if body.partner or MotionKind.ADMIT not in body.decides:
            del self.fields["partner"]


class CloseMotionForm(forms.Form):
    reason = text_field("Why, for the log", "The rule’s own reason is written by itself.", required=False)
    minutes = line_field("Where the minutes are", required=False)


class DiscloserAnswerForm(forms.Form):
    answer = forms.ChoiceField(
        label="May your records be used for this", choices=list(ANSWERS.items()), widget=forms.RadioSelect,
        error_messages={"required": "Choose yes, no or abstain."},
    )  # fmt: skip
    reason = text_field("Why", "A no needs its reason. Those concerned read it.", required=False)


class MissingForm(forms.Form):
    missing = text_field("What it lacks", lacks="Say what it lacks.")


class PutForm(forms.Form):
    body = forms.ChoiceField(label="Which body decides", error_messages={"required": "Choose a body."})
    due = day_field("Last day to vote", "Empty: two weeks from now.", required=False)

    def __init__(self, *args: Any, bodies: Iterable[Body], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["body"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(body.id, body.name) for body in bodies]


class RefuseRequestForm(forms.Form):
    reason = text_field("Why it is refused", "The asker and the log keep it.", lacks="Give the reason.")
    citations = forms.MultipleChoiceField(
        label="The rule that stands in the way", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, rules: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["citations"]
        assert isinstance(choice, forms.MultipleChoiceField)
        choice.choices = list(rules)
        if not choice.choices:
            del self.fields["citations"]


class JoinForm(forms.Form):
    """`version`: the exact text that was read."""

    title = line_field(
        "Your office", "The office that signs, such as Superintendent.", lacks="Type your office."
    )
    authority = line_field(
        "By what authority", "What lets this office bind your organization, such as Board policy 1450.",
        lacks="Type by what authority you sign.",
    )  # fmt: skip
    version = forms.CharField(widget=forms.HiddenInput, max_length=64)


class LeaveForm(forms.Form):
    reason = text_field("Why you leave", "Every party reads this. Name no student.", lacks="Give the reason.")


def seated(seats: Iterable[Seat], names: dict[str, str]) -> list[tuple[str, str]]:
    return [(str(seat.number), f"{names.get(seat.partner, seat.partner)}, {seat.office}") for seat in seats]
