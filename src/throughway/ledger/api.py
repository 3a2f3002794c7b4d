"""The API's endpoints for the ledger: who saw a record, heads, verification, proofs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path

from throughway.ledger.actions.student_disclosures import disclosures_of
from throughway.ledger.actions.verification import newest_head, prove_entry, prove_growth, verified
from throughway.ledger.selectors import entry as seen_entry
from throughway.ledger.visibility import sight
from throughway.partners.actor import CUSTODIANS, Actor
from throughway.partners.api_endpoints import Flag, Nothing, RequestSchema, ResponseSchema, Text, endpoint


class Looks(RequestSchema):
    """`looks`: also list who asked earlier who saw the record."""

    looks: Flag = False


class OfKey(Looks):
    """The partner's own key of the record."""

    partner: Text
    record_key: Text


class Disclosures(ResponseSchema):
    """Every entry of the ledger about the student. Only the steward sees the e-mail address of another
    partner's reader."""

    disclosures: list[dict[str, Any]]


class Head(ResponseSchema):
    """A signed head: how many entries are sealed under which root (RFC 6962), with an Ed25519 signature. Keep it."""

    size: int
    root: str
    at: str
    key: str
    signature: str


class Kept(RequestSchema):
    """A head that you kept."""

    head: dict[str, Any]


class MaybeKept(RequestSchema):
    """A head that you kept, if you have one: it shows whether the ledger was cut short."""

    head: dict[str, Any] | None = None


class Verified(ResponseSchema):
    entries: int
    sealed: int
    ok: bool
    first_bad: str | None
    notes: list[str]


class Proof(ResponseSchema):
    """`lines`: the entry's text, whose hash is its leaf; `path`: the hashes between the leaf and the head."""

    lines: str
    position: int
    path: list[str]
    head: Head


class TiedProof(Proof):
    """`growth`: the hashes that tie the newest head to the one that you kept."""

    kept: Head
    growth: list[str]


class Growth(ResponseSchema):
    kept: Head
    path: list[str]
    head: Head


@endpoint("GET", takes=Looks, gives=Disclosures, roles=CUSTODIANS)
def seen_by(actor: Actor, asked: Looks, person: int) -> Mapping[str, Any]:
    """Lists every disclosure of one student's records at your partner, by the id that queries show.

    Same as `throughway ledger person ID`. Your request is recorded in the ledger."""
    if person > 2**63 - 1:
        raise Http404
    return {"disclosures": disclosures_of(person=person, looks=asked.looks, by=actor)}


@endpoint("POST", takes=OfKey, gives=Disclosures, roles=CUSTODIANS)
def seen_by_key(actor: Actor, asked: OfKey) -> Mapping[str, Any]:
    """Lists the same by a partner and its record key. The key is sent in the body, never in the address.

    Same as `throughway ledger person --partner P --record-key K`."""
    found = disclosures_of(partner=asked.partner, record_key=asked.record_key, looks=asked.looks, by=actor)
    return {"disclosures": found}


@endpoint("GET", gives=Head, roles=CUSTODIANS)
def head(actor: Actor, asked: Nothing) -> Mapping[str, Any]:
    """Gives the newest signed head of the ledger, for you to keep.

    Same as `throughway ledger head`."""
    return newest_head(actor)


@endpoint("POST", takes=MaybeKept, gives=Verified, roles=CUSTODIANS)
def verify(actor: Actor, asked: MaybeKept) -> Mapping[str, Any]:
    """Checks every entry of the ledger against its seal, and the whole ledger against a head that you kept.

    Same as `throughway ledger verify`. `first_bad` names the first entry that fails."""
    return verified(asked.head, actor)[0]


@endpoint("GET", gives=Proof, roles=CUSTODIANS)
def proof(actor: Actor, asked: Nothing, entry: UUID) -> Mapping[str, Any]:
    """Proves that an entry is in the ledger, to somebody who holds a head.

    Same as `throughway ledger prove ENTRY`. The entry's text names who asked."""
    return prove_entry(_open_to(actor, entry), by=actor)


@endpoint("POST", takes=Kept, gives=TiedProof, roles=CUSTODIANS)
def tied_proof(actor: Actor, asked: Kept, entry: UUID) -> Mapping[str, Any]:
    """Proves that an entry is in the ledger, and that the ledger still begins as in a head that you kept.

    Same as `throughway ledger prove ENTRY --head FILE`. The entry's text names who asked."""
    return prove_entry(_open_to(actor, entry), by=actor, kept=asked.head)


def _open_to(actor: Actor, entry: UUID) -> str:
    """The entry's id; 404 for an entry that does not exist and for one that the actor may not see."""
    if seen_entry(sight(actor), str(entry)) is None:
        raise Http404
    return str(entry)


@endpoint("POST", takes=Kept, gives=Growth, roles=CUSTODIANS)
def growth(actor: Actor, asked: Kept) -> Mapping[str, Any]:
    """Proves that the ledger only grew since a head that you kept.

    Same as `throughway ledger prove --head FILE`."""
    return prove_growth(asked.head, by=actor)


urlpatterns = [
    path("ledger/person", seen_by_key, name="seen_by_key"),
    path("ledger/person/<int:person>", seen_by, name="seen_by"),
    path("ledger/head", head, name="head"),
    path("ledger/verify", verify, name="verify"),
    path("ledger/proof", growth, name="growth"),
    path("ledger/proof/<uuid:entry>", proof, name="proof"),
    path("ledger/proof/<uuid:entry>/tied", tied_proof, name="tied_proof"),
]
