"""The directions of an agreement as a drawing: boxes for partners, arrows for what passes, in units of a picture.

Two drawings of the same flows: one across (givers at the left, takers at the right) and one upright for a phone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from textwrap import wrap

from throughway.agreements.data_flows import Flow
from throughway.core.prose import capital

LEAD = 22  # between two lines of text
WIDE, NARROW = 1040, 342
MOST_UPRIGHT = 3  # pairs of partners; more are read better as a list


@dataclass(frozen=True)
class DiagramText:
    x: float
    y: float
    words: str
    css: str = ""
    anchor: str = "start"


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    house: bool = False  # keeps the data for the others


@dataclass(frozen=True)
class Arrow:
    path: str
    house: bool = False  # to match records only


@dataclass
class FlowDiagram:
    """`posts`: the line across an arrow, where the right stands by which it passes."""

    width: float
    height: float = 0
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    texts: list[DiagramText] = field(default_factory=list)


@dataclass(frozen=True)
class FlowNode:
    """A box's words: the partners' names and, below, what they are."""

    names: tuple[str, ...]
    notes: tuple[str, ...]
    house: bool


@dataclass(frozen=True)
class FlowRow:
    """One flow between the partners at the left and those at the right, back when it runs from right to left."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    flow: Flow
    back: bool


def rows(flows: Sequence[Flow]) -> list[FlowRow]:
    """Flows in an order in which each partner's box can stand once: by the right side, then by the left."""
    pairs: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    placed = []
    for flow in flows:
        back = (flow.takers, flow.givers) in pairs
        pair = (flow.takers, flow.givers) if back else (flow.givers, flow.takers)
        if pair not in pairs:
            pairs.append(pair)
        placed.append(FlowRow(*pair, flow, back))
    rights = list(dict.fromkeys(right for _, right in pairs))
    return sorted(placed, key=lambda row: (rights.index(row.right), pairs.index((row.left, row.right))))


Describe = Callable[[tuple[str, ...]], FlowNode]


def node_of(notes: Mapping[str, str], houses: frozenset[str]) -> Describe:
    """Describes a group of partners by what each is called to be (`notes`, by name)."""

    def describe(names: tuple[str, ...]) -> FlowNode:
        said = tuple(dict.fromkeys(filter(None, (notes.get(name, "") for name in names))))
        house = bool(names) and houses.issuperset(names)
        return FlowNode(names, (*said, "keeps the data") if house else said, house)

    return describe


# ---- across ----

SIDE, HEAD, FLARE, GAP, PAD = 232, 40, 12, 14, 14
WHAT_WIDTH, WHAT_CHARS, RIGHT_CHARS, NAME_CHARS = 344, 37, 23, 21


def across(flows: Sequence[Flow], describe: Describe) -> FlowDiagram:
    drawn = FlowDiagram(WIDE)
    placed = rows(flows)
    tops, y = [], 1.0
    heights = _heights(placed, describe)
    for height in heights:
        tops.append(y)
        y += height + GAP
    for row, top, height in zip(placed, tops, heights, strict=True):
        _arrow_across(drawn, row, top, height)
    for side in ("left", "right"):
        for of, first, last in _runs([getattr(row, side) for row in placed]):
            bottom = tops[last] + heights[last]
            _box_across(drawn, describe(of), side == "right", tops[first], bottom - tops[first])
    drawn.height = y - GAP + 1
    return drawn


def _runs(keys: Sequence[tuple[str, ...]]) -> list[tuple[tuple[str, ...], int, int]]:
    """Each stretch of equal keys, with its first and last place."""
    found, at = [], 0
    for key, same in groupby(keys):
        count = len(list(same))
        found.append((key, at, at + count - 1))
        at += count
    return found


def _heights(placed: Sequence[FlowRow], describe: Describe) -> list[float]:
    """Tall enough for each arrow's words, and for the words of each box over its rows."""
    heights: list[float] = [
        LEAD
        * max(
            len(_what(row.flow, WHAT_CHARS)) + len(wrap(row.flow.purpose, WHAT_CHARS + 3)),
            len(wrap(row.flow.right, RIGHT_CHARS)),
        )
        + 2 * PAD
        + 2 * FLARE
        for row in placed
    ]
    for side in ("left", "right"):
        for of, first, last in _runs([getattr(row, side) for row in placed]):
            has = sum(heights[first : last + 1]) + GAP * (last - first)
            heights[last] += max(0, _box_needs(describe(of), NAME_CHARS) - has)
    return heights


def _what(flow: Flow, chars: int) -> list[str]:
    kinds = list(flow.what) or ["nothing yet"]
    shown = kinds if len(kinds) <= 5 else [*kinds[:4], f"{len(kinds) - 4} more kinds"]
    text = ", ".join(shown)
    return wrap(capital(text), chars)


def _arrow_across(drawn: FlowDiagram, row: FlowRow, top: float, height: float) -> None:
    left, right = float(SIDE), float(WIDE - SIDE)
    upper, lower, middle = top + FLARE, top + height - FLARE, top + height / 2
    if row.back:
        path = f"M{right:g} {upper:g}H{left + HEAD:g}V{top:g}L{left:g} {middle:g} {left + HEAD:g} {top + height:g}V{lower:g}H{right:g}Z"
    else:
        path = f"M{left:g} {upper:g}H{right - HEAD:g}V{top:g}L{right:g} {middle:g} {right - HEAD:g} {top + height:g}V{lower:g}H{left:g}Z"
    drawn.arrows.append(Arrow(path, row.flow.only_to_match))
    anchor = "end" if row.back else "start"
    step = -1 if row.back else 1
    begin = (right if row.back else left) + step * 24
    post = begin + step * (WHAT_WIDTH - 24)
    drawn.posts.append(f"M{post:g} {upper - 8:g}V{lower + 8:g}")
    what, why = _what(row.flow, WHAT_CHARS), wrap(row.flow.right, RIGHT_CHARS)
    lines = [(words, "tw-t-name") for words in what] + [
        (words, "") for words in wrap(row.flow.purpose, WHAT_CHARS + 3)
    ]
    first = middle - LEAD * len(lines) / 2 + 16
    drawn.texts += [
        DiagramText(begin, first + LEAD * n, words, css, anchor) for n, (words, css) in enumerate(lines)
    ]
    first = middle - LEAD * len(why) / 2 + 16
    drawn.texts += [
        DiagramText(post + step * 14, first + LEAD * n, words, "", anchor) for n, words in enumerate(why)
    ]


def _box_needs(node: FlowNode, chars: int) -> float:
    names, notes = _box_lines(node, chars)
    return 26 * len(names) + LEAD * len(notes) + 40


def _box_lines(node: FlowNode, chars: int) -> tuple[list[str], list[str]]:
    names = [line for name in node.names for line in wrap(name, chars)]
    return names, [line for note in node.notes for line in wrap(note, chars + 6)]


def _box_across(drawn: FlowDiagram, node: FlowNode, at_right: bool, top: float, height: float) -> None:
    x = WIDE - SIDE if at_right else 1.0
    drawn.boxes.append(Box(x, top, SIDE - 1, height, node.house))
    _box_texts(drawn, node, x + 22, top + 38, NAME_CHARS)


def _box_texts(drawn: FlowDiagram, node: FlowNode, x: float, y: float, chars: int) -> None:
    names, notes = _box_lines(node, chars)
    for name in names:
        drawn.texts.append(DiagramText(x, y, name, "tw-t-node"))
        y += 26
    for note in notes:
        drawn.texts.append(DiagramText(x, y, note, "tw-t-small"))
        y += LEAD


# ---- upright ----


def upright(flows: Sequence[Flow], describe: Describe) -> FlowDiagram | None:
    """None when too many partners pair up: then the list says it better."""
    placed = rows(flows)
    pairs = [(pair, list(of)) for pair, of in groupby(placed, key=lambda row: (row.left, row.right))]
    if len(pairs) > MOST_UPRIGHT:
        return None
    drawn = FlowDiagram(NARROW)
    y = 1.0
    for (left, right), of in pairs:
        y = _box_upright(drawn, describe(left), y)
        forth, back = [r.flow for r in of if not r.back], [r.flow for r in of if r.back]
        y = _arrows_upright(drawn, forth, back, y)
        y = _box_upright(drawn, describe(right), y) + 28
    drawn.height = y - 27
    return drawn


def _box_upright(drawn: FlowDiagram, node: FlowNode, y: float) -> float:
    height = _box_needs(node, 32) - 6
    drawn.boxes.append(Box(1, y, NARROW - 2, height, node.house))
    _box_texts(drawn, node, 18, y + 32, 32)
    return y + height


def _arrows_upright(drawn: FlowDiagram, forth: Sequence[Flow], back: Sequence[Flow], top: float) -> float:
    width, chars = (164, 15) if back else (300, 31)
    sides = [(1.0 if back else (NARROW - width) / 2, forth, False)]
    if back:
        sides.append((float(NARROW - width - 1), back, True))
    needs = max(sum(len(_lines(flow, chars)) * LEAD + 40 for flow in of) for _, of, _ in sides)
    height = needs + HEAD + 16
    for x, of, up in sides:
        _arrow_upright(drawn, of, x=x, width=width, top=top, height=height, up=up, chars=chars)
    return top + height


def _lines(flow: Flow, chars: int) -> list[tuple[str, str]]:
    """The words of one flow; `-` stands where the post goes across."""
    what = [(words, "tw-t-name") for words in _what(flow, chars)]
    purpose = [(words, "") for words in wrap(flow.purpose, chars + 2)]
    return [*what, *purpose, ("-", ""), *((words, "") for words in wrap(flow.right, chars + 2))]


def _arrow_upright(
    drawn: FlowDiagram,
    of: Sequence[Flow],
    *,
    x: float,
    width: float,
    top: float,
    height: float,
    up: bool,
    chars: int,
) -> None:
    inner, outer, middle, end = x + FLARE, x + width - FLARE, x + width / 2, top + height
    if up:
        path = f"M{inner:g} {end:g}V{top + HEAD:g}H{x:g}L{middle:g} {top:g} {x + width:g} {top + HEAD:g}H{outer:g}V{end:g}Z"
    else:
        path = f"M{inner:g} {top:g}V{end - HEAD:g}H{x:g}L{middle:g} {end:g} {x + width:g} {end - HEAD:g}H{outer:g}V{top:g}Z"
    drawn.arrows.append(Arrow(path, all(flow.only_to_match for flow in of)))
    y = top + (HEAD + 24 if up else 30)
    for flow in of:
        for words, css in _lines(flow, chars):
            if words == "-":
                drawn.posts.append(f"M{inner - 8:g} {y - 8:g}H{outer + 8:g}")
                y += 18
                continue
            drawn.texts.append(DiagramText(inner + 14, y, words, css))
            y += LEAD
        y += 24
