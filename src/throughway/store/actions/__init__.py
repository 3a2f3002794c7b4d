"""Every write to the store."""

from throughway.store.actions.landing import NewFile, land, reserve_records, staging

__all__ = ["NewFile", "land", "reserve_records", "staging"]
