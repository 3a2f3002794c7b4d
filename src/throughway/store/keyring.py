"""The agreements' keys and the wrapped data keys of vault files: all that `keys/` holds.

    keys/<agreement>/key            32 random bytes, the agreement's own key
    keys/<agreement>/key.next       while the key is being replaced, the one that takes its place
    keys/<agreement>/<file>.wrap    the data key of one vault file, wrapped under it (AES key wrap, RFC 3394)
    keys/<agreement>/<id>.text      the data key of what was typed about one learner, wrapped in the same way
    keys/.destroyed/<name>          what was destroyed when: the agreement or the person, or nothing, and the files (JSON)

One small file for each wrap, so that destroying one overwrites its bytes in place. Nothing here is stored anywhere else:
what is destroyed here is gone for every copy of the vault. The destruction stays recorded here too, so that an older copy of
the data is recognized.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from throughway.core.refusals import Refused
from throughway.store import durable_files

KEY, NEXT = "key", "key.next"
DESTROYED = ".destroyed"  # an agreement's folder has no dot in its name
WRAP = ".wrap"
TEXT = ".text"
KEY_BYTES = 32


@dataclass(frozen=True)
class DestroyedKeys:
    """Everything destroyed: by agreement, and by file, the name of the destruction and its day. `persons`: by person id, the name of
    the destruction and the partner that ordered it."""

    agreements: Mapping[str, tuple[str, str]]
    files: Mapping[str, tuple[str, str]]
    persons: Mapping[str, tuple[str, str]]


class Keyring:
    """The keys of one community; `folder` is its `keys/`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def agreements(self) -> list[str]:
        """The agreements that have a key."""
        if not self._folder.is_dir():
            return []
        return sorted(unquote(f.name) for f in self._folder.iterdir() if (f / KEY).is_file())

    def openers(self, file: str) -> list[str]:
        """The agreements that open this vault file."""
        return [a for a in self.agreements() if (self._of(a) / f"{file}{WRAP}").is_file()]

    def wrap(self, agreement: str, data_keys: Iterable[tuple[str, bytes]]) -> None:
        """Wraps the data keys of these files under the agreement's key, which is created if needed."""
        folder, key = self._of(agreement), self._key(agreement)
        for file, data_key in data_keys:
            durable_files.write(folder / f"{file}{WRAP}", aes_key_wrap(key, data_key))

    def unwrap(self, file: str) -> bytes | None:
        """The data key of a vault file, under any agreement that opens it; None when none does."""
        # Twice: a wrap that was read just before its agreement's key was replaced opens under neither key that was read after.
        for agreement in [*self.openers(file), *self.openers(file)]:
            folder = self._of(agreement)
            try:
                wrapped = (folder / f"{file}{WRAP}").read_bytes()
            except FileNotFoundError:
                continue  # just destroyed: another agreement may still open it
            data_key = _unwrapped(wrapped, [folder / KEY, folder / NEXT])
            if data_key is not None:
                return data_key
        return None

    def rotate(self, agreement: str) -> int:
        """Gives an agreement a new key and wraps its data keys under it; returns how many there are. The old key and the old wraps are
        overwritten. Meanwhile every file can be opened, and files may be destroyed; after an interruption the next call goes on. Refused,
        with nothing changed, where a wrap is damaged. Nobody may wrap meanwhile, or destroy the agreement."""
        folder = self._of(agreement)
        wraps = sorted(path for path in folder.iterdir() if path.suffix in (WRAP, TEXT))
        for path in wraps:
            if path.exists() and _unwrapped(path.read_bytes(), [folder / NEXT, folder / KEY]) is None:
                raise Refused(
                    f"The key of {agreement} does not open {path.name}, so it cannot be replaced; restore keys/ from its backup.",
                    code="key_damaged",
                )
        durable_files.create(folder / NEXT, secrets.token_bytes(KEY_BYTES))
        key = (folder / NEXT).read_bytes()
        for path in wraps:
            with _alone(folder):  # so that a wrap that is destroyed meanwhile does not come back
                wrapped = path.read_bytes() if path.exists() else b""
                data_key = _unwrapped(wrapped, [folder / KEY])
                if data_key is not None:
                    durable_files.replace(path, aes_key_wrap(key, data_key))
        with _alone(folder):  # and what was typed meanwhile
            for path in folder.iterdir():
                data_key = _unwrapped(path.read_bytes(), [folder / KEY]) if path.suffix == TEXT else None
                if data_key is not None:
                    durable_files.replace(path, aes_key_wrap(key, data_key))
            durable_files.replace(folder / KEY, key)
        durable_files.shred(folder / NEXT)
        durable_files.fsync_path(folder)
        return len(wraps)

    def wrap_text_key(self, agreement: str, id: str, data_key: bytes) -> None:
        """Wraps the data key of texts under the one agreement that houses them; also while the agreement's key is being replaced."""
        folder = self._of(agreement)
        self._key(agreement)  # creates it if needed
        with _alone(folder):
            durable_files.write(folder / f"{id}{TEXT}", aes_key_wrap(self._key(agreement), data_key))

    def text_key(self, agreement: str, id: str) -> bytes | None:
        """The data key of texts; None where it was destroyed, or where keys/ is another."""
        folder = self._of(agreement)
        for _ in range(2):  # as in `unwrap`
            try:
                wrapped = (folder / f"{id}{TEXT}").read_bytes()
            except FileNotFoundError:
                return None
            data_key = _unwrapped(wrapped, [folder / KEY, folder / NEXT])
            if data_key is not None:
                return data_key
        return None

    def destroy_text_key(self, agreement: str, id: str) -> bool:
        """Destroys the data key of texts, so that no copy of them can be opened again; returns whether it was there."""
        folder = self._of(agreement)
        if not folder.is_dir():
            return False
        with _alone(folder):
            gone = durable_files.shred(folder / f"{id}{TEXT}")
        durable_files.fsync_path(folder)
        return gone

    def destroy(self, file: str) -> int:
        """Destroys every wrap of one vault file, so that no copy of it can be opened again; returns how many there were."""
        gone = 0
        for agreement in self.openers(file):
            with _alone(self._of(agreement)):
                gone += durable_files.shred(self._of(agreement) / f"{file}{WRAP}")
            durable_files.fsync_path(self._of(agreement))
        return gone

    def destroy_agreement(self, agreement: str) -> int:
        """Destroys an agreement's key and all its wraps; returns how many wraps there were."""
        folder = self._of(agreement)
        if not folder.is_dir():
            return 0
        for name in (KEY, NEXT):  # first, so that a crash in between leaves only wraps that nothing opens
            durable_files.shred(folder / name)
        durable_files.fsync_path(folder)
        gone = sum(durable_files.shred(path) for path in sorted(folder.iterdir()) if path.suffix == WRAP)
        for path in folder.iterdir():
            durable_files.shred(path)
        durable_files.fsync_path(folder)
        folder.rmdir()
        durable_files.fsync_path(self._folder)
        return gone

    def bury(
        self,
        name: str,
        *,
        agreement: str | None,
        files: Collection[str],
        on: str,
        person: tuple[str, str] | None = None,
    ) -> None:
        """Records what is about to be destroyed under this name, before its keys are: from then on no reader is given these files, and
        the agreement can never have a key again. `person`: the person concerned, and the partner that ordered it."""
        folder = self._folder / DESTROYED
        folder.mkdir(mode=0o700, exist_ok=True)
        entry = {"agreement": agreement, "on": on, "files": sorted(files), "person": person}
        durable_files.write(folder / name, json.dumps(entry).encode())
        durable_files.fsync_path(self._folder)

    def buried(self) -> DestroyedKeys:
        """Everything that was ever destroyed."""
        agreements: dict[str, tuple[str, str]] = {}
        files: dict[str, tuple[str, str]] = {}
        persons: dict[str, tuple[str, str]] = {}
        folder = self._folder / DESTROYED
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.suffix == ".part":
                continue
            entry = json.loads(path.read_bytes())
            if entry["agreement"]:
                agreements[entry["agreement"]] = (path.name, entry["on"])
            if entry.get("person"):
                id, partner = entry["person"]
                persons[id] = (path.name, partner)
            files.update(dict.fromkeys(entry["files"], (path.name, entry["on"])))
        return DestroyedKeys(agreements, files, persons)

    def _of(self, agreement: str) -> Path:
        return self._folder / quote(agreement, safe="").replace(".", "%2E")

    def _key(self, agreement: str) -> bytes:
        folder = self._of(agreement)
        if not (folder / KEY).is_file():
            if agreement in self.buried().agreements:
                raise Refused(
                    f"The data stored under {agreement} was destroyed, so nothing can be stored under it "
                    f"again.",
                    code="destroyed",
                )
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            durable_files.fsync_path(self._folder)
            durable_files.create(
                folder / KEY, secrets.token_bytes(KEY_BYTES)
            )  # or another process has just created one
        return (folder / KEY).read_bytes()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Among all processes, one at a time in that folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _unwrapped(wrapped: bytes, keys: Iterable[Path]) -> bytes | None:
    """The data key in a wrap, under the first of these keys that opens it; None when none does."""
    for path in keys:
        try:
            return aes_key_unwrap(path.read_bytes(), wrapped)
        except (InvalidUnwrap, ValueError, FileNotFoundError):
            continue
    return None
