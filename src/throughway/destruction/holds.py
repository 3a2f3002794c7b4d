"""Legal holds: what a subpoena, a public-records request or a court keeps from being destroyed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class HoldEntry:
    """One word about a hold. `adds`: it holds from then on; else it is lifted."""

    code: str
    adds: bool
    kind: str
    subject: str
    notice: str
    why: str
    by: str
    partner: str
    day: date


@dataclass(frozen=True)
class Hold:
    """`notice`: the reference of the notice; `lifted`: since when it holds no more, and why."""

    code: str
    kind: str
    subject: str
    notice: str
    why: str
    by: str
    partner: str
    since: date
    lifted: date | None = None
    lifted_why: str = ""
    lifted_by: str = ""


def current_holds(said: Iterable[HoldEntry]) -> list[Hold]:
    """Every hold, in the order in which they were recorded."""
    found: dict[str, Hold] = {}
    for each in said:
        if each.adds:
            found[each.code] = Hold(
                each.code, each.kind, each.subject, each.notice, each.why, each.by, each.partner, each.day
            )
        elif each.code in found:
            hold = found[each.code]
            found[each.code] = Hold(
                hold.code, hold.kind, hold.subject, hold.notice, hold.why, hold.by, hold.partner, hold.since,
                each.day, each.why, each.by,
            )  # fmt: skip
    return list(found.values())
