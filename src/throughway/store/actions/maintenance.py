"""Maintenance of stored files: merging small ones, giving agreements their keys, checking them against the manifest."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from uuid import uuid4

import pyarrow as pa
from django.db import transaction

from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.store import durable_files, process_locks, schemas
from throughway.store.actions.landing import (
    PATIENCE,
    ChangeAuthor,
    NewFile,
    belong_together,
    land,
    staging,
)
from throughway.store.actions.removal import SWEEP_PATIENCE, orphaned
from throughway.store.database_record import APART
from throughway.store.engine import DuckDBEngine
from throughway.store.models import LIVE, StoredFile
from throughway.store.selectors import StoredFileFacts, current_community, path_of, snapshot
from throughway.store.typed_rows import typed_tables
from throughway.store.vault import Vault


def compact(table: str, partner: str, school_year: int, *, by: ChangeAuthor) -> list[str]:
    """Merges the live files into one and returns the new ids; [] when there is nothing to merge.

    A file that lands meanwhile stays separate. Refused (changed_meanwhile) when a merged file is superseded meanwhile, or the
    agreements that cover it change: then nothing was changed.
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
    """Merges files that the same agreements cover, so that no agreement opens more than before."""
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
                "Other agreements now cover these files; nothing was changed. Run it again.",
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


def cover(
    *, agreement: str, partners: Collection[str], tables: Collection[str] | None = None, by: ChangeAuthor
) -> int:
    """Lets `agreement` open the live vault files of these partners (all their vaulted tables, or those named).

    Returns the number of files that it opens now. Waits for landings in progress, so that none lands a file without it: a later
    landing sees the agreement in effect. Files that no key opens any more are skipped. Must not be called inside a transaction,
    because the landings that it waits for would wait for that transaction. Repeating it is harmless.
    """
    community = current_community()
    vault = Vault(community)
    with process_locks.turn(community.landing, alone=True, patience=PATIENCE) as granted:
        if not granted:
            raise Refused("Files are being loaded; try again in a minute.", code="busy")
        with transaction.atomic(durable=True):
            files = StoredFile.objects.filter(state=LIVE, sealed=True, partner__in=partners)
            if tables is not None:
                files = files.filter(table__in=tables)
            covered = [file for file in files.defer("records") if vault.opens(file.id)]
        for file in covered:
            vault.wrap_for(path_of(community, file), agreement)
    return len(covered)


def check() -> list[str]:
    """One sentence for each fault found; changes nothing."""
    community = current_community()
    if not belong_together(community):
        return [APART]
    vault = Vault(community)
    with snapshot() as view:
        problems = [problem for file in view.stored() if (problem := problem_of(vault, file, _digest(file)))]
    problems += [*_destroyed_but_live(vault), *_texts_that_do_not_open(vault)]
    with process_locks.turn(community.landing, alone=True, patience=SWEEP_PATIENCE) as granted:
        left = list(orphaned(community)) if granted else []
    left += process_locks.unclaimed(community.staging)
    return problems + [
        f"{path.relative_to(community.root)} was left by a load that did not finish; the next load or sweep "
        f"will remove it."
        for path in left
    ]


def _destroyed_but_live(vault: Vault) -> list[str]:
    """Files that `keys/` records as destroyed and the manifest as live: the data are older than the keys."""
    buried = vault.keyring.buried()
    live = StoredFile.objects.filter(state=LIVE).values_list("id", flat=True)
    found = {buried.files[id] for id in live.iterator() if id in buried.files}
    return [
        f"An older copy of the data was restored: it holds what was destroyed on {on} (certificate {name}). "
        f"Its keys are gone and nobody can read it; order that destruction again, so that the copy is "
        f"removed too."
        for name, on in sorted(found)
    ]


def _texts_that_do_not_open(vault: Vault) -> Iterator[str]:
    """Typed texts whose key is not in `keys/`, counted by table and agreement. Reads no text."""
    for table, typed in typed_tables().items():
        lost = Counter(
            agreement
            for agreement, key in typed.text_keys()
            if vault.keyring.text_key(agreement, key) is None
        )
        for agreement, learners in sorted(lost.items()):
            yield (
                f"No key opens what was typed in {table} under {agreement} about {counted(learners, 'learner')}; restore keys/, or order "
                "the destruction again that destroyed the keys."
            )


def _digest(file: StoredFileFacts) -> str | None:
    """The sha256 of the file that is there; None where it is missing."""
    try:
        return durable_files.digest(file.path)
    except (FileNotFoundError, IsADirectoryError):
        return None


def problem_of(vault: Vault, file: StoredFileFacts, digest: str | None) -> str | None:
    """What is wrong with a stored file, in one sentence. `digest`: the sha256 that was found, None of a missing file."""
    of = f"{file.table} of {file.partner or 'the community'}, file {file.path.name}"
    if digest is None:
        return f"A file is missing ({of}); restore it from a backup."
    if digest != file.sha256:
        return f"A file has changed since it was written ({of}); restore it from a backup."
    if file.sealed and not vault.opens(file.id):
        return f"No agreement's key opens a vault file ({of}); restore keys/, or destroy what it held."
    return None
