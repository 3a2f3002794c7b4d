"""The secret that partners share and the steward never has. Anyone who has it can guess names until a key matches.

It is random and never made from a passphrase, which could be guessed.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from throughway.core.refusals import Refused

BYTES = 32
MARK = "throughway linkage secret 1"


@dataclass(frozen=True)
class Secret:
    """Thirty-two random bytes, which are never in a message, a log or another file."""

    key: bytes = field(repr=False)

    def digest(self, use: str, text: str) -> bytes:
        """HMAC-SHA256 of a text for one `use`; digests for different uses are unrelated."""
        return hmac.new(self.key, f"{use}\x1f{text}".encode(), hashlib.sha256).digest()

    @property
    def fingerprint(self) -> str:
        """Shows whether two files were made with one secret; a random secret cannot be found from it."""
        return self.digest("fingerprint", "").hex()[:32]


def new(path: Path) -> Secret:
    """Makes a secret and writes it to a file that only its owner may read. Refused where the file exists."""
    made = Secret(secrets.token_bytes(BYTES))
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{MARK}\n{made.key.hex()}\n")
    except FileExistsError:
        raise Refused(
            f"{path.name} already exists, and a secret is never overwritten; name another file.",
            code="exists",
        ) from None
    except OSError:
        raise Refused(
            f"{path.name} cannot be written there; name a folder that you can write to.", code="unwritable"
        ) from None
    return made


def read(path: Path) -> Secret:
    """The secret in a file that `new` wrote. Refused for any other file, for one that was cut short, and for one that others on this machine
    may read."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        raise Refused(
            f"There is no file {path.name}; check the path of the secret.", code="no_file"
        ) from None
    except (OSError, ValueError):
        lines = []
    if lines[:1] != [MARK]:
        raise Refused(
            f"{path.name} is not a secret for linkage; make one with: throughway link secret new FILE, or "
            f"ask the partner who made yours to send it again.",
            code="secret",
        )
    if path.stat().st_mode & 0o077:
        raise Refused(
            f"Others on this machine may read {path.name}; make it yours alone with: chmod 600, and ask whether it was seen.",
            code="secret_open",
        )
    try:
        key = bytes.fromhex("".join(lines[1:]))
    except ValueError:
        key = b""
    if len(key) != BYTES:
        raise Refused(
            f"{path.name} does not hold the whole secret, which has {2 * BYTES} letters and digits; ask the "
            f"partner who made it to send it again.",
            code="secret",
        )
    return Secret(key)
