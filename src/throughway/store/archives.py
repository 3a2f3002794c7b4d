"""The two archives of a backup: a community's data, and separately the keys that open it."""

import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from uuid import uuid4

from throughway.core.refusals import Refused
from throughway.store import durable_files
from throughway.store.community import Community
from throughway.store.keyring import Keyring

MARK = "backup.json"
FORMAT = "throughway-backup/1"
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


def pack(path: Path, mark: ArchiveHeader, members: Iterable[tuple[str, Path]]) -> int:
    """Writes these files under these names, readable only by their owner; returns the number. The archive is written atomically. A
    file that is removed meanwhile is skipped."""
    part, count = path.with_name(f".{path.name}.{uuid4().hex}.part"), 0
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as tar:
            _add(tar, MARK, json.dumps(asdict(mark)).encode())
            for name, source in members:
                try:
                    with source.open("rb") as content:
                        facts = tarfile.TarInfo(name)
                        status = os.fstat(content.fileno())
                        facts.size, facts.mtime, facts.mode = status.st_size, int(status.st_mtime), 0o600
                        tar.addfile(facts, content)
                        count += 1
                except FileNotFoundError:
                    continue
        durable_files.fsync_path(part)
        os.replace(part, path)
        durable_files.fsync_path(path.parent)
    finally:
        part.unlink(missing_ok=True)
    return count


def mark_of(path: Path, part: str) -> ArchiveHeader:
    """The header of an archive; Refused where the file is not an archive of that part."""
    try:
        with tarfile.open(path, "r:gz") as tar:
            first = tar.next()
            content = tar.extractfile(first) if first is not None and first.name == MARK else None
            found = ArchiveHeader(**json.load(content)) if content else None
    except FileNotFoundError:
        raise Refused(f"There is no file {path.name}; give the archive.", code="no_file") from None
    except (tarfile.TarError, ValueError, TypeError, EOFError, OSError):
        found = None
    if found is None or found.throughway != FORMAT or found.part != part:
        raise Refused(
            f"{path.name} is not an archive of {part} from `throughway backup`; give the data first, then "
            f"the keys.",
            code="not_a_backup",
        )
    return found


def bring_back(data: Path, keys: Path, root: Path) -> Mapping[str, ArchiveHeader]:
    """Unpacks both archives atomically into a new folder. Leaves out files that `keys/` records as destroyed."""
    marks = {DATA: mark_of(data, DATA), KEYS: mark_of(keys, KEYS)}
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise Refused(f"{root.name} already exists; choose another folder.", code="exists")
    if marks[DATA].community != marks[KEYS].community:
        raise Refused(
            "The two archives belong to different communities; give two from the same community.",
            code="two_communities",
        )
    part = root.with_name(f".{root.name}.{uuid4().hex}.part")
    part.mkdir(mode=0o700, parents=True)
    try:
        _unpack(keys, part, lambda name: name.parts[0] == KEYS)
        destroyed = Keyring(part / KEYS).buried().files
        _unpack(data, part, lambda name: name.parts[0] != KEYS and name.stem not in destroyed)
        Community(part).make_folders()
        if root.exists():
            root.rmdir()
        os.replace(part, root)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return marks


def _unpack(path: Path, into: Path, wanted: Callable[[PurePosixPath], bool]) -> None:
    try:
        with tarfile.open(path, "r:gz") as tar:
            for each in tar:
                name = PurePosixPath(each.name)
                if not each.isfile() or name.is_absolute() or ".." in name.parts or not name.parts:
                    raise Refused(
                        f"{path.name} contains something that a backup never contains; do not use it.",
                        code="not_a_backup",
                    )
                content = tar.extractfile(each)
                if each.name == MARK or not wanted(name) or content is None:
                    continue
                place = into / name
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with place.open("xb") as file:
                    shutil.copyfileobj(content, file)
                place.chmod(0o600)
    except (tarfile.TarError, EOFError, OSError):
        raise Refused(
            f"{path.name} is damaged or was cut short, or the disk is full; nothing was restored.",
            code="damaged",
        ) from None


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    facts = tarfile.TarInfo(name)
    facts.size, facts.mode = len(content), 0o600
    tar.addfile(facts, BytesIO(content))
