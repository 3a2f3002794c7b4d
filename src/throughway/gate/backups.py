"""A backup comes back by a way of its own: before there is a community to ask, only whole archives can be unpacked."""

from throughway.store.archives import DATA, KEYS, ArchiveHeader, bring_back

__all__ = ["DATA", "KEYS", "ArchiveHeader", "bring_back"]
