"""Blocking keys of records, hashed under a random salt: two records that share one are worth comparing.

The rules are those by which a full run finds its pairs (`blocking`), each as what a record says of itself. A rule whose
parts are not all known gives no key. What may be shared crosswise makes one key for either order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from throughway.identity.linkage.blocking import columns, is_list

Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Keyed:
    """All keys of a table's rows, sorted, with the row's `unique_id` beside each, and the salt under which they were made."""

    salt: int
    keys: Hashes
    rows: Rows


def keys_of(
    engine: duckdb.DuckDBPyConnection, table: str, salt: int, wanted: Sequence[Sequence[str]]
) -> tuple[Hashes, Rows]:
    """Every key of the table's rows, sorted, with the row's `unique_id` beside it."""
    return in_order(engine.execute(question(table, salt, wanted)).to_arrow_table())


def question(table: str, salt: int, wanted: Sequence[Sequence[str]]) -> str:
    """SQL of every `key` of the table's rows, beside its `unique_id`."""
    each = ", ".join(_keys(f"hash({salt}::ubigint, {'|'.join(rule)!r}", rule) for rule in wanted)
    return f"select key, unique_id from (select unique_id, unnest(flatten([{each}])) as key from {table}) where key is not null"


def in_order(found: pa.Table) -> tuple[Hashes, Rows]:
    """The keys sorted, with the `unique_id` beside each."""
    keys, rows = found["key"].to_numpy().astype(np.uint64), found["unique_id"].to_numpy().astype(np.int64)
    order = np.argsort(keys, kind="stable")
    return keys[order], rows[order]


def _keys(begun: str, rule: Sequence[str]) -> str:
    """SQL of the list of keys that one rule makes of a row, empty ones null."""
    lists = [at for at, part in enumerate(rule) if is_list(part)]
    parts = [[f"one_{at}"] if at in lists else columns(part) for at, part in enumerate(rule)]
    known = " and ".join(f"{each} is not null" for part in parts for each in part)
    shared = ", ".join(
        part[0] if len(part) == 1 else f"least({', '.join(part)}), greatest({', '.join(part)})"
        for part in parts
    )
    key = f"case when {known} then {begun}, {shared}) end"
    if not lists:
        return f"[{key}]"
    for at in reversed(lists):
        key = f"list_transform({columns(rule[at])[0]}, lambda one_{at}: {key})"
    return f"flatten({key})" if len(lists) > 1 else key
