"""Why a reader sees no student: the first condition that fails, in one sentence, and what to do."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.enums import Basis, Reach
from throughway.agreements.labels import course_words
from throughway.core.prose import day, listed
from throughway.gate.available_purposes import OpenPurpose


@dataclass(frozen=True)
class Closed:
    """Why nothing can be shown, and what to do; `agreement`: the one that decides, if any; `course`: the course to take first, if any."""

    kind: str
    title: str
    what_to_do: str
    agreement: str = ""
    course: str = ""


@dataclass(frozen=True)
class Suspension:
    """Who suspended an agreement, when and why."""

    partner: str
    since: date
    why: str


Suspensions = Callable[[str], Sequence[Suspension]]  # an agreement's suspensions in force, by its id


def usable(openings: Sequence[OpenPurpose], courses: Collection[str]) -> list[OpenPurpose]:
    """Purposes in effect for which the reader has completed the courses."""
    return [o for o in openings if not o.why and set(o.training) <= set(courses)]


def closed(
    openings: Sequence[OpenPurpose],
    courses: Collection[str],
    *,
    caseload: int,
    sites: int,
    names: Callable[[], Mapping[str, str]],
    suspensions: Suspensions,
    today: date,
) -> Closed | None:
    """The first condition that fails for every purpose; None while one may be open. `openings`: including ended ones; `names` returns
    partners' names by id, called only when needed."""
    if not openings:
        return Closed(
            "none", "No agreement gives you students' records yet.",
            "An agreement says who may read records, in which role and for what purpose. Ask your privacy officer to draft one.",
        )  # fmt: skip
    standing = [o for o in openings if not o.why]
    if not standing:
        held = suspended(openings, names, suspensions)
        return held or _ended(max(openings, key=lambda o: o.expires), names(), today)
    if not usable(openings, courses):
        asked = sorted(set(standing[0].training) - set(courses))
        return Closed(
            "training", f"You must complete training first: {listed(map(course_words, asked))}.",
            "You can see your students as soon as you have passed.", standing[0].agreement, asked[0],
        )  # fmt: skip
    reaches = {o.reach for o in usable(openings, courses)}
    unassigned = {
        reach for reach, assigned in ((Reach.CASELOAD, caseload), (Reach.SITE, sites)) if not assigned
    }
    if reaches <= unassigned and reaches == {Reach.SITE}:
        return Closed(
            "site", "No school or program is assigned to you yet.",
            "You see the students who are at your own school or program. Ask your data steward or privacy officer to assign it to you.",
        )  # fmt: skip
    if reaches <= unassigned:
        return Closed(
            "caseload", "No student is assigned to you yet.",
            "You see the students of your own caseload. Ask your data steward or privacy officer to assign them to you.",
        )  # fmt: skip
    return None


def suspended(
    openings: Sequence[OpenPurpose], names: Callable[[], Mapping[str, str]], suspensions: Suspensions
) -> Closed | None:
    """Says that an agreement which shows students is suspended, by whom, since when and why; None where none is."""
    closing = next((o.suspended for o in openings if o.suspended), "")
    if not closing:
        return None
    found, by_id = suspensions(closing), names()
    who = listed(f"{by_id.get(s.partner, s.partner)} on {day(s.since)}" for s in found)
    lifting = listed(by_id.get(s.partner, s.partner) for s in found)
    reasons = " ".join(f"“{s.why}”" for s in found if s.why) or "No reason was given."
    return Closed(
        "suspended", f"Suspended by {who}.",
        f"{reasons} Nobody can read under this agreement until {lifting} lifts the suspension. "
        "Until then, work with what families tell you, and ask your privacy officer what must happen first.",
        closing,
    )  # fmt: skip


def nobody(openings: Sequence[OpenPurpose], *, caseload: int, refused: int) -> Closed:
    """All conditions hold, but no student is shown."""
    if any(o.basis == Basis.CONSENT for o in openings):
        who = f"the {caseload} families on your caseload" if caseload != 1 else "the family of your student"
        have = f" Families who said no: {refused}." if refused else ""
        return Closed(
            "consent", f"You may open a student’s page when the family agrees, and {who} have not agreed.{have}"
            if caseload != 1 else f"You may open a student’s page when the family agrees, and {who} has not agreed.{have}",
            "Ask the family, and have the answer recorded. You see the student here from that day on.",
            openings[0].agreement,
        )  # fmt: skip
    return Closed(
        "nobody", "No records of your students have come in.",
        "You see them here as soon as a partner in the agreement sends them.", openings[0].agreement if openings else "",
    )  # fmt: skip


def _ended(opening: OpenPurpose, names: Mapping[str, str], today: date) -> Closed:
    givers = listed(names.get(d, d) for d in opening.disclosers)
    if opening.expires < today:
        return Closed(
            "ended", f"The agreement with {givers} ended on {day(opening.expires)}.",
            "Ask your privacy officer to renew it.", opening.agreement,
        )  # fmt: skip
    return Closed(
        "waits", f"The agreement with {givers} is not in effect today.",
        "Ask your privacy officer what must happen first.", opening.agreement,
    )  # fmt: skip
