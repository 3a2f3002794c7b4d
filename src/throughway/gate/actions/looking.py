"""Who has seen one student's record: asked by the partner whose record it is, and by the steward that houses it for the
others (34 CFR 99.32(c))."""

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np

from throughway.agreements.reading import in_effect
from throughway.agreements.words import PartyRole
from throughway.gate import recording
from throughway.gate.actions.links import links_of, record_numbers
from throughway.partners.actor import Actor
from throughway.partners.roles import Role
from throughway.refusals import Refused
from throughway.store.reading import snapshot

CUSTODIANS = frozenset({Role.PRIVACY_OFFICER, Role.DATA_STEWARD, Role.LEADER})
KEYS = "record_key"
VIEWERS = (
    "34 CFR 99.32(c)"  # parent, custodian of the records and assistants, those who audit the recordkeeping
)


def disclosures_of(
    *, person: int | None = None, partner: str | None = None, record_key: str | None = None, by: Actor
) -> list[dict[str, Any]]:
    """Every entry of the ledger that concerns one learner's records with the partners that the reader keeps records of.

    The learner is named by a person id as queries show it, or by a partner and its own key. Refused unless the reader
    keeps records; a learner whom those partners do not know and one who is not there look the same.
    """
    _check_keeps_records(by)
    kept = _kept_by(by.partner or "")
    if record_key is not None:
        of = sorted(kept if partner is None else kept & {partner})
        found = [keys[record_key] for keys in map(record_numbers, of) if record_key in keys]
    else:
        found = _records_kept(person or 0, kept)
    if not found:
        raise _unknown(by)
    return recording.of_records(found)


def _records_kept(person: int, kept: Collection[str]) -> list[int]:
    """The person's record numbers that these partners gave out; the manifest tells them, and no key is read."""
    with snapshot() as stored:
        asked = links_of(stored).records_of((person,))
        held = [
            np.intersect1d(asked, numbers) for file, numbers in stored.holding(KEYS) if file.partner in kept
        ]
    return sorted({int(number) for numbers in held for number in numbers})


def person_of(*, partner: str, record_key: str, by: Actor) -> int:
    """The id under which pages and queries show the learner of a partner's own key. Refused as `disclosures_of` is: who
    may not ask who saw a record, may not learn its person either."""
    _check_keeps_records(by)
    number = (
        record_numbers(partner).get(record_key.strip()) if partner in _kept_by(by.partner or "") else None
    )
    if number is None:
        raise _unknown(by)
    with snapshot() as stored:
        return int(links_of(stored).persons_of(np.array([number], dtype=np.int64))[0])


def _check_keeps_records(by: Actor) -> None:
    if by.partner is None or by.role not in CUSTODIANS:
        raise Refused(
            f"Who saw a record is told to those who keep it: {', '.join(sorted(CUSTODIANS))} of its partner.",
            code="not_allowed",
            citations=[VIEWERS],
        )


def _unknown(by: Actor) -> Refused:
    return Refused(
        f"{by.partner} keeps no record of that learner; give the id as a query shows it, or a partner and its own key.",
        code="unknown_person",
        citations=[VIEWERS],
    )


def _kept_by(partner: str) -> set[str]:
    """The partner itself, and the disclosers whose records it houses under an agreement in effect."""
    housed = [
        standing.document.parties_with(PartyRole.DISCLOSER)
        for standing in in_effect(date.today())
        if partner in standing.document.parties_with(PartyRole.STEWARD)
    ]
    return {partner, *(id for disclosers in housed for id in disclosers)}
