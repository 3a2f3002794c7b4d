"""Keeps the evidence of training append-only in the database itself."""

from throughway.partners.triggers import AppendOnly

TRAINING = AppendOnly({"training_attempt": ("id",)})
