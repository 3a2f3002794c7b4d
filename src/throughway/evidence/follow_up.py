"""What follows a finding: the program's reply, a decision of a meeting with an owner and a day, and the finding that measures again."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

REPLY_DAYS = 14  # the program sees its finding first, and is asked for a reply within so many days


class ProgressKind(StrEnum):
    DONE = "done"
    NOT_DONE = "not_done"
    MEASURED = "measured"


class FollowUpStage(StrEnum):
    """What a decision waits for."""

    CARRY_OUT = "carry out"
    MEASURE = "measure again"
    CLOSED = "closed"


@dataclass(frozen=True)
class DecisionUpdate:
    """What came of a decision. `release`: the later finding that measured again."""

    what: ProgressKind
    words: str
    on: date
    by: str
    release: str = ""


@dataclass(frozen=True)
class DecidedAction:
    """What a meeting decided because of a finding. `body` and `meeting` name the meeting, if it was one of a body of the community."""

    number: int
    release: str
    study: str
    title: str
    body: str
    met_on: date
    text: str
    owner: str
    owner_partner: str
    due: date
    measure_again_on: date
    by: str
    progress: tuple[DecisionUpdate, ...] = ()

    @property
    def stage(self) -> FollowUpStage:
        """A decision that was not carried out is closed with its reason: a meeting decides anew."""
        kinds = {each.what for each in self.progress}
        if kinds & {ProgressKind.MEASURED, ProgressKind.NOT_DONE}:
            return FollowUpStage.CLOSED
        return FollowUpStage.MEASURE if ProgressKind.DONE in kinds else FollowUpStage.CARRY_OUT

    @property
    def next_day(self) -> date | None:
        """The day by which its next step is due; None where nothing is."""
        days = {FollowUpStage.CARRY_OUT: self.due, FollowUpStage.MEASURE: self.measure_again_on}
        return days.get(self.stage)

    def is_late(self, on: date) -> bool:
        return self.next_day is not None and self.next_day < on


@dataclass(frozen=True)
class Reply:
    """The program's own words about a finding."""

    text: str
    on: date
    by: str
    partner: str


def reply_until(registered: date) -> date:
    """The last day of the program's reply."""
    return registered + timedelta(days=REPLY_DAYS)
