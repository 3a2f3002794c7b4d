"""The ledger's terms in the words of a page."""

from collections.abc import Mapping

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.labels import TABLE_WORDS
from throughway.partners.roles import Role
from throughway.vocabulary import COMMON
from throughway.vocabulary.words import element_words

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "released": ("ok", "released"),
    "refused": ("stop", "refused"),
    "published": ("tip", "published"),
    "passed_on": ("tip", "passed on"),
    "requested": ("wait", "asked for"),
    "answered": ("ok", "answered"),
    "looked": ("past", "looked up"),
}
STRANGERS: Mapping[str, str] = {"operator": "Operator of the folder", "unknown": "Somebody unknown"}
# The platform's own numbers of a record and its person.
PLATFORM = frozenset({"person_id", "person_record"})
CODES: Mapping[str, str] = {"iso_639_2_language_code": "language", "iso_639_3_language_code": "language"}
# Purposes that no agreement names.
KNOWN_PURPOSES: Mapping[str, str] = {
    OWN_RECORDS: "To read back their own records",
    "ledger": "To learn who saw a record",
    "further_disclosures": "To learn to whom records were passed on",
}


def table_words(table: str) -> str:
    return TABLE_WORDS.get(table) or table.replace("_", " ")


def role_words(role: str) -> str:
    return Role(role).label if role in set(Role) else STRANGERS.get(role, "Somebody unknown")


def column_words(column: str) -> str:
    """What was read, for whoever answers for it; empty for what only keeps the store in order."""
    if column in COMMON or column in PLATFORM:
        return ""
    return CODES.get(column) or element_words(column).removesuffix(" identifier")
