"""What an entry may name: only what exists here.

People type a student's name where a purpose belongs. The entry of a refused request stays for as long as the records do and cannot be
changed, so it keeps a purpose, an agreement, an address or a role only where the community has it; else it says that an unknown one was
asked for. Tables and elements are held against the vocabulary when the entry is made (`entry.py`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from django.db import connection

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.enums import PurposeKind
from throughway.agreements.selectors import documents_ever
from throughway.ledger.entry import (
    UNKNOWN_ADDRESS,
    UNKNOWN_AGREEMENT,
    UNKNOWN_PURPOSE,
    UNKNOWN_ROLE,
    Entry,
)
from throughway.partners.actor import OPERATOR, Actor, Role
from throughway.partners.selectors import accounts_ever

# Asking about the ledger itself, an authority's further disclosures, and an extract or a typed row that no agreement allows: purposes of
# the platform, in no agreement.
OWN_PURPOSES = frozenset({OWN_RECORDS, "ledger", "further_disclosures", "extract", str(PurposeKind.CASEWORK)})
ROLES = frozenset({*map(str, Role), OPERATOR.role})


def only_known(entry: Entry) -> Entry:
    """The entry with a fixed word in place of each name that nobody has defined; most entries are returned as they are."""
    actor, purpose = _actor(entry.actor), _purpose(entry.purpose)
    agreements = tuple((_agreement(id), version) for id, version in entry.agreements)
    if (actor, purpose, agreements) == (entry.actor, entry.purpose, entry.agreements):
        return entry
    return replace(entry, actor=actor, purpose=purpose, agreements=agreements)


def _purpose(said: str) -> str:
    return said if said in OWN_PURPOSES or _PURPOSES.has(said) else UNKNOWN_PURPOSE


def _agreement(id: str) -> str:
    return id if _AGREEMENTS.has(id) else UNKNOWN_AGREEMENT


def _actor(actor: Actor) -> Actor:
    known = actor == OPERATOR or _ADDRESSES.has(actor.email.lower())
    email = actor.email if known else UNKNOWN_ADDRESS
    role = actor.role if actor.role in ROLES else UNKNOWN_ROLE
    return actor if (email, role) == (actor.email, actor.role) else replace(actor, email=email, role=role)


class _Names:
    """Names of one kind that exist in a community. Nothing of the kind is ever deleted, so a name that was found stays known, and only one
    that was not found asks the register: entries are written a thousand in a second."""

    def __init__(self, read: Callable[[], Iterable[str]]) -> None:
        self._read = read
        self._found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)  # by database

    def has(self, name: str) -> bool:
        database = str(connection.settings_dict["NAME"])
        if name not in self._found[database]:
            self._found[database] = frozenset(self._read())
        return name in self._found[database]


_PURPOSES = _Names(lambda: (entry.id for text in documents_ever() for entry in text.purposes))
_AGREEMENTS = _Names(lambda: (text.id for text in documents_ever()))
_ADDRESSES = _Names(accounts_ever)
