"""What other rooms ask about consents."""

from throughway.consent.selectors.adults import limited, records_with
from throughway.consent.selectors.consent_text import (
    Lapsing,
    Told,
    consents,
    in_force,
    lapsing,
    last_day,
    states_of,
)
from throughway.consent.selectors.custody import Lapsed, lapsed_custody
from throughway.consent.selectors.events import limits_on, stamp, statements, words
from throughway.consent.selectors.names import signers
from throughway.consent.selectors.right_transfers import transfers
from throughway.consent.selectors.rights_requests import (
    Statement,
    amendments_of,
    happened,
    incidents_of,
    inspections_of,
    limits_of,
    notices_of,
    reasons_to_wait,
    who_holds,
    windows_of,
    without_rights,
)

__all__ = [
    "Lapsed",
    "Lapsing",
    "Statement",
    "Told",
    "amendments_of",
    "consents",
    "happened",
    "in_force",
    "incidents_of",
    "inspections_of",
    "lapsed_custody",
    "lapsing",
    "last_day",
    "limited",
    "limits_of",
    "limits_on",
    "notices_of",
    "reasons_to_wait",
    "records_with",
    "signers",
    "stamp",
    "statements",
    "states_of",
    "transfers",
    "who_holds",
    "windows_of",
    "without_rights",
    "words",
]
