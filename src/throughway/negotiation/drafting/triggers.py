"""Keeps the history of drafts append-only in the database itself."""

from throughway.partners.triggers import AppendOnly

SAME_REVISION = '"draft_id" = NEW."draft_id" AND "revision" = NEW."revision"'
DRAFTS = AppendOnly({"drafting_draftevent": ("id", SAME_REVISION)})
