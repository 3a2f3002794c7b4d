"""Restoring a backup has a module of its own: there is no community yet to check permissions against, and only whole archives can be
unpacked."""

from throughway.core.refusals import Refused
from throughway.store.archives import DATA, KEYS, ArchiveHeader, bring_back
from throughway.store.community import Community
from throughway.store.database_record import POSTGRESQL

__all__ = ["DATA", "KEYS", "ArchiveHeader", "bring_back", "check_engine"]


def check_engine(mark: ArchiveHeader, community: Community) -> None:
    """Refused where the backup and the database that is named for the restored community are of different engines."""
    if mark.database == POSTGRESQL and not community.database_url:
        raise Refused(
            "The backup is of a community on PostgreSQL; name a new, empty database in THROUGHWAY_DATABASE_URL, with the address of its "
            "owner.",
            code="database",
        )
    if mark.database != POSTGRESQL and community.database_url:
        raise Refused(
            "The backup has its database in its folder; leave THROUGHWAY_DATABASE_URL out to restore it.",
            code="database",
        )
