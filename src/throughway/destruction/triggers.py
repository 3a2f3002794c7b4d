"""The registers of legal holds, and of what was asked, are append-only in the database itself."""

from throughway.partners.triggers import AppendOnly

HOLDS = AppendOnly({"destruction_holdevent": ("id",)})
UNDO_REQUESTS = AppendOnly({"destruction_undorequestevent": ("id",)})
