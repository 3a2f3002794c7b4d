"""The partner's part, on its own machine: from its CSV to a file of keys. Needs no community and no database."""

import csv
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from throughway.identity.veiled import encoding, files, people, tokens
from throughway.identity.veiled.leaks import Leaks, leaks
from throughway.identity.veiled.people import Person
from throughway.identity.veiled.secret import Secret
from throughway.refusals import Refused


@dataclass(frozen=True)
class Made:
    """`left_out`: records that tell too little. `lost`: of tokens, the share of records that lack a first name, surname or birth
    date, and so have no token that is strict; None for keys. `leaks`: None for tokens."""

    rows: int
    left_out: int
    ignored: tuple[str, ...]
    fingerprint: str
    leaks: Leaks | None
    lost: float | None


def encode(
    source: Path,
    *,
    out: Path,
    secret: Secret,
    key: str,
    by_tokens: bool = False,
    pseudonyms: Path | None = None,
) -> Made:
    """Writes keys, or tokens, of the records of a CSV, in an order drawn by chance: that of the CSV may be that of names.

    `pseudonyms`: the file sent bears random record keys, and this one, which stays with the partner, tells which is whose.
    """
    table = people.read(source, key=key)
    known = [person for person in table.people() if person.tells_enough]
    secrets.SystemRandom().shuffle(known)
    spoken = _pseudonyms(pseudonyms, known) if pseudonyms else [person.key for person in known]
    scheme: Mapping[str, object] = tokens.SCHEME if by_tokens else encoding.SCHEME
    make: Callable[[Person], bytes] = (
        (lambda person: tokens.tokens(secret, person)) if by_tokens else encoding.Encoder(secret).key
    )
    width = files.SCHEMES[str(scheme["name"])][1]
    drawn = np.empty((len(known), width), np.uint8)

    def rows() -> Iterator[tuple[str, bytes]]:
        for at, person in enumerate(known):
            made = make(person)
            drawn[at] = np.frombuffer(made, np.uint8)
            yield spoken[at], made

    count = files.write(out, scheme=str(scheme["name"]), fingerprint=secret.fingerprint, rows=rows())
    lacking = int((~drawn[:, : tokens.BYTES].any(axis=1)).sum()) if by_tokens else 0
    return Made(
        rows=count,
        left_out=len(table.keys) - len(known),
        ignored=table.ignored,
        fingerprint=secret.fingerprint,
        leaks=None if by_tokens else leaks(drawn, [person.first for person in known]),
        lost=lacking / max(count, 1) if by_tokens else None,
    )


def _pseudonyms(path: Path, known: list[Person]) -> list[str]:
    """Draws a random record key for each record and writes the list that undoes it, for its owner alone."""
    drawn = [secrets.token_hex(8) for _ in known]
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(
            f"{path.name} is there already, and it may be the only way back to your records; name another file.",
            code="exists",
        ) from None
    except OSError:
        raise Refused(
            f"{path.name} cannot be written there; name another folder.", code="unwritable"
        ) from None
    with open(handle, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["pseudonym", "record_key"])
        writer.writerows((pseudonym, person.key) for pseudonym, person in zip(drawn, known, strict=True))
    return drawn
