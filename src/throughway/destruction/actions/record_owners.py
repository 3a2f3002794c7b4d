"""Whose records somebody keeps, and which records one person has."""

from collections.abc import Collection
from datetime import date

import numpy as np

from throughway.agreements.enums import PartyRole
from throughway.agreements.selectors import in_effect
from throughway.store.actions.links import links_of
from throughway.store.selectors import Snapshot, snapshot

KEYS = "record_key"


def kept_by(partner: str) -> frozenset[str]:
    """The partner itself, and the disclosers whose records it houses under an agreement in effect."""
    housed = [
        standing.document.parties_with(PartyRole.DISCLOSER)
        for standing in in_effect(date.today())
        if partner in standing.document.parties_with(PartyRole.STEWARD)
    ]
    return frozenset({partner, *(id for disclosers in housed for id in disclosers)})


def records_of(person: int, partners: Collection[str] | None = None) -> dict[str, frozenset[int]]:
    """By partner, the numbers of the person's records; of these partners alone, where they are named."""
    with snapshot() as stored:
        return records_in(stored, person, partners)


def records_in(
    stored: Snapshot, person: int, partners: Collection[str] | None = None
) -> dict[str, frozenset[int]]:
    if not 0 < person < 2**63:
        return {}
    numbers = links_of(stored).records_of((person,))
    found: dict[str, set[int]] = {}
    for file, held in stored.holding(KEYS):
        if partners is None or file.partner in partners:
            among = np.intersect1d(numbers, held).tolist()
            if among:
                found.setdefault(file.partner, set()).update(among)
    return {partner: frozenset(held) for partner, held in sorted(found.items())}
