"""What the report may say: the pipeline as read back from protected tables, and from nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from throughway.insight.milestone_text import MilestoneHeading
from throughway.insight.published_classes import JOIN, MILESTONE, STEP
from throughway.measures import Cause, MilestoneOutcome
from throughway.publication import ProtectedTable
from throughway.publication.cell_position import Place, place

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
