"""What people fill in for bodies, seats, meetings and motions, and on each step of a data request's way."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django import forms

from throughway.agreements.document_forms import Choices, day, number, one_of, some_of, text
from throughway.governance.bodies import BODY_KINDS, MOTION_KINDS, RULES, Body, Meeting, MotionKind, Seat
from throughway.governance.data_request import ANSWERS
from throughway.partners import PartnerFacts

NONE = [("", "None")]
paragraph = partial(text, rows=3, most=2000, missing="Write a sentence.")
line = partial(text, most=200, missing="Fill this in.")


class ChoosingForm(forms.Form):
    """`choices`: by field, its choices; a field without any is left out when it is `optional`."""

    optional: tuple[str, ...] = ()

    def __init__(self, *args: Any, choices: Mapping[str, Choices], **options: Any) -> None:
        super().__init__(*args, **options)
        for name, pairs in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(pairs)
            if name in self.optional and not pairs:
                del self.fields[name]


class BodyForm(forms.Form):
    name = line("Name", missing="Type the body’s name.")
    id = forms.SlugField(
        label="Short name",
        max_length=100,
        help_text="For addresses: small letters, digits and hyphens, as steering. It cannot be changed.",
        error_messages={
            "required": "Type a short name.",
            "invalid": "Use small letters, digits and hyphens.",
        },
    )
    kind = one_of("Kind", list(BODY_KINDS.items()), missing="Choose a kind.")
    decides = some_of("What it decides", list(MOTION_KINDS.items()), missing="Tick what it decides.")
    rule = one_of(
        "Rule of decision",
        list(RULES.items()),
        "An abstention never stops a motion and never carries one; the abstainer’s records stay out.",
        missing="Choose a rule.",
    )
    quorum = number(
        "Quorum", "How many seats must take part.", least=1, most=200, missing="Give a number of seats."
    )
    charter = paragraph("Charter", "What it is for, in the words of its founding paper.", rows=6, missing="")


class SeatForm(ChoosingForm):
    holder = one_of("Who holds it", [], menu=True, missing="Choose who holds it.")
    office = line("By which office", "Such as Superintendent.", missing="Say by which office.")
    last = day("Until", "Leave it empty: until further notice.")
    chair = forms.BooleanField(label="Has the chair", required=False)


class MeetingForm(forms.Form):
    day = day("Day", missing="Give the day.")
    place = line("Place", "Where it is, or remote.", missing="Say where, or remote.")
    note = paragraph("Note", "What members should know before.", missing="")


class HeldForm(ChoosingForm):
    present = some_of("Who was there", [])
    minutes = line("Where the minutes are", "Such as Minutes 12, drive folder 3.", missing="")


class MotionForm(ChoosingForm):
    kind = one_of("What is decided", [], missing="Choose one.")
    title = line("In one line", missing="Say it in one line.")
    text = paragraph("In full", missing="")
    agreement = one_of("Which agreement", [], menu=True)
    partner = one_of("Which partner is to be admitted", [], "Only for an admission.", menu=True)
    meeting = one_of("At which meeting", [], menu=True)
    due = day("Last day to vote", "Empty: the day of the meeting, or two weeks from now.")
    optional = ("partner",)

    def __init__(
        self,
        *args: Any,
        body: Body,
        agreements: Choices,
        partners: Iterable[PartnerFacts],
        meetings: Iterable[Meeting],
        **options: Any,
    ) -> None:
        admits = not body.partner and MotionKind.ADMIT in body.decides
        choices: dict[str, Choices] = {
            "kind": [(k.value, MOTION_KINDS[k]) for k in body.decides if k is not MotionKind.GRANT],
            "agreement": [*NONE, *agreements],
            "partner": [*NONE, *((p.id, p.name) for p in partners)] if admits else [],
            "meeting": [("", "None: votes are cast on this site"), *((str(m.number), f"{m.day}, {m.place}") for m in meetings)],
        }  # fmt: skip
        super().__init__(*args, choices=choices, **options)


class CloseMotionForm(forms.Form):
    reason = paragraph(
        "Why, for the log", "The reason that follows from the rule is added automatically.", missing=""
    )
    minutes = line("Where the minutes are", missing="")


class DiscloserAnswerForm(forms.Form):
    answer = one_of(
        "May your records be used for this", list(ANSWERS.items()), missing="Choose yes, no or abstain."
    )
    reason = paragraph("Why", "A no needs a reason. Those concerned read it.", missing="")


class MissingForm(forms.Form):
    missing = paragraph("What it lacks", missing="Say what it lacks.")


class PutForm(ChoosingForm):
    body = one_of("Which body decides", [], menu=True, missing="Choose a body.")
    due = day("Last day to vote", "Empty: two weeks from now.")


class RefuseRequestForm(ChoosingForm):
    reason = paragraph(
        "Why it is refused", "The asker sees it, and the log keeps it.", missing="Give the reason."
    )
    citations = some_of("The rule that forbids it", [])
    optional = ("citations",)


class JoinForm(forms.Form):
    """`version`: the exact text that was read. `registered`: the register of signatories has the name, the office and its authority."""

    signer = line("Your name", "As it stands on the signed paper.", missing="Type your name.")
    title = line("Your office", "The office that signs, such as Superintendent.", missing="Type your office.")
    authority = line(
        "By what authority",
        "What lets this office bind your organization, such as Board policy 1450.",
        missing="Type by what authority you sign.",
    )
    version = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, registered: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if registered:
            for name in ("signer", "title", "authority"):
                del self.fields[name]


class LeaveForm(forms.Form):
    reason = paragraph(
        "Why you leave", "Every party reads this. Name no student.", missing="Give the reason."
    )


def seat_choices(seats: Iterable[Seat], names: Mapping[str, str]) -> Choices:
    return [(str(seat.number), f"{names.get(seat.partner, seat.partner)}, {seat.office}") for seat in seats]
