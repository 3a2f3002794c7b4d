"""Proof that destroyed values are gone.

A few values are drawn from the data to be destroyed and stored encrypted with the order. At the end every file of the folder is
searched for them. Their key is in `keys/` and is destroyed when the order ends, so that an interrupted destruction can still be
verified.
"""

import json
import mmap
import random
import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from throughway.destruction.models import DONE, Destruction
from throughway.store import durable_files
from throughway.store.community import Community
from throughway.store.keyring import KEY_BYTES
from throughway.store.selectors import current_community, snapshot

MOST = 16
SHORTEST = 6  # characters, as districts number students; a shorter one may occur in a file by chance
CERTAIN = 8  # characters: one of this length counts wherever it occurs
NONCE_BYTES = 12
DIGITS = b"0123456789"
OWN = ("data", "keys")  # what the platform writes; everything else was put there by people


def draw_values(values: Sequence[str], most: int = MOST) -> tuple[str, ...]:
    """Draws at random a few of the values that are too long to occur by chance."""
    fit = sorted({value for value in values if len(value) >= SHORTEST})
    return tuple(random.SystemRandom().sample(fit, min(most, len(fit))))


def seal_values(id: str, values: Sequence[str]) -> str:
    """Encrypts the values for the order, under a new key."""
    if not values:
        return ""
    key, nonce = AESGCM.generate_key(8 * KEY_BYTES), secrets.token_bytes(NONCE_BYTES)
    _key_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    durable_files.write(_key_folder() / id, key)
    return (nonce + AESGCM(key).encrypt(nonce, json.dumps(list(values)).encode(), id.encode())).hex()


def open_values(id: str, encrypted: str) -> tuple[str, ...] | None:
    """Decrypts the values; None where their key is missing or another."""
    if not encrypted:
        return ()
    content = bytes.fromhex(encrypted)
    try:
        plain = AESGCM((_key_folder() / id).read_bytes()).decrypt(
            content[:NONCE_BYTES], content[NONCE_BYTES:], id.encode()
        )
    except (FileNotFoundError, InvalidTag):
        return None
    return tuple(json.loads(plain))


def destroy_old_keys() -> None:
    """Destroys the keys of orders that have ended or do not exist."""
    folder = _key_folder()
    if not folder.is_dir():
        return
    open_orders = set(Destruction.objects.exclude(step=DONE).values_list("id", flat=True))
    for path in sorted(folder.iterdir()):
        if path.name not in open_orders:
            durable_files.shred(path)
    durable_files.fsync_path(folder)


def _key_folder() -> Path:
    return current_community().keys / ".sought"


@dataclass(frozen=True)
class Scan:
    """`found`: files of the platform that hold one of the values, `elsewhere`: other files of the folder that do, by path
    within it; `opened`: stored files whose columns were read too; `lost`: the values could not be decrypted, so they were not
    sought."""

    values: int
    files: int
    bytes: int
    opened: int
    found: tuple[str, ...]
    elsewhere: tuple[str, ...]
    lost: bool = False


def scan(values: Sequence[str], partners: Collection[str]) -> Scan:
    """Scans every file of the folder for the values. Stored files are opened for these partners only; another partner's data
    may rightly hold the same text."""
    community = current_community()
    live = _live_paths()
    sought = [value.encode() for value in values]
    files = total = 0
    found: list[str] = []
    elsewhere: list[str] = []
    for path in _files(community.root):
        within = path.relative_to(community.root)
        files += 1
        try:
            total += path.stat().st_size
            holds = bool(sought) and path not in live and _holds(path, sought)
        except FileNotFoundError:
            continue  # deleted meanwhile by its process
        if holds:
            (found if within.parts[0] in OWN else elsewhere).append(str(within))
    opened = 0
    if sought:
        opened, within_stored = _in_stored_files(community, values, partners)
        found += within_stored
    return Scan(len(values), files, total, opened, tuple(found), tuple(elsewhere))


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path


def _holds(path: Path, sought: Sequence[bytes]) -> bool:
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(_stands(content, value) for value in sought)


def _stands(content: mmap.mmap, value: bytes) -> bool:
    """Whether the value occurs; a short one only where no digit is next to it, because long numbers contain it by chance."""
    at = content.find(value)
    while at >= 0:
        neighbors = content[max(at - 1, 0) : at] + content[at + len(value) : at + len(value) + 1]
        if len(value) >= CERTAIN or not any(byte in DIGITS for byte in neighbors):
            return True
        at = content.find(value, at + 1)
    return False


def _live_paths() -> set[Path]:
    with snapshot() as stored:
        return {file.path for file in stored.stored()}


def _in_stored_files(
    community: Community, values: Sequence[str], partners: Collection[str]
) -> tuple[int, list[str]]:
    """Scans the text columns of the partners' live files, because compressed and sealed files do not show their values as
    bytes."""
    sought, found = pa.array(list(values), pa.string()), []
    with snapshot() as stored:
        files = [file for file in stored.stored() if file.partner in partners]
        for table, partner in sorted({(f.table, f.partner) for f in files if f.sealed}):
            if _any(stored.sealed(table, partner), sought):
                found.append(f"the vault: {table} of {partner}")
        found += [
            str(f.path.relative_to(community.root))
            for f in files
            if not f.sealed and _in_parquet(f.path, sought)
        ]
    return len(files), found


def _in_parquet(path: Path, sought: pa.Array) -> bool:
    """Whether a text column holds one of the values; compares the column's dictionary, not each row."""
    with pq.ParquetFile(path) as parquet:
        names = [field.name for field in parquet.schema_arrow if pa.types.is_string(field.type)]
    if not names:
        return False
    with pq.ParquetFile(path, read_dictionary=names) as file:
        for batch in file.iter_batches(batch_size=1 << 18, columns=names):
            if any(_among(column.dictionary, sought) for column in batch.columns):
                return True
    return False


def _any(rows: pa.Table, sought: pa.Array) -> bool:
    return any(
        _among(column, sought)
        for name, column in zip(rows.column_names, rows.columns, strict=True)
        if pa.types.is_string(rows.schema.field(name).type)
    )


def _among(values: pa.Array | pa.ChunkedArray, sought: pa.Array) -> bool:
    return bool(pc.any(pc.is_in(values, sought)).as_py())
