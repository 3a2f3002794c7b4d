"""Row groups are put together without being read, and say what they said."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from throughway.store import parquet_footer, parquet_row_groups

ROWS = 20_000


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "made.parquet"
    with duckdb.connect() as engine:
        engine.execute(
            "SELECT setseed(0.5); COPY (SELECT (i // 7)::BIGINT AS p, 'word-' || (i % 13) AS s, hash(i) AS h, NULL::VARCHAR AS e,"
            f" random() AS x, 'SECRET-' || (i // 7) AS t FROM range({ROWS}) r(i) ORDER BY p) TO '{path}'"
            " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)"
        )
    return path


def test_a_footer_reads_and_is_written_as_it_was(made: Path, tmp_path: Path) -> None:
    for kind in ("duckdb", "arrow"):
        path = made if kind == "duckdb" else tmp_path / "arrow.parquet"
        if kind == "arrow":
            table = pa.table({"f": [True, False, None], "l": [[1], [], None], "x": [0.5, -1.0, None]})
            pq.write_table(table, path, write_page_index=True)
        raw = path.read_bytes()
        length = int.from_bytes(raw[-8:-4], "little")
        assert parquet_footer.written(parquet_row_groups.footer(path)) == raw[-8 - length : -8]


def test_groups_of_two_files_are_one_file(made: Path, tmp_path: Path) -> None:
    groups = pq.read_metadata(made).num_row_groups
    touched = parquet_row_groups.that_may_hold(made, "p", [1500])
    assert len(touched) == 1
    rest, changed, into = [g for g in range(groups) if g not in touched], tmp_path / "c", tmp_path / "d"
    with duckdb.connect() as engine:
        engine.register("t", pq.ParquetFile(made).read_row_groups(touched))
        engine.execute(
            f"COPY (SELECT * FROM t WHERE p <> 1500) TO '{changed}' (FORMAT parquet, COMPRESSION zstd)"
        )
        at = touched[0]
        rows = parquet_row_groups.merge_row_groups(
            [(made, rest[:at]), (changed, [0]), (made, rest[at:])], into
        )
        assert rows == ROWS - 7
        want = engine.execute(f"SELECT * FROM read_parquet('{made}') WHERE p <> 1500").fetchall()
        assert engine.execute(f"SELECT * FROM read_parquet('{into}')").fetchall() == want
        assert pq.read_table(into).to_pydict() == pq.read_table(made, filters=[("p", "!=", 1500)]).to_pydict()
        # Through its bounds, dictionaries and filters of values too.
        for p in (0, 1499, 1500, 1501, ROWS // 7):
            for column, value in (("p", p), ("t", f"'SECRET-{p}'")):
                sql = f"SELECT count(*) FROM read_parquet('{into}') WHERE {column} = {value}"
                told = engine.execute(sql).fetchone()
                assert told == (sum(row[0] == p for row in want),)


def test_what_is_not_alike_is_refused(made: Path, tmp_path: Path) -> None:
    other, into = tmp_path / "other.parquet", tmp_path / "into"
    pq.write_table(pa.table({"p": [1]}), other)
    with pytest.raises(ValueError, match="one schema"):
        parquet_row_groups.merge_row_groups([(made, [0]), (other, [0])], into)
    cut = tmp_path / "cut.parquet"
    raw = made.read_bytes()
    cut.write_bytes(raw[:100] + raw[-8 - int.from_bytes(raw[-8:-4], "little") :])
    with pytest.raises(ValueError, match="shorter"):
        parquet_row_groups.merge_row_groups([(cut, [2])], into)
    assert not into.exists()
    with pytest.raises(ValueError, match="no Parquet"):
        parquet_row_groups.footer(Path(__file__))
    for broken in (b"", b"\x19", b"\x19\xfc\xff\xff\xff\x0f", b"\x1b\x00"):
        with pytest.raises(ValueError, match=r"no struct|a value of type"):
            parquet_footer.read(broken)


def test_a_group_without_bounds_may_hold_anything(tmp_path: Path) -> None:
    path = tmp_path / "plain.parquet"
    pq.write_table(pa.table({"p": [1, 2, None]}), path, write_statistics=False)
    assert parquet_row_groups.that_may_hold(path, "p", [99]) == [0]
    pq.write_table(pa.table({"p": pa.array([None, None], pa.int64())}), path)
    assert parquet_row_groups.that_may_hold(path, "p", [99]) == []
