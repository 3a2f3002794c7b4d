"""The history of each entry of the directory is append-only in the database."""

from throughway.partners.triggers import AppendOnly

SUPPORTS = AppendOnly({"supports_directoryevent": ("id",)})
