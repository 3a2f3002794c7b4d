"""Whose rows of this school year an agreement's rule hides only because a cell that the rule reads is empty.

Such rows came in, under another agreement, and a reader must not be told that they were not sent. What is returned says which rule and
which cell, and nothing of any row. Whom reach or a family's choice closes is left out.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import product

import numpy as np
from sqlglot import exp

from throughway.agreements.document_sections import PopulationEntry
from throughway.agreements.effective_grants import grants_of
from throughway.agreements.enums import PurposeKind, Reach
from throughway.agreements.grant import Grant
from throughway.agreements.population_condition import columns_of, parse_condition
from throughway.agreements.row_filter import SAYING, in_window, row_predicate
from throughway.agreements.status import AgreementStatus
from throughway.core.cache import Cache
from throughway.gate.actions.current_row_scope import current_row_scope
from throughway.gate.actions.query_execution import OF_FEW, session_over
from throughway.gate.decision import Decision
from throughway.gate.governed_relations import relation
from throughway.gate.hidden_rows import HiddenRows, HiddenStudents
from throughway.gate.row_scope import RowScope
from throughway.partners.actor import OPERATOR
from throughway.store.record_numbers import NOBODY, Numbers, any_of, both, distinct
from throughway.store.selectors import Snapshot
from throughway.vocabulary import TABLES
from throughway.vocabulary.school_calendar import school_year_of, year_start

ROW = "r"
FEW = 500  # learners whom a query names one by one; of more it is asked about all


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


def hidden_students(
    stored: Snapshot, standings: Sequence[AgreementStatus], disclosers: Iterable[str], on: date
) -> list[HiddenStudents]:
    """How many of each discloser's learners a rule of an agreement in effect leaves out because a cell of this school year is empty, the
    most first. It is for those who load these partners' files: counts alone, before reach and what families decided."""
    found: dict[tuple[str, str, str, str], tuple[set[str], set[int]]] = {}
    since = year_start(school_year_of(on))
    for standing, discloser in product((s for s in standings if s.in_effect), disclosers):
        for grants in _to_everybody(standing, standings, discloser):
            scope = current_row_scope(stored, Decision(grants, ()), OPERATOR, on, None)
            for number, rows in hidden_rows(stored, grants, scope, None, since=since, on=on).items():
                for row in rows:
                    rule = (discloser, row.agreement, row.rule, row.element)
                    tables, learners = found.setdefault(rule, (set(), set()))
                    tables.add(row.table)
                    learners.add(number)
    titles = {standing.document.id: standing.document.title for standing in standings}
    each = [
        HiddenStudents(
            discloser, agreement, titles[agreement], rule, element, tuple(sorted(tables)), len(learners)
        )
        for (discloser, agreement, rule, element), (tables, learners) in found.items()
    ]
    return sorted(each, key=lambda one: (-one.students, one.discloser, one.agreement, one.rule, one.element))


def _to_everybody(
    standing: AgreementStatus, standings: Sequence[AgreementStatus], discloser: str
) -> Iterator[tuple[Grant, ...]]:
    """The agreement's grants of the discloser's records, purpose by purpose, without reach and families' choices."""
    for purpose in dict.fromkeys(
        p.id for p in standing.document.purposes if p.kind is not PurposeKind.LINKAGE
    ):
        of_purpose = [
            grant for grant in grants_of(standing, standings, purpose) if grant.discloser == discloser
        ]
        if any(grant.population for grant in of_purpose):
            yield tuple(replace(grant, reach=Reach.ALL, choices=frozenset()) for grant in of_purpose)


def hidden_rows(
    stored: Snapshot,
    grants: Iterable[Grant],
    people: RowScope,
    among: Numbers | None,
    *,
    since: date,
    on: date,
) -> dict[int, frozenset[HiddenRows]]:
    """By record number. `among`: the learners asked about, None: all; `since`: the first day of the school year; `on`: today."""
    found: dict[int, set[HiddenRows]] = {}
    by_table: dict[tuple[str, str], list[Grant]] = {}
    for grant in grants:
        if TABLES[grant.table].of_person and not TABLES[grant.table].typed:
            by_table.setdefault((grant.table, grant.discloser), []).append(grant)
    for of_table in by_table.values():
        cells = [cell for grant in of_table for cell in _empty_cells(stored, grant, people, since, on)]
        concerned = any_of(cell.learners for cell in cells) if cells else NOBODY
        if among is not None:
            concerned = both(among, concerned)
        if not concerned.size:
            continue
        ask = partial(_only_hidden, stored, of_table, people, concerned, since, on)
        files = tuple(file.id for file in stored.stored(partner=of_table[0].discloser))
        key = (people, files, tuple(g.content_key for g in of_table), concerned.tobytes(), since, on)
        hidden = _HIDDEN.of(key, ask)
        for c in cells:
            rows = HiddenRows(c.grant.discloser, c.grant.agreement, c.grant.table, c.element, c.entry.where)
            for number in both(hidden, c.learners).tolist():
                found.setdefault(number, set()).add(rows)
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
_EMPTY, _HIDDEN = Cache[Numbers](256), Cache[Numbers](256)


def _with_empty_cell(
    stored: Snapshot, table: str, discloser: str, column: str, people: RowScope, since: date, on: date
) -> Numbers:
    """The learners with a row of this school year in which the column is empty."""
    cell = exp.column(column, table=ROW)
    query = _numbers(table, discloser).where(cell.is_(exp.null()), *_of_this_year(table, since, on))
    return _asked(stored, query, {(table, discloser)}, people, None)


def _only_hidden(
    stored: Snapshot, grants: Sequence[Grant], people: RowScope, among: Numbers, since: date, on: date
) -> Numbers:
    """The learners with a row of this year that no grant of the table shows, and that one would if its rule's empty cells were filled."""
    table, discloser = grants[0].table, grants[0].discloser
    relations = {(table, discloser)}

    def read(name: str, of: str) -> exp.Table:
        relations.add((name, of))
        return relation(name, of)

    def admitted(possible: bool) -> exp.Expression:
        each = (row_predicate(g, row=ROW, relation=read, on=on, possible=possible) for g in grants)
        return exp.or_(*(exp.func("COALESCE", condition, exp.false()) for condition in each))

    few = among if among.size <= FEW else None
    named = (
        []
        if few is None
        else [exp.column("person_record", table=ROW).isin(*(exp.Literal.number(int(n)) for n in few))]
    )
    query = _numbers(table, discloser).where(
        *named,
        *_of_this_year(table, since, on),
        admitted(possible=True),
        exp.not_(exp.paren(admitted(possible=False))),
    )
    return both(among, _asked(stored, query, relations, people, few))


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
