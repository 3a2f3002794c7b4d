"""Which records are one person: written by linkage, read by the gate and the ledger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from throughway.store import process_locks, schemas
from throughway.store.actions.landing import LINKS, ChangeAuthor, NewFile, land, staging
from throughway.store.links import Links
from throughway.store.selectors import Snapshot, current_community, snapshot

PATIENCE = 1.0  # seconds that a linkage waits for another before it is refused


@contextmanager
def linking_turn() -> Iterator[None]:
    """Allows one linkage at a time, and none while records are destroyed: what it read must still exist when its links land."""
    busy = "Records are being linked or destroyed; try again in a few minutes."
    with process_locks.alone(current_community().data / "linking.turn", patience=PATIENCE, busy=busy):
        yield


def person_links() -> pa.Table:
    """`record`, `person` of every current link; without rows before the first linkage."""
    with snapshot() as stored:
        return _read(stored.links())


def links_in_force() -> Links:
    """The same as an object for look-ups by record and by person."""
    with snapshot() as stored:
        return links_of(stored)


def land_person_links(*, links: pa.Table, by: ChangeAuthor, within: Callable[[], None] | None = None) -> None:
    """Replaces the current links by these (`record`, `person`); `within` joins the transaction.

    Refused (changed_meanwhile) when another linkage landed first.
    """
    with snapshot() as stored, staging() as folder:
        before = [file.id for file in stored.stored(LINKS, "")]
        land(batch="linkage", files=[links_file(links, folder)], replaces=before, by=by, within=within)


def links_file(links: pa.Table, folder: Path) -> NewFile:
    """Links (`record`, `person`) as a file to land, written into the folder."""
    ordered = links.select(["record", "person"]).cast(schemas.schema(LINKS)).sort_by("record")
    path = folder / "links.parquet"
    pq.write_table(ordered, path, compression="zstd")
    return NewFile(table=LINKS, partner="", school_year=0, path=path)


def _read(path: Path | None) -> pa.Table:
    return pq.read_table(path, schema=schemas.schema(LINKS)) if path else schemas.empty(LINKS)


@lru_cache(maxsize=2)
def _held(path: Path | None) -> Links:
    table = _read(path)
    return Links(table["record"].to_numpy(), table["person"].to_numpy())


def links_of(stored: Snapshot) -> Links:
    """The live links in the snapshot; files never change, so the last one read is cached."""
    return _held(stored.links())
