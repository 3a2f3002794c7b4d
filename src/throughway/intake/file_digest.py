"""A file known again by its bytes, without keeping anything of them: a digest under a key that only this folder has, so that nobody who reads
the database can try out what a small file said."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from throughway.store import durable_files

NAME, KEY_BYTES = ".files", 32
AT_ONCE = 1 << 20


def digest_of(path: Path, keys: Path) -> str:
    """`keys`: the folder of the community's keys. Of the bytes of a file, or of every file of a folder with its place in it."""
    digest = hmac.new(_key(keys), digestmod=hashlib.sha256)
    for file in _files(path):
        place = os.fsencode(file.relative_to(path)) if path.is_dir() else b""
        digest.update(b"%d %s %d " % (len(place), place, file.stat().st_size))
        with file.open("rb") as content:
            while piece := content.read(AT_ONCE):
                digest.update(piece)
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    yield from sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]


def _key(keys: Path) -> bytes:
    place = keys / NAME
    if not place.is_file():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable_files.create(place, secrets.token_bytes(KEY_BYTES))
    return place.read_bytes()
