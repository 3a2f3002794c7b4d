"""Gathers the rooms' static files into the community's folder: hashed names, compressed, kept by browsers for good.

A wheel may lie where nothing can be written, so they are not gathered beside it. Done again only when a file changed.
"""

import hashlib
import shutil
from pathlib import Path
from typing import Any

STAMP = "made-of"


def collect(folder: Path) -> bool:
    """Makes `folder` hold today's files, whole or not at all; False when it already did."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from whitenoise.storage import CompressedManifestStaticFilesStorage

    found: dict[str, tuple[Any, str]] = {}
    for finder in get_finders():
        for path, storage in finder.list([".*"]):
            found.setdefault(path, (storage, path))
    stamp = _stamp(found)
    if (folder / STAMP).is_file() and (folder / STAMP).read_text(encoding="ascii") == stamp:
        return False
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for path, (storage, name) in found.items():
        target = fresh / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(storage.path(name), target)
    made = CompressedManifestStaticFilesStorage(location=str(fresh), base_url=settings.STATIC_URL)
    here = {path: (made, path) for path in found}
    for _, _, processed in made.post_process(here):
        if isinstance(processed, Exception):
            raise processed
    (fresh / STAMP).write_text(stamp, encoding="ascii")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return True


def _stamp(found: dict[str, tuple[Any, str]]) -> str:
    digest = hashlib.sha256()
    for path, (storage, name) in sorted(found.items()):
        state = Path(storage.path(name)).stat()
        digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
