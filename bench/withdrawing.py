"""A consent withdrawn among 100,000 in force: how long the withdrawal takes, and how long the next read, which it closes."""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date

import pyarrow as pa

from bench.governed import COLUMNS, READ
from bench.row import Row
from bench.town import town

CONSENTS, DAYS, OFTEN, MOST = 100_000, 5, 20, 0.05
PURPOSE = "with-consent"


def land(district: str) -> None:
    """Keys of the students, and some days of attendance of each."""
    from throughway.partners.actor import OPERATOR
    from throughway.store.actions import landing, record_keys
    from throughway.store.engine import DuckDBEngine
    from throughway.store.schemas import file_columns, schema

    numbers = list(range(1, CONSENTS + 1))
    keys = {"kind": ["person"] * CONSENTS, "key": [f"k{n}" for n in numbers], "record": numbers}
    own = {
        "person_record": "1 + s", "attendance_event_date": "DATE '2025-09-01' + d::INTEGER", "attendance_status": "'Present'",
        "record": f"(1 + s)::BIGINT * {DAYS} + d", "batch_id": "'bench'",
    }  # fmt: skip
    columns = ", ".join(
        f"CAST({own.get(n, 'NULL')} AS {kind}) AS {n}" for n, kind in file_columns("attendance_day")
    )
    record_keys.reserve_records(CONSENTS)
    with landing.staging() as folder, DuckDBEngine() as engine:
        path = folder / "days.parquet"
        query = f"SELECT {columns} FROM range({CONSENTS}) a(s), range({DAYS}) b(d)"
        engine.write(query, path, order_by=("person_record", "attendance_event_date"))
        files = [
            landing.NewFile("attendance_day", district, 2026, path=path),
            landing.NewFile(
                "record_key",
                district,
                0,
                arrow=pa.table(keys, schema=schema("record_key")),
                agreements=("bench",),
            ),
        ]
        landing.land(batch="bench", files=files, replaces=(), by=OPERATOR)


def taken(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the clock, and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - clock, time.process_time() - processor


def measure() -> list[Row]:
    with town(1, {PURPOSE: READ}) as (community, (district,), reader):
        from throughway.consent import actions as consents
        from throughway.consent.selectors import decisions
        from throughway.gate.actions import enter
        from throughway.partners.actor import OPERATOR

        land(district)
        path = community.root / "consents.csv"
        with path.open("w") as file:
            file.write(COLUMNS + "\n")
            file.writelines(
                f"{district},k{n},bench,{PURPOSE},yes,Pat,parent,{date.today()},paper,en,v1,\n"
                for n in range(1, CONSENTS + 1)
            )
        began = time.perf_counter()
        consents.add(path=path, by=OPERATOR)
        print(f"{CONSENTS:,} consents added in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        ids = {told.record: told.id for told in decisions.consents(partner=district)}

        def days_of(record: int) -> int:
            asked = f"SELECT attendance_status FROM attendance_day WHERE person_id = {record}"
            return len(enter(actor=reader, purpose=PURPOSE).query(asked).rows)

        withdrawals, reads, others = [], [], []
        for record in range(1000, 1000 + OFTEN):
            assert days_of(record) == DAYS
            others.append(taken(lambda record=record: days_of(record)))
            withdrawals.append(taken(lambda record=record: consents.withdraw(id=ids[record], by=OPERATOR)))
            seen: list[int] = []
            reads.append(taken(lambda record=record, seen=seen: seen.append(days_of(record))))
            assert seen == [0], "a read after the withdrawal still saw the student"
    return [
        _row(f"a consent withdrawn, {CONSENTS:,} in force", withdrawals),
        _row("the next read of that student, which sees nothing, its entry written", reads),
        Row("the same read with nothing withdrawn before it", _said(others), "none", "", "", True),
    ]


def _row(what: str, times: list[tuple[float, float]]) -> Row:
    middle = statistics.median(clock for clock, _ in times)
    return Row(what, _said(times), "none", "", f"≤ {MOST * 1000:.0f} ms", middle <= MOST)


def _said(times: list[tuple[float, float]]) -> str:
    clock, processor = zip(*times, strict=True)
    return f"{statistics.median(clock) * 1000:.0f} ms ({min(clock) * 1000:.0f} at best; processor {statistics.median(processor) * 1000:.0f})"
