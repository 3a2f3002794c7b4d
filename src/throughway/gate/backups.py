"""Restoring a backup has a module of its own: there is no community yet to check permissions against, and only whole archives can be
unpacked. And what the backups that were made say of the community's safety.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from throughway.core.prose import counted, day
from throughway.core.refusals import Refused
from throughway.store.archives import DATA, KEYS, ArchiveHeader, bring_back
from throughway.store.community import Community
from throughway.store.database_record import POSTGRESQL

__all__ = ["DATA", "KEYS", "ArchiveHeader", "bring_back", "check_engine"]

LATE = timedelta(days=7)  # without a whole backup


@dataclass(frozen=True)
class BackupRecord:
    """A backup whose two archives were written. `problems`: how many things it lacks."""

    at: datetime
    by: str
    problems: int

    @property
    def day(self) -> date:
        return self.at.astimezone().date()


@dataclass(frozen=True)
class BackupStatus:
    """Where the backups stand on a day. `made`: newest first, the newest whole one among them."""

    made: Sequence[BackupRecord]
    on: date

    @property
    def whole(self) -> BackupRecord | None:
        return next((each for each in self.made if not each.problems), None)

    @property
    def is_late(self) -> bool:
        return self.whole is None or self.on - self.whole.day > LATE

    @property
    def headline(self) -> str:
        if self.whole is None:
            return "No whole backup is recorded" if self.made else "No backup is recorded"
        days = (self.on - self.whole.day).days
        when = f"{counted(days, 'day')} ago" if days else "today"
        return f"The last whole backup was made {when}"

    @property
    def text(self) -> str:
        """What follows from it."""
        if self.made and self.made[0].problems:
            lacks = f"The backup of {day(self.made[0].day)} lacks {counted(self.made[0].problems, 'thing')}, which the command named. "
        else:
            lacks = ""
        if not self.is_late:
            return f"{lacks}Whoever runs the server makes them; what was recorded since is in none of them."
        return (
            f"{lacks}If the disk is lost, so is everything{' since then' if self.whole else ''}: agreements, records, and the ledger of who saw what. Ask whoever runs the "
            "server to make a backup today and one each night: the manual says how under “Operation”, step “Backups”."
        )


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
