"""A consent form that was given to a family: its states, from the events about it (34 CFR 99.30).

A yes is a paper, signed and dated, that the discloser's own officer compares with the record. A *no*, and a yes that is taken back,
count however the family says it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from throughway.consent.consent_file import SIGNED
from throughway.consent.enums import ConsentDecision
from throughway.consent.form_translation import SIGNED_IN, no_words
from throughway.consent.rights_events import RightsRecord, by_code
from throughway.core.refusals import Refused

COMPARE_WITHIN = (
    7  # days in which the discloser compares a signed form with its record; ours, the rule says nothing
)


class FormState(StrEnum):
    SENT = "sent"  # the family has it
    SIGNED = "signed"  # it came back, and waits for the discloser
    RETURNED = "returned"  # the discloser could not confirm it; it may come back again
    CONFIRMED = "confirmed"  # the consent is recorded
    DECLINED = "declined"  # the family said no, or took it back


OPEN = frozenset({FormState.SENT, FormState.SIGNED, FormState.RETURNED})
# By step, the states in which it is possible; the step names the state that it leads to.
STEPS: Mapping[FormState, frozenset[FormState]] = {
    FormState.SIGNED: frozenset({FormState.SENT, FormState.RETURNED}),
    FormState.RETURNED: frozenset({FormState.SIGNED}),
    FormState.CONFIRMED: frozenset({FormState.SIGNED}),
    FormState.DECLINED: OPEN,
}
WHY_NOT: Mapping[FormState, str] = {
    FormState.SENT: "has not come back signed",
    FormState.SIGNED: "came back signed and waits for the officer who compares it",
    FormState.RETURNED: "was sent back by the officer who compared it",
    FormState.CONFIRMED: "was confirmed already",
    FormState.DECLINED: "no longer counts, because the family said no or took its answer back",
}


class HowSent(StrEnum):
    """How the family got the form."""

    HAND = "hand"
    POST = "post"
    PHONE = "phone"  # the family asked for it by telephone, and it was sent


class HowSaid(StrEnum):
    """How the family answered without the form."""

    PHONE = "phone"
    PERSON = "person"
    LETTER = "letter"


class WhyReturned(StrEnum):
    """Why the officer could not confirm a signed form; a closed list, so that nobody writes a name."""

    UNREADABLE = "unreadable"
    UNSIGNED = "unsigned"
    OTHER_STUDENT = "other_student"
    OTHER_SIGNER = "other_signer"


@dataclass(frozen=True)
class FormStep:
    """One line of the history. `how`: how the form was sent or the answer said; `why`: why it was sent back."""

    state: FormState
    day: date
    at: datetime
    by: str
    how: str = ""
    why: str = ""


@dataclass(frozen=True)
class SentForm:
    """One consent form. `partner`: whose records it is about; `record`: a number of the student that the sender knows; `sender`: the
    partner whose worker sent it; `version`: of the agreement's text; `translation`: the code of the words in the family's language, empty
    in the language that was signed; `notice`: the version of the notice to be read with it. Once it came back: `relation` and `signed_on` of the signer, and `attempt`, which counts how often it came back. `consent`: the id of the
    consent that it led to."""

    code: str
    partner: str
    record: int
    agreement: str
    purpose: str
    sender: str
    language: str
    until: date
    version: str
    notice: str
    steps: Sequence[FormStep]
    relation: str = ""
    signed_on: date | None = None
    attempt: int = 0
    consent: str = ""
    translation: str = ""

    @property
    def printed_code(self) -> str:
        """The code as people write it: ABCD-EFGH."""
        return f"{self.code[:4]}-{self.code[4:]}"

    @property
    def state(self) -> FormState:
        return self.steps[-1].state

    @property
    def sent(self) -> date:
        return self.steps[0].day

    @property
    def since(self) -> date:
        return self.steps[-1].day

    @property
    def due(self) -> date | None:
        """Until when the discloser compares it; None where it does not wait for the discloser."""
        return self.since + timedelta(days=COMPARE_WITHIN) if self.state is FormState.SIGNED else None

    def about(self, agreement: str, purpose: str, partner: str) -> bool:
        return (self.agreement, self.purpose, self.partner) == (agreement, purpose, partner)

    def check_step(self, step: FormState) -> None:
        """Refused where the state does not allow the step."""
        if self.state not in STEPS[step]:
            raise Refused(
                f"The form {self.printed_code} {WHY_NOT[self.state]}; open it again to see its current state.",
                code=f"is_{self.state}",
                citations=[SIGNED],
            )

    def check_signed_on(self, day: date, today: date) -> None:
        """Refused where nobody can have signed it on that day."""
        if not self.sent <= day <= today:
            raise Refused(
                f"The form {self.printed_code} was given to the family on {self.sent}, so it was signed on that day or later, and not after "
                "today; give the date on the paper.",
                code="wrong_day",
                citations=[SIGNED],
            )

    def check_version(self, version: str) -> None:
        """Refused where the agreement's text is no longer the one that the form describes."""
        if version != self.version:
            raise Refused(
                f"The agreement was changed after the form {self.printed_code} was printed, so the family has not read what it would allow; "
                "print a new form.",
                code="changed",
                citations=[SIGNED],
            )

    def check_readable(self) -> None:
        """Refused for a form that states its purpose in a language that the family does not read, as an earlier version printed them."""
        if self.language != SIGNED_IN and not self.translation:
            raise no_words(self.partner, self.language)


def sent_forms(events: Iterable[RightsRecord]) -> list[SentForm]:
    """The forms, in the order in which they were sent."""
    return [_form(code, of_one) for code, of_one in by_code(events).items()]


def _form(code: str, events: Sequence[RightsRecord]) -> SentForm:
    sent = events[0]
    signed = next((e for e in reversed(events) if e.step == FormState.SIGNED), None)
    confirmed = next((e for e in events if e.step == FormState.CONFIRMED), None)
    steps = [
        FormStep(
            FormState(e.step), e.day, e.at, e.by, str(e.facts.get("how", "")), str(e.facts.get("why", ""))
        )
        for e in events
    ]
    return SentForm(
        code=code,
        partner=sent.partner,
        record=sent.record or 0,
        agreement=sent.other,
        purpose=sent.facts["purpose"],
        sender=sent.facts["sender"],
        language=sent.facts["language"],
        until=date.fromisoformat(sent.facts["until"]),
        version=sent.facts["version"],
        notice=sent.facts["notice"],
        steps=steps,
        relation=signed.facts["relation"] if signed else "",
        signed_on=signed.day_of("signed_on") if signed else None,
        attempt=int(signed.other) if signed else 0,
        consent=confirmed.facts["consent"] if confirmed else "",
        translation=sent.facts.get("translation", ""),
    )


def check_not_by_word(decision: ConsentDecision) -> None:
    """Refused for a yes that is only said: it needs the paper."""
    if decision is ConsentDecision.YES:
        raise Refused(
            "A yes counts only on paper, signed and dated; send the family the form, and record the yes when it comes back signed.",
            code="needs_signature",
            citations=[SIGNED],
        )
