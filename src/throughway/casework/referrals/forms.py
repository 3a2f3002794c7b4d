"""The forms of a referral: what is told to the receiver, and each answer."""

from collections.abc import Collection, Iterable
from typing import Any

from django import forms

from throughway.agreements.document_forms import day
from throughway.casework.referrals.referral import DETAIL_WORDS, LINE, ReferralDetails, details_of
from throughway.casework.referrals.transitions import (
    LONGEST,
    OUTCOMES,
    REASONS,
    MoveAnswer,
    MoveQuestion,
    ReferralMove,
    Transition,
)
from throughway.supports.entry import LANGUAGES, language_words
from throughway.supports.forms import COMMON_LANGUAGES
from throughway.vocabulary import CODE_SETS

HELP = {
    "contact_phone": "Such as: 555-0142, ask for the grandmother.",
    "best_time": "Such as: after five, not on Fridays.",
    "way_there": "Such as: walks, or needs the late bus.",
    "event_text": "Only what the program needs to begin.",
}
BUTTONS = {
    ReferralMove.ACCEPT: "Accept",
    ReferralMove.ASK_BACK: "Ask the sender",
    ReferralMove.ANSWER: "Answer",
    ReferralMove.DECLINE: "Decline",
    ReferralMove.WAITLIST: "Put on the waiting list",
    ReferralMove.FULL: "We are full",
    ReferralMove.TRY: "Tried, nobody answered",
    ReferralMove.FAMILY_NO: "The family said no",
    ReferralMove.START: "The student started",
    ReferralMove.NOT_START: "The student did not start",
    ReferralMove.GO_ON: "Still takes part",
    ReferralMove.END: "It ended",
    ReferralMove.CONNECTED: "Connected",
    ReferralMove.NOT_CONNECTED: "Not connected",
    ReferralMove.CANNOT_SAY: "Cannot say",
    ReferralMove.CLOSE: "The family knows; close it",
    ReferralMove.WITHDRAW: "Withdraw it",
}
MAIN = (ReferralMove.ACCEPT, ReferralMove.GO_ON, ReferralMove.CANNOT_SAY, ReferralMove.CLOSE)
DAY_WORDS = {
    ReferralMove.TRY: "The day of the call",
    ReferralMove.START: "The first day",
    ReferralMove.END: "The last day",
}


class ReferForm(forms.Form):
    """What the family asked for. `shared`: the columns that the receiver may read; the form asks for no other. `languages`: offered first."""

    referral = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    based_on = forms.IntegerField(min_value=0, max_value=1_000_000, widget=forms.HiddenInput)
    asked_for = forms.BooleanField(
        label="The family asked for this, and knows what is told to whom.",
        error_messages={"required": "Ask the family first: nothing is sent without their wish."},
    )

    def __init__(
        self, *args: Any, shared: Collection[str], languages: Iterable[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        confirmed = self.fields.pop("asked_for")
        for name, words in DETAIL_WORDS.items():
            if name not in shared:
                continue
            if name == "interpreter_needed":
                self.fields[name] = forms.BooleanField(
                    label="The family needs an interpreter", required=False
                )
            elif name == "contact_language":
                first = dict.fromkeys([*languages, *COMMON_LANGUAGES])
                rest = (code for code in CODE_SETS[LANGUAGES] if code not in first)
                choices = [(code, language_words(code)) for code in (*first, *rest)]
                self.fields[name] = forms.ChoiceField(
                    label="Language in which to call", choices=[("", "not known"), *choices], required=False
                )
            else:
                self.fields[name] = _text(name, words)
        self.fields["asked_for"] = confirmed

    @property
    def visible(self) -> list[forms.BoundField]:
        """The fields in the order of the form, without the last checkbox."""
        return [self[name] for name in self.fields if name in DETAIL_WORDS]

    def details(self) -> ReferralDetails:
        return details_of(self.cleaned_data)


def _text(name: str, words: str) -> forms.CharField:
    long = name == "event_text"
    return forms.CharField(
        label=words,
        help_text=HELP.get(name, ""),
        max_length=LONGEST if long else LINE,
        required=name in ("student_name", "contact_phone"),
        widget=forms.Textarea(attrs={"rows": 2}) if long else forms.TextInput(),
        error_messages={"required": f"{words}: write it as the family gives it."},
    )


class AnswerForm(forms.Form):
    """One answer to a referral: `kind`, and what this move asks."""

    kind = forms.ChoiceField(choices=[(each.value, each.value) for each in BUTTONS], widget=forms.HiddenInput)
    based_on = forms.IntegerField(min_value=1, max_value=1_000_000, widget=forms.HiddenInput)

    def __init__(self, transition: Transition | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.transition = transition
        asks = transition.asks if transition else frozenset()
        move = transition.move if transition else None
        listed = REASONS if MoveQuestion.REASON in asks else OUTCOMES if MoveQuestion.OUTCOME in asks else {}
        if listed:
            self.fields["reason"] = forms.ChoiceField(
                label="Why" if listed is REASONS else "How it ended",
                choices=list(listed.items()),
                widget=forms.RadioSelect,
                required=False,
            )
        if MoveQuestion.ON in asks:
            self.fields["on"] = day(DAY_WORDS.get(move, "The day") if move else "The day")
        if MoveQuestion.AUTHORIZATION in asks:
            self.fields["on"] = day("The day on which the client signed the authorization to tell this")
        if MoveQuestion.UNTIL in asks:
            self.fields["until"] = day("Waits until", "The day on which you look at it again.")
        if MoveQuestion.WORDS in asks or listed:
            self.fields["words"] = forms.CharField(
                label="In words",
                required=False,
                max_length=LONGEST,
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text="" if listed else "No diagnosis, nothing about immigration.",
            )

    @property
    def button(self) -> str:
        return BUTTONS[self.transition.move] if self.transition else ""

    @property
    def is_main(self) -> bool:
        """Whether it is the answer that is hoped for."""
        return self.transition is not None and self.transition.move in MAIN

    @property
    def asks(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in ("kind", "based_on")]

    def said(self) -> MoveAnswer:
        data = self.cleaned_data
        words = str(data.get("words") or "").replace("\r\n", "\n")
        return MoveAnswer(words, str(data.get("reason") or ""), data.get("on"), data.get("until"))
