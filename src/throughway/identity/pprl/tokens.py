"""Deterministic tokens, the simpler choice: three keyed hashes of names and birth date, equal or not (as OPPRL does).

They leak less than filters do, and they forgive nothing: one letter, and a record is lost.
"""

from collections.abc import Sequence

from throughway.identity.pprl.records import StandardizedRecord
from throughway.identity.pprl.secret import Secret

BYTES = 16
RULES = (
    "first name, surname, birth date",
    "initial, surname, birth date, sex",
    "formal first name, surname, birth date",
)
SCHEME = {"name": "throughway tokens 1", "tokens": list(RULES), "bits": 8 * BYTES, "hash": "HMAC-SHA256"}


def tokens(secret: Secret, person: StandardizedRecord) -> bytes:
    """The three tokens of a record side by side, 48 bytes; zeros where a record lacks what a token needs."""
    born = person.birthdate.isoformat() if person.birthdate else None
    formal = person.forms[-1] if len(person.forms) == 1 else None
    said: tuple[Sequence[str | None], ...] = (
        (person.first, person.surname, born),
        (person.initial, person.surname, born, person.sex),
        (formal, person.surname, born),
    )
    return b"".join(
        secret.digest(f"token {which}", "\x1f".join(p for p in parts if p))[:BYTES]
        if all(parts)
        else bytes(BYTES)
        for which, parts in enumerate(said)
    )
