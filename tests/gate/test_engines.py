"""The engines behind the gate: locked to the files of a question, kept for the next one, and stopped when one takes too long."""

import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.gate import making
from tests.kept import kept
from throughway.core.refusals import Refused
from throughway.gate.actions import enter, query_execution
from throughway.gate.actions.query_execution import Engines
from throughway.gate.governed_relations import relation_name
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine

MANY = 1_500  # rows of which three are laid beside each other: some seconds


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "days.parquet"
    pq.write_table(pa.table({"day": [1, 2, 3]}), path)
    return path


def test_an_engine_opens_the_files_of_its_question_and_no_other(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"day": [4]}), other)
    with Engines().over((("days", (file,)),)).session() as session:
        assert session.run("SELECT sum(day) AS n FROM days").to_pylist() == [{"n": 6}]
        for sql in (
            f"SELECT * FROM read_parquet('{other}')",
            f"COPY days TO '{tmp_path / 'out.csv'}'",
            "SET threads = 2",
        ):
            with pytest.raises(Refused):
                session.run(sql)


def test_an_engine_takes_half_of_the_memory(file: Path) -> None:
    """Two questions of one process run at a time."""

    def amount(engine: DuckDBEngine) -> float:
        number, unit = engine.run("SELECT current_setting('memory_limit') AS m")["m"][0].as_py().split()
        return float(number) * {"KiB": 1, "MiB": 1024, "GiB": 1024**2, "TiB": 1024**3}[unit]

    found = amount(Engines().over((("days", (file,)),)))
    assert found == pytest.approx(amount(DuckDBEngine()) / 2, rel=0.1)


def test_older_files_read_new_elements_as_empty(tmp_path: Path) -> None:
    row = {"record": 1, "person_record": 7, "program_identifier": "harbor/club"}
    whole = pa.Table.from_pylist([row], schemas.schema("program_participation"))
    path = tmp_path / "old.parquet"
    pq.write_table(whole.drop_columns(["school_year", "program_application_date"]), path)
    name = relation_name("program_participation", "harbor")
    with Engines().over(((name, (path,)),)).session() as session:
        found = session.run(f'SELECT person_record, school_year, program_application_date FROM "{name}"')
    assert found.to_pylist() == [{"person_record": 7, "school_year": None, "program_application_date": None}]


def test_nothing_of_a_file_stays_in_an_engine_that_is_kept(file: Path) -> None:
    engine = Engines().over((("days", (file,)),))
    with engine.session() as session:
        session.run("SELECT * FROM days")
    assert engine.run("FROM duckdb_external_file_cache()").num_rows == 0


def test_those_used_last_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(query_execution, "KEPT", 2)
    engines = Engines()
    paths = [tmp_path / f"{n}.parquet" for n in range(3)]
    for path in paths:
        pq.write_table(pa.table({"n": [1]}), path)
    one, two, three = ((("t", (path,)),) for path in paths)
    first, second = engines.over(one), engines.over(two)
    assert engines.over(one) is first
    engines.over(three)
    assert engines.over(one) is first
    assert engines.over(two) is not second
    assert len(engines._engines) == 2


@pytest.fixture
@kept
def town(community: object) -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()
    making.land("attendance_day", "north", [{"person_record": 11, "record": 100 + n} for n in range(MANY)])


LONG = "SELECT sum(a.person_id * b.person_id + c.person_id) FROM attendance_day a, attendance_day b, attendance_day c"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sql", [LONG, f"{LONG}, attendance_day d WHERE d.person_id = 12"])
def test_a_question_that_takes_too_long_is_stopped(
    town: None, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_execution, "LONGEST", 0.1)
    access = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
    with pytest.raises(Refused, match="took too long and was stopped"):
        access.query(sql)


LIST = "SELECT string_agg(CAST(person_id AS VARCHAR), ', ') FROM attendance_day"
NOTE = "n" * 3_000
HUGE = [
    f"SELECT person_id, ({LIST}) AS marks, ({LIST}) AS marks FROM attendance_day",
    f"SELECT replace(replace('nnn', 'n', '{NOTE}'), 'n', '{NOTE}') AS note FROM person",
    f"SELECT x || x AS y, y || y AS z FROM (SELECT '{NOTE}' || '{NOTE}' AS x FROM attendance_day) AS t",
    f"SELECT '{NOTE}' AS note FROM attendance_day",
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sql", HUGE)
def test_few_rows_of_long_texts_do_not_fill_the_memory(
    town: None, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are measured in the engine, whose memory is limited, before they are taken out of it."""
    monkeypatch.setattr(query_execution, "MOST_BYTES", 1_000_000)
    access = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
    before = pa.total_allocated_bytes()
    with pytest.raises(Refused, match="more than 1 MB of text"):
        access.query(sql)
    assert pa.total_allocated_bytes() - before < 1_000_000
    assert len(access.query(f"{LIST}").rows) == 1


@pytest.mark.django_db(transaction=True)
def test_after_a_question_nobody_watches_it_any_more(town: None) -> None:
    """A watch that went on would keep a command from ending."""
    enter(actor=making.reader("evaluator@hub.example"), purpose="planning").query(
        "SELECT count(*) FROM person"
    )
    assert query_execution.WATCH not in {thread.name for thread in threading.enumerate()}
