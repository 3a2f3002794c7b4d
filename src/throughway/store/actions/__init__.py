"""Every write to the store."""

from throughway.store.actions.backup import Backup, back_up
from throughway.store.actions.landing import NewFile, land, staging
from throughway.store.actions.maintenance import check, compact, cover
from throughway.store.actions.record_keys import number_keys, record_numbers, reserve_records, turn_of
from throughway.store.actions.removal import Removed, Swept, remove, sweep

__all__ = [
    "Backup",
    "NewFile",
    "Removed",
    "Swept",
    "back_up",
    "check",
    "compact",
    "cover",
    "land",
    "number_keys",
    "record_numbers",
    "remove",
    "reserve_records",
    "staging",
    "sweep",
    "turn_of",
]
