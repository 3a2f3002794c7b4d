"""A file of keys: one line with a JSON heading, then a row for each record. It has no name and no secret."""

import base64
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from throughway.core.refusals import Refused
from throughway.identity.pprl import encoding

FORMAT = "throughway linkage keys 1"
SCHEMES: Mapping[str, tuple[Mapping[str, Any], int]] = {
    str(encoding.SCHEME["name"]): (encoding.SCHEME, len(encoding.SALTS) * encoding.BITS // 8),
    str(encoding.TOKEN_SCHEME["name"]): (
        encoding.TOKEN_SCHEME,
        len(encoding.TOKEN_RULES) * encoding.TOKEN_BYTES,
    ),
}  # name → description, and bytes of a record
HEADING = 2_000  # bytes, padded with spaces, so that it can be written after the rows
MOST_KEY = 1_000  # letters of a record key


@dataclass(frozen=True, eq=False)
class KeyFile:
    """`records`: the partner's record keys. `bytes`: one row a record."""

    name: str
    scheme: str
    fingerprint: str
    records: list[str]
    bytes: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.records)


def write(path: Path, *, scheme: str, fingerprint: str, rows: Iterable[tuple[str, bytes]]) -> int:
    """Writes the rows (record key, bytes), all or none, and returns how many there were."""
    digest, count = hashlib.sha256(), 0
    try:
        handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError:
        raise Refused(
            f"{path.name} cannot be written there; name another folder.", code="unwritable"
        ) from None
    try:
        with open(handle, "wb") as file:
            file.write(b" " * HEADING)
            for record, key in rows:
                line = base64.b64encode(key) + b" " + json.dumps(record, ensure_ascii=False).encode() + b"\n"
                digest.update(line)
                file.write(line)
                count += 1
            heading = {
                "format": FORMAT, "scheme": SCHEMES[scheme][0], "secret": fingerprint, "rows": count, "sha256": digest.hexdigest(),
            }  # fmt: skip
            file.seek(0)
            file.write(json.dumps(heading).encode().ljust(HEADING - 1) + b"\n")
        os.replace(made, path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise
    return count


def read(path: Path) -> KeyFile:
    """Reads a file of keys. Refused if it is not such a file, was cut short or changed, or has another scheme."""
    try:
        with path.open("rb") as file:
            heading = _heading(path, file.read(HEADING))
            scheme, rows = heading["scheme"]["name"], heading["rows"]
            width = SCHEMES[scheme][1]
            digest = hashlib.sha256()
            records: list[str] = []
            held = np.empty((min(rows, os.path.getsize(path) // width), width), np.uint8)
            coded = 4 * width // 3
            while line := file.readline(coded + 6 * MOST_KEY + 10):
                digest.update(line)
                if len(records) < len(held):
                    held[len(records)] = np.frombuffer(
                        base64.b64decode(line[:coded], validate=True), np.uint8
                    )
                records.append(str(json.loads(line[coded:])))
    except OSError:
        raise Refused(f"{path.name} cannot be opened; check its name.", code="no_file") from None
    except ValueError:
        raise _changed(path) from None
    if len(records) != rows or len(held) != rows or digest.hexdigest() != heading["sha256"]:
        raise _changed(path)
    if len(set(records)) != len(records):
        raise Refused(
            f"{path.name} has two rows with one record key; ask the partner to encode it again.",
            code="keys_twice",
        )
    return KeyFile(path.name, scheme, heading["secret"], records, held)


def _heading(path: Path, first: bytes) -> dict[str, Any]:
    try:
        heading = json.loads(first)
        known = heading["format"] == FORMAT and isinstance(heading["rows"], int) and heading["rows"] >= 0
        known = known and isinstance(heading["secret"], str) and isinstance(heading["scheme"]["name"], str)
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise Refused(
            f"{path.name} is not a file of linkage keys; make one with: throughway link encode.", code="keys"
        )
    if heading["scheme"] != SCHEMES.get(heading["scheme"]["name"], (None,))[0]:
        raise Refused(
            f"{path.name} was made under a scheme that this version does not know; encode it with the version that the "
            "others use.",
            code="keys_scheme",
        )
    return dict(heading)


def _changed(path: Path) -> Refused:
    return Refused(
        f"{path.name} was cut short or changed after it was made; ask the partner to send it again.",
        code="keys_changed",
    )


def check_comparable(files: list[KeyFile]) -> None:
    """Refused unless all files have one scheme and one secret, and different names."""
    first = files[0]
    for other in files[1:]:
        if other.scheme != first.scheme:
            raise Refused(
                f"{first.name} and {other.name} were made under different schemes; the partners must agree on tokens or on "
                "keys.",
                code="keys_scheme",
            )
        if other.fingerprint != first.fingerprint:
            raise Refused(
                f"{first.name} and {other.name} were made with different secrets, so their keys cannot match; the "
                "partners must use the same one.",
                code="keys_secret",
            )
    names = [file.name for file in files]
    if len(set(names)) != len(names):
        raise Refused("Two of the files have the same name; name each after its partner.", code="keys_names")
