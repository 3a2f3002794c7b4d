"""Encodes records as keyed, hardened Bloom filters (cryptographic long-term keys, one for the whole record), or as tokens.

Schnell, Bachteler and Reiher 2009 (Bloom filters), 2011 (one key for a record); Niedermeyer et al. 2014 and Schnell and Borgs 2016 (salts
and random bits, "BLIP", against frequency attacks). A record has three keys of 1,024 bits, each with another salt: its birth year, the
initial of its first name, and that of its surname. So no bit means one piece of a name everywhere, and a wrong birth year spoils only one
key of three. The similarity of two records is that of the best of their three keys.

Tokens are simpler: three keyed hashes of names and birth date, equal or not (as OPPRL does). They leak less than filters, and tolerate no
error: one wrong letter, and a record is lost.
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
NOISE = 5  # of 256: the chance that a bit is flipped
MOST_HASHES = 60
# About how many bits each field sets, however long its value is: a first name weighs about as much as a surname.
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
    """Makes keys with one secret."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._mask = lru_cache(maxsize=CACHED)(self._masked)

    def key(self, person: StandardizedRecord) -> bytes:
        """The three keys of a record, 384 bytes; always the same for the same record, so that sending it twice reveals nothing more."""
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
        for field, texts in fields.items():
            if texts:
                hashes = min(MOST_HASHES, max(1, round(WEIGHTS[field] / len(texts))))
                for piece in texts:
                    total |= self._mask(salt, f"{field}\x1f{piece}", hashes)
        return total.to_bytes(BITS // 8, "big")

    def _masked(self, salt: str, piece: str, hashes: int) -> int:
        """The bits that one piece sets: enhanced double hashing, which repeats less than plain double hashing."""
        drawn = self._secret.digest("bit", f"{salt}\x1f{piece}")
        first, step = int.from_bytes(drawn[:8], "big"), int.from_bytes(drawn[8:16], "big") | 1
        mask = 0
        for i in range(hashes):
            mask |= 1 << ((first + i * step + (i**3 - i) // 6) % BITS)
        return mask

    def _noisy(self, which: str, bits: bytes) -> bytes:
        """Flips random bits, drawn from the secret and the key itself."""
        seed = self._secret.digest(f"noise {which}", bits.hex())
        drawn = np.frombuffer(hashlib.shake_256(seed).digest(BITS), np.uint8)
        turned: bytes = (np.frombuffer(bits, np.uint8) ^ np.packbits(drawn < NOISE)).tobytes()
        return turned


def pieces(person: StandardizedRecord) -> dict[str, list[str]]:
    """The pieces of each field of a record."""
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
    """The pieces of one of the three keys. Its salt is not among them, since it would mark all records that share the salt. The first key
    leaves the street out, so that people who moved still match."""
    if which == 0:
        kept = {name: texts for name, texts in fields.items() if name != "street"}
        return kept | {
            "birth": [p for p in fields["birth"] if not p.startswith(("year", "decade", "of ten"))]
        }
    if which == 1 and len(fields["first"]) > 1:
        return {**fields, "first": fields["first"][1:]}
    return dict(fields)


def two_letters(word: str) -> list[str]:
    """The bigrams of a word, its ends marked."""
    marked = f"_{word}_"
    return [marked[at : at + 2] for at in range(len(marked) - 1)]


def _digits(number: str) -> list[str]:
    """Bigrams of digits with their place and the system that gave the number."""
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
    rules: tuple[Sequence[str | None], ...] = (
        (person.first, person.surname, born),
        (person.initial, person.surname, born, person.sex),
        (formal, person.surname, born),
    )
    return b"".join(
        secret.digest(f"token {which}", "\x1f".join(p for p in parts if p))[:TOKEN_BYTES]
        if all(parts)
        else bytes(TOKEN_BYTES)
        for which, parts in enumerate(rules)
    )
