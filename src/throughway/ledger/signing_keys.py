"""The chain of the ledger's signing keys: who may trust a head that an earlier key signed, and how far.

When the key is replaced, the old one signs a statement: the new public key, and the number of entries that were sealed until then. Heads
over at most that many entries may carry the old key's signature; from then on it signs nothing, even in the hands of a thief.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import inf
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from throughway.core.refusals import Refused
from throughway.ledger.signed_heads import KEY_FILE, public, signing_key
from throughway.store import durable_files

CHANGES_FILE = "ledger-signing.changes"


@dataclass(frozen=True)
class KeyChange:
    """One replacement. `old`, `new` (public keys) and `signature` are hexadecimal, `at` is ISO 8601 UTC; `size`: the entries that were
    sealed under the old key and those before it."""

    old: str
    new: str
    size: int
    at: str
    signature: str

    @classmethod
    def signed(cls, *, new: str, size: int, at: str, signing: Ed25519PrivateKey) -> "KeyChange":
        return cls(public(signing), new, size, at, signing.sign(_message(new, size, at)).hex())

    def holds(self) -> bool:
        """Whether the old key signed the statement."""
        try:
            verifying = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.old))
            verifying.verify(bytes.fromhex(self.signature), _message(self.new, self.size, self.at))
        except (InvalidSignature, ValueError):
            return False
        return True

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def _message(new: str, size: int, at: str) -> bytes:
    # "new" is in no head, so that neither signature can pass for the other.
    return json.dumps({"at": at, "new": new, "size": size}, separators=(",", ":"), sort_keys=True).encode()


def key_changes(keys: Path) -> Sequence[KeyChange]:
    """The replacements that led to today's key, oldest first; Refused where the file is damaged."""
    signing, path = signing_key(keys), keys / CHANGES_FILE
    if signing is None or not path.exists():
        return ()
    try:
        changes = [KeyChange(**each) for each in json.loads(path.read_bytes())]
    except (ValueError, TypeError):
        raise _damaged() from None
    # A replacement that was interrupted has left a statement about a key that never was.
    last = max((i for i, change in enumerate(changes) if change.new == public(signing)), default=-1)
    chain = changes[: last + 1]
    if not all(change.holds() for change in chain) or any(a.new != b.old for a, b in pairwise(chain)):
        raise _damaged()
    return tuple(chain)


def _damaged() -> Refused:
    return Refused(
        f"keys/{CHANGES_FILE}, which connects the ledger's signing keys, is damaged; restore it from the backup of the keys.",
        code="key_damaged",
    )


def trusted_keys(keys: Path) -> Mapping[str, float]:
    """Each public key that may have signed a head, with the most entries that such a head may have; empty where there is no key."""
    signing = signing_key(keys)
    if signing is None:
        return {}
    return {**{change.old: change.size for change in key_changes(keys)}, public(signing): inf}


def may_have_signed(head_key: str, size: int, trusted: Mapping[str, float]) -> bool:
    return size <= trusted.get(head_key, -1)


def replace_signing_key(keys: Path, *, size: int, at: str) -> KeyChange:
    """Replaces the key after `size` sealed entries, overwriting the old one. Nobody may seal meanwhile. An interruption leaves the old key
    or the new one, and its chain."""
    signing, chain = signing_key(keys), key_changes(keys)
    if signing is None:
        raise Refused(
            "The ledger has no signing key yet, so there is none to replace; the first sealing makes it.",
            code="nothing_sealed",
        )
    fresh = Ed25519PrivateKey.generate()
    change = KeyChange.signed(new=public(fresh), size=size, at=at, signing=signing)
    document = [each.to_json() for each in (*chain, change)]
    durable_files.write(keys / CHANGES_FILE, json.dumps(document, indent=1).encode())
    durable_files.replace(keys / KEY_FILE, fresh.private_bytes_raw())
    return change
