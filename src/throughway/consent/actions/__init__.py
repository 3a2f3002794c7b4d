"""Every write to the record of consents and of families' rights: each leaves an event, and none changes one."""

from throughway.consent.actions.decisions import (
    ConsentImportCounts,
    add,
    decide,
    forget,
    forget_words,
    record_refusal,
    withdraw,
    withdraw_as_heard,
)
from throughway.consent.actions.events import new_code, person_of_record, record, turn

__all__ = [
    "ConsentImportCounts",
    "add",
    "decide",
    "forget",
    "forget_words",
    "new_code",
    "person_of_record",
    "record",
    "record_refusal",
    "turn",
    "withdraw",
    "withdraw_as_heard",
]
