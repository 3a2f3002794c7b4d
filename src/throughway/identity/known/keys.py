"""Blocking keys of records, hashed under a random salt: two records that share one are worth comparing.

The rules are those by which a full run finds its pairs (`comparing`), each as what a record says of itself. A rule whose
parts are not all known gives no key. Swapped birth dates and swapped names meet under one key for either order.
"""

from collections.abc import Sequence

import duckdb
import numpy as np
import numpy.typing as npt

from throughway.identity.comparing import MANY

Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]

# Each: its parts; a part in brackets is a list of which every member makes a key of its own.
ALWAYS: tuple[tuple[str, ...], ...] = (
    ("[forms]", "[surnames]"),
    ("least(birthdate, swapped)", "greatest(birthdate, swapped)", "initial"),
    ("least(first, spelled)", "greatest(first, spelled)"),
    ("surname", "middle"),
    ("first", "middle"),
    ("[streets]", "initial"),
    ("[phones]", "initial"),
    ("[emails]",),
    ("[wide]",),
    ("[local]",),
)
OF_FEW = (("birthdate",), ("first", "year", "month"), ("surname", "year", "month"))
OF_MANY = (("birthdate", "initial"), ("birthdate", "surname"), ("birthdate", "sex", "middle"))


def rules(records: int) -> tuple[tuple[str, ...], ...]:
    """The rules for a community of so many records."""
    return (*ALWAYS, *(OF_FEW if records <= MANY else OF_MANY))


def keys_of(
    engine: duckdb.DuckDBPyConnection, table: str, salt: int, wanted: Sequence[Sequence[str]]
) -> tuple[Hashes, Rows]:
    """Every key of the table's rows, sorted, with the row's `unique_id` beside it."""
    each = " union all ".join(
        _keys(table, f"hash({salt}::ubigint, {'|'.join(rule)!r}", rule) for rule in wanted
    )
    found = engine.execute(
        f"select key, unique_id from ({each}) where key is not null order by key"
    ).to_arrow_table()
    return found["key"].to_numpy().astype(np.uint64), found["unique_id"].to_numpy().astype(np.int64)


def _keys(table: str, begun: str, rule: Sequence[str]) -> str:
    lists = [part.strip("[]") for part in rule if part.startswith("[")]
    inner = (
        f"select unique_id, {', '.join(f'unnest({name}) as one_of_{name}' for name in lists)}"
        if len(lists) == 1
        else ""
    )
    parts = [f"one_of_{part.strip('[]')}" if part.startswith("[") else part for part in rule]
    known = " and ".join(f"{part} is not null" for part in parts)
    key = f"case when {known} then {begun}, {', '.join(parts)}) end as key"
    if not lists:
        return f"select {key}, unique_id from {table}"
    plain = "".join(f", {part}" for part in parts if not part.startswith("one_of_"))
    if inner:
        return f"select {key}, unique_id from ({inner}{plain} from {table})"
    unnested = ", ".join(f"unnest({name}) as one_of_{name}" for name in lists[:1])
    rest = lists[1]
    return (
        f"select {key}, unique_id from (select unique_id, one_of_{lists[0]}, unnest({rest}) as one_of_{rest}"
        f" from (select unique_id, {rest}{plain}, {unnested} from {table}))"
    )
