"""The one way to student data, and what linkage keeps behind it."""

from throughway.gate.actions.amendment_statements import AmendmentStatement
from throughway.gate.actions.governed_access import GovernedAccess, enter
from throughway.gate.actions.linkage_state import (
    GrantedRecords,
    LandedChanges,
    granted_records,
    land_linkage_state,
    landed_since,
    linkage_state_ids,
    sealed_linkage_state,
)
from throughway.gate.actions.query_limits import TakesLong, limited_to, one_question
from throughway.gate.actions.query_result import GrantedTables, QueryResult
from throughway.gate.actions.sending import ReceivingBasis, Sending, possible_receivers
from throughway.gate.actions.student_record import WholeRecord
from throughway.gate.actions.writing import RowPlace, SeveralWritten
from throughway.ledger.actions.student_disclosures import disclosures_of, person_of, person_of_number
from throughway.store.actions.landing import staging
from throughway.store.actions.links import (
    land_person_links,
    linking_turn,
    links_in_force,
    person_links,
)
from throughway.store.actions.record_keys import record_numbers
from throughway.store.links import Links

__all__ = [
    "AmendmentStatement",
    "GovernedAccess",
    "GrantedRecords",
    "GrantedTables",
    "LandedChanges",
    "Links",
    "QueryResult",
    "ReceivingBasis",
    "RowPlace",
    "Sending",
    "SeveralWritten",
    "TakesLong",
    "WholeRecord",
    "disclosures_of",
    "enter",
    "granted_records",
    "land_linkage_state",
    "land_person_links",
    "landed_since",
    "limited_to",
    "linkage_state_ids",
    "linking_turn",
    "links_in_force",
    "one_question",
    "person_links",
    "person_of",
    "person_of_number",
    "possible_receivers",
    "record_numbers",
    "sealed_linkage_state",
    "staging",
]
