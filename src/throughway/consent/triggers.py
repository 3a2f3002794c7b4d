"""What happened about families' rights is append-only in the database itself; what people wrote goes with the records."""

from throughway.partners.triggers import AppendOnly

ONE_STEP = '"code" = NEW."code" AND "step" = NEW."step" AND "other" = NEW."other"'
RIGHTS = AppendOnly({"consent_rightevent": ("id", ONE_STEP)})
WORDS = AppendOnly({"consent_rightwords": ("event_id",)}, may_go=True)
