"""Asks the door for each milestone: which class is old enough to judge, and what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from throughway.insight.measures import MILESTONES, Cause, Count, Measure, Measured, Outcome, Policy, Sight
from throughway.insight.measures.groups import counted, groups_of, shown
from throughway.insight.measures.sql import year_end


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
        schools = self._schools()
        for measure in measures:
            found = self._milestone(measure, schools)
            if found.counts or not measure.optional:
                yield found

    def _milestone(self, measure: Measure, schools: Mapping[str, str]) -> Measured:
        listing = measure.find_class(self.sight, self.policy, self.on)
        if listing is None:
            return Measured(measure, None, self.on, why_unseen=Cause.NO_AGREEMENT)
        rows = [row for row in self._rows(listing) if row["class"] is not None]
        if not rows:
            return Measured(measure, None, self.on, why_unseen=Cause.NO_RECORD)
        klass = self._old_enough(measure, {int(row["class"]): int(row["students"]) for row in rows})
        if klass is None:
            return Measured(measure, None, self.on, why_unseen=Cause.NOT_YET_DUE)
        return Measured(measure, klass, self.on, tuple(self._counts(measure, klass, schools)))

    def _old_enough(self, measure: Measure, sizes: Mapping[int, int]) -> int | None:
        """The latest class that can be judged; of those that cannot yet, the nearest, where the measure shows it waiting."""
        real = [k for k, size in sizes.items() if size >= self.policy.smallest_class * max(sizes.values())]
        ready = [k for k in real if measure.due(k, self.policy) <= self.on]
        if ready:
            return max(ready)
        return min(real) if measure.may_wait else None

    def _counts(self, measure: Measure, klass: int, schools: Mapping[str, str]) -> Iterator[Count]:
        kinds = shown(self.sight)
        result = measure.judge(self.sight, self.policy, klass, self.on)
        for row in self._rows(counted(self.sight, result, min(self.on, year_end(klass)))):
            yield Count(
                outcome=Outcome(row["outcome"]),
                cause=Cause(row["cause"]) if row["cause"] else None,
                groups=groups_of(row, kinds, schools),
                students=int(row["students"]),
            )

    def _schools(self) -> dict[str, str]:
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
