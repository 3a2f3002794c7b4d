"""Where a figure stands: the values of its dimensions, without those it sums over."""

from collections.abc import Mapping

Place = frozenset[tuple[str, str]]


def place(at: Mapping[str, str]) -> Place:
    """`{"sex": "Female"}` as something that can be compared and kept in a set."""
    return frozenset(at.items())


def without(where: Place, dimension: str) -> Place | None:
    """The place of the total over `dimension`; None where the figure does not stand at it."""
    left = frozenset(pair for pair in where if pair[0] != dimension)
    return left if len(left) < len(where) else None
