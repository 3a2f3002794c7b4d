"""What the page of the pipeline says, in the order in which it is read: the finding first, the proof below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from throughway.insight.figures import Figures, Step
from throughway.insight.measures import Cause
from throughway.insight.panels import Group, Panel, groups, panels
from throughway.insight.pipeline import KINDS
from throughway.insight.river import narrow, wide
from throughway.insight.shapes import Drawing
from throughway.insight.telling import KeyNumber, headline, label, lead, lost_at, numbers
from throughway.insight.wording import CAUSE, KIND, WHY, number, school_year, share


@dataclass(frozen=True)
class Provenance:
    """What a report rests on."""

    community: str
    release: str
    purpose: str
    agreements: tuple[str, ...]
    minimum_cell: int
    on: date
    partners: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A figure as words; a withheld one is drawn hatched."""

    words: str
    withheld: bool


@dataclass(frozen=True)
class Ranked:
    place: int
    step: Step
    group: str
    bar: float | None  # percent of the largest loss
    lost: Cell
    seen: Cell
    share: Cell
    not_seen: Cell


@dataclass(frozen=True)
class Unseen:
    step: Step
    group: str
    not_seen: Cell
    share: Cell
    causes: tuple[tuple[str, Cell], ...]
    sentence: str


@dataclass(frozen=True)
class Milestone:
    """A row of the table beside the river; no cells where nobody can be seen."""

    step: Step
    group: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class GroupTable:
    kind: str
    steps: tuple[Step, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Page:
    provenance: Provenance
    headline: str
    lead: str
    numbers: tuple[KeyNumber, ...]
    rivers: tuple[Drawing, ...]
    milestones: tuple[Milestone, ...]
    ranked: tuple[Ranked, ...]
    panels: tuple[Panel, ...]
    tables: tuple[GroupTable, ...]
    unseen: tuple[Unseen, ...]
    steps: tuple[Step, ...]
    as_of: str


def pipeline_page(steps: Sequence[Step], provenance: Provenance) -> Page:
    """The page's words and drawings, from protected figures."""
    described = label(steps)
    return Page(
        provenance=provenance,
        headline=headline(steps, provenance.community),
        lead=lead(steps),
        numbers=tuple(numbers(steps)),
        rivers=(wide(steps, described), narrow(steps, described)),
        milestones=tuple(Milestone(step, _class(step), _row(step)) for step in steps),
        ranked=_ranked(steps),
        panels=tuple(panels(steps)),
        tables=tuple(_tables(steps)),
        unseen=tuple(_unseen(step) for step in steps),
        steps=tuple(steps),
        as_of=f"{provenance.on.day} {provenance.on:%B %Y}",
    )


def _ranked(steps: Sequence[Step]) -> tuple[Ranked, ...]:
    """The steps by students lost, withheld ones last."""
    drawn = [s for s in steps if s.whole]
    largest = max(map(lost_at, drawn), default=0)
    ordered = sorted(drawn, key=lambda s: -lost_at(s))
    return tuple(
        Ranked(
            place=place, step=s, group=_class(s), bar=round(100 * lost_at(s) / largest, 1) if lost_at(s) else None,
            lost=_cell(s.whole.lost), seen=_cell(s.whole.seen), share=_percent(s.whole.share_lost),
            not_seen=_cell(s.whole.not_seen),
        )
        for place, s in enumerate(ordered, start=1)
        if s.whole
    )  # fmt: skip


def _unseen(step: Step) -> Unseen:
    none = Cell("", False)
    if step.whole is None:
        waiting = f" {number(step.waiting)} wait for it." if step.waiting else ""
        return Unseen(step, _class(step), none, none, (), WHY[step.unseen or Cause.NO_RECORD] + waiting)
    causes = tuple((CAUSE[Cause(cause)], _cell(shown)) for cause, shown in step.causes)
    return Unseen(step, _class(step), _cell(step.whole.not_seen), _percent(step.share_seen), causes, "")


def _tables(steps: Sequence[Step]) -> list[GroupTable]:
    """For each kind of group: students lost, of those seen, at each step."""
    tables = []
    ordered: dict[str, list[Group]] = {}
    for group in sorted(groups(steps), key=lambda g: g.name):
        ordered.setdefault(group.kind, []).append(group)
    for kind in (k for k in KINDS if k in ordered):
        with_kind = tuple(s for s in steps if kind in s.groups)
        rows = []
        for group in ordered[kind]:
            by_step = {bar.step.measure.id: bar.figures for bar in group.bars}
            rows.append((group.name, tuple(_lost_of_seen(by_step.get(s.measure.id)) for s in with_kind)))
        tables.append(GroupTable(KIND.get(kind, kind), with_kind, tuple(rows)))
    return tables


def _row(step: Step) -> tuple[Cell, ...]:
    f = step.whole
    return tuple(map(_cell, (f.started, f.reached, f.lost, f.not_seen))) if f else ()


def _lost_of_seen(figures: Figures | None) -> Cell:
    if figures is None:
        return Cell("none in this class", False)
    if not isinstance(figures.lost, int):
        return _cell(None)
    seen = f" of {figures.seen:,}" if isinstance(figures.seen, int) else ""
    return Cell(f"{figures.lost:,}{seen}", False)


def _class(step: Step) -> str:
    return f"{step.measure.group}, {school_year(step.year)}" if step.year else step.measure.group


def _cell(shown: object) -> Cell:
    return Cell(number(shown), shown is None)


def _percent(shown: int | str | None) -> Cell:
    return Cell(share(shown), shown is None)
