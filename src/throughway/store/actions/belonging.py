"""Whether the database and the store's folder belong together.

A sweep removes what the manifest does not know. Under the database of another community, or an empty one, that would
be everything; so both carry one random name, and nothing is landed or swept unless they agree.
"""

from uuid import uuid4

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.store import durable_files
from throughway.store.community import Community
from throughway.store.models import StoreVersion
from throughway.store.vault import SUFFIX

APART = (
    "The database is not the one that keeps the manifest of this store; point THROUGHWAY_DATABASE_URL or the"
    " community folder to the other of the two, or restore both from one backup."
)


def belong_together(community: Community) -> bool:
    """True also for a store and a database in which nothing ever landed."""
    stored = _named_by_store(community)
    version = StoreVersion.objects.first()
    named = version.store if version else None
    # A name in the database alone: the first landing was cut short before any file was placed.
    return stored == named or (stored is None and not _holds_files(community))


def settle_together(community: Community) -> None:
    """Gives a new store and its database their common name; Refused (other_store) when they are not of one another."""
    if not belong_together(community):
        raise Refused(APART, code="other_store")
    if community.identity.exists():
        return
    with transaction.atomic(durable=True):
        # Committed before any file is placed, so that a name in the folder alone always means another database.
        version, _ = StoreVersion.objects.select_for_update().get_or_create(
            id=1, defaults={"store": uuid4().hex}
        )
    durable_files.create(community.identity, version.store.encode())


def _holds_files(community: Community) -> bool:
    return any(community.store.glob("*.parquet")) or any(community.vault.glob(f"*{SUFFIX}"))


def _named_by_store(community: Community) -> str | None:
    try:
        return community.identity.read_text()
    except FileNotFoundError:
        return None
