"""The links between records and persons, in memory."""

from collections.abc import Sequence

import numpy as np

from throughway.store.record_numbers import Numbers, any_of, distinct


class Links:
    """Maps records to persons and back. `records` and `persons` are parallel arrays; each record occurs once."""

    def __init__(self, records: Numbers, persons: Numbers) -> None:
        by_record, by_person = np.argsort(records, kind="stable"), np.argsort(persons, kind="stable")
        self._records, self._persons = records[by_record], persons[by_record]
        self._grouped, self._members = persons[by_person], records[by_person]

    @property
    def pairs(self) -> dict[str, Numbers]:
        """All of them, by record."""
        return {"record": self._records, "person": self._persons}

    @property
    def any_linked(self) -> bool:
        """Whether any record is linked."""
        return bool(len(self._records))

    def records_of(self, persons: Sequence[int]) -> Numbers:
        """Records that may be shown under one of these ids: those linked to it, and the record with that number."""
        wanted = np.asarray(sorted({p for p in persons if p < 2**63}), dtype=np.int64)
        first = np.searchsorted(self._grouped, wanted, side="left")
        last = np.searchsorted(self._grouped, wanted, side="right")
        found = [self._members[a:b] for a, b in zip(first, last, strict=True)]
        return distinct(np.concatenate([wanted, *found]))

    def records_by_person(self, persons: Numbers) -> tuple[Numbers, Numbers]:
        """Every record of these distinct persons, in any order: the place of its person among `persons`, and its number. A person
        without a link is the record with that number."""
        order = np.argsort(persons)
        place = np.searchsorted(persons, self._grouped, sorter=order)
        place = order[np.minimum(place, len(order) - 1)] if len(order) else place
        held = persons[place] == self._grouped if len(order) else np.zeros(0, dtype=np.bool_)
        alone = np.setdiff1d(np.arange(len(persons)), place[held])
        return np.concatenate([place[held], alone]), np.concatenate([self._members[held], persons[alone]])

    def persons_of(self, records: Numbers) -> Numbers:
        """The person of each record; its own number where it has no link."""
        if not len(self._records):
            return records
        place = np.minimum(np.searchsorted(self._records, records), len(self._records) - 1)
        return np.where(self._records[place] == records, self._persons[place], records)

    def together(self, records: Numbers) -> Numbers:
        """These records and all others linked to the same persons, sorted."""
        persons = distinct(self.persons_of(records))
        first = np.searchsorted(self._grouped, persons, side="left")
        last = np.searchsorted(self._grouped, persons, side="right")
        # All positions from each first to each last, without a loop over persons.
        lengths = last - first
        starts = np.repeat(first - np.cumsum(lengths) + lengths, lengths)
        linked = self._members[starts + np.arange(len(starts))]
        return any_of((records, distinct(linked)))
