"""Covering: an agreement that came into effect is given the keys of the vault files that it covers."""

from collections.abc import Collection

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.store import process_locks
from throughway.store.actions.landing import PATIENCE
from throughway.store.change_author import ChangeAuthor
from throughway.store.models import LIVE, StoredFile
from throughway.store.selectors import current_community, path_of
from throughway.store.vault import Vault


def cover(
    *, agreement: str, partners: Collection[str], tables: Collection[str] | None = None, by: ChangeAuthor
) -> int:
    """Lets `agreement` open the live vault files of these partners (all their vaulted tables, or those named).

    Gives how many files it opens now. Waits for landings under way, so that none lands a file without it: who lands
    after this sees the agreement in effect. A file that no key opens any more is passed over. Not to be called inside
    a transaction, which the landings that it waits for would wait for in turn. Calling it again does no harm.
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
