"""Which records meet: those that share a blocking key, each two of them once, and never more than can be held against one another.

A key that very many share tells nothing, and ten thousand records of one key would be fifty million pairs. Such a key is left out:
its records still meet by their other keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from throughway.identity.linkage.blocking import (
    CROWDED,
    MOST_IN_CROWDS,
    MOST_OF_KEY,
    Keyed,
    Rows,
    Rule,
    columns,
    keys_of,
)

PAIRS_FOR_EACH, PAIRS_AT_LEAST = (
    30,
    10_000_000,
)  # of one key or another, for each record: more would not fit into memory
SAID = {
    "forms": "first name", "first": "first name", "initial": "initial", "middle": "middle name", "surnames": "last name",
    "surname": "last name", "spelled": "last name", "birthdate": "birth date", "year": "year of birth", "month": "month of birth",
    "sex": "sex", "streets": "address", "phones": "telephone number", "emails": "e-mail address", "wide": "statewide number",
    "local": "local number", "sound": "first name", "sounded": "last name",
}  # fmt: skip
AT_ONCE = 8_000_000  # pairs that are made before those that came twice are dropped


@dataclass(frozen=True, eq=False)
class KeySharingPairs:
    """`left` < `right`: rows, by `unique_id`, rising. `said`: a sentence for each rule that left keys out."""

    left: Rows
    right: Rows
    said: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Shared:
    """The keys of rows. `rows`: by `unique_id`, those of one key side by side; `starts` and `sizes`: where each key's begin and how
    many they are, 0 where it is left out. `crowds`: rules by which some keys were shared by too many, with the number of records of
    the largest; `most`: beyond so many."""

    rows: Rows
    starts: Rows
    sizes: Rows
    crowds: tuple[tuple[Rule, int], ...]
    most: int

    @property
    def said(self) -> tuple[str, ...]:
        """A sentence for each rule that left keys out."""
        return tuple(
            f"One {_words(rule)} is shared by {largest:,} records: beyond {self.most:,}, records are not compared for that alone; it may be "
            "a placeholder, or one record entered many times."
            for rule, largest in self.crowds
        )


def pairs_sharing_keys(
    engine: duckdb.DuckDBPyConnection,
    table: str,
    records: int,
    rules: Sequence[Rule],
    keyed: Keyed | None = None,
) -> KeySharingPairs:
    """The pairs of the table's rows that share a key of these rules. `records`: of how many the community is thought to be;
    `keyed`: the keys, where they have been made."""
    keys = shared(engine, table, records, rules, keyed)
    width = int(keys.rows.max(initial=0)) + 1
    both = pairs_within(keys.rows, keys.starts, keys.sizes, width)
    return KeySharingPairs(both // width, both % width, keys.said)


def shared(
    engine: duckdb.DuckDBPyConnection,
    table: str,
    records: int,
    rules: Sequence[Rule],
    keyed: Keyed | None = None,
) -> Shared:
    """The keys of the table's rows by these rules, those left out that too many share."""
    salt = keyed.salt if keyed else 0
    keys, rows = (keyed.keys, keyed.rows) if keyed else keys_of(engine, table, salt, rules)
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[starts, len(keys)])
    usual = MOST_IN_CROWDS if records > CROWDED else MOST_OF_KEY
    most = _most(sizes, max(PAIRS_AT_LEAST, PAIRS_FOR_EACH * records), usual)
    crowded = sizes > (most if most < usual else MOST_OF_KEY)  # some namesakes are nothing odd in a crowd
    crowds = _crowds(engine, table, salt, rules, {int(keys[at]): int(n) for at, n in zip(starts[crowded], sizes[crowded], strict=True)},
                     rows[starts[crowded]])  # fmt: skip
    return Shared(rows, starts, np.where(sizes > most, 0, sizes), crowds, most)


def _words(rule: Rule) -> str:
    names = [SAID[name] for part in rule for name in columns(part) if name in SAID]
    return " with one ".join(dict.fromkeys(names))


def spread(first: Rows, many: Rows) -> Rows:
    """Every number from each first on, as many as are wanted of each."""
    starts = np.repeat(first - np.cumsum(many) + many, many)
    places: Rows = starts + np.arange(len(starts))
    return places


def _most(sizes: Rows, bound: int, most: int) -> int:
    """Records of one key beyond which it is left out: `most`, or fewer where all keys together would make too many pairs."""
    while most > 2 and (held := sizes[sizes <= most]).dot(held - 1) // 2 > bound:
        most //= 2
    return most


def pairs_within(rows: Rows, starts: Rows, sizes: Rows, width: int) -> Rows:
    """Each two rows of a key as one number, the lower row times the width and the other; each once, rising."""
    starts, sizes = starts[sizes > 1], sizes[sizes > 1]
    made = np.cumsum(sizes * (sizes - 1) // 2)
    whole = int(made[-1]) if len(made) else 0
    cuts = np.searchsorted(made, np.arange(AT_ONCE, whole + AT_ONCE, AT_ONCE)) + 1
    found, before = [np.empty(0, np.int64)], 0
    for cut in np.unique(cuts).tolist():
        first, many = starts[before:cut], sizes[before:cut]
        place, first = spread(first, many), np.repeat(first, many)
        earlier = place - first  # so many of its key come before it
        one, other = rows[spread(first, earlier)], np.repeat(rows[place], earlier)
        found.append(np.unique(np.minimum(one, other) * width + np.maximum(one, other)))
        before = cut
    return found[1] if len(found) == 2 else np.unique(np.concatenate(found))


def _crowds(
    engine: duckdb.DuckDBPyConnection,
    table: str,
    salt: int,
    rules: Sequence[Rule],
    crowded: dict[int, int],
    rows: Rows,
) -> tuple[tuple[Rule, int], ...]:
    """By which rules the crowded keys were made, told by one row of each."""
    if not crowded:
        return ()
    engine.execute(f"create or replace temp view crowd as select * from {table} where unique_id in ({', '.join(map(str, set(rows.tolist())))})")  # fmt: skip
    found = []
    for rule in rules:
        keys, _ = keys_of(engine, "crowd", salt, [rule])
        held = [crowded[key] for key in keys.tolist() if key in crowded]
        if held:
            found.append((rule, max(held)))
    engine.execute("drop view crowd")
    return tuple(found)
