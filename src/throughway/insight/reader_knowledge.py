"""What a reader of the pipeline knows beside the sums within its tables: which figures tell of the same students."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from throughway.insight.published_classes import JOIN, MILESTONE, STEP, PublishedClass
from throughway.measures import MeasuredClass, MilestoneOutcome, MilestoneStep
from throughway.publication import Relation
from throughway.publication.cell_position import Place, place

Groups = Mapping[tuple[str, str], Mapping[str, Sequence[str]]]
# One class seen at two milestones: who reaches the first is who starts the second.
FOLLOWS = {"enrollment": "graduation"}


def relations(
    classes: Sequence[PublishedClass],
    waiting: Sequence[MeasuredClass],
    passages: Sequence[MilestoneStep],
    groups: Groups,
    known: set[Place],
) -> Iterator[Relation]:
    """All of them between figures that are published."""
    milestones = {c.measured.measure.id: c for c in classes if c.under == MILESTONE}
    steps = {c.measured.measure.id: c for c in classes if c.under == STEP}
    yield from _same_class(milestones, waiting, groups, known)
    for p in passages:
        if p.after is not None:
            yield from _followed(p, milestones, steps)
    yield from _schools_of_partners(milestones.values(), known)


def _same_class(
    milestones: Mapping[str, PublishedClass],
    waiting: Sequence[MeasuredClass],
    groups: Groups,
    known: set[Place],
) -> Iterator[Relation]:
    """Who graduates is who can enroll next, in the whole class and in each group."""
    starts = {id: (c.measured, groups[c.id]) for id, c in milestones.items()}
    starts |= {m.measure.id: (m, {}) for m in waiting}
    for later_id, earlier_id in FOLLOWS.items():
        earlier = milestones.get(earlier_id)
        if earlier is None or later_id not in starts or starts[later_id][0].klass != earlier.measured.klass:
            continue
        later, listed = starts[later_id]
        for group in ({}, *({kind: value} for kind, values in listed.items() for value in values)):
            total = earlier.at(MilestoneOutcome.REACHED, group)
            part = {MILESTONE: later.measure.name, **group}
            if place(total) in known and place(part) in known:
                yield Relation(total, [part])


def _followed(
    passage: MilestoneStep,
    milestones: Mapping[str, PublishedClass],
    steps: Mapping[str, PublishedClass],
) -> Iterator[Relation]:
    """Who reaches a milestone came from the one before or joins; and who starts on a step is who reached the milestone before,
    where that class is published too."""
    there, step = milestones[passage.measure.id], steps[passage.measure.id]
    came = [step.at(MilestoneOutcome.REACHED), {JOIN: passage.measure.name}]
    yield Relation(there.at(MilestoneOutcome.REACHED), came)
    before = milestones.get(passage.after.id) if passage.after else None
    if before is not None and before.measured.klass == passage.since:
        yield Relation(before.at(MilestoneOutcome.REACHED), [step.at()])


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
