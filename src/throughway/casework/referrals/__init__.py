"""Referrals to supports of the directory, from the family's request until the outcome is known."""
