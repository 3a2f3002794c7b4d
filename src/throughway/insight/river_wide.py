"""The river with its words, its posts side by side: for a desk, a slide and a printed sheet."""

from collections.abc import Iterator, Sequence

from throughway.insight.drawing_marks import PathMark, PipelineDrawing, TextMark, n
from throughway.insight.figures import Milestone, Shown
from throughway.insight.pipeline_text import (
    cause_sentence,
    ends_with,
    lines,
    lost_before,
    number,
    posts_of,
    starts_with,
    width_of,
)
from throughway.insight.river import HATCHED, RiverLayout, marks
from throughway.insight.river_flow import Bends, StepGeometry, extent, flow, is_hidden, most

WIDE, TAIL, EDGE = 1040.0, 104.0, 2.0
LEAVE = 128.0  # t where those not seen end, under their words
SIDE_BY_SIDE = Bends(ahead=8, lost=28, unseen=12, join=12)
ASIDE = 33.0  # half of the words above a ribbon, and a little
BETWEEN = 12.0  # at least, between what leaves and what joins


def wide(steps: Sequence[Milestone], label: str) -> PipelineDrawing:
    """Side by side, 1,040 across."""
    pitch = (WIDE - EDGE - TAIL) / max(len(steps), 1)
    posts = [EDGE + i * pitch for i in range(len(steps) + 1)]
    scale = _scale_wide(steps, pitch)
    near, _ = extent(flow(steps, scale, posts, 0))
    reaches = flow(steps, scale, posts, LEAVE + SIDE_BY_SIDE.unseen + 10 - near)
    _, bottom = extent(reaches)
    at = RiverLayout(False, SIDE_BY_SIDE, leave=LEAVE, fall=bottom + SIDE_BY_SIDE.lost + 30)
    paths = [*marks(reaches, at, posts[-1] + 64), *_posts(reaches, posts)]
    texts = [
        *_names(steps, posts, pitch),
        *_numbers(reaches, posts),
        *_above(reaches, at),
        *_falls(reaches, at),
    ]
    height = max((t.y for t in texts), default=at.fall) + 12
    return PipelineDrawing("tw-river tw-wide", WIDE, height, label, "hatch-wide", tuple(paths), tuple(texts))


def _scale_wide(steps: Sequence[Milestone], pitch: float) -> float:
    """Pixels for each student: the largest class is 200 high, and nothing at one post reaches the next."""
    room = [
        (200.0, most(steps, "reached", "lost", "not_seen")),
        (pitch - 56, most(steps, "lost")),
        *(_beside(step, pitch) for step in steps),
        (330.0, _span(steps)),
    ]
    return min((space / students for space, students in room if students > 0), default=1.0)


def _beside(step: Milestone, pitch: float) -> tuple[float, int]:
    """Room for the ribbons above the water of one step, and the students in them; a withheld one has its fixed size."""
    bends = SIDE_BY_SIDE
    room = pitch - 2 * bends.ahead - bends.unseen - bends.join - BETWEEN
    above = [step.whole.not_seen if step.whole else 0, step.joined if step.heading.joins else 0]
    drawn = [shown for shown in above if isinstance(shown, int)]
    return room - HATCHED[0] * (len(above) - len(drawn)), sum(drawn)


def _span(steps: Sequence[Milestone]) -> float:
    """Students across from the highest to the lowest point of the whole river."""
    low, high = extent(flow(steps, 1e6, [0.0] * (len(steps) + 1), 0))
    return (high - low) / 1e6


def _posts(reaches: Sequence[StepGeometry], posts: Sequence[float]) -> Iterator[PathMark]:
    for r in reaches:
        yield PathMark("tw-post", f"M{n(r.start)} 14V{n(r.bottom)}")
    if reaches and reaches[-1].step.whole:
        yield PathMark("tw-post", f"M{n(posts[-1])} 14V{n(reaches[-1].far)}")


def _names(steps: Sequence[Milestone], posts: Sequence[float], pitch: float) -> Iterator[TextMark]:
    """The posts' names, and under all of them the year in which the class there was at it."""
    said = list(posts_of(steps))
    rooms = [*[pitch] * len(steps), TAIL]
    written = [lines(name, int((room - 12) / 8.2)) for (name, _), room in zip(said, rooms, strict=False)]
    deepest = max(map(len, written), default=0)
    for x, names, (_, when) in zip(posts, written, said, strict=False):
        for line, words in enumerate(names):
            yield TextMark("tw-t-name", x + 9, 24 + 19 * line, words)
        if when:
            yield TextMark("tw-t-small", x + 9, 25 + 19 * deepest, when)


def _numbers(reaches: Sequence[StepGeometry], posts: Sequence[float]) -> Iterator[TextMark]:
    """How many begin at each post, in the water; and how many there are at the last."""
    for r in reaches:
        middle = (r.near + r.far) / 2
        if r.step.whole is None:
            said = lines(cause_sentence(r.step), int((r.end - r.start - 16) / 7.4))
            top = middle - 9.5 * (len(said) - 1) + 5
            for line, words in enumerate(said):
                yield TextMark("tw-t-small tw-t-halo", r.start + 9, top + 19 * line, words)
            continue
        shown, word = starts_with(r.step)
        yield from _figure(shown, word, r.start + 9, middle, on_water=not r.hatched and r.far - r.near >= 30)
    if reaches and reaches[-1].step.whole:
        r = reaches[-1]
        room = not r.hatched and r.far - r.arrives >= 30
        yield from _figure(ends_with(r.step), "", posts[-1] + 9, (r.arrives + r.far) / 2, on_water=room)


def _figure(shown: Shown, word: str, x: float, middle: float, *, on_water: bool) -> Iterator[TextMark]:
    """A number and the word beside it; where they do not stand on calm water, with a rim of paper."""
    rim = "" if on_water else " tw-t-halo"
    if isinstance(shown, int):
        yield TextMark(f"tw-t-big{rim}", x, middle + 8, number(shown))
        if word:
            yield TextMark(f"tw-t-small{rim}", x + 13.5 * len(number(shown)) + 5, middle + 8, word)
    else:
        yield TextMark(f"tw-t-withheld{rim}", x, middle + 5, number(shown))


def _above(reaches: Sequence[StepGeometry], at: RiverLayout) -> Iterator[TextMark]:
    """Who is not seen, and who joins, over their ribbons."""
    for r in reaches:
        f = r.step.whole
        if f is None:
            continue
        if f.not_seen != 0:
            width = r.unseen if isinstance(f.not_seen, int) else HATCHED[0]
            yield from _aside(
                max(r.start + at.bends.ahead + at.bends.unseen + width / 2, r.start + ASIDE),
                number(f.not_seen),
                "not seen",
                f.not_seen,
            )
        if r.step.heading.joins and r.step.joined != 0:
            width = r.joined if isinstance(r.step.joined, int) else HATCHED[0]
            sign = "+" if isinstance(r.step.joined, int) else ""
            x = r.end - at.bends.ahead - at.bends.join - width / 2
            yield from _aside(min(x, r.end - ASIDE), f"{sign}{number(r.step.joined)}", "join", r.step.joined)


def _aside(x: float, figure: str, word: str, shown: object) -> Iterator[TextMark]:
    kind = "tw-t-withheld" if shown is None else "tw-t-small is-strong"
    yield TextMark(kind, x, LEAVE - 26, figure, "middle")
    yield TextMark("tw-t-small", x, LEAVE - 9, word, "middle")


def _falls(reaches: Sequence[StepGeometry], at: RiverLayout) -> Iterator[TextMark]:
    """What was lost, at the foot of each fall; the largest has the larger number."""
    seen = [r for r in reaches if r.step.whole]
    deepest = max((r.lost for r in seen), default=0)
    said = [lost_before(r.step.heading.lost, 17) for r in seen]
    feet = [
        r.start + at.bends.ahead + at.bends.lost + (HATCHED[0] if is_hidden(r.step) else r.lost) / 2
        for r in seen
    ]
    middles = _apart(feet, [max(map(width_of, words)) for words in said])
    for r, words, x in zip(seen, said, middles, strict=True):
        lost = r.step.whole.lost if r.step.whole else None
        kind = "tw-t-withheld" if lost is None else "tw-t-lost is-most" if r.lost == deepest else "tw-t-lost"
        yield TextMark(kind, x, at.fall + 31, number(lost), "middle")
        for line, word in enumerate(words):
            yield TextMark("tw-t-small", x, at.fall + 53 + 18 * line, word, "middle")


def _apart(middles: Sequence[float], widths: Sequence[float]) -> list[float]:
    """Middles of words so that those of two falls never touch, each as near to its fall as that allows."""
    moved: list[float] = []
    for middle, width in zip(middles, widths, strict=True):
        left = moved[-1] + widths[len(moved) - 1] / 2 + 10 if moved else 0.0
        moved.append(max(middle, left + width / 2))
    edge = WIDE
    for i in reversed(range(len(moved))):
        moved[i] = min(moved[i], edge - widths[i] / 2)
        edge = moved[i] - widths[i] / 2 - 10
    return moved
