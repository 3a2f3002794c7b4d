"""Which records exist and which of them belong to one person: record numbers only, for those who keep the records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from throughway.store.actions.links import links_of
from throughway.store.selectors import Snapshot, snapshot

OF_WHOM = "person"  # the table with one row for each record of a learner


@dataclass(frozen=True)
class HeldRecord:
    """One partner's record of a person; `batch` and `at` are those of the load that last brought it."""

    record: int
    partner: str
    batch: str
    at: datetime


@dataclass(frozen=True, eq=False)
class PersonsByPartner:
    """`persons`: by partner, the person of each record (one entry a record). `key` is the same while nothing changed."""

    key: tuple[str, ...]
    persons: Mapping[str, NDArray[np.int64]]


def persons_by_partner() -> PersonsByPartner:
    """Every partner's records by the person that linkage found; a record that was never linked is its own."""
    with snapshot() as stored:
        links, path = links_of(stored), stored.links()
        key = (str(path), *sorted(file.id for file in stored.stored(OF_WHOM)))
        held = _numbers_by_partner(stored)
        return PersonsByPartner(key, {partner: links.persons_of(held[partner]) for partner in held})


def numbers_by_partner() -> dict[str, NDArray[np.int64]]:
    """The numbers of all of each partner's records, whoever may see them."""
    with snapshot() as stored:
        return _numbers_by_partner(stored)


def _numbers_by_partner(stored: Snapshot) -> dict[str, NDArray[np.int64]]:
    held: dict[str, list[NDArray[np.int64]]] = {}
    for file, records in stored.holding(OF_WHOM):
        held.setdefault(file.partner, []).append(records)
    return {partner: np.unique(np.concatenate(sets)) for partner, sets in held.items()}


def persons_of(records: Sequence[int]) -> dict[int, int]:
    """The person of each record; a record that was never linked is its own."""
    with snapshot() as stored:
        persons = links_of(stored).persons_of(np.array(records, dtype=np.int64))
    return dict(zip(records, (int(person) for person in persons), strict=True))


def records_of(person: int) -> list[HeldRecord]:
    """One person's record numbers, by partner; empty where no partner has any, or where the number is a record of another person."""
    with snapshot() as stored:
        links = links_of(stored)
        if links.persons_of(np.array([person], dtype=np.int64))[0] != person:
            return []
        numbers = links.records_of((person,))
        held = [
            HeldRecord(int(number), file.partner, file.batch, file.recorded_at)
            for file, records in stored.holding(OF_WHOM)
            for number in np.intersect1d(records, numbers)
        ]
    newest = {record.record: record for record in sorted(held, key=lambda record: record.at)}
    return sorted(newest.values(), key=lambda record: (record.partner, record.record))


def whose_records(partner: str, numbers: Iterable[int]) -> frozenset[int]:
    """Those of the partner's record numbers for which the store still holds rows."""
    asked = np.array(sorted(numbers), dtype=np.int64)
    with snapshot() as stored:
        held = [records for file, records in stored.holding(OF_WHOM) if file.partner == partner]
    return frozenset(n for records in held for n in np.intersect1d(asked, records).tolist())
