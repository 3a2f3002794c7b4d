"""The one thing to do next for a student: the first of these that holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.casework.facts import Referral
from throughway.casework.story import CLUSTER
from throughway.casework.weeks import Year
from throughway.prose import day

LAPSES = 45  # days before a consent ends on which the family is asked again
UNANSWERED = 14  # days
RECENT = 45  # days since the last mark: what is older is no news


@dataclass(frozen=True)
class Next:
    """`href` is a place on the student's page; `kind` says what it is about."""

    kind: str
    title: str
    why: str
    button: str
    href: str


def next_step(
    year: Year, referrals: Sequence[Referral], consent_until: date | None, today: date, name: str
) -> Next | None:
    waiting = [r for r in referrals if r.waits and (today - r.sent).days >= UNANSWERED]
    if consent_until is not None and today <= consent_until <= today + timedelta(days=LAPSES):
        return Next(
            "consent", "Ask the family again",
            f"What the family allows ends on {day(consent_until)}. Without a new yes this page closes that day.",
            "See what it allows", "#access",
        )  # fmt: skip
    if waiting:
        oldest = min(waiting, key=lambda r: r.sent)
        return Next(
            "referral", f"Ask {oldest.to} for an answer",
            f"The referral was sent on {day(oldest.sent)}, and nothing has come back.", "See the referral", "#story",
        )  # fmt: skip
    recent = year.last_known is not None and (today - year.last_known).days <= RECENT
    if year.lately >= CLUSTER and recent:
        return Next(
            "attendance", f"Talk with {name}",
            f"Missed {year.lately} days in the four weeks to {day(year.last_known or today)}. A reason to talk, not a verdict.",
            "See the days", "#attendance",
        )  # fmt: skip
    return None
