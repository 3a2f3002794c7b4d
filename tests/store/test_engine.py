import os
import signal
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from throughway.core.refusals import Refused
from throughway.store.engine import DuckDBEngine


@pytest.fixture
def engine():
    with DuckDBEngine(threads=1) as engine:
        yield engine


def numbers(path: Path, values: list[int]) -> Path:
    pq.write_table(pa.table({"n": pa.array(values, pa.int64())}), path)
    return path


def test_registers_files_and_tables_and_runs_sql_with_parameters(
    engine: DuckDBEngine, tmp_path: Path
) -> None:
    engine.register("f", [numbers(tmp_path / "a.parquet", [1, 2]), numbers(tmp_path / "b.parquet", [3])])
    engine.register("t", pa.table({"n": [2, 3]}))
    assert engine.run("SELECT n FROM f JOIN t USING (n) WHERE n > ? ORDER BY n", [2]).to_pylist() == [
        {"n": 3}
    ]


def test_writes_sorted_zstd_parquet(engine: DuckDBEngine, tmp_path: Path) -> None:
    path = tmp_path / "it's.parquet"
    assert engine.write("SELECT 7 - i AS n FROM range(5) r(i);  ", path, order_by=["n"]) == 5
    assert pq.read_table(path)["n"].to_pylist() == [3, 4, 5, 6, 7]
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_locked_engine_opens_only_what_was_allowed(engine: DuckDBEngine, tmp_path: Path) -> None:
    allowed = numbers(tmp_path / "allowed.parquet", [1])
    hidden = numbers(tmp_path / "hidden.parquet", [2])
    engine.register("t", pa.table({"n": [5, 6]}))
    engine.lock([allowed])
    engine.register("f", [allowed])
    assert engine.run("SELECT sum(n) AS s FROM t").to_pylist() == [{"s": 11}]
    assert engine.run("SELECT n FROM f").to_pylist() == [{"n": 1}]
    for sql in (
        f"SELECT * FROM read_parquet('{hidden}')",
        f"SELECT * FROM '{hidden}'",
        "SELECT * FROM read_text('/etc/passwd')",
        f"SELECT * FROM glob('{tmp_path}/*')",
        f"COPY t TO '{tmp_path}/out.csv'",
        f"ATTACH '{tmp_path}/x.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_paths = ['/']",
        "RESET lock_configuration",
    ):
        with pytest.raises(Refused) as refused:
            engine.run(sql)
        assert refused.value.code == "engine", sql
    assert not (tmp_path / "out.csv").exists()


def test_a_name_in_sql_is_never_a_variable_of_the_program(
    engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("throughway.store.engine.secret", pa.table({"n": [1]}), raising=False)
    with pytest.raises(Refused):
        engine.run("SELECT * FROM secret")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT CAST(name AS INTEGER) FROM t",
        "SELECT error(name) FROM t",
        "SELECT strptime(name, '%Y') FROM t",
        "SELECT CAST(big AS TINYINT) FROM t",
        "SELECT * FROM Maravilla",
        "SELECT Maravilla FROM t",
        "SELECT Maravilla(",
        "SELECT * FROM read_parquet('Maravilla')",
        "SELECT CAST('Maravilla' AS DATE)",
        "SELECT struct_extract({'a': 1}, 'Maravilla')",
    ],
)
def test_an_error_never_repeats_a_value(engine: DuckDBEngine, sql: str) -> None:
    engine.register("t", pa.table({"name": ["Maravilla"], "big": [123456]}))
    with pytest.raises(Refused) as refused:
        engine.run(sql)
    error: BaseException | None = refused.value
    while error is not None:  # nor does anything that a log would print with it
        assert "aravilla" not in str(error)
        assert "123456" not in str(error)
        error = error.__cause__ or error.__context__


def test_ctrl_c_during_a_statement_is_a_ctrl_c(engine: DuckDBEngine) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background ignores it
    asked = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    asked.start()
    with pytest.raises(KeyboardInterrupt):
        engine.run("SELECT sum(hash(a.range, b.range)) FROM range(1000000) a, range(100000) b")
    asked.join()
    signal.signal(signal.SIGINT, before)


def test_no_files_is_a_mistake_of_the_caller(engine: DuckDBEngine) -> None:
    with pytest.raises(ValueError, match="empty"):
        engine.register("f", [])


def test_slow_query_is_stopped_with_a_sentence(engine: DuckDBEngine) -> None:
    watch = threading.Timer(0.2, engine.interrupt)
    watch.start()
    with pytest.raises(Refused, match="took too long and was stopped"):
        engine.run("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b")
    watch.join()


def test_a_file_from_before_a_column_was_added_has_it_empty(engine: DuckDBEngine, tmp_path: Path) -> None:
    old = numbers(tmp_path / "old.parquet", [1, 2])
    new = tmp_path / "new.parquet"
    pq.write_table(pa.table({"n": pa.array([3], pa.int64()), "day": pa.array([0], pa.date32())}), new)
    columns = (("n", "BIGINT"), ("day", "DATE"))
    for files in ([old], [old, new], [new, old]):
        engine.register("f", files, columns=columns)
        found = engine.run("SELECT n, day IS NULL AS empty FROM f ORDER BY n").to_pylist()
        assert [row["empty"] for row in found if row["n"] < 3] == [True, True]
        assert [row["empty"] for row in found if row["n"] == 3] == [False] * (new in files)
        assert engine.run("SELECT * FROM f").column_names == ["n", "day"]


@pytest.mark.parametrize("key", ["id", "name"])
def test_locked_engine_joins_tables_and_files(engine: DuckDBEngine, tmp_path: Path, key: str) -> None:
    def rows(first: int, count: int) -> pa.Table:
        ids = range(first, first + count)
        return pa.table({"id": pa.array(ids, pa.int64()), "name": [f"k{n}" for n in ids]})

    half, seen = tmp_path / "half.parquet", tmp_path / "seen.parquet"
    pq.write_table(rows(5_000, 5_000), half)
    pq.write_table(rows(4_900, 5_000).slice(0, 5_000), seen)
    engine.register("f", [half])
    engine.register("s", [seen])
    engine.register("t", rows(0, 5_000))
    engine.lock([half, seen])
    both = f"(SELECT {key} FROM t UNION ALL SELECT {key} FROM f)"
    sql = f"SELECT count(*) AS n FROM {both} WHERE {key} IN (SELECT {key} FROM s WHERE id % 11 = 0)"
    assert engine.run(sql).to_pylist() == [{"n": sum(n % 11 == 0 for n in range(4_900, 9_900))}]
