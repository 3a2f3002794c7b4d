"""What the gate costs: the same question over the same files with the gate and without, by how many families consented.

The files are those of `attendance`. Without: plain DuckDB in the same process over the same Parquet, warm, no entry written; once
for everybody, and once with the rows of those who did not consent left out by hand, as who keeps to their word must do.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from bench.attendance import CHRONIC, DAYS, DISTRICTS, STUDENTS, best_of, fill_store
from bench.row import Row
from bench.town import town
from throughway.partners.actor import Actor

Run = Callable[[], pa.Table]
Turn = dict[str, tuple[float, float]]  # of each run its seconds by the clock, and of CPU
OFTEN = 25
READ = "kind: evaluation, recipients: [backbone], roles: [evaluator], interest: Measure, basis: consent, form: identified"
SHARES = {"most": 95, "few": 10}  # per cent of the students
MOST = 1.1  # times what the same rows take that are left out by hand
COLUMNS = "partner,record_key,agreement,purpose,decision,signer,relation,signed_on,method,language,notice_version,expires"

TYPICAL = (
    "SELECT attendance_status, count(*) AS days FROM attendance_day GROUP BY attendance_status ORDER BY days DESC",
    CHRONIC,
    "SELECT first_name, last_or_surname FROM person WHERE last_or_surname LIKE 'A%' ORDER BY 2, 1 LIMIT 50",
    "SELECT attendance_event_date, attendance_status FROM attendance_day WHERE person_id = 4711 ORDER BY 1",
    "SELECT p.first_name, count(*) FROM person AS p JOIN attendance_day AS a ON a.person_id = p.person_id "
    "WHERE a.attendance_status = 'UnexcusedAbsence' GROUP BY p.person_id, p.first_name HAVING count(*) > 10",
    "SELECT organization_id, date_trunc('month', attendance_event_date) AS month, avg(CASE WHEN attendance_status = 'Present' "
    "THEN 1 ELSE 0 END) AS present FROM attendance_day GROUP BY 1, 2 ORDER BY 1, 2",
    "WITH missed AS (SELECT person_id, count(*) AS days FROM attendance_day WHERE attendance_status <> 'Present' GROUP BY 1) "
    "SELECT count(*) FROM missed WHERE days >= 18",
    "SELECT s.school_year, count(DISTINCT s.person_id) FROM school_enrollment AS s GROUP BY 1",
)


def measure() -> list[Row]:
    with town(DISTRICTS, dict.fromkeys(SHARES, READ)) as (community, districts, reader):
        fill_store(districts)
        _consents(districts, community.root / "consents.csv")
        plain = _plain()
        runs = {name: _governed(reader, name) for name in ("study", *SHARES)} | _without(plain, districts)
        for name, percent in SHARES.items():
            seen = runs[name]().num_rows
            assert abs(seen - STUDENTS * percent / 100) < STUDENTS / 100, (name, seen)
            assert runs[f"{name} by hand"]().num_rows == seen, name
        # In turns, so that other work on the machine slows each alike.
        taken = [{name: _taken(run) for name, run in runs.items()} for _ in range(OFTEN)]
        one, all_of_them = _compiling(reader, "study")[0], _compiling(reader, "most")[1]
    return [
        *_rows(taken),
        Row(f"compile a question for one district, p95 of {len(TYPICAL)} typical ones", f"{one * 1000:.1f} ms", "none", "", "≤ 5 ms", one <= 0.005),
        Row(f"compile it for {DISTRICTS} districts with consents", f"{all_of_them * 1000:.1f} ms", "none", "", "", True),
    ]  # fmt: skip


def _rows(taken: list[Turn]) -> Iterator[Row]:
    """By the clock and in CPU the median of what each turn had, since the best of two may be of different turns."""

    def seconds(name: str) -> str:
        return f"{statistics.median(turn[name][0] for turn in taken):.2f} s"

    def times(name: str, peer: str) -> tuple[float, str]:
        clock, cpu = (statistics.median(turn[name][n] / turn[peer][n] for turn in taken) for n in (0, 1))
        return clock, f"{clock:.2f} times ({cpu:.2f} in CPU)"

    without, slowest = f"DuckDB alone: {seconds('plain')}", max(turn["study"][0] for turn in taken)
    yield Row(f"chronic absence over {STUDENTS * DAYS / 1e6:.0f} M rows, gate on", seconds("study"), without, times("study", "plain")[1],
              "≤ 0.5 s", slowest <= 0.5)  # fmt: skip
    for name, percent in SHARES.items():
        what, by_hand = f"the same where {percent} % of families consented", f"{name} by hand"
        yield Row(what, seconds(name), without, times(name, "plain")[1], "", True)
        ratio, told = times(name, by_hand)
        yield Row(what, seconds(name), f"DuckDB alone, the others' rows left out by hand: {seconds(by_hand)}", told,
                  f"≤ {MOST:.1f} times", ratio <= MOST)  # fmt: skip


def _governed(reader: Actor, purpose: str) -> Run:
    from throughway.gate.actions import enter

    return lambda: enter(actor=reader, purpose=purpose).table(CHRONIC)[0]


def _without(plain: duckdb.DuckDBPyConnection, districts: list[str]) -> dict[str, Run]:
    """The question without the gate: of everybody, and of those who consented, by the shortest list in a table of the engine's own."""
    runs: dict[str, Run] = {"plain": lambda: plain.execute(CHRONIC).to_arrow_table()}
    for name, percent in SHARES.items():
        side = "ANTI" if percent > 50 else "SEMI"
        listed = [n for own in _students_of(districts).values() for place, n in enumerate(own) if _consents_at(place, percent) == (side == "SEMI")]  # fmt: skip
        plain.register("listed", pa.table({"person_record": pa.array(listed, pa.int64())}))
        plain.execute(f"CREATE TABLE {name} AS SELECT * FROM listed")
        by_hand = CHRONIC.replace(
            "FROM attendance_day", f"FROM attendance_day {side} JOIN {name} USING (person_record)"
        )
        runs[f"{name} by hand"] = lambda sql=by_hand: plain.execute(sql).to_arrow_table()  # type: ignore[misc]
    return runs


def _taken(run: Run) -> tuple[float, float]:
    """Seconds by the clock, and of CPU."""
    cpu, began = time.process_time(), time.perf_counter()
    run()
    return time.perf_counter() - began, time.process_time() - cpu


def _students_of(districts: list[str]) -> dict[str, list[int]]:
    count = len(districts)
    return {d: list(range(n or count, STUDENTS + 1, count)) for n, d in enumerate(districts)}


def _consents_at(place: int, percent: int) -> bool:
    """Whether the family of a district's student in this place does: as many of each district."""
    return place * 7919 % 100 < percent


def land_keys(districts: list[str]) -> dict[str, list[int]]:
    """The districts' own keys of their students; gives each district's students."""
    from throughway.partners.actor import OPERATOR
    from throughway.store import schemas
    from throughway.store.actions import landing

    keys = _students_of(districts)
    files = [
        landing.NewFile("record_key", d, 0, arrow=pa.table(
            {"kind": ["person"] * len(own), "key": [f"k{n}" for n in own], "record": own}, schema=schemas.schema("record_key")
        ), agreements=("bench",))
        for d, own in keys.items()
    ]  # fmt: skip
    landing.land(batch="keys", files=files, replaces=(), by=OPERATOR)
    return keys


def _consents(districts: list[str], path: Path) -> None:
    """Of each purpose as many parents consent as SHARES says, in one list as an office writes it."""
    from throughway.consent import actions as consents
    from throughway.partners.actor import OPERATOR

    keys = land_keys(districts)
    with path.open("w") as file:
        file.write(COLUMNS + "\n")
        for district, own in keys.items():
            for purpose, percent in SHARES.items():
                file.writelines(
                    f"{district},k{n},bench,{purpose},yes,Pat,parent,{date.today()},paper,en,v1,\n"
                    for place, n in enumerate(own)
                    if _consents_at(place, percent)
                )
    began = time.perf_counter()
    added = consents.add(path=path, by=OPERATOR)
    print(f"{added.new:,} consents added in {time.perf_counter() - began:.0f} s", file=sys.stderr)


def _plain() -> duckdb.DuckDBPyConnection:
    """The files by themselves, a record number standing for the person."""
    from throughway.store.selectors import snapshot

    with snapshot() as stored:
        files = [str(f.path) for f in stored.stored("attendance_day")]
    connection = duckdb.connect()
    connection.execute("SET parquet_metadata_cache = true")
    connection.execute(
        f"CREATE VIEW attendance_day AS SELECT *, person_record AS person_id FROM read_parquet({files}, hive_partitioning = false)"
    )
    return connection


def _compiling(reader: object, purpose: str) -> tuple[float, float]:
    """Seconds, 95th percentile, to compile a typical question, nothing kept: for one district, and for all."""
    from throughway.gate.actions import enter
    from throughway.gate.compiler import compile_query

    access = enter(actor=reader, purpose=purpose)  # type: ignore[arg-type]
    one = [g for g in access.grants if g.discloser == "district-0"]

    def p95(grants: list[object]) -> float:
        taken = [
            best_of(
                1, lambda sql=sql: compile_query(sql, grants, linked=(), on=date.today(), records_of=list)
            )  # type: ignore[arg-type,misc]
            for _ in range(40)
            for sql in TYPICAL
        ]
        return statistics.quantiles(taken[len(TYPICAL) :], n=20)[-1]

    return p95(one), p95(list(access.grants))  # type: ignore[arg-type]
