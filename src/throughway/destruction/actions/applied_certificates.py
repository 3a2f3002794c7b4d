"""An older copy of data and keys is told by a certificate what was destroyed since, and gives it up."""

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from throughway.core.refusals import Refused
from throughway.destruction.certificate import FORMAT, message
from throughway.ledger.signed_heads import public, signing_key
from throughway.partners import Actor
from throughway.store import durable_files
from throughway.store.models import LIVE, StoredFile
from throughway.store.selectors import current_community, path_of
from throughway.store.vault import Vault


def apply_certificate(*, document: Mapping[str, Any], by: Actor) -> str:
    """Destroys the bytes and the keys of the files that the certificate lists, as far as the copy has them, and keeps what it says
    in `keys/`; gives its id. Then `check` names it until that destruction is ordered again. Refused where it is not signed with
    this community's key."""
    body = _signed(document)
    keyring = Vault(current_community()).keyring
    ids = [file["id"] for file in body["destroyed"]["listed"]]
    agreement = body["subject"] if body["kind"] == "agreement" else None
    person = (body["subject"], body["ordered"]["partner"]) if body["kind"] == "person" else None
    keyring.bury(body["id"], agreement=agreement, files=ids, on=body["ordered"]["at"][:10], person=person)
    for row in StoredFile.objects.filter(state=LIVE).defer("records"):
        if row.id in ids:
            keyring.destroy(row.id)
            durable_files.shred(path_of(current_community(), row))
            durable_files.fsync_path(path_of(current_community(), row).parent)
    if agreement:
        keyring.destroy_agreement(agreement)
    return str(body["id"])


def _signed(document: Mapping[str, Any]) -> Mapping[str, Any]:
    refused = Refused(
        "That file is no certificate of destruction of this community, or was changed; give the certificate.json as it was signed.",
        code="bad_certificate",
    )
    key = signing_key(current_community().keys)
    try:
        body: Mapping[str, Any] = document["certificate"]
        if key is None or document["key"] != public(key) or body["throughway"] != FORMAT:
            raise refused
        signature = bytes.fromhex(document["signature"])
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public(key))).verify(signature, message(body))
    except (KeyError, TypeError, ValueError, InvalidSignature):
        raise refused from None
    return body
