"""Destroying an agreement of a million rows, and one person in files of a million rows each; the scan of the folder apart."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass

from bench.row import Row
from bench.town import town

STUDENTS, DAYS, SECOND, PER_FILE = 5_556, 180, 1.0, 1.0
PERSON = (
    sys.executable,
    "-m",
    "bench.destroying",
)  # in a process of its own, since a process serves one community
TIMES, PERSONS = 3, 5  # agreements and persons, of which the best counts
FILES = 5  # of a million rows each, of one district, for the person


def fill(district: str, years: int) -> None:
    """Lands a million rows of attendance for each year, sorted as intake would, with names in the vault."""
    from throughway.partners.actor import OPERATOR
    from throughway.store.actions import landing, record_keys
    from throughway.store.engine import DuckDBEngine
    from throughway.store.schemas import empty, file_columns, schema
    from throughway.vocabulary import TABLES

    record_keys.reserve_records(STUDENTS)
    own = {
        "person_record": "1 + s", "attendance_event_date": "DATE '2020-08-25' + (y * 365 + d)::INTEGER", "attendance_status": "'Present'",
        "record": "(1 + s)::BIGINT * 4194304 + y * 365 + d", "batch_id": "'bench'",
    }  # fmt: skip
    columns = ", ".join(
        f"CAST({own.get(n, 'NULL')} AS {kind}) AS {n}" for n, kind in file_columns("attendance_day")
    )
    with landing.staging() as folder, DuckDBEngine() as engine:
        files = []
        for year in range(years):
            path = folder / f"{year}.parquet"
            query = f"SELECT {columns} FROM range({STUDENTS}) a(s), range({DAYS}) b(d), (SELECT {year} AS y)"
            engine.write(query, path, order_by=("person_record", "attendance_event_date"))
            files.append(landing.NewFile("attendance_day", district, 2021 + year, path=path))
        keys = engine.run(
            f"SELECT 'person' AS kind, 'STUDENT-' || s AS key, 1 + s AS record FROM range({STUDENTS}) a(s)"
        )
        names = ", ".join(
            "1 + s AS " + n
            if n in ("record", "person_record")
            else "'Name ' || s AS " + n
            if n == "last_or_surname"
            else f"CAST(NULL AS {k}) AS {n}"
            for n, k in TABLES["person"].landed
        )
        person = engine.run(f"SELECT {names} FROM range({STUDENTS}) a(s)").cast(empty("person").schema)
        files += [
            landing.NewFile("person", district, 0, arrow=person, agreements=("bench",)),
            landing.NewFile(
                "record_key", district, 0, arrow=keys.cast(schema("record_key")), agreements=("bench",)
            ),
        ]
        landing.land(batch="bench", files=files, replaces=(), by=OPERATOR)


@dataclass(frozen=True)
class Taken:
    """Seconds of one destruction without its scan, of the clock and of the processor, and of the scan's clock."""

    clock: float
    processor: float
    scan: float


def timed(destroy: Callable[[], object]) -> Taken:
    from throughway.destruction.actions import execution

    scan, apart = execution.scan, [0.0, 0.0]

    def measured(*given: object) -> object:
        began = time.perf_counter(), time.process_time()
        found = scan(*given)  # type: ignore[arg-type]
        apart[:] = time.perf_counter() - began[0], time.process_time() - began[1]
        return found

    execution.scan = measured  # type: ignore[assignment]
    try:
        began = time.perf_counter(), time.process_time()
        destroy()
        clock, processor = time.perf_counter() - began[0], time.process_time() - began[1]
        return Taken(clock - apart[0], processor - apart[1], apart[0])
    finally:
        execution.scan = scan


def rows_of(what: str, taken: list[Taken], most: float, files: int = 1) -> list[Row]:
    """The best of several runs counts: other work on the machine only ever adds. The load stands beside it."""
    clock, processor = (
        min(t.clock for t in taken) / files,
        min(t.processor for t in taken) / files,
    )
    worst, load = max(t.clock for t in taken) / files, os.getloadavg()[0]
    ours = f"{clock:.2f} s, at worst {worst:.2f}; processor {processor:.2f} s"
    return [
        Row(
            f"{what}, best of {len(taken)}, at a load of {load:.0f}",
            ours,
            "none",
            "",
            f"≤ {most:g} s",
            clock <= most,
        ),
        Row("the scan of the folder after it", f"{min(t.scan for t in taken):.2f} s", "none", "", "", True),
    ]


def measure() -> list[Row]:
    told = subprocess.run(PERSON, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = [Row(*row) for row in json.loads(told.splitlines()[-1])]
    taken = [timed_agreement() for _ in range(TIMES)]
    what = f"an agreement of {STUDENTS * DAYS:,} rows and {STUDENTS:,} names destroyed, certified"
    return [*found, *rows_of(what, taken, SECOND)]


def timed_agreement() -> Taken:
    """In a process of its own, since one destroys once."""
    code = "import json, bench.destroying as b; from dataclasses import astuple; print(json.dumps(astuple(b.agreement())))"
    told = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True).stdout
    return Taken(*json.loads(told.splitlines()[-1]))


def agreement() -> Taken:
    with town(1) as (_, (district,), _reader):
        from throughway.agreements import actions as agreements
        from throughway.destruction.actions import orders
        from throughway.partners.selectors import actor

        fill(district, 1)
        steward = actor("steward@backbone.example")
        agreements.terminate(id="bench", by=steward)
        return timed(lambda: orders.destroy(agreement="bench", by=steward))


def measure_person() -> list[Row]:
    with town(1) as (_, (district,), _reader):
        from throughway.destruction.actions import orders
        from throughway.partners.selectors import actor

        fill(district, FILES)
        steward = actor("steward@backbone.example")
        taken = [
            timed(lambda person=person: orders.destroy(person=person, by=steward))
            for person in range(1000, 1000 + 500 * PERSONS, 500)
        ]
        what = f"one person erased from {FILES} files of {STUDENTS * DAYS:,} rows, for each file"
        return rows_of(what, taken, PER_FILE, FILES)


if __name__ == "__main__":
    print()
    print(json.dumps([astuple(row) for row in measure_person()]))
