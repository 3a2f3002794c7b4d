"""Whose rows one reader may see now, from the caseload, rosters and families' choices in the database and the store."""

from collections.abc import Collection, Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from throughway.agreements.enums import Reach
from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.grant import Grant
from throughway.consent.consent_state import ConsentStatus
from throughway.consent.selectors.decisions import consent_stamp, consent_status
from throughway.consent.selectors.rights import transfers
from throughway.core.cache import Cache
from throughway.core.long_work import check_no_transaction
from throughway.gate.decision import Decision
from throughway.gate.governed_relations import relation, relation_name
from throughway.gate.row_scope import SPELLS, RowScope, served
from throughway.partners.actor import Actor
from throughway.partners.selectors import LEGAL_STATUSES, caseload_of, sites_of
from throughway.partners.site_assignment import Site
from throughway.store import schemas
from throughway.store.actions.links import links_of
from throughway.store.engine import DuckDBEngine
from throughway.store.record_numbers import NOBODY, Numbers, distinct
from throughway.store.selectors import Snapshot
from throughway.vocabulary import TABLES

KEPT = 64
_PEOPLE = Cache[RowScope](KEPT)
_SERVED = Cache[Numbers](KEPT)


def current_row_scope(
    stored: Snapshot, decision: Decision, actor: Actor, on: date, today: date | None
) -> RowScope:
    """Whose rows the decision lets this reader see under the current registers; cached until something that it depends on changes."""
    days = (on,) if today is None else (on, today)
    registers = FromDatabase(stored, actor, decision)
    links = links_of(stored)
    files = tuple(file.id for file in stored.stored()) if decision.personal else ()
    key = (
        decision,
        actor.email,
        days,
        links,
        files,
        registers.stamp,
        registers.caseload(days),
        registers.sites(days),
    )

    def settled() -> RowScope:
        check_no_transaction("whose rows a reader may see")
        found = RowScope(
            decision.grants, registers, links, linked=decision.linked, reader=actor.partner, days=days
        )
        found.settle()  # while the snapshot is open
        return found

    return _PEOPLE.of(key, settled)


class FromDatabase:
    """`row_scope.Registers` over the database and one snapshot of the store. Reads only what the decision depends on."""

    def __init__(self, stored: Snapshot, actor: Actor, decision: Decision) -> None:
        self._stored, self._actor = stored, actor
        self._by_caseload = any(g.reach is Reach.CASELOAD for g in decision.grants)
        self._by_site = any(g.reach is Reach.SITE for g in decision.grants)
        # Whose yes counts follows from the discloser's legal statuses too.
        chosen = any(g.choices for g in decision.grants)
        self.stamp = (consent_stamp(), LEGAL_STATUSES.now()) if chosen else None
        self._assigned: dict[date, list[tuple[str, int]]] = {}
        self._sites: dict[date, frozenset[Site]] = {}

    def caseload(self, days: Collection[date]) -> tuple[tuple[tuple[str, int], ...], ...]:
        return tuple(tuple(self.assigned(day)) for day in days) if self._by_caseload else ()

    def assigned(self, on: date) -> list[tuple[str, int]]:
        if on not in self._assigned:
            self._assigned[on] = caseload_of(self._actor.email, on)
        return self._assigned[on]

    def sites(self, days: Collection[date]) -> tuple[frozenset[Site], ...]:
        return tuple(map(self._sites_on, days)) if self._by_site else ()

    def _sites_on(self, on: date) -> frozenset[Site]:
        if on not in self._sites:
            self._sites[on] = sites_of(self._actor, on)
        return self._sites[on]

    def served(self, on: date) -> Numbers:
        return self._served(on, None)

    def at_sites(self, on: date) -> Numbers:
        sites = self._sites_on(on)
        return self._served(on, sites) if sites else NOBODY

    def _served(self, on: date, sites: frozenset[Site] | None) -> Numbers:
        return served_by(self._stored, self._actor.partner or "", on, sites)

    def words(self, choice: RequiredFamilyChoice, discloser: str, on: date) -> ConsentStatus:
        changed = transfers(self._stored, discloser)
        return consent_status(choice.agreement, choice.purpose, discloser, on, changed)

    def held(self, tables: Collection[str], discloser: str) -> Numbers:
        each = [records(self._stored, table, discloser) for table in sorted(tables)]
        return distinct(np.concatenate(each)) if each else NOBODY


def served_by(stored: Snapshot, partner: str, on: date, sites: frozenset[Site] | None) -> Numbers:
    """The record numbers of the partner's own learners who are enrolled on that day; at these sites, where they are named. Never show
    them to a user."""
    files = {table: stored.files(table, partner) for table in SPELLS}
    key = (on, sites, *(str(path) for paths in files.values() for path in paths))

    def read() -> Numbers:
        with DuckDBEngine(threads=1) as engine:
            for table, paths in files.items():
                source = paths or schemas.empty(table)
                engine.register(relation_name(table, partner), source, columns=schemas.columns(table))
            asked = served(partner, relation=relation, on=on, sites=sites)
            found = engine.run(asked.sql(dialect="duckdb"))
        return np.sort(found["record"].to_numpy())

    return _SERVED.of(key, read)


def as_table(numbers: Numbers) -> pa.Table:
    """A relation of `row_filter.PERSONAL`, for the engine."""
    return pa.table({"record": pa.array(numbers, pa.int64())})


def allowed(people: RowScope, grants: Sequence[Grant], held: Numbers) -> Numbers:
    """The records of which one of the grants may show a row, by reach and families' choices."""
    if any(not g.choices and g.reach is Reach.ALL for g in grants):
        return held
    return distinct(np.concatenate([NOBODY, *(people.allowed(g, held) for g in grants)]))


def present_records(held: Numbers, asked: Sequence[int]) -> Numbers:
    """The requested record numbers that are also in `held`, which is sorted."""
    wanted = np.asarray(asked, dtype=np.int64)
    if not len(held):
        return NOBODY
    place = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
    there: Numbers = wanted[held[place] == wanted]
    return there


def records_among(stored: Snapshot, table: str, partner: str, asked: Sequence[int]) -> Numbers:
    """Those of the requested record numbers that have a row in the partner's table."""
    if TABLES[table].typed:
        return stored.typed_among(table, partner, asked)
    return present_records(records(stored, table, partner), asked)


_RECORDS = Cache[Numbers](64)  # tables of a partner


def records(stored: Snapshot, table: str, partner: str) -> Numbers:
    """The record numbers in the table's live files, sorted; cached, since files never change. Of a typed table those of its rows."""
    if TABLES[table].typed:
        return stored.records(table, partner)
    key = tuple(file.id for file in stored.stored(table, partner))
    return _RECORDS.of(key, lambda: stored.records(table, partner))
