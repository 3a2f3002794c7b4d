"""Agreements under which the newest landed rows are not visible yet, because their scope cannot be decided for these rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from throughway.agreements.effective_grants import grants_of
from throughway.agreements.enums import PurposeKind, Reach
from throughway.agreements.grant import Grant
from throughway.agreements.status import AgreementStatus
from throughway.agreements.transforms import Transform
from throughway.core.cache import Cache
from throughway.gate.actions.current_row_scope import current_row_scope
from throughway.gate.actions.query_execution import run
from throughway.gate.compiler import compile_query
from throughway.gate.decision import Decision
from throughway.partners.actor import OPERATOR
from throughway.store.selectors import Snapshot, snapshot
from throughway.vocabulary import TABLES

PLAIN = Transform("none")


@dataclass(frozen=True)
class FreshnessGap:
    """Rows of a partner's table came in up to `came`; under the agreement they show up to `shown`."""

    agreement: str
    title: str
    partner: str
    table: str
    shown: date
    came: date


def freshness_gaps(
    standings: Sequence[AgreementStatus], tables: Sequence[str], today: date
) -> list[FreshnessGap]:
    """Agreements in effect that show a table only up to an earlier day than its rows landed for. Reach and families' choices, which
    depend on the reader, are ignored. Only days are returned, and none where an agreement shows nothing at all: that it has no
    students would be information about them."""
    found: dict[tuple[str, str, str], FreshnessGap] = {}
    with snapshot() as stored:
        for standing in (s for s in standings if s.in_effect):
            for grant in _grants(standing, standings, tables):
                came = stored.last_day(grant.table, grant.discloser, min(today, grant.records[1] or today))
                if came is None:
                    continue
                shown = _shown(stored, grant, today)
                key = standing.document.id, grant.discloser, grant.table
                if shown is not None and (key not in found or shown > found[key].shown):
                    found[key] = FreshnessGap(
                        standing.document.id,
                        standing.document.title,
                        grant.discloser,
                        grant.table,
                        shown,
                        came,
                    )
    return [each for each in found.values() if each.shown < each.came]


def _grants(
    standing: AgreementStatus, standings: Sequence[AgreementStatus], tables: Sequence[str]
) -> list[Grant]:
    return [
        grant
        for purpose in dict.fromkeys(
            p.id for p in standing.document.purposes if p.kind is not PurposeKind.LINKAGE
        )
        for grant in grants_of(standing, standings, purpose)
        if grant.table in tables
    ]


def _shown(stored: Snapshot, grant: Grant, today: date) -> date | None:
    """The latest day of a row within the grant's students and days."""
    day = TABLES[grant.table].starts[0]
    if not grant.population or grant.columns.get(day) != PLAIN:
        return stored.last_day(grant.table, grant.discloser, min(today, grant.records[1] or today))
    everybody = replace(grant, reach=Reach.ALL, choices=frozenset())
    files = tuple(f.id for f in stored.stored(partner=grant.discloser))
    key = (grant.discloser, grant.table, grant.population, grant.records, files, today)
    return _SHOWN.of(key, lambda: _latest(stored, everybody, day, today))


def _latest(stored: Snapshot, grant: Grant, day: str, today: date) -> date | None:
    decision = Decision((grant,), ())
    question = compile_query(
        f"SELECT max({day}) AS last FROM {grant.table} WHERE {day} <= DATE '{today}'",
        [grant],
        linked=(),
        on=today,
    )
    whom = current_row_scope(stored, decision, OPERATOR, today, None)
    last: date | None = run(stored, question, [grant], whom, on=today, today=None).answer["last"][0].as_py()
    return last


_SHOWN = Cache[date | None](256)
