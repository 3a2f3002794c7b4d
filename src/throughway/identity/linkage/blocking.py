"""Which records are worth comparing (blocking): those that share every part of one rule.

A part of a rule in brackets is a list column, and one shared member is enough. Two columns with a bar between them may match crosswise:
the first column of one record with the second of the other. An unknown value matches nothing.

A blocking key is a rule's value for one record, hashed under a salt; records that share a key are worth comparing. A key that very many
records share is not informative, and its pairs would not fit into memory (10,000 records with one key are 50 million pairs). Such a key
is left out, and its records are still compared through their other keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Rule = tuple[str, ...]
Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]

MANY = 30_000  # records above which a birth date alone makes too many pairs
CROWDED = 300_000  # records above which a birth date with an initial, or two common names, makes too many
MOST_OF_KEY = 400  # records that may share one key
MOST_IN_CROWDS = 25  # the same above CROWDED, where namesakes must share something else too
PAIRS_FOR_EACH, PAIRS_AT_LEAST = (
    30,
    10_000_000,
)  # pairs for each record that fit into memory, and pairs that always do
AT_ONCE = 8_000_000  # pairs made before repeated ones are dropped

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
UP_TO_CROWDED: tuple[Rule, ...] = (
    ("birthdate|swapped", "initial"),
    ("surname", "middle"),
    ("first", "middle"),
    ("[streets]", "surname"),
    ("sound", "sounded"),
)
UP_TO_MANY: tuple[Rule, ...] = (
    ("birthdate",),
    ("first", "year", "month"),
    ("surname", "year", "month"),
    ("sounded", "initial"),
)
ABOVE_MANY: tuple[Rule, ...] = (
    ("birthdate", "initial"),
    ("birthdate", "surname"),
    ("birthdate", "sex", "middle"),
)
ABOVE_CROWDED: tuple[Rule, ...] = (
    ("birthdate", "[forms]"),
    ("birthdate", "[surnames]"),
    ("birthdate", "sex", "middle"),
    ("birthdate|swapped", "first"),
    ("birthdate|swapped", "surname"),
    ("surname", "middle", "year"),
    ("first", "middle", "year"),
)
LABELS = {
    "forms": "first name", "first": "first name", "initial": "initial", "middle": "middle name", "surnames": "last name",
    "surname": "last name", "spelled": "last name", "birthdate": "birth date", "year": "year of birth", "month": "month of birth",
    "sex": "sex", "streets": "address", "phones": "telephone number", "emails": "e-mail address", "wide": "statewide number",
    "local": "local number", "sound": "first name", "sounded": "last name",
}  # fmt: skip


def rules(records: int) -> tuple[Rule, ...]:
    """The rules for a community with this number of records."""
    if records > CROWDED:
        return (*ABOVE_CROWDED, *ALWAYS)
    return (*(UP_TO_MANY if records <= MANY else ABOVE_MANY), *UP_TO_CROWDED, *ALWAYS)


def columns(part: str) -> list[str]:
    """The column of a part, or the two columns that may match crosswise."""
    return part.strip("[]").split("|")


@dataclass(frozen=True, eq=False)
class Keyed:
    """All keys of a table's rows, sorted, with the `unique_id` of the row of each, and the salt of their hashes."""

    salt: int
    keys: Hashes
    rows: Rows


def keys_of(
    engine: duckdb.DuckDBPyConnection, table: str, salt: int, wanted: Sequence[Sequence[str]]
) -> tuple[Hashes, Rows]:
    """Every key of the table's rows, sorted, and the row's `unique_id` for each."""
    return sorted_keys(engine.execute(keys_query(table, salt, wanted)).to_arrow_table())


def keys_query(table: str, salt: int, wanted: Sequence[Sequence[str]]) -> str:
    """SQL for every `key` of the table's rows with its row's `unique_id`."""
    each = ", ".join(_keys(f"hash({salt}::ubigint, {'|'.join(rule)!r}", rule) for rule in wanted)
    return f"select key, unique_id from (select unique_id, unnest(flatten([{each}])) as key from {table}) where key is not null"


def sorted_keys(found: pa.Table) -> tuple[Hashes, Rows]:
    """The answer of `keys_query`, sorted by key."""
    keys, rows = found["key"].to_numpy().astype(np.uint64), found["unique_id"].to_numpy().astype(np.int64)
    order = np.argsort(keys, kind="stable")
    return keys[order], rows[order]


def _keys(hashing: str, rule: Sequence[str]) -> str:
    """SQL for the list of a row's keys under one rule; unknown ones are null."""
    lists = [at for at, part in enumerate(rule) if part.startswith("[")]
    parts = [[f"one_{at}"] if at in lists else columns(part) for at, part in enumerate(rule)]
    known = " and ".join(f"{each} is not null" for part in parts for each in part)
    shared = ", ".join(
        part[0] if len(part) == 1 else f"least({', '.join(part)}), greatest({', '.join(part)})"
        for part in parts
    )
    key = f"case when {known} then {hashing}, {shared}) end"
    if not lists:
        return f"[{key}]"
    for at in reversed(lists):
        key = f"list_transform({columns(rule[at])[0]}, lambda one_{at}: {key})"
    return f"flatten({key})" if len(lists) > 1 else key


@dataclass(frozen=True, eq=False)
class KeySharingPairs:
    """`left` < `right`: rows by `unique_id`, rising. `warnings`: a sentence for each rule that left keys out."""

    left: Rows
    right: Rows
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SharedKeys:
    """`rows`: rows by `unique_id`, grouped by key. `starts`, `sizes`: where each key's rows begin, and their number, 0 for a key that is left out. `warnings`: a sentence for each rule that left keys out."""

    rows: Rows
    starts: Rows
    sizes: Rows
    warnings: tuple[str, ...]


def pairs_sharing_keys(
    engine: duckdb.DuckDBPyConnection,
    table: str,
    records: int,
    rules: Sequence[Rule],
    keyed: Keyed | None = None,
) -> KeySharingPairs:
    """The pairs of the table's rows that share a key of these rules. `records`: the size of the community; `keyed`: the keys, if they were made before."""
    keys = shared_keys(engine, table, records, rules, keyed)
    width = int(keys.rows.max(initial=0)) + 1
    both = pairs_within(keys.rows, keys.starts, keys.sizes, width)
    return KeySharingPairs(both // width, both % width, keys.warnings)


def shared_keys(
    engine: duckdb.DuckDBPyConnection,
    table: str,
    records: int,
    rules: Sequence[Rule],
    keyed: Keyed | None = None,
) -> SharedKeys:
    """The keys of the table's rows by these rules, without those that too many rows share."""
    salt = keyed.salt if keyed else 0
    keys, rows = (keyed.keys, keyed.rows) if keyed else keys_of(engine, table, salt, rules)
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[starts, len(keys)])
    usual = MOST_IN_CROWDS if records > CROWDED else MOST_OF_KEY
    most = _most(sizes, max(PAIRS_AT_LEAST, PAIRS_FOR_EACH * records), usual)
    odd = sizes > (
        most if most < usual else MOST_OF_KEY
    )  # above CROWDED, some people with the same name are expected
    records_of = dict(zip(keys[starts[odd]].tolist(), sizes[odd].tolist(), strict=True))
    warnings = _warnings(engine, table, salt, rules, records_of, rows[starts[odd]], most)
    return SharedKeys(rows, starts, np.where(sizes > most, 0, sizes), warnings)


def _most(sizes: Rows, bound: int, most: int) -> int:
    """How many records may share a key: `most`, or fewer if all keys together would make more than `bound` pairs."""
    while most > 2 and (held := sizes[sizes <= most]).dot(held - 1) // 2 > bound:
        most //= 2
    return most


def _warnings(
    engine: duckdb.DuckDBPyConnection,
    table: str,
    salt: int,
    rules: Sequence[Rule],
    records_of: dict[int, int],
    rows: Rows,
    most: int,
) -> tuple[str, ...]:
    """A sentence for each rule that made one of the keys left out; `records_of`: how many records have each, `rows`: one of them."""
    if not records_of:
        return ()
    numbers = ", ".join(map(str, set(rows.tolist())))
    engine.execute(
        f"create or replace temp view crowd as select * from {table} where unique_id in ({numbers})"
    )
    found = []
    for rule in rules:
        keys, _ = keys_of(engine, "crowd", salt, [rule])
        if held := [records_of[key] for key in keys.tolist() if key in records_of]:
            names = [LABELS[name] for part in rule for name in columns(part) if name in LABELS]
            found.append(
                f"One {' with one '.join(dict.fromkeys(names))} is shared by {max(held):,} records: above {most:,}, records are not "
                "compared for that reason alone; it may be a placeholder, or one record entered many times."
            )
    engine.execute("drop view crowd")
    return tuple(found)


def spread(first: Rows, many: Rows) -> Rows:
    """The `many` numbers that begin at each `first`, in one array."""
    starts = np.repeat(first - np.cumsum(many) + many, many)
    places: Rows = starts + np.arange(len(starts))
    return places


def pairs_within(rows: Rows, starts: Rows, sizes: Rows, width: int) -> Rows:
    """Every two rows of a key as one number (the lower row × `width` + the other), each once, rising."""
    starts, sizes = starts[sizes > 1], sizes[sizes > 1]
    made = np.cumsum(sizes * (sizes - 1) // 2)
    total = int(made[-1]) if len(made) else 0
    cuts = np.searchsorted(made, np.arange(AT_ONCE, total + AT_ONCE, AT_ONCE)) + 1
    found, before = [np.empty(0, np.int64)], 0
    for cut in np.unique(cuts).tolist():
        first, many = starts[before:cut], sizes[before:cut]
        place, first = spread(first, many), np.repeat(first, many)
        earlier = place - first  # the number of rows of its key before it
        one, other = rows[spread(first, earlier)], np.repeat(rows[place], earlier)
        found.append(np.unique(np.minimum(one, other) * width + np.maximum(one, other)))
        before = cut
    return found[1] if len(found) == 2 else np.unique(np.concatenate(found))
