"""Files inside a folder or a zip archive, taken out with bounds so that an archive cannot fill the disk."""

import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from throughway.core.refusals import Refused

MOST_ENTRIES = 200
MOST_BYTES = 8 << 30
# A text packs 20 to 50 times smaller; what packs a thousand times smaller was made to burst.
LARGEST_RATIO = 1000


def check_archive(path: Path, name: str) -> None:
    """Refuses an archive that is none, or that would unpack to far more than any export holds."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise Refused(f"{name} cannot be opened; export it again.", code="wrong_format") from None
    whole = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MOST_ENTRIES * 10 or whole > MOST_BYTES or whole > LARGEST_RATIO * max(packed, 1 << 16):
        raise Refused(f"{name} unpacks to more than an export holds; send smaller files.", code="too_large")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(f"{name} is locked with a password; send it without one.", code="wrong_format")


def texts_in(path: Path, *, ending: str, into: Path) -> Sequence[tuple[str, Path]]:
    """Each file to read with its name: the file itself, or those of a folder or zip with that ending, in order of name."""
    if not path.exists():
        raise Refused(f"There is no file or folder {path.name}; check the path.", code="no_file")
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() == ending)
        return _some([(p.name, p) for p in found], path.name, ending)
    if path.suffix.lower() == ".zip":
        check_archive(path, path.name)
        return _some(_unpacked(path, ending=ending, into=into), path.name, ending)
    return [(path.name, path)]


def others_in(path: Path, *, ending: str) -> Sequence[str]:
    """The names of a folder's or zip's files without that ending, which `texts_in` passes over."""
    if path.is_dir():
        names = [p.name for p in path.iterdir() if p.is_file()]
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            entries = [e.filename for e in archive.infolist() if not e.is_dir()]
        names = [e for e in entries if not e.startswith("__MACOSX")]
    else:
        return ()
    return sorted(
        n for n in names if not (n.lower().endswith(ending) or PurePosixPath(n).name.startswith("."))
    )


def _unpacked(path: Path, *, ending: str, into: Path) -> list[tuple[str, Path]]:
    found: dict[str, Path] = {}
    with zipfile.ZipFile(path) as archive:
        for entry in sorted(archive.infolist(), key=lambda e: e.filename):
            name = PurePosixPath(entry.filename.replace("\\", "/")).name
            if entry.is_dir() or not name.lower().endswith(ending) or entry.filename.startswith("__MACOSX"):
                continue
            if name in found:
                raise Refused(f"{path.name} holds two files named {name}; keep one.", code="two_files")
            target = into / f"unpacked-{len(found)}{ending}"
            found[name] = _taken_out(archive, entry, target, path.name)
    return list(found.items())


def _taken_out(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, name: str) -> Path:
    left = entry.file_size
    try:
        with archive.open(entry) as packed, target.open("wb") as plain:
            while chunk := packed.read(1 << 20):
                left -= len(chunk)
                if left < 0:
                    raise zipfile.BadZipFile
                plain.write(chunk)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise Refused(f"{name} is damaged; send it again.", code="wrong_format") from None
    return target


def _some(found: list[tuple[str, Path]], name: str, ending: str) -> list[tuple[str, Path]]:
    if not found:
        raise Refused(f"{name} holds no {ending} file; check what was exported.", code="no_file")
    if len(found) > MOST_ENTRIES:
        raise Refused(f"{name} holds more than {MOST_ENTRIES} files; send them in parts.", code="too_large")
    return found
