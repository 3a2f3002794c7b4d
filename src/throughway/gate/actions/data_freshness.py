"""What came in and is not visible under an agreement, because an empty cell or a missing row leaves open whether it shows it."""

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
from throughway.gate.actions.empty_cells import hidden_students
from throughway.gate.actions.query_execution import run
from throughway.gate.compiler import compile_query
from throughway.gate.decision import Decision
from throughway.gate.hidden_rows import HiddenStudents
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


def out_of_sight(
    standings: Sequence[AgreementStatus], disclosers: Sequence[str], tables: Sequence[str], today: date
) -> tuple[list[HiddenStudents], list[FreshnessGap]]:
    """For these disclosers: whom a rule leaves out because a cell is empty (`hidden_students`), and agreements in effect that show a
    table only up to an earlier day than its rows landed for. Reach and families' choices are ignored."""
    with snapshot() as stored:
        files = tuple(file.id for discloser in disclosers for file in stored.stored(partner=discloser))
        texts = tuple(standing.fingerprint for standing in standings if standing.in_effect)

        def find() -> tuple[list[HiddenStudents], list[FreshnessGap]]:
            hidden = hidden_students(stored, standings, disclosers, today)
            return hidden, _freshness_gaps(stored, standings, disclosers, tables, today)

        return _FOUND.of((files, texts, tuple(disclosers), tuple(tables), today), find)


# Homes of stewards ask, and answers change only with files and agreements.
_FOUND = Cache[tuple[list[HiddenStudents], list[FreshnessGap]]](16)


def _freshness_gaps(
    stored: Snapshot,
    standings: Sequence[AgreementStatus],
    disclosers: Sequence[str],
    tables: Sequence[str],
    today: date,
) -> list[FreshnessGap]:
    """Only days are returned, and none where an agreement shows nothing at all: that it has no students would be information about
    them."""
    found: dict[tuple[str, str, str], FreshnessGap] = {}
    for standing in (s for s in standings if s.in_effect):
        for grant in _grants(standing, standings, tables):
            came = stored.last_day(grant.table, grant.discloser, min(today, grant.records[1] or today))
            if came is None or grant.discloser not in disclosers:
                continue
            shown = _shown(stored, grant, today)
            key = standing.document.id, grant.discloser, grant.table
            if shown is not None and (key not in found or shown > found[key].shown):
                found[key] = FreshnessGap(
                    standing.document.id, standing.document.title, grant.discloser, grant.table, shown, came
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
