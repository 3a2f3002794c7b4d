"""HMAC-SHA256 digests under the community's own keys: the MAC of an entry, and the digest of a question that an entry stores.

The keys are stored only in `keys/`. Each is made when first needed; a damaged one is never replaced, and neither is one that entries of
the ledger were written under (`recording.check_not_lost`).
"""

import hmac
import secrets
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.store import durable_files

ENTRY_KEY, QUESTION_KEY = "ledger-entries.key", "ledger-questions.key"
SIZE = 32  # bytes of a key
RECORD = "34 CFR 99.32(a)"  # nothing is released that cannot be recorded
NEEDED_FOR = {
    ENTRY_KEY: "no entry of the ledger can be written or sealed",
    QUESTION_KEY: "no query can be answered",
}


def entry_mac(lines: bytes, keys: Path) -> str:
    """The MAC of an entry's lines (`leaf.content`) in hexadecimal; Refused where the key file is invalid.

    It shows that this program wrote the entry: someone who can write to the database but cannot read the key cannot make one. Only
    entries with a MAC are sealed.
    """
    return hmac.new(hmac_key(keys, ENTRY_KEY), lines, "sha256").hexdigest()


def is_ours(lines: bytes, mac: object, keys: Path) -> bool:
    """Whether the MAC that an entry carries matches its lines."""
    return isinstance(mac, str) and hmac.compare_digest(entry_mac(lines, keys).encode(), mac.encode())


def question_digest(text: str, keys: Path) -> str:
    """HMAC-SHA256 of a question (UTF-8) in hexadecimal; Refused where the key file is invalid.

    A plain hash of a question with a student's name could be reversed by trying names. The ledger without the key reveals nothing;
    with both, one can show that a given question belongs to an entry.
    """
    return hmac.new(hmac_key(keys, QUESTION_KEY), text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def has_key(keys: Path, name: str) -> bool:
    return (keys / name).exists()


def lost(name: str) -> Refused:
    """Why nothing is done where a key is missing that was once there."""
    return _unusable(name, "is missing")


def check_key(keys: Path, name: str) -> None:
    """Refused where the key exists and cannot be used; a missing key is made on first use."""
    if (keys / name).exists():
        hmac_key(keys, name)


def hmac_key(keys: Path, name: str) -> bytes:
    """The key with this name, made where there is none; Refused where its file is not a key."""
    path = keys / name
    if not path.exists():
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        # If two processes create it at once, the first one's key is kept.
        durable_files.create(path, secrets.token_bytes(SIZE))
    try:
        key = path.read_bytes()
    except OSError:
        raise _unusable(name, "cannot be read") from None
    if len(key) != SIZE:
        raise _unusable(name, "is damaged")
    return key


def _unusable(name: str, how: str) -> Refused:
    return Refused(
        f"keys/{name} {how}, so {NEEDED_FOR[name]}; restore it from the backup of the keys.",
        code="key_damaged",
        citations=[RECORD],
    )
