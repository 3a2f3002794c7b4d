"""Small multiples: for each group, who does not reach each milestone, and how many more than at the whole class's share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from throughway.insight.drawing_marks import PathMark, PipelineDrawing, TextMark, box, n
from throughway.insight.figures import Figures, Milestone, Shown, excess_losses, groups_of
from throughway.insight.pipeline_text import number
from throughway.measures.groups import OTHERS

MOST = 6
BAR, TALLEST = 30.0, 84.0
WIDTH, AXIS = 342.0, 30.0


@dataclass(frozen=True)
class LossBar:
    """One step of one group. `tick`: how many would be lost at the whole class's share; None where that is withheld."""

    step: Milestone
    figures: Figures

    @property
    def lost(self) -> int | None:
        return self.figures.lost if isinstance(self.figures.lost, int) else None

    @property
    def tick(self) -> int | None:
        return self.figures.expected if isinstance(self.figures.expected, int) else None


@dataclass(frozen=True)
class GroupLosses:
    kind: str
    name: str
    bars: tuple[LossBar, ...]

    @property
    def compared(self) -> int:
        """How many steps can be compared with everyone's share."""
        return sum(excess_losses(bar.step, bar.figures) is not None for bar in self.bars)

    @property
    def beyond(self) -> int:
        """Students lost beyond everyone's share, over those steps."""
        return sum(excess_losses(bar.step, bar.figures) or 0 for bar in self.bars)

    @property
    def not_seen(self) -> Shown:
        """Over all steps; withheld where one of them is."""
        counts = [bar.figures.not_seen for bar in self.bars]
        known = [c for c in counts if isinstance(c, int)]
        return sum(known) if len(known) == len(counts) else None


@dataclass(frozen=True)
class Panel:
    group: GroupLosses
    more: str
    rest: str
    unseen: str
    drawing: PipelineDrawing


def groups(steps: Sequence[Milestone]) -> list[GroupLosses]:
    """Every named group, most students beyond the whole class's share first."""
    found = [
        GroupLosses(kind, name, tuple(LossBar(s, f) for s, f in listed))
        for (kind, name), listed in groups_of(steps).items()
    ]
    return sorted(found, key=lambda g: (-g.beyond, -g.compared, g.kind, g.name))


def panels(steps: Sequence[Milestone]) -> list[Panel]:
    """The first six groups that lose more; a group that is another by a second name is drawn once."""
    chosen: list[GroupLosses] = []
    for group in groups(steps):
        same = any([_told(b) for b in group.bars] == [_told(b) for b in other.bars] for other in chosen)
        if group.beyond > 0 and not same and _is_of_people(group) and len(chosen) < MOST:
            chosen.append(group)
    depths = (d for group in chosen for bar in group.bars for d in (bar.lost, bar.tick))
    largest = max((d for d in depths if d is not None), default=1)
    return [_panel(group, place, TALLEST / max(largest, 1)) for place, group in enumerate(chosen)]


def _is_of_people(group: GroupLosses) -> bool:
    """A group named for what the records say of its students; not a school, and not all the others."""
    return group.kind != "school" and group.name not in OTHERS


def _told(bar: LossBar) -> tuple[object, ...]:
    return bar.step.heading.id, bar.figures.reached, bar.figures.lost


def _panel(group: GroupLosses, place: int, scale: float) -> Panel:
    some = f", at the {group.compared} of {len(group.bars)} milestones that we may compare"
    rest = f"more lost than at everyone’s rate{'' if group.compared == len(group.bars) else some}."
    paths: list[PathMark] = [PathMark("tw-axis", f"M0 {n(AXIS)}H{n(WIDTH)}")]
    texts: list[TextMark] = []
    column = WIDTH / max(len(group.bars), 1)
    middles = [column * (index + 0.5) for index in range(len(group.bars))]
    for bar, middle in zip(group.bars, middles, strict=True):
        texts.append(TextMark("tw-t-small", middle, 20, bar.step.heading.short, "middle"))
        paths += _marks(bar, middle, scale)
        if bar.lost is not None:
            depth = max(bar.lost, bar.tick or 0) * scale
            texts.append(TextMark("tw-t-count", middle, AXIS + depth + 19, number(bar.lost), "middle"))
    texts += _withheld(group.bars, middles)
    height = max(text.y for text in texts) + 8
    drawn = PipelineDrawing(
        "tw-multiple", WIDTH, height, _label(group), f"hatch-{place}", tuple(paths), tuple(texts)
    )
    return Panel(group, number(group.beyond), rest, number(group.not_seen), drawn)


def _withheld(bars: Sequence[LossBar], middles: Sequence[float]) -> Iterator[TextMark]:
    """The word under each run of hatched bars."""
    run: list[float] = []
    for bar, middle in [*zip(bars, middles, strict=True), (None, 0.0)]:
        if bar is not None and bar.lost is None:
            run.append(middle)
        elif run:
            x = min(max((run[0] + run[-1]) / 2, 30), WIDTH - 30)
            yield TextMark("tw-t-withheld", x, AXIS + 43, "withheld", "middle")
            run = []


def _marks(bar: LossBar, middle: float, scale: float) -> Iterator[PathMark]:
    left = middle - BAR / 2
    if bar.lost is None:
        yield PathMark("tw-withheld", box(left, AXIS + 6, BAR, 20), hatched=True)
        return
    if bar.tick is None:
        yield PathMark("tw-lost-expected", box(left, AXIS, BAR, bar.lost * scale))
        return
    within = min(bar.lost, bar.tick)
    yield PathMark("tw-lost-expected", box(left, AXIS, BAR, within * scale))
    if bar.lost > within:
        yield PathMark("tw-lost", box(left, AXIS + within * scale, BAR, (bar.lost - within) * scale))
    yield PathMark("tw-tick", f"M{n(left - 5)} {n(AXIS + bar.tick * scale)}h{n(BAR + 10)}")


def _label(group: GroupLosses) -> str:
    said = []
    for bar in group.bars:
        where = bar.step.heading.lost
        if bar.lost is None:
            said.append(f"withheld {where}")
        elif bar.tick is None:
            said.append(f"{bar.lost:,} lost {where}")
        else:
            said.append(f"{bar.lost:,} lost {where} (at everyone’s rate it would be {bar.tick:,})")
    return f"{group.name}: {'; '.join(said)}. {number(group.not_seen)} not seen."
