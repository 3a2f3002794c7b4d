"""Keeps verdicts on pairs append-only in the database itself; they are deleted only with the records that they are about."""

from throughway.partners.triggers import AppendOnly

VERDICTS = AppendOnly({"identity_label": ("id", "takes_back_id")}, may_go=True)
