"""Which files may be sent, for which format, and whether a file is what its name says."""

import zipfile
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.intake.formats import READABLE

LARGEST = 200 * 1024 * 1024  # bytes
START = 4096  # bytes of a file that tell its kind
ZIPPED = b"PK\x03\x04"

ALL_KINDS = tuple(dict.fromkeys(kind for format in READABLE.values() for kind in format.kinds))


def check_kind(name: str, format: str, size: int, start: bytes) -> None:
    """Refused, in one sentence, when the file is empty, too large, of another kind, or not what its name says.

    `start`: the first bytes of the file, START at most.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in ALL_KINDS:
        raise Refused(
            "A file of this kind cannot come in; send a .csv, .xlsx, .zip, .xml or .jsonl file.",
            code="wrong_kind",
        )
    wanted = READABLE[format]
    if suffix not in wanted.kinds:
        raise Refused(
            f"A {suffix} file cannot hold {wanted.title}; choose the format that fits, or send {_or(wanted.kinds)}.",
            code="wrong_kind",
        )
    if size == 0:
        raise Refused("The file is empty; export it again.", code="empty")
    if size > LARGEST:
        raise Refused("The file is larger than 200 MB; send it in parts, or zipped.", code="too_large")
    if not _looks_like(suffix, start):
        raise Refused(
            f"The file is named {suffix} and holds something else; export it again.", code="wrong_kind"
        )


def check_zip(path: Path, suffix: str) -> None:
    """Refused when a file that begins like a zip is a damaged one."""
    if suffix in (".zip", ".xlsx") and not zipfile.is_zipfile(path):
        raise Refused("The file is damaged; export it again.", code="wrong_kind")


def _looks_like(suffix: str, start: bytes) -> bool:
    if suffix in (".zip", ".xlsx"):
        return start.startswith(ZIPPED)
    text = _text(start)
    if text is None:
        return False
    if suffix == ".xml":
        return text.startswith("<")
    if suffix == ".jsonl":
        return text.startswith(("{", "["))
    return not text.startswith(("%PDF", "<!DOCTYPE", "<html", "{\\rtf"))


def _text(start: bytes) -> str | None:
    """The beginning of a text in one of the encodings in which exports come; None when it is no text."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "replace").lstrip("\ufeff \t\r\n")
    if b"\x00" in start or start.startswith(ZIPPED):
        return None
    return start.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")


def _or(kinds: tuple[str, ...]) -> str:
    return " or ".join(f"a {kind} file" for kind in kinds)
