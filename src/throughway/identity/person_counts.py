"""How many records became how many persons, and which partners know the same: counts, never a name."""

from collections.abc import Mapping
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
