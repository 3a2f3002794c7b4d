"""Keeps proposals, answers and comments append-only in the database itself."""

from throughway.partners.triggers import AppendOnly

ENDED = "('overtake', 'refuse', 'take', 'withdraw')"
SAME_END = f'"proposal" = NEW."proposal" AND "what" IN {ENDED} AND NEW."what" IN {ENDED}'
SAME_ACCEPTANCE = '"proposal" = NEW."proposal" AND "partner" = NEW."partner" AND "what" = \'accept\' AND NEW."what" = \'accept\''
NEGOTIATION = AppendOnly(
    {
        "negotiation_proposedchange": ("id",),
        "negotiation_proposalanswer": ("id", SAME_END, SAME_ACCEPTANCE),
        "negotiation_partycomment": ("id",),
    }
)
