"""Loading 1 GB of CSV with mapping and checks on, against DuckDB's own `read_csv` to the same Parquet."""

import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from bench.__main__ import Row
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


def measure() -> list[Row]:
    with town(1) as (community, (district,), _):
        source = community.root / "attendance.csv"
        write_csv(source, students=115_000, days=300)
        size = source.stat().st_size
        crosswalk = community.crosswalks / "attendance.yaml"
        crosswalk.write_text(CROSSWALK, encoding="utf-8")
        began = time.perf_counter()
        duckdb.connect().execute(
            f"COPY (SELECT * FROM read_csv('{source}') ORDER BY student, day) TO '{community.root}/peer.parquet' "
            "(FORMAT parquet, COMPRESSION zstd)"
        )
        peer = time.perf_counter() - began
        began = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "throughway",
            "--community",
            str(community.root),
            "load",
            str(source),
        ]
        subprocess.run(
            [*command, "--partner", district, "--format", "csv", "--crosswalk", str(crosswalk)],
            check=True,
            stdout=sys.stderr,
        )
        ours = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    ratio = peer / ours
    return [
        Row(
            f"load {size / GIGABYTE:.2f} GB of CSV, mapped and checked",
            f"{size / ours / 1e6:.0f} MB/s",
            f"DuckDB read_csv, sorted, to Parquet: {size / peer / 1e6:.0f} MB/s",
            f"{ratio:.2f} of its rate",
            "≥ 0.25",
            ratio >= 0.25,
        ),
        Row("memory of that load, peak", f"{peak:.2f} GB", "none", "", "< 1 GB", peak < 1),
    ]
