"""What is looked for at the end is kept sealed until then, so that a destruction that was interrupted still looks for it.

The values rest with the order, sealed; the key rests in `keys/`, and is destroyed when the order ends.
"""

import json
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from throughway.destruction.models import Destruction
from throughway.destruction.titles import DONE
from throughway.store import durable_files
from throughway.store.keyring import KEY_BYTES
from throughway.store.selectors import current_community

NONCE_BYTES = 12


def sealed(id: str, values: Sequence[str]) -> str:
    """The values as the order keeps them, under a new key."""
    if not values:
        return ""
    key, nonce = AESGCM.generate_key(8 * KEY_BYTES), secrets.token_bytes(NONCE_BYTES)
    _keys().mkdir(mode=0o700, parents=True, exist_ok=True)
    durable_files.write(_keys() / id, key)
    return (nonce + AESGCM(key).encrypt(nonce, json.dumps(list(values)).encode(), id.encode())).hex()


def opened(id: str, kept: str) -> tuple[str, ...] | None:
    """The values again; None where their key is gone, or is another."""
    if not kept:
        return ()
    content = bytes.fromhex(kept)
    try:
        plain = AESGCM((_keys() / id).read_bytes()).decrypt(
            content[:NONCE_BYTES], content[NONCE_BYTES:], id.encode()
        )
    except (FileNotFoundError, InvalidTag):
        return None
    return tuple(json.loads(plain))


def let_go() -> None:
    """Destroys the keys of orders that have ended, and of none."""
    folder = _keys()
    if not folder.is_dir():
        return
    open_orders = set(Destruction.objects.exclude(step=DONE).values_list("id", flat=True))
    for path in sorted(folder.iterdir()):
        if path.name not in open_orders:
            durable_files.shred(path)
    durable_files.fsync_path(folder)


def _keys() -> Path:
    return current_community().keys / ".sought"
