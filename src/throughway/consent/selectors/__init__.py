"""What other rooms ask about consents."""

from throughway.consent.selectors.adults import limited, records_with
from throughway.consent.selectors.consent_text import (
    Lapsing,
    RecordedDecision,
    consents,
    in_force,
    lapsing,
    last_day,
    states_of,
)
from throughway.consent.selectors.custody import Lapsed, lapsed_custody
from throughway.consent.selectors.events import consent_stamp, consent_status, limits_on, statements
from throughway.consent.selectors.names import signers
from throughway.consent.selectors.right_transfers import transfers
from throughway.consent.selectors.rights_requests import (
    FamilyStatement,
    amendments_of,
    incidents_of,
    inspections_of,
    limits_of,
    notices_of,
    reasons_to_wait,
    rights_records,
    who_holds,
    windows_of,
    without_rights,
)

__all__ = [
    "FamilyStatement",
    "Lapsed",
    "Lapsing",
    "RecordedDecision",
    "amendments_of",
    "consent_stamp",
    "consent_status",
    "consents",
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
    "rights_records",
    "signers",
    "statements",
    "states_of",
    "transfers",
    "who_holds",
    "windows_of",
    "without_rights",
]
