"""Small multiples: for each group, who is lost at each step, and how many more than at the whole class's share.

Expected losses are computed from published figures alone: the group's seen students times the share lost of all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from throughway.insight.figures import Figures, Step
from throughway.insight.measures.groups import UNKNOWN
from throughway.insight.shapes import Drawing, Path, Text, box, n
from throughway.insight.wording import number

MOST = 6
BAR, TALLEST = 30.0, 76.0
WIDTH, AXIS = 342.0, 30.0


@dataclass(frozen=True)
class Bar:
    """One step of one group. `expected` None: withheld, or not comparable."""

    step: Step
    figures: Figures
    expected: float | None

    @property
    def lost(self) -> int | None:
        return self.figures.lost if isinstance(self.figures.lost, int) else None

    @property
    def beyond(self) -> float:
        return self.lost - self.expected if self.lost is not None and self.expected is not None else 0.0


@dataclass(frozen=True)
class Group:
    kind: str
    name: str
    bars: tuple[Bar, ...]

    @property
    def beyond(self) -> int:
        """Students lost beyond the whole class's share, in the steps that are shown."""
        return round(sum(bar.beyond for bar in self.bars))

    @property
    def shown(self) -> int:
        return sum(bar.expected is not None for bar in self.bars)


@dataclass(frozen=True)
class Panel:
    group: Group
    say: str
    drawing: Drawing


def groups(steps: Sequence[Step]) -> list[Group]:
    """Every named group, most students beyond the whole class's share first."""
    found: dict[tuple[str, str], list[Bar]] = {}
    for step in steps:
        for kind, listed in step.groups.items():
            for figures in listed:
                if figures.name != UNKNOWN:
                    found.setdefault((kind, figures.name), []).append(
                        Bar(step, figures, _expected(step, figures))
                    )
    all_groups = [Group(kind, name, tuple(bars)) for (kind, name), bars in found.items()]
    return sorted(all_groups, key=lambda g: (-g.beyond, -g.shown, g.kind, g.name))


def panels(steps: Sequence[Step]) -> list[Panel]:
    """The first six groups that lose more; a group that is another by a second name is drawn once."""
    chosen: list[Group] = []
    for group in groups(steps):
        same = any([_told(b) for b in group.bars] == [_told(b) for b in other.bars] for other in chosen)
        if group.beyond > 0 and not same and len(chosen) < MOST:
            chosen.append(group)
    largest = max((bar.lost or 0 for group in chosen for bar in group.bars), default=1)
    return [_panel(group, place, TALLEST / max(largest, 1)) for place, group in enumerate(chosen)]


def _told(bar: Bar) -> tuple[object, ...]:
    return bar.step.measure.id, bar.figures.reached, bar.figures.lost


def _expected(step: Step, figures: Figures) -> float | None:
    whole = step.whole
    if whole is None or not isinstance(whole.lost, int) or not isinstance(whole.seen, int) or not whole.seen:
        return None
    return figures.seen * whole.lost / whole.seen if isinstance(figures.seen, int) else None


def _panel(group: Group, place: int, scale: float) -> Panel:
    some = f", in {group.shown} of {len(group.bars)} steps; the rest is withheld"
    steps_shown = "" if group.shown == len(group.bars) else some
    say = f"{group.beyond:,} more lost than at everyone’s rate{steps_shown}."
    paths: list[Path] = [Path("tw-axis", f"M0 {n(AXIS)}H{n(WIDTH)}")]
    texts: list[Text] = []
    column = WIDTH / max(len(group.bars), 1)
    for index, bar in enumerate(group.bars):
        middle = column * (index + 0.5)
        texts.append(Text("tw-t-small", middle, 20, bar.step.measure.short, "middle"))
        paths += _marks(bar, middle, scale)
        texts.append(_count(bar, middle, scale))
    height = max(text.y for text in texts) + 8
    drawn = Drawing("tw-multiple", WIDTH, height, _label(group), f"hatch-{place}", tuple(paths), tuple(texts))
    return Panel(group, say, drawn)


def _marks(bar: Bar, middle: float, scale: float) -> Iterator[Path]:
    left = middle - BAR / 2
    if bar.lost is None:
        yield Path("tw-withheld", box(left, AXIS + 6, BAR, 20), hatched=True)
        return
    if bar.expected is None:
        yield Path("tw-lost-expected", box(left, AXIS, BAR, bar.lost * scale))
        return
    within = min(bar.lost, bar.expected)
    yield Path("tw-lost-expected", box(left, AXIS, BAR, within * scale))
    if bar.lost > within:
        yield Path("tw-lost", box(left, AXIS + within * scale, BAR, (bar.lost - within) * scale))
    tick = AXIS + bar.expected * scale
    yield Path("tw-tick", f"M{n(left - 5)} {n(tick)}h{n(BAR + 10)}")


def _count(bar: Bar, middle: float, scale: float) -> Text:
    if bar.lost is None:
        return Text("tw-t-withheld", middle, AXIS + 43, "withheld", "middle")
    depth = max(bar.lost, bar.expected or 0) * scale
    return Text("tw-t-count", middle, AXIS + depth + 19, number(bar.lost), "middle")


def _label(group: Group) -> str:
    said = []
    for bar in group.bars:
        if bar.lost is None:
            said.append(f"withheld {bar.step.measure.lost}")
        elif bar.expected is None:
            said.append(f"{bar.lost:,} lost {bar.step.measure.lost}")
        else:
            said.append(
                f"{bar.lost:,} lost {bar.step.measure.lost} (at everyone’s rate it would be {bar.expected:.0f})"
            )
    return f"{group.name}: {'; '.join(said)}."
