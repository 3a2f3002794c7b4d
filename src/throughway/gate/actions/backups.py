"""The operator's backups of the whole community."""

from dataclasses import replace
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.gate.actions.integrity_check import lost_ledger_keys
from throughway.gate.backups import ArchiveHeader, BackupRecord
from throughway.partners import Actor
from throughway.store.actions import backup
from throughway.store.actions.backup import Backup
from throughway.store.models import BackupMade

__all__ = ["Backup", "back_up", "fill", "newest"]


def back_up(*, data: Path, keys: Path, by: Actor) -> Backup:
    """Writes all data and all keys into two archives. Together they hold the whole community, so only the operator may make them.
    A key of the ledger that is lost is among the problems: the last backup of the keys may be the only one that has it."""
    if not by.is_operator:
        raise Refused("Only the operator of the folder can back it up; leave out --as.", code="not_allowed")
    made = backup.back_up(data=data, keys=keys, by=by)
    made = replace(made, problems=(*made.problems, *lost_ledger_keys()))
    backup.record(made, by=by)
    return made


def newest(most: int) -> list[BackupRecord]:
    """The newest backups, newest first; the newest whole one is among them, however old."""
    found = list(BackupMade.objects.order_by("-at", "-id")[:most])
    if not any(each.problems == 0 for each in found):
        found += BackupMade.objects.filter(problems=0).order_by("-at", "-id")[:1]
    return [BackupRecord(each.at, each.by, each.problems) for each in found]


def fill(mark: ArchiveHeader) -> list[str]:
    """Loads a community's server database into the one that THROUGHWAY_DATABASE_URL names, if it has one, and records where the
    community lives from now on. Returns a sentence for each table that was left out."""
    foreign = backup.fill() if mark.database == "postgresql" else []
    backup.finish()
    return [
        f"The archive holds a table that is not Throughway's, {table}; it was not restored."
        for table in foreign
    ]
