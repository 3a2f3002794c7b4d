"""The river with its words, its posts one below the other: for a tablet and for a phone, each at its own width."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from throughway.insight.drawing_marks import PathMark, PipelineDrawing, TextMark, box
from throughway.insight.figures import Milestone, Shown
from throughway.insight.pipeline_text import (
    cause_sentence,
    ends_with,
    lines,
    lost_before,
    number,
    posts_of,
    starts_with,
)
from throughway.insight.river import HATCHED, RiverLayout, marks
from throughway.insight.river_flow import Bends, StepGeometry, extent, flow, is_hidden, most

BENDS = Bends(ahead=12, lost=20, unseen=12, join=14)
POST = 58.0  # height of a post
MOUTH = 30.0


@dataclass(frozen=True)
class DrawingSize:
    """How wide the drawing is, and how much of it lies free for words beside the river."""

    kind: str
    hatch: str
    width: float
    near: float
    far: float
    letters: int
    deepest: float  # how deep a ribbon may be


MIDDLE = DrawingSize("tw-river tw-middle", "hatch-middle", 680, near=120, far=190, letters=26, deepest=60)
NARROW = DrawingSize("tw-river tw-narrow", "hatch-narrow", 342, near=86, far=96, letters=14, deepest=66)


def middle(steps: Sequence[Milestone], label: str) -> PipelineDrawing:
    return _drawn(steps, label, MIDDLE)


def narrow(steps: Sequence[Milestone], label: str) -> PipelineDrawing:
    return _drawn(steps, label, NARROW)


def _drawn(steps: Sequence[Milestone], label: str, sheet: DrawingSize) -> PipelineDrawing:
    scale = _scale(steps, sheet)
    pitch = POST + max((_depth(step, scale, sheet) for step in steps), default=0)
    posts = [i * pitch for i in range(len(steps) + 1)]
    reaches = [_below_post(r) for r in flow(steps, scale, posts, _origin(steps, scale, posts, sheet))]
    at = RiverLayout(True, BENDS, leave=0, fall=sheet.width)
    foot = posts[-1] + POST
    paths = [*marks(reaches, at, foot + MOUTH)]
    paths += [PathMark("tw-gate", box(0, top, sheet.width, POST)) for top in posts]
    texts = [*_posts(steps, reaches, posts, sheet)]
    for reach in reaches:
        texts += _beside(reach, sheet)
    last = reaches[-1] if reaches else None
    height = foot + (MOUTH + 2 if last and last.step.whole and not last.hatched else 2)
    return PipelineDrawing(sheet.kind, sheet.width, height, label, sheet.hatch, tuple(paths), tuple(texts))


def _below_post(reach: StepGeometry) -> StepGeometry:
    """The same with its ribbons from the post's foot on."""
    r = reach
    return StepGeometry(r.step, r.start + POST, r.end, r.unseen, r.lost, r.joined, r.near, r.far, r.hatched)


def _scale(steps: Sequence[Milestone], sheet: DrawingSize) -> float:
    """Pixels for each student: the whole river fits between the words at both sides, and no ribbon is too deep for its step."""
    ribbons = [(sheet.deepest, most(steps, part)) for part in ("lost", "joined", "not_seen")]
    most_that_fits = min((depth / students for depth, students in ribbons if students > 0), default=1.0)
    posts = [0.0] * (len(steps) + 1)
    low, high = 0.0, most_that_fits
    for _ in range(
        40
    ):  # what is withheld has a fixed size, so the width does not grow in step with the scale
        middle = (low + high) / 2
        near, far = extent(flow(steps, middle, posts, 0))
        low, high = (middle, high) if far - near <= sheet.width - sheet.near - sheet.far else (low, middle)
    return low


def _origin(steps: Sequence[Milestone], scale: float, posts: Sequence[float], sheet: DrawingSize) -> float:
    """Where the first water's edge lies, so that the river stands as far to the right as its words allow."""
    _, high = extent(flow(steps, scale, posts, 0))
    return sheet.width - sheet.far - high


def _depth(step: Milestone, scale: float, sheet: DrawingSize) -> float:
    """What a step needs below its post: the fall and its words at one side, who leaves and who joins at the other."""
    f = step.whole
    if f is None:
        return 40 + 19.0 * len(lines(cause_sentence(step), sheet.letters + 14))
    lost = scale * f.lost if isinstance(f.lost, int) else HATCHED[1]
    unseen = scale * f.not_seen if isinstance(f.not_seen, int) else HATCHED[1]
    joined = scale * step.joined if isinstance(step.joined, int) else HATCHED[1]
    fall = 32 + lost + 30 + 19 * len(lost_before(step.heading.lost, sheet.letters)) + 10
    aside = 30 + unseen + (54 + joined if step.heading.joins else 20)
    return max(fall, aside)


def _posts(
    steps: Sequence[Milestone], reaches: Sequence[StepGeometry], posts: Sequence[float], sheet: DrawingSize
) -> Iterator[TextMark]:
    for step, top, (name, when) in zip(steps, posts, posts_of(steps), strict=False):
        shown, word = starts_with(step)
        yield TextMark("tw-t-name", 12, top + (25 if when else 35), name)
        yield TextMark("tw-t-small", 12, top + 46, f"in {when}" if when else "")
        yield _figure(shown, sheet.width - 12, top + (27 if word else 37))
        if word:
            yield TextMark("tw-t-small", sheet.width - 12, top + 47, word, "end")
    if reaches:
        *_, (name, _) = posts_of(steps)
        yield TextMark("tw-t-name", 12, posts[-1] + 35, name)
        yield _figure(ends_with(reaches[-1].step), sheet.width - 12, posts[-1] + 37)


def _figure(shown: object, x: float, y: float) -> TextMark:
    return TextMark("tw-t-withheld" if shown is None else "tw-t-big", x, y, number(shown), "end")


def _beside(r: StepGeometry, sheet: DrawingSize) -> Iterator[TextMark]:
    """The words at both sides of one step."""
    f = r.step.whole
    if f is None:
        for line, words in enumerate(lines(cause_sentence(r.step), sheet.letters + 14)):
            yield TextMark("tw-t-small tw-t-halo", 12, r.start + 34 + 19 * line, words)
        return
    if f.not_seen != 0:
        yield from _aside(f.not_seen, "", "not seen", r.start + 18)
    if r.step.heading.joins and r.step.joined != 0:
        width = r.joined if isinstance(r.step.joined, int) else HATCHED[1]
        yield from _aside(r.step.joined, "+", "join", r.end - 26 - width - 6)
    foot = r.start + 32 + (HATCHED[1] if is_hidden(r.step) else r.lost)
    kind = "tw-t-lost" if isinstance(f.lost, int) else "tw-t-withheld"
    yield TextMark(kind, sheet.width, foot + 27, number(f.lost), "end")
    for line, words in enumerate(lost_before(r.step.heading.lost, sheet.letters)):
        yield TextMark("tw-t-small", sheet.width, foot + 48 + 19 * line, words, "end")


def _aside(shown: Shown, sign: str, word: str, y: float) -> Iterator[TextMark]:
    """The words above a ribbon at the left; a withheld one is small enough for a word beside it."""
    if shown is None:
        yield TextMark("tw-t-withheld", 0, y, "withheld")
        yield TextMark("tw-t-small", HATCHED[0] + 6, y + 23, word)
    else:
        yield TextMark("tw-t-small", 0, y, f"{sign}{number(shown)} {word}")
