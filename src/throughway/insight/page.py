"""What the page of the pipeline says, in the order in which it is read: the finding first, the proof below."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from throughway.core.prose import data_through, day
from throughway.insight.drawing_marks import PipelineDrawing
from throughway.insight.figures import Figures, Milestone, PipelineFigures, compared, made_of
from throughway.insight.panels import GroupLosses, Panel, groups, panels
from throughway.insight.pipeline_tables import KIND_LABELS, KINDS
from throughway.insight.pipeline_text import (
    CAUSE,
    KeyNumber,
    Method,
    headline,
    label,
    lead,
    lost_at,
    number,
    numbers,
    of_class,
    own_class,
    school_year,
    share,
    why,
)
from throughway.insight.river_narrow import middle, narrow
from throughway.insight.river_wide import wide
from throughway.measures import Cause


@dataclass(frozen=True)
class AgreementReference:
    id: str
    title: str
    until: str  # in words


@dataclass(frozen=True)
class Provenance:
    """What a report rests on. `linkage`: what it could not join, in sentences; `data_through`: to which day the data of each partner
    go, by its name."""

    community: str
    release: str
    purpose: str
    agreements: tuple[AgreementReference, ...]
    minimum_cell: int
    on: date
    partners: tuple[str, ...]
    linkage: tuple[str, ...] = ()
    data_through: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FigureCell:
    """A figure as words; a withheld one is drawn hatched."""

    words: str
    withheld: bool


@dataclass(frozen=True)
class Ranked:
    place: int
    step: Milestone
    group: str
    bar: float | None  # percent of the largest loss
    lost: FigureCell
    seen: FigureCell
    share: FigureCell
    not_seen: FigureCell


@dataclass(frozen=True)
class ClassFigures:
    """Everyone in one class; `sentence` where there is none, `reason` where nobody of it can be seen."""

    milestone: Milestone
    group: str
    reached: FigureCell
    lost: FigureCell
    not_seen: FigureCell
    share: FigureCell
    causes: tuple[tuple[str, FigureCell], ...]
    sentence: str
    reason: str = ""


@dataclass(frozen=True)
class PipelineTableRow:
    """A row of the table beside the river; no cells where nobody can be seen."""

    step: Milestone
    group: str
    cells: tuple[FigureCell, ...]


@dataclass(frozen=True)
class Sign:
    """A sign on the way, or where the river begins: who misses it, of whom."""

    milestone: Milestone
    when: str
    lost: FigureCell
    seen: FigureCell
    share: FigureCell
    bar: int | None  # percent


@dataclass(frozen=True)
class GroupTable:
    kind: str
    steps: tuple[Milestone, ...]
    rows: tuple[tuple[str, tuple[FigureCell, ...]], ...]


@dataclass(frozen=True)
class PipelinePage:
    provenance: Provenance
    method: Method
    headline: str
    lead: str
    numbers: tuple[KeyNumber, ...]
    rivers: tuple[PipelineDrawing, ...]
    rows: tuple[PipelineTableRow, ...]
    ranked: tuple[Ranked, ...]
    panels: tuple[Panel, ...]
    tables: tuple[GroupTable, ...]
    signs: tuple[Sign, ...]
    seen: tuple[ClassFigures, ...]
    milestones: tuple[Milestone, ...]
    as_of: str
    data: str  # to which day they go, in a sentence
    data_to: str  # the same in few words, for a drawing
    withholds: bool  # something on the page is withheld


def pipeline_page(told: PipelineFigures, provenance: Provenance, how: Method) -> PipelinePage:
    """The page's words and drawings, from protected figures."""
    steps = told.steps
    described = label(steps)
    rows = tuple(PipelineTableRow(s, of_class(s), _row(s)) for s in steps)
    tables = tuple(_tables(told))
    return PipelinePage(
        provenance=provenance,
        method=how,
        headline=headline(told, provenance.community),
        lead=lead(steps),
        numbers=tuple(numbers(made_of(told))),
        rivers=tuple(draw(steps, described) for draw in (wide, middle, narrow)),
        rows=rows,
        ranked=_ranked(steps),
        panels=tuple(panels(compared(told))),
        tables=tables,
        signs=tuple(_signs(told)),
        seen=tuple(_seen(m) for m in told.milestones),
        milestones=told.milestones,
        as_of=day(provenance.on),
        data=data_through(provenance.data_through),
        data_to=_span(provenance.data_through),
        withholds=any(c.withheld for row in rows for c in row.cells)
        or any(c.withheld for table in tables for _, cells in table.rows for c in cells),
    )


def _span(through: Mapping[str, str]) -> str:
    """`20 November 2026`; where partners' days differ, the last and the first of them."""
    days = sorted({date.fromisoformat(on) for on in through.values()})
    if len(days) < 2:
        return day(days[0]) if days else ""
    return f"{day(days[-1])}, of some partners only to {day(days[0])}"


def _ranked(steps: Sequence[Milestone]) -> tuple[Ranked, ...]:
    """The steps by students lost, withheld ones last."""
    largest = max(map(lost_at, steps), default=0)
    ordered = sorted((s for s in steps if s.whole), key=lambda s: -lost_at(s))
    return tuple(
        Ranked(
            place=place, step=s, group=of_class(s), bar=round(100 * lost_at(s) / largest, 1) if lost_at(s) else None,
            lost=_cell(s.whole.lost), seen=_cell(s.whole.seen), share=_percent(s.whole.share_lost),
            not_seen=_cell(s.whole.not_seen),
        )
        for place, s in enumerate(ordered, start=1)
        if s.whole
    )  # fmt: skip


def _signs(told: PipelineFigures) -> Iterator[Sign]:
    for m in told.milestones:
        h, f = m.heading, m.whole
        if (h.sign or h.spring) and f:
            percent = f.share_lost if isinstance(f.share_lost, int) else None
            when = f", in {school_year(h.year)}" if h.year else ""
            yield Sign(m, when, _cell(f.lost), _cell(f.seen), _percent(f.share_lost), percent)


def _seen(m: Milestone) -> ClassFigures:
    f = m.whole
    if f is None:
        none = FigureCell("", False)
        waiting = f" {number(m.waiting)} wait for it." if isinstance(m.waiting, int) else ""
        sentence = why(m.heading) + waiting
        return ClassFigures(m, own_class(m), none, none, none, none, (), sentence)
    told = any(shown is not None for _, shown in m.causes)
    causes = tuple((CAUSE[Cause(cause)], _cell(shown)) for cause, shown in m.causes) if told else ()
    reached, lost, not_seen = map(_cell, (f.reached, f.lost, f.not_seen))
    return ClassFigures(
        m, own_class(m), reached, lost, not_seen, _percent(m.share_seen), causes, "", m.heading.cure
    )


def _tables(told: PipelineFigures) -> Iterator[GroupTable]:
    """For each kind of group: students lost at each milestone."""
    by_kind: dict[str, list[GroupLosses]] = {}
    for group in sorted(groups(told.milestones), key=lambda g: g.name):
        by_kind.setdefault(group.kind, []).append(group)
    for kind in (k for k in KINDS if k in by_kind):
        with_kind = tuple(m for m in told.milestones if kind in m.groups)
        rows = []
        for group in by_kind[kind]:
            by_id = {bar.step.heading.id: bar.figures for bar in group.bars}
            rows.append((group.name, tuple(_lost_and_rate(by_id.get(m.heading.id)) for m in with_kind)))
        yield GroupTable(KIND_LABELS.get(kind, kind), with_kind, tuple(rows))


def _row(step: Milestone) -> tuple[FigureCell, ...]:
    f = step.whole
    if f is None:
        return ()
    joined = _cell(step.joined) if step.heading.joins else FigureCell("", False)
    return (*map(_cell, (f.started, f.reached, f.lost)), joined, _cell(f.not_seen))


def _lost_and_rate(figures: Figures | None) -> FigureCell:
    """`176 (141)`: lost, and in brackets at everyone's rate."""
    if figures is None:
        return FigureCell("none in this class", False)
    if not isinstance(figures.lost, int):
        return _cell(None)
    rate = f" ({figures.expected:,})" if isinstance(figures.expected, int) else ""
    return FigureCell(f"{figures.lost:,}{rate}", False)


def _cell(shown: object) -> FigureCell:
    return FigureCell(number(shown), shown is None)


def _percent(shown: int | str | None) -> FigureCell:
    return FigureCell(share(shown), shown is None)
