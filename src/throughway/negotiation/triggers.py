"""Keeps proposals, answers and comments append-only in the database itself."""

from throughway.partners.triggers import AppendOnly

NEGOTIATION = AppendOnly(
    {
        "negotiation_proposedchange": ("id",),
        "negotiation_proposalanswer": ("id",),
        "negotiation_partycomment": ("id",),
    }
)
after_migrate, put_triggers = NEGOTIATION.after_migrate, NEGOTIATION.put
