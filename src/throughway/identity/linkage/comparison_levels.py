"""The level of pairs of records on each comparison, in one SQL query over all pairs.

Expressions that are costly and occur in several conditions are computed once, and only where they can hold: two words at most two edits
apart differ in few letters. The results are those of the conditions as `comparisons` writes them.
"""

import re
from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from throughway.identity.linkage.blocking import Rows
from throughway.identity.linkage.comparisons import COMPARISONS, SHARED_HOME, Comparison, Rungs

AT_ONCE = 1_000_000  # pairs in one query, so that memory stays bounded
FAR = 99  # edits, where there are more than any condition asks for

COMPUTED_ONCE = {
    "one_home": """case
    when list_has_any(streets_l, streets_r) or list_has_any(phones_l, phones_r) or list_has_any(guardians_l, guardians_r) then true
    when street_l is null or street_r is null then null
    when street_l <> street_r and abs(strlen(street_l) - strlen(street_r)) <= 2 and least(len(street_l), len(street_r)) > 7
        and bit_count(xor(street_letters_l, street_letters_r)) <= 4 then damerau_levenshtein(street_l, street_r) <= 2
    else false end""",
    "first_edits": f"""case
    when first_l is null or first_r is null then null
    when abs(strlen(first_l) - strlen(first_r)) <= 2 and bit_count(xor(first_letters_l, first_letters_r)) <= 4
    then damerau_levenshtein(first_l, first_r) else {FAR} end""",
}
# DuckDB looks at all members of a list, so a cheap test comes before the edit distance.
EDITS_OF_SURNAME = re.compile(
    r"4 \* (damerau_levenshtein\(spelled_l, spelled_r\)) <= (least\(len\(spelled_l\), len\(spelled_r\)\))"
)
IN_LISTS = re.compile(
    r"left\(short, 1\) = left\((first_.), 1\) and (damerau_levenshtein\(first_., short\) = 1)"
)
FIRST_EDITS = re.compile(r"damerau_levenshtein\(first_l, first_r\)(?= <?= [12]\b)")


def levels_of_pairs(engine: duckdb.DuckDBPyConnection, table: str, left: Rows, right: Rows) -> Rungs:
    """The levels of pairs of the table's rows, by their `unique_id`: one row a pair, in the order given."""
    columns = columns_compared([row[0] for row in engine.execute(f"describe {table}").fetchall()])
    both = ", ".join(f"a.{name} as {name}_l, b.{name} as {name}_r" for name in columns)
    sql = levels_query(
        f"select p.number, {both} from these_pairs p"
        f" join {table} a on a.unique_id = p.l join {table} b on b.unique_id = p.r"
    )
    parts = [np.empty((0, len(COMPARISONS)), np.int8)]
    for at in range(0, len(left), AT_ONCE):
        some = slice(at, at + AT_ONCE)
        pairs = pa.table({"l": left[some], "r": right[some], "number": np.arange(len(left[some]))})
        engine.register("these_pairs", pairs)
        parts.append(rungs_of(engine.execute(sql).to_arrow_table()))
        engine.unregister("these_pairs")
    return np.concatenate(parts)


def rungs_of(found: pa.Table) -> Rungs:
    """The answer of `levels_query`, one row a pair, by `number`."""
    place = found["number"].to_numpy()
    rungs = np.empty((len(place), len(COMPARISONS)), np.int8)
    for column in range(len(COMPARISONS)):
        rungs[place, column] = found[f"g{column}"].to_numpy()
    return rungs


def with_computed_once(condition: str) -> str:
    """The condition with references to what is computed once."""
    condition = condition.replace(SHARED_HOME, "one_home")
    condition = FIRST_EDITS.sub("first_edits", condition)
    longer = (
        r"(case when 4 * abs(strlen(spelled_l) - strlen(spelled_r)) <= \2 then 4 * \1 <= \2 else false end)"
    )
    condition = EDITS_OF_SURNAME.sub(longer, condition)
    return IN_LISTS.sub(r"(case when left(short, 1) = left(\1, 1) then \2 else false end)", condition)


def level_sql(comparison: Comparison) -> str:
    """SQL of the level, 0 for the lowest, -1 where the two cannot be compared."""
    last = len(comparison.levels) - 1
    levels = " ".join(
        f"when {'true' if level.condition == 'else' else level.condition} then {last - at}"
        for at, level in enumerate(comparison.levels)
    )
    return f"(case when {comparison.unknown} then -1 {levels} end)::tinyint"


def columns_compared(columns: Sequence[str]) -> list[str]:
    """Those of the columns that some comparison reads."""
    sql = " ".join([*map(level_sql, COMPARISONS), *COMPUTED_ONCE.values()])
    return [name for name in columns if re.search(rf"\b{re.escape(name)}_[lr]\b", sql)]


def levels_query(sides: str) -> str:
    """SQL of the levels of pairs, `g0` and so on; `sides` is SQL of the `number` of each pair and of the columns compared on both sides."""
    once = ", ".join(f"{sql} as {name}" for name, sql in COMPUTED_ONCE.items())
    levels = ", ".join(
        f"{with_computed_once(level_sql(comparison))} as g{at}" for at, comparison in enumerate(COMPARISONS)
    )
    return f"select number, {levels} from (select *, {once} from ({sides}))"
