"""The pipeline as tables: who reached each milestone, who was lost before it, and who cannot be seen; the same for each step.

Each milestone follows its own class, the latest that is old enough to judge, under the measure's own definition; a step follows those
of it who had reached the milestone before. Published are counts of students by outcome, the share lost among those seen, and the share
seen; for milestones also by group, never two kinds of group crossed. How many students a class or group of a grade or school has is public
and shown, unless it is small. Where another figure must be withheld to protect one, the size of a class of graduates is withheld first,
then who joins, then who is not seen, then who reached it: losses are the report's main figures.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from throughway.measures.groups import UNKNOWN
from throughway.measures.measure import MeasuredClass, MilestoneOutcome, MilestoneStep, OutcomeCount
from throughway.publication import RawCell, RawTable, Relation
from throughway.publication.tables import Place, place
from throughway.store.record_numbers import Numbers, any_of

MILESTONE, STEP, JOIN = "milestone", "step", "join"  # dimensions of the tables
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class PublishedClass:
    """One class whose figures are published: under "milestone" or, for students who were followed, under "step"."""

    measured: MeasuredClass
    under: str
    kinds: tuple[str, ...]
    worth: float = 1.0

    @property
    def is_enrollment(self) -> bool:
        """Whether the class is all students of a grade or a school, so that its size is public."""
        return self.under == MILESTONE and is_enrollment(self.measured)

    @property
    def id(self) -> tuple[str, str]:
        return self.under, self.measured.measure.id

    def at(
        self, outcome: MilestoneOutcome | None = None, more: Mapping[str, str] = NOTHING
    ) -> dict[str, str]:
        """The place of a figure: the milestone, the outcome unless it is the whole class, and further dimensions such as a group."""
        here = {self.under: self.measured.measure.name}
        return here | ({"outcome": str(outcome)} if outcome else {}) | dict(more)

    def counts(self, outcome: MilestoneOutcome, group: Mapping[str, str] = NOTHING) -> list[OutcomeCount]:
        return [c for c in self.measured.counts if c.outcome == outcome and group.items() <= c.groups.items()]

    def count(self, outcome: MilestoneOutcome, group: Mapping[str, str] = NOTHING) -> int:
        return sum(c.students for c in self.counts(outcome, group))


def is_enrollment(found: MeasuredClass) -> bool:
    """Not those who graduated, entered college or have a credential: how many there are is an outcome."""
    return found.measure.level is not None or found.measure.sign


Groups = Mapping[tuple[str, str], Mapping[str, Sequence[str]]]
# One class seen at two milestones: those who reach the first are those who start the second.
FOLLOWS = {"enrollment": "graduation"}


def relations(
    classes: Sequence[PublishedClass],
    waiting: Sequence[MeasuredClass],
    steps: Sequence[MilestoneStep],
    groups: Groups,
    known: set[Place],
) -> Iterator[Relation]:
    """All relations between published figures."""
    milestones = {c.measured.measure.id: c for c in classes if c.under == MILESTONE}
    followed = {c.measured.measure.id: c for c in classes if c.under == STEP}
    yield from _same_class(milestones, waiting, groups, known)
    for step in steps:
        if step.after is not None:
            yield from _followed(step, milestones, followed)
    yield from _schools_of_partners(milestones.values(), known)


def _same_class(
    milestones: Mapping[str, PublishedClass],
    waiting: Sequence[MeasuredClass],
    groups: Groups,
    known: set[Place],
) -> Iterator[Relation]:
    """Graduates are the class that can enroll in college next, in the whole class and in each group."""
    starts = {id: (c.measured, groups[c.id]) for id, c in milestones.items()}
    starts |= {m.measure.id: (m, {}) for m in waiting}
    for later_id, earlier_id in FOLLOWS.items():
        earlier = milestones.get(earlier_id)
        if (
            earlier is None
            or later_id not in starts
            or starts[later_id][0].class_year != earlier.measured.class_year
        ):
            continue
        later, listed = starts[later_id]
        for group in ({}, *({kind: value} for kind, values in listed.items() for value in values)):
            total = earlier.at(MilestoneOutcome.REACHED, group)
            part = {MILESTONE: later.measure.name, **group}
            if place(total) in known and place(part) in known:
                yield Relation(total, [part])


def _followed(
    step: MilestoneStep,
    milestones: Mapping[str, PublishedClass],
    followed: Mapping[str, PublishedClass],
) -> Iterator[Relation]:
    """Those who reach a milestone came from the one before or joined; and those who start on a step reached the milestone before,
    where that class is published too."""
    there, own = milestones[step.measure.id], followed[step.measure.id]
    came = [own.at(MilestoneOutcome.REACHED), {JOIN: step.measure.name}]
    yield Relation(there.at(MilestoneOutcome.REACHED), came)
    before = milestones.get(step.after.id) if step.after else None
    if before is not None and before.measured.class_year == step.since:
        yield Relation(before.at(MilestoneOutcome.REACHED), [own.at()])


def _schools_of_partners(classes: Iterable[PublishedClass], known: set[Place]) -> Iterator[Relation]:
    """A partner's students are those of its schools."""
    for counted in classes:
        schools: dict[str, set[str]] = {}
        for c in counted.measured.counts:
            if "partner" in c.groups and "school" in c.groups:
                schools.setdefault(c.groups["partner"], set()).add(c.groups["school"])
        shared = Counter(school for each in schools.values() for school in each)
        for partner, names in schools.items():
            if any(shared[name] > 1 for name in names):
                continue
            for outcome in (None, MilestoneOutcome.LOST, MilestoneOutcome.REACHED, MilestoneOutcome.NOT_SEEN):
                total = counted.at(outcome, {"partner": partner})
                parts = [counted.at(outcome, {"school": s}) for s in sorted(names)]
                if all(place(p) in known for p in (total, *parts)):
                    yield Relation(total, parts)


WORTH = {MilestoneOutcome.LOST: 4.0, MilestoneOutcome.REACHED: 3.0, MilestoneOutcome.NOT_SEEN: 2.0}
WORTH_OF_JOINS = 1.5
WORTH_OF_CLASS = 1.0
BESIDE_A_STEP = 0.7  # for milestones whose students were followed: the step says more
SEEN = (MilestoneOutcome.REACHED, MilestoneOutcome.LOST)
KINDS = (
    "low income", "disability", "english learner", "school mover", "foster care", "race", "sex", "partner", "school",
)  # fmt: skip
KIND_LABELS = {
    "race": "race and ethnicity", "english learner": "English learner status", "low income": "family income",
    "school mover": "changes of school",
}  # fmt: skip
# By these only where many are enrolled: in a Riverbend of 5,000 students the share of neither group could be shown at any milestone, and
# each figure more makes the audit with other releases slower. How many are enrolled is known in every school, so the choice tells nothing.
KINDS_OF_MANY = ("school mover", "foster care")
MANY = 10_000  # students in the classes that are grades or schools
AT_SIGNS = (
    "english learner",
    "race",
    "sex",
    "partner",
    "school",
)  # early signs are counted by no other kind
# All their groups are listed at each milestone, including zeros.
EVERYWHERE = ("sex", "race", "english learner")


@dataclass(frozen=True)
class RawPipeline:
    """All figures of one report, unprotected; `kinds`: the kinds of group with a table."""

    tables: tuple[RawTable, ...]
    relations: tuple[Relation, ...]
    kinds: tuple[str, ...]


def pipeline_tables(found: Sequence[MeasuredClass], steps: Sequence[MilestoneStep] = ()) -> RawPipeline:
    """The tables of the milestones and steps that have a class, and what a reader knows besides their sums."""
    waiting = [m for m in found if m.waits]
    classes = list(_counted(found, steps))
    groups = {c.id: _groups(c, classes) for c in classes}
    kinds = tuple(kind for kind in KINDS if any(kind in groups[c.id] for c in classes))
    tables = [*_whole(classes, waiting), *_joins(steps), _shares(classes)]
    for kind in kinds:
        those = [c for c in classes if kind in groups[c.id]]
        tables += _by(kind, those, {c.id: groups[c.id][kind] for c in those})
    known = {cell.place for table in tables for cell in table.cells if cell.statistic == "students"}
    return RawPipeline(tuple(tables), tuple(relations(classes, waiting, steps, groups, known)), kinds)


def join_at(step: MilestoneStep) -> dict[str, str]:
    """The place of students who reach a milestone without the one before."""
    return {JOIN: step.measure.name}


def _counted(found: Sequence[MeasuredClass], steps: Sequence[MilestoneStep]) -> Iterator[PublishedClass]:
    """The classes at the milestones, by group; then those that were followed to one."""
    followed = {p.measure.id: p for p in steps if p.after}
    many = sum(m.students() for m in found if is_enrollment(m)) >= MANY
    for m in found:
        if m.students() and not m.waits:
            kinds = AT_SIGNS if m.measure.sign else tuple(k for k in KINDS if many or k not in KINDS_OF_MANY)
            yield PublishedClass(m, MILESTONE, kinds, BESIDE_A_STEP if m.measure.id in followed else 1.0)
    for p in followed.values():
        yield PublishedClass(p.measured, STEP, ())


def _groups(counted: PublishedClass, classes: Sequence[PublishedClass]) -> dict[str, tuple[str, ...]]:
    """The groups of each kind in this class; a kind with only one group is left out."""
    listed = {}
    for kind in counted.kinds:
        among = [c for c in classes if kind in c.kinds] if kind in EVERYWHERE else [counted]
        values = {n.groups[kind] for c in among for n in c.measured.counts if kind in n.groups}
        if len(values) > 1:
            listed[kind] = tuple(sorted(values, key=lambda value: (value == UNKNOWN, value)))
    return listed


def _whole(classes: Sequence[PublishedClass], waiting: Sequence[MeasuredClass]) -> Iterator[RawTable]:
    """Each class with its outcomes; why students are not seen; for a class that is not due yet, its size.

    One table for each, so that in every table each total is the sum of its parts.
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
            RawCell(
                {MILESTONE: m.measure.name},
                count=m.students(),
                worth=WORTH_OF_CLASS,
                public=is_enrollment(m),
                persons=_persons(m.counts),
            )
            for m in waiting
        ]
        yield RawTable("Students whose milestone is not due yet", (MILESTONE,), tuple(cells))


def _joins(steps: Sequence[MilestoneStep]) -> Iterator[RawTable]:
    cells = [
        RawCell(join_at(p), count=p.joined, worth=WORTH_OF_JOINS, persons=p.joined_persons)
        for p in steps
        if p.joined is not None
    ]
    if cells:
        yield RawTable("Students who reach a milestone without the one before", (JOIN,), tuple(cells))


def _why_not_seen(counted: PublishedClass) -> Iterator[RawCell]:
    """Students not seen, by cause."""
    yield next(c for c in _outcomes(counted) if c.at.get("outcome") == MilestoneOutcome.NOT_SEEN)
    for cause in counted.measured.measure.causes:
        where = counted.at(MilestoneOutcome.NOT_SEEN, {"cause": str(cause)})
        persons = _persons(c for c in counted.measured.counts if c.cause is cause)
        yield RawCell(where, count=counted.measured.unseen(cause), worth=WORTH_OF_CLASS, persons=persons)


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
            f"Students at each milestone by {KIND_LABELS.get(kind, kind)}",
            (MILESTONE, "outcome", kind),
            tuple(counts),
        ),
        RawTable(
            f"Share lost among those seen by {KIND_LABELS.get(kind, kind)}",
            (MILESTONE, "share", kind),
            tuple(shares),
        ),
    )


def _outcomes(counted: PublishedClass, group: Mapping[str, str] = NOTHING) -> list[RawCell]:
    """The class, and its part with each outcome."""
    found = {outcome: counted.counts(outcome, group) for outcome in WORTH}
    every = [c for counts in found.values() for c in counts]
    return [
        RawCell(
            counted.at(outcome, group), count=sum(c.students for c in counts), worth=worth * counted.worth,
            public=outcome is None and counted.is_enrollment, persons=_persons(counts),
        )
        for outcome, counts, worth in [
            (None, every, WORTH_OF_CLASS), *((o, counts, WORTH[o]) for o, counts in found.items())
        ]
    ]  # fmt: skip


def _persons(counts: Iterable[OutcomeCount]) -> Numbers:
    return any_of(c.persons for c in counts)


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
