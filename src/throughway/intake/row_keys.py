"""One key for one kind of row: what tells two rows of one student apart stays as the partner's first file of such rows had it.

A file whose key is made of other columns would add a second row for each student and period, instead of correcting the first. Where it
does, it stops, and a person who confirms it has the earlier rows replaced. A key is known by the elements that it reads, so that a heading
may be renamed; loads of standard formats, and those of before keys were recorded, have none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from throughway.core.prose import listed
from throughway.intake.cell_checks import Checked
from throughway.intake.crosswalk import UNMAPPED
from throughway.intake.load_context import LoadContext
from throughway.intake.raw_cells import sql_text
from throughway.intake.scope import stored_rows
from throughway.vocabulary import TABLES
from throughway.vocabulary.labels import element_words

FEW = 10  # percent of the students with new rows


@dataclass(frozen=True)
class AnotherKey:
    """`before`, `now`: the parts of the key of the stored rows and of the file's. `students`: how many of the file have a stored row of the
    same period. `rows`: how many stored rows the file would replace; `replaced`: SELECT of their records. `is_change`:
    whether so many of the file's new students are among them that it is the same kind of row with another key; otherwise it may be another
    kind of row, and both are kept."""

    before: Sequence[str]
    now: Sequence[str]
    students: int
    rows: int
    replaced: str
    is_change: bool


def one_row_for(parts: Sequence[str]) -> str:
    """The key in words: `one row for each student, organization and day`."""
    words = ["a column of its own" if part == UNMAPPED else element_words(part) for part in parts]
    named = [word.removesuffix(" id").removesuffix(" identifier") for word in words]
    return f"one row for each {listed(['student', *named])}"


def another_key(load: LoadContext, found: Checked, in_scope: str) -> AnotherKey | None:
    """How the key differs from that of the partner's stored rows about the same students and periods; None where it does not. `in_scope`:
    the rows of the file, as a relation."""
    table = found.table
    now = load.staged.row_keys.get(table)
    stored_with = load.row_keys(table) if now is not None else {}
    others = {batch: parts for batch, parts in stored_with.items() if tuple(parts) != tuple(now or ())}
    if now is None or not others:
        return None
    stored = stored_rows(load, table)
    if not load.number(f"SELECT count(*) FROM {stored}") or tell_apart(load, found, in_scope, stored):
        return None
    listed_batches = ", ".join(map(sql_text, sorted(others)))
    same = " AND ".join(
        f"r.{name} IS NOT DISTINCT FROM s.{name}" for name in ("person_record", *period(table))
    )
    earlier = f"(SELECT * FROM {with_year(table, stored)} WHERE batch_id IN ({listed_batches}))"
    matched = f"FROM {earlier} AS s JOIN {in_scope} AS r ON {same}"
    new = f"record NOT IN (SELECT record FROM {stored})"
    second = load.number(f"SELECT count(DISTINCT r.person_record) {matched} WHERE r.{new}")
    whole = load.number(f"SELECT count(DISTINCT person_record) FROM {in_scope} WHERE {new}")
    if not second:
        return None
    replaced = f"SELECT s.record {matched}"
    last = load.engine.run(f"SELECT max(s.batch_id) AS batch {matched} WHERE r.{new}").to_pylist()[0]["batch"]
    rows = load.number(
        f"SELECT count(DISTINCT record) FROM ({replaced}) WHERE record NOT IN (SELECT record FROM {in_scope})"
    )
    return AnotherKey(others[last], now, second, rows, replaced, is_change=second * 100 >= FEW * whole)


def period(table: str) -> list[str]:
    """The columns that say of which time a row is: its days, and the school year where rows are kept by it."""
    days = list(dict.fromkeys((*TABLES[table].starts, *TABLES[table].ends)))
    return days if TABLES[table].vaulted else [*days, "_year"]


def with_year(table: str, stored: str) -> str:
    """Stored rows with their school year under the name that a file's rows have."""
    return stored if TABLES[table].vaulted else f"(SELECT *, _stored_year AS _year FROM {stored})"


def tell_apart(load: LoadContext, found: Checked, rows: str, stored: str) -> bool:
    """Whether a code, a name or a number that the file fills is of other values than in every stored row: another course, another test."""
    kinds = TABLES[found.table].elements
    names = [n for n in found.filled if n in kinds and kinds[n].type in ("code", "id", "string")]
    for name in names:
        shared = load.number(f"SELECT count(*) FROM {rows} WHERE {name} IN (SELECT {name} FROM {stored})")
        if not shared and load.number(f"SELECT count({name}) FROM {stored}"):
            return True
    return False
