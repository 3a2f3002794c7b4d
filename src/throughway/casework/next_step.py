"""The one thing to do next for a student: the first of these that holds. The list and the student's page take it from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.casework.attendance import AttendanceStatus
from throughway.casework.consent_banner import Consents
from throughway.casework.facts import Referral
from throughway.core.prose import counted, day

LAPSES = timedelta(days=45)  # before a consent ends, the family is asked again
UNANSWERED = timedelta(days=14)


@dataclass(frozen=True)
class NextStep:
    """`href` is a place on the student's page; `kind` says what it is about."""

    kind: str
    title: str
    why: str
    button: str
    href: str


def lapses(consents: Consents, today: date) -> bool:
    """Whether what the family allows ends soon."""
    return consents.until is not None and today <= consents.until <= today + LAPSES


def next_step(
    attendance: AttendanceStatus, referrals: Sequence[Referral], consents: Consents, today: date, name: str
) -> NextStep | None:
    if consents.until is not None and lapses(consents, today):
        until = day(consents.until)
        return NextStep(
            "consent", f"Ask the family again before {until}",
            f"What the family allows ends on {until}. Without a new yes this page closes that day.",
            "See what it allows", "#access",
        )  # fmt: skip
    waiting = [r for r in referrals if r.waits and today - r.sent >= UNANSWERED]
    if waiting:
        oldest = min(waiting, key=lambda r: r.sent)
        return NextStep(
            "referral", f"Ask {oldest.to} for an answer",
            f"The referral was sent on {day(oldest.sent)}, and nothing has come back.", "See the referral", "#story",
        )  # fmt: skip
    if attendance.talk and attendance.through is not None:
        return NextStep(
            "attendance", f"Talk with {name}",
            f"Missed {counted(attendance.lately, 'day')} in the four weeks to {day(attendance.through)}. "
            "A reason to talk, not a verdict.",
            "See the days", "#attendance",
        )  # fmt: skip
    if consents.to_ask:
        answer = "what it allowed has ended" if consents.ended else "nobody has recorded an answer"
        return NextStep(
            "ask", "Ask the family about the school’s records",
            f"Some records show only when the family agrees, and {answer}.", "See what shows", "#access",
        )  # fmt: skip
    return None
