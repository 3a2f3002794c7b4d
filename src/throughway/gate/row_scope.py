"""Whose rows a reader may see at one moment, by reach, consents and opt-outs.

Pure: `Registers` returns the contents of the registers. For a past day everything must hold both on that day and today. Where one
person has several records, the strictest choice applies to all of them.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol

import numpy as np
from sqlglot import exp

from throughway.agreements.enums import Basis, Reach
from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.grant import Grant
from throughway.agreements.row_filter import (
    CONSENTED,
    NOT_CONSENTED,
    OPTED_OUT,
    REACHED,
    Relation,
    aliased,
    column,
    in_window,
)
from throughway.consent.consent_state import ConsentStatus
from throughway.gate.governed_relations import single_relations
from throughway.partners.site_assignment import Site, SiteKind
from throughway.store.links import Links
from throughway.store.record_numbers import NOBODY, Numbers, any_of, both, every, less
from throughway.vocabulary import TABLES
from throughway.vocabulary.participation import MEANINGS, ParticipationStatus


class Registers(Protocol):
    """What the registers hold about one reader and about families' choices, on a day."""

    def assigned(self, on: date) -> Sequence[tuple[str, int]]:
        """(partner, record number) of each student on the reader's caseload."""

    def served(self, on: date) -> Numbers:
        """Record numbers of the learners whom the reader's partner serves, of that partner's own."""

    def at_sites(self, on: date) -> Numbers:
        """Of those served, the ones at the schools and programs that are assigned to the reader."""

    def words(self, choice: RequiredFamilyChoice, discloser: str, on: date) -> ConsentStatus:
        """The consents, refusals and opt-outs in force."""

    def held(self, tables: Collection[str], discloser: str) -> Numbers:
        """The record numbers with rows in any of the tables, sorted."""


class RowScope:
    """`linked`: disclosers whose links may be seen; `reader`: the reader's partner."""

    def __init__(
        self,
        grants: Sequence[Grant],
        registers: Registers,
        links: Links,
        *,
        linked: Collection[str],
        reader: str | None,
        days: Sequence[date],
    ) -> None:
        self._registers, self._links, self._linked = registers, links, frozenset(linked)
        self._reader, self._days = reader, tuple(dict.fromkeys(days))
        self._known: dict[tuple[str, str], Numbers] = {}
        self._holding: dict[str, Numbers] = {}
        self._choices = {
            choice.of(grant.discloser): (choice, grant.discloser)
            for grant in grants
            for choice in grant.choices
        }
        self._reaches = {REACHED[grant.reach] for grant in grants if grant.reach in REACHED}
        self._tables: dict[str, set[str]] = {}
        for grant in grants:
            if TABLES[grant.table].of_person:
                tables = self._tables.setdefault(grant.discloser, set())
                # Rows of typed tables are always joined with those who consented (`row_filter`), so who has one need not be known.
                tables.update(() if TABLES[grant.table].typed else (grant.table,))
        self.without = frozenset(
            name
            for name, (choice, discloser) in self._choices.items()
            if choice.basis is Basis.CONSENT and self._most_consent(name, discloser)
        )

    def settle(self) -> None:
        """Computes everything, so that the registers are not read again."""
        for discloser in self._tables:
            self._held(discloser)
            for relation in self._reaches:
                self.records(relation, discloser)
        for name, (choice, _) in self._choices.items():
            for relation in (OPTED_OUT,) if choice.basis is Basis.DIRECTORY else (CONSENTED, NOT_CONSENTED):
                self.records(relation, name)

    def records(self, relation: str, name: str) -> Numbers:
        """The record numbers of one of the relations `rows.PERSONAL`, sorted."""
        key = (relation, name)
        if key not in self._known:
            self._known[key] = self._records(relation, name)
        return self._known[key]

    def allowed(self, grant: Grant, among: Numbers) -> Numbers:
        """The record numbers whose rows the grant may show, by reach and choices."""
        if not TABLES[grant.table].of_person:
            return among
        if grant.reach in REACHED:
            among = both(among, self.records(REACHED[grant.reach], grant.discloser))
        for choice in grant.choices:
            name = choice.of(grant.discloser)
            if choice.basis is Basis.DIRECTORY:
                among = less(among, self.records(OPTED_OUT, name))
            else:
                among = both(among, self.records(CONSENTED, name))
        return among

    def stands_by(self, later: "RowScope", grants: Sequence[Grant], students: Numbers) -> bool:
        """Whether everything that these grants showed of these students is still open."""
        return later is self or all(
            not len(less(self.allowed(g, students), later.allowed(g, students))) for g in grants
        )

    def _records(self, relation: str, name: str) -> Numbers:
        if len(several := single_relations(name)) > 1:
            return self._of_several(relation, several)
        if relation == REACHED[Reach.CASELOAD]:
            return self._on_caseload(name)
        if relation == REACHED[Reach.ROSTER]:
            return self._enrolled(name, [self._registers.served(day) for day in self._days])
        if relation == REACHED[Reach.SITE]:
            return self._enrolled(name, [self._registers.at_sites(day) for day in self._days])
        choice, discloser = self._choices[name]
        if relation == OPTED_OUT:
            words = [self._registers.words(choice, discloser, day) for day in self._days]
            return self._links.together(any_of(w.opted_out for w in words))
        if relation == CONSENTED:
            return self._consented(choice, discloser)
        if relation == NOT_CONSENTED:
            return less(self._held(discloser), self.records(CONSENTED, name))
        raise KeyError(relation)

    def _of_several(self, relation: str, names: Sequence[str]) -> Numbers:
        """By discloser, its own records: a statement by one discloser about another's record does not affect the other's rows."""
        return any_of(both(self.records(relation, n), self._held(n.rpartition("/")[2])) for n in names)

    def _consented(self, choice: RequiredFamilyChoice, discloser: str) -> Numbers:
        words = [self._registers.words(choice, discloser, day) for day in self._days]
        refused = any_of(w.refused for w in words)
        given = every(w.given for w in words)
        # A refusal about another record of the same person closes this one too.
        return less(given, self._links.together(refused)) if len(refused) else given

    def _on_caseload(self, discloser: str) -> Numbers:
        """The assigned records, and this discloser's other records of the same persons where both may be linked."""
        assigned = set.intersection(*(set(self._registers.assigned(day)) for day in self._days))
        own = np.array(sorted(number for _, number in assigned), dtype=np.int64)
        if discloser not in self._linked:
            return own
        linked = [number for partner, number in assigned if partner in self._linked]
        return np.union1d(own, self._links.together(np.array(sorted(linked), dtype=np.int64)))

    def _enrolled(self, discloser: str, served: Sequence[Numbers]) -> Numbers:
        """The discloser's records of the learners of the reader's partner who are `served` on every day."""
        if {discloser, self._reader} <= self._linked:
            # By person: on a past day the enrollments may be in two records of one person.
            return every(self._links.together(s) for s in served)
        return every(served) if discloser == self._reader else NOBODY

    def _most_consent(self, name: str, discloser: str) -> bool:
        held = self._held(discloser)
        return 2 * len(both(held, self.records(CONSENTED, name))) > len(held)

    def _held(self, discloser: str) -> Numbers:
        """All record numbers with a row in some granted table."""
        if discloser not in self._holding:
            tables = frozenset(self._tables.get(discloser, ()))
            self._holding[discloser] = self._registers.held(tables, discloser)
        return self._holding[discloser]


SPELLS = ("school_enrollment", "program_participation")
SPELL = "s"


# The column of an enrollment that names its school or program.
SITE_COLUMNS = {
    SiteKind.SCHOOL: ("school_enrollment", "organization_id"),
    SiteKind.PROGRAM: ("program_participation", "program_identifier"),
}


def served(partner: str, *, relation: Relation, on: date, sites: Collection[Site] | None = None) -> exp.Query:
    """The `record`s of the partner's own learners with an enrollment that covers the day. `sites`: only those whose enrollment is
    at one of these schools or programs."""
    parts = {table: _of_table(table, partner, relation, on) for table in SPELLS}
    if sites is not None:
        for kind, (table, name) in SITE_COLUMNS.items():
            ids = sorted(site.id for site in sites if site.kind is kind)
            among = column(SPELL, name).isin(*map(exp.Literal.string, ids)) if ids else exp.false()
            parts[table] = parts[table].where(among)
    return exp.union(*parts.values(), distinct=True)


def _of_table(table: str, partner: str, relation: Relation, on: date) -> exp.Select:
    number = column(SPELL, "person_record")
    somebody = exp.Not(this=exp.Is(this=number.copy(), expression=exp.null()))
    spells = (
        exp.select(exp.alias_(number, "record"))
        .from_(aliased(relation(table, partner), SPELL))
        .where(*in_window(TABLES[table], SPELL, on, on), somebody)
    )
    return spells.where(*_takes_part()) if table == "program_participation" else spells


def _takes_part() -> list[exp.Expression]:
    """SQL: there is a first day, the status means participation, and an enrollment without a last day still continues."""
    status = exp.func("COALESCE", column(SPELL, "program_participation_status"), exp.Literal.string(""))
    part = [s for s, meaning in MEANINGS.items() if meaning.with_first_day is ParticipationStatus.TOOK_PART]
    going = [s for s, meaning in MEANINGS.items() if meaning.goes_on]
    first, last = (column(SPELL, f"program_participation_{which}_date") for which in ("start", "exit"))
    return [
        first.is_(exp.null()).not_(),
        status.isin(*part),
        exp.paren(exp.or_(last.is_(exp.null()).not_(), status.copy().isin(*going))),
    ]
