"""What other rooms ask about consents."""

from throughway.consent.reading.events import stamp, words
from throughway.consent.reading.rights import transfers
from throughway.consent.reading.telling import (
    Lapsing,
    Told,
    consents,
    in_force,
    lapsing,
    last_day,
    signers,
    states_of,
)

__all__ = [
    "Lapsing",
    "Told",
    "consents",
    "in_force",
    "lapsing",
    "last_day",
    "signers",
    "stamp",
    "states_of",
    "transfers",
    "words",
]
