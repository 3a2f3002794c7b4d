"""How far the records of several partners can be joined in an answer: counted at the gate, of the rows that the reader may see."""

from collections.abc import Collection
from datetime import date

import numpy as np

from throughway.core.cache import Cache
from throughway.gate.actions.query_execution import run
from throughway.gate.compiler import compile_query
from throughway.gate.decision import Decision
from throughway.gate.linkage_coverage import LinkageCoverage, linkage_coverage
from throughway.gate.row_scope import RowScope
from throughway.store.actions.links import links_of
from throughway.store.record_numbers import NOBODY, Numbers
from throughway.store.selectors import Snapshot
from throughway.vocabulary import TABLES

Of = dict[str, Numbers]


def count_unlinked(
    stored: Snapshot,
    decision: Decision,
    tables: Collection[str],
    people: RowScope,
    *,
    on: date,
    today: date | None,
) -> LinkageCoverage | None:
    """Coverage over all rows that the decision shows in these tables; None where fewer than two partners have rows."""
    asked = sorted(table for table in tables if TABLES[table].of_person)
    grants = [grant for grant in decision.grants if grant.table in asked]
    of: Of = {grant.discloser: NOBODY for grant in grants}
    if len(of) < 2:
        return None
    links = links_of(stored)
    if len(of.keys() & decision.linked) > 1 and links.any_linked:
        of = _numbers(stored, decision, asked, people, on, today)
    return linkage_coverage(
        of,
        linked=decision.linked,
        links=links,
        purpose=grants[0].purpose,
        minimum_cell=max(grant.minimum_cell for grant in grants),
    )


def _numbers(
    stored: Snapshot, decision: Decision, tables: list[str], people: RowScope, on: date, today: date | None
) -> Of:
    """Each partner's record numbers among the rows: recounted only when files, registers or agreements change."""
    files = tuple(file.id for table in tables for file in stored.stored(table))
    files += stored.typed_state if any(TABLES[table].typed for table in tables) else ()
    key = (decision, people, tuple(tables), files, on, today)

    def counted() -> Of:
        grants = [grant for grant in decision.grants if grant.table in tables]
        sql = " UNION ".join(f"SELECT DISTINCT partner, person_record FROM {table}" for table in tables)
        question = compile_query(
            sql, grants, linked=decision.linked, on=on, today=today, numbered=True, without=people.without
        )
        answer = run(stored, question, grants, people, on=on, today=today).answer
        partners, numbers = answer["partner"].to_pylist(), answer["person_record"].to_numpy()
        whose = np.asarray(partners, dtype=object)
        return {p: np.sort(numbers[whose == p]) for p in sorted({g.discloser for g in grants})}

    return _NUMBERS.of(key, counted)


_NUMBERS = Cache[Of](32)
