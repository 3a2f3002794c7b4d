"""A class whose figures are published, and where each of them stands in the tables of the release."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from throughway.measures import MeasuredClass, MilestoneOutcome

MILESTONE, STEP, JOIN = "milestone", "step", "join"  # dimensions of the tables
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class PublishedClass:
    """One class whose figures are published: under "milestone" or, of students who were followed, under "step"."""

    measured: MeasuredClass
    under: str
    kinds: tuple[str, ...]
    worth: float = 1.0

    @property
    def id(self) -> tuple[str, str]:
        return self.under, self.measured.measure.id

    def at(
        self, outcome: MilestoneOutcome | None = None, more: Mapping[str, str] = NOTHING
    ) -> dict[str, str]:
        """The place of a figure: the milestone, the outcome unless it is the whole class, and more such as a group."""
        here = {self.under: self.measured.measure.name}
        return here | ({"outcome": str(outcome)} if outcome else {}) | dict(more)

    def count(self, outcome: MilestoneOutcome, group: Mapping[str, str] = NOTHING) -> int:
        return sum(
            c.students
            for c in self.measured.counts
            if c.outcome == outcome and group.items() <= c.groups.items()
        )
