"""Who has seen one student's record: the discloser asks for its own records' entries (34 CFR 99.32)."""

from typing import Any

import numpy as np

from throughway.gate import recording
from throughway.gate.actions.links import links_of, record_numbers
from throughway.partners.actor import Actor
from throughway.partners.roles import Role
from throughway.refusals import Refused
from throughway.store.reading import snapshot

CUSTODIANS = frozenset({Role.PRIVACY_OFFICER, Role.DATA_STEWARD, Role.LEADER})
VIEWERS = (
    "34 CFR 99.32(c)"  # parent, custodian of the records and assistants, those who audit the recordkeeping
)


def disclosures_of(
    *, person: int | None = None, partner: str | None = None, record_key: str | None = None, by: Actor
) -> list[dict[str, Any]]:
    """Every entry of the ledger that concerns the reader's partner's record of one learner, oldest first.

    The learner is named by a person id as queries show it, or by the partner and its own key. Refused unless the reader
    keeps records of that partner; a learner whom the partner does not know and one who is not there look the same.
    """
    if by.partner is None or by.role not in CUSTODIANS:
        raise Refused(
            f"Who saw a record is told to those who keep it: {', '.join(sorted(CUSTODIANS))} of its partner.",
            code="not_allowed",
            citations=[VIEWERS],
        )
    numbers = record_numbers(by.partner)
    if record_key is not None:
        found = [numbers[record_key]] if partner in (None, by.partner) and record_key in numbers else []
    else:
        with snapshot() as stored:
            asked = links_of(stored).records_of((person or 0,))
        found = np.intersect1d(asked, np.fromiter(numbers.values(), dtype=np.int64)).tolist()
    if not found:
        raise Refused(
            f"{by.partner} keeps no record of that learner; give the id as a query shows it, or its own key.",
            code="unknown_person",
            citations=[VIEWERS],
        )
    return recording.of_records(found)
