"""Which adult an order names: for whoever must obey it, at a press that the ledger records (34 CFR 99.4)."""

from collections.abc import Collection
from datetime import date

import numpy as np
from django.db import transaction

from throughway.consent.limit import RightsLimit
from throughway.consent.selectors.rights import names_of_limited
from throughway.ledger import recording
from throughway.ledger.actions.student_disclosures import LOOK
from throughway.ledger.entry import LOOKED, Entry
from throughway.partners.actor import Actor

# Stands in the ledger, of which the adult may be given a copy: it tells of no order.
INTEREST = "To check who may be told about the student"


def look_at_adults(
    limits: Collection[RightsLimit], *, records: Collection[int], by: Actor
) -> list[tuple[RightsLimit, str]]:
    """The limits with the names of their adults, after an entry in the ledger about these records of the student; a name that was destroyed
    is left out. Whether the actor may know them is for the caller to decide."""
    with transaction.atomic():
        recording.append(
            Entry(
                outcome=LOOKED, actor=by, purpose="ledger", interest=INTEREST, on=date.today(),
                disclosers=tuple(sorted({each.partner for each in limits})) or (by.partner or "",),
                students=np.array(sorted(records), dtype=np.int64), exempt=LOOK,
            )
        )  # fmt: skip
    return names_of_limited(limits)
