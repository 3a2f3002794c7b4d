"""A real process that loads file after file and is killed while it does; run by test_killed_loads.py.

    python -m tests.intake.killing ROUNDS SEED

Each round is a process of its own, forked from this one, which has everything imported already. It loads the next version
of one school's export, and the next, until it is killed. Prints one JSON line.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import NoReturn

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

import duckdb  # noqa: E402
from django.db import connections  # noqa: E402

from tests.intake.papers import in_effect  # noqa: E402
from throughway.intake import actions, selectors  # noqa: E402
from throughway.intake.load_report import Loaded  # noqa: E402
from throughway.intake.models import IntakeBatch  # noqa: E402
from throughway.partners import OPERATOR  # noqa: E402
from throughway.partners.actions import add_partner  # noqa: E402
from throughway.store.actions.maintenance import check  # noqa: E402
from throughway.store.selectors import current_community, snapshot  # noqa: E402

SCHOOL, STUDENTS, MORE, EVERY = (
    "school",
    1500,
    3,
    7,
)  # at first; with each version; one in seven corrected by each
UNFINISHED = "left by a load that did not finish"
MARKS = ("Present", "UnexcusedAbsence")
CROSSWALK = """
throughway: crosswalk/1
tables:
  person:
    key: [ID]
    columns: {last_or_surname: {from: Last, required: true}}
  attendance_day:
    key: [ID, Day]
    person: ID
    columns: {attendance_event_date: {from: Day}, attendance_status: {from: Mark}}
"""


def many(version: int) -> int:
    return STUDENTS + MORE * version


def corrected(student: int, version: int) -> int:
    """The last version up to this one that corrected the student's row; 0 when none has."""
    return max(0, version - (version - student) % EVERY)


def rows(version: int) -> Iterator[tuple[str, str, str, str]]:
    """Key, name, day and mark of each student as a version of the export says them."""
    for student in range(many(version)):
        last = corrected(student, version)
        day = f"{2021 + student % 2}-10-{1 + student % 28:02}"  # two school years
        yield f"k{student}", f"Name{last}", day, MARKS[last // EVERY % 2]


def history(version: int) -> int:
    """Superseded rows of `person`, all of them kept."""
    return sum(
        corrected(student, v) != corrected(student, v - 1)
        for v in range(1, version + 1)
        for student in range(many(v - 1))
    )


def load(version: int) -> Loaded:
    """Loads a version, with one row that is set aside."""
    lines = [",".join(row) for row in rows(version)]
    path = current_community().root / f"export-{os.getpid()}.csv"
    path.write_text("\n".join(["ID,Last,Day,Mark", *lines, ",Nobody,2021-10-01,Present"]) + "\n")
    crosswalk = current_community().root / "crosswalk.yaml"
    right = "a student's second correction takes the mark back, as an older file would"
    return actions.load(
        path=path, partner=SCHOOL, format="csv", crosswalk=crosswalk, by=OPERATOR, right=right
    )


def state() -> int:
    """The version that all of the store says; -1 when there is nothing. AssertionError where it is none."""
    with snapshot() as seen, duckdb.connect() as engine:
        files = seen.stored()
        if not files:
            return -1
        for table in ("record_key", "person", "person~history"):
            engine.register(table.replace("~", "_"), seen.sealed(table, SCHOOL))
        days = [str(path) for path in seen.files("attendance_day", SCHOOL)]
        found = engine.execute(
            "SELECT key, last_or_surname, CAST(attendance_event_date AS VARCHAR), attendance_status FROM record_key"
            " FULL JOIN person ON person.record = record_key.record"
            " FULL JOIN read_parquet(?) AS day ON day.person_record = person.record",
            [days],
        ).fetchall()
        old = engine.execute(
            "SELECT count(*), count(DISTINCT (record, last_or_surname)) FROM person_history"
        ).fetchone()
    version = (len(found) - STUDENTS) // MORE
    assert Counter(found) == Counter(rows(version)), f"not what version {version} says"
    assert old == (history(version),) * 2, f"the history is not that of version {version}"
    for batch in IntakeBatch.objects.filter(id__in={file.batch for file in files}):
        assert (current_community().quarantine / f"{batch.id}.csv").exists()
    return version


def killed(chance: random.Random, usual: float) -> bool:
    """Has a process load the next versions and kills it at a random moment; whether it was in the midst of a load."""
    ready, started = os.pipe()
    version = state()
    connections.close_all()  # never shared by two processes
    pid = os.fork()
    if not pid:
        _load_on(version, started)
    os.read(ready, 1)
    time.sleep(chance.uniform(0, 1.3 * usual))
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    os.close(ready), os.close(started)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, "the process ended by itself"
    after = state()
    assert version <= after, f"from {version} back to {after}"
    problems = check()
    assert all(UNFINISHED in problem for problem in problems), problems
    return bool(problems) or any(current_community().staging.glob("*"))


def _load_on(version: int, started: int) -> NoReturn:
    try:
        os.write(started, b"!")
        while True:
            version += 1
            load(version)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)


def completed() -> float:
    """Loads the version that was under way: it is there, once and whole. How many seconds the load took."""
    version = state() + 1
    began = time.monotonic()
    counts = load(version).tables["person"]
    took = time.monotonic() - began
    assert (counts.read, counts.quarantined) == (many(version) + 1, 1)
    assert counts.landed + counts.unchanged == many(version)
    assert state() == version
    assert (problems := check()) == [], problems
    assert not any(current_community().staging.glob("*"))
    return took


def main(rounds: int, seed: int) -> dict[str, int]:
    agreed = [in_effect(["element: person.*", "element: attendance_day.*"])]
    selectors.agreement_statuses = lambda on: agreed  # type: ignore[assignment]
    add_partner(id=SCHOOL, name="School", kind="lea", by=OPERATOR)
    (current_community().root / "crosswalk.yaml").write_text(CROSSWALK)
    chance, usual, midst = random.Random(seed), 0.5, 0
    for round in range(rounds):
        midst += killed(chance, usual)
        if round % 4 == 0:
            usual = completed()
    completed()
    again = load(state())
    assert {(c.landed, c.unchanged - c.read) for c in again.tables.values()} == {(0, -1)}
    return {"killed": rounds, "midst": midst, "versions": state()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
