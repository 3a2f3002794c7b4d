"""The two archives of a backup: a community's data, and separately the keys that open it."""

import gzip
import hashlib
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from io import BufferedReader, BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast
from uuid import uuid4

from throughway.core.disk_full import full, is_full
from throughway.core.refusals import Refused
from throughway.store import database_record, durable_files, process_locks
from throughway.store.community import Community
from throughway.store.keyring import Keyring

MARK = "backup.json"  # the first member
DIGESTS = "digests.json"  # the last
FIRST_FORMAT, FORMAT = "throughway-backup/1", "throughway-backup/2"
DATA, KEYS = "data", "keys"


@dataclass(frozen=True)
class ArchiveHeader:
    """The header of an archive. `part`: data or keys; `id`: the same in both archives of one backup; `database`: its vendor."""

    throughway: str
    part: str
    id: str
    at: str
    community: str
    database: str


def check_place(path: Path, root: Path) -> None:
    """Refused where the archive would overwrite a file, or would be inside the community's folder."""
    if path.exists():
        raise Refused(f"{path.name} already exists; choose another name for the archive.", code="exists")
    if not path.parent.is_dir():
        raise Refused(f"The folder for {path.name} does not exist; create it first.", code="no_folder")
    if path.resolve().is_relative_to(root):
        raise Refused(
            f"{path.name} would be in the community's own folder; choose a place outside it.",
            code="inside",
        )


@dataclass
class Packed:
    """What an archive holds: the sha256 of each member by its name. `vanished`: names of files that were removed meanwhile."""

    digests: dict[str, str] = field(default_factory=dict)
    vanished: list[str] = field(default_factory=list)


class _Hashed:
    """A file that is read once, with the sha256 of what was read."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.sha256 = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self.file.read(size)
        self.sha256.update(piece)
        return piece


def pack(path: Path, mark: ArchiveHeader, members: Iterable[tuple[str, Path]]) -> Packed:
    """Writes these files under these names, readable only by their owner, and at the end the digest of each. The archive is written
    atomically. A file that is missing is left out and named."""
    part, packed = path.with_name(f".{path.name}.{uuid4().hex}.part"), Packed()
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as tar:
            header = json.dumps(asdict(mark)).encode()
            _add(tar, MARK, header)
            for name, source in members:
                try:
                    with source.open("rb") as content:
                        facts = tarfile.TarInfo(name)
                        status = os.fstat(content.fileno())
                        facts.size, facts.mtime, facts.mode = status.st_size, int(status.st_mtime), 0o600
                        hashed = _Hashed(content)
                        tar.addfile(facts, cast(BinaryIO, hashed))
                        packed.digests[name] = hashed.sha256.hexdigest()
                except FileNotFoundError:
                    packed.vanished.append(name)
            all_digests = {MARK: hashlib.sha256(header).hexdigest(), **packed.digests}
            _add(tar, DIGESTS, json.dumps(all_digests).encode())
        durable_files.fsync_path(part)
        os.replace(part, path)
        durable_files.fsync_path(path.parent)
    finally:
        part.unlink(missing_ok=True)
    return packed


def verified(path: Path, part: str) -> ArchiveHeader:
    """The header of an archive of that part, all of whose bytes are those that `pack` wrote; Refused otherwise. Writes nothing.

    An archive of the first format lists no digests: its bytes are checked by the checksum of its compression.
    """
    header, found, listed = _header(path, part), dict[str, str](), None
    try:
        with gzip.open(path) as plain:
            with tarfile.open(fileobj=plain, mode="r|") as tar:
                for each in tar:
                    _check_member(path, each)
                    content = tar.extractfile(each)
                    assert content is not None  # of a file, which it is
                    if each.name == DIGESTS:
                        listed = json.load(content)
                    else:
                        found[each.name] = hashlib.file_digest(
                            cast(BufferedReader, content), "sha256"
                        ).hexdigest()
            while plain.read(1 << 20):
                pass  # up to the checksum at the end
    except (tarfile.TarError, ValueError, EOFError, OSError, zlib.error):
        raise _damaged(path, "it was cut short or its bytes have changed") from None
    if header.throughway == FORMAT and listed != found:
        known = listed if isinstance(listed, dict) else {}
        names = sorted(name for name in {*known, *found} if known.get(name) != found.get(name))
        raise _damaged(path, f"{len(names)} of its files are not those that were backed up, such as {names[0]}" if names else "its digests are missing")  # fmt: skip
    return header


def _damaged(path: Path, why: str) -> Refused:
    return Refused(
        f"{path.name} is damaged: {why}. Nothing was restored; take another copy of the archive, or an older backup.",
        code="damaged",
    )


def _header(path: Path, part: str) -> ArchiveHeader:
    """The header of an archive; Refused where the file is not an archive of that part."""
    try:
        with tarfile.open(path, "r:gz") as tar:
            first = tar.next()
            content = tar.extractfile(first) if first is not None and first.name == MARK else None
            found = ArchiveHeader(**json.load(content)) if content else None
    except FileNotFoundError:
        raise Refused(f"There is no file {path.name}; give the archive.", code="no_file") from None
    except (tarfile.TarError, ValueError, TypeError, EOFError, OSError, zlib.error):
        found = None
    if found is None or found.throughway not in (FORMAT, FIRST_FORMAT) or found.part != part:
        raise Refused(
            f"{path.name} is not an archive of {part} from `throughway backup`; give the data first, then "
            f"the keys.",
            code="not_a_backup",
        )
    return found


@contextmanager
def bring_back(
    data: Path, keys: Path, root: Path
) -> Iterator[tuple[Mapping[str, ArchiveHeader], Path, Collection[str]]]:
    """Unpacks both archives into a folder beside `root`, which becomes `root` when the block ends well, and is removed otherwise: by the
    next call, if this process is killed. Yields the headers, the folder, and of each folder that killed processes had left, and that was
    removed, the id of its database, empty where it had none yet.

    Leaves out files that `keys/` records as destroyed. Refused before anything is written where an archive is damaged.
    """
    marks = {DATA: verified(data, DATA), KEYS: verified(keys, KEYS)}
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise Refused(f"{root.name} already exists; choose another folder.", code="exists")
    if marks[DATA].community != marks[KEYS].community:
        raise Refused(
            "The two archives belong to different communities; give two from the same community.",
            code="two_communities",
        )
    parts = root.with_name(f".{root.name}.restoring")
    made = [folder for folder in parts.parents if not folder.exists()]
    parts.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        left = [_database_of(path) for path in process_locks.unclaimed(parts)]
        process_locks.clear(parts)
        with process_locks.folder(parts) as part:
            _unpack(keys, part, lambda name: name.parts[0] == KEYS)
            destroyed = Keyring(part / KEYS).buried().files
            _unpack(data, part, lambda name: name.parts[0] != KEYS and name.stem not in destroyed)
            Community(part).make_folders()
            yield marks, part, left
            if root.exists():
                root.rmdir()
            os.replace(part, root)
            durable_files.fsync_path(root.parent)
    except BaseException:
        _remove_empty([parts, *made])
        raise
    _remove_empty([parts])


def _remove_empty(folders: Iterable[Path]) -> None:
    with suppress(OSError):  # another process restores there
        for folder in folders:
            folder.rmdir()


def _database_of(part: Path) -> str:
    """The id of the database that a folder records; empty where it records none, or not legibly."""
    with suppress(Refused):
        record = database_record.read(Community(part))
        return record.id if record else ""
    return ""


def _check_member(path: Path, member: tarfile.TarInfo) -> PurePosixPath:
    """The member's name; Refused where it is no file, or has a name that leads out of the folder."""
    name = PurePosixPath(member.name)
    if not member.isfile() or name.is_absolute() or ".." in name.parts or not name.parts:
        raise Refused(
            f"{path.name} contains something that a backup never contains; do not use it.",
            code="not_a_backup",
        )
    return name


def _unpack(path: Path, into: Path, wanted: Callable[[PurePosixPath], bool]) -> None:
    try:
        with tarfile.open(path, "r:gz") as tar:
            for each in tar:
                name = _check_member(path, each)
                content = tar.extractfile(each)
                if each.name in (MARK, DIGESTS) or not wanted(name) or content is None:
                    continue
                place = into / name
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with place.open("xb") as file:
                    shutil.copyfileobj(content, file)
                place.chmod(0o600)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        if is_full(error):
            raise full() from None
        raise _damaged(path, "it was cut short or its bytes have changed") from None


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    facts = tarfile.TarInfo(name)
    facts.size, facts.mode = len(content), 0o600
    tar.addfile(facts, BytesIO(content))
