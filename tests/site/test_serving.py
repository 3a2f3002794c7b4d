"""The site as it is really served: started, asked, and ended, with nothing left running."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import commands
from tests.town import Town
from throughway.cli.serve import check_whole
from throughway.core.refusals import Refused
from throughway.site import background
from throughway.store import Community

WITHIN = 90  # seconds, on a busy machine


def environment() -> dict[str, str]:
    ours = ("THROUGHWAY", "DATABASE", "DJANGO", "PYTHONPATH")
    return {k: v for k, v in os.environ.items() if not k.startswith(ours)}


def run(*words: object) -> "subprocess.CompletedProcess[str]":
    """A command that ends before it serves."""
    return commands().run(tuple(map(str, words)), environment())


def processes(folder: Path) -> list[int]:
    """Processes that serve this folder, whoever started them."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            about = (path / "environ").read_bytes() + (path / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in about and int(path.name) != os.getpid():
            found.append(int(path.name))
    return found


def all_ended(folder: Path) -> bool:
    until = time.monotonic() + WITHIN
    while processes(folder) and time.monotonic() < until:
        time.sleep(0.2)
    return not processes(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new community, empty."""
    path = tmp_path_factory.mktemp("served") / "riverbend"
    assert run("init", path).returncode == 0
    return path


class Served:
    """`throughway serve --json`, until it is asked to end."""

    def __init__(self, folder: Path, flags: tuple[str, ...] = ()) -> None:
        command = [
            sys.executable,
            *flags,
            "-m",
            "throughway",
            "--community",
            str(folder),
            "serve",
            "--port",
            "0",
            "--json",
        ]
        self.process = subprocess.Popen(
            command, env=environment(), stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout
        text = ""
        while not text.endswith("}\n"):
            line = self.process.stdout.readline()
            assert line, "it ended before it answered"
            text += line
        self.address: str = json.loads(text)["address"]

    def end(self, by: signal.Signals) -> int:
        self.process.send_signal(by)
        return self.process.wait(WITHIN)


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    served = Served(folder)
    yield served
    if served.process.poll() is None:
        os.killpg(served.process.pid, signal.SIGKILL)
        served.process.wait()
    assert served.process.stdout
    served.process.stdout.close()
    assert all_ended(folder)


def get(address: str) -> tuple[int, str, str]:
    with urllib.request.urlopen(address, timeout=WITHIN) as response:
        return response.status, response.headers.get("Cache-Control", ""), response.read().decode()


def test_the_address_answers_and_ctrl_c_leaves_nothing_running(served: Served, folder: Path) -> None:
    status, _, page = get(served.address + "sign-in/")
    assert status == 200
    sheet = page.split('rel="stylesheet" href="/')[1].split('"')[0]
    status, cached, _ = get(served.address + sheet)
    assert status == 200
    assert "immutable" in cached
    assert len(processes(folder)) >= 4  # the command, gunicorn and its workers, the background work
    assert stat(folder / "keys" / "site.secret") == 0o600
    taken = run(
        "serve", "--community", folder, "--port", served.address.rsplit(":", 1)[1].strip("/"), "--json"
    )
    assert taken.returncode == 1
    assert json.loads(taken.stdout)["error"]["code"] == "port_in_use"
    assert served.end(signal.SIGINT) == 0
    assert all_ended(folder)


def health(address: str) -> tuple[int, dict[str, bool]]:
    try:
        with urllib.request.urlopen(f"{address}health/", timeout=WITHIN) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def health_becomes(address: str, background: bool) -> None:
    until, well = time.monotonic() + 3 * WITHIN, {"database": True, "changes": True, "disk": True}
    wanted = (200 if background else 503, {"ok": background, "background": background, **well})
    while health(address) != wanted:
        assert time.monotonic() < until, health(address)
        time.sleep(0.02)


def test_health_fails_while_the_background_process_is_gone(served: Served, folder: Path) -> None:
    health_becomes(served.address, background=True)
    background = [
        p for p in processes(folder) if b"site.background" in Path(f"/proc/{p}/cmdline").read_bytes()
    ]
    served.process.send_signal(signal.SIGSTOP)  # else another may run before this test has looked
    os.kill(background[0], signal.SIGKILL)
    health_becomes(served.address, background=False)
    served.process.send_signal(signal.SIGCONT)
    health_becomes(served.address, background=True)  # the command has started another
    assert served.end(signal.SIGTERM) == 0


WAITING = """
import sys
from django.db import transaction
with transaction.atomic():
    print("holds", flush=True)
    sys.stdin.readline()
"""


def test_health_fails_while_a_change_waits_for_others(served: Served, folder: Path) -> None:
    health_becomes(served.address, background=True)
    with Town(folder).python(WAITING) as holding:
        assert holding.stdout.readline() == "holds\n"
        status, found = health(served.address)
        assert (status, found["database"], found["changes"]) == (503, True, False)
        holding.communicate("\n")
    health_becomes(served.address, background=True)
    assert served.end(signal.SIGTERM) == 0


def test_health_fails_while_the_database_is_gone_and_needs_no_https(tmp_path: Path) -> None:
    town = Town(tmp_path / "town")
    town.found()
    with (town.root / "throughway.toml").open("a") as settings:
        settings.write('[site]\nhttps = true\nhosts = ["share.ourtown.example"]\n')
    code = """
import os
from django.conf import settings
from django.db import connection
from django.test import Client
for gone in (False, True):
    if gone:
        connection.close()
        os.remove(settings.COMMUNITY.database)
    answer = Client().get("/health/", headers={"host": "127.0.0.1"})
    print(answer.status_code, answer.json()["database"], answer["Cache-Control"])
print(Client().post("/health/", headers={"host": "127.0.0.1"}).status_code)
print(Client().get("/sign-in/", headers={"host": "127.0.0.1"}).status_code)
"""
    said = town.python(code).communicate()[0].splitlines()
    kept = "max-age=0, no-cache, no-store, must-revalidate, private"
    assert said == [f"503 True {kept}", f"503 False {kept}", "405", "301"]


def test_behind_an_https_proxy_it_is_ready_imports_nothing_from_the_working_folder_and_ends_with_its_command(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = folder / "throughway.toml"
    before = settings.read_text()
    settings.write_text(f"{before}\n[site]\nhttps = true\n")
    (tmp_path / "re.py").write_text("raise SystemExit('not the library')")
    monkeypatch.chdir(tmp_path)
    try:
        served = Served(folder, flags=("-P",))
    finally:
        settings.write_text(before)
    try:
        health_becomes(served.address, background=True)
    finally:
        os.kill(served.process.pid, signal.SIGKILL)
        served.process.communicate()
    assert all_ended(folder)


def stat(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_port_in_use_is_refused_before_the_demo_is_made(tmp_path: Path, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for words in (("serve", "--community", folder), ("demo", tmp_path / "town", "--students", 50)):
            refused = run(*words, "--port", port)
            assert refused.returncode == 1
            assert refused.stdout == ""
            assert (
                refused.stderr
                == f"Port {port} is in use; choose another with --port, or end what runs there.\n"
            )
    assert not (tmp_path / "town").exists()


@pytest.mark.parametrize("lost", ["throughway.toml", "data/throughway.sqlite3", "keys", "data"])
def test_a_half_initialised_folder_is_left_as_it_is(tmp_path: Path, folder: Path, lost: str) -> None:
    half = shutil.copytree(folder, tmp_path / "half")
    missing = half / lost
    shutil.rmtree(missing) if missing.is_dir() else missing.unlink()
    before = sorted(half.rglob("*"))
    refused = run("serve", "--community", half, "--port", 0, "--json")
    assert refused.returncode == 1
    message = json.loads(refused.stdout)["error"]["message"]
    assert lost in message or "is not a community" in message
    assert sorted(half.rglob("*")) == before


@pytest.mark.parametrize("port", [-1, 70000])
def test_a_port_that_is_none(folder: Path, port: int) -> None:
    refused = run("serve", "--community", folder, f"--port={port}")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1


def test_a_full_disk_is_told_before_anything_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage(10**9, 10**9, 0))
    with pytest.raises(Refused) as refused:
        check_whole(Community(folder))
    assert refused.value.code == "disk_full"


KILLED = """
import os, signal
from throughway.core.private_folder import private_folder
from throughway.store.actions.landing import staging

with staging() as staged, private_folder() as private:
    for folder in (staged, private):
        (folder / "unpacked.csv").write_text("1,Zelmira")
        print(folder)
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_removed_by_the_site(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    with Town(folder).python(f"import sys{KILLED}") as killed:
        left = [Path(line) for line in killed.communicate()[0].split()]
    assert len([path for path in left if (path / "unpacked.csv").exists()]) == 2
    request.getfixturevalue("served")
    until = time.monotonic() + WITHIN
    while any(path.exists() for path in left) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(path.exists() for path in left)


@pytest.mark.django_db
def test_interrupted_tasks_are_requeued() -> None:
    from django.utils import timezone
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.create(
        task_path="throughway.site.background.main",
        args_kwargs={"args": [], "kwargs": {}},
        status=TaskResultStatus.RUNNING,
        backend_name="default",
        started_at=timezone.now(),
        run_after=timezone.now(),
    )
    assert background.requeue_interrupted_tasks() == 1
    assert DBTaskResult.objects.get().status == TaskResultStatus.READY


def test_the_end_of_the_background_process_waits_for_what_is_being_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, done = threading.Event(), threading.Event()

    def begin() -> None:
        begun.set()
        time.sleep(0.3)
        done.set()

    monkeypatch.setattr(background, "_begin_decided", begin)
    monkeypatch.setattr(background, "_remind", lambda: None)
    with background.working_regularly():
        assert begun.wait(WITHIN)
    assert done.is_set()


@pytest.mark.parametrize(("booted", "ended"), [(True, [0]), (False, [-signal.SIGABRT])])
def test_a_forked_process_that_asked_duckdb_ends_in_order(booted: bool, ended: list[int]) -> None:
    """Without the hook it is aborted, as DuckDB is today; should that change, the hook can go."""
    code = f"""
import os, sys, types
import duckdb
from throughway.site.gunicorn_config import worker_exit
child = os.fork()
if not child:
    duckdb.connect().execute("SELECT 1").fetchall()
    worker_exit(None, types.SimpleNamespace(booted={booted}, pid=os.getpid()))
    sys.exit(0)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])])
"""
    # From 3.12 on Python warns of the thread that DuckDB began before the fork, which the hook is there for; code of `-c` is shown it.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN)
    assert json.loads(done.stdout) == ended, done.stderr
    assert done.stderr.strip() == ("" if booted else "terminate called without an active exception")
