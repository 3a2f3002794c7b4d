"""What an answer across partners could not join: how many records of each partner are linked to no record of another, in sentences.

Counted over all rows that the purpose shows the reader in the tables of the query, whatever its conditions: so the counts reveal
nothing about hidden rows, and no two queries differ by one student. Counts below the minimum cell are withheld, and so are complements
below it; since two partners have equally many linked records, the other counts are then rounded.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from throughway.core.prose import listed
from throughway.gate.linkage_recall import Recall
from throughway.store.links import Links
from throughway.store.record_numbers import NOBODY, Numbers, distinct, inside


@dataclass(frozen=True)
class Unlinked:
    """Of one partner's `records` in an answer, how many are linked to no record of another partner in it."""

    partner: str
    records: int
    unlinked: int


@dataclass(frozen=True)
class LinkageCoverage:
    """`counts`: of partners whose records are linked with others'; `apart`: partners whose records no purpose of kind linkage
    links under the purpose that is read. `ran`: whether any record is linked at all."""

    counts: tuple[Unlinked, ...]
    apart: tuple[str, ...]
    purpose: str
    minimum_cell: int
    ran: bool


def linkage_coverage(
    of: Mapping[str, Numbers], *, linked: Collection[str], links: Links, purpose: str, minimum_cell: int
) -> LinkageCoverage | None:
    """`of`: each partner's record numbers in the answer; `linked`: partners whose links may be seen. None where fewer than two
    partners have records."""
    if len(of) < 2:
        return None
    joined = sorted(of.keys() & set(linked))
    if len(joined) < 2:
        return LinkageCoverage((), tuple(sorted(of)), purpose, minimum_cell, ran=True)
    persons = {partner: links.persons_of(of[partner]) for partner in joined}
    counts = []
    for partner in joined:
        others = distinct(np.concatenate([NOBODY, *(persons[o] for o in joined if o != partner)]))
        alone = int((~inside(persons[partner], others)).sum())
        counts.append(Unlinked(partner, len(of[partner]), alone))
    apart = tuple(sorted(of.keys() - set(joined)))
    return LinkageCoverage(tuple(counts), apart, purpose, minimum_cell, ran=links.any_linked)


def sentences(found: LinkageCoverage, names: Mapping[str, str], recall: Recall | None) -> Iterator[str]:
    if found.apart:
        yield apart_words([names.get(partner, partner) for partner in found.apart], found.purpose)
    if found.counts and not found.ran:
        yield "No records are linked yet, so a query that joins partners finds nobody; run `throughway link`."
        return
    counts = [each for each in found.counts if each.records]
    if not counts:
        return
    cell = found.minimum_cell
    about = any(not cell <= each.unlinked <= each.records - cell for each in counts)
    counted = "; ".join(
        _of_partner(each, names.get(each.partner, each.partner), cell, about) for each in counts
    )
    yield f"Linked to no record of another partner here, and so left out where partners are joined: {counted}."
    yield recall_words(recall)


def apart_words(partners: Iterable[str], purpose: str) -> str:
    """Why records of these partners, by name, are joined with no other partner's."""
    return (
        f"Records of {listed(partners)} are not joined with those of others here: no purpose of kind linkage in effect serves "
        f"{purpose} for them, so a query that joins their students finds nobody. Add one to an agreement."
    )


def recall_words(recall: Recall | None) -> str:
    if recall is None:
        return "The number of missing links is not known: too few pairs of a sample have been reviewed."
    return (
        f"According to a sample of pairs that people reviewed, linkage finds {recall.share} "
        f"({recall.between}) of the pairs of records that are "
        "one person."
    )


def _of_partner(each: Unlinked, name: str, cell: int, about: bool) -> str:
    if each.records < cell:
        return f"{name} has fewer than {cell} records, so its number is withheld"
    if each.unlinked < cell:
        many = f"fewer than {cell}"
    elif each.records - each.unlinked < cell:
        many = f"all but fewer than {cell}"
    else:
        many = f"about {round(each.unlinked, -1):,}" if about else f"{each.unlinked:,}"
    return f"{many} of {each.records:,} records of {name}"
