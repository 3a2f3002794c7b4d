"""A request to inspect and review a student's records (34 CFR 99.10, 99.11; 34 CFR 300.613), from the asking to the answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from throughway.consent.rights_events import RightsRecord, by_code

DAYS = 45  # at most, from the day on which the request was received; a State or the community may ask for less (`rule_pack.InspectionTerm`)
BEFORE_MEETING = "34 CFR 300.613(a)"


class InspectionOutcome(StrEnum):
    """How a request ended."""

    INSPECTION = "inspection"  # they looked at it
    COPY = "copy"  # circumstances kept them from looking (99.10(d))
    ARRANGEMENT = "arrangement"  # another arrangement for inspecting the record
    WITHDRAWN = "withdrawn"  # they no longer ask
    NO_RIGHT = "no_right"  # who asked holds no right over the record; nothing was shown


# How a request ends of which nothing is shown.
NOTHING_SHOWN = frozenset({InspectionOutcome.WITHDRAWN, InspectionOutcome.NO_RIGHT})


@dataclass(frozen=True)
class Inspection:
    """`holder` and `relation`: the requester; `identified`: how their identity was verified; `meeting`: the answer must come
    before it; `counts`: rows by table of what was gathered, under the ledger's entry `disclosure`; `copy_fee`: for copies
    alone, in dollars. The words are empty once the student's records are destroyed."""

    code: str
    partner: str
    record: int
    holder: int
    relation: str
    received: date
    due: date
    meeting: date | None = None
    identified: str = ""
    asked: str = ""
    gathered: date | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    disclosure: str = ""
    answered: date | None = None
    how: InspectionOutcome | None = None
    copy_fee: str = ""
    note: str = ""

    @property
    def open(self) -> bool:
        """Whether the request is open; destruction of the student's records waits until it is answered (34 CFR 99.10(e))."""
        return self.answered is None

    @property
    def state(self) -> str:
        if not self.open:
            return STATES.get(self.how, "answered") if self.how else "answered"
        return "gathered" if self.gathered else "received"

    def late(self, on: date) -> bool:
        return (self.answered or on) > self.due


STATES = {InspectionOutcome.WITHDRAWN: "withdrawn", InspectionOutcome.NO_RIGHT: "refused: no right"}


def due_day(received: date, meeting: date | None, by_rules: Iterable[date] = ()) -> date:
    """Within 45 days, or by the earliest day of the State's and the community's rules; where a meeting about the student's special
    education is set, on the day before it."""
    last = min([received + timedelta(days=DAYS), *by_rules])
    return last if meeting is None else min(last, max(received, meeting - timedelta(days=1)))


def inspections(events: Iterable[RightsRecord]) -> list[Inspection]:
    """Every request, in the order in which they were recorded."""
    return [_one(code, of_one) for code, of_one in by_code(events).items()]


def _one(code: str, of_one: list[RightsRecord]) -> Inspection:
    steps = {event.step: event for event in of_one}
    first, gathered, answered = steps["received"], steps.get("gathered"), steps.get("answered")
    meeting = first.day_of("meeting")
    return Inspection(
        code=code,
        partner=first.partner,
        record=first.record or 0,
        holder=first.holder,
        relation=first.facts["relation"],
        received=first.day,
        due=due_day(first.day, meeting, filter(None, [first.day_of("by_rule")])),
        meeting=meeting,
        identified=first.word("identified"),
        asked=first.word("asked"),
        gathered=gathered.day if gathered else None,
        counts=gathered.facts["counts"] if gathered else {},
        left_out=tuple(gathered.facts["left_out"]) if gathered else (),
        disclosure=gathered.facts["disclosure"] if gathered else "",
        answered=answered.day if answered else None,
        how=InspectionOutcome(answered.facts["how"]) if answered else None,
        copy_fee=answered.facts.get("copy_fee", "") if answered else "",
        note=answered.word("note") if answered else "",
    )
