"""Destroying an agreement of a million rows, and one person in files of a million rows each; the scan of the folder apart."""

import json
import subprocess
import sys
import time
from dataclasses import astuple

from bench.row import Row
from bench.town import town

STUDENTS, DAYS, SECOND, PER_FILE = 5_556, 180, 1.0, 0.2
PERSON = (
    sys.executable,
    "-m",
    "bench.destroying",
)  # in a process of its own, since a process serves one community
FILES = 5  # of a million rows each, of one district, for the person


def fill(district: str, years: int) -> None:
    """Lands a million rows of attendance for each year, sorted as intake would, with names in the vault."""
    from throughway.partners.actor import OPERATOR
    from throughway.store import actions as store
    from throughway.store.engine import DuckDBEngine
    from throughway.store.schemas import empty, schema
    from throughway.vocabulary import TABLES

    store.reserve_records(STUDENTS)
    own = {
        "person_record": "1 + s", "attendance_event_date": "DATE '2020-08-25' + (y * 365 + d)::INTEGER", "attendance_status": "'Present'",
        "record": "(1 + s)::BIGINT * 4194304 + y * 365 + d", "batch_id": "'bench'",
    }  # fmt: skip
    columns = ", ".join(
        f"CAST({own.get(n, 'NULL')} AS {kind}) AS {n}" for n, kind in TABLES["attendance_day"].landed
    )
    with store.staging() as folder, DuckDBEngine() as engine:
        files = []
        for year in range(years):
            path = folder / f"{year}.parquet"
            query = f"SELECT {columns} FROM range({STUDENTS}) a(s), range({DAYS}) b(d), (SELECT {year} AS y)"
            engine.write(query, path, order_by=("person_record", "attendance_event_date"))
            files.append(store.NewFile("attendance_day", district, 2021 + year, path=path))
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
            store.NewFile("person", district, 0, arrow=person, agreements=("bench",)),
            store.NewFile(
                "record_key", district, 0, arrow=keys.cast(schema("record_key")), agreements=("bench",)
            ),
        ]
        store.land(batch="bench", files=files, replaces=(), by=OPERATOR)


def timed(destroy: object) -> tuple[float, float]:
    """Seconds of the destruction without the scan, and of the scan."""
    from throughway.destruction.actions import carrying_out

    scanned = 0.0
    scan = carrying_out.scan

    def measured(*given: object) -> object:
        nonlocal scanned
        began = time.perf_counter()
        found = scan(*given)  # type: ignore[arg-type]
        scanned = time.perf_counter() - began
        return found

    carrying_out.scan = measured  # type: ignore[assignment]
    try:
        began = time.perf_counter()
        destroy()  # type: ignore[operator]
        return time.perf_counter() - began - scanned, scanned
    finally:
        carrying_out.scan = scan


def measure() -> list[Row]:
    found = [
        Row(*row) for row in json.loads(subprocess.run(PERSON, check=True, stdout=subprocess.PIPE).stdout)
    ]
    with town(1) as (_, (district,), _reader):
        from throughway.agreements import actions as agreements
        from throughway.destruction import actions
        from throughway.partners.reading import actor

        fill(district, 1)
        steward = actor("steward@backbone.example")
        agreements.terminate(id="bench", by=steward)
        seconds, scan = timed(lambda: actions.destroy(agreement="bench", by=steward))
        found.append(
            Row(
                f"an agreement of {STUDENTS * DAYS:,} rows and {STUDENTS:,} names destroyed, certified", f"{seconds:.2f} s",
                "none", "", f"< {SECOND:.0f} s", seconds < SECOND,
            )
        )  # fmt: skip
        found.append(Row("the scan of the folder after it", f"{scan:.2f} s", "none", "", "", True))
    return found


def measure_person() -> list[Row]:
    with town(1) as (_, (district,), _reader):
        from throughway.destruction import actions
        from throughway.partners.reading import actor

        fill(district, FILES)
        steward = actor("steward@backbone.example")
        seconds, scan = timed(lambda: actions.destroy(person=1000, by=steward))
        each = seconds / FILES
        return [
            Row(
                f"one person erased from {FILES} files of {STUDENTS * DAYS:,} rows, for each file", f"{each:.2f} s", "none", "",
                f"≤ {PER_FILE} s", each <= PER_FILE,
            ),
            Row("the scan of the folder after it", f"{scan:.2f} s", "none", "", "", True),
        ]  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps([astuple(row) for row in measure_person()]))
