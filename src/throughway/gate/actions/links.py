"""Which records are one person: landed by linkage, read at the door."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from throughway.agreements.grants import shortfall
from throughway.agreements.reading import standings
from throughway.agreements.words import PurposeKind
from throughway.partners.actor import Actor
from throughway.store import schemas
from throughway.store.actions import NewFile, land, numbers_of, staging
from throughway.store.reading import Snapshot, snapshot

LINKS = "person_link"


def linkage_purposes(on: date) -> list[str]:
    """The purposes of kind linkage of all agreements in effect on that day, each once."""
    known = standings(on)
    return sorted(
        {
            entry.id
            for standing in known
            if not shortfall(standing, known)
            for entry in standing.document.purposes
            if entry.kind is PurposeKind.LINKAGE
        }
    )


def person_links() -> pa.Table:
    """`record`, `person` of every link in force; without rows before the first linkage."""
    with snapshot() as stored:
        path = stored.links()
        return pq.read_table(path, schema=schemas.schema(LINKS)) if path else schemas.empty(LINKS)


def land_person_links(*, links: pa.Table, by: Actor, within: Callable[[], None] | None = None) -> None:
    """Puts these links (`record`, `person`) in force in place of those before; `within` joins the transaction.

    Refused (changed_meanwhile) when another linkage came first.
    """
    ordered = links.select(["record", "person"]).cast(schemas.schema(LINKS)).sort_by("record")
    with snapshot() as stored, staging() as folder:
        path = folder / "links.parquet"
        pq.write_table(ordered, path, compression="zstd")
        before = [file.id for file in stored.stored(LINKS, "")]
        new = NewFile(table=LINKS, partner="", school_year=0, path=path)
        land(batch="linkage", files=[new], replaces=before, by=by, within=within)


def record_numbers(partner: str) -> dict[str, int]:
    """The partner's own keys of its learners, each with the record number that stands for it in facts."""
    return numbers_of(partner)


class Links:
    """The links in force, in memory: from record to person and back."""

    def __init__(self, path: Path | None) -> None:
        table = pq.read_table(path, schema=schemas.schema(LINKS)) if path else schemas.empty(LINKS)
        records, persons = table["record"].to_numpy(), table["person"].to_numpy()
        by_record, by_person = np.argsort(records, kind="stable"), np.argsort(persons, kind="stable")
        self._records, self._persons = records[by_record], persons[by_record]
        self._grouped, self._members = persons[by_person], records[by_person]

    def records_of(self, persons: "list[int] | tuple[int, ...]") -> NDArray[np.int64]:
        """Records that may be shown under one of these ids: those linked to it, and the one of that very number."""
        wanted = np.asarray(sorted({p for p in persons if p < 2**63}), dtype=np.int64)
        first = np.searchsorted(self._grouped, wanted, side="left")
        last = np.searchsorted(self._grouped, wanted, side="right")
        found = [self._members[a:b] for a, b in zip(first, last, strict=True)]
        return np.unique(np.concatenate([wanted, *found]))

    def persons_of(self, records: NDArray[np.int64]) -> NDArray[np.int64]:
        """The person of each record; its own number where it has no link."""
        if not len(self._records):
            return records
        place = np.minimum(np.searchsorted(self._records, records), len(self._records) - 1)
        return np.where(self._records[place] == records, self._persons[place], records)


@lru_cache(maxsize=2)
def _held(path: Path | None) -> Links:
    return Links(path)


def links_of(stored: Snapshot) -> Links:
    """The links that are live in the snapshot; files never change, so one that was read is kept."""
    return _held(stored.links())
