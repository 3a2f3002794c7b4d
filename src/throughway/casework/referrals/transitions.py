"""The life of a referral as data: its states, each with who must act and by when, and every move with who may make it and what it asks.

Pure. `docs/screens/referrals.md` prints both tables for readers, and a test compares them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from throughway.core.prose import day
from throughway.core.refusals import Refused


class ReferralSide(StrEnum):
    """The two partners of a referral. A receiver whose clients the law protects has moves of its own."""

    SENDER = "sender"
    RECEIVER = "receiver"
    PROTECTED_RECEIVER = "protected_receiver"


class ReferralState(StrEnum):
    """The codes of `referral_event.referral_state`."""

    ASKED = "asked"
    CHECKED = "checked"
    SENT = "sent"
    ASKED_BACK = "asked_back"
    ACCEPTED = "accepted"
    TRIED_ONCE = "tried_once"
    TRIED_TWICE = "tried_twice"
    NOT_REACHED = "not_reached"
    WAITLISTED = "waitlisted"
    FULL = "full"
    DECLINED = "declined"
    FAMILY_NO = "family_no"
    NOT_STARTED = "not_started"
    STARTED = "started"
    ENDED = "ended"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class ReferralMove(StrEnum):
    """The codes of `referral_event.event_kind`."""

    ASK = "ask"
    CHECK = "check"
    SEND = "send"
    ACCEPT = "accept"
    ASK_BACK = "ask_back"
    ANSWER = "answer"
    DECLINE = "decline"
    WAITLIST = "waitlist"
    FULL = "full"
    TRY = "try"
    FAMILY_NO = "family_no"
    START = "start"
    NOT_START = "not_start"
    GO_ON = "go_on"
    END = "end"
    CONNECTED = "connected"
    NOT_CONNECTED = "not_connected"
    CANNOT_SAY = "cannot_say"
    CLOSE = "close"
    WITHDRAW = "withdraw"


class MoveQuestion(StrEnum):
    """What a move asks of the person who makes it."""

    DETAILS = "details"  # what is shared with the receiver
    WORDS = "words"
    REASON = "reason"
    OUTCOME = "outcome"
    ON = "on"  # the day on which it happened
    UNTIL = "until"
    AUTHORIZATION = "authorization"  # the day on which the client signed


@dataclass(frozen=True)
class StateRule:
    """`owner`: who must act next, and `days`: within how many days; both None for a state that ends a referral. WAITLISTED is due on the
    day that the receiver names. `holds_seat`: the student has a seat of the support."""

    words: str
    owner: ReferralSide | None
    days: int | None
    holds_seat: bool = False

    @property
    def is_final(self) -> bool:
        return self.owner is None


@dataclass(frozen=True)
class Transition:
    move: ReferralMove
    start: ReferralState | None  # None: there is no referral yet
    by: ReferralSide
    end: ReferralState
    asks: frozenset[MoveQuestion]


S, M, Q = ReferralState, ReferralMove, MoveQuestion
SENDER, RECEIVER, PROTECTED = (
    ReferralSide.SENDER,
    ReferralSide.RECEIVER,
    ReferralSide.PROTECTED_RECEIVER,
)

STATES: Mapping[ReferralState, StateRule] = {
    S.ASKED: StateRule("Asked for by the family, not yet sent", SENDER, 7),
    S.CHECKED: StateRule("Checked, not yet sent", SENDER, 3),
    S.SENT: StateRule("Sent, waits for an answer", RECEIVER, 7),
    S.ASKED_BACK: StateRule("The program asks back", SENDER, 3),
    S.ACCEPTED: StateRule("Accepted; the program calls the family", RECEIVER, 7, True),
    S.TRIED_ONCE: StateRule("Accepted; the family was called once in vain", RECEIVER, 5, True),
    S.TRIED_TWICE: StateRule("Accepted; the family was called twice in vain", RECEIVER, 5, True),
    S.NOT_REACHED: StateRule("Three tries did not reach the family", SENDER, 7, True),
    S.WAITLISTED: StateRule("On the waiting list", RECEIVER, None),
    S.FULL: StateRule("The program is full", SENDER, 7),
    S.DECLINED: StateRule("Declined by the program", SENDER, 7),
    S.FAMILY_NO: StateRule("The family said no", SENDER, 7),
    S.NOT_STARTED: StateRule("The student did not start", SENDER, 7),
    S.STARTED: StateRule("The student started", RECEIVER, 90, True),
    S.ENDED: StateRule("Ended, with an outcome", SENDER, 14),
    S.ANSWERED: StateRule("Answered by a protected service", SENDER, 7),
    S.CLOSED: StateRule("Closed", None, None),
    S.WITHDRAWN: StateRule("Withdrawn by the sender", None, None),
}


def _rows(
    move: ReferralMove, starts: Sequence[ReferralState | None], by: ReferralSide, end: ReferralState, *asks: MoveQuestion
) -> list[Transition]:  # fmt: skip
    return [Transition(move, start, by, end, frozenset(asks)) for start in starts]


CALLS = (S.ACCEPTED, S.TRIED_ONCE, S.TRIED_TWICE)
TRANSITIONS: tuple[Transition, ...] = (
    *_rows(M.ASK, [None, S.ASKED, S.CHECKED], SENDER, S.ASKED, Q.DETAILS),
    *_rows(M.CHECK, [S.ASKED], SENDER, S.CHECKED),
    *_rows(M.SEND, [S.CHECKED], SENDER, S.SENT),
    *_rows(M.ACCEPT, [S.SENT, S.WAITLISTED, S.FULL], RECEIVER, S.ACCEPTED),
    *_rows(M.ASK_BACK, [S.SENT], RECEIVER, S.ASKED_BACK, Q.WORDS),
    *_rows(M.ANSWER, [S.ASKED_BACK], SENDER, S.SENT, Q.WORDS),
    *_rows(M.ANSWER, [S.NOT_REACHED], SENDER, S.ACCEPTED, Q.WORDS),
    *_rows(M.DECLINE, [S.SENT, S.WAITLISTED, S.FULL], RECEIVER, S.DECLINED, Q.REASON),
    *_rows(M.WAITLIST, [S.SENT, S.WAITLISTED, S.FULL], RECEIVER, S.WAITLISTED, Q.UNTIL),
    *_rows(M.FULL, [S.SENT, S.WAITLISTED], RECEIVER, S.FULL),
    *_rows(M.TRY, [S.ACCEPTED], RECEIVER, S.TRIED_ONCE, Q.ON),
    *_rows(M.TRY, [S.TRIED_ONCE], RECEIVER, S.TRIED_TWICE, Q.ON),
    *_rows(M.TRY, [S.TRIED_TWICE], RECEIVER, S.NOT_REACHED, Q.ON),
    *_rows(M.FAMILY_NO, [*CALLS, S.NOT_REACHED], RECEIVER, S.FAMILY_NO),
    *_rows(M.START, [*CALLS, S.NOT_REACHED], RECEIVER, S.STARTED, Q.ON),
    *_rows(M.NOT_START, [*CALLS, S.NOT_REACHED], RECEIVER, S.NOT_STARTED),
    *_rows(M.GO_ON, [S.STARTED], RECEIVER, S.STARTED),
    *_rows(M.END, [S.STARTED], RECEIVER, S.ENDED, Q.OUTCOME, Q.ON),
    *_rows(M.CONNECTED, [S.SENT], PROTECTED, S.ANSWERED, Q.AUTHORIZATION),
    *_rows(M.NOT_CONNECTED, [S.SENT], PROTECTED, S.ANSWERED, Q.AUTHORIZATION),
    *_rows(M.CANNOT_SAY, [S.SENT], PROTECTED, S.ANSWERED),
    *_rows(M.CLOSE, [S.DECLINED, S.FAMILY_NO, S.NOT_STARTED, S.ENDED, S.ANSWERED], SENDER, S.CLOSED),
    *_rows(M.WITHDRAW, [S.ASKED, S.CHECKED, S.SENT, S.ASKED_BACK, *CALLS, S.NOT_REACHED, S.WAITLISTED, S.FULL, S.STARTED], SENDER, S.WITHDRAWN),
)  # fmt: skip
_BY_START = {(each.start, each.move, each.by): each for each in TRANSITIONS}

MOVE_WORDS: Mapping[ReferralMove, str] = {
    M.ASK: "The family asked for it",
    M.CHECK: "Checked what is shared",
    M.SEND: "Sent",
    M.ACCEPT: "Accepted",
    M.ASK_BACK: "Asked back",
    M.ANSWER: "Answered the question",
    M.DECLINE: "Declined",
    M.WAITLIST: "Put on the waiting list",
    M.FULL: "Said that it is full",
    M.TRY: "Tried to reach the family",
    M.FAMILY_NO: "The family said no",
    M.START: "Started",
    M.NOT_START: "Did not start",
    M.GO_ON: "Still takes part",
    M.END: "Ended",
    M.CONNECTED: "Connected",
    M.NOT_CONNECTED: "Not connected",
    M.CANNOT_SAY: "Cannot say",
    M.CLOSE: "Closed",
    M.WITHDRAW: "Withdrawn by the sender",
}
REASONS: Mapping[str, str] = {
    "not_eligible": "The student is not one of those whom it serves",
    "hours": "The hours do not fit",
    "language": "Nobody there speaks the language",
    "way_there": "There is no way there or home",
    "not_offered": "It is not offered now",
    "other_reason": "Another reason, in words",
}
OUTCOMES: Mapping[str, str] = {
    "completed": "Completed the program",
    "goal_met": "Reached the goal",
    "stopped_coming": "Stopped coming",
    "moved": "Moved away",
    "other_support": "Went on to another support",
    "other_outcome": "Another outcome, in words",
}
IN_WORDS = frozenset({"other_reason", "other_outcome"})
MOST_DAYS = 400  # until which a waiting list may run
LONGEST = 1_000  # characters of words
FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True)
class MoveAnswer:
    """What the person says with a move. `on`: the day on which it happened, or on which the client signed; `until`: of a waiting list."""

    words: str = ""
    reason: str = ""
    on: date | None = None
    until: date | None = None


def transition(start: ReferralState | None, move: ReferralMove, by: ReferralSide) -> Transition | None:
    return _BY_START.get((start, move, by))


def moves_from(start: ReferralState, by: ReferralSide) -> list[Transition]:
    """What this side may do now, in the order of the table."""
    return [each for each in TRANSITIONS if each.start is start and each.by is by]


def checked_transition(
    start: ReferralState | None, move: ReferralMove, by: ReferralSide, said: MoveAnswer, *, today: date, tried: date | None = None
) -> Transition:  # fmt: skip
    """The transition; Refused (not_now, usage) where the referral does not stand so that this side may make the move, or the answer lacks
    what the move asks. `tried`: the day of the last try."""
    found = transition(start, move, by)
    if found is None:
        stands = STATES[start].words if start else "Not begun"
        raise Refused(
            f"This is not possible now: the referral stands at “{stands}”. Open it again to see what happened.",
            code="not_now",
        )
    for question in MoveQuestion:
        if question in found.asks and (
            wrong := _wrong(question, said, today, tried if move is M.TRY else None)
        ):
            raise Refused(wrong, code="usage")
    if said.reason in IN_WORDS and not said.words.strip():
        raise Refused("Say in words which one it is.", code="usage")
    if len(said.words) > LONGEST:
        raise Refused(f"Write at most {LONGEST:,} characters.", code="usage")
    return found


def due_day(state: ReferralState, said: MoveAnswer, today: date) -> date | None:
    """By when the owner of the state must act; None for a final state."""
    if state is S.WAITLISTED:
        return said.until
    days = STATES[state].days
    return None if days is None else today + timedelta(days=days)


def _wrong(question: MoveQuestion, said: MoveAnswer, today: date, tried: date | None) -> str:
    """What the answer lacks; empty where it is right."""
    if question is Q.WORDS and not said.words.strip():
        return "Write it in words first."
    if question is Q.REASON and said.reason not in REASONS:
        return "Choose the reason, so that the sender knows what to do next."
    if question is Q.OUTCOME and said.reason not in OUTCOMES:
        return "Choose how it ended."
    if question is Q.ON and (said.on is None or not FIRST_DAY <= said.on <= today):
        return "Give the day on which it happened, today or earlier."
    if question is Q.ON and tried is not None and said.on is not None and said.on <= tried:
        return f"The last try was on {day(tried)}; each try is on a later day."
    if question is Q.UNTIL and (said.until is None or not today < said.until <= today + timedelta(MOST_DAYS)):
        return "Give the day until which the student waits: after today, within 400 days."
    if question is Q.AUTHORIZATION and (said.on is None or not FIRST_DAY <= said.on <= today):
        return "Give the day on which the client signed the authorization to tell this. Without one, answer: cannot say."
    return ""
