"""Whose rows of this school year an agreement's rule hides only because a cell that the rule reads is empty.

Such rows came in, under another agreement, and a reader must not be told that they were not sent. What is returned says which rule and
which cell, and nothing of any row. Whom reach or a family's choice closes is left out.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
from sqlglot import exp

from throughway.agreements.document_sections import PopulationEntry
from throughway.agreements.grant import Grant
from throughway.agreements.population_condition import columns_of, parse_condition
from throughway.agreements.row_filter import SAYING, in_window, row_predicate
from throughway.core.cache import Cache
from throughway.gate.actions.query_execution import OF_FEW, session_over
from throughway.gate.governed_relations import relation
from throughway.gate.hidden_rows import HiddenRows
from throughway.gate.row_scope import RowScope
from throughway.store.record_numbers import NOBODY, Numbers, any_of, both, distinct
from throughway.store.selectors import Snapshot
from throughway.vocabulary import TABLES

ROW = "r"


@dataclass(frozen=True)
class _RuleCell:
    """A cell that a population of the grant reads, and the learners for whom it is empty."""

    grant: Grant
    entry: PopulationEntry
    column: str
    learners: Numbers

    @property
    def element(self) -> str:
        return f"{self.entry.on}.{self.column}"


def hidden_rows(
    stored: Snapshot, grants: Iterable[Grant], people: RowScope, among: Numbers, *, since: date, on: date
) -> dict[int, frozenset[HiddenRows]]:
    """By record number. `since`: the first day of the school year; `on`: today."""
    found: dict[int, set[HiddenRows]] = {}
    by_table: dict[tuple[str, str], list[Grant]] = {}
    for grant in grants:
        if TABLES[grant.table].of_person and not TABLES[grant.table].typed:
            by_table.setdefault((grant.table, grant.discloser), []).append(grant)
    for of_table in by_table.values():
        cells = [cell for grant in of_table for cell in _empty_cells(stored, grant, people, since, on)]
        concerned = both(among, any_of(cell.learners for cell in cells)) if cells else NOBODY
        if not concerned.size:
            continue
        ask = partial(_only_hidden, stored, of_table, people, concerned, since, on)
        files = tuple(file.id for file in stored.stored(partner=of_table[0].discloser))
        key = (people, files, tuple(g.content_key for g in of_table), concerned.tobytes(), since, on)
        for number in _HIDDEN.of(key, ask):
            found.setdefault(number, set()).update(
                HiddenRows(c.grant.discloser, c.grant.agreement, c.grant.table, c.element, c.entry.where)
                for c in cells
                if number in c.learners
            )
    return {number: frozenset(of) for number, of in found.items()}


def _empty_cells(
    stored: Snapshot, grant: Grant, people: RowScope, since: date, on: date
) -> Iterator[_RuleCell]:
    """In a row that exists because of one status, other statuses are not unknown, so such tables have no empty cell."""
    for entry in dict.fromkeys(entry for tier in grant.population for entry in tier):
        if entry.on in SAYING or (entry.from_ is not None and grant.discloser not in entry.from_):
            continue
        for column in columns_of(parse_condition(entry.where, entry.on)):
            files = tuple(file.id for file in stored.stored(entry.on, grant.discloser))
            ask = partial(_with_empty_cell, stored, entry.on, grant.discloser, column, people, since, on)
            learners = _EMPTY.of((files, entry.on, grant.discloser, column, since, on), ask)
            if learners.size:
                yield _RuleCell(grant, entry, column, learners)


# Asked by every page of a reader, and answered anew when files, registers or agreements change.
_EMPTY, _HIDDEN = Cache[Numbers](256), Cache[list[int]](256)


def _with_empty_cell(
    stored: Snapshot, table: str, discloser: str, column: str, people: RowScope, since: date, on: date
) -> Numbers:
    """The learners with a row of this school year in which the column is empty."""
    cell = exp.column(column, table=ROW)
    query = _numbers(table, discloser).where(cell.is_(exp.null()), *_of_this_year(table, since, on))
    return _asked(stored, query, {(table, discloser)}, people, None)


def _only_hidden(
    stored: Snapshot, grants: Sequence[Grant], people: RowScope, among: Numbers, since: date, on: date
) -> list[int]:
    """The learners with a row of this year that no grant of the table shows, and that one would if its rule's empty cells were filled."""
    table, discloser = grants[0].table, grants[0].discloser
    relations = {(table, discloser)}

    def read(name: str, of: str) -> exp.Table:
        relations.add((name, of))
        return relation(name, of)

    def admitted(possible: bool) -> exp.Expression:
        each = (row_predicate(g, row=ROW, relation=read, on=on, possible=possible) for g in grants)
        return exp.or_(*(exp.func("COALESCE", condition, exp.false()) for condition in each))

    query = _numbers(table, discloser).where(
        exp.column("person_record", table=ROW).isin(*(exp.Literal.number(int(n)) for n in among)),
        *_of_this_year(table, since, on),
        admitted(possible=True),
        exp.not_(exp.paren(admitted(possible=False))),
    )
    return [int(n) for n in _asked(stored, query, relations, people, among)]


def _numbers(table: str, discloser: str) -> exp.Select:
    source = relation(table, discloser)
    source.set("alias", exp.TableAlias(this=exp.to_identifier(ROW, quoted=True)))
    return exp.select("person_record").distinct().from_(source)


def _of_this_year(table: str, since: date, on: date) -> list[exp.Expression]:
    return in_window(TABLES[table], ROW, since, on)


def _asked(
    stored: Snapshot,
    query: exp.Select,
    relations: Collection[tuple[str, str]],
    people: RowScope,
    only: Numbers | None,
) -> Numbers:
    few = None if only is None else [int(n) for n in only]
    sql = query.sql(dialect="duckdb")
    with session_over(stored, relations, sql, people, few, OF_FEW) as session:
        answer = session.run(sql)["person_record"]
    return distinct(np.asarray(answer.drop_null().to_numpy(), dtype=np.int64))
