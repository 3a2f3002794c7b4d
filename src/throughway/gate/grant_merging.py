"""Disclosers who show a table on the same terms are read as if they were one.

A record number is of one partner alone, so the rows of all of them, held against the students of all of them, are the rows of
each held against its own. To the engine one table is less work than twenty, and one join than twenty.
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace

from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import coded, coded_columns
from throughway.core.cache import Cache

AND = "+"  # stands in no partner's id
OfOne = tuple[Grant, ...]


def single_relations(name: str) -> list[str]:
    """The relations of single disclosers for which one of several stands: of `bench/study/north+south` those of
    `bench/study/north` and `bench/study/south`."""
    choice, slash, disclosers = name.rpartition("/")
    return [choice + slash + discloser for discloser in disclosers.split(AND)]


@dataclass(frozen=True)
class MergedGrants:
    """Grants of one table by those who are read as one, and what was said of each of theirs said of them: `linked`, `without`."""

    grants: tuple[OfOne, ...]
    linked: frozenset[str]
    without: frozenset[str]


def merge_grants(held: Sequence[OfOne], linked: Collection[str], without: Collection[str]) -> MergedGrants:
    """The grants of one table, of one discloser after the other. `linked`, `without`: see `sql.Shown`."""
    terms = tuple(tuple(grant.content_key for grant in own) for own in held)
    key = terms, frozenset(linked), frozenset(without)
    return _MERGED.of(key, lambda: _merged(held, *key[1:]))


def _merged(held: Sequence[OfOne], linked: frozenset[str], without: frozenset[str]) -> MergedGrants:
    groups: dict[Hashable, list[OfOne]] = {}
    for own in held:
        groups.setdefault(_terms(own, linked, without), []).append(own)
    found = [(group, _of_all(group)) for group in groups.values()]
    of_all_linked = {own[0].discloser for group, own in found if group[0][0].discloser in linked}
    of_all_without = {
        choice.of(new.discloser)
        for group, own in found
        for old, new in zip(group[0], own, strict=True)
        for choice in old.choices
        if choice.of(old.discloser) in without
    }
    return MergedGrants(tuple(own for _, own in found), frozenset(of_all_linked), frozenset(of_all_without))


def _of_all(group: Sequence[OfOne]) -> OfOne:
    if len(group) == 1:
        return group[0]
    names = AND.join(own[0].discloser for own in group)
    return tuple(replace(grant, discloser=names) for grant in group[0])


def _terms(own: OfOne, linked: Collection[str], without: Collection[str]) -> Hashable:
    """All on which one discloser's rows hang beside whose they are."""
    return own[0].discloser in linked, tuple(_of(grant, without) for grant in own)


def _of(grant: Grant, without: Collection[str]) -> Hashable:
    codes_of = grant.agreement if coded(grant) or coded_columns(grant) else None
    of_whom = grant.population, grant.records, grant.reach, grant.choices
    sides = frozenset(choice for choice in grant.choices if choice.of(grant.discloser) in without)
    return codes_of, grant.form, tuple(grant.columns.items()), *of_whom, sides


_MERGED = Cache[MergedGrants](512)
