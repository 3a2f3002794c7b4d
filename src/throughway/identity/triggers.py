"""Database triggers that keep verdicts on pairs append-only; they are deleted only with their records."""

from throughway.partners.triggers import AppendOnly

VERDICTS = AppendOnly({"identity_label": ("id", "takes_back_id")}, may_go=True)
