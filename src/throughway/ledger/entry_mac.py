"""Shows that this program wrote an entry: a MAC (HMAC-SHA256) of its lines, under a key that lies in `keys/` alone.

Whoever can write to the database, and to nothing else, cannot make one. Only entries that carry it are sealed.
"""

import hmac
from pathlib import Path

from throughway.ledger.hmac_key import hmac_key

KEY_FILE = "ledger-entries.key"
NEEDED_FOR = "no entry of the ledger can be written or sealed"


def entry_mac(lines: bytes, keys: Path) -> str:
    """The MAC of an entry's lines (`leaf.content`) in hexadecimal; Refused where the key's file is no key."""
    return hmac.new(entry_key(keys), lines, "sha256").hexdigest()


def is_ours(lines: bytes, mac: object, keys: Path) -> bool:
    """Whether the MAC that an entry carries is that of its lines."""
    return isinstance(mac, str) and hmac.compare_digest(entry_mac(lines, keys).encode(), mac.encode())


def entry_key(keys: Path) -> bytes:
    return hmac_key(keys / KEY_FILE, NEEDED_FOR)


def check_entry_key(keys: Path) -> None:
    """Refused where there is a key that cannot be used; where there is none yet, the first entry makes it."""
    if (keys / KEY_FILE).exists():
        entry_key(keys)
