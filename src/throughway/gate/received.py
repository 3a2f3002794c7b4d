"""Whose records a partner received of a discloser, by what the ledger says was released to it."""

import numpy as np
from django.db.models import TextField
from django.db.models.functions import Cast

from throughway.gate.models import LedgerEntry
from throughway.gate.sets import Numbers, any_of, both
from throughway.store.compact import unpack
from throughway.store.reading import snapshot

KEYS = "record_key"


def received(partner: str, discloser: str) -> Numbers:
    """Record numbers of the discloser's learners of whom anything can have reached the partner: never fewer. The manifest
    tells which numbers are the discloser's, and no key is read."""
    entries = LedgerEntry.objects.filter(outcome="released", actor_partner=partner)
    named = entries.annotate(about=Cast("disclosers", TextField())).filter(about__contains=f'"{discloser}"')
    packed = {bytes(each) for each in named.values_list("students", flat=True).iterator(chunk_size=250)}
    shown = any_of(unpack(each) for each in packed)
    with snapshot() as stored:
        own = any_of(numbers for file, numbers in stored.holding(KEYS) if file.partner == discloser)
    return both(np.unique(shown), np.unique(own))
