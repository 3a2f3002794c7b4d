"""What the report may say: the pipeline as read back from protected tables, and from nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from throughway.insight.pipeline_tables import JOIN, MILESTONE, STEP
from throughway.measures import Cause, MeasuredClass, MeasurePolicy, MilestoneOutcome, MilestoneStep
from throughway.measures.groups import UNKNOWN
from throughway.publication import ProtectedCell, ProtectedTable
from throughway.publication.tables import Place, place


@dataclass(frozen=True)
class MilestoneHeading:
    """A milestone without its figures. `unseen`: why nobody can be seen at it."""

    id: str
    name: str
    short: str
    lost: str
    definition: str
    window: str
    group: str
    start: str
    causes: tuple[str, ...]
    sign: bool
    spring: bool
    year: int | None  # its class: the ending year of a school year
    unseen: str | None
    begins: int | None  # the ending year of the school year in which those start who are on the step to it
    after: (
        str | None
    )  # the milestone that all on the step had reached; None where they are the milestone's own class
    joins: bool  # students can come by another way
    cure: str = ""  # where nobody can be seen: what is wrong and what to do, as far as more can be said than the cause


def heading(
    measured: MeasuredClass, passage: MilestoneStep | None, policy: MeasurePolicy
) -> MilestoneHeading:
    """Of what was found at a milestone, and on the step to it; a sign on the way has no step."""
    m, klass = measured.measure, measured.klass
    begins = None if klass is None else passage.since if passage and passage.since else klass + m.starts_in
    return MilestoneHeading(
        id=m.id, name=m.name, short=m.short, lost=m.lost, definition=m.definition(policy), window=m.window(policy), group=m.group,
        start=m.start, causes=tuple(map(str, m.causes)), sign=m.sign, spring=m.spring, year=klass,
        unseen=str(_unseen(measured)) if _unseen(measured) else None, begins=begins,
        after=passage.after.name if passage and passage.after else None,
        joins=passage is not None and passage.joined is not None, cure=measured.cure,
    )  # fmt: skip


def _unseen(measured: MeasuredClass) -> Cause | None:
    if measured.waits:
        return Cause.NOT_YET_DUE
    return None if measured.students() else measured.why_unseen or Cause.NO_RECORD


def headings_to_json(headings: Sequence[MilestoneHeading]) -> list[dict[str, Any]]:
    return [asdict(h) | {"causes": list(h.causes)} for h in headings]


def headings_from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[MilestoneHeading, ...]:
    names = [f.name for f in fields(MilestoneHeading)]
    return tuple(
        MilestoneHeading(
            **{name: row[name] for name in names if name in row} | {"causes": tuple(row["causes"])}
        )
        for row in stored
    )


Shown = int | str | None  # None: withheld
Cells = Mapping[tuple[str, Place], Shown]


@dataclass(frozen=True)
class Figures:
    """One class, or one group of it; each figure as published. `seen` and `expected` are made of published ones."""

    name: str  # "" for the whole class
    started: Shown
    reached: Shown
    lost: Shown
    not_seen: Shown
    share_lost: Shown
    seen: Shown = None  # reached and lost
    expected: Shown = None  # how many it would lose at the whole class's share


@dataclass(frozen=True)
class Milestone:
    """A milestone, or the step to it. Where nobody can be seen `whole` is None, and `waiting` how many wait for it."""

    heading: MilestoneHeading
    under: str  # the dimension under which its figures stand
    whole: Figures | None
    share_seen: Shown
    causes: tuple[tuple[str, Shown], ...]
    groups: Mapping[str, tuple[Figures, ...]]
    waiting: Shown = None
    joined: Shown = None
    arrive: Shown = None  # reached and joined

    @property
    def at(self) -> dict[str, str]:
        return {self.under: self.heading.name}


@dataclass(frozen=True)
class PipelineFigures:
    """All milestones, signs on the way among them, and the steps of the river."""

    milestones: tuple[Milestone, ...]
    steps: tuple[Milestone, ...]


def pipeline(
    headings: Sequence[MilestoneHeading], tables: Sequence[ProtectedTable], kinds: Sequence[str]
) -> PipelineFigures:
    """The milestones and steps with their protected figures."""
    for table in tables:
        if not isinstance(table, ProtectedTable):
            raise TypeError("only protected tables can be reported")
    cells = {(c.statistic, place(c.at)): c.shown for table in tables for c in table.cells}
    river = [h for h in headings if not h.sign and not h.spring]
    return PipelineFigures(
        tuple(_milestone(h, MILESTONE, cells, kinds) for h in headings),
        tuple(_milestone(h, STEP if h.after else MILESTONE, cells, kinds) for h in river),
    )


def _milestone(heading: MilestoneHeading, under: str, cells: Cells, kinds: Sequence[str]) -> Milestone:
    here = {under: heading.name}
    joined = cells.get(("students", place({JOIN: heading.name})))
    if ("rate", place(here | {"share": "seen"})) not in cells:
        waiting = cells.get(("students", place(here)))
        return Milestone(heading, under, None, None, (), {}, waiting)
    return Milestone(
        heading=heading,
        under=under,
        whole=_figures(cells, here, {}, ""),
        share_seen=cells["rate", place(here | {"share": "seen"})],
        causes=tuple(_causes(heading, here, cells)) if under == MILESTONE else (),
        groups={kind: listed for kind in kinds if (listed := tuple(_listed(cells, here, kind)))},
        joined=joined,
        arrive=cells.get(("sum", place({**here, "sum": "arrive"}))),
    )


def _causes(heading: MilestoneHeading, here: Mapping[str, str], cells: Cells) -> Iterator[tuple[str, Shown]]:
    """Each cause for which students can be out of sight at this milestone, and how many are."""
    unseen = {**here, "outcome": str(MilestoneOutcome.NOT_SEEN)}
    if len(heading.causes) == 1:
        yield heading.causes[0], cells["students", place(unseen)]
        return
    for cause in heading.causes:
        yield cause, cells["students", place(unseen | {"cause": cause})]


def _listed(cells: Cells, here: Mapping[str, str], kind: str) -> Iterator[Figures]:
    """The groups of one kind, in the order of their table."""
    (milestone,) = here.items()
    for statistic, where in cells:
        values = dict(where)
        if statistic == "students" and milestone in where and kind in values and "outcome" not in values:
            yield _figures(cells, here, {kind: values[kind]}, values[kind])


def _figures(cells: Cells, here: Mapping[str, str], group: Mapping[str, str], name: str) -> Figures:
    def students(outcome: MilestoneOutcome | None) -> Shown:
        where = {**here, **group} | ({"outcome": str(outcome)} if outcome else {})
        return cells["students", place(where)]

    return Figures(
        name=name,
        started=students(None),
        reached=students(MilestoneOutcome.REACHED),
        lost=students(MilestoneOutcome.LOST),
        not_seen=students(MilestoneOutcome.NOT_SEEN),
        share_lost=cells["rate", place({**here, **group, "share": "lost"})],
        seen=cells.get(("sum", place({**here, **group, "sum": "seen"}))),
        expected=cells.get(("mean", place({**here, **group, "expected": "lost"}))),
    )


def to_json(milestone: Milestone) -> dict[str, object]:
    """One milestone for programs: each figure with what is shown and whether it is withheld."""
    h = milestone.heading
    told: dict[str, object] = {
        "id": h.id,
        "name": h.name,
        "definition": h.definition,
        "window": h.window,
        "class": h.year,
        "sign": h.sign,
        "cannot_be_observed": h.unseen,
        "cure": h.cure,
    }
    if milestone.whole is None:
        return told | ({"waiting": _cell(milestone.waiting)} if h.unseen == Cause.NOT_YET_DUE else {})
    return told | _told(milestone.whole) | {
        "share_seen": _cell(milestone.share_seen),
        "not_seen_by_cause": {cause: _cell(shown) for cause, shown in milestone.causes},
        "groups": {kind: {f.name: _told(f) for f in listed} for kind, listed in milestone.groups.items()},
    }  # fmt: skip


def step_to_json(step: Milestone) -> dict[str, object]:
    """One step of the river for programs."""
    h = step.heading
    told: dict[str, object] = {
        "to": h.name,
        "id": h.id,
        "after": h.after,
        "begins": h.begins,
        "class": h.year,
    }
    if step.whole is None:
        return told | {"cannot_be_observed": h.unseen}
    return told | _told(step.whole) | {
        "joined": _cell(step.joined) if h.joins else None,
    }  # fmt: skip


def _told(figures: Figures) -> dict[str, object]:
    named = ("started", "reached", "lost", "not_seen", "share_lost")
    return {name: _cell(getattr(figures, name)) for name in named}


def _cell(shown: Shown) -> dict[str, object]:
    return {"shown": shown, "withheld": shown is None}


TITLE = "Made of the figures above"
LARGEST = 3


def made_of(pipeline: PipelineFigures) -> ProtectedTable:
    """The table of all of them."""
    cells = [
        *(cell for m in _distinct(pipeline) for cell in _of_one(m)),
        *_over_steps([s for s in pipeline.steps if s.whole]),
        *_over_groups(compared(pipeline)),
    ]
    by = tuple(dict.fromkeys(dimension for cell in cells for dimension in cell.at))
    return ProtectedTable(TITLE, by, tuple(cells))


def _distinct(pipeline: PipelineFigures) -> Iterator[Milestone]:
    """Milestones and steps with figures; a step that is the milestone's own class once."""
    yield from (m for m in pipeline.milestones if m.whole)
    yield from (s for s in pipeline.steps if s.whole and s.heading.after)


def _of_one(m: Milestone) -> Iterator[ProtectedCell]:
    assert m.whole is not None
    yield ProtectedCell({**m.at, "sum": "seen"}, "sum", _sum_seen(m.whole))
    if m.heading.joins:
        arrive = (
            m.whole.reached + m.joined
            if isinstance(m.whole.reached, int) and isinstance(m.joined, int)
            else None
        )
        yield ProtectedCell({**m.at, "sum": "arrive"}, "sum", arrive)
    for kind, listed in m.groups.items():
        for figures in listed:
            where = {**m.at, kind: figures.name}
            yield ProtectedCell({**where, "sum": "seen"}, "sum", _sum_seen(figures))
            yield ProtectedCell({**where, "expected": "lost"}, "mean", expected(m.whole, figures))


def _sum_seen(figures: Figures) -> Shown:
    reached, lost = figures.reached, figures.lost
    return reached + lost if isinstance(reached, int) and isinstance(lost, int) else None


def expected(whole: Figures, group: Figures) -> int | None:
    """Students that a group would lose at the share lost of all, to the nearest whole one."""
    all_seen, seen = _sum_seen(whole), _sum_seen(group)
    if not isinstance(whole.lost, int) or not isinstance(all_seen, int) or not isinstance(seen, int):
        return None
    return (2 * seen * whole.lost + all_seen) // (2 * all_seen) if all_seen else None


def _over_steps(steps: Sequence[Milestone]) -> Iterator[ProtectedCell]:
    """Sums over the steps whose figure is shown, with the number of these steps."""
    lost = sorted((s.whole.lost for s in steps if s.whole and isinstance(s.whole.lost, int)), reverse=True)
    unseen = [s.whole.not_seen for s in steps if s.whole and isinstance(s.whole.not_seen, int)]
    joined = [s.joined for s in steps if isinstance(s.joined, int)]
    for what, counts in (
        ("lost", lost),
        ("lost, largest", lost[:LARGEST]),
        ("not seen", unseen),
        ("join", joined),
    ):
        if counts:
            yield ProtectedCell({"sum": what, "steps": str(len(counts))}, "sum", sum(counts))


def compared(pipeline: PipelineFigures) -> Sequence[Milestone]:
    """The milestones at which groups are compared, everyone in each class: all but the signs on the way."""
    return [m for m in pipeline.milestones if not m.heading.sign]


def _over_groups(steps: Sequence[Milestone]) -> Iterator[ProtectedCell]:
    """Of each group: students lost beyond everyone's share, and not seen, over the steps that show them."""
    for (kind, name), listed in groups_of(steps).items():
        told = [(s, f) for s, f in listed if excess_losses(s, f) is not None]
        at = {kind: name, "sum": "lost beyond everyone's share", "steps": str(len(told))}
        yield ProtectedCell(at, "sum", sum(excess_losses(s, f) or 0 for s, f in told))
        unseen = [f.not_seen for _, f in listed]
        whole = (
            sum(n for n in unseen if isinstance(n, int)) if all(isinstance(n, int) for n in unseen) else None
        )
        yield ProtectedCell({kind: name, "sum": "not seen"}, "sum", whole)


def excess_losses(step: Milestone, group: Figures) -> int | None:
    """Students lost beyond everyone's share; fewer than none where the group does better."""
    rate = expected(step.whole, group) if step.whole else None
    return group.lost - rate if isinstance(group.lost, int) and rate is not None else None


def groups_of(steps: Sequence[Milestone]) -> Mapping[tuple[str, str], list[tuple[Milestone, Figures]]]:
    """Every named group with its figures on each step."""
    found: dict[tuple[str, str], list[tuple[Milestone, Figures]]] = {}
    for step in steps:
        for kind, listed in step.groups.items():
            for figures in listed:
                if figures.name != UNKNOWN:
                    found.setdefault((kind, figures.name), []).append((step, figures))
    return found
