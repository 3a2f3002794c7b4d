"""The community's signing key, and the signed heads of the ledger that partners keep.

A head states how many entries were sealed, under which root, and when. Whoever keeps it can later verify that nothing before it was
changed or removed.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from throughway.core.refusals import Refused
from throughway.store import durable_files

KEY_FILE = "ledger-signing.key"


@dataclass(frozen=True)
class SignedHead:
    """The sealed ledger at one moment. `root`, `key` (public) and `signature` are hexadecimal, `at` is ISO 8601 UTC."""

    size: int
    root: str
    at: str
    key: str
    signature: str

    @classmethod
    def read(cls, kept: Mapping[str, object]) -> "SignedHead":
        """A head from the text that a partner kept; Refused when it is invalid, or its own signature does not verify."""
        try:
            head = cls(**{name: kept[name] for name in cls.__dataclass_fields__})  # type: ignore[arg-type]
            whole = head.holds()
        except (KeyError, ValueError, TypeError):
            raise Refused(
                "That file is not a ledger head; give the file that `throughway ledger head` wrote.",
                code="bad_head",
            ) from None
        if not whole:
            raise Refused(
                "The signature of that head does not match its contents; give the file exactly as you "
                "received it.",
                code="bad_head",
            )
        return head

    @classmethod
    def signed(cls, *, size: int, root: bytes, at: str, signing: Ed25519PrivateKey) -> "SignedHead":
        message = _message(size, root.hex(), at)
        return cls(size, root.hex(), at, public(signing), signing.sign(message).hex())

    def holds(self) -> bool:
        """Whether the signature verifies under the key that the head names."""
        verifying = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
        try:
            verifying.verify(bytes.fromhex(self.signature), _message(self.size, self.root, self.at))
        except InvalidSignature:
            return False
        return True

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def _message(size: int, root: str, at: str) -> bytes:
    return json.dumps({"at": at, "root": root, "size": size}, separators=(",", ":"), sort_keys=True).encode()


def public(signing: Ed25519PrivateKey) -> str:
    return signing.public_key().public_bytes_raw().hex()


def signing_key(keys: Path) -> Ed25519PrivateKey | None:
    """The key in the community's `keys/`, or None when there is none yet; Refused when the file is not a key."""
    path = keys / KEY_FILE
    if not path.exists():
        return None
    try:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except ValueError:
        raise Refused(
            f"keys/{KEY_FILE} is damaged, so the ledger cannot be sealed; restore it from the backup of the keys.",
            code="key_damaged",
        ) from None


def make_signing_key(keys: Path) -> Ed25519PrivateKey:
    """Makes the community's key, readable only by its owner; the file is written atomically."""
    signing = Ed25519PrivateKey.generate()
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable_files.write(keys / KEY_FILE, signing.private_bytes_raw())
    return signing
