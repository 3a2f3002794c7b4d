"""A request to amend a student's records (34 CFR 99.20 to 99.22): the decision, the hearing, the statement, and the recipients
of a correction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from throughway.consent.rights_events import RightsRecord, by_code

# The rule requires a reasonable time; these numbers of days are ours.
DECIDE_WITHIN, HEAR_WITHIN, CORRECT_WITHIN = 45, 45, 30
CITATION = "34 CFR 99.20"
HEARING = "34 CFR 99.22"
STATEMENT = "34 CFR 99.21(c)"


class AmendmentState(StrEnum):
    RECEIVED = "received"  # waits for the decision
    REFUSED = "refused"  # with the reason, and notice of the right to a hearing
    HEARING_ASKED = "hearing_asked"
    HEARING_SET = "hearing_set"  # the family has notice of date, time and place
    HEARD = "heard"  # waits for the written decision
    LOST = "lost"  # the family may place a statement
    STATEMENT = "statement"  # which travels with the contested part
    AMENDING = "amending"  # decided; the correction is to come
    AMENDED = "amended"
    NO_RIGHT = "no_right"  # who asked holds no right over the record


@dataclass(frozen=True)
class Recipient:
    """A partner that received the contested part, and when it confirmed that it corrected its copy."""

    partner: str
    due: date
    confirmed: date | None = None


@dataclass(frozen=True)
class Amendment:
    """`element`: what is contested, as table.column or table.*; `which`: which record of it, in words; `due`: by when the next
    step is to be done, None where nothing is due. The words are empty once the student's records are destroyed."""

    code: str
    partner: str
    record: int
    holder: int
    relation: str
    received: date
    element: str
    state: AmendmentState
    since: date
    due: date | None
    which: str = ""
    why: str = ""
    identified: str = ""
    reason: str = ""
    hearing: str = ""
    officer: str = ""
    summary: str = ""
    reasons: str = ""
    statement: str = ""
    stated: date | None = None
    corrected: date | None = None
    recipients: tuple[Recipient, ...] = ()

    @property
    def open(self) -> bool:
        """Whether the discloser, or a recipient with the old value, still has to act."""
        return self.due is not None or any(r.confirmed is None for r in self.recipients)


STATES = {
    "received": AmendmentState.RECEIVED, "refused": AmendmentState.REFUSED, "hearing_asked": AmendmentState.HEARING_ASKED, "hearing_set": AmendmentState.HEARING_SET,
    "held": AmendmentState.HEARD, "lost": AmendmentState.LOST, "statement": AmendmentState.STATEMENT, "granted": AmendmentState.AMENDING, "corrected": AmendmentState.AMENDED,
    "no_right": AmendmentState.NO_RIGHT,
}  # fmt: skip
# The next step from each state, with its deadline in days; none for steps that only the family can take.
WITHIN = {
    AmendmentState.RECEIVED: DECIDE_WITHIN, AmendmentState.HEARING_ASKED: HEAR_WITHIN, AmendmentState.HEARD: HEAR_WITHIN,
    AmendmentState.AMENDING: CORRECT_WITHIN,
}  # fmt: skip
# From which states each step may be taken; every other is refused.
STEPS = {
    "granted": {AmendmentState.RECEIVED, AmendmentState.HEARD},
    "refused": {AmendmentState.RECEIVED},
    "hearing_asked": {AmendmentState.REFUSED},
    "hearing_set": {AmendmentState.HEARING_ASKED, AmendmentState.HEARING_SET},
    "held": {AmendmentState.HEARING_SET},
    "lost": {AmendmentState.HEARD},
    "statement": {AmendmentState.LOST},
    "corrected": {AmendmentState.AMENDING},
    "no_right": {
        AmendmentState.RECEIVED,
        AmendmentState.REFUSED,
        AmendmentState.HEARING_ASKED,
        AmendmentState.HEARING_SET,
        AmendmentState.HEARD,
        AmendmentState.LOST,
    },
}


def covers(element: str, read: Iterable[str]) -> bool:
    """Whether an element that was read (table.column) includes the contested part."""
    table = element.removesuffix("*")
    return element in read if table == element else any(each.startswith(table) for each in read)


def amendments(events: Iterable[RightsRecord]) -> list[Amendment]:
    """Every request, in the order in which they were recorded."""
    return [_one(code, of_one) for code, of_one in by_code(events).items()]


def _one(code: str, of_one: list[RightsRecord]) -> Amendment:
    steps = {event.step: event for event in of_one}  # for a rescheduled hearing, the last date
    first = steps["received"]
    last = [event for event in of_one if event.step in STATES][-1]
    state = STATES[last.step]

    def word(step: str, name: str) -> str:
        return steps[step].word(name) if step in steps else ""

    return Amendment(
        code=code,
        partner=first.partner,
        record=first.record or 0,
        holder=first.holder,
        relation=first.facts["relation"],
        received=first.day,
        element=first.facts["element"],
        state=state,
        since=last.day,
        due=_due(state, last),
        which=first.word("which"),
        why=first.word("why"),
        identified=first.word("identified"),
        reason=word("refused", "reason"),
        hearing=_hearing(steps.get("hearing_set")),
        officer=word("hearing_set", "officer"),
        summary=word("granted", "summary") or word("lost", "summary"),
        reasons=word("granted", "reasons") or word("lost", "reasons"),
        statement=word("statement", "statement"),
        stated=steps["statement"].day if "statement" in steps else None,
        corrected=steps["corrected"].day if "corrected" in steps else None,
        recipients=_recipients(of_one),
    )


def _due(state: AmendmentState, last: RightsRecord) -> date | None:
    if state is AmendmentState.HEARING_SET:
        return last.day_of("date")
    days = WITHIN.get(state)
    return None if days is None else last.day + timedelta(days=days)


def _hearing(event: RightsRecord | None) -> str:
    return f"{event.facts['date']} at {event.facts['time']}, {event.word('place')}" if event else ""


def _recipients(of_one: list[RightsRecord]) -> tuple[Recipient, ...]:
    confirmed = {event.other: event.day for event in of_one if event.step == "confirmed"}
    return tuple(
        Recipient(event.other, event.day + timedelta(days=CORRECT_WITHIN), confirmed.get(event.other))
        for event in of_one
        if event.step == "tell"
    )
