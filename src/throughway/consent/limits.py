"""What a court order, a statute or a binding document takes from an adult who would else hold rights (34 CFR 99.4).

Either parent has every right, until a limit that is recorded with its reference says otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from throughway.consent.happened import Happened, by_code

CITATION = "34 CFR 99.4"


class LimitKind(StrEnum):
    RIGHTS = "rights"  # no right over the student's records: neither consents nor refuses, neither inspects nor amends
    CONTACT = "contact"  # is not to learn where the student lives or can be met


# What is left out for one who is not to learn where the student is.
WHEREABOUTS = frozenset(
    {"person_contact", "guardian", "school_enrollment", "program_participation", "service_received"}
)


@dataclass(frozen=True)
class Limit:
    """`holder`: the adult's number among those of the record; `reference`: the order or document, as its court numbered it;
    `lifted`: from which day on it no longer holds."""

    code: str
    partner: str
    record: int
    holder: int
    kind: LimitKind
    reference: str
    since: date
    lifted: date | None = None
    lifted_why: str = ""

    def on(self, day: date) -> bool:
        return self.since <= day and (self.lifted is None or day < self.lifted)


def limits(events: Iterable[Happened]) -> list[Limit]:
    """Every limit, in the order in which they were recorded."""
    found = []
    for code, of_one in by_code(events).items():
        first = next(e for e in of_one if e.step == "add")
        lift = next((e for e in of_one if e.step == "lift"), None)
        found.append(
            Limit(
                code, first.partner, first.record or 0, first.holder, LimitKind(first.facts["kind"]), first.word("reference"),
                first.day, lift.day if lift else None, lift.word("why") if lift else "",
            )
        )  # fmt: skip
    return found


def stands(found: Iterable[Limit], holder: int, on: date, kind: LimitKind = LimitKind.RIGHTS) -> Limit | None:
    """The limit of that kind on this adult, of those of one record, that holds on the day."""
    return next((each for each in found if each.holder == holder and each.kind is kind and each.on(on)), None)
