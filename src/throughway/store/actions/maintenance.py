"""Maintenance of stored files: giving agreements their keys, checking them against the manifest."""

from collections import Counter
from collections.abc import Collection, Iterator

from django.db import transaction

from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.store import durable_files, process_locks
from throughway.store.actions.landing import PATIENCE, ChangeAuthor, belong_together
from throughway.store.actions.removal import SWEEP_PATIENCE, orphaned
from throughway.store.database_record import APART
from throughway.store.models import LIVE, StoredFile
from throughway.store.selectors import StoredFileFacts, current_community, path_of, snapshot
from throughway.store.typed_rows import typed_tables
from throughway.store.vault import Vault


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
