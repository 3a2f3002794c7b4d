"""The ledger: appends by eight writers against a table whose rows are chained by hash, and how fast all of it is verified."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.row import Row
from bench.slow_disk import hindrance, server

WRITERS, SECONDS, TURNS, VERIFIED = 8, 5, 3, 300_000
WAIT_US = 3_000  # as a commit takes on a common disk

# Each row carries the hash of the row before it, so writers wait for each other: by a lock, inside the database.
CHAINED = """
CREATE TABLE chained (n bigserial PRIMARY KEY, said text NOT NULL, students bytea NOT NULL, hash bytea);
CREATE FUNCTION chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7);
  NEW.hash := sha256(coalesce((SELECT hash FROM chained ORDER BY n DESC LIMIT 1), '') || convert_to(NEW.said, 'UTF8') || NEW.students);
  RETURN NEW;
END $$;
CREATE TRIGGER chain BEFORE INSERT ON chained FOR EACH ROW EXECUTE FUNCTION chain();
"""

WRITER = """
import sys, time, django
django.setup()
from psycopg import Cursor
from django.db import connection, transaction
from bench.ledger import entry
from throughway.gate.recording import append
from throughway.gate.recording import _values
from throughway.store.compact import pack
from throughway.gate.leaf import content
connection.ensure_connection()
print("ready", flush=True); sys.stdin.readline()
until, began, done = time.perf_counter() + float(sys.argv[2]), time.process_time(), 0
while time.perf_counter() < until:
    said = entry(done)
    with transaction.atomic():
        if sys.argv[1] == "ours":
            append(said)
        else:
            packed = pack(said.students)
            with Cursor(connection.connection) as cursor:
                cursor.execute("INSERT INTO chained (said, students) VALUES (%s, %s)",
                               [content(_values(said, said.students, packed)).decode(), packed], prepare=True)
    done += 1
print(done, time.process_time() - began, flush=True)
"""


def entry(n: int):
    """A disclosure of one student's attendance to a case worker."""
    from datetime import date

    import numpy as np

    from throughway.gate.entry import Entry
    from throughway.partners.actor import Actor

    return Entry(
        outcome="released", actor=Actor("worker@harbor.example", "harbor", "case_worker"), purpose="casework",
        interest="Match each student with after-school supports", basis="consent", on=date(2026, 3, 2), rows=40,
        agreements=(("harbor-2026", "ab" * 32),), disclosers=("north-district",), recipients=("harbor",),
        elements=("person.first_name", "attendance_day.attendance_event_date", "attendance_day.attendance_status"),
        question="0" * 64, way="page", students=np.array([n, n + 7]),
    )  # fmt: skip


def _rate(kind: str, environment: dict[str, str]) -> tuple[float, float]:
    """Committed appends in a second, all writers together; and microseconds of CPU that one costs its writer."""
    command = [sys.executable, "-c", WRITER, kind, str(SECONDS)]
    writers = [
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(WRITERS)
    ]
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("\n")
        writer.stdin.flush()
    told = [writer.communicate()[0].split() for writer in writers]
    appends = sum(int(done) for done, _ in told)
    return appends / SECONDS, sum(float(cpu) for _, cpu in told) / appends * 1e6


def _appends(folder: Path, waiting_us: int = 0) -> tuple[tuple[float, float], tuple[float, float]]:
    """Rate and CPU of ours and of the chained, against a server whose syncs wait so much longer."""
    import psycopg

    with server(waiting_us) as address:
        environment = os.environ | {
            "THROUGHWAY_DATABASE_URL": address, "THROUGHWAY_COMMUNITY": str(folder),
            "DJANGO_SETTINGS_MODULE": "throughway.site.settings",
        }  # fmt: skip
        for words in (["init", str(folder)], ["partner", "list"]):
            command = [sys.executable, "-m", "throughway", *words]
            subprocess.run(command, check=True, env=environment, stdout=sys.stderr)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(CHAINED)
        # In turns, so that other work on the machine slows each alike; the median of each counts.
        taken = [(_rate("ours", environment), _rate("chained", environment)) for _ in range(TURNS)]
    print(
        f"in {TURNS} turns, appends a second and CPU: {taken}; load {os.getloadavg()[0]:.0f}", file=sys.stderr
    )
    ours, theirs = (sorted(each)[TURNS // 2] for each in zip(*taken, strict=True))
    return ours, theirs


def _append_rows(folder: Path, disk: str, waiting_us: int = 0) -> list[Row]:
    (ours, cpu), (theirs, their_cpu) = _appends(folder, waiting_us)
    return [
        Row(f"durable appends to the ledger, {WRITERS} writers, PostgreSQL, {disk}", f"{ours:,.0f}/s",
            f"the same chained by hash: {theirs:,.0f}/s", f"{ours / theirs:.1f} times", "≥ 5", ours / theirs >= 5),
        Row("CPU of a writer for each of these appends, the server's not counted", f"{cpu:.0f} µs", f"{their_cpu:.0f} µs", "", "", True),
    ]  # fmt: skip


VERIFYING = """
import sys, time
from pathlib import Path
from django.db import transaction
from throughway.cli.frame import prepare
from throughway.store.community import Community
community = Community(Path(sys.argv[1])); community.make(name="Bench"); prepare(community)
from bench.ledger import entry
from throughway.gate import recording, sealing
from throughway.partners.actor import OPERATOR
recording.seal_soon = lambda *_, **__: None  # sealed once for each lot instead
for lot in range(int(sys.argv[2]) // 10_000):
    with transaction.atomic():
        for n in range(10_000):
            recording.append(entry(n))
    recording.seal(by=OPERATOR)
best = 1e9
for _ in range(3):
    began = time.perf_counter()
    verdict = recording.verify()
    best = min(best, time.perf_counter() - began)
assert verdict.ok and verdict.sealed == int(sys.argv[2]), verdict
print(verdict.sealed / best)
"""


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        rows = _append_rows(Path(folder) / "town", "this machine's disk")
        if why := hindrance():
            print(why, file=sys.stderr)
        else:
            made = f"a wait of {WAIT_US / 1e3:.0f} ms made at each sync of the server"
            rows += _append_rows(Path(folder) / "waiting", made, WAIT_US)
        command = [sys.executable, "-c", VERIFYING, str(Path(folder) / "verified"), str(VERIFIED)]
        began = time.perf_counter()
        verified = float(
            subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1]
        )
        print(
            f"{VERIFIED:,} entries made and verified in {time.perf_counter() - began:.0f} s", file=sys.stderr
        )
    return [
        *rows,
        Row(f"verify {VERIFIED:,} sealed entries, SQLite", f"{verified:,.0f}/s", "none", "", "≥ 300,000/s", verified >= 300_000),
    ]  # fmt: skip
