"""Keeps the ledger append-only in the database itself.

Against one who holds the database's files, only heads kept by partners help (`verification.py`).
"""

from throughway.partners.triggers import after_migrate, drop_triggers, keep, missing_triggers, put_triggers

__all__ = ["after_migrate", "drop_triggers", "missing_triggers", "put_triggers"]

keep(
    {
        "gate_ledgerentry": ("id",),
        "gate_ledgerleaf": ("position", "entry"),
        "gate_ledgerhead": ("size",),
        "gate_ledgersieve": ("entry",),
        "gate_furtherevent": ("id", "entry"),
    }
)
