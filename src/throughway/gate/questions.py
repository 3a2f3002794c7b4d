"""What an entry keeps of a question: a digest under a key of the community's own.

A bare hash of a question that names a student could be found by trying names. The key lies in `keys/` alone: who holds the ledger
without it learns nothing, and who holds both can show that a given question was the one of an entry.
"""

import hmac
import secrets
from pathlib import Path

from throughway.refusals import Refused
from throughway.store import durable

KEY_FILE = "ledger-questions.key"
SIZE = 32  # bytes
RECORD = "34 CFR 99.32(a)"  # nothing is handed out of which no record can be kept


def question_digest(text: str, keys: Path) -> str:
    """HMAC-SHA256 of the text (UTF-8) in hexadecimal. Makes the key where there is none; Refused where its file is no key."""
    return hmac.new(_key(keys), text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def check_key(keys: Path) -> None:
    """Refused where there is a key that cannot be used; where there is none yet, the first question makes it."""
    if (keys / KEY_FILE).exists():
        _key(keys)


def _key(keys: Path) -> bytes:
    path = keys / KEY_FILE
    if not path.exists():
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable.create(path, secrets.token_bytes(SIZE))  # of two who make it at once, the first one's stays
    try:
        key = path.read_bytes()
    except OSError:
        raise _unusable("cannot be read") from None
    if len(key) != SIZE:
        raise _unusable("is damaged")
    return key


def _unusable(how: str) -> Refused:
    return Refused(
        f"keys/{KEY_FILE} {how}, so no question can be answered; restore it from the backup of the keys.",
        code="key_damaged",
        citations=[RECORD],
    )
