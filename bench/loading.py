"""Loading 1 GB of CSV with mapping and checks on, against DuckDB's own `read_csv` to the same Parquet."""

import json
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from bench.row import Row
from bench.town import town

GIGABYTE = 10**9
CROSSWALK = """
throughway: crosswalk/1
source: {format: csv}
tables:
  attendance_day:
    key: [student, day]
    person: student
    columns:
      organization_id: {from: school}
      attendance_event_date: {from: day, date: ["%m/%d/%Y"], required: true}
      attendance_event_type: {value: DailyAttendance}
      attendance_status: {from: status, map: {P: Present, E: ExcusedAbsence, U: UnexcusedAbsence, T: Tardy}}
"""


def write_csv(path: Path, students: int, days: int) -> None:
    duckdb.sql(f"""
        COPY (
          SELECT 600000 + s AS student, 'school-' || (s % 40) AS school,
                 strftime(DATE '2024-08-25' + d::INTEGER, '%m/%d/%Y') AS day,
                 ['P','P','P','P','P','P','P','P','P','P','P','P','P','E','U','T'][1 + (hash(s, d) % 16)::BIGINT] AS status
          FROM range({students}) a(s), range({days}) b(d)
        ) TO '{path}' (HEADER)
    """)


# The columns and the order of the file that a load makes, by read_csv alone: nothing is mapped, checked or compared.
SAME_PARQUET = """
SELECT student::BIGINT * 4194304 + (day - DATE '1000-01-01') AS record, student AS person_record, school AS organization_id,
       day AS attendance_event_date, 'DailyAttendance' AS attendance_event_type, NULL::VARCHAR AS attendance_event_type_source,
       status AS attendance_status, status AS attendance_status_source, NULL::DOUBLE AS attendance_event_duration_day,
       NULL::DOUBLE AS attendance_event_duration_hours, NULL::DOUBLE AS attendance_event_duration_minutes,
       NULL::VARCHAR AS program_id, NULL::VARCHAR AS course_section_identifier,
       'csv' AS source_system, '20260101T000000-00000000' AS batch_id, NULL::DATE AS valid_from, NULL::DATE AS valid_to,
       TIMESTAMP '2026-01-01' AS recorded_at
FROM read_csv('{source}', dateformat = '%m/%d/%Y') ORDER BY person_record, attendance_event_date, record
"""


def peer(source: Path, select: str) -> float:
    """Seconds in which DuckDB alone writes the Parquet file that `select` describes."""
    target = source.with_suffix(".parquet")
    began = time.perf_counter()
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY ({select.format(source=source)}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )
    return time.perf_counter() - began


# A process between this one and the load, since a child's peak of memory begins at its parent's.
RUN = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=sys.stderr)
print(json.dumps([done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


def load(community: Path, *words: str) -> tuple[float, float]:
    """Seconds, and gigabytes at the peak, of the command in a process of its own."""
    command = [sys.executable, "-m", "throughway", "--community", str(community), "load", *words]
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", RUN, *command], check=True, stdout=subprocess.PIPE, text=True
    )
    code, peak = json.loads(done.stdout)
    assert code == 0
    return time.perf_counter() - began, peak / 2**20


def measure() -> list[Row]:
    with town(1) as (community, (district,), _):
        source = community.root / "attendance.csv"
        write_csv(source, students=115_000, days=300)
        size = source.stat().st_size
        crosswalk = community.crosswalks / "attendance.yaml"
        crosswalk.write_text(CROSSWALK, encoding="utf-8")
        same = peer(source, SAME_PARQUET)
        bare = peer(source, "SELECT * FROM read_csv('{source}')")
        words = [str(source), "--partner", district, "--format", "csv", "--crosswalk", str(crosswalk)]
        ours, peak = load(community.root, *words)

    def rate(seconds: float) -> str:
        return f"{size / seconds / 1e6:.0f} MB/s"

    return [
        Row(f"load {size / GIGABYTE:.2f} GB of CSV, mapped and checked", rate(ours),
            f"DuckDB read_csv to the same Parquet (columns and order): {rate(same)}",
            f"{same / ours:.2f} of its rate", "≥ 0.25", same / ours >= 0.25),
        Row("the same", rate(ours), f"DuckDB read_csv to Parquet of the CSV's four columns, unsorted: {rate(bare)}",
            f"{bare / ours:.2f} of its rate", "", True),
        Row("memory of that load, peak", f"{peak:.2f} GB", "", "", "< 1 GB", peak < 1),
    ]  # fmt: skip
