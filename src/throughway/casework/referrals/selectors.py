"""Where the events of referrals are, and where each referral stands."""

from throughway.casework.referrals.models import ReferralEvent
from throughway.casework.typed_entries.selectors import EntryTable

TABLE = "referral_event"
# What the sender tells the receiver, in the order of the form: the column and the field of the model.
DETAILS = {
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
        **DETAILS,
    },
    sealed=frozenset(DETAILS) - {"interpreter_needed"},
    noun="referral",
    counted="events of referrals",
)
