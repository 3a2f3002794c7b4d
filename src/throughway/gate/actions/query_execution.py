"""Runs compiled SQL on a locked engine that can open only the files that the SQL names, and finds whose records can be in the
answer."""

import os
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from types import MappingProxyType

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import CODES, LINKS, VALUE_CODES
from throughway.agreements.row_filter import PERSONAL, members
from throughway.core.cache import Cache
from throughway.core.refusals import Refused
from throughway.gate.actions.current_row_scope import (
    allowed,
    as_table,
    records,
    records_among,
)
from throughway.gate.actions.query_limits import GONE, TOO_LONG, TakesLong, TimeLimit, limit
from throughway.gate.actions.random_codes import codes_of, stored_rows
from throughway.gate.compiler import Compiled
from throughway.gate.governed_relations import relation, relation_name, single_relations, table_of
from throughway.gate.row_scope import RowScope
from throughway.gate.sql_grammar import SQL
from throughway.store import free_text, schemas
from throughway.store.actions.links import links_of
from throughway.store.engine import DuckDBEngine, FailsOnAValue
from throughway.store.record_numbers import both
from throughway.store.record_numbers import distinct as distinct_numbers
from throughway.store.selectors import Snapshot
from throughway.vocabulary import TABLES

NOBODY: NDArray[np.int64] = np.empty(0, dtype=np.int64)
LONGEST = 120.0  # seconds that one question may take where no limit is set: a slip holds up others no longer
# Default limit in seconds, so that one mistaken query does not keep others waiting.
MOST_BYTES = 200_000_000  # of texts in one answer that is shown to somebody
WATCH = "watch of a question"
LOOK_EVERY = 0.25  # seconds between looks whether a question must be stopped
KEPT = 32  # engines; each takes a few megabytes

Files = tuple[tuple[str, tuple[Path, ...]], ...]  # name, its files


@dataclass(frozen=True, eq=False)
class UnreleasedResult:
    """An answer before its ledger entry is written. `seen`: by table and discloser, the record numbers that can have contributed to
    it; may include too many, never too few."""

    answer: pa.Table
    seen: Mapping[tuple[str, str], NDArray[np.int64]]

    @cached_property
    def students(self) -> NDArray[np.int64]:
        found = (NOBODY, *self.seen.values())
        return found[-1] if len(found) < 3 else distinct_numbers(np.concatenate(found))


def run(
    stored: Snapshot,
    compiled: Compiled,
    grants: Sequence[Grant],
    people: RowScope,
    *,
    on: date,
    today: date | None,
    records: Sequence[int] | None = None,
    shown: bool = False,
    failing_is_empty: bool = False,
) -> UnreleasedResult:
    """Runs what was compiled from these grants; what was compiled for a few, about these record numbers. `shown`: to somebody, so that it
    may not be of any size. `failing_is_empty`: SQL that fails on a value has no row, so that it does not tell of the value. Refused
    (engine, too_large) in a sentence without a value."""
    if records is not None:
        compiled = compiled.about(records)
    asked = _asked_of_typed(compiled) if records is None else {}
    engines = OF_FEW if records else OF_A_QUESTION if limit() else ENGINES
    sql = _with_populations(compiled.sql, grants)
    with (
        session_over(stored, compiled.relations, sql, people, records, engines, typed=asked) as session,
        _watched(session, compiled),
    ):
        if shown and compiled.builds_text and records is None:
            _check_bytes(session, compiled)
        try:
            answer = session.run(compiled.sql)
        except FailsOnAValue:
            if not failing_is_empty:
                raise
            answer = session.run(f"SELECT * FROM ({compiled.sql}) AS answer LIMIT 0")
        found = _students(stored, session, compiled, grants, people, on, today)
    return UnreleasedResult(answer.rename_columns(list(compiled.columns)), found)


def _check_bytes(session: DuckDBEngine, compiled: Compiled) -> None:
    """Refused where the texts of the answer are too long together: outside the engine nothing limits the memory that they take."""
    counted = session.run(f"SELECT SUM(STRLEN(CAST(COLUMNS(*) AS VARCHAR))) FROM ({compiled.sql}) AS answer")
    if sum(int(column[0].as_py() or 0) for column in counted.columns) > MOST_BYTES:
        raise Refused(
            f"The answer has more than {MOST_BYTES // 1_000_000:,} MB of text; narrow the query.",
            code="too_large",
            citations=[SQL],
        )


def _asked_of_typed(compiled: Compiled) -> dict[str, list[int]]:
    """By typed table, the record numbers to which every place that reads it is restricted: no other text need be opened."""
    found: dict[str, set[int]] = {}
    free = {read.table for read in compiled.reads if read.records is None}
    for read in compiled.reads:
        if TABLES[read.table].typed and read.table not in free:
            found.setdefault(read.table, set()).update(read.records or ())
    return {table: sorted(numbers) for table, numbers in found.items()}


def records_by_grant(
    stored: Snapshot,
    compiled: Compiled,
    grants: Sequence[Grant],
    people: RowScope,
    *,
    on: date,
    today: date | None,
) -> list[NDArray[np.int64]]:
    """For each grant of one table, the record numbers of which it may show a row; `compiled` reads that table."""
    found = []
    sql = _with_populations(compiled.sql, grants)
    with session_over(stored, compiled.relations, sql, people) as session:
        for grant in grants:
            held = records(stored, grant.table, grant.discloser)
            within = _members(session, [grant], on, today)
            can = held if within is None else both(held, distinct_numbers(within))
            found.append(allowed(people, [grant], can))
    return found


def run_each(
    stored: Snapshot,
    questions: Mapping[str, Compiled],
    numbers: Sequence[int],
    people: RowScope,
) -> dict[str, pa.Table]:
    """Runs questions about the student with these record numbers, each over one table; returns the tables that hold rows of the
    student."""
    relations = {r for question in questions.values() for r in question.relations}
    found: dict[str, pa.Table] = {}
    sql = "\n".join(question.sql for question in questions.values())
    with session_over(stored, relations, sql, people, numbers, OF_FEW) as session:
        for table, question in questions.items():
            rows = session.run(question.sql).rename_columns(list(question.columns))
            if rows.num_rows:
                found[table] = rows
    return found


@contextmanager
def session_over(
    stored: Snapshot,
    relations: Collection[tuple[str, str]],
    sql: str,
    people: RowScope,
    only: Sequence[int] | None = None,
    engines: "Engines | None" = None,
    *,
    typed: Mapping[str, Sequence[int]] = MappingProxyType({}),
) -> Iterator[DuckDBEngine]:
    """A connection that can open only these relations, (table, discloser), with the free text that `sql` names. `only`: of tables in
    memory, just the rows of these record numbers; `typed`: the same by typed table."""
    files: dict[str, tuple[Path, ...]] = {}
    tables: dict[str, pa.Table] = {}
    texts: dict[str, pa.Table] = {}
    for table, discloser in sorted(relations):
        source: pa.Table | Sequence[Path]
        if table in PERSONAL:
            source = as_table(people.records(table, discloser))
        elif table == LINKS:
            # Already in memory: opening the file would take longer than scanning it.
            source = pa.table(links_of(stored).pairs)
        else:
            source = _source(stored, table, discloser, typed.get(table) if only is None else only)
        if isinstance(source, pa.Table):
            tables[relation_name(table, discloser)] = source if only is None else _rows_of(source, only)
        else:
            name = relation_name(table, discloser)
            files[name] = tuple(source)
            text = _text(stored, table, discloser, only) if _names_text(sql, table) else None
            if text is not None and text.num_rows:
                texts[name] = text
    with (engines or ENGINES).over(tuple(files.items())).session() as session:
        for name, held in tables.items():
            session.register(name, held)
        for name, text in texts.items():
            table = table_of(name)
            rows = free_text.joined(session, f"{name}:text", table, files[name], text)
            session.run(f'CREATE OR REPLACE TEMP VIEW "{name}" AS SELECT * FROM {rows}')
        yield session


def _with_populations(sql: str, grants: Iterable[Grant]) -> str:
    """The SQL with the conditions of populations, whose members are read beside it."""
    return "\n".join([sql, *(entry.where for grant in grants for tier in grant.population for entry in tier)])


def _names_text(sql: str, table: str) -> bool:
    """Whether the SQL may read free text of the table: a query that does not is spared the vault. Compiled SQL has no star, and columns
    in quotes; conditions are as their authors wrote them."""
    written = sql.lower()
    return any(column in written for column in schemas.free_text(table))


def _text(stored: Snapshot, table: str, name: str, only: Sequence[int] | None) -> pa.Table:
    return pa.concat_tables(stored.text(table, one, only) for one in single_relations(name))


@contextmanager
def _watched(session: DuckDBEngine, compiled: Compiled) -> Iterator[None]:
    """Stops a query that runs too long or whose reader has disconnected. Queries about a few persons are not watched: starting the
    watch would take longer than the query."""
    held_to = limit()
    if held_to is None and all(read.records is not None for read in compiled.reads):
        yield
        return
    ended, why = Event(), list[str]()
    watch = Thread(
        target=_watch, args=(session, held_to or TimeLimit(LONGEST), ended, why), name=WATCH, daemon=True
    )
    watch.start()
    try:
        yield
    except Refused as refused:
        if why and refused.code == "engine":
            if held_to and held_to.hands_over and why[0] == TOO_LONG:
                raise TakesLong from None
            raise Refused(why[0], code="engine") from None
        raise
    finally:
        ended.set()
        watch.join()


def _watch(session: DuckDBEngine, held_to: TimeLimit, ended: Event, why: list[str]) -> None:
    until = monotonic() + held_to.seconds
    while not ended.wait(LOOK_EVERY):
        if not why and (monotonic() >= until or held_to.is_gone()):
            why.append(TOO_LONG if monotonic() >= until else GONE)
        if why:  # repeatedly, since a question runs several statements
            session.interrupt()


def _source(stored: Snapshot, table: str, name: str, only: Sequence[int] | None) -> pa.Table | Sequence[Path]:
    if table in (CODES, VALUE_CODES):
        return codes_of(stored, table, name)
    return stored_rows(stored, table, single_relations(name), only)


def _rows_of(table: pa.Table, numbers: Sequence[int]) -> pa.Table:
    """The rows with one of these record numbers; all of a table that is not about persons. In links and in lists of students the
    number stands in `record`, which elsewhere numbers the row itself."""
    names = set(table.column_names)
    name = "record" if names <= {"record", "person"} else "person_record"
    if name not in names:
        return table
    wanted = np.isin(table[name].to_numpy(), np.asarray(numbers, dtype=np.int64))
    return table.take(np.flatnonzero(wanted))


class Engines:
    """Engines locked to the files they were opened for, cached for the next query over the same files.

    Opening and locking an engine takes longer than most questions about one student. Vault tables are registered for one question
    only, so that no data remains once their keys are destroyed.
    """

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads
        self._engines: OrderedDict[tuple[int, Files], DuckDBEngine] = OrderedDict()
        self._lock = Lock()

    def over(self, files: Files) -> DuckDBEngine:
        """An engine that can open these files and no other."""
        key = (os.getpid(), files)  # a forked process cannot use its parent's engines
        with self._lock:
            engine = self._engines.get(key)
            if engine is None:
                engine = self._engines[key] = _locked(files, self._threads)
            self._engines.move_to_end(key)
            if len(self._engines) > KEPT:
                self._engines.popitem(last=False)  # closed when its last session ends
            return engine


ENGINES = Engines()
# For a question that somebody asks on the site or over its API: half of the cores are left for pages.
OF_A_QUESTION = Engines(threads=max(1, (os.cpu_count() or 1) // 2))
OF_FEW = Engines(threads=1)  # for few rows, threads cost more than they save


def _locked(files: Files, threads: int | None) -> DuckDBEngine:
    engine = DuckDBEngine(threads=threads)
    # Two questions of one process run at a time: each may take half of what the engine would take for itself.
    amount, unit = engine.run("SELECT current_setting('memory_limit') AS m")["m"][0].as_py().split()
    engine.run(f"SET memory_limit = '{float(amount) / 2:.3f} {unit}'")
    engine.run(
        "SET enable_external_file_cache = false"
    )  # the bytes of a destroyed file must not remain in this cache
    engine.run("SET parquet_metadata_cache = true")
    for name, paths in files:
        table = table_of(name)
        engine.register(name, paths, columns=schemas.columns(table) if table else (), shared=True)
    engine.lock([path for _, paths in files for path in paths])
    return engine


def _students(
    stored: Snapshot,
    session: DuckDBEngine,
    compiled: Compiled,
    grants: Sequence[Grant],
    people: RowScope,
    on: date,
    today: date | None,
) -> dict[tuple[str, str], NDArray[np.int64]]:
    found: dict[tuple[str, str], NDArray[np.int64]] = {}

    def add(table: str, discloser: str, numbers: NDArray[np.int64]) -> None:
        known = found.get((table, discloser))
        found[table, discloser] = (
            numbers if known is None else distinct_numbers(np.concatenate([known, numbers]))
        )

    for read in compiled.reads:
        if not TABLES[read.table].of_person:
            continue
        of_table = [g for g in grants if g.table == read.table]
        for discloser in sorted({g.discloser for g in of_table}):
            of_both = [g for g in of_table if g.discloser == discloser]
            if read.records is not None:
                asked = records_among(stored, read.table, discloser, read.records)
                add(read.table, discloser, allowed(people, of_both, asked))
                continue
            held = records(stored, read.table, discloser)
            within = _members(session, of_both, on, today)
            if within is None:
                files = tuple(file.id for file in stored.stored(read.table, discloser))
                typed = stored.typed_state if TABLES[read.table].typed else ()
                key = people, (*files, *typed), tuple(grant.content_key for grant in of_both)
                add(read.table, discloser, _ALLOWED.of(key, partial(allowed, people, of_both, held)))
            else:
                add(read.table, discloser, allowed(people, of_both, both(held, distinct_numbers(within))))
    return found


# For all records of a partner's files, while the registers are unchanged.
_ALLOWED = Cache[NDArray[np.int64]](256)


def _members(
    session: DuckDBEngine, grants: Sequence[Grant], on: date, today: date | None
) -> NDArray[np.int64] | None:
    """The record numbers that some grant's population can include; None where one of them includes everybody."""
    texts: dict[str, None] = {}
    for grant in grants:
        query = members(grant, relation=relation, on=on, today=today)
        if query is None:
            return None
        texts[query.sql(dialect="duckdb")] = None
    union = " UNION ".join(f"SELECT person_record FROM ({text}) AS p" for text in texts)
    numbers: NDArray[np.int64] = session.run(
        f"SELECT person_record FROM ({union}) AS m WHERE person_record IS NOT NULL"
    )["person_record"].to_numpy()
    return numbers
