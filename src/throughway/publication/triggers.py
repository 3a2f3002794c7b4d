"""Keeps releases, and what was done with them, append-only in the database itself."""

from throughway.partners.triggers import AppendOnly

RELEASES = AppendOnly({"disclosure_release": ("id",), "disclosure_releaseevent": ("id",)})
