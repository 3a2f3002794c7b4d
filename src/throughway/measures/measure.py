"""What a measure is, and what it finds: who reached a milestone, who did not, and who cannot be seen, and why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import Ctes, VisibleData
from throughway.store.record_numbers import NOBODY, Numbers


class MilestoneOutcome(StrEnum):
    REACHED = "reached"
    LOST = "lost"
    NOT_SEEN = "not seen"


class Cause(StrEnum):
    """Why a student cannot be seen at a milestone."""

    NO_AGREEMENT = "no agreement"  # the partner's agreements do not show what the measure needs
    NO_CONSENT = "no consent"  # the student's family did not allow it
    NO_MATCH = "no match"  # no record at the other partner, or at the clearinghouse
    ENDS_EARLY = "records end early"  # the search, or the records, end before the deadline
    NO_RECORD = "cannot be computed"  # the partner's own records do not have the information
    NOT_DECIDED = "not decided"  # no line of the table says which levels of the test meet the standard
    NOT_FILLED = "not mapped"  # a required column is empty in every record loaded
    NO_LINK = "nobody linked"  # the required records are linked to no student of the class
    NOT_YET_DUE = "not yet due"


class MilestoneArrival(StrEnum):
    """How a counted student came to a milestone to which students are followed."""

    BEFORE = "before"  # had reached the previous milestone, and is in the class that is due
    BESIDES = "besides"  # is in the class, and had not reached it
    LATE = "late"  # had reached it, and is not in the class: lost, or no longer seen


Source = tuple[str, ...]  # a table and its required columns


@dataclass(frozen=True)
class Measure:
    """A milestone and how it is measured.

    `find_class(visible, policy, on)` returns CTEs of which the last has the classes, as (class, students), or None where the required
    tables are not shown. `due(class, policy)` is the first day on which a class can be judged. `judge(visible, policy, class, on)` returns CTEs
    of which the last, `result`, has a row for each student of the class: person_id, organization_id, partner, outcome, cause.
    """

    id: str
    name: str  # a verb phrase: "Graduate from high school"
    short: str  # one or two words, for a chart
    lost: str  # where students are lost who do not reach it: "before graduation"
    definition: Callable[
        [MeasurePolicy], str
    ]  # numerator and denominator in a few sentences, with the policy's numbers
    group: str  # the members of the class: "ninth graders"
    causes: tuple[Cause, ...]
    find_class: Callable[[VisibleData, MeasurePolicy, date], Ctes | None]
    due: Callable[[int, MeasurePolicy], date]
    judge: Callable[[VisibleData, MeasurePolicy, int, date], Ctes]
    window: Callable[[MeasurePolicy], str]  # the deadline for reaching it
    starts_in: int = 0  # the class starts so many school years after the one that names it
    optional: bool = False  # left out of the pipeline where no partner has such records
    may_wait: bool = False  # a class that is not due yet is shown as such
    sign: bool = False  # an early sign: shown next to the steps, not one of them
    spring: bool = (
        False  # the pipeline starts here: a student who does not reach it is not lost yet, and may join later
    )
    moves: int = 1  # changes of school are counted over so many school years, up to that of the class
    linked: bool = (
        False  # other partners' records show who reached it, so a link that was missed hides a student
    )
    level: int | None = None  # its grade, kindergarten 0: between such milestones students are followed
    needs: tuple[tuple[Source, ...], ...] = ()  # each satisfied by any one of its sources
    joined: Callable[[VisibleData, MeasurePolicy, int, date], Ctes] | None = (
        None  # as `judge`: students who joined without the previous milestone
    )
    # CTEs of which the last has values that must be decided before a class can be judged, and the function that makes a sentence of them.
    undecided: Callable[[VisibleData, MeasurePolicy, int], Ctes] | None = None
    why_not: Callable[[Sequence[Mapping[str, object]], int], str] | None = None

    def named_year(self, class_year: int) -> int:
        """The ending year of the school year that names a class on every page: the one in which it begins, where that is later than its
        own. Those who entered a college in 2020 are the class of 2020-21."""
        return class_year + max(self.starts_in, 0)


@dataclass(frozen=True)
class OutcomeCount:
    """Number of students with one outcome, in one combination of groups, and their person numbers, sorted. True figures: never shown."""

    outcome: MilestoneOutcome
    cause: Cause | None
    groups: Mapping[str, str]
    students: int
    came: MilestoneArrival | None = None
    persons: Numbers = field(default_factory=lambda: NOBODY, compare=False, repr=False)


@dataclass(frozen=True)
class MeasuredClass:
    """One class at one milestone. True figures: never shown, stored or rendered."""

    measure: Measure
    class_year: int | None  # the ending year of its school year; None where there is no class
    on: date
    counts: tuple[OutcomeCount, ...] = ()
    why_unseen: Cause | None = None  # where there is no class, or nobody of it is seen: why
    # More about the problem and its solution, in a sentence, where more is known than the cause.
    cure: str = ""

    def students(self, outcome: MilestoneOutcome | None = None) -> int:
        return sum(c.students for c in self.counts if outcome in (None, c.outcome))

    def unseen(self, cause: Cause) -> int:
        return sum(c.students for c in self.counts if c.cause is cause)

    @property
    def waits(self) -> bool:
        """The class exists but is not due yet."""
        return bool(self.counts) and all(c.cause is Cause.NOT_YET_DUE for c in self.counts)

    @property
    def numerator(self) -> int:
        return self.students(MilestoneOutcome.REACHED)

    @property
    def denominator(self) -> int:
        """The students who were seen."""
        return self.numerator + self.students(MilestoneOutcome.LOST)

    def renamed(self, kind: str, names: Mapping[str, str]) -> "MeasuredClass":
        """The same figures, with other names for the groups of one kind."""
        counts = tuple(
            replace(c, groups={**c.groups, kind: names.get(c.groups[kind], c.groups[kind])})
            if kind in c.groups
            else c
            for c in self.counts
        )
        return replace(self, counts=counts)


@dataclass(frozen=True)
class MilestoneStep:
    """One step up to a milestone: who started, and the outcomes. True figures: never shown.

    `after`: the milestone that everyone who started had reached, in the class of `since`; None where they are the milestone's own
    class. `joined` None: nobody can join on the way, or the records do not show it.
    """

    measured: MeasuredClass
    after: Measure | None = None
    since: int | None = None
    joined: int | None = None
    joined_persons: Numbers = field(default_factory=lambda: NOBODY, compare=False, repr=False)

    @property
    def measure(self) -> Measure:
        return self.measured.measure
