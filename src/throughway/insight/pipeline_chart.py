"""Bars of the pipeline's charts, in percent of the space next to a label: each step's students, and each group's losses.

A bar is as wide as its published figure, and all bars of a chart have one scale; templates write the numbers next to them. A range is
solid up to its lower end and hatched from there to its upper end. A withheld figure is a hatched bar of fixed width, so that its size
reveals nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from throughway.insight.figures import (
    Figures,
    GroupFigures,
    Milestone,
    PipelineFigures,
    Shown,
    compared,
    groups,
)
from throughway.measures.groups import OTHERS
from throughway.publication.shown_figures import range_ends

WITHHELD = 6.0  # width of a withheld figure
HATCHED = "tw-withheld"
GAP = 1.5  # between students seen and not seen
MOST_GROUPS = 6


@dataclass(frozen=True)
class Bar:
    """`kind`: a class of the style sheet. `x` and `width` in percent."""

    kind: str
    x: float
    width: float

    @property
    def hatched(self) -> bool:
        return self.kind == HATCHED


@dataclass(frozen=True)
class StepBars:
    """One step: on the left of the axis, students who join; on the right, those who go on, those lost and, separately, those not
    seen."""

    step: Milestone
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class GroupBars:
    """A group that loses more than the whole class's rate, with a row of bars for each milestone."""

    group: GroupFigures
    rows: tuple[tuple[Milestone, Figures, tuple[Bar, ...]], ...]

    @property
    def compared(self) -> int:
        return len(self.group.excesses)


def step_bars(steps: Sequence[Milestone]) -> tuple[StepBars, ...]:
    """The steps on one scale, with one axis."""
    joins = [_joins(step) for step in steps]
    others = [_others(step) for step in steps]
    hidden = max(map(_hidden, joins), default=0) + max(map(_hidden, others), default=0)
    students = max(map(_students, joins), default=0) + max(map(_students, others), default=0)
    scale = (100 - GAP - WITHHELD * hidden) / max(students, 1)
    axis = max((_width(n, scale) for each in joins for n in each), default=0.0)
    return tuple(StepBars(step, _bars(step, scale, axis)) for step in steps)


def _joins(step: Milestone) -> list[Shown]:
    return [step.joined] if step.whole and step.heading.joins else []


def _others(step: Milestone) -> list[Shown]:
    return [step.whole.reached, step.whole.lost, step.whole.not_seen] if step.whole else []


def _hidden(shown: Sequence[Shown]) -> int:
    return sum(n is None for n in shown)


def _students(shown: Sequence[Shown]) -> int:
    return sum(_largest(n) for n in shown)


def _largest(shown: Shown) -> int:
    """The largest count that the figure may be; 0 where it is withheld."""
    ends = range_ends(shown)
    return ends[1] if ends else shown if isinstance(shown, int) else 0


def _width(shown: Shown, scale: float) -> float:
    return WITHHELD if shown is None else scale * _largest(shown)


def _bars(step: Milestone, scale: float, axis: float) -> tuple[Bar, ...]:
    found = [
        replace(bar, x=round(2 * axis - bar.x - bar.width, 2))  # to the left of the axis
        for n in _joins(step)
        for bar in _figure_bars("tw-join", axis, n, scale)
    ]
    x = axis
    for kind, n in zip(("tw-water", "tw-lost", "tw-unseen"), _others(step), strict=False):
        x += GAP if kind == "tw-unseen" else 0
        found += _figure_bars(kind, x, n, scale)
        x += _width(n, scale)
    return tuple(bar for bar in found if bar.width)


def _figure_bars(kind: str, x: float, shown: Shown, scale: float) -> list[Bar]:
    """The bar of one figure, from x on; of a range, the bar that is certain and the hatched one."""
    low, high = range_ends(shown) or (0, 0)
    if high:
        return [_bar(kind, x, low, scale), _bar(HATCHED, x + scale * low, high - low, scale)]
    return [_bar(HATCHED if shown is None else kind, x, shown, scale)]


def _bar(kind: str, x: float, shown: Shown, scale: float) -> Bar:
    return Bar(kind, round(x, 2), round(_width(shown, scale), 2))


def group_bars(figures: PipelineFigures) -> tuple[GroupBars, ...]:
    """The six groups that lose most beyond the whole class's rate, most first; a group with the same students as another is shown
    once."""
    chosen: list[GroupFigures] = []
    for group in sorted(
        groups(compared(figures)), key=lambda g: (-g.excess, -len(g.excesses), g.kind, g.name)
    ):
        same = any(_losses(group) == _losses(other) for other in chosen)
        named = group.kind != "school" and group.name not in OTHERS
        if group.excess > 0 and named and not same and len(chosen) < MOST_GROUPS:
            chosen.append(group)
    counts = [n for group in chosen for m, f in group.milestones for n in (f.lost, m.expected(f))]
    scale = 100 / max(map(_largest, counts), default=1)
    return tuple(
        GroupBars(group, tuple((m, f, _loss_bars(m, f, scale)) for m, f in group.milestones))
        for group in chosen
    )


def _losses(group: GroupFigures) -> list[tuple[object, ...]]:
    return [(m.heading.id, f.reached, f.lost) for m, f in group.milestones]


def _loss_bars(milestone: Milestone, figures: Figures, scale: float) -> tuple[Bar, ...]:
    """Students lost up to the whole class's rate, those beyond it, and a tick at that rate."""
    if not isinstance(figures.lost, int):
        return tuple(bar for bar in _figure_bars("tw-lost", 0, figures.lost, scale) if bar.width)
    expected = milestone.expected(figures)
    within = figures.lost if expected is None else min(figures.lost, expected)
    bars = [
        _bar("tw-lost-expected", 0, within, scale),
        _bar("tw-lost", scale * within, figures.lost - within, scale),
    ]
    tick = [] if expected is None else [Bar("tw-tick", round(min(scale * expected, 99.2), 2), 0.8)]
    return (*(bar for bar in bars if bar.width), *tick)
