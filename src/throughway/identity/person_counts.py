"""How many records became how many persons, and which partners know the same: counts, never a name.

The page of persons shows them partner by partner; small counts of others are withheld.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Tally:
    """`records`, `persons`: of each partner. `seen_by`: number of partners → persons that so many know. `together`: two
    partners (in order) → persons that both know. `all_persons`: each counted once."""

    records: Mapping[str, int]
    persons: Mapping[str, int]
    seen_by: Mapping[int, int]
    together: Mapping[tuple[str, str], int]
    all_persons: int

    @property
    def all_records(self) -> int:
        return sum(self.records.values())

    def both(self, one: str, other: str) -> int:
        """Persons that both know; of a partner with itself, those it knows."""
        if one == other:
            return self.persons[one]
        return self.together[min(one, other), max(one, other)]


def tally(persons: Mapping[str, Integers]) -> Tally:
    """Counts the persons of each partner's records (one entry a record)."""
    known = {partner: np.unique(each) for partner, each in sorted(persons.items())}
    everyone = np.concatenate([*known.values(), np.empty(0, dtype=np.int64)])
    _, partners = np.unique(everyone, return_counts=True)
    numbers, counts = np.unique(partners, return_counts=True)
    return Tally(
        records={partner: len(persons[partner]) for partner in known},
        persons={partner: len(each) for partner, each in known.items()},
        seen_by={int(n): int(count) for n, count in zip(numbers, counts, strict=True)},
        together={
            (one, other): len(np.intersect1d(known[one], known[other], assume_unique=True))
            for one, other in combinations(known, 2)
        },
        all_persons=len(partners),
    )


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
