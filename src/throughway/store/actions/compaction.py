"""Compaction: the many files of one table, partner and school year become one; their rows stay what they are."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import uuid4

import pyarrow as pa

from throughway.core.refusals import Refused
from throughway.store import schemas
from throughway.store.actions.landing import NewFile, land, staging
from throughway.store.change_author import ChangeAuthor
from throughway.store.engine import DuckDBEngine
from throughway.store.selectors import StoredFileFacts, current_community, snapshot
from throughway.store.vault import Vault


def compact(table: str, partner: str, school_year: int, *, by: ChangeAuthor) -> list[str]:
    """Merges the live files into one and gives the new ids; [] when there is nothing to merge.

    A file that lands meanwhile is left beside the merged one. Refused (changed_meanwhile) when a file that was merged
    is superseded meanwhile, or other agreements come to cover it: then nothing was changed.
    """
    with snapshot() as view:
        files = [f for f in view.stored(table, partner) if f.school_year == school_year]
        if schemas.vaulted(table):
            return _merge_sealed(files, by)
        return _merge_plain(files, by) if len(files) > 1 else []


def _merge_plain(files: Sequence[StoredFileFacts], by: ChangeAuthor) -> list[str]:
    first = files[0]
    with staging() as folder, DuckDBEngine(temp_directory=folder) as engine:
        engine.register("files", [file.path for file in files], columns=schemas.columns(first.table))
        merged = folder / "merged.parquet"
        engine.write("SELECT * FROM files", merged, order_by=schemas.order(first.table))
        new = NewFile(first.table, first.partner, first.school_year, path=merged)
        return land(batch=_batch(), files=[new], replaces=[file.id for file in files], by=by)


def _merge_sealed(files: Sequence[StoredFileFacts], by: ChangeAuthor) -> list[str]:
    """Merges files that the same agreements cover, so that none of them comes to open more than before."""
    vault = Vault(current_community())
    groups: dict[tuple[str, ...], list[StoredFileFacts]] = defaultdict(list)
    for file in files:
        groups[tuple(vault.keyring.openers(file.id))].append(file)
    merged: list[str] = []
    for agreements, group in groups.items():
        if agreements and len(group) > 1:
            merged += _merge_group(vault, group, agreements, by)
    return merged


def _merge_group(
    vault: Vault, group: Sequence[StoredFileFacts], agreements: tuple[str, ...], by: ChangeAuthor
) -> list[str]:
    first = group[0]
    rows = pa.concat_tables([vault.open(file.path) for file in group])

    def still_covered_alike() -> None:
        if any(tuple(vault.keyring.openers(file.id)) != agreements for file in group):
            raise Refused(
                "Other agreements came to cover these files; nothing was changed. Run it again.",
                code="changed_meanwhile",
            )

    return land(
        batch=_batch(),
        files=[NewFile(first.table, first.partner, first.school_year, arrow=rows, agreements=agreements)],
        replaces=[file.id for file in group],
        by=by,
        within=still_covered_alike,
    )


def _batch() -> str:
    return f"compaction-{uuid4().hex}"
