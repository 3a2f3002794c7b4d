"""What a measure is, and what it finds: who reached a milestone, who did not, and who cannot be seen, and why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import Ctes, VisibleData


class MilestoneOutcome(StrEnum):
    REACHED = "reached"
    LOST = "lost"
    NOT_SEEN = "not seen"


class Cause(StrEnum):
    """Why a student cannot be seen at a milestone."""

    NO_AGREEMENT = "no agreement"  # the partner's agreements do not show what the measure needs
    NO_CONSENT = "no consent"  # the student's family did not allow it
    NO_MATCH = "no match"  # no record at the other partner, or at the clearinghouse
    ENDS_EARLY = "records end early"  # the search, or the records, are from before the time was over
    NO_RECORD = "cannot be computed"  # the partner's own records do not say
    NOT_DECIDED = "not decided"  # nobody has said which levels of the test reach its standard
    NOT_FILLED = "not mapped"  # a column that it needs is empty in every record that came in
    NO_LINK = "nobody linked"  # the records that it needs are linked to nobody in the class
    NOT_YET_DUE = "not yet due"


class MilestoneArrival(StrEnum):
    """How one who is counted came to a milestone to which students are followed."""

    BEFORE = "before"  # had reached the milestone before, and is of the class that is due
    BESIDES = "besides"  # is of the class, and had not
    LATE = "late"  # had reached the milestone before, and is not of the class: is lost, or seen no more


Source = tuple[str, ...]  # a table, and the columns of it that a measure cannot do without


@dataclass(frozen=True)
class Measure:
    """A milestone and how it is measured.

    `find_class(visible, policy, on)` gives the query that lists the classes there are, as (class, students), or None where the
    tables it needs are not shown. `due(class, policy)` is the day from which a class can be judged. `judge(visible, policy,
    class, on)` gives CTEs of which the last, `result`, has a row for each student of the class: person_id,
    organization_id, partner, outcome, cause.
    """

    id: str
    name: str  # what those who reach it do: "Graduate from high school"
    short: str  # one or two words, for a chart
    lost: str  # where those who do not are lost: "before graduation"
    definition: Callable[
        [MeasurePolicy], str
    ]  # numerator and denominator in a few sentences, as the policy has them
    group: str  # who the class is: "ninth graders"
    causes: tuple[Cause, ...]
    find_class: Callable[[VisibleData, MeasurePolicy, date], str | None]
    due: Callable[[int, MeasurePolicy], date]
    judge: Callable[[VisibleData, MeasurePolicy, int, date], Ctes]
    window: Callable[[MeasurePolicy], str]  # by when it must be reached
    starts_in: int = 0  # the class starts so many school years after the one that names it
    optional: bool = False  # left out of the pipeline where no partner has such records
    may_wait: bool = False  # a class that is not due yet is shown as such
    sign: bool = False  # an early sign, shown beside the steps and none of them
    spring: bool = (
        False  # the pipeline starts here: who does not reach it is not lost yet, and may join later
    )
    moves: int = 1  # changes of school are counted over so many school years, up to that of the class
    level: int | None = None  # its grade, kindergarten 0: between such milestones students are followed
    needs: tuple[tuple[Source, ...], ...] = ()  # each met by any one of its sources
    joined: Callable[[VisibleData, MeasurePolicy, int, date], Ctes] | None = (
        None  # as `judge`: who came by another way
    )
    # The query for what keeps a class from being judged until somebody decides what it means, and that in a sentence.
    undecided: Callable[[VisibleData, MeasurePolicy, int], str] | None = None
    why_not: Callable[[Sequence[Mapping[str, object]], int], str] | None = None


@dataclass(frozen=True)
class OutcomeCount:
    """So many students with one outcome, in one combination of groups. True figures: never shown."""

    outcome: MilestoneOutcome
    cause: Cause | None
    groups: Mapping[str, str]
    students: int
    came: MilestoneArrival | None = None


@dataclass(frozen=True)
class MeasuredClass:
    """One class at one milestone. True figures: never shown, stored or rendered."""

    measure: Measure
    class_year: int | None  # the ending year of its school year; None where there is no class
    on: date
    counts: tuple[OutcomeCount, ...] = ()
    why_unseen: Cause | None = None  # where there is no class, or nobody of it is seen: why
    cure: str = ""  # then what is wrong and what to do, in a sentence, where more can be said than the cause

    def students(self, outcome: MilestoneOutcome | None = None) -> int:
        return sum(c.students for c in self.counts if outcome in (None, c.outcome))

    def unseen(self, cause: Cause) -> int:
        return sum(c.students for c in self.counts if c.cause is cause)

    @property
    def waits(self) -> bool:
        """The class is there, but not due yet."""
        return bool(self.counts) and all(c.cause is Cause.NOT_YET_DUE for c in self.counts)

    @property
    def numerator(self) -> int:
        return self.students(MilestoneOutcome.REACHED)

    @property
    def denominator(self) -> int:
        """Those who were seen."""
        return self.numerator + self.students(MilestoneOutcome.LOST)

    def renamed(self, kind: str, names: Mapping[str, str]) -> "MeasuredClass":
        """The same figures, with the groups of one kind by other names."""
        counts = tuple(
            replace(c, groups={**c.groups, kind: names.get(c.groups[kind], c.groups[kind])})
            if kind in c.groups
            else c
            for c in self.counts
        )
        return replace(self, counts=counts)


@dataclass(frozen=True)
class MilestoneStep:
    """One step, up to a milestone: who started, and what became of them. True figures: never shown.

    `after`: the milestone that all who started had reached, in the class of `since`; None where they are the milestone's
    own class. `joined` None: nobody can come by another way, or none that the records tell.
    """

    measured: MeasuredClass
    after: Measure | None = None
    since: int | None = None
    joined: int | None = None

    @property
    def measure(self) -> Measure:
        return self.measured.measure
