"""Which figures are withheld for what they themselves tell.

Fewer persons than the minimum cell, none included. From that follow "all in one outcome" and "the group is everyone":
what remains beside them is zero, which is withheld too, and the next step then hides what would give it away.
"""

from throughway.publication.linear_system import LinearSystem


def too_small(system: LinearSystem, minimum: int) -> set[int]:
    """The unknowns below the minimum; of a rate, where numerator, remainder or denominator is."""
    return {
        i
        for i, (value, cap) in enumerate(zip(system.values, system.caps, strict=True))
        if value < minimum or (cap is not None and (cap - value < minimum or cap < minimum))
    }
