"""Which records are worth comparing: those that share every part of one rule (blocking). A full run finds its pairs by these
rules, and so does a run over a few records, by keys.

A part in brackets is a list, of which one member shared is enough. Two columns with a bar between them may be shared crosswise,
what one record has in the first and the other in the second. What is not known is shared with nobody.

A blocking key is what a rule makes of one record, hashed under a random salt: two records that share one are worth comparing. A rule
whose parts are not all known gives no key. What may be shared crosswise makes one key for either order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Rule = tuple[str, ...]

MANY = 30_000  # records beyond which a birth date alone makes too many pairs
CROWDED = 300_000  # records beyond which a birth date with an initial, or two names that need not be rare, makes too many
MOST_OF_KEY = 400  # records of one key beyond which it tells nothing
MOST_IN_CROWDS = (
    25  # where so many records are held against one another, namesakes must share something else too
)
ALWAYS: tuple[Rule, ...] = (
    ("[forms]", "[surnames]"),
    ("first|spelled",),
    ("[streets]", "initial"),
    ("[streets]", "middle"),
    ("[phones]", "initial"),
    ("[emails]",),
    ("[wide]",),
    ("[local]",),
)
BUT_IN_CROWDS: tuple[Rule, ...] = (
    ("birthdate|swapped", "initial"),
    ("surname", "middle"),
    ("first", "middle"),
    ("[streets]", "surname"),
    ("sound", "sounded"),
)
OF_FEW: tuple[Rule, ...] = (
    ("birthdate",),
    ("first", "year", "month"),
    ("surname", "year", "month"),
    ("sounded", "initial"),
)
OF_MANY: tuple[Rule, ...] = (
    ("birthdate", "initial"),
    ("birthdate", "surname"),
    ("birthdate", "sex", "middle"),
)
OF_CROWDS: tuple[Rule, ...] = (
    ("birthdate", "[forms]"),
    ("birthdate", "[surnames]"),
    ("birthdate", "sex", "middle"),
    ("birthdate|swapped", "first"),
    ("birthdate|swapped", "surname"),
    ("surname", "middle", "year"),
    ("first", "middle", "year"),
)


def rules(records: int) -> tuple[Rule, ...]:
    """The rules for a community of so many records."""
    if records > CROWDED:
        return (*OF_CROWDS, *ALWAYS)
    return (*(OF_FEW if records <= MANY else OF_MANY), *BUT_IN_CROWDS, *ALWAYS)


def is_list(part: str) -> bool:
    return part.startswith("[")


def columns(part: str) -> list[str]:
    """The column of a part, or the two that may be shared crosswise."""
    return part.strip("[]").split("|")


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
