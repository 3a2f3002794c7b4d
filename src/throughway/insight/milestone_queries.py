"""Queries each milestone through the gate: which class is old enough to judge, and the outcomes."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa

from throughway.gate.rows_in_memory import RowsInMemory
from throughway.insight.gate_questions import FiguresAccess, GateQuestions
from throughway.insight.missing_figures import Reasons
from throughway.measures import assessments, transitions
from throughway.measures.groups import (
    OVER_DAYS,
    groups_of,
    groups_of_persons,
    groups_over_days,
    of_day,
    shown,
)
from throughway.measures.measure import (
    Cause,
    Measure,
    MeasuredClass,
    MilestoneArrival,
    MilestoneOutcome,
    MilestoneStep,
    OutcomeCount,
)
from throughway.measures.milestones import MILESTONES
from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import Ctes, VisibleData, query, text, with_last, year_end
from throughway.store.record_numbers import any_of, distinct
from throughway.vocabulary import TABLES

# No partner shows or sends the records of an optional milestone.
UNSENT = (Cause.NO_AGREEMENT, Cause.NO_RECORD)
PERSON = "person_id"
OF_RESULT = "SELECT *, NULL AS came FROM result AS r"
WORD = re.compile(r"\w+")
LONGEST = 15_000  # characters of a query; the gate refuses more than 20,000


class MilestoneQueries(GateQuestions):
    """One run of the pipeline's queries."""

    def __init__(self, access: FiguresAccess, visible: VisibleData, policy: MeasurePolicy, on: date) -> None:
        super().__init__(access, visible, on)
        self.policy = policy
        self._followed: dict[str, MilestoneStep] = {}
        self._cures: dict[tuple[str, int], str] = {}

    def milestones(self, measures: Sequence[Measure] = MILESTONES) -> Iterator[MeasuredClass]:
        """Each milestone in order; optional ones only where the required records exist."""
        self._leave_out_other_tests(measures)
        sizes = self._classes(measures)
        before: MeasuredClass | None = None
        for measure in measures:
            found = self._milestone(measure, sizes.get(measure.id), before)
            if found.counts or not measure.optional or found.why_unseen not in UNSENT:
                yield found
                before = before if measure.sign else found

    def every_class(
        self, measures: Sequence[Measure], most: Callable[[Measure], int], kinds: Collection[str]
    ) -> Iterator[MeasuredClass]:
        """Each measure's latest classes that can be judged, oldest first, at most as many as `most` says, by these kinds of group; where
        there is no class, and where one is not decided, the reason."""
        self._leave_out_other_tests(measures)
        sizes = self._classes(measures)
        listed = [
            (measure, self._ready(measure, sizes.get(measure.id, {}))[-most(measure) :])
            for measure in measures
        ]
        kinds = [kind for kind in shown(self.visible) if kind in kinds]
        rows = self._rows_in_memory([(measure, years[-1]) for measure, years in listed if years])
        groups = self._groups_in_memory(
            rows, sorted({self._day(year) for _, years in listed for year in years}), kinds
        )
        for measure, years in listed:
            if not years:
                yield self._milestone(measure, sizes.get(measure.id), None)
            for year in years:
                if cure := self._undecided(measure, year, rows.answer):
                    yield MeasuredClass(measure, year, self.on, why_unseen=Cause.NOT_DECIDED, cure=cure)
                    continue
                result = measure.judge(self.visible, self.policy, year, self.on)
                answer = rows.answer(result, groups.get(self._day(year), OF_RESULT))
                told = [column for kind in kinds for column in OVER_DAYS[kind]]
                counts = tuple(
                    self._grouped(answer.select([PERSON, "outcome", "cause", "came", *told]), kinds)
                )
                found = MeasuredClass(measure, year, self.on, counts)
                yield self._explained(found, year) if counts else found

    def _rows_in_memory(self, classes: Sequence[tuple[Measure, int]]) -> RowsInMemory:
        """The rows by which classes are judged. The class of another year is judged by the same columns."""
        about = [query(m.judge(self.visible, self.policy, year, self.on), "SELECT *") for m, year in classes]
        about += [
            query(*with_last(m.undecided(self.visible, self.policy, year)))
            for m, year in classes
            if m.undecided
        ]
        return RowsInMemory(
            {
                table: self._table(f"SELECT {', '.join(columns)} FROM {table}")
                for table, columns in named_columns(self.visible, about).items()
            }
        )

    def _groups_in_memory(
        self, rows: RowsInMemory, days: Sequence[date], kinds: Sequence[str]
    ) -> dict[date, str]:
        """By day, the question for each student of a class and what tells the groups; empty where the class itself tells them."""
        asked = groups_over_days(self.visible, days, kinds) if days else ""
        if not asked:
            return {}
        groups = self._table(asked)
        for n, _ in enumerate(days):
            rows.hold(f"groups_{n}", of_day(groups, n))
        return {on: OF_RESULT.replace("*", "r.*, g.* EXCLUDE (person_id)") + f" LEFT JOIN groups_{n} AS g ON g.person_id = r.person_id" for n, on in enumerate(days)}  # fmt: skip

    def _ready(self, measure: Measure, sizes: Mapping[int, int]) -> list[int]:
        """The classes that can be judged, oldest first."""
        return sorted(k for k in _real(sizes, self.policy) if measure.due(k, self.policy) <= self.on)

    def _day(self, class_year: int) -> date:
        """The day as of which the statuses of a class are counted."""
        return min(self.on, year_end(class_year))

    def steps(self, found: Sequence[MeasuredClass]) -> Iterator[MilestoneStep]:
        """The steps to the milestones found, in order. No step leads to an early sign, or to the milestone where the pipeline
        starts."""
        begun = False
        for measured in found:
            if not measured.measure.sign and not measured.measure.spring:
                yield self._followed.get(measured.measure.id) or self._own(measured, begun)
                begun = True

    def _leave_out_other_tests(self, measures: Sequence[Measure]) -> None:
        """Uses only the lines of the proficiency table about tests in the records, because the table may be long."""
        asked = (
            assessments.names_of_tests(self.visible, self.policy)
            if any(m in assessments.BY_TESTS for m in measures)
            else None
        )
        if asked is not None:
            named = {row["test"] for row in self._rows(asked)}
            levels = tuple(level for level in self.policy.levels if level.test in named)
            self.policy = replace(self.policy, levels=levels)

    def _classes(self, measures: Sequence[Measure]) -> dict[str, dict[int, int]]:
        """The classes of each measure with their sizes, in as few queries as the gate's limit allows; measures that are not shown are
        left out."""
        listings = {
            m.id: ctes for m in measures if (ctes := m.find_class(self.visible, self.policy, self.on))
        }
        found: dict[str, dict[int, int]] = {id: {} for id in listings}
        for sql in _joined(listings):
            for row in self._rows(sql):
                if row["class"] is not None:
                    found[row["measure"]][int(row["class"])] = int(row["students"])
        return found

    def _milestone(
        self, measure: Measure, sizes: Mapping[int, int] | None, before: MeasuredClass | None
    ) -> MeasuredClass:
        class_year = self._old_enough(measure, sizes or {})
        if class_year is None:
            why = self._reasons.without_class(
                measure, lambda found: min(_real(found, self.policy), default=None)
            )
            return MeasuredClass(measure, None, self.on, why_unseen=why.cause, cure=why.sentence)
        if cure := self._undecided(measure, class_year):
            return MeasuredClass(measure, None, self.on, why_unseen=Cause.NOT_DECIDED, cure=cure)
        years = (
            transitions.years_between(before.measure, measure)
            if before is not None and before.class_year
            else None
        )
        if before is not None and years and not self._undecided(before.measure, class_year - years):
            found = self._follow(before.measure, measure, class_year)
        else:
            found = MeasuredClass(measure, class_year, self.on, tuple(self._counts(measure, class_year)))
        return self._explained(found, class_year)

    def _explained(self, found: MeasuredClass, class_year: int) -> MeasuredClass:
        """Adds the reason where nobody of the class is seen."""
        if found.denominator or found.waits:
            return found
        students = Counter({Cause.NO_RECORD: 0})
        for count in found.counts:
            students[count.cause or Cause.NO_RECORD] += count.students
        [(most, _)] = students.most_common(1)
        result = found.measure.judge(self.visible, self.policy, class_year, self.on)
        why = self._reasons.of_nobody_seen(found.measure, result, most)
        return replace(found, why_unseen=why.cause, cure=why.sentence)

    def _undecided(
        self, measure: Measure, year: int, ask: Callable[[Ctes, str], pa.Table] | None = None
    ) -> str:
        """What must be decided before a class can be judged, and what to do, in a sentence; empty where nothing. `ask`: answers the
        question; else the gate does."""
        if measure.undecided is None or measure.why_not is None:
            return ""
        key = measure.id, year
        if key not in self._cures:
            parts, last = with_last(measure.undecided(self.visible, self.policy, year))
            rows = ask(parts, last) if ask else self._table(query(parts, last))
            self._cures[key] = measure.why_not(rows.to_pylist(), year)
        return self._cures[key]

    def _follow(self, before: Measure, measure: Measure, class_year: int) -> MeasuredClass:
        """Follows students to the milestone's class from the one before it, where there are enough."""
        since = class_year - (transitions.years_between(before, measure) or 0)
        result = transitions.judge(before, measure, self.visible, self.policy, class_year, self.on)
        counts = list(self._counted(measure, class_year, result))
        at = MeasuredClass(
            measure, class_year, self.on, tuple(c for c in counts if c.came is not MilestoneArrival.LATE)
        )
        followed = MeasuredClass(
            measure, class_year, self.on, tuple(c for c in counts if c.came is not MilestoneArrival.BESIDES)
        )
        if followed.students() >= self.policy.smallest_class * at.students():
            joined = any_of(
                c.persons
                for c in counts
                if c.came is MilestoneArrival.BESIDES and c.outcome is MilestoneOutcome.REACHED
            )
            self._followed[measure.id] = MilestoneStep(followed, before, since, joined.size, joined)
        return at

    def _own(self, at: MeasuredClass, begun: bool) -> MilestoneStep:
        """The milestone's own class; after the first milestone, those who reach it by another way."""
        measure, class_year = at.measure, at.class_year
        if class_year is None or at.waits or measure.joined is None or not begun:
            return MilestoneStep(at)
        result = measure.joined(self.visible, self.policy, class_year, self.on)
        joined = any_of(c.persons for c in self._counted(measure, class_year, result))
        return MilestoneStep(at, joined=joined.size, joined_persons=joined)

    def _old_enough(self, measure: Measure, sizes: Mapping[int, int]) -> int | None:
        """The latest class that can be judged; otherwise the nearest class that is not due yet, where the measure shows it as
        waiting."""
        if ready := self._ready(measure, sizes):
            return ready[-1]
        real = _real(sizes, self.policy)
        return min(real) if measure.may_wait and real else None

    def _counts(self, measure: Measure, class_year: int) -> Iterator[OutcomeCount]:
        result = measure.judge(self.visible, self.policy, class_year, self.on)
        yield from self._counted(measure, class_year, result)

    def _counted(self, measure: Measure, class_year: int, result: Ctes) -> Iterator[OutcomeCount]:
        kinds, years = shown(self.visible), (class_year - measure.moves + 1, class_year)
        rows = self._table(groups_of_persons(self.visible, result, self._day(class_year), years))
        yield from self._grouped(rows, kinds)

    def _grouped(self, rows: pa.Table, kinds: Sequence[str]) -> Iterator[OutcomeCount]:
        """Counts of the students of a class, by outcome and combination of groups."""
        groups = [name for name in rows.column_names if name != PERSON]
        for row in rows.group_by(groups).aggregate([(PERSON, "list")]).to_pylist():
            persons = distinct(np.array(row[f"{PERSON}_list"], np.int64))
            yield OutcomeCount(
                outcome=MilestoneOutcome(row["outcome"]),
                cause=Cause(row["cause"]) if row["cause"] else None,
                groups=groups_of(row, kinds, self.schools),
                students=persons.size,
                came=MilestoneArrival(row["came"]) if row["came"] else None,
                persons=persons,
            )

    @cached_property
    def _reasons(self) -> Reasons:
        return Reasons(self._rows, self.visible, self.on, self.policy)

    @cached_property
    def schools(self) -> dict[str, str]:
        """Names of organizations by id; empty where schools are not shown."""
        return self.organizations if "school" in shown(self.visible) else {}


def _real(sizes: Mapping[int, int], policy: MeasurePolicy) -> list[int]:
    """The classes without those that come from stray records."""
    return [k for k, size in sizes.items() if size >= policy.smallest_class * max(sizes.values())]


def named_columns(visible: VisibleData, about: Iterable[str]) -> dict[str, list[str]]:
    """The tables of students that these questions name, each with those of its columns that they name and that a partner shows."""
    questions = [set(WORD.findall(sql)) for sql in about]
    found: dict[str, list[str]] = {}
    for table, by_partner in visible.tables.items():
        named = {word for words in questions if table in words for word in words}
        if named and TABLES[table].of_person:
            shown_ones = {column for columns in by_partner.values() for column in columns}
            shown_ones |= {n for n, each in TABLES[table].derived.items() if each.derived_from in shown_ones}
            found[table] = [PERSON, *sorted((shown_ones & named) - {PERSON})]
    return found


def _joined(listings: Mapping[str, Ctes]) -> Iterator[str]:
    """One query for the classes of all measures, by id, in which what they share is computed once; several where one would be too long."""
    together: Ctes = {}
    selects: list[str] = []
    for place, (id, listing) in enumerate(listings.items()):
        parts, last = with_last(listing)
        own = {**parts, f"classes_{place}": last}
        select = f"SELECT {text(id)} AS measure, class, students FROM classes_{place}"
        differs = any(together.get(name, body) != body for name, body in own.items())
        if selects and (
            differs or len(query(together | own, " UNION ALL ".join([*selects, select]))) > LONGEST
        ):
            yield query(together, " UNION ALL ".join(selects))
            together, selects = {}, []
        together |= own
        selects.append(select)
    if selects:
        yield query(together, " UNION ALL ".join(selects))
