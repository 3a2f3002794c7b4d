"""Figures made of published ones, published beside them: sums over steps, and what a group would lose at everyone's share.

Each is a function of figures that are printed, so it tells nothing that they do not; where one of its parts is withheld,
it is withheld too, or leaves that part out and says how many steps it speaks of.
"""

from collections.abc import Iterator, Mapping, Sequence

from throughway.insight.figures import Figures, Milestone, PipelineFigures, Shown
from throughway.measures.groups import UNKNOWN
from throughway.publication import ProtectedCell, ProtectedTable

TITLE = "Made of the figures above"
LARGEST = 3


def made_of(pipeline: PipelineFigures) -> ProtectedTable:
    """The table of all of them."""
    cells = [
        *(cell for m in _distinct(pipeline) for cell in _of_one(m)),
        *_over_steps([s for s in pipeline.steps if s.whole]),
        *_over_groups(compared(pipeline)),
    ]
    by = tuple(dict.fromkeys(dimension for cell in cells for dimension in cell.at))
    return ProtectedTable(TITLE, by, tuple(cells))


def _distinct(pipeline: PipelineFigures) -> Iterator[Milestone]:
    """Milestones and steps with figures; a step that is the milestone's own class once."""
    yield from (m for m in pipeline.milestones if m.whole)
    yield from (s for s in pipeline.steps if s.whole and s.heading.after)


def _of_one(m: Milestone) -> Iterator[ProtectedCell]:
    assert m.whole is not None
    yield ProtectedCell({**m.at, "sum": "seen"}, "sum", _seen(m.whole))
    if m.heading.joins:
        arrive = (
            m.whole.reached + m.joined
            if isinstance(m.whole.reached, int) and isinstance(m.joined, int)
            else None
        )
        yield ProtectedCell({**m.at, "sum": "arrive"}, "sum", arrive)
    for kind, listed in m.groups.items():
        for figures in listed:
            where = {**m.at, kind: figures.name}
            yield ProtectedCell({**where, "sum": "seen"}, "sum", _seen(figures))
            yield ProtectedCell({**where, "expected": "lost"}, "mean", expected(m.whole, figures))


def _seen(figures: Figures) -> Shown:
    reached, lost = figures.reached, figures.lost
    return reached + lost if isinstance(reached, int) and isinstance(lost, int) else None


def expected(whole: Figures, group: Figures) -> int | None:
    """Students that a group would lose at the share lost of all, to the nearest whole one."""
    all_seen, seen = _seen(whole), _seen(group)
    if not isinstance(whole.lost, int) or not isinstance(all_seen, int) or not isinstance(seen, int):
        return None
    return (2 * seen * whole.lost + all_seen) // (2 * all_seen) if all_seen else None


def _over_steps(steps: Sequence[Milestone]) -> Iterator[ProtectedCell]:
    """Sums over the steps whose figure is shown, with the number of these steps."""
    lost = sorted((s.whole.lost for s in steps if s.whole and isinstance(s.whole.lost, int)), reverse=True)
    unseen = [s.whole.not_seen for s in steps if s.whole and isinstance(s.whole.not_seen, int)]
    joined = [s.joined for s in steps if isinstance(s.joined, int)]
    for what, counts in (
        ("lost", lost),
        ("lost, largest", lost[:LARGEST]),
        ("not seen", unseen),
        ("join", joined),
    ):
        if counts:
            yield ProtectedCell({"sum": what, "steps": str(len(counts))}, "sum", sum(counts))


def compared(pipeline: PipelineFigures) -> Sequence[Milestone]:
    """The milestones at which groups are compared, everyone in each class: all but the signs on the way."""
    return [m for m in pipeline.milestones if not m.heading.sign]


def _over_groups(steps: Sequence[Milestone]) -> Iterator[ProtectedCell]:
    """Of each group: students lost beyond everyone's share, and not seen, over the steps that show them."""
    for (kind, name), listed in groups_of(steps).items():
        told = [(s, f) for s, f in listed if excess_losses(s, f) is not None]
        at = {kind: name, "sum": "lost beyond everyone's share", "steps": str(len(told))}
        yield ProtectedCell(at, "sum", sum(excess_losses(s, f) or 0 for s, f in told))
        unseen = [f.not_seen for _, f in listed]
        whole = (
            sum(n for n in unseen if isinstance(n, int)) if all(isinstance(n, int) for n in unseen) else None
        )
        yield ProtectedCell({kind: name, "sum": "not seen"}, "sum", whole)


def excess_losses(step: Milestone, group: Figures) -> int | None:
    """Students lost beyond everyone's share; fewer than none where the group does better."""
    rate = expected(step.whole, group) if step.whole else None
    return group.lost - rate if isinstance(group.lost, int) and rate is not None else None


def groups_of(steps: Sequence[Milestone]) -> Mapping[tuple[str, str], list[tuple[Milestone, Figures]]]:
    """Every named group with its figures on each step."""
    found: dict[tuple[str, str], list[tuple[Milestone, Figures]]] = {}
    for step in steps:
        for kind, listed in step.groups.items():
            for figures in listed:
                if figures.name != UNKNOWN:
                    found.setdefault((kind, figures.name), []).append((step, figures))
    return found
