"""What the page of persons tells: how records became persons, partner by partner; small counts of others are withheld."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughway.identity.person_counts import Tally

FEWEST = (
    10  # a count below it could point at a child, and is told to nobody but the desk that keeps all records
)


@dataclass(frozen=True)
class SharedPersons:
    """Persons whom the row's partner and this one both know; `share` of the row's, 0 to 100. None is withheld."""

    name: str
    count: int | None
    share: float
    is_self: bool = False


@dataclass(frozen=True)
class PartnerOverview:
    """One partner: its records and persons, and how many of them each partner knows too."""

    partner: str
    name: str
    records: int
    persons: int
    cells: Sequence[SharedPersons]


@dataclass(frozen=True)
class PersonsByPartnerCount:
    """How many persons are known by so many partners; `share` of all persons, 0 to 100."""

    partners: int
    persons: int
    share: float


def overview(counts: Tally, names: Mapping[str, str], *, of: str | None = None) -> list[PartnerOverview]:
    """A row for each partner; of one alone (`of`), with what others share withheld where it is small."""
    partners = sorted(counts.persons, key=lambda partner: names.get(partner, partner))
    rows = [partner for partner in partners if of in (None, partner)]
    return [
        PartnerOverview(
            partner,
            names.get(partner, partner),
            counts.records[partner],
            counts.persons[partner],
            [
                _cell(counts, partner, other, names.get(other, other), withhold=of is not None)
                for other in partners
            ],
        )
        for partner in rows
    ]


def columns(counts: Tally, names: Mapping[str, str]) -> list[str]:
    return sorted(names.get(partner, partner) for partner in counts.persons)


def seen(counts: Tally) -> list[PersonsByPartnerCount]:
    whole = counts.all_persons or 1
    return [
        PersonsByPartnerCount(n, persons, 100 * persons / whole)
        for n, persons in sorted(counts.seen_by.items())
    ]


def _cell(counts: Tally, partner: str, other: str, name: str, *, withhold: bool) -> SharedPersons:
    both, own = counts.both(partner, other), counts.persons[partner] or 1
    if withhold and partner != other and both < FEWEST:
        return SharedPersons(name, None, 0.0)
    return SharedPersons(name, both, 100 * both / own, partner == other)
