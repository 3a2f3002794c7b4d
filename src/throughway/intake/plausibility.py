"""Whether a file is plausible beside what the same partner sent before: its students, its school year, its age, its rows, its codes and its size.

Only the partner's own records are compared, and only rows that an agreement admits. Numbers and days, never a value. What is surely wrong
stops; what is odd is told.
"""

from collections.abc import Iterator, Mapping, Sequence

from throughway.agreements.labels import table_words
from throughway.core.prose import capital, counted, day
from throughway.intake.feeds.contract import Earlier, FeedFinding, new_columns
from throughway.intake.landing import Landing, ScopedRows
from throughway.intake.load_context import LoadContext
from throughway.intake.load_report import Counts
from throughway.intake.raw_cells import sql_text
from throughway.intake.row_keys import one_row_for, period, tell_apart, with_year
from throughway.intake.scope import stored_rows, supplied_columns
from throughway.store import schemas
from throughway.store.schemas import HISTORY
from throughway.vocabulary import TABLES
from throughway.vocabulary.codes import codes_of
from throughway.vocabulary.labels import element_words

ENOUGH = 20  # fewer students or rows say nothing
MOST_NEW, MANY_NEW = (
    80,
    50,
)  # percent of students of whom the partner sent nothing before: more stops, more is told
SAME_YEAR = 90  # percent of rows that are those of another year
RULES = frozenset({"partner", "students", "school_year", "older", "key", "second_row", "codes", "size"})
PLACES = {"organization_id": "an organization", "program_identifier": "a program"}  # by element
FEWER, MORE = 50, 200  # percent of the rows of the last file with such rows


def findings(
    load: LoadContext,
    landing: Landing,
    *,
    earlier: Earlier | None,
    columns: Sequence[str] = (),
    another: str = "",
    expected: Sequence[str] = (),
) -> list[FeedFinding]:
    """What is doubtful about the file, before anything of it is stored. `earlier`: the last file with rows of the same tables; `columns`: those of this one that nothing maps; `another`: the partner
    for which its name speaks; `expected`: the tables of which its feed says how many students are known."""
    tables = {name: rows for name, rows in landing.scoped.items() if _number(load, rows.in_scope)}
    found: list[FeedFinding] = []
    if another:
        found.append(
            FeedFinding("partner", "", f"The name of the file speaks for {another}: is it the right partner?", stops=False)
        )  # fmt: skip
    if not tables.keys() & set(expected):
        found += _students(load, tables)
    for name, rows in tables.items():
        counts = landing.counts[name]
        values = _compared(rows, load)
        found += _school_year(load, rows, counts, values)
        found += _goes_back(load, rows, counts, values)
        found += _another_key(rows) if rows.another_key else _second_rows(load, rows, counts)
        found += _codes(load, rows, values)
    return [*found, *_size(landing.counts, earlier), *new_columns(columns, earlier, stops=False)]


def _students(load: LoadContext, tables: Mapping[str, ScopedRows]) -> Iterator[FeedFinding]:
    of_students = [rows.in_scope for name, rows in tables.items() if TABLES[name].of_person]
    sent_before = load.number("SELECT count(*) FROM person_key WHERE NOT new")
    if not of_students or load.number("SELECT count(*) FROM person_known WHERE kind = 'person'") < ENOUGH:
        return
    students = " UNION ".join(f"SELECT person_record FROM {rows}" for rows in of_students)
    whole = load.number(f"SELECT count(*) FROM ({students})")
    known = load.number(
        f"SELECT count(*) FROM ({students}) WHERE person_record IN (SELECT record FROM person_key WHERE NOT new)"
    ) if sent_before else 0  # fmt: skip
    new = whole - known
    if whole < ENOUGH or new * 100 <= MANY_NEW * whole:
        return
    places = any(_places_known(load, rows) for rows in tables.values())
    stops = new * 100 > MOST_NEW * whole and not places and _system_known(load, tables)
    yield FeedFinding(
        "students", "", f"{new:,} of {counted(whole, 'student')} are in none of the earlier files of {load.partner}: perhaps it is another "
        "partner’s file, or their numbers changed.", stops=stops, rows=new,
    )  # fmt: skip


def _places_known(load: LoadContext, rows: ScopedRows) -> bool:
    """Whether the rows name several schools or sites, and most rows name one that the partner named before."""
    if "organization_id" not in rows.found.filled:
        return False
    stored = f"SELECT organization_id FROM {stored_rows(load, rows.found.table)}"
    several = load.number(f"SELECT count(DISTINCT organization_id) FROM {rows.in_scope}") > 1
    known = load.number(f"SELECT count(*) FROM {rows.in_scope} WHERE organization_id IN ({stored})")
    return several and known * 2 > _number(load, rows.in_scope)


def _system_known(load: LoadContext, tables: Mapping[str, ScopedRows]) -> bool:
    """Whether an earlier file was from the same system, which numbers students in its own way."""
    system = f"source_system IS NOT DISTINCT FROM {sql_text(load.staged.source_system)}"
    return any(_number(load, f"{stored_rows(load, name)} WHERE {system}") for name in tables)


def _school_year(
    load: LoadContext, rows: ScopedRows, counts: Counts, columns: Sequence[str]
) -> Iterator[FeedFinding]:
    """Rows without a day are of the year that was stated; those of a wrong year are the rows of the right one."""
    table = rows.found.table
    days = [*TABLES[table].starts, *TABLES[table].ends]
    if TABLES[table].vaulted or not TABLES[table].of_person or len(columns) < 2:
        return
    if (counts.landed - counts.changed) * 2 < _number(load, rows.in_scope):
        return
    undated = f"{rows.in_scope} AS r WHERE " + (f"coalesce({', '.join(days)}) IS NULL" if days else "TRUE")
    whole = _number(load, undated)
    if whole < ENOUGH:
        return
    stored = stored_rows(load, table)
    values = [name for name in columns if name not in days]
    found = load.engine.run(
        f"SELECT s._stored_year AS year, count(DISTINCT r.record) AS n, any_value(r._year) AS stated FROM {stored} AS s"
        f" JOIN (SELECT * FROM {undated}) AS r USING (person_record)"
        f" WHERE s._stored_year <> r._year AND NOT {_differs(values, 'r', 's')} GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    ).to_pylist()
    if found and found[0]["n"] * 100 >= SAME_YEAR * whole:
        right, stated = _year(found[0]["year"]), _year(found[0]["stated"])
        yield FeedFinding(
            "school_year", table, f"{capital(table_words(table))}: {found[0]['n']:,} of {counted(whole, 'row')} are, but for the year, those that are "
            f"stored for {right}: perhaps {stated} is the wrong school year.", rows=int(found[0]["n"]),
        )  # fmt: skip


def _goes_back(
    load: LoadContext, rows: ScopedRows, counts: Counts, columns: Sequence[str]
) -> Iterator[FeedFinding]:
    """Corrections that restore what an earlier correction replaced."""
    table = rows.found.table
    if not counts.changed or not columns:
        return
    earlier = _history(load, table)
    if earlier is None:
        return
    stored = stored_rows(load, table)
    back = load.number(
        f"SELECT count(DISTINCT r.record) FROM {rows.in_scope} AS r JOIN {stored} AS s USING (record) JOIN {earlier} AS h USING (record)"
        f" WHERE {_differs(columns, 'r', 's')} AND NOT {_differs(columns, 'r', 'h')}"
    )
    if back:
        yield FeedFinding(
            "older", table, f"{capital(table_words(table))}: {back:,} of {counted(counts.changed, 'changed row')} would go back to what "
            "an earlier file said before it was corrected: perhaps this file is older than the last one.",
            stops=back > 1 and back * 2 >= counts.changed, rows=back,
        )  # fmt: skip


def _history(load: LoadContext, table: str) -> str | None:
    name = f"history_{table}"
    if schemas.vaulted(table):
        load.engine.register(name, load.sealed(table + HISTORY))
        return name
    files = load.files(table + HISTORY)
    if not files:
        return None
    listed = ", ".join(sql_text(str(file.path)) for file in files)
    return f"read_parquet([{listed}], union_by_name = true)"


def _another_key(rows: ScopedRows) -> Iterator[FeedFinding]:
    if key := rows.another_key:
        same = ", its parts in another order" if sorted(key.before) == sorted(key.now) else ""
        if not key.is_change:
            yield FeedFinding(
                "key", rows.found.table, f"{capital(table_words(rows.found.table))}: {counted(key.students, 'student')} will have rows of two kinds for the "
                f"same time: {one_row_for(key.before)}, as before, and {one_row_for(key.now)}.", stops=False, rows=key.students,
            )  # fmt: skip
            return
        yield FeedFinding(
            "key", rows.found.table, f"{capital(table_words(rows.found.table))}: until now there was {one_row_for(key.before)}; this file has "
            f"{one_row_for(key.now)}{same}. {counted(key.students, 'student')} would have rows of both kinds for the same time. If the new way is right, "
            f"{counted(key.rows, 'earlier row')} of that time will be replaced; otherwise load it with the crosswalk of the earlier file.",
            rows=key.students,
        )  # fmt: skip


def _second_rows(load: LoadContext, rows: ScopedRows, counts: Counts) -> Iterator[FeedFinding]:
    """Students who had one row for a day or a year, and would have two, because the rows are told apart in another way than before."""
    table = rows.found.table
    new = counts.landed - counts.changed
    if not TABLES[table].of_person or table == "person" or new < ENOUGH:
        return
    days = period(table)
    stored = with_year(table, stored_rows(load, table))
    system = f"source_system IS NOT DISTINCT FROM {sql_text(load.staged.source_system)}"
    before = _number(load, f"{stored} WHERE {system}")
    if not before or before != _number(load, stored):
        return  # other systems send such rows too
    for relation, count in ((stored, before), (rows.in_scope, _number(load, rows.in_scope))):
        if _number(load, f"(SELECT DISTINCT {', '.join(['person_record', *days])} FROM {relation})") != count:
            return  # several rows for one student are usual
    same = "".join(f" AND r.{name} IS NOT DISTINCT FROM s.{name}" for name in days)
    twice = load.number(
        f"SELECT count(*) FROM {rows.in_scope} AS r JOIN {stored} AS s USING (person_record)"
        f" WHERE r.record NOT IN (SELECT record FROM {stored}){same}"
    )
    if twice * 2 >= new and not tell_apart(load, rows.found, rows.in_scope, stored):
        yield FeedFinding(
            "second_row", table, f"{capital(table_words(table))}: {counted(twice, 'student')} would have a second row for the same "
            "period, where there was one: perhaps the key of the rows changed, or a heading did.", rows=twice,
        )  # fmt: skip


def _codes(load: LoadContext, rows: ScopedRows, columns: Sequence[str]) -> Iterator[FeedFinding]:
    """Most rows have a code, or are at a school or in a program, that no earlier row of the partner has in this column."""
    table = rows.found.table
    stored = stored_rows(load, table)
    for name in columns:
        element = TABLES[table].elements.get(name)
        if element is None or not (name in PLACES or (codes_of(element) and "grade_level" not in name)):
            continue  # a grade moves on by itself
        filled = f"{{}} WHERE {name} IS NOT NULL"
        whole, before = (_number(load, filled.format(each)) for each in (rows.in_scope, stored))
        if min(whole, before) < ENOUGH:
            continue
        new = _number(
            load,
            f"{filled.format(rows.in_scope)} AND {name} NOT IN (SELECT {name} FROM {filled.format(stored)})",
        )
        if new * 100 > MOST_NEW * whole:
            what = PLACES.get(name) or f"a code of {element_words(name)}"
            yield FeedFinding(
                "codes", table, f"{capital(table_words(table))}: {new:,} of {counted(whole, 'row')} have {what} that no earlier row of "
                f"{load.partner} has: perhaps the crosswalk maps it in another way than before, or it is another partner’s file.",
                stops=False, rows=new,
            )  # fmt: skip


def _size(counts: Mapping[str, Counts], earlier: Earlier | None) -> Iterator[FeedFinding]:
    if earlier is None:
        return
    for name, before in earlier.read.items():
        now = counts.get(name, Counts()).read
        if before >= ENOUGH and (now * 100 < FEWER * before or now * 100 > MORE * before):
            yield FeedFinding(
                "size", name, f"{capital(table_words(name) if name in TABLES else name)}: {counted(now, 'row')} came, and "
                f"{before:,} in the last file with such rows, on {day(earlier.on)}.", stops=False, rows=now,
            )  # fmt: skip


def _compared(rows: ScopedRows, load: LoadContext) -> list[str]:
    """The columns of values that the file fills, without free text, which rests elsewhere."""
    table = rows.found.table
    apart = {"record", "person_record", "school_year", *schemas.free_text(table)}
    return [name for name in supplied_columns(rows.found, load.needs[table]) if name not in apart]


def _differs(columns: Sequence[str], one: str, other: str) -> str:
    return "(" + (" OR ".join(f"{one}.{c} IS DISTINCT FROM {other}.{c}" for c in columns) or "false") + ")"


def _number(load: LoadContext, relation: str) -> int:
    return load.number(f"SELECT count(*) FROM {relation}")


def _year(ending: int) -> str:
    return f"{ending - 1}-{ending % 100:02}"
