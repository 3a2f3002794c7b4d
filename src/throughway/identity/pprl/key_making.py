"""The partner's part, on its own machine: makes a file of keys from its own file, without a community, a database or a network."""

import csv
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from throughway.core.private_folder import private_folder
from throughway.core.refusals import Refused
from throughway.identity.pprl import encoding, key_files, source_file
from throughway.identity.pprl.leakage import Leaks, leaks
from throughway.identity.pprl.secret import Secret
from throughway.identity.pprl.source_file import StandardizedRecord
from throughway.intake.crosswalk import Crosswalk


@dataclass(frozen=True)
class KeyFileReport:
    """`left_out`: records with too little information; `set_aside`: rows that could not be read. `leaks`: of keys. `lost`: for tokens, the share of records without a first name, surname or birth date, which have no strict token."""

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
    """Writes keys, or tokens, of the records of a file, in random order.

    `key`: the column of record keys, where no crosswalk and no standard says it. `pseudonyms`: the file of keys gets random record keys, and
    this file, which stays with the partner, maps them to the partner's own.
    """
    scheme: Mapping[str, object] = encoding.TOKEN_SCHEME if by_tokens else encoding.SCHEME
    make: Callable[[StandardizedRecord], bytes] = (
        (lambda person: encoding.tokens(secret, person)) if by_tokens else encoding.Encoder(secret).key
    )
    identifying = source_file.identifying_keys(crosswalk, key) if pseudonyms is None else []
    if identifying:
        raise Refused(
            f"The record keys are made of {' and '.join(identifying)}, and would be in the file unchanged; give --pseudonyms FILE "
            "to send random ones in their place.",
            code="telling_keys",
        )
    with private_folder() as folder:
        found = source_file.read(path, into=folder, format=format, crosswalk=crosswalk, key=key)
    drawn = np.empty((len(found.table.keys), key_files.SCHEMES[str(scheme["name"])][1]), np.uint8)
    firsts: list[str | None] = []
    with _pseudonyms(pseudonyms) as pseudonym:

        def rows() -> Iterator[tuple[str, bytes]]:
            for person in found.table.people():
                if person.is_enough:
                    made = make(person)
                    drawn[len(firsts)] = np.frombuffer(made, np.uint8)
                    firsts.append(person.first)
                    yield pseudonym(person.key), made
            if found.table.keys and not firsts:
                raise Refused(
                    f"{path.name} cannot be encoded: none of its {len(found.table.keys):,} records has two of first name, surname "
                    "and birth date; compare its headings, or the crosswalk, with the rows.",
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
def _pseudonyms(path: Path | None) -> Iterator[Callable[[str], str]]:
    """Gives each record key a random pseudonym and writes the list of both, readable by its owner only; without a path, gives the key
    itself."""
    if path is None:
        yield lambda key: key
        return
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(
            f"{path.name} already exists, and it may be the only way back to your records; name another "
            f"file.",
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

            def pseudonym(key: str) -> str:
                drawn = secrets.token_hex(8)
                writer.writerow([drawn, key])
                return drawn

            yield pseudonym
    except BaseException:
        path.unlink()  # the file of keys was not made
        raise
