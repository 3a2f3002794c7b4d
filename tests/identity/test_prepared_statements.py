"""Few rows, answered by an engine kept ready: as by an engine of their own, and nothing of them stays there."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest

from tests.identity.fictional_community import community
from tests.identity.incremental_community import Community
from tests.identity.test_data_warnings import tables as odd
from tests.identity.test_pair_join import plainly
from throughway.identity.incremental.linkage_state import pack_state, unpack_state
from throughway.identity.linkage import blocking, prepared_statements
from throughway.identity.linkage.blocking import rules
from throughway.identity.linkage.standardization import connection, prepare

Tables = dict[str, pa.Table]


def of_its_own(
    tables: Tables, salt: int, pairs: Sequence[np.ndarray]
) -> tuple[pa.Table, list[object], np.ndarray]:
    """The rows, their keys and the rungs of pairs, from an engine opened for these tables alone."""
    with connection() as engine:
        prepare(engine, tables)
        rows = engine.execute("select * from comparable order by unique_id").to_arrow_table()
        keyed = blocking.keys_of(engine, "comparable", salt, rules(rows.num_rows))
        return rows, in_one_order(keyed), plainly(engine, *pairs)


def in_one_order(keyed: tuple[np.ndarray, np.ndarray]) -> list[object]:
    """Of rows that share a key, either may come first."""
    return sorted(zip(keyed[0].tolist(), keyed[1].tolist(), strict=True))


def test_few_rows_give_the_same_results() -> None:
    """One community after the other, so that no plan may rest on the rows of the one before; the last is one record alone."""
    whole = community(60, seed=5).tables
    one = {name: table.filter(np.asarray(table["person_record"]) == 7) for name, table in whole.items()}
    for salt, tables in enumerate((one, whole, community(40, seed=6).tables, one)):
        many = tables["person"].num_rows
        pairs = np.random.default_rng(salt).integers(0, many, (2, 20 * many))
        rows, keyed, rungs = of_its_own(tables, salt, pairs)
        assert prepared_statements.rows_of(tables).equals(rows)
        assert in_one_order(prepared_statements.keys_of(rows, salt, rules(many))) == keyed
        assert (prepared_statements.prepared_levels(rows, *pairs) == rungs).all()


def test_many_rows_use_a_new_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = community(40, seed=6).tables
    monkeypatch.setattr(prepared_statements, "FEW", 0)
    monkeypatch.setattr(prepared_statements, "_Engine", None)
    pairs = np.random.default_rng(1).integers(0, tables["person"].num_rows, (2, 300))
    rows, keyed, rungs = of_its_own(tables, 1, pairs)
    assert prepared_statements.rows_of(tables).equals(rows)
    assert in_one_order(prepared_statements.keys_of(rows, 1, rules(rows.num_rows))) == keyed
    assert (prepared_statements.prepared_levels(rows, *pairs) == rungs).all()


def test_engine_keeps_no_rows() -> None:
    rows = prepared_statements.rows_of(community(40, seed=6).tables)
    prepared_statements.keys_of(rows, 1, rules(rows.num_rows))
    prepared_statements.prepared_levels(rows, np.array([0]), np.array([1]))
    with prepared_statements._process_engine.reserved() as kept:
        held = [name for (name,) in kept.engine.execute("select table_name from duckdb_tables()").fetchall()]
        assert {"no_evidence", "comparable"} < set(held)
        assert all(kept.engine.execute(f"from {name}").fetchall() == [] for name in held)
        assert all(each.rows.num_rows == 0 for each in kept.inputs.values())


def test_failed_engine_is_not_used_again() -> None:
    tables = community(40, seed=6).tables
    rows = prepared_statements.rows_of(tables)
    failed = prepared_statements._process_engine.engine
    with pytest.raises(pa.ArrowInvalid):
        prepared_statements.rows_of({"person": pa.table({"person_record": ["not a number"]})})
    assert prepared_statements.rows_of(tables).equals(rows)
    assert prepared_statements._process_engine.engine is not failed


def test_concurrent_calls_get_their_own_results() -> None:
    each = [community(20, seed=seed).tables for seed in range(4)]
    alone = [prepared_statements.rows_of(tables) for tables in each]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(prepared_statements.rows_of, each * 5))
    assert all(rows.equals(alone[at % 4]) for at, rows in enumerate(found))


def test_forked_process_makes_its_own_engine() -> None:
    tables = community(20, seed=6).tables
    rows = prepared_statements.rows_of(tables)
    with prepared_statements._process_engine.lock:  # as another thread may hold it at that moment
        child = os.fork()
        if child == 0:
            os._exit(0 if prepared_statements.rows_of(tables).equals(rows) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


SAID_NOTHING = {"phone": "555-010-2000", "ssn": "078-05-1120", "birthdate": "2009-09-09"}


@pytest.mark.parametrize("many", [False, True])
def test_no_evidence_of_full_run_is_none_later(many: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """One record comes, with the telephone, number and birth date that a source writes where it knows none."""
    town = Community(odd(60, **SAID_NOTHING), set(range(1, 61)))
    town.whole()
    kept = unpack_state([pack_state(town.state)])
    assert kept
    if many:
        monkeypatch.setattr(prepared_statements, "FEW", 0)
    row = prepared_statements.rows_of(odd(1, **SAID_NOTHING), kept.no_evidence).to_pylist()[0]
    assert (row["phones"], row["wide"], row["birthdate"]) == ([], [], None)
    own = prepared_statements.rows_of(
        odd(1, phone="555-010-3000", ssn="123-45-0000"), kept.no_evidence
    ).to_pylist()[0]
    assert all(own[column] for column in ("phones", "wide", "birthdate"))


def test_placeholder_name_of_full_run_is_missing_later() -> None:
    town = Community(odd(60, first_name="Learner", last_or_surname="Unnamed"), set(range(1, 61)))
    town.whole()
    one = odd(1, first_name="Learner", last_or_surname="Unnamed")
    assert prepared_statements.rows_of(one).to_pylist()[0]["first"] == "learner"
    assert prepared_statements.rows_of(one, town.state.no_evidence).to_pylist()[0]["first"] is None
