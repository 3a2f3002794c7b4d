"""Classes of every outcome as tables of true counts to be protected: who reached it, who did not, and who is not seen.

Each outcome has one class for each year, under the dimensions milestone and class; or several classes together where the community chose
it: then each class alone is in the release and withheld whatever it counts (decision 22). A class is counted in all and by one kind of
group at a time, never by two crossed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from throughway.insight.pipeline_tables import KIND_LABELS, MILESTONE, is_enrollment
from throughway.measures.groups import UNKNOWN
from throughway.measures.measure import MeasuredClass, MilestoneOutcome, OutcomeCount
from throughway.publication import RawCell, RawTable, Relation
from throughway.publication.tables import ALONE, place
from throughway.store.record_numbers import NOBODY, Numbers, any_of, distinct, inside

CLASS = "class"
SHARE, REACHED_SHARE, SEEN_SHARE = "share", "reached", "seen"
EVERY_OUTCOME = tuple(MilestoneOutcome)
SEEN = (MilestoneOutcome.REACHED, MilestoneOutcome.LOST)
KINDS = ("english learner", "low income", "disability", "race", "sex", "partner", "school")
PROGRAM = "took part in "  # begins the name of the kind of a program's participants
TOOK_PART, DID_NOT = "Took part", "Did not take part"
# What a reader loses when a figure is withheld: the outcome is worth more than who is not seen.
WORTH = {MilestoneOutcome.REACHED: 4.0, MilestoneOutcome.LOST: 3.0, MilestoneOutcome.NOT_SEEN: 2.0}
# Those who reach the first are the class of the second.
FOLLOWS = (("graduation", "enrollment"), ("return", "return-credential"))


@dataclass(frozen=True, eq=False)
class TrendClass:
    """One class of an outcome, or several together. True figures: never shown. `years`: ending years of school years."""

    measured: tuple[MeasuredClass, ...]

    @property
    def id(self) -> str:
        return self.measured[0].measure.id

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(m.class_year for m in self.measured if m.class_year is not None)

    @property
    def label(self) -> str:
        years = self.years
        return str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]} together"

    @property
    def key(self) -> tuple[str, str]:
        return self.id, self.label

    @property
    def at(self) -> dict[str, str]:
        return {MILESTONE: self.measured[0].measure.name, CLASS: self.label}

    @cached_property
    def counts(self) -> tuple[OutcomeCount, ...]:
        """Each student once: of several classes together, in the last in which he or she is."""
        if len(self.measured) == 1:
            return self.measured[0].counts
        return tuple(c for each in self.alone for c in each.counts)

    @cached_property
    def alone(self) -> tuple[MeasuredClass, ...]:
        """The single classes, each student in the last of them."""
        found: list[MeasuredClass] = []
        later = NOBODY
        for each in reversed(self.measured):
            counts = tuple(left for c in each.counts if (left := _without(c, later)).students)
            later = any_of([later, *(c.persons for c in each.counts)])
            found.insert(0, replace(each, counts=counts))
        return tuple(found)


def _without(count: OutcomeCount, persons: Numbers) -> OutcomeCount:
    left = count.persons[~inside(count.persons, persons)]
    return replace(count, persons=left, students=left.size)


def trend_classes(found: Iterable[MeasuredClass], together: Mapping[str, int]) -> list[TrendClass]:
    """The classes as they are counted. Those that are counted together are whole blocks of the calendar, such as 2022 to 2024, so that
    next year's report has the same; years of a block that is not complete are left out."""
    classes: dict[tuple[str, int], list[MeasuredClass]] = {}
    for each in found:
        if each.class_year is not None and each.why_unseen != "not decided":
            many = together.get(each.measure.id, 1)
            classes.setdefault((each.measure.id, each.class_year // many), []).append(each)
    return [
        TrendClass(tuple(measured))
        for (id, _), measured in classes.items()
        if len(measured) == together.get(id, 1)
    ]


def with_programs(classes: Iterable[TrendClass], took_part: Mapping[str, Sequence[tuple[int, Numbers]]], due: Mapping[tuple[str, int], int]) -> list[TrendClass]:  # fmt: skip
    """The classes with a kind of group for each program. `took_part`: by program, the persons by the number of their first day; `due`: by
    outcome and class, the number of the day by which they must have taken part."""
    found = []
    for each in classes:
        measured = []
        for one in each.measured:
            counts = list(one.counts)
            for program, persons in took_part.items():
                until = due[one.measure.id, one.class_year or 0]
                inside_it = any_of(who for first, who in persons if first <= until)
                counts = [part for c in counts for part in _parted(c, program, inside_it)]
            measured.append(replace(one, counts=tuple(counts)))
        found.append(TrendClass(tuple(measured)))
    return found


def _parted(count: OutcomeCount, program: str, persons: Numbers) -> Iterator[OutcomeCount]:
    there = inside(count.persons, persons)
    for holds, word in ((there, TOOK_PART), (~there, DID_NOT)):
        part = count.persons[holds]
        if part.size:
            yield replace(count, persons=part, students=part.size, groups={**count.groups, f"{PROGRAM}{program}": word})  # fmt: skip


def groups_of(kind: str, each: TrendClass, classes: Sequence[TrendClass]) -> tuple[str, ...]:
    """The groups of one kind in this class: schools are its own; of every other kind also those that are empty in it, so that a missing
    line does not tell that nobody is in a group. Empty where there is one group only."""
    if kind.startswith(PROGRAM):
        return TOOK_PART, DID_NOT
    among = [each] if kind == "school" else classes
    values = {c.groups[kind] for one in among for c in one.counts if kind in c.groups}
    return tuple(sorted(values, key=lambda value: (value == UNKNOWN, value))) if len(values) > 1 else ()


def trend_tables(
    classes: Sequence[TrendClass], kinds: Sequence[str], by_group: Collection[tuple[str, str]]
) -> tuple[tuple[RawTable, ...], tuple[Relation, ...]]:
    """The tables of all classes, and what a reader knows besides their sums. `by_group`: the classes, by outcome and
    label, that are counted by group too."""
    tables = [
        RawTable("Students of each class by outcome", (MILESTONE, CLASS, "outcome"), tuple(c for each in classes for c in _cells(each.at, each.counts, public=is_enrollment(each.measured[0])))),
        RawTable("Share who reached it, and share seen", (MILESTONE, CLASS, SHARE), tuple(c for each in classes for c in (_reached(each.at), _seen(each.at)) for c in [_filled(c, each.counts)])),
    ]  # fmt: skip
    for kind in kinds:
        counts: list[RawCell] = []
        shares: list[RawCell] = []
        for each in (each for each in classes if each.key in by_group):
            for value in groups_of(kind, each, classes):
                own = [c for c in each.counts if c.groups.get(kind) == value]
                at = {**each.at, kind: value}
                counts += list(_cells(at, own))[1:]
                shares.append(_filled(_reached(at), own))
        if counts:
            students, share = _titles_by(kind)
            tables.append(RawTable(students, (MILESTONE, CLASS, "outcome", kind), tuple(counts)))
            tables.append(RawTable(share, (MILESTONE, CLASS, SHARE, kind), tuple(shares)))
    alone = [c for each in classes if len(each.measured) > 1 for m in each.alone for c in _cells({**each.at, f"{CLASS}{ALONE}": str(m.class_year)}, m.counts)]  # fmt: skip
    if alone:
        tables.append(RawTable("Single classes that are shown together", (MILESTONE, CLASS, f"{CLASS}{ALONE}", "outcome"), tuple(alone)))  # fmt: skip
    return tuple(t for t in tables if t.cells), tuple(_relations(classes, kinds, by_group))


def _titles_by(kind: str) -> tuple[str, str]:
    words = KIND_LABELS.get(kind, kind)
    return f"Students of each class by {words}", f"Share who reached it by {words}"


def spare_tables(kinds: Iterable[str]) -> tuple[str, ...]:
    """The tables by group, which can be spared: the last kind first, with the shares that are made of its counts."""
    return tuple(_titles_by(kind)[0] for kind in reversed([*kinds]))


def _persons(counts: Iterable[OutcomeCount], outcome: MilestoneOutcome | None = None) -> Numbers:
    found = [c.persons for c in counts if outcome in (None, c.outcome)]
    return distinct(np.concatenate(found)) if found else NOBODY


def _cells(
    at: Mapping[str, str], counts: Sequence[OutcomeCount], *, public: bool = False
) -> Iterator[RawCell]:
    """`public`: whether the class is all students of a grade, so that readers know its size."""
    every = _persons(counts)
    yield RawCell(dict(at), count=every.size, persons=every, public=public)
    for outcome in EVERY_OUTCOME:
        persons = _persons(counts, outcome)
        yield RawCell({**at, "outcome": str(outcome)}, count=persons.size, worth=WORTH[outcome], persons=persons)  # fmt: skip


def _reached(at: Mapping[str, str]) -> RawCell:
    of = place({**at, "outcome": str(MilestoneOutcome.REACHED)})
    among = tuple(place({**at, "outcome": str(o)}) for o in SEEN)
    return RawCell({**at, SHARE: REACHED_SHARE}, "rate", of=(of,), among=among)


def _seen(at: Mapping[str, str]) -> RawCell:
    of, among = (
        tuple(place({**at, "outcome": str(o)}) for o in outcomes) for outcomes in (SEEN, EVERY_OUTCOME)
    )
    return RawCell({**at, SHARE: SEEN_SHARE}, "rate", of=of, among=among)


def _filled(rate: RawCell, counts: Sequence[OutcomeCount]) -> RawCell:
    def students(places: Sequence[frozenset[tuple[str, str]]]) -> int:
        outcomes = {dict(each)["outcome"] for each in places}
        return sum(c.students for c in counts if str(c.outcome) in outcomes)

    return replace(rate, numerator=students(rate.of), denominator=students(rate.among))


def _relations(
    classes: Sequence[TrendClass], kinds: Sequence[str], by_group: Collection[tuple[str, str]]
) -> Iterator[Relation]:
    """Where all of one figure are the class of another: graduates are the class that can enroll, and those who entered college are one
    class at two milestones."""
    by_id = {(each.id, each.years): each for each in classes}
    for each in classes:
        for earlier, later in FOLLOWS:
            after = by_id.get((later, each.years))
            if each.id == earlier and after is not None:
                yield from _same(each, MilestoneOutcome.REACHED, after, classes, kinds, by_group)
        if each.id == "persistence" and ("completion", each.years) in by_id:
            yield from _same(each, None, by_id["completion", each.years], classes, kinds, by_group)
        if each.id == "some-college" and (back := by_id.get(("return", tuple(y + 1 for y in each.years)))):
            yield from _same(each, MilestoneOutcome.LOST, back, classes, kinds, by_group)


def _same(
    one: TrendClass, outcome: MilestoneOutcome | None, other: TrendClass, classes: Sequence[TrendClass], kinds: Sequence[str], by_group: Collection[tuple[str, str]]
) -> Iterator[Relation]:  # fmt: skip
    """The relations between the counts of one and those of the other, in all and by group, where they count the same students. A group has
    no total of its own, so its parts are named."""
    groups: list[dict[str, str]] = [{}]
    if {one.key, other.key} <= {*by_group}:
        groups += [
            {kind: value}
            for kind in kinds
            for value in groups_of(kind, one, classes)
            if value in groups_of(kind, other, classes)
        ]
    for group in groups:
        counts = [[c for c in each.counts if group.items() <= c.groups.items()] for each in (one, other)]
        if np.array_equal(_persons(counts[0], outcome), _persons(counts[1])) and (outcome or not group):
            total = {**one.at, **group} | ({"outcome": str(outcome)} if outcome else {})
            parts = [{**other.at, **group, "outcome": str(o)} for o in EVERY_OUTCOME] if group else [other.at]
            yield Relation(total, parts)
