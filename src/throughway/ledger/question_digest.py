"""What an entry keeps of a question: a digest under a key of the community's own.

A bare hash of a question that names a student could be found by trying names. The key lies in `keys/` alone: who holds the ledger
without it learns nothing, and who holds both can show that a given question was the one of an entry.
"""

import hmac
from pathlib import Path

from throughway.ledger.hmac_key import hmac_key

KEY_FILE = "ledger-questions.key"


def question_digest(text: str, keys: Path) -> str:
    """HMAC-SHA256 of the text (UTF-8) in hexadecimal. Makes the key where there is none; Refused where its file is no key."""
    return hmac.new(_key(keys), text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def check_key(keys: Path) -> None:
    """Refused where there is a key that cannot be used; where there is none yet, the first question makes it."""
    if (keys / KEY_FILE).exists():
        _key(keys)


def _key(keys: Path) -> bytes:
    return hmac_key(keys / KEY_FILE, "no question can be answered")
