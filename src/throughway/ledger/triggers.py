"""Keeps the ledger append-only by database triggers; against someone with access to the database's files, only heads kept by partners
help (`verification_rules.py`)."""

from throughway.partners.triggers import AppendOnly

# Each append-only table, with its unique columns.
APPEND_ONLY = {
    "gate_ledgerentry": ("id",),
    "gate_ledgerleaf": ("position", "entry"),
    "gate_ledgerhead": ("size",),
    "gate_ledgersieve": ("entry",),
    "gate_furtherevent": ("id", "entry"),
}
LEDGER = AppendOnly(APPEND_ONLY)
put_triggers, drop_triggers, missing_triggers = LEDGER.put, LEDGER.drop, LEDGER.missing
