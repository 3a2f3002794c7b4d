"""What a family was asked and what it answered about one student, line by line, newest first, for those who work with the student."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from throughway.consent.enums import STUDENT, ConsentDecision
from throughway.consent.sent_form import FormState, FormStep, HowSaid, HowSent, SentForm, WhyReturned
from throughway.core.prose import day

SENT_WORDS: Mapping[HowSent, str] = {
    HowSent.HAND: "handed over",
    HowSent.POST: "sent by mail",
    HowSent.PHONE: "sent after the family asked by telephone",
}
SAID_WORDS: Mapping[HowSaid, str] = {
    HowSaid.PHONE: "by telephone",
    HowSaid.PERSON: "in person",
    HowSaid.LETTER: "by letter or message",
}
RETURNED_WORDS: Mapping[WhyReturned, str] = {
    WhyReturned.UNREADABLE: "the picture cannot be read",
    WhyReturned.UNSIGNED: "the signature or its date is missing",
    WhyReturned.OTHER_STUDENT: "the paper is about another student",
    WhyReturned.OTHER_SIGNER: "another person must sign",
}
TAGS: Mapping[FormState, tuple[str, str]] = {
    FormState.SENT: ("wait", "form sent"),
    FormState.SIGNED: ("wait", "signed, to be confirmed"),
    FormState.RETURNED: ("warn", "sent back to you"),
    FormState.CONFIRMED: ("ok", "confirmed"),
    FormState.DECLINED: ("past", "closed"),
}


@dataclass(frozen=True)
class DecidedLine:
    """A decision as it was recorded: `partner` whose records; `consent`: its id."""

    consent: str
    partner: str
    decision: ConsentDecision
    relation: str
    signed_on: date


@dataclass(frozen=True)
class AnswerLine:
    """One line: its day, and what happened, in words."""

    day: date
    words: str


def signer_words(relation: str) -> str:
    """The mother; the student; the person acting as a parent."""
    if relation in STUDENT:
        return "the student"
    return {"acting_parent": "the person acting as a parent", "surrogate": "the surrogate parent"}.get(
        relation, f"the {relation}"
    )


def answer_lines(
    forms: Iterable[SentForm], decisions: Iterable[DecidedLine], names: Mapping[str, str]
) -> list[AnswerLine]:
    """`decisions`: of the discloser's register, which hold what was not asked by a form too. `names`: partners by id."""
    forms = list(forms)
    by_form = {form.consent for form in forms if form.consent}
    steps = sorted(((step, form) for form in forms for step in form.steps), key=lambda each: each[0].at)
    found = [
        AnswerLine(step.day, _step_words(form, step, names.get(form.partner, form.partner)))
        for step, form in steps
    ]
    found += [
        AnswerLine(line.signed_on, _decided_words(line, names))
        for line in decisions
        if line.consent not in by_form
    ]
    # Stable: of one day, what was recorded later stays later.
    return sorted(found, key=lambda line: line.day)[::-1]


def _step_words(form: SentForm, step: FormStep, partner: str) -> str:
    about = f"about records of {partner}"
    if step.state is FormState.SENT:
        return f"Form {form.printed_code} {SENT_WORDS[HowSent(step.how)]}, {about}"
    if step.state is FormState.SIGNED:
        signed = (
            f", signed by {signer_words(form.relation)} on {day(form.signed_on)}" if form.signed_on else ""
        )
        return f"Form {form.printed_code} came back{signed}; {partner} compares it"
    if step.state is FormState.RETURNED:
        return f"{partner} sent form {form.printed_code} back: {RETURNED_WORDS[WhyReturned(step.why)]}"
    if step.state is FormState.CONFIRMED:
        return f"{partner} confirmed form {form.printed_code}; the yes counts"
    said = SAID_WORDS[HowSaid(step.how)]
    if len(form.steps) == 1:
        return f"The family said no {said}, {about}"
    return f"Form {form.printed_code} closed: the family said no or took it back {said}"


def _decided_words(line: DecidedLine, names: Mapping[str, str]) -> str:
    about = f"about records of {names.get(line.partner, line.partner)}"
    who = signer_words(line.relation)
    if line.decision is ConsentDecision.YES:
        return f"Yes {about}, signed by {who}"
    if line.decision is ConsentDecision.NO:
        return f"No {about}, said by {who}"
    return f"Yes taken back by {who}, {about}"


def newest_about(forms: Collection[SentForm], agreement: str, purpose: str, partner: str) -> SentForm | None:
    """The form that was sent last about one consent; `forms`: newest first."""
    return next((form for form in forms if form.about(agreement, purpose, partner)), None)
