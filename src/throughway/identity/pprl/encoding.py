"""Records as keyed, hardened Bloom-filter keys (cryptographic long-term keys, one for the whole record).

Schnell, Bachteler and Reiher 2009 (Bloom filters), 2011 (one key for a record); Niedermeyer et al. 2014 and Schnell and
Borgs 2016 (salts and random bits, "BLIP", against frequency attacks). A record has three keys of 1,024 bits, each made
under another salt: its birth year, the initial of its first name, and of its surname. So no bit stands for one piece of
a name everywhere, and a wrong birth year spoils one key of three. The best of three is what likeness means.

Deterministic tokens are the simpler choice: three keyed hashes of names and birth date, equal or not (as OPPRL does). They leak less
than filters do, and they forgive nothing: one letter, and a record is lost.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from throughway.identity.pprl.secret import Secret
from throughway.identity.pprl.source_file import StandardizedRecord

BITS = 1024
SALTS = ("birth year", "initial of the first name", "initial of the surname")
NOISE = 5  # of 256: the chance that a bit is turned
MOST_HASHES = 60
# About so many bits each field sets, however long it is: a first name weighs as much as a surname.
WEIGHTS: Mapping[str, int] = {
    "first": 70, "forms": 30, "last": 80, "middle": 25, "birth": 100, "sex": 10, "street": 50, "phone": 30, "email": 30,
    "number": 60,
}  # fmt: skip
MOST_WORDS = 4  # formal names, telephones: more would crowd the key
CACHED = 400_000  # pieces; about a hundred megabytes
SCHEME = {
    "name": "throughway bloom 1", "bits": BITS, "salts": list(SALTS), "noise": NOISE / 256, "weights": dict(WEIGHTS),
    "hash": "HMAC-SHA256, enhanced double hashing",
}  # fmt: skip

Keys = npt.NDArray[np.uint8]  # one row a record, its three keys side by side: 384 bytes


class Encoder:
    """Makes keys under one secret."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._mask = lru_cache(maxsize=CACHED)(self._masked)

    def key(self, person: StandardizedRecord) -> bytes:
        """The three keys of a record, 384 bytes. One record always has one key, so sending it twice teaches nothing more."""
        fields = pieces(person)
        year = str(person.birthdate.year) if person.birthdate else ""
        salts = (year, person.initial or "", (person.head or "")[:1])
        return b"".join(
            self._noisy(str(which), self._filter(f"{which}{salt}", within(fields, which)))
            for which, salt in enumerate(salts)
        )

    def _filter(self, salt: str, fields: Mapping[str, list[str]]) -> bytes:
        """One key before noise."""
        total = 0
        for field, said in fields.items():
            if said:
                hashes = min(MOST_HASHES, max(1, round(WEIGHTS[field] / len(said))))
                for piece in said:
                    total |= self._mask(salt, f"{field}\x1f{piece}", hashes)
        return total.to_bytes(BITS // 8, "big")

    def _masked(self, salt: str, piece: str, hashes: int) -> int:
        """The bits that one piece sets: enhanced double hashing, which does not repeat as the plain one does."""
        drawn = self._secret.digest("bit", f"{salt}\x1f{piece}")
        first, step = int.from_bytes(drawn[:8], "big"), int.from_bytes(drawn[8:16], "big") | 1
        mask = 0
        for i in range(hashes):
            mask |= 1 << ((first + i * step + (i**3 - i) // 6) % BITS)
        return mask

    def _noisy(self, which: str, bits: bytes) -> bytes:
        """Turns some bits by a draw that hangs on the secret and the key itself."""
        seed = self._secret.digest(f"noise {which}", bits.hex())
        drawn = np.frombuffer(hashlib.shake_256(seed).digest(BITS), np.uint8)
        turned: bytes = (np.frombuffer(bits, np.uint8) ^ np.packbits(drawn < NOISE)).tobytes()
        return turned


def pieces(person: StandardizedRecord) -> dict[str, list[str]]:
    """What each field of a record is cut into."""
    made: dict[str, list[str]] = {
        "first": two_letters(person.first) if person.first else [],
        "forms": person.forms[:MOST_WORDS],
        "last": [two for word in person.surnames[:MOST_WORDS] for two in two_letters(word)],
        "birth": [],
        "sex": [person.sex] if person.sex else [],
        "street": person.streets[0].split() if person.streets else [],
        "phone": person.phones[:MOST_WORDS],
        "email": person.emails[:MOST_WORDS],
        "number": [piece for value in person.wide[:2] for piece in _digits(value)],
    }
    if middle := person.middle:
        made["middle"] = [f"initial {middle[0]}", *(two_letters(middle) if len(middle) > 1 else [])]
    if born := person.birthdate:
        low, high = sorted((born.month, born.day))
        year = [
            f"year {born.year}",
            f"decade {born.year // 10}",
            f"of ten {born.year % 10}",
            f"whole {born:%Y%m%d}",
        ]
        rest = [f"month {born.month}", f"day {born.day}", f"day {born.month}", f"month {born.day}", f"both {low} {high}"]  # fmt: skip
        made["birth"] = [*year, *rest]
    return made


def within(fields: Mapping[str, list[str]], which: int) -> dict[str, list[str]]:
    """The pieces of one of the three keys. What is its salt is not a piece of it as well: it would mark all who share the
    salt. And the first key leaves the street out, so that those who moved are like themselves."""
    if which == 0:
        kept = {name: said for name, said in fields.items() if name != "street"}
        return kept | {
            "birth": [p for p in fields["birth"] if not p.startswith(("year", "decade", "of ten"))]
        }
    if which == 1 and len(fields["first"]) > 1:
        return {**fields, "first": fields["first"][1:]}
    return dict(fields)


def two_letters(word: str) -> list[str]:
    """The pairs of neighbouring letters of a word, its ends marked."""
    marked = f"_{word}_"
    return [marked[at : at + 2] for at in range(len(marked) - 1)]


def _digits(number: str) -> list[str]:
    """Neighbouring digits with their place and the system that gave the number."""
    system, _, value = number.partition(":")
    return [f"{system} {at} {value[at : at + 2]}" for at in range(max(len(value) - 1, 1))]


TOKEN_BYTES = 16
TOKEN_RULES = (
    "first name, surname, birth date",
    "initial, surname, birth date, sex",
    "formal first name, surname, birth date",
)
TOKEN_SCHEME = {
    "name": "throughway tokens 1",
    "tokens": list(TOKEN_RULES),
    "bits": 8 * TOKEN_BYTES,
    "hash": "HMAC-SHA256",
}


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
        secret.digest(f"token {which}", "\x1f".join(p for p in parts if p))[:TOKEN_BYTES]
        if all(parts)
        else bytes(TOKEN_BYTES)
        for which, parts in enumerate(said)
    )
