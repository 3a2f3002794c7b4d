"""Whose records a partner received of a discloser, by what the ledger says was released to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from throughway.ledger.models import LedgerEntry
from throughway.store.record_numbers import Numbers, any_of, both, unpack
from throughway.store.selectors import snapshot

KEYS = "record_key"
RECEIVED = frozenset({"released", "passed_on"})


@dataclass(frozen=True)
class ReceivedRecords:
    """One entry by which records reached somebody: its id, who received them, the agreements, the elements (none named: any), and
    the discloser's students of whom any can have."""

    id: str
    recipients: frozenset[str]
    agreements: tuple[str, ...]
    elements: tuple[str, ...]
    students: frozenset[int]


def given_to(recipients: Collection[str], *, since: datetime, discloser: str) -> list[ReceivedRecords]:
    """What of the discloser's was released, or passed on, to any of these partners from that moment on, in its order."""
    found = LedgerEntry.objects.filter(outcome__in=sorted(RECEIVED), at__gte=since).annotate(
        about=Cast("disclosers", TextField()), onto=Cast("recipients", TextField())
    )
    to = Q(actor_partner__in=sorted(recipients), outcome="released")
    for each in sorted(recipients):
        to |= Q(onto__contains=f'"{each}"')
    rows = found.filter(to, about__contains=f'"{discloser}"').order_by("at", "id")
    fields = ("id", "outcome", "actor_partner", "recipients", "agreements", "elements", "students")
    with snapshot() as stored:
        own = np.unique(
            any_of(numbers for file, numbers in stored.holding(KEYS) if file.partner == discloser)
        )
    return [
        ReceivedRecords(
            id,
            frozenset(recipients) & ({*onto} | ({reader} if outcome == "released" else set())),
            tuple(agreement for agreement, _ in agreements),
            tuple(elements),
            frozenset(both(unpack(bytes(packed)), own).tolist()),
        )
        for id, outcome, reader, onto, agreements, elements, packed in rows.values_list(*fields).iterator(
            chunk_size=250
        )
    ]


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
