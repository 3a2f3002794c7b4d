"""The linkage state that is stored between runs: sealed in the vault, under the keys of the agreements that permit the linkage.

It is derived from names, so it is destroyed whenever any record is destroyed. It never decides who may be seen: every run calls
`granted_records`, and a look-up reads its rows through the gate.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from throughway.agreements.grant import Grant
from throughway.core.refusals import Refused
from throughway.gate.actions.governed_access import GovernedAccess
from throughway.partners.actor import Actor
from throughway.store import schemas
from throughway.store.actions.landing import LINKS, NewFile, land, staging
from throughway.store.actions.links import links_file
from throughway.store.actions.removal import remove
from throughway.store.record_numbers import NOBODY, Numbers, distinct
from throughway.store.selectors import Snapshot, StoredFileFacts, snapshot

KNOWN = "person_known"
PATIENCE = 2.0  # seconds for which readers may keep using a replaced file; later sweeps remove the file


@dataclass(frozen=True, eq=False)
class GrantedRecords:
    """Whose records one grant shows today: `grant` names it; `terms` changes when it shows something else of them."""

    grant: str
    terms: str
    agreement: str
    table: str
    records: Numbers


@dataclass(frozen=True, eq=False)
class LandedChanges:
    """What was loaded since a moment. `files` and `batches`: those of the store now, by table and partner; `records`: those with rows
    added, corrected or removed. `lost`: rows were removed and their records are unknown."""

    files: Mapping[str, Sequence[str]]
    batches: Mapping[str, Sequence[str]]
    records: Numbers
    lost: bool


def granted_records(access: GovernedAccess, tables: Collection[str]) -> list[GrantedRecords]:
    """Whose rows of these tables the gate shows now, grant by grant."""
    with snapshot() as stored:
        return [
            GrantedRecords(_name(grant), _terms(grant), grant.agreement, table, numbers)
            for table in sorted(set(tables) & {grant.table for grant in access.grants})
            for grant, numbers in access.admitted(table, stored)
        ]


def landed_since(
    tables: Collection[str], files: Mapping[str, Sequence[str]], batches: Mapping[str, Sequence[str]]
) -> LandedChanges:
    """The records whose rows of these tables changed since the store held these files, with rows of these batches."""
    with snapshot() as stored:
        now: dict[str, list[StoredFileFacts]] = {}
        for file in stored.stored():
            if file.table.removesuffix(schemas.HISTORY) in tables:
                now.setdefault(f"{file.table}|{file.partner}", []).append(file)
        held = dict(batches)
        found: list[Numbers] = []
        for name, live in now.items():
            before = set(files.get(name, ()))
            if before == {file.id for file in live}:
                continue
            if name.split("|")[0].endswith(schemas.HISTORY):
                ids = {file.id for file in live} - before
                found += [n for file, n in stored.holding(live[0].table) if file.id in ids]
                continue
            fresh = [file for file in live if file.id not in before]
            # Files were only added, so the earlier ones are unchanged.
            kept = before <= {file.id for file in live}
            records, brought = _brought(
                [_rows_by_batch(stored, file) for file in (fresh if kept else live)],
                set(batches.get(name, ())),
            )
            found.append(records)
            held[name] = sorted(brought)
    return LandedChanges(
        {name: sorted(file.id for file in live) for name, live in now.items()},
        {name: ids for name, ids in held.items() if name in now},
        distinct(np.concatenate([NOBODY, *found])),
        lost=bool(files.keys() - now.keys()),
    )


def _rows_by_batch(stored: Snapshot, file: StoredFileFacts) -> pa.Table:
    """The record number and the batch of each row of a file."""
    return (
        stored.unsealed(file)
        if file.sealed
        else pq.read_table(file.path, columns=["person_record", "batch_id"])
    )


def _brought(tables: Sequence[pa.Table], before: Collection[str]) -> tuple[Numbers, set[str]]:
    """The record numbers in rows of new batches, and all batches."""
    records, batches = [NOBODY], set(before)
    for rows in tables:
        new = pc.invert(pc.is_in(rows["batch_id"], pa.array(sorted(before), pa.string())))
        records.append(rows.filter(new)["person_record"].to_numpy())
        batches |= set(pc.unique(rows["batch_id"].drop_null()).to_pylist())
    return distinct(np.concatenate(records)), batches


def sealed_linkage_state() -> tuple[tuple[str, ...], list[pa.Table]]:
    """The ids and contents of the stored state, oldest first; empty where none is stored or no key opens it."""
    with snapshot() as stored:
        files = _files(stored)
        try:
            tables = [stored.unsealed(file) for file in files]
        except Refused:
            return (), []
    return tuple(file.id for file in files), tables


def linkage_state_ids() -> tuple[str, ...]:
    """The ids of the stored state, which show whether a copy in memory is still current."""
    with snapshot() as stored:
        return tuple(file.id for file in _files(stored))


def land_linkage_state(
    *,
    content: pa.Table | None,
    agreements: Collection[str],
    links: pa.Table | None,
    replacing: bool,
    by: Actor,
    within: Callable[[], None],
) -> None:
    """Lands `links` (None: unchanged) and adds `content` (None: nothing) to the stored state or replaces it, in one transaction with
    what `within` writes. What is superseded is destroyed with its keys."""
    superseded: list[str] = []
    with snapshot() as stored, staging() as folder:
        files = []
        if links is not None:
            files.append(links_file(links, folder))
            superseded += [file.id for file in stored.stored(LINKS, "")]
        if content is not None:
            files.append(NewFile(KNOWN, "", 0, arrow=content, agreements=tuple(sorted(agreements))))
        gone = [file.id for file in _files(stored)] if replacing else []
        land(batch="linkage", files=files, replaces=[*superseded, *gone], by=by, within=within)
    if gone:
        with suppress(Refused):  # a reader still uses it: no snapshot lists it, and the next sweep removes it
            remove(files=gone, by=by, patience=PATIENCE)


def _files(stored: Snapshot) -> list[StoredFileFacts]:
    return sorted(stored.stored(KNOWN, ""), key=lambda file: (file.recorded_at, file.id))


def _name(grant: Grant) -> str:
    return "|".join((grant.purpose, grant.agreement, str(grant.entry), grant.discloser, grant.table))


def _terms(grant: Grant) -> str:
    columns = sorted((name, str(transform)) for name, transform in grant.columns.items())
    terms = (
        grant.version,
        columns,
        grant.population,
        grant.records,
        grant.reach,
        sorted(map(str, grant.choices)),
    )
    return sha256(repr(terms).encode()).hexdigest()[:32]
