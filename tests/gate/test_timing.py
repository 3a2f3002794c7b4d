"""What could be measured of how many are hidden: the question that runs is the same text whoever is hidden, and no reader is told
how it runs. How long it takes depends on how many rows the partner's files have; docs/what-holds.md says so."""

import pytest

from tests.gate.attacks import READ
from tests.gate.test_attacks import DAY, HIDINGS, Store, stores
from throughway.core.refusals import Refused
from throughway.gate.actions.query_result import GrantedTables, QueryResult
from throughway.gate.compiler import Compiled, compile_query

__all__ = ["stores"]


def compiled(store: Store, sql: str) -> Compiled | str:
    try:
        return compile_query(
            sql, store._decision.grants, linked=store._decision.linked, on=DAY, most=1000,
            without=store.people.without,
        )  # fmt: skip
    except Refused as refused:
        return refused.message


@pytest.mark.parametrize("hiding", HIDINGS)
def test_the_same_text_runs_whoever_is_hidden(stores: dict[str, tuple[Store, Store]], hiding: str) -> None:
    """But for the side by which consents are told: that of the fewer."""
    few, many = stores[hiding]
    for name, sql in READ.items():
        here, there = compiled(few, sql), compiled(many, sql)
        if isinstance(here, str) or isinstance(there, str):
            assert here == there, name
            continue
        assert (here.columns, here.elements) == (there.columns, there.elements), name
        if few.people.without == many.people.without:
            assert here == there, name
        else:
            names = {frozenset(r for r in c.relations if "consented" not in r[0]) for c in (here, there)}
            assert len(names) == 1, name


@pytest.mark.parametrize("sql", [
    "EXPLAIN SELECT * FROM person", "EXPLAIN ANALYZE SELECT * FROM person", "PROFILE SELECT 1", "PRAGMA enable_profiling",
    "PRAGMA last_profiling_output", "SUMMARIZE person", "DESCRIBE person", "SHOW TABLES",
    "SELECT * FROM duckdb_memory()", "SELECT * FROM duckdb_logs()", "SELECT * FROM parquet_metadata('x')",
    "SELECT current_timestamp", "SELECT now()", "SELECT get_current_time()", "SELECT clock_timestamp()", "SELECT random()",
    "SELECT epoch_ms(now())", "SELECT current_setting('threads')", "SELECT txid_current()", "SELECT rowid FROM person",
    "SELECT sleep_ms(1)", "SELECT nextval('s')", "SELECT pg_sleep(1)", "SELECT * FROM person USING SAMPLE 1",
    "SELECT file_row_number FROM person", "SELECT filename FROM person",
])  # fmt: skip
def test_nothing_tells_how_a_question_runs_or_what_time_it_is(
    stores: dict[str, tuple[Store, Store]], sql: str
) -> None:
    store = stores["without consent"][0]
    with pytest.raises(Refused):
        compile_query(sql, store._decision.grants, linked=store._decision.linked, on=DAY)


def test_an_answer_holds_no_count_or_time_of_its_own() -> None:
    assert set(QueryResult.__dataclass_fields__) == {
        "columns",
        "rows",
        "disclosure",
        "agreements",
        "notes",
        "statements",
    }
    assert set(GrantedTables.__dataclass_fields__) == {
        "tables",
        "disclosure",
        "grants",
        "statements",
        "notes",
    }
