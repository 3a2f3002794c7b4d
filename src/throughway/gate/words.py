"""The ledger's terms in the words of a page."""

from collections.abc import Mapping

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.naming import TABLE_WORDS
from throughway.partners.roles import Role

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
    return column.replace("last_or_surname", "last_name").replace("_", " ")
