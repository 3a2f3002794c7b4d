"""The pipeline as tables: at each milestone and on each step to it who reached it, who was lost, and who cannot be seen.

Each milestone follows its own class, the latest that is old enough to judge, under the measure's own definition; a step follows
those of it who had reached the milestone before. What is published: counts of students by outcome, the share lost among
those seen, and the share seen; of milestones also by group, never two kinds of group crossed. Where a figure must be withheld to
protect another, the size of the class goes first, then who joins, then who is not seen, then who reached it: what was lost
is what the report is for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from throughway.insight.published_classes import JOIN, MILESTONE, NOTHING, STEP, PublishedClass
from throughway.insight.reader_knowledge import relations
from throughway.insight.wording import KIND
from throughway.measures import MeasuredClass, MilestoneOutcome, MilestoneStep
from throughway.measures.groups import UNKNOWN
from throughway.publication import RawCell, RawTable, Relation
from throughway.publication.cell_position import place

WORTH = {MilestoneOutcome.LOST: 4.0, MilestoneOutcome.REACHED: 3.0, MilestoneOutcome.NOT_SEEN: 2.0}
WORTH_OF_JOINS = 1.5
WORTH_OF_CLASS = 1.0
BESIDE_A_STEP = 0.7  # of a milestone whose students were followed: the step tells more
SEEN = (MilestoneOutcome.REACHED, MilestoneOutcome.LOST)
KINDS = (
    "low income", "disability", "english learner", "school mover", "foster care", "race", "sex", "partner", "school",
)  # fmt: skip
AT_SIGNS = (
    "english learner",
    "race",
    "sex",
    "partner",
    "school",
)  # at a sign on the way no other kind is counted
EVERYWHERE = ("sex", "race", "english learner")  # all their groups are listed at each milestone, zeros too


@dataclass(frozen=True)
class RawPipeline:
    """All that one report would tell, unprotected; `kinds` are the kinds of group that it has a table for."""

    tables: tuple[RawTable, ...]
    relations: tuple[Relation, ...]
    kinds: tuple[str, ...]


def pipeline_tables(found: Sequence[MeasuredClass], passages: Sequence[MilestoneStep] = ()) -> RawPipeline:
    """The tables of the milestones and steps that have a class, and what a reader knows beside their sums."""
    waiting = [m for m in found if m.waits]
    classes = list(_counted(found, passages))
    groups = {c.id: _groups(c, classes) for c in classes}
    kinds = tuple(kind for kind in KINDS if any(kind in groups[c.id] for c in classes))
    tables = [*_whole(classes, waiting), *_joins(passages), _shares(classes)]
    for kind in kinds:
        those = [c for c in classes if kind in groups[c.id]]
        tables += _by(kind, those, {c.id: groups[c.id][kind] for c in those})
    known = {cell.place for table in tables for cell in table.cells if cell.statistic == "students"}
    return RawPipeline(tuple(tables), tuple(relations(classes, waiting, passages, groups, known)), kinds)


def join_at(passage: MilestoneStep) -> dict[str, str]:
    """The place of those who reach a milestone without the one before."""
    return {JOIN: passage.measure.name}


def _counted(found: Sequence[MeasuredClass], passages: Sequence[MilestoneStep]) -> Iterator[PublishedClass]:
    """The classes at the milestones, by group; then those that were followed to one."""
    followed = {p.measure.id: p for p in passages if p.after}
    for m in found:
        if m.students() and not m.waits:
            kinds = AT_SIGNS if m.measure.sign else KINDS
            yield PublishedClass(m, MILESTONE, kinds, BESIDE_A_STEP if m.measure.id in followed else 1.0)
    for p in followed.values():
        yield PublishedClass(p.measured, STEP, ())


def _groups(counted: PublishedClass, classes: Sequence[PublishedClass]) -> dict[str, tuple[str, ...]]:
    """The groups of each kind in this class; a kind with one group says that all are in it, so it is left out."""
    listed = {}
    for kind in counted.kinds:
        among = [c for c in classes if kind in c.kinds] if kind in EVERYWHERE else [counted]
        values = {n.groups[kind] for c in among for n in c.measured.counts if kind in n.groups}
        if len(values) > 1:
            listed[kind] = tuple(sorted(values, key=lambda value: (value == UNKNOWN, value)))
    return listed


def _whole(classes: Sequence[PublishedClass], waiting: Sequence[MeasuredClass]) -> Iterator[RawTable]:
    """Each class with its outcomes; why students are not seen; of a class that is not due yet, how many wait.

    A table for each, so that in every table each total is the sum of its parts.
    """
    for under, title in (
        (MILESTONE, "Students at each milestone"),
        (STEP, "Students who had reached the milestone before"),
    ):
        counts = [cell for c in classes if c.under == under for cell in _outcomes(c)]
        if counts or under == MILESTONE:
            yield RawTable(title, (under, "outcome"), tuple(counts))
    at_milestones = [c for c in classes if c.under == MILESTONE]
    causes = [cell for c in at_milestones if len(c.measured.measure.causes) > 1 for cell in _why_not_seen(c)]
    if causes:
        yield RawTable("Why students are not seen", (MILESTONE, "outcome", "cause"), tuple(causes))
    if waiting:
        cells = [
            RawCell({MILESTONE: m.measure.name}, count=m.students(), worth=WORTH_OF_CLASS) for m in waiting
        ]
        yield RawTable("Students whose milestone is not due yet", (MILESTONE,), tuple(cells))


def _joins(passages: Sequence[MilestoneStep]) -> Iterator[RawTable]:
    cells = [
        RawCell(join_at(p), count=p.joined, worth=WORTH_OF_JOINS) for p in passages if p.joined is not None
    ]
    if cells:
        yield RawTable("Students who reach a milestone without the one before", (JOIN,), tuple(cells))


def _why_not_seen(counted: PublishedClass) -> Iterator[RawCell]:
    """Those not seen, and their part by each cause."""
    yield next(c for c in _outcomes(counted) if c.at.get("outcome") == MilestoneOutcome.NOT_SEEN)
    for cause in counted.measured.measure.causes:
        where = counted.at(MilestoneOutcome.NOT_SEEN, {"cause": str(cause)})
        yield RawCell(where, count=counted.measured.unseen(cause), worth=WORTH_OF_CLASS)


def _shares(classes: Sequence[PublishedClass]) -> RawTable:
    cells = [cell for c in classes for cell in (_share_lost(c), _share_seen(c))]
    return RawTable("Share lost among those seen, and share seen", (MILESTONE, STEP, "share"), tuple(cells))


def _by(
    kind: str, classes: Sequence[PublishedClass], groups: Mapping[tuple[str, str], Sequence[str]]
) -> tuple[RawTable, RawTable]:
    """The counts and the share lost by one kind of group."""
    counts = [cell for c in classes for cell in _outcomes(c)]
    shares = []
    for c in classes:
        for value in groups[c.id]:
            counts += _outcomes(c, {kind: value})
            shares.append(_share_lost(c, {kind: value}))
    return (
        RawTable(
            f"Students at each milestone by {KIND.get(kind, kind)}",
            (MILESTONE, "outcome", kind),
            tuple(counts),
        ),
        RawTable(
            f"Share lost among those seen by {KIND.get(kind, kind)}",
            (MILESTONE, "share", kind),
            tuple(shares),
        ),
    )


def _outcomes(counted: PublishedClass, group: Mapping[str, str] = NOTHING) -> list[RawCell]:
    """The class, and its part with each outcome."""
    parts = [
        RawCell(counted.at(outcome, group), count=counted.count(outcome, group), worth=worth * counted.worth)
        for outcome, worth in WORTH.items()
    ]
    whole = sum(p.count for p in parts)
    return [RawCell(counted.at(more=group), count=whole, worth=WORTH_OF_CLASS * counted.worth), *parts]


def _share_lost(counted: PublishedClass, group: Mapping[str, str] = NOTHING) -> RawCell:
    lost, seen = counted.count(MilestoneOutcome.LOST, group), sum(counted.count(o, group) for o in SEEN)
    return RawCell(
        counted.at(more={"share": "lost", **group}), "rate", numerator=lost, denominator=seen,
        of=(place(counted.at(MilestoneOutcome.LOST, group)),),
        among=tuple(place(counted.at(o, group)) for o in SEEN),
    )  # fmt: skip


def _share_seen(counted: PublishedClass) -> RawCell:
    m = counted.measured
    return RawCell(
        counted.at(more={"share": "seen"}), "rate", numerator=m.denominator, denominator=m.students(),
        of=tuple(place(counted.at(o)) for o in SEEN), among=tuple(place(counted.at(o)) for o in WORTH),
    )  # fmt: skip
