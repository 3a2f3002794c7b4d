"""Keeps votes, answers, decisions and every act of governance append-only in the database itself."""

from throughway.partners.triggers import AppendOnly

GOVERNANCE = AppendOnly(
    {
        "governance_seatvote": ("id",),
        "governance_discloseranswer": ("id",),
        "governance_loggeddecision": ("id", "motion"),
        "governance_decisionfollowed": ("id",),
        "governance_governanceevent": ("id",),
    }
)
