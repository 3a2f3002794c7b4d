"""Keeps releases and the acts on them append-only by database triggers."""

from throughway.partners.triggers import AppendOnly

RELEASES = AppendOnly({"disclosure_release": ("id",), "disclosure_releaseevent": ("id",)})
