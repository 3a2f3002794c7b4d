"""The rows of one table that grants show, as SQL: one relation for each discloser, or one for all disclosers with the same terms.

A record number belongs to one partner only. So joining several partners' rows with all of their students gives the same rows as
joining each partner's separately, and one table is less work for the engine than twenty.
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import (
    TableQueryOptions,
    Types,
    by_discloser,
    coded,
    coded_columns,
    of_discloser,
)
from throughway.core.cache import Cache
from throughway.gate.sql_grammar import RESERVED
from throughway.vocabulary import TABLES

ANYBODY = 2**62 + 5  # a placeholder for record numbers in cached SQL; larger than any in use


def relation_name(table: str, discloser: str) -> str:
    """The name under which a relation is registered; a reader's SQL may not use names that begin this way."""
    return f"{RESERVED}:{table}:{discloser}"


def table_of(name: str) -> str:
    """The table of a relation's name; empty for any other name."""
    return name.split(":")[1] if name.startswith(f"{RESERVED}:") else ""


def relation(table: str, discloser: str) -> exp.Table:
    """The table expression for a stored table."""
    return exp.Table(this=exp.to_identifier(relation_name(table, discloser), quoted=True))


@dataclass(frozen=True, eq=False)
class GovernedRows:
    """`relations`: (table, discloser, or several as `single_relations` parts them) that the SQL names, and those that decide
    who is in a population."""

    sql: str
    relations: frozenset[tuple[str, str]]


def rows_of(table: str, grants: Sequence[Grant], shown: TableQueryOptions) -> list[GovernedRows]:
    """One relation for each discloser of the table, or for several (`alike`); together they are its governed rows. ValueError where no
    grant is for the table."""
    any_records = replace(shown, records=(ANYBODY,)) if shown.records else shown
    numbers = ", ".join(str(int(n)) for n in shown.records or ())
    parts = _of_each(table, grants, any_records) if shown.numbered else _of_many(table, grants, any_records)
    return [replace(p, sql=p.sql.replace(str(ANYBODY), numbers)) for p in parts] if numbers else parts


def _of_each(table: str, grants: Sequence[Grant], shown: TableQueryOptions) -> list[GovernedRows]:
    return [_part(own, types, shown) for own, types in by_discloser(table, grants, shown)]


def _of_many(table: str, grants: Sequence[Grant], shown: TableQueryOptions) -> list[GovernedRows]:
    """Reads disclosers with the same terms as one relation, unless the query asks for the discloser of a row."""
    held = by_discloser(table, grants, shown)
    alike = merge_grants([own for own, _ in held], shown.linked, shown.without)
    of_them = replace(shown, linked=alike.linked, without=alike.without)
    return [_part(own, held[0][1], of_them) for own in alike.grants]


def _part(grants: tuple[Grant, ...], types: Types, shown: TableQueryOptions) -> GovernedRows:
    linked = grants[0].discloser in shown.linked
    asked = (
        tuple(types.items()),
        linked,
        shown.on,
        shown.today,
        shown.records,
        shown.numbered,
        frozenset(shown.without),
    )

    terms = tuple(grant.row_sql_key for grant in grants)
    return _ROWS.of((terms, *asked), lambda: _compiled(grants, types, shown))


def _compiled(grants: tuple[Grant, ...], types: Types, shown: TableQueryOptions) -> GovernedRows:
    named: set[tuple[str, str]] = set()

    def noted(table: str, discloser: str) -> exp.Table:
        named.add((table, discloser))
        return relation(table, discloser)

    rows = of_discloser(grants, types, shown, noted)
    if TABLES[grants[0].table].of_person:
        # For the ledger, the members of a population are also read for each discloser separately.
        tiers = (tier for grant in grants for tier in grant.population)
        named.update(
            (entry.on, one)
            for tier in tiers
            for entry in tier
            for one in single_relations(grants[0].discloser)
        )
    return GovernedRows(rows.sql(dialect="duckdb", copy=False), frozenset(named))


_ROWS = Cache[GovernedRows](2_048)


AND = "+"  # a character that no partner id contains
OfOne = tuple[Grant, ...]


def single_relations(name: str) -> list[str]:
    """The relations of single disclosers that a merged relation replaces: for `bench/study/north+south`, `bench/study/north` and
    `bench/study/south`."""
    choice, slash, disclosers = name.rpartition("/")
    return [choice + slash + discloser for discloser in disclosers.split(AND)]


@dataclass(frozen=True)
class MergedGrants:
    """Grants of one table after merging; `linked` and `without` as in `TableQueryOptions`, under the merged names."""

    grants: tuple[OfOne, ...]
    linked: frozenset[str]
    without: frozenset[str]


def merge_grants(held: Sequence[OfOne], linked: Collection[str], without: Collection[str]) -> MergedGrants:
    """Merges the grants of one table, discloser by discloser. `linked`, `without`: see `sql.Shown`."""
    terms = tuple(tuple(grant.content_key for grant in own) for own in held)
    key = terms, frozenset(linked), frozenset(without)
    return _MERGED.of(key, lambda: _merged(held, *key[1:]))


def _merged(held: Sequence[OfOne], linked: frozenset[str], without: frozenset[str]) -> MergedGrants:
    groups: dict[Hashable, list[OfOne]] = {}
    for own in held:
        groups.setdefault(_merge_key(own, linked, without), []).append(own)
    found = [(group, _as_one(group)) for group in groups.values()]
    of_all_linked = {own[0].discloser for group, own in found if group[0][0].discloser in linked}
    of_all_without = {
        choice.of(new.discloser)
        for group, own in found
        for old, new in zip(group[0], own, strict=True)
        for choice in old.choices
        if choice.of(old.discloser) in without
    }
    return MergedGrants(tuple(own for _, own in found), frozenset(of_all_linked), frozenset(of_all_without))


def _as_one(group: Sequence[OfOne]) -> OfOne:
    if len(group) == 1:
        return group[0]
    names = AND.join(own[0].discloser for own in group)
    return tuple(replace(grant, discloser=names) for grant in group[0])


def _merge_key(own: OfOne, linked: Collection[str], without: Collection[str]) -> Hashable:
    """Everything that decides which rows of one discloser are shown, except the discloser."""
    return own[0].discloser in linked, tuple(_grant_key(grant, without) for grant in own)


def _grant_key(grant: Grant, without: Collection[str]) -> Hashable:
    codes_of = grant.codes if coded(grant) or coded_columns(grant) else None
    of_whom = grant.population, grant.records, grant.reach, grant.choices, grant.authors
    sides = frozenset(choice for choice in grant.choices if choice.of(grant.discloser) in without)
    return codes_of, grant.form, tuple(grant.columns.items()), *of_whom, sides


_MERGED = Cache[MergedGrants](512)
