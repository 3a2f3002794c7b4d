"""The vault: files of identifying tables, each sealed whole under a data key of its own.

    TWVAULT1 | file id, 16 bytes | nonce, 12 bytes | AES-256-GCM(Parquet); the first 24 bytes are authenticated with it

The data key is wrapped once for each agreement that covers the file (`keyring`). Destroying an agreement's wraps, and
with them perhaps a file's last, makes that file unreadable in every copy.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from throughway.core.refusals import Refused
from throughway.store import durable_files
from throughway.store.community import SEALED, Community
from throughway.store.keyring import KEY_BYTES, Keyring

MAGIC = b"TWVAULT1"
ID_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16
KEEP_BYTES = 512 * 1024 * 1024  # maximum memory for opened files


@dataclass(frozen=True)
class SealedFile:
    """A finished vault file: path, id, number of rows."""

    path: Path
    sha256: str
    rows: int
    bytes: int

    @property
    def id(self) -> str:
        return self.path.stem


class Vault:
    """The vault of one community."""

    def __init__(self, community: Community) -> None:
        self._folder = community.vault
        self.keyring = Keyring(community.keys)

    def path(self, file: str) -> Path:
        return self._folder / f"{file}{SEALED}"

    def seal(self, table: pa.Table, *, agreements: Iterable[str]) -> SealedFile:
        """Seals the table into a new file that these agreements open; ValueError when none does."""
        covering = sorted(set(agreements))
        if not covering:
            raise ValueError("a vault file that no agreement covers could never be opened")
        file, data_key, nonce = uuid4(), AESGCM.generate_key(8 * KEY_BYTES), secrets.token_bytes(NONCE_BYTES)
        header = MAGIC + file.bytes
        sealed = header + nonce + AESGCM(data_key).encrypt(nonce, _parquet(table), header)
        # Wraps first, so that every file that exists can be opened.
        for agreement in covering:
            self.keyring.wrap(agreement, [(file.hex, data_key)])
        durable_files.write(self.path(file.hex), sealed)
        return SealedFile(
            self.path(file.hex), hashlib.sha256(sealed).hexdigest(), table.num_rows, len(sealed)
        )

    def open(self, path: Path) -> pa.Table:
        """The table of a vault file; Refused (vault) when no key opens it, or it was changed since it was sealed."""
        content = path.read_bytes()
        head, nonce_end = len(MAGIC) + ID_BYTES, len(MAGIC) + ID_BYTES + NONCE_BYTES
        if content[: len(MAGIC)] != MAGIC or len(content) < nonce_end + TAG_BYTES:
            raise Refused(f"{path.name} is not a vault file; run `throughway check`.", code="vault")
        data_key = self.keyring.unwrap(content[len(MAGIC) : head].hex())
        if data_key is None:
            raise Refused(
                f"No agreement's key opens the vault file {path.name}: its keys were destroyed, or keys/ is not"
                " the one that belongs to data/.",
                code="vault",
            )
        # Arrow's memory: its threads release it without the interpreter, even during shutdown.
        plain = pa.allocate_buffer(len(content) - nonce_end - TAG_BYTES)
        try:
            AESGCM(data_key).decrypt_into(
                content[head:nonce_end], content[nonce_end:], content[:head], memoryview(plain).cast("B")
            )
        except InvalidTag:
            raise Refused(
                f"The vault file {path.name} was changed since it was sealed; restore it from a backup.",
                code="vault",
            ) from None
        return pq.read_table(pa.BufferReader(plain))

    def opens(self, file: str) -> bool:
        """Whether any agreement can still open the file with that id."""
        return bool(self.keyring.openers(file))

    def wrap_for(self, path: Path, agreement: str) -> None:
        """Lets one more agreement open the file; Refused (vault) when its data key is gone."""
        if agreement in self.keyring.openers(path.stem):
            return
        data_key = self.keyring.unwrap(path.stem)
        if data_key is None:
            raise Refused(
                f"No agreement's key opens the vault file {path.name}, so access to it cannot be given to "
                f"another agreement.",
                code="vault",
            )
        self.keyring.wrap(agreement, [(path.stem, data_key)])

    def unwrap_all(self, agreement: str) -> int:
        """Destroys the agreement's key and every wrap under it; returns how many files it opened."""
        return self.keyring.destroy_agreement(agreement)


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", row_group_size=100_000)
    return bytes(sink.getvalue())


class OpenedFileCache:
    """Recently opened files of this process, least recently used evicted first; thread-safe.

    A file is returned only while some agreement's wrap of it still exists in `keys/`.
    """

    def __init__(self, keep_bytes: int = KEEP_BYTES) -> None:
        self._keep_bytes = keep_bytes
        self._tables: OrderedDict[str, pa.Table] = OrderedDict()
        self._lock = Lock()

    def get(self, vault: Vault, file: str) -> pa.Table:
        """The table of that file; Refused (vault) when no key opens it any more."""
        with self._lock:
            kept = self._tables.get(file)
            if kept is not None and vault.opens(file):
                self._tables.move_to_end(file)
                return kept
            self._tables.pop(file, None)
        table = vault.open(vault.path(file))
        with self._lock:
            self._tables[file] = table
            while sum(t.nbytes for t in self._tables.values()) > self._keep_bytes and len(self._tables) > 1:
                self._tables.popitem(last=False)
        return table
