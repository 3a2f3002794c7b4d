"""Restoring a backup has a module of its own: there is no community yet to check permissions against, and only whole archives can be
unpacked."""

from throughway.store.archives import DATA, KEYS, ArchiveHeader, bring_back

__all__ = ["DATA", "KEYS", "ArchiveHeader", "bring_back"]
