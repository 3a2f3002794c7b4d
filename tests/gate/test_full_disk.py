"""A disk that is really full: a question, a load and a sealing each end in one sentence, and nothing is half done.

On a small file system of its own, where this process may mount one (Linux, as root); elsewhere it is skipped, and the limits on
file sizes in `test_beside_each_other.py` stand for it. The operational database is SQLite: a server's disk is another's.
"""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener
from uuid import uuid4

import duckdb
import psycopg
import pytest
from openpyxl import Workbook

from tests.cli.test_drills import WITHIN, becomes
from tests.destruction.papers import HEAD, STUDENTS, rows
from tests.gate.test_beside_each_other import ASKED, SETTLE, Place
from throughway.core.disk_full import is_full
from throughway.intake.crosswalk import SourceLayout
from throughway.intake.staging import ProblemLog
from throughway.intake.workbook import open_workbook

SIZE = 120  # megabytes: what a town takes, and the room without which `serve` does not start
ROOM_LEFT = 40 * 1024  # bytes: enough to open the database, too little to write an entry or a file


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    at = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(at)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this process may not mount a file system of its own")
    yield at
    subprocess.run(["umount", "-l", str(at)], check=True)


@pytest.fixture(scope="module")
def place(disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(disk / "town")  # the operational database on the same disk
    place.found()
    place.said(SETTLE.replace("PAPER", str(tmp_path_factory.mktemp("papers") / "consents.csv")))
    return place


def fill(disk: Path, leaving: int) -> Path:
    ballast = disk / "ballast"
    number = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        while (free := shutil.disk_usage(disk).free) > leaving:
            os.write(number, b"0" * min(1 << 20, free - leaving))
    finally:
        os.close(number)
    return ballast


def refused(place: Place, *words: object) -> str:
    told = place.told(*words, exit=1)["error"]
    assert told["code"] == "disk_full", told
    assert told["message"].startswith("The disk is full: nothing was handed out")
    return str(told["message"])


ROOMS = (80, 160, 240, 320, 480, 640, 960, 2000)  # KiB: from too little to begin to enough to land

QUERY = ("query", ASKED, "--purpose", "casework", "--as", "worker@harbor.example")


def test_full_disk_is_refused_in_one_sentence(disk: Path, place: Place, tmp_path: Path) -> None:
    export, crosswalk = tmp_path / "export.csv", tmp_path / "crosswalk.yaml"
    lines = [HEAD, *rows({f"SENTINEL-{n:03}": "06" for n in range(200)}, days=20)]
    export.write_text("\n".join(",".join(line) for line in lines) + "\n", encoding="utf-8")
    crosswalk.write_text(STUDENTS, encoding="utf-8")
    load = ("load", export, "--partner", "north", "--format", "csv", "--crosswalk", crosswalk)
    ballast = fill(disk, leaving=ROOM_LEFT)
    refused(place, *QUERY)
    refused(place, *load)
    ballast.unlink()
    assert place.entries() == (0, 0)  # in a store and a ledger that hold
    assert place.ask("check")["ok"]
    assert len(place.ask(*QUERY)["rows"]) == 3
    assert place.ask(*load)["tables"]["attendance_day"]["landed"] == 4000


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_load_says_so_wherever_it_runs_out_of_room(
    disk: Path, place: Place, tmp_path: Path, kind: str
) -> None:
    """Whichever library was writing: the table that is unpacked, staged, sorted or stored."""
    export, crosswalk = tmp_path / f"export.{kind}", tmp_path / "crosswalk.yaml"
    crosswalk.write_text(STUDENTS.replace("format: csv", f"format: {kind}"), encoding="utf-8")
    lines = [HEAD, *rows({f"SENTINEL-{n:04}": "06" for n in range(300)}, days=20)]
    if kind == "csv":
        export.write_text("\n".join(",".join(line) for line in lines) + "\n", encoding="utf-8")
    else:
        save_workbook(export, lines)
    load = (
        "load",
        export,
        "--partner",
        "north",
        "--format",
        kind,
        "--crosswalk",
        crosswalk,
        "--right",
        "A new school.",
    )
    for room in ROOMS:
        ballast = fill(disk, leaving=room * 1024)
        done = place.run(*load)
        ballast.unlink()
        if done.returncode:
            assert json.loads(done.stdout)["error"]["code"] == "disk_full", (room, done.stdout)
        else:
            assert room > ROOMS[0]
    assert place.ask("check")["ok"]


def test_a_workbook_is_not_called_damaged_where_its_cells_find_no_room(disk: Path, tmp_path: Path) -> None:
    """Its library raises the same kind of error for a damaged archive."""
    save_workbook(tmp_path / "a.xlsx", [("ID",), *((uuid4().hex,) for _ in range(2000))])
    source = SourceLayout(format="xlsx", sheet=None, header_row=1)
    ballast = fill(disk, leaving=8192)
    with pytest.raises(OSError, match="No space left") as error, closing(ProblemLog(tmp_path)) as log:
        open_workbook(tmp_path / "a.xlsx", source, name="a.xlsx", into=disk / "raw.parquet", log=log)
    ballast.unlink()
    (disk / "raw.parquet").unlink()
    assert is_full(error.value)


def save_workbook(path: Path, lines: Iterable[Sequence[str]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in lines:
        sheet.append(line)
    book.save(path)


def test_a_served_site_says_so_and_then_goes_on(disk: Path, place: Place) -> None:
    command = [sys.executable, "-m", "throughway", "serve", "--port", "0", "--json"]
    server = subprocess.Popen(command, env=place.environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        address = json.loads("".join(iter(server.stdout.readline, "}\n")) + "}")["address"]
        becomes(f"{address}health/", 200)
        browser = build_opener(HTTPCookieProcessor())
        page = browser.open(f"{address}sign-in/", timeout=WITHIN).read().decode()
        ballast = fill(disk, leaving=0)
        with pytest.raises(HTTPError) as refused:
            try_to_sign_in(browser, address, page)
        assert refused.value.code == 503
        assert "The disk of this site is full" in refused.value.read().decode()
        becomes(f"{address}health/", 503)
        ballast.unlink()
        becomes(f"{address}health/", 200)
        assert "do not open an account" in try_to_sign_in(browser, address, page)
    finally:
        server.terminate()
        assert server.wait(WITHIN) == 0
        assert server.stdout
        server.stdout.close()
    assert place.ask("check")["ok"]


def try_to_sign_in(browser: OpenerDirector, address: str, page: str) -> str:
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = {"csrfmiddlewaretoken": token, "login": "worker@harbor.example", "password": "not the passphrase"}
    with browser.open(f"{address}sign-in/", urlencode(form).encode(), timeout=WITHIN) as answer:
        return str(answer.read().decode())


class Told(Exception):
    """An error of a database, with what its driver says of the kind."""

    def __init__(self, **said: str) -> None:
        super().__init__()
        vars(self).update(said)


def caused(cause: Exception) -> Exception:
    error = RuntimeError("the words of another library")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "full_"),
    [
        (OSError(errno.ENOSPC, ""), True),
        (OSError(errno.EDQUOT, ""), True),
        (OSError(errno.EACCES, ""), False),
        (Told(sqlite_errorname="SQLITE_FULL"), True),
        (Told(sqlite_errorname="SQLITE_IOERR_SHMSIZE"), True),  # no room to open the file at all
        (Told(sqlite_errorname="SQLITE_BUSY"), False),
        (Told(sqlstate="53100"), True),
        (Told(sqlstate="53300"), False),
        (duckdb.IOException("Could not write: No space left on device"), True),
        (duckdb.IOException("No such file"), False),
        (duckdb.OutOfMemoryException("failed to offload data block of size 256.0 KiB"), True),
        (duckdb.OutOfMemoryException("failed to allocate data of size 16.0 GiB"), False),
        (psycopg.OperationalError("FATAL:  could not write init file: No space left on device"), True),
        (psycopg.OperationalError("connection refused"), False),
        (RuntimeError("No space left on device"), False),
    ],
)  # fmt: skip
def test_how_the_parts_say_that_the_disk_is_full(error: Exception, full_: bool) -> None:
    assert is_full(error) is full_
    assert is_full(caused(caused(error))) is full_
