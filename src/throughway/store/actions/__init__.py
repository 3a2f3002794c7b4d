"""Every write to the store."""

from throughway.store.actions.backing_up import Backup, back_up
from throughway.store.actions.checking import check
from throughway.store.actions.compaction import compact
from throughway.store.actions.covering import cover
from throughway.store.actions.destroying import Removed, remove
from throughway.store.actions.landing import NewFile, land, reserve_records, staging
from throughway.store.actions.numbering import number_keys, numbers_of, turn_of
from throughway.store.actions.sweeping import Swept, sweep

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
    "numbers_of",
    "remove",
    "reserve_records",
    "staging",
    "sweep",
    "turn_of",
]
