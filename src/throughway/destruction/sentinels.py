"""Values by which a destruction proves itself: a few of those that went, looked for afterwards in every file."""

import random
from collections.abc import Sequence

MOST = 16
SHORTEST = 6  # characters, as districts number students; a shorter one may stand in a file by chance
CERTAIN = 8  # characters: one as long is found wherever it stands


def drawn(values: Sequence[str], most: int = MOST) -> tuple[str, ...]:
    """A few of the values that are long enough to be told from chance, drawn at random."""
    fit = sorted({value for value in values if len(value) >= SHORTEST})
    return tuple(random.SystemRandom().sample(fit, min(most, len(fit))))
