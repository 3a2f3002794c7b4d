"""Draws the pipeline as reaches of a river, one for each milestone: water goes on, losses fall away, the unseen leave apart.

One scale for the whole picture, in pixels for each student. Each reach starts with its own class, so the reaches do not
join. A withheld figure is a hatched block of fixed size, off the scale.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from throughway.insight.figures import Step
from throughway.insight.shapes import BEND, Drawing, Path, Text, box, n
from throughway.insight.wording import cause_sentence, lines, number, school_year

HATCHED = (30.0, 20.0)
FALL, LEAVE = 24.0, 12.0  # inner radius of a loss's bend, and of the unseen's
AHEAD = 10.0  # a ribbon goes on so far before it bends


@dataclass(frozen=True)
class Layout:
    """Where things stand: along the water (s) and across it (t). `upright` turns the river by a quarter."""

    upright: bool
    scale: float
    water: float  # t where what is seen begins
    fall: float  # t where all losses end
    leave: float  # t where all the unseen end

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


def wide(steps: Sequence[Step], label: str) -> Drawing:
    """Side by side, for a desk: 1,040 across."""
    width, left = 1040.0, 10.0
    reach = (width - left) / len(steps)
    scale = _scale(steps, 170)
    water = 112 + LEAVE + 26 + max(_deepest(steps, scale, "not_seen"), 12)
    fall = water + _deepest(steps, scale, "reached", "lost") + FALL + 36
    layout = Layout(False, scale, water=water, fall=fall, leave=112)
    paths: list[Path] = []
    texts: list[Text] = []
    for place, step in enumerate(steps):
        at = left + place * reach
        paths += _reach(step, layout, at, at + reach - 18)
        texts += _words_beside(step, layout, at, reach)
    return Drawing("tw-river tw-wide", width, fall + 78, label, "hatch-wide", tuple(paths), tuple(texts))


def narrow(steps: Sequence[Step], label: str) -> Drawing:
    """One below the other, for a phone: 342 across."""
    width, top = 342.0, 0.0
    scale = _scale(steps, 150)
    layout = Layout(True, scale, water=72 + _deepest(steps, scale, "not_seen"), fall=width, leave=0)
    paths: list[Path] = []
    texts: list[Text] = []
    for step in steps:
        height = 196.0 if step.whole else 58 + 30 + 19.0 * len(lines(cause_sentence(step), 42))
        paths.append(Path("tw-gate", box(0, top, width, 58)))
        if step.whole:
            paths += _reach(step, layout, top + 58, top + height - 14)
        texts += _words_above(step, top, width)
        top += height
    return Drawing("tw-river tw-narrow", width, top, label, "hatch-narrow", tuple(paths), tuple(texts))


def _scale(steps: Sequence[Step], room: float) -> float:
    """Pixels for each student, so that the largest class that can be drawn fits."""
    drawn = [
        _count(s.whole.reached) + _count(s.whole.lost) + _count(s.whole.not_seen) for s in steps if s.whole
    ]
    return room / max([*drawn, 1])


def _deepest(steps: Sequence[Step], scale: float, *parts: str) -> float:
    """Pixels of the deepest reach, counting these parts of it."""
    return scale * max(
        (sum(_count(getattr(s.whole, part)) for part in parts) for s in steps if s.whole), default=0
    )


def _count(shown: object) -> int:
    return shown if isinstance(shown, int) else 0


def _reach(step: Step, at: Layout, start: float, end: float) -> Iterator[Path]:
    """One class from its post on."""
    figures = step.whole
    if figures is None:
        foot = at.water + 19 * len(lines(cause_sentence(step), _letters(end - start))) + 20
        yield Path(
            "tw-unseen",
            at.path("M", (start, at.water), "L", (end, at.water), "L", (end, foot), "L", (start, foot), "Z"),
        )
        return
    top = at.water
    bottom = top + at.scale * _count(figures.reached)
    if isinstance(figures.reached, int):
        yield Path(
            "tw-water",
            at.path("M", (start, top), "L", (end, top), "L", (end, bottom), "L", (start, bottom), "Z"),
        )
        yield Path("tw-bank", at.path("M", (start, top), "L", (end, top)))
        yield Path("tw-bank", at.path("M", (start, bottom), "L", (end, bottom)))
    else:
        bottom = top + 46
        yield Path("tw-withheld", at.path("M", (start, top), "L", (end, top), "L", (end, bottom), "L", (start, bottom), "Z"),
                   hatched=True)  # fmt: skip
    if isinstance(figures.lost, int):
        yield Path("tw-lost", _ribbon(at, start, bottom, at.scale * figures.lost, FALL, at.fall))
    else:
        yield _block(at, start + AHEAD + FALL, at.fall - HATCHED[1])
    if isinstance(figures.not_seen, int):
        yield Path("tw-unseen", _ribbon(at, start, top, -at.scale * figures.not_seen, -LEAVE, at.leave))
    else:
        yield _block(at, start + AHEAD + LEAVE, at.leave)
    if not at.upright:
        yield Path(
            "tw-post", at.path("M", (start, 8), "L", (start, bottom + at.scale * _count(figures.lost)))
        )


def _ribbon(at: Layout, start: float, edge: float, width: float, radius: float, end: float) -> str:
    """A band of the given width that leaves at `edge` and bends away to `end`, keeping its width round the bend."""
    bend, far = start + AHEAD, edge + width
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


def _block(at: Layout, s: float, t: float) -> Path:
    long, across = HATCHED
    return Path("tw-withheld", at.path("M", (s, t), "L", (s + long, t), "L", (s + long, t + across), "L", (s, t + across), "Z"),
                hatched=True)  # fmt: skip


def _words_beside(step: Step, at: Layout, start: float, reach: float) -> Iterator[Text]:
    x = start + 9
    for line, words in enumerate(lines(step.measure.name, int(reach / 9.2))):
        yield Text("tw-t-name", x, 22 + 19 * line, words)
    yield Text("tw-t-small", x, 84, school_year(step.year) if step.year else "")
    figures = step.whole
    if figures is None:
        for line, words in enumerate(lines(cause_sentence(step), _letters(reach - 18))):
            yield Text("tw-t-small", x, at.water + 22 + 19 * line, words)
        return
    aside = start + AHEAD + LEAVE + max(at.scale * _count(figures.not_seen), HATCHED[0]) + 8
    yield Text("tw-t-small", aside, at.leave + 14, _unseen(figures.not_seen))
    x = start + reach - 22
    yield Text(
        "tw-t-go" if figures.reached is not None else "tw-t-withheld",
        x - 42,
        at.water - 9,
        number(figures.reached),
        "end",
    )
    yield Text("tw-t-small", x, at.water - 9, "go on", "end")
    x = start + AHEAD + FALL + max(at.scale * _count(figures.lost), HATCHED[0]) / 2
    yield Text(
        "tw-t-lost" if figures.lost is not None else "tw-t-withheld",
        x,
        at.fall + 30,
        number(figures.lost),
        "middle",
    )
    for line, words in enumerate(lines(f"lost {step.measure.lost}", 18)):
        yield Text("tw-t-small", max(x, start + 60), at.fall + 52 + 18 * line, words, "middle")


def _words_above(step: Step, top: float, width: float) -> Iterator[Text]:
    yield Text("tw-t-name", 12, top + 25, step.measure.name)
    yield Text("tw-t-small", 12, top + 46, school_year(step.year) if step.year else "")
    figures = step.whole
    if figures is None:
        for line, words in enumerate(lines(cause_sentence(step), 42)):
            yield Text("tw-t-small", 12, top + 82 + 19 * line, words)
        return
    yield Text("tw-t-small", 0, top + 128, number(figures.not_seen))
    yield Text("tw-t-small", 0, top + 146, "not seen")
    kind = "tw-t-big" if isinstance(figures.reached, int) else "tw-t-withheld"
    yield Text(kind, width - 12, top + 30, number(figures.reached), "end")
    yield Text("tw-t-small", width - 12, top + 50, "go on", "end")
    yield Text(
        "tw-t-lost" if isinstance(figures.lost, int) else "tw-t-withheld",
        width,
        top + 148,
        number(figures.lost),
        "end",
    )
    for line, words in enumerate(lines(f"lost {step.measure.lost}", 15)):
        yield Text("tw-t-small", width, top + 166 + 18 * line, words, "end")


def _unseen(shown: object) -> str:
    return f"not seen: {number(shown)}" if shown is None else f"{number(shown)} not seen"


def _letters(width: float) -> int:
    """About how many letters of small text fit."""
    return int((width - 20) / 7.6)
