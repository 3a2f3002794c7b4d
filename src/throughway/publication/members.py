"""The persons whom each figure of a release counts, as the registry stores them: later releases are audited together with it.

A release's persons are numbered anew, in random order; their record numbers are stored apart from the figures, so that a person can be
forgotten while the figures of all others remain comparable. Nothing else of a student is stored.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from throughway.publication.tables import Place
from throughway.store.record_numbers import NOBODY, Numbers, any_of, distinct, inside

Ordinals = NDArray[np.int64]
UNKNOWN = -1


class PersonLinks(Protocol):
    """The links between records and persons, as the gate gives them."""

    def persons_of(self, records: Numbers) -> Numbers: ...

    def records_by_person(self, persons: Numbers) -> tuple[Numbers, Numbers]: ...


@dataclass(frozen=True, eq=False)
class FigureMembers:
    """`figures`: for each count, the release's own numbers of its persons, sorted; `size`: how many persons there are. The person with
    the number `owners[i]` has the record `records[i]`; one without any record was forgotten."""

    figures: Mapping[Place, Ordinals]
    size: int
    owners: Ordinals
    records: Numbers

    @classmethod
    def of(cls, persons: Mapping[Place, Numbers], links: PersonLinks) -> "FigureMembers":
        """The members of these figures, with every record that is linked to each person today."""
        every = np.random.default_rng().permutation(any_of(persons.values()))
        order = np.argsort(every)
        owners, records = links.records_by_person(every)
        figures = {at: np.sort(order[np.searchsorted(every, p, sorter=order)]) for at, p in persons.items()}
        return cls(figures, every.size, owners, records)

    def persons(self, links: PersonLinks, stand_ins: int | None = None) -> tuple[dict[Place, Numbers], int]:
        """The persons of each figure under today's links, and how many of the release's persons are unknown. `stand_ins`: the first of the
        numbers, from there downwards, that stand for the unknown, who are left out without it. A later figure that lacks one of them
        then differs, as it does in truth."""
        by_ordinal = np.full(self.size, UNKNOWN, dtype=np.int64)
        by_ordinal[self.owners] = links.persons_of(self.records)
        gone = np.flatnonzero(by_ordinal == UNKNOWN)
        if stand_ins is not None:
            by_ordinal[gone] = stand_ins - gone
        found = {at: distinct(by_ordinal[ordinals]) for at, ordinals in self.figures.items()}
        return {at: persons[persons != UNKNOWN] for at, persons in found.items()}, gone.size

    def without(self, records: Numbers) -> "FigureMembers":
        """The members once these records are destroyed: their persons lose every record number, and so cannot be found again."""
        touched = np.unique(self.owners[inside(self.records, records)])
        stays = ~np.isin(self.owners, touched)
        return FigureMembers(self.figures, self.size, self.owners[stays], self.records[stays])

    def packed(self) -> bytes:
        file = io.BytesIO()
        places = [json.dumps(sorted(at)) for at in self.figures]
        np.savez_compressed(
            file, places=np.array(places, dtype=np.str_), lengths=np.array([o.size for o in self.figures.values()], np.int64),
            ordinals=np.concatenate([NOBODY, *self.figures.values()]), size=np.array(self.size),
            owners=self.owners, records=self.records,
        )  # fmt: skip
        return file.getvalue()

    @classmethod
    def unpacked(cls, packed: bytes) -> "FigureMembers":
        with np.load(io.BytesIO(packed), allow_pickle=False) as held:
            parts = np.split(held["ordinals"], np.cumsum(held["lengths"])[:-1])
            places = [
                frozenset((str(d), str(v)) for d, v in json.loads(at)) for at in held["places"].tolist()
            ]
            figures = dict(zip(places, parts, strict=True)) if places else {}
            return cls(figures, int(held["size"]), held["owners"], held["records"])
