"""One line of the table that a measurement gives."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One promise: what was measured, the peer, both figures, and whether the promise was kept."""

    what: str
    ours: str
    peer: str
    ratio: str
    promised: str
    kept: bool
