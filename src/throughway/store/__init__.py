"""The longitudinal store: immutable Parquet files, their manifest, snapshots, engines, and the vault."""

from throughway.store.community import Community

__all__ = ["Community"]
