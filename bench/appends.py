"""Appends to the ledger by several writers, against a table whose rows are chained by hash: on PostgreSQL, by its disk.

Writers are threads, in processes of as many as the site's, which serves with two of four.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isnan
from pathlib import Path

from bench.row import Row
from bench.server_cpu import cpu_of
from bench.slow_disk import server, wait_for_others
from throughway.site.gunicorn_config import threads, workers

SECONDS, TURNS = 5, 3
PROMISED = threads * workers  # writers

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

REGISTERED = "import django; django.setup(); from bench.ledger import register; register()"
WRITERS = """
import sys, threading, time, django
django.setup()
from django.db import connection, transaction
from bench.ledger import entry
from throughway.ledger.recording import _each_once, _values, append
from throughway.store.record_numbers import pack
from throughway.ledger.leaf_encoding import content
kind, seconds, many = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
chained = "INSERT INTO chained (said, students) VALUES (%s, %s)"
ready, go, done = threading.Barrier(many + 1), threading.Barrier(many + 1), []
def write():
    connection.ensure_connection()
    ready.wait(); go.wait()
    until, written = time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        said = entry(written)
        with transaction.atomic():
            if kind == "ours":
                append(said)
            else:
                students = _each_once(said.students)
                packed = pack(students)
                with connection.cursor() as cursor:
                    cursor.execute(chained, [content(_values(said, students, packed)).decode(), packed])
        written += 1
    done.append(written)
    connection.close()
threads = [threading.Thread(target=write) for _ in range(many)]
for thread in threads: thread.start()
ready.wait(); print("ready", flush=True); sys.stdin.readline()
began = time.process_time(); go.wait()
for thread in threads: thread.join()
print(sum(done), time.process_time() - began, flush=True)
"""


@dataclass(frozen=True)
class At:
    """How many write, a multiple of the threads of the site's processes; how much longer each sync of the server waits, and how long its commits wait for others (`commit_delay`)."""

    writers: int
    waiting_us: int = 0
    delay_us: int = 0

    def __str__(self) -> str:
        disk = (
            f"a wait of {self.waiting_us / 1e3:.0f} ms made at each sync"
            if self.waiting_us
            else "this machine's disk"
        )
        told = f", commits told to wait {self.delay_us / 1e3:.0f} ms for others" if self.delay_us else ""
        return f"{self.writers} writers, {disk}{told}"


@dataclass(frozen=True)
class Taken:
    """Committed appends in a second, all writers together; microseconds of CPU that one costs its writer, and the server."""

    rate: float
    writer: float
    server: float

    @property
    def cpu(self) -> str:
        server = "" if isnan(self.server) else f" and {self.server:.0f}"
        return f"{self.writer:.0f}{server} µs"


def _taken(kind: str, address: str, environment: dict[str, str], many: int) -> Taken:
    command = [sys.executable, "-c", WRITERS, kind, str(SECONDS), str(threads)]
    processes = [
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(many // threads)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    before = cpu_of(address)
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    told = [process.communicate()[0].split() for process in processes]
    appends = sum(int(done) for done, _ in told)
    of_writers, of_server = sum(float(cpu) for _, cpu in told), cpu_of(address) - before
    return Taken(appends / SECONDS, of_writers / appends * 1e6, of_server / appends * 1e6)


def _appends(at: At, folder: Path) -> tuple[Taken, Taken]:
    """Ours and the chained, in turns, so that other work on the machine slows each alike; the median of each."""
    import psycopg

    with server(at.waiting_us) as address:
        environment = os.environ | {
            "THROUGHWAY_DATABASE_URL": address, "THROUGHWAY_COMMUNITY": str(folder),
            "DJANGO_SETTINGS_MODULE": "throughway.site.settings",
        }  # fmt: skip
        for words in (["init", str(folder)], ["partner", "list"]):
            command = [sys.executable, "-m", "throughway", *words]
            subprocess.run(command, check=True, env=environment, stdout=sys.stderr)
        subprocess.run([sys.executable, "-c", REGISTERED], check=True, env=environment, stdout=sys.stderr)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(CHAINED)
        taken = []
        for _ in range(TURNS):
            wait_for_others(address, at.delay_us)
            ours = _taken("ours", address, environment, at.writers)
            wait_for_others(address, 0)  # the chain, whose writers never come together, is faster so
            taken.append((ours, _taken("chained", address, environment, at.writers)))
    print(f"{at}: in {TURNS} turns {taken}; load {os.getloadavg()[0]:.0f}", file=sys.stderr)
    return _median(ours for ours, _ in taken), _median(theirs for _, theirs in taken)


def _median(taken: Iterable[Taken]) -> Taken:
    return sorted(taken, key=lambda each: each.rate)[TURNS // 2]


def append_rows(at: At, folder: Path) -> Iterator[Row]:
    ours, theirs = _appends(at, folder)
    least, kept = ("≥ 1,000/s", ours.rate >= 1_000) if at == At(PROMISED) else ("", True)
    yield Row(f"durable appends to the ledger, PostgreSQL, {at}", f"{ours.rate:,.0f}/s", f"the same chained by hash: {theirs.rate:,.0f}/s",
              f"{ours.rate / theirs.rate:.1f} times", least, kept)  # fmt: skip
    yield Row(
        "CPU of each of these appends, of its writer and of the server", ours.cpu, theirs.cpu, "", "", True
    )
