"""Marks of a drawing, as plain values that a template writes down. Colours come by class, geometry by numbers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PathMark:
    kind: str  # a class of the page's style sheet
    d: str
    hatched: bool = False


@dataclass(frozen=True)
class TextMark:
    kind: str
    x: float
    y: float
    words: str
    anchor: str = "start"

    @property
    def place(self) -> tuple[str, str]:
        return n(self.x), n(self.y)


@dataclass(frozen=True)
class PipelineDrawing:
    """A picture with its text equivalent. `hatch` names its hatch pattern, which must be its own on a page."""

    kind: str
    width: float
    height: float
    label: str
    hatch: str
    paths: tuple[PathMark, ...]
    texts: tuple[TextMark, ...]

    @property
    def view_box(self) -> str:
        return f"0 0 {n(self.width)} {n(self.height)}"


BEND = 0.5523  # a quarter circle as a Bézier curve


def box(left: float, top: float, width: float, height: float) -> str:
    return f"M{n(left)} {n(top)}h{n(width)}v{n(height)}h{n(-width)}Z"


def n(value: float) -> str:
    """At most two decimals."""
    return f"{round(value, 2):g}"
