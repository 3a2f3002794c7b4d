"""Keys of HMAC-SHA256 that the ledger keeps in `keys/`: made when first needed, and never made anew over a damaged one."""

import secrets
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.store import durable_files

SIZE = 32  # bytes
RECORD = "34 CFR 99.32(a)"  # nothing is handed out of which no record can be kept


def hmac_key(path: Path, without: str) -> bytes:
    """The key in that file. Refused where the file is no key; `without` says what cannot be done then."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable_files.create(
            path, secrets.token_bytes(SIZE)
        )  # of two who make it at once, the first one's stays
    try:
        key = path.read_bytes()
    except OSError:
        raise _unusable(path, "cannot be read", without) from None
    if len(key) != SIZE:
        raise _unusable(path, "is damaged", without)
    return key


def _unusable(path: Path, how: str, without: str) -> Refused:
    return Refused(
        f"keys/{path.name} {how}, so {without}; restore it from the backup of the keys.",
        code="key_damaged",
        citations=[RECORD],
    )
