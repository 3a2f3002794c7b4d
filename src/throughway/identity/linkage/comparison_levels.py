"""On which rung of each ladder a pair of rows stands: one question of plain SQL, to which all pairs are put in turn.

What is dear in a condition and stands in it several times is found out once, and only where it can hold: two words of which one is
two edits from the other differ in few letters. The answers are those of the conditions as `comparisons` writes them.
"""

import re
from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from throughway.identity.linkage.blocking import Rows
from throughway.identity.linkage.comparisons import COMPARISONS, SHARED_HOME, Comparison, Rungs

AT_ONCE = 1_000_000  # pairs put to the question at once, that memory stays bounded
FAR = 99  # edits, where there are more than any condition asks for

FOUND_ONCE = {
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
# A list's members are all looked at, so what is cheap is asked of each first.
EDITS_OF_SURNAME = re.compile(
    r"4 \* (damerau_levenshtein\(spelled_l, spelled_r\)) <= (least\(len\(spelled_l\), len\(spelled_r\)\))"
)
IN_LISTS = re.compile(
    r"left\(short, 1\) = left\((first_.), 1\) and (damerau_levenshtein\(first_., short\) = 1)"
)
FIRST_EDITS = re.compile(r"damerau_levenshtein\(first_l, first_r\)(?= <?= [12]\b)")


def levels_of_pairs(engine: duckdb.DuckDBPyConnection, table: str, left: Rows, right: Rows) -> Rungs:
    """The rungs of pairs of the table's rows, by their `unique_id`: one row a pair, in the order in which they are given."""
    rungs = np.empty((len(left), len(COMPARISONS)), np.int8)
    asked = question(_joined(table, [row[0] for row in engine.execute(f"describe {table}").fetchall()]))
    for at in range(0, len(left), AT_ONCE):
        some = slice(at, at + AT_ONCE)
        pairs = pa.table({"l": left[some], "r": right[some], "number": np.arange(len(left[some]))})
        engine.register("these_pairs", pairs)
        put(engine.execute(asked).to_arrow_table(), rungs[some])
        engine.unregister("these_pairs")
    return rungs


def put(found: pa.Table, rungs: Rungs) -> None:
    """Puts the answers in their places."""
    place = found["number"].to_numpy()
    for column in range(len(COMPARISONS)):
        rungs[place, column] = found[f"g{column}"].to_numpy()


def hurried(condition: str) -> str:
    """The condition, where it asks for what is found once."""
    condition = condition.replace(SHARED_HOME, "one_home")
    condition = FIRST_EDITS.sub("first_edits", condition)
    longer = (
        r"(case when 4 * abs(strlen(spelled_l) - strlen(spelled_r)) <= \2 then 4 * \1 <= \2 else false end)"
    )
    condition = EDITS_OF_SURNAME.sub(longer, condition)
    return IN_LISTS.sub(r"(case when left(short, 1) = left(\1, 1) then \2 else false end)", condition)


def ladder(comparison: Comparison) -> str:
    """SQL of the rung, -1 where the two cannot be compared."""
    last = len(comparison.levels) - 1
    rungs = " ".join(
        f"when {'true' if level.condition == 'else' else level.condition} then {last - at}"
        for at, level in enumerate(comparison.levels)
    )
    return f"(case when {comparison.unknown} then -1 {rungs} end)::tinyint"


def asked_about(columns: Sequence[str]) -> list[str]:
    """Those of the columns that some ladder reads."""
    asked = " ".join([*map(ladder, COMPARISONS), *FOUND_ONCE.values()])
    return [name for name in columns if re.search(rf"\b{re.escape(name)}_[lr]\b", asked)]


def question(sides: str) -> str:
    """SQL of the rungs of pairs: `sides` is SQL of the `number` of each, and of what is asked about on either side."""
    once = ", ".join(f"{sql} as {name}" for name, sql in FOUND_ONCE.items())
    rungs = ", ".join(f"{hurried(ladder(comparison))} as g{at}" for at, comparison in enumerate(COMPARISONS))
    return f"select number, {rungs} from (select *, {once} from ({sides}))"


def _joined(table: str, columns: Sequence[str]) -> str:
    both = ", ".join(f"a.{name} as {name}_l, b.{name} as {name}_r" for name in asked_about(columns))
    return (
        f"select p.number, {both} from these_pairs p"
        f" join {table} a on a.unique_id = p.l join {table} b on b.unique_id = p.r"
    )
