"""Who has seen one student's record, for the partner that keeps the record and the steward that houses it (34 CFR 99.32(c))."""

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction

from throughway.agreements.selectors import kept_by
from throughway.core.refusals import Refused
from throughway.ledger import entry_search, recording
from throughway.ledger.entry import LOOKED, Entry
from throughway.ledger.visibility import LedgerVisibility, sight
from throughway.partners.actor import CUSTODIANS, Actor
from throughway.store.actions.links import links_of
from throughway.store.actions.record_keys import record_numbers
from throughway.store.selectors import snapshot

KEYS = "record_key"
VIEWERS = (
    "34 CFR 99.32(c)"  # parent, custodian of the records and assistants, those who audit the recordkeeping
)
INTEREST = "To learn who saw a record"
LOOK = f"{VIEWERS}, no disclosure of an education record"


def disclosures_of(
    *,
    person: int | None = None,
    partner: str | None = None,
    record_key: str | None = None,
    looks: bool = False,
    by: Actor,
) -> list[dict[str, Any]]:
    """Every ledger entry about one learner's records with the partners whose records the reader keeps.

    The learner is named by a person id as queries show it, or by a partner and its record key. Refused unless the reader keeps
    records; a learner whom those partners do not know and one who does not exist get the same answer. The request is recorded in the
    ledger. `looks`: include earlier requests of this kind. The e-mail address of a reader is shown only to that reader's partner and
    to the steward.
    """
    check_keeps_records(by)
    kept = kept_by(by.partner or "")
    if record_key is not None:
        of = kept if partner is None else kept & {partner}
        found = {id: [keys[record_key]] for id in of if record_key in (keys := record_numbers(id))}
    else:
        found = _records_kept(person or 0, kept)
    if not found:
        raise _unknown(by)
    numbers = sorted({number for of_one in found.values() for number in of_one})
    entries = entry_search.of_records(numbers, looks=looks)
    with transaction.atomic():
        recording.append(
            Entry(
                outcome=LOOKED, actor=by, purpose="ledger", interest=INTEREST, on=date.today(),
                disclosers=tuple(sorted(found)), students=np.array(numbers, dtype=np.int64), exempt=LOOK,
            )
        )  # fmt: skip
    sees = sight(by)
    return [_without_address(entry, sees) for entry in entries]


def _without_address(entry: dict[str, Any], sees: LedgerVisibility) -> dict[str, Any]:
    asker = entry["actor"]
    return entry if sees.tells_address(asker["partner"]) else entry | {"actor": asker | {"email": ""}}


def numbers_of_key(record_key: str, *, partner: str, by: Actor) -> list[int]:
    """The record number of the partner's record key. Refused under the same conditions as `disclosures_of`."""
    check_keeps_records(by)
    number = record_numbers(partner).get(record_key.strip()) if partner in kept_by(by.partner or "") else None
    if number is None:
        raise _unknown(by)
    return [number]


def _records_kept(person: int, kept: Collection[str]) -> dict[str, list[int]]:
    """By partner, the person's record numbers, from the manifest; reads no record key."""
    with snapshot() as stored:
        asked = links_of(stored).records_of((person,))
        held = [
            (file.partner, np.intersect1d(asked, numbers).tolist())
            for file, numbers in stored.holding(KEYS)
            if file.partner in kept
        ]
    return {
        partner: [n for other, numbers in held if other == partner for n in numbers]
        for partner in {partner for partner, numbers in held if numbers}
    }


def person_of(*, partner: str, record_key: str, by: Actor) -> int:
    """The person id, as pages and queries show it, for a partner's record key. Refused under the same conditions as
    `disclosures_of`."""
    number = numbers_of_key(record_key, partner=partner, by=by)
    with snapshot() as stored:
        return int(links_of(stored).persons_of(np.array(number, dtype=np.int64))[0])


def person_of_number(number: int, *, by: Actor) -> int:
    """The id of the person with this record number; the number itself where the id would reveal a person whom `disclosures_of` would
    not. Reads no record, so nothing is recorded."""
    check_keeps_records(by)
    with snapshot() as stored:
        person = int(links_of(stored).persons_of(np.array([number], dtype=np.int64))[0])
    if person != number and not _records_kept(number, kept_by(by.partner or "")):
        raise _unknown(by)
    return person


def check_keeps_records(by: Actor) -> None:
    if by.partner is None or by.role not in CUSTODIANS:
        raise Refused(
            f"Only those who keep a record may see who saw it: {', '.join(sorted(CUSTODIANS))} of its "
            f"partner.",
            code="not_allowed",
            citations=[VIEWERS],
        )


def _unknown(by: Actor) -> Refused:
    return Refused(
        f"{by.partner} keeps no record of that student; give the id as a query shows it, or a partner and its own key.",
        code="unknown_person",
        citations=[VIEWERS],
    )
