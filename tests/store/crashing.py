"""Real processes that land, sweep and read, and are killed while they do; run by test_processes.py.

    python -m tests.store.crashing random|steps|readers ROUNDS SEED

Each round is a process of its own, forked from this one, which has everything imported already. Prints one JSON line.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import NoReturn

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

import pyarrow.parquet as pq  # noqa: E402
from django.db import connections  # noqa: E402

from tests.store.making import parquet, rows  # noqa: E402
from throughway.partners import OPERATOR  # noqa: E402
from throughway.partners.models import Partner  # noqa: E402
from throughway.store.actions.landing import NewFile, land, staging  # noqa: E402
from throughway.store.actions.maintenance import check  # noqa: E402
from throughway.store.actions.removal import sweep  # noqa: E402
from throughway.store.selectors import Snapshot, current_community, snapshot  # noqa: E402

PLAIN, SEALED, WITNESS = "attendance_day", "person", "witness"
UNFINISHED = "left by a load that did not finish"
# What touches the disk or the database in a landing and a sweep, as Python reports it to an audit hook.
EVENTS = {
    "open",
    "os.rename",
    "os.link",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "shutil.rmtree",
    "fcntl.flock",
    "fsync",
}


def land_next() -> None:
    """Replaces everything by the next number, in two plain files, one vaulted, and a row of another table."""
    number = state() + 1
    given = {"record": [number] * 50, "person_record": [number] * 50}

    def witness() -> None:
        Partner.objects.update_or_create(id=WITNESS, defaults={"name": str(number), "kind": "cbo"})

    with snapshot() as view:
        old = [file.id for file in view.stored()]
    with staging() as folder:
        new = [
            NewFile(PLAIN, "oak", 2021, path=parquet(folder, PLAIN, **given)),
            NewFile(PLAIN, "oak", 2022, path=parquet(folder, PLAIN, **given)),
            NewFile(SEALED, "oak", 0, arrow=rows(SEALED, **given), agreements=("dsa-1", "dsa-2")),
        ]
        land(batch=str(number), files=new, replaces=old, by=OPERATOR, within=witness)


def state() -> int:
    """The number that everything says; 0 before the first landing. AssertionError where two parts differ."""
    with snapshot() as view:
        return number_in(view)


def number_in(view: Snapshot) -> int:
    files = view.stored()
    if not files:
        return 0
    plain = [pq.read_table(path)["record"].to_pylist() for path in view.files(PLAIN, "oak")]
    held = [*plain, view.sealed(SEALED, "oak")["record"].to_pylist()]
    number = int(files[0].batch)
    assert held == [[number] * 50] * 3, f"a mixture: {[set(h) for h in held]} in batch {number}"
    return number


def forked(act: Callable[[], None]) -> int:
    """Starts a process that acts, and ends with 0 or, after a mistake, 1; gives its number."""
    connections.close_all()  # never shared by two processes
    pid = os.fork()
    if pid:
        return pid
    try:
        act()
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)
    os._exit(0)


def ended_well(pid: int) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def judge(before: int, at_most: int) -> tuple[int, int]:
    """What a killed process left: (the number landed, leftovers found). AssertionError where anything is amiss."""
    after = state()
    witness = Partner.objects.filter(id=WITNESS).first()
    assert after == (int(witness.name) if witness else 0), "what went with the landing is not of its state"
    assert before <= after <= at_most, f"from {before} to {after}"
    problems = check()
    assert all(UNFINISHED in problem for problem in problems), problems
    sweep(by=OPERATOR)
    assert (unswept := check()) == [], unswept
    live = 3 if after else 0
    folder = current_community()
    for place, pattern, files in (
        (folder.store, "*.parquet", 2), (folder.vault, "*", 1), (folder.keys, "*/*.wrap", 2)
    ):  # fmt: skip
        assert len(list(place.glob(pattern))) == (files if live else 0), pattern
    assert not list(folder.staging.glob("*"))
    assert not list(folder.leases.glob("*"))
    return after, len(problems)


def at_random(rounds: int, seed: int) -> dict[str, int]:
    """Kills a process that lands and sweeps without end, at any moment."""
    began = time.monotonic()
    land_next()
    usual = time.monotonic() - began
    chance, number, left = random.Random(seed), state(), 0
    for _ in range(rounds):
        ready, started = os.pipe()

        def work(started: int = started) -> NoReturn:
            os.write(started, b"!")
            while True:
                land_next()
                sweep(by=OPERATOR)

        pid = forked(work)
        os.read(ready, 1)
        time.sleep(chance.uniform(0, 2 * usual))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ready), os.close(started)
        number, found = judge(number, sys.maxsize)
        left += bool(found)
    return {"killed": rounds, "left": left, "landed": number}


def at_each_step(rounds: int, seed: int) -> dict[str, int]:
    """Kills a process that lands once and sweeps, before its first step, its second, and so on to its last."""
    number, left = state(), 0
    for step in count(1):

        def work(step: int = step) -> None:
            kill_before(step)
            land_next()
            sweep(by=OPERATOR)

        pid = forked(work)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        number, found = judge(number, number + 1)
        left += bool(found)
        if code == 0:
            return {"killed": step - 1, "left": left, "landed": number}
        assert code == -signal.SIGKILL, "the process failed by itself"
    raise AssertionError


def kill_before(step: int) -> None:
    """Has this process killed just before the given step that touches the community folder."""
    steps, root = count(1), str(current_community().root)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event not in EVENTS:
            return
        here_too = event in ("fcntl.flock", "fsync") or str(arguments[0]).startswith(root)
        if here_too and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    fsync = os.fsync

    def audited(handle: int) -> None:
        sys.audit("fsync", handle)
        fsync(handle)

    os.fsync = audited
    sys.addaudithook(hook)


def beside_readers(rounds: int, seed: int) -> dict[str, int]:
    """Two processes read, one sweeps, one lands; each reading must be of one state, and none older than the last."""
    land_next()
    done = current_community().root / "done"

    def read() -> None:
        last, readings = 0, 0
        while not done.exists() or not readings:
            with snapshot() as view:
                number = number_in(view)
                assert number >= last, "went back in time"
                time.sleep(0.005)  # meanwhile others land and sweep
                assert number_in(view) == number, "changed while it was open"
            last, readings = number, readings + 1
        (current_community().root / f"readings-{os.getpid()}").write_text(str(readings))

    def clean() -> None:
        while not done.exists():
            sweep(by=OPERATOR)

    def work() -> None:
        for _ in range(rounds):
            land_next()
        done.touch()

    ends = [ended_well(pid) for pid in [forked(read), forked(read), forked(clean), forked(work)]]
    assert all(ends), ends
    judge(rounds + 1, rounds + 1)
    readings = [int(path.read_text()) for path in Path(current_community().root).glob("readings-*")]
    return {"readers": len(readings), "readings": sum(readings), "landed": state()}


if __name__ == "__main__":
    kind, rounds, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    ways = {"random": at_random, "steps": at_each_step, "readers": beside_readers}
    sys.stdout.write(json.dumps(ways[kind](rounds, seed)))
