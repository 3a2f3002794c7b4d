"""The pipeline as tables: at each milestone who reached it, who was lost before it, and who cannot be seen.

Each milestone follows its own class, the latest that is old enough to judge, under the measure's own definition. What is
published: counts of students by outcome, the share lost among those seen, and the share seen, for all and by group; never
two kinds of group crossed. Where a figure must be withheld to protect another, the size of the class goes first, then who is
not seen, then who reached it: what was lost is what the report is for.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from throughway.disclosure import RawCell, RawTable, Relation
from throughway.disclosure.place import Place, place
from throughway.insight.measures import Measured, Outcome
from throughway.insight.measures.groups import UNKNOWN

WORTH = {Outcome.LOST: 4.0, Outcome.REACHED: 3.0, Outcome.NOT_SEEN: 2.0}
WORTH_OF_CLASS = 1.0
SEEN = (Outcome.REACHED, Outcome.LOST)
NOTHING: Mapping[str, str] = MappingProxyType({})
KINDS = ("sex", "race", "english learner", "partner", "school")
EVERYWHERE = (
    "sex",
    "race",
    "english learner",
)  # kinds whose groups are all listed at each milestone, zeros too
# One class seen at two milestones: who reaches the first is who starts the second.
FOLLOWS = {"enrollment": "graduation", "completion": "enrollment"}


@dataclass(frozen=True)
class RawPipeline:
    """All that one report would tell, unprotected; `kinds` are the kinds of group that it has a table for."""

    tables: tuple[RawTable, ...]
    relations: tuple[Relation, ...]
    kinds: tuple[str, ...]


def pipeline_tables(found: Sequence[Measured]) -> RawPipeline:
    """The tables of the milestones that have a class, and what a reader knows beside their sums."""
    waiting = [m for m in found if m.waits]
    classes = [m for m in found if m.students() and not m.waits]
    groups = {m.measure.id: _groups(m, classes) for m in classes}
    kinds = tuple(kind for kind in KINDS if any(kind in groups[m.measure.id] for m in classes))
    tables = [*_whole(classes, waiting), _shares(classes)]
    for kind in kinds:
        with_kind = [m for m in classes if kind in groups[m.measure.id]]
        tables += list(_by(kind, with_kind, {m.measure.id: groups[m.measure.id][kind] for m in with_kind}))
    known = {cell.place for table in tables for cell in table.cells if cell.statistic == "students"}
    return RawPipeline(
        tuple(tables),
        (*_same_students([*classes, *waiting], groups, known), *_schools_of_partners(classes, known)),
        kinds,
    )


def at(
    measured: Measured, outcome: Outcome | None = None, more: Mapping[str, str] = NOTHING
) -> dict[str, str]:
    """The place of a figure: the milestone, the outcome unless it is the whole class, and more such as a group."""
    here = {"milestone": measured.measure.name}
    return here | ({"outcome": str(outcome)} if outcome else {}) | dict(more)


def _groups(measured: Measured, classes: Sequence[Measured]) -> dict[str, tuple[str, ...]]:
    """The groups of each kind at this milestone; a kind with one group says that all are in it, so it is left out."""
    listed = {}
    for kind in KINDS:
        among = classes if kind in EVERYWHERE else [measured]
        values = {c.groups[kind] for m in among for c in m.counts if kind in c.groups}
        if len(values) > 1:
            listed[kind] = tuple(sorted(values, key=lambda value: (value == UNKNOWN, value)))
    return listed


def _whole(classes: Sequence[Measured], waiting: Sequence[Measured]) -> Iterator[RawTable]:
    """Each class with its outcomes; why students are not seen; of a class that is not due yet, how many wait.

    A table for each, so that in every table each total is the sum of its parts.
    """
    counts = [cell for m in classes for cell in _outcomes(m, {})]
    yield RawTable("Students at each milestone", ("milestone", "outcome"), tuple(counts))
    causes = [cell for m in classes if len(m.measure.causes) > 1 for cell in _why_not_seen(m)]
    if causes:
        yield RawTable("Why students are not seen", ("milestone", "outcome", "cause"), tuple(causes))
    if waiting:
        cells = [RawCell(at(m), count=m.students(), worth=WORTH_OF_CLASS) for m in waiting]
        yield RawTable("Students whose milestone is not due yet", ("milestone",), tuple(cells))


def _why_not_seen(measured: Measured) -> Iterator[RawCell]:
    """Those not seen, and their part by each cause."""
    yield next(c for c in _outcomes(measured, {}) if c.at.get("outcome") == Outcome.NOT_SEEN)
    for cause in measured.measure.causes:
        where = at(measured, Outcome.NOT_SEEN, {"cause": str(cause)})
        yield RawCell(where, count=measured.unseen(cause), worth=WORTH_OF_CLASS)


def _shares(classes: Sequence[Measured]) -> RawTable:
    cells = [cell for m in classes for cell in (_share_lost(m, {}), _share_seen(m))]
    return RawTable("Share lost among those seen, and share seen", ("milestone", "share"), tuple(cells))


def _by(kind: str, classes: Sequence[Measured], groups: Mapping[str, Sequence[str]]) -> Iterator[RawTable]:
    """The counts and the share lost by one kind of group."""
    counts = [cell for m in classes for cell in _outcomes(m, {})]
    shares = []
    for m in classes:
        for value in groups[m.measure.id]:
            counts += _outcomes(m, {kind: value})
            shares.append(_share_lost(m, {kind: value}))
    yield RawTable(f"Students at each milestone by {kind}", ("milestone", "outcome", kind), tuple(counts))
    yield RawTable(f"Share lost among those seen by {kind}", ("milestone", "share", kind), tuple(shares))


def _outcomes(measured: Measured, group: Mapping[str, str]) -> list[RawCell]:
    """The class, and its part with each outcome."""
    parts = [
        RawCell(at(measured, outcome, group), count=_count(measured, outcome, group), worth=worth)
        for outcome, worth in WORTH.items()
    ]
    return [
        RawCell(at(measured, more=group), count=sum(p.count for p in parts), worth=WORTH_OF_CLASS),
        *parts,
    ]


def _count(measured: Measured, outcome: Outcome, group: Mapping[str, str]) -> int:
    return sum(
        c.students for c in measured.counts if c.outcome == outcome and group.items() <= c.groups.items()
    )


def _share_lost(measured: Measured, group: Mapping[str, str]) -> RawCell:
    lost, seen = (_count(measured, Outcome.LOST, group), sum(_count(measured, o, group) for o in SEEN))
    return RawCell(
        at(measured, more={"share": "lost", **group}), "rate", numerator=lost, denominator=seen,
        of=(place(at(measured, Outcome.LOST, group)),),
        among=tuple(place(at(measured, o, group)) for o in SEEN),
    )  # fmt: skip


def _share_seen(measured: Measured) -> RawCell:
    return RawCell(
        at(measured, more={"share": "seen"}), "rate", numerator=measured.denominator, denominator=measured.students(),
        of=tuple(place(at(measured, o)) for o in SEEN), among=tuple(place(at(measured, o)) for o in WORTH),
    )  # fmt: skip


def _same_students(
    classes: Sequence[Measured], groups: Mapping[str, Mapping[str, Sequence[str]]], known: set[Place]
) -> Iterator[Relation]:
    """Who graduates is who can enroll next, in the whole class and in each group."""
    by_id = {m.measure.id: m for m in classes}
    for later, earlier in ((by_id.get(a), by_id.get(b)) for a, b in FOLLOWS.items()):
        if later is None or earlier is None or later.klass != earlier.klass:
            continue
        listed = [
            {kind: value} for kind, values in groups.get(later.measure.id, {}).items() for value in values
        ]
        for group in ({}, *listed):
            relation = Relation(at(earlier, Outcome.REACHED, group), [at(later, more=group)])
            if place(relation.total) in known:
                yield relation


def _schools_of_partners(classes: Sequence[Measured], known: set[Place]) -> Iterator[Relation]:
    """A partner's students are those of its schools."""
    for m in classes:
        schools: dict[str, set[str]] = {}
        for c in m.counts:
            if "partner" in c.groups and "school" in c.groups:
                schools.setdefault(c.groups["partner"], set()).add(c.groups["school"])
        shared = Counter(school for each in schools.values() for school in each)
        for partner, names in schools.items():
            if any(shared[name] > 1 for name in names):
                continue
            for outcome in (None, *WORTH):
                total, parts = (
                    at(m, outcome, {"partner": partner}),
                    [at(m, outcome, {"school": s}) for s in sorted(names)],
                )
                if all(place(p) in known for p in (total, *parts)):
                    yield Relation(total, parts)
