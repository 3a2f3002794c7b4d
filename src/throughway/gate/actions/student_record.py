"""One student's whole governed record: every table that a purpose grants, from one snapshot, under one ledger entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from throughway.agreements.grant import Grant
from throughway.core.cache import Cache
from throughway.core.refusals import Refused
from throughway.gate.actions.amendment_statements import AmendmentStatement
from throughway.gate.actions.current_row_scope import allowed, records_among
from throughway.gate.actions.query_execution import run_each
from throughway.gate.compiler import Compiled, compile_query
from throughway.gate.decision import Decision, GrantedTerms
from throughway.gate.governed_relations import single_relations
from throughway.gate.row_scope import RowScope
from throughway.store.record_numbers import distinct
from throughway.store.selectors import Snapshot
from throughway.vocabulary import TABLES

# Placeholders for the person and the person's record numbers in SQL that is compiled once; larger than any id in use.
PERSON, RECORDS = 2**62 + 1, 2**62 + 3
QUESTION = "SELECT {columns} FROM {table} WHERE person_id = {person}"
# Tables with the names of ids in a student's rows: table → its id, and the elements that hold such ids.
CALLED: Mapping[str, tuple[str, frozenset[str]]] = {
    "organization": ("organization_id", frozenset({"organization_id", "receiving_organization_id"})),
    "program": ("program_identifier", frozenset({"program_identifier", "program_id"})),
}


@dataclass(frozen=True)
class WholeRecord:
    """Each table's rows of the student, and the schools and programs that those rows name, as far as granted; tables without rows are
    left out. Also the ledger entry's id, the agreements, and the family's statements on contested parts."""

    tables: Mapping[str, pa.Table]
    disclosure: str
    agreements: list[str]
    statements: tuple[AmendmentStatement, ...] = ()


@dataclass(frozen=True, eq=False)
class UnreleasedStudentRecord:
    """What was read, before the ledger entry is written: the rows, the SQL and elements of all queries, the grants, and the student's
    record numbers: all of them, and (`seen`) by table and discloser for tables with rows."""

    tables: Mapping[str, pa.Table]
    sql: str
    elements: tuple[str, ...]
    used: Sequence[Grant]
    students: NDArray[np.int64]
    seen: Mapping[tuple[str, str], NDArray[np.int64]]

    @property
    def rows(self) -> int:
        return sum(table.num_rows for table in self.tables.values())


def gather(
    stored: Snapshot,
    decision: Decision,
    person: int,
    numbers: Sequence[int],
    people: RowScope,
    *,
    on: date,
    today: date | None,
) -> UnreleasedStudentRecord:
    """Reads the person's rows from the tables and disclosers that have any, and the names of the schools and programs in them."""
    holders: dict[str, set[str]] = {}
    seen: dict[tuple[str, str], NDArray[np.int64]] = {}
    for (table, discloser), of_both in _of_persons(decision.terms).items():
        held = allowed(people, of_both, records_among(stored, table, discloser, numbers))
        if len(held):
            holders.setdefault(table, set()).add(discloser)
            seen[table, discloser] = held
    questions = {
        t: _compiled(t, frozenset(of), decision.terms, people.without, on, today) for t, of in holders.items()
    }
    filled = {table: _filled(question, person, numbers) for table, question in questions.items()}
    called = {t: _called(t, decision.terms, on, today) for t in CALLED if _granted(decision, t)}
    names = {t: _names(stored, question, people) for t, question in called.items()}
    rows = run_each(stored, filled, numbers, people)
    found = _only_named({**rows, **{table: named for table, named in names.items() if named.num_rows}})
    asked = {
        table: question for table, question in {**filled, **called}.items() if table in {**filled, **found}
    }
    used = [
        g
        for g in decision.grants
        if g.discloser in holders.get(g.table, ()) or (g.table in called and g.table in found)
    ]
    elements = tuple(sorted({element for query in asked.values() for element in query.elements}))
    students = distinct(np.concatenate([np.empty(0, dtype=np.int64), *seen.values()]))
    shown = {key: numbers for key, numbers in seen.items() if key[0] in found}
    return UnreleasedStudentRecord(
        found, ";\n".join(query.sql for query in asked.values()), elements, used, students, shown
    )


@lru_cache(maxsize=64)
def _of_persons(terms: GrantedTerms) -> Mapping[tuple[str, str], list[Grant]]:
    """The grants of tables of persons, by table and then discloser."""
    found: dict[tuple[str, str], list[Grant]] = {}
    for grant in sorted(terms.grants, key=lambda g: (g.table, g.discloser)):
        if TABLES[grant.table].of_person:
            found.setdefault((grant.table, grant.discloser), []).append(grant)
    return found


def _granted(decision: Decision, table: str) -> bool:
    return any(CALLED[table][0] in g.columns for g in decision.grants if g.table == table)


@lru_cache(maxsize=64)
def _called(table: str, terms: GrantedTerms, on: date, today: date | None) -> Compiled:
    """The query for every school or program that the purpose shows."""
    return compile_query(f"SELECT * FROM {table}", terms.grants, linked=terms.linked, on=on, today=today)


_NAMES = Cache[pa.Table](32)


def _names(stored: Snapshot, question: Compiled, people: RowScope) -> pa.Table:
    """The answer to that query, which concerns no person: cached while the files are unchanged."""
    files = tuple(
        f.id
        for table, name in sorted(question.relations)
        for one in single_relations(name)
        for f in stored.stored(table, one)
    )

    def asked() -> pa.Table:
        return run_each(stored, {"": question}, (), people).get("", pa.table({}))

    return _NAMES.of((question.sql, files), asked)


def _only_named(found: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Keeps only the schools and programs whose id is in one of the student's rows."""
    kept = {table: rows for table, rows in found.items() if table not in CALLED}
    for table, (id, holding) in CALLED.items():
        if table not in found:
            continue
        named = {
            value
            for rows in kept.values()
            for column in holding & set(rows.column_names)
            for value in rows[column].to_pylist()
        }
        rows = found[table].filter(
            pa.array([value in named for value in found[table][id].to_pylist()], pa.bool_())
        )
        if rows.num_rows:
            kept[table] = rows
    return kept


@lru_cache(maxsize=1024)
def _compiled(
    table: str,
    disclosers: frozenset[str],
    terms: GrantedTerms,
    without: frozenset[str],
    on: date,
    today: date | None,
) -> Compiled:
    """The query for any person, compiled once for all who are granted the same and the disclosers that have the person's rows."""
    return compile_query(
        QUESTION.format(columns=_stored(table), table=table, person=PERSON),
        [g for g in terms.grants if g.discloser in disclosers],
        linked=terms.linked,
        on=on,
        today=today,
        records_of=lambda _: [RECORDS],
        without=without,
    )


def _stored(table: str) -> str:
    """Stored columns only: a derived column would repeat a value."""
    derived = ", ".join(TABLES[table].derived)
    return f"* EXCLUDE ({derived})" if derived else "*"


def _filled(question: Compiled, person: int, numbers: Sequence[int]) -> Compiled:
    """The SQL for one person, with the two placeholders replaced by whole numbers. (A view of the person's rows for each table would
    need no placeholders, but takes half a millisecond for each of some 25 tables.)"""
    sql = question.sql.replace(str(RECORDS), ", ".join(str(int(n)) for n in numbers))
    return replace(question, sql=sql.replace(str(PERSON), str(int(person))))


def not_reached() -> Refused:
    return Refused(
        "You cannot open this student's record under this purpose today: the student is not one of those "
        "you work with, or the family's consent is not in force. Go back to your list of students.",
        code="unknown_student",
        citations=["34 CFR 99.31(a)(1)(ii)", "34 CFR 99.30"],
    )
