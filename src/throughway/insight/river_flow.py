"""Where the river flows: one scale for the whole picture, and for each step where its class, its water and its losses lie.

Everything is in pixels, along the water (s) and across it (t; losses lie where t is largest). A class is `unseen + water + lost`
across. Its water runs straight; who joins comes in on the other side than the losses. At each post the next class begins,
at the edge where the water of the one before ends, so that the river falls in steps. What is withheld has a fixed size, off
the scale: nothing here is computed from anything but what is printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from throughway.insight.figures import Milestone, Shown

BLOCK = 56.0  # across: a step that is withheld, or cannot be seen


@dataclass(frozen=True)
class Bends:
    """How ribbons leave and join: how far they go on first, and the radius on the inside of each bend."""

    ahead: float
    lost: float
    unseen: float
    join: float


@dataclass(frozen=True)
class StepGeometry:
    """One step in pixels: its posts along the water, and across it the edges of its class."""

    step: Milestone
    start: float
    end: float
    unseen: float  # width of who is not seen; 0 where nothing is drawn to scale
    lost: float
    joined: float
    near: float  # t of the water's edge where they leave who are not seen
    far: float  # t of the water's edge where the losses begin
    hatched: bool  # the water is withheld

    @property
    def top(self) -> float:
        return self.near - self.unseen

    @property
    def bottom(self) -> float:
        return self.far + self.lost

    @property
    def arrives(self) -> float:
        """t of the river's edge at the end of the step, with those who join."""
        return self.near - self.joined


def whole(shown: Shown) -> int:
    return shown if isinstance(shown, int) else 0


def is_hidden(step: Milestone) -> bool:
    """The step is one hatched block: a loss is withheld, and what would give it away is not drawn."""
    return step.whole is not None and not isinstance(step.whole.lost, int)


def flow(
    steps: Sequence[Milestone], scale: float, posts: Sequence[float], origin: float
) -> list[StepGeometry]:
    """The steps between their posts; `origin` is t of the first water's far edge."""
    found: list[StepGeometry] = []
    edge = origin
    for index, step in enumerate(steps):
        reached = _reached(step, scale, posts[index], posts[index + 1], edge)
        found.append(reached)
        edge = reached.far
    return found


def _reached(step: Milestone, scale: float, start: float, end: float, edge: float) -> StepGeometry:
    """The class begins with its losses inside the water that came: its far edge is where that water's was."""
    f = step.whole
    if f is None:
        return StepGeometry(step, start, end, 0, 0, 0, edge - BLOCK, edge, False)
    unseen, joined = scale * whole(f.not_seen), scale * whole(step.joined)
    if is_hidden(step):
        return StepGeometry(step, start, end, unseen, 0, joined, edge - BLOCK, edge, True)
    lost = scale * whole(f.lost)
    hatched = not isinstance(f.reached, int)
    far = edge - lost
    near = far - (BLOCK if hatched else scale * whole(f.reached))
    return StepGeometry(step, start, end, unseen, lost, joined, near, far, hatched)


def extent(reaches: Sequence[StepGeometry]) -> tuple[float, float]:
    """The smallest and the largest t of all that flows."""
    near = [min(r.top, r.arrives) for r in reaches]
    return min(near, default=0), max((r.bottom for r in reaches), default=0)


def most(steps: Sequence[Milestone], *parts: str) -> int:
    """Most students of any step, in these parts of it together; "joined" is a part of its own."""
    return max(
        (sum(whole(getattr(s if p == "joined" else s.whole, p)) for p in parts) for s in steps if s.whole),
        default=0,
    )
