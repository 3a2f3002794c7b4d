"""Keeps events about families' rights append-only by database triggers; text that people wrote is destroyed with the records."""

from throughway.partners.triggers import AppendOnly

ONE_STEP = '"code" = NEW."code" AND "step" = NEW."step" AND "other" = NEW."other"'
RIGHTS = AppendOnly({"consent_rightevent": ("id", ONE_STEP)})
WORDS = AppendOnly({"consent_rightwords": ("event_id",)}, may_go=True)
