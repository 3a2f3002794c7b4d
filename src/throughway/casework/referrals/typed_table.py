"""The typed table of referrals: its columns, and which of them are sealed. Imported when the program starts, so it stays light."""

from throughway.casework.referrals.models import ReferralEvent
from throughway.casework.referrals.referral import TABLE
from throughway.casework.typed_entries.selectors import EntryTable

FIELDS = {
    "student_name": "student_name",
    "contact_phone": "phone",
    "contact_language": "language",
    "interpreter_needed": "interpreter",
    "best_time": "best_time",
    "way_there": "way_there",
    "event_text": "text",
}
EVENTS = EntryTable(
    table=TABLE,
    model=ReferralEvent,
    columns={
        "event_date": "on",
        "event_kind": "kind",
        "referral_state": "state",
        "due_date": "due",
        "event_reason": "reason",
        "support_id": "support",
        "sending_partner": "sender",
        "receiving_partner": "receiver",
        **FIELDS,
    },
    sealed=frozenset(FIELDS) - {"interpreter_needed"},
    noun="referral",
    counted="events of referrals",
)
