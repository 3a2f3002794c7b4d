"""Asks the door for each milestone: which class is old enough to judge, and what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Protocol

from throughway.insight.measures import (
    MILESTONES,
    Cause,
    Count,
    Measure,
    Measured,
    Outcome,
    Passage,
    Policy,
    Sight,
    passage,
)
from throughway.insight.measures.groups import counted, groups_of, shown
from throughway.insight.measures.sql import Ctes, year_end

YEARS_OF_HIGH_SCHOOL = 4


class FiguresDoor(Protocol):
    """A door of form aggregate: counts that nobody has protected yet, and the id of the ledger's entry."""

    def figures(self, sql: str) -> tuple[Any, str]: ...


class Asking:
    """One reading of the pipeline through one door. Keeps the ids of all that was read."""

    def __init__(self, door: FiguresDoor, sight: Sight, policy: Policy, on: date) -> None:
        self.door, self.sight, self.policy, self.on = door, sight, policy, on
        self.disclosures: list[str] = []

    def milestones(self, measures: Sequence[Measure] = MILESTONES) -> Iterator[Measured]:
        """Each milestone in order; optional ones only where there are records."""
        for measure in measures:
            found = self._milestone(measure)
            if found.counts or not measure.optional:
                yield found

    def passages(self, found: Sequence[Measured]) -> Iterator[Passage]:
        """The steps of the river between the milestones that were found, in order; signs on the way are none of them."""
        before: Measured | None = None
        for measured in found:
            if not measured.measure.sign:
                yield self._passage(before, measured)
                before = measured

    def _passage(self, before: Measured | None, at: Measured) -> Passage:
        """The students followed from the milestone before; the milestone's own class where none could be followed."""
        measure, klass = at.measure, at.klass
        if klass is None or at.waits:
            return Passage(at)
        years = passage.years_between(before.measure, measure) if before and before.klass else None
        if before is not None and years is not None:
            result = passage.judge(before.measure, measure, self.sight, self.policy, klass, self.on)
            counts = tuple(self._counted(result, klass, (klass - years, klass)))
            followed = Measured(measure, klass, self.on, counts)
            if followed.students() >= self.policy.smallest_class * at.students():
                return Passage(followed, before.measure, klass - years, followed.students(Outcome.JOINED))
        if measure.joined is None or before is None:
            return Passage(at)
        result = measure.joined(self.sight, self.policy, klass, self.on)
        return Passage(at, joined=sum(c.students for c in self._counted(result, klass, (klass, klass))))

    def _milestone(self, measure: Measure) -> Measured:
        listing = measure.find_class(self.sight, self.policy, self.on)
        if listing is None:
            return Measured(measure, None, self.on, why_unseen=Cause.NO_AGREEMENT)
        rows = [row for row in self._rows(listing) if row["class"] is not None]
        if not rows:
            return Measured(measure, None, self.on, why_unseen=Cause.NO_RECORD)
        klass = self._old_enough(measure, {int(row["class"]): int(row["students"]) for row in rows})
        if klass is None:
            return Measured(measure, None, self.on, why_unseen=Cause.NOT_YET_DUE)
        return Measured(measure, klass, self.on, tuple(self._counts(measure, klass)))

    def _old_enough(self, measure: Measure, sizes: Mapping[int, int]) -> int | None:
        """The latest class that can be judged; of those that cannot yet, the nearest, where the measure shows it waiting."""
        real = [k for k, size in sizes.items() if size >= self.policy.smallest_class * max(sizes.values())]
        ready = [k for k in real if measure.due(k, self.policy) <= self.on]
        if ready:
            return max(ready)
        return min(real) if measure.may_wait and real else None

    def _counts(self, measure: Measure, klass: int) -> Iterator[Count]:
        result = measure.judge(self.sight, self.policy, klass, self.on)
        years = YEARS_OF_HIGH_SCHOOL if not measure.sign and measure.level in (None, 12) else 1
        yield from self._counted(result, klass, (klass - years + 1, klass))

    def _counted(self, result: Ctes, klass: int, years: tuple[int, int]) -> Iterator[Count]:
        kinds = shown(self.sight)
        for row in self._rows(counted(self.sight, result, min(self.on, year_end(klass)), years)):
            yield Count(
                outcome=Outcome(row["outcome"]),
                cause=Cause(row["cause"]) if row["cause"] else None,
                groups=groups_of(row, kinds, self.schools),
                students=int(row["students"]),
            )

    @cached_property
    def schools(self) -> dict[str, str]:
        """Names of organizations by id; none where they are not shown."""
        if "school" not in shown(self.sight):
            return {}
        rows = self._rows(
            "SELECT organization_id, MIN(organization_name) AS name FROM organization GROUP BY organization_id"
        )
        return {str(row["organization_id"]): str(row["name"]) for row in rows if row["name"]}

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        table, disclosure = self.door.figures(sql)
        self.disclosures.append(disclosure)
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows
