"""Checking: the manifest against the files, byte for byte."""

from throughway.store import durable_files, process_locks
from throughway.store.actions.belonging import APART, belong_together
from throughway.store.actions.sweeping import PATIENCE, orphaned
from throughway.store.models import LIVE, StoredFile
from throughway.store.selectors import StoredFileFacts, current_community, snapshot
from throughway.store.vault import Vault


def check() -> list[str]:
    """One sentence for each thing that is not as it should be; nothing is changed."""
    community = current_community()
    if not belong_together(community):
        return [APART]
    vault = Vault(community)
    with snapshot() as view:
        problems = [problem for file in view.stored() if (problem := _problem(vault, file))]
    problems += _from_before(vault)
    with process_locks.turn(community.landing, alone=True, patience=PATIENCE) as granted:
        left = list(orphaned(community)) if granted else []
    left += process_locks.unclaimed(community.staging)
    return problems + [
        f"{path.relative_to(community.root)} was left by a load that did not finish; the next load or sweep removes it."
        for path in left
    ]


def _from_before(vault: Vault) -> list[str]:
    """Files that `keys/` says were destroyed and that the manifest calls live: the data is older than the keys."""
    buried = vault.keyring.buried()
    live = StoredFile.objects.filter(state=LIVE).values_list("id", flat=True)
    found = {buried.files[id] for id in live.iterator() if id in buried.files}
    return [
        f"An older copy of the data was brought back: it holds what was destroyed on {on} (certificate {name}). Its keys are gone"
        " and no reader is given it; order that destruction again, so that the copy's own bytes go too."
        for name, on in sorted(found)
    ]


def _problem(vault: Vault, file: StoredFileFacts) -> str | None:
    of = f"{file.table} of {file.partner or 'the community'}, file {file.path.name}"
    if not file.path.is_file():
        return f"A file is missing ({of}); restore it from a backup."
    if file.path.stat().st_size != file.bytes or durable_files.digest(file.path) != file.sha256:
        return f"A file is not as it was written ({of}); restore it from a backup."
    if file.sealed and not vault.opens(file.id):
        return f"No agreement's key opens a vault file ({of}); restore keys/, or destroy what it held."
    return None
