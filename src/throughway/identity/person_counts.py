"""Counts of records and persons by partner, and of persons whom two partners share. Small counts are withheld."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Tally:
    """`records`, `persons`: by partner. `seen_by`: number of partners → number of persons that so many partners know. `together`: two
    partners, in order → number of persons that both know. `all_persons`: each person once."""

    records: Mapping[str, int]
    persons: Mapping[str, int]
    seen_by: Mapping[int, int]
    together: Mapping[tuple[str, str], int]
    all_persons: int

    @property
    def all_records(self) -> int:
        return sum(self.records.values())

    def both(self, one: str, other: str) -> int:
        """The number of persons that both know; for one partner twice, the persons it knows."""
        if one == other:
            return self.persons[one]
        return self.together[min(one, other), max(one, other)]


def tally(persons: Mapping[str, Integers]) -> Tally:
    """Counts the persons in each partner's records (one entry for each record)."""
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


FEWEST = 10  # a smaller count could identify a child; only people of a partner that keeps all records see it


@dataclass(frozen=True)
class SharedPersons:
    """Persons whom the row's partner and this one both know; `share`: of the row's persons, 0 to 100. A `count` of None is withheld."""

    name: str
    count: int | None
    share: float
    is_self: bool


@dataclass(frozen=True)
class PartnerOverview:
    """One partner's records and persons, and how many of these persons each partner knows."""

    name: str
    records: int
    persons: int
    cells: Sequence[SharedPersons]


def overview(counts: Tally, names: Mapping[str, str], *, of: str | None = None) -> list[PartnerOverview]:
    """A row for each partner, or only for one (`of`) with small counts withheld. Rows and cells are in the order of the names."""
    partners = sorted(counts.persons, key=lambda partner: names.get(partner, partner))
    rows = []
    for partner in partners if of is None else [of]:
        own, cells = counts.persons[partner], []
        for other in partners:
            both, name = counts.both(partner, other), names.get(other, other)
            if of is not None and partner != other and both < FEWEST:
                cells.append(SharedPersons(name, None, 0.0, False))
            else:
                cells.append(SharedPersons(name, both, 100 * both / (own or 1), partner == other))
        rows.append(PartnerOverview(names.get(partner, partner), counts.records[partner], own, cells))
    return rows
