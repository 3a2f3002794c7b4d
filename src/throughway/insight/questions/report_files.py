"""A release as a file to keep: made of its protected figures alone."""

import os
import tempfile
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.publication.selectors import Published
from throughway.publication.sheet import csv_text

FORMATS = {".csv": lambda found: csv_text(found.tables).encode()}


def check_format(path: Path) -> None:
    """Refused unless the name ends in one of the formats."""
    if path.suffix.lower() not in FORMATS:
        raise Refused(
            f"A release is written as {', '.join(FORMATS)}; give --out a name such as {path.stem}.csv.",
            code="format",
        )


def write_release(path: Path, found: Published) -> None:
    """Writes the file atomically; Refused where it cannot be written."""
    check_format(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(FORMATS[path.suffix.lower()](found))
        os.replace(name, path)
    except OSError as error:
        raise Refused(
            f"Release {found.id} is registered, but cannot be written to {path} ({error.strerror}); choose another place with --out.",
            code="not_writable",
        ) from error
