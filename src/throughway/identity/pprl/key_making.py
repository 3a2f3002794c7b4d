"""The partner's part, on its own machine: from its own file to a file of keys. Needs no community, no database, no network."""

import csv
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from throughway.core.refusals import Refused
from throughway.identity.pprl import encoding, key_files, source_file
from throughway.identity.pprl.leakage import Leaks, leaks
from throughway.identity.pprl.secret import Secret
from throughway.identity.pprl.source_file import StandardizedRecord
from throughway.identity.pprl.temporary_folder import private_folder
from throughway.intake.crosswalk import Crosswalk


@dataclass(frozen=True)
class KeyFileReport:
    """`left_out`: records that tell too little; `set_aside`: rows that could not be read. `lost`: of tokens, the share of records
    that lack a first name, surname or birth date, and so have no token that is strict; None for keys. `leaks`: None for tokens."""

    rows: int
    left_out: int
    set_aside: int
    ignored: tuple[str, ...]
    noticed: tuple[str, ...]
    fingerprint: str
    leaks: Leaks | None
    lost: float | None


def encode(
    path: Path,
    *,
    out: Path,
    secret: Secret,
    format: str = "csv",
    crosswalk: Crosswalk | None = None,
    key: str = "person_id",
    by_tokens: bool = False,
    pseudonyms: Path | None = None,
) -> KeyFileReport:
    """Writes keys, or tokens, of the records of a file, in an order drawn by chance.

    `key`: the column of record keys, where no crosswalk and no standard says it. `pseudonyms`: the file sent bears random
    record keys, and this one, which stays with the partner, tells which is whose.
    """
    scheme: Mapping[str, object] = encoding.TOKEN_SCHEME if by_tokens else encoding.SCHEME
    make: Callable[[StandardizedRecord], bytes] = (
        (lambda person: encoding.tokens(secret, person)) if by_tokens else encoding.Encoder(secret).key
    )
    by_name = source_file.telling(crosswalk, key) if pseudonyms is None else []
    if by_name:
        raise Refused(
            f"The record keys are made of {' and '.join(by_name)}, and would stand in the file as they are; give --pseudonyms FILE, "
            "so that random ones are sent in their place.",
            code="telling_keys",
        )
    with private_folder() as folder:
        found = source_file.read(path, into=folder, format=format, crosswalk=crosswalk, key=key)
    drawn = np.empty((len(found.table.keys), key_files.SCHEMES[str(scheme["name"])][1]), np.uint8)
    firsts: list[str | None] = []
    with _spoken(pseudonyms) as spoken:

        def rows() -> Iterator[tuple[str, bytes]]:
            for person in found.table.people():
                if person.tells_enough:
                    made = make(person)
                    drawn[len(firsts)] = np.frombuffer(made, np.uint8)
                    firsts.append(person.first)
                    yield spoken(person.key), made
            if found.table.keys and not firsts:
                raise Refused(
                    f"{path.name} cannot be encoded: none of its {len(found.table.keys):,} records tells two of first name, surname "
                    "and birth date; hold its headings, or the crosswalk, against the rows.",
                    code="cannot_encode",
                )

        count = key_files.write(out, scheme=str(scheme["name"]), fingerprint=secret.fingerprint, rows=rows())
    drawn = drawn[:count]
    lacking = int((~drawn[:, : encoding.TOKEN_BYTES].any(axis=1)).sum()) if by_tokens else 0
    return KeyFileReport(
        rows=count,
        left_out=len(found.table.keys) - count,
        set_aside=found.set_aside,
        ignored=found.ignored,
        noticed=found.noticed,
        fingerprint=secret.fingerprint,
        leaks=None if by_tokens else leaks(drawn, firsts),
        lost=lacking / max(count, 1) if by_tokens else None,
    )


@contextmanager
def _spoken(path: Path | None) -> Iterator[Callable[[str], str]]:
    """Gives each record key its pseudonym, and writes the list that undoes it, for its owner alone; without a path, the key."""
    if path is None:
        yield lambda key: key
        return
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
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["pseudonym", "record_key"])

            def spoken(key: str) -> str:
                drawn = secrets.token_hex(8)
                writer.writerow([drawn, key])
                return drawn

            yield spoken
    except BaseException:
        path.unlink()  # of a file of keys that was not made, it undoes nothing
        raise
