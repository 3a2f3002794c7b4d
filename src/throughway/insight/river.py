"""Draws the pipeline as one river: water goes on from post to post, losses fall away, those not seen leave apart, others join.

Ribbons keep their width round a bend. Every fall ends on one line, so that losses can be compared. What is withheld is
hatched, of fixed size, off the scale.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from throughway.insight.drawing_marks import BEND, PathMark, n
from throughway.insight.river_flow import Bends, StepGeometry, is_hidden

HATCHED = (30.0, 20.0)
TIP = 20.0


@dataclass(frozen=True)
class RiverLayout:
    """`upright` turns the river by a quarter; `leave` and `fall`: t where all that are not seen, and all losses, end."""

    upright: bool
    bends: Bends
    leave: float
    fall: float

    @property
    def hatched(self) -> tuple[float, float]:
        """The size of a withheld ribbon, along the water and across it."""
        return (HATCHED[1], HATCHED[0]) if self.upright else HATCHED

    def path(self, *points: tuple[float, float] | str) -> str:
        """Points as (s, t), with the letters of a path between them."""
        said = []
        for point in points:
            if isinstance(point, str):
                said.append(point)
            else:
                s, t = point
                said.append(f"{n(t)} {n(s)}" if self.upright else f"{n(s)} {n(t)}")
        return " ".join(said)


def marks(reaches: list[StepGeometry], at: RiverLayout, mouth: float) -> Iterator[PathMark]:
    """Every ribbon; the last water runs on to `mouth` and ends in a tip."""
    for reach in reaches:
        if reach.step.whole is None:
            yield PathMark("tw-unseen", _band(at, reach.start, reach.end, reach.near, reach.far))
            continue
        yield from _water(reach, at)
        yield from _joins(reach, at)
        yield from _unseen(reach, at)
        yield from _lost(reach, at)
    last = reaches[-1] if reaches else None
    if last and last.step.whole and not last.hatched:
        yield from _mouth(last, at, mouth)


def _band(at: RiverLayout, start: float, end: float, near: float, far: float) -> str:
    return at.path("M", (start, near), "L", (end, near), "L", (end, far), "L", (start, far), "Z")


def _water(r: StepGeometry, at: RiverLayout) -> Iterator[PathMark]:
    if r.hatched:
        yield PathMark("tw-withheld", _band(at, r.start, r.end, r.near, r.far), hatched=True)
        return
    yield PathMark("tw-water", _band(at, r.start, r.end, r.near, r.far))
    yield PathMark("tw-bank", at.path("M", (r.start, r.near), "L", (r.end, r.near)))
    yield PathMark("tw-bank", at.path("M", (r.start, r.far), "L", (r.end, r.far)))


def _mouth(r: StepGeometry, at: RiverLayout, mouth: float) -> Iterator[PathMark]:
    """The water beyond the last post, with those who joined on the way."""
    near, shoulder = r.arrives, mouth - min(TIP, (r.far - r.arrives) / 2 + 4)
    tip = (mouth, (near + r.far) / 2)
    yield PathMark("tw-water", at.path("M", (r.end, near), "L", (shoulder, near), "L", tip, "L", (shoulder, r.far), "L", (r.end, r.far), "Z"))  # fmt: skip
    yield PathMark("tw-bank", at.path("M", (r.end, near), "L", (shoulder, near), "L", tip, "L", (shoulder, r.far), "L", (r.end, r.far)))  # fmt: skip


def _unseen(r: StepGeometry, at: RiverLayout) -> Iterator[PathMark]:
    figures = r.step.whole
    if figures is None or figures.not_seen == 0:
        return
    if isinstance(figures.not_seen, int):
        yield PathMark("tw-unseen", _leaving(at, r.start, r.near, -r.unseen, -at.bends.unseen, at.leave))
    else:
        yield _block(at, r.start + at.bends.ahead + at.bends.unseen, at.leave)


def _lost(r: StepGeometry, at: RiverLayout) -> Iterator[PathMark]:
    if is_hidden(r.step):
        yield _block(at, r.start + at.bends.ahead + at.bends.lost, at.fall - at.hatched[1])
    elif r.lost:
        yield PathMark("tw-lost", _leaving(at, r.start, r.far, r.lost, at.bends.lost, at.fall))


def _joins(r: StepGeometry, at: RiverLayout) -> Iterator[PathMark]:
    """Down from the line of those not seen, and round into the river just before the post."""
    if not r.step.heading.joins or r.step.joined == 0:
        return
    radius, into = at.bends.join, r.end - at.bends.ahead
    if not isinstance(r.step.joined, int):
        yield _block(at, into - radius - at.hatched[0], at.leave)
        return
    inner, outer = radius, radius + r.joined
    turned, far = r.arrives - radius, r.near
    left = (
        (into - outer, at.leave), "L", (into - outer, turned),
        "C", (into - outer, turned + outer * BEND), (into - outer * BEND, far), (into, far),
    )  # fmt: skip
    right = (
        (into, r.arrives), "C", (into - inner * BEND, r.arrives), (into - inner, turned + inner * BEND), (into - inner, turned),
        "L", (into - inner, at.leave),
    )  # fmt: skip
    yield PathMark(
        "tw-join", at.path("M", *left, "L", (r.end, far), "L", (r.end, r.arrives), "L", *right, "Z")
    )
    yield PathMark("tw-bank", at.path("M", *left, "L", (r.end, far)))
    yield PathMark("tw-bank", at.path("M", (r.end, r.arrives), "L", *right))


def _leaving(at: RiverLayout, start: float, edge: float, width: float, radius: float, end: float) -> str:
    """A band of the given width that leaves at `edge` and bends away to `end`, keeping its width round the bend."""
    bend, far = start + at.bends.ahead, edge + width
    inner, outer = abs(radius), abs(radius) + abs(width)
    turned = far + radius
    k = 1 - BEND
    return at.path(
        "M", (start, edge), "L", (bend, edge),
        "C", (bend + outer * BEND, edge), (bend + outer, edge + (width + radius) * k), (bend + outer, turned),
        "L", (bend + outer, end), "L", (bend + inner, end), "L", (bend + inner, turned),
        "C", (bend + inner, far + radius * k), (bend + inner * BEND, far), (bend, far),
        "L", (start, far), "Z",
    )  # fmt: skip


def _block(at: RiverLayout, s: float, t: float) -> PathMark:
    long, across = at.hatched
    return PathMark("tw-withheld", _band(at, s, s + long, t, t + across), hatched=True)
