"""Replaces the key that signs the ledger's heads; earlier heads still verify."""

from datetime import UTC, datetime

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.ledger import sealing
from throughway.ledger.actions.verification import verify
from throughway.ledger.signing_keys import KeyChange, replace_signing_key
from throughway.partners.actor import Actor
from throughway.store.selectors import current_community


def rotate_signing_key(*, by: Actor) -> KeyChange:
    """Seals every entry under the old key, and replaces it. Only by the operator of the folder; refused where the ledger fails
    verification, since new seals would hide the evidence, and where nothing was ever sealed."""
    if not by.is_operator:
        raise Refused(
            "Only the operator of the folder replaces its keys; leave out --as.", code="not_allowed"
        )
    verdict = verify()
    if not verdict.ok:
        raise Refused(
            f"The ledger fails verification at {verdict.first_bad}, so its key stays: {verdict.problem}",
            code="ledger_broken",
        )
    sealing.seal(by=by)
    with transaction.atomic():
        sealing.be_the_sealer(patient=True)
        last = sealing.heads().last()
        return replace_signing_key(
            current_community().keys, size=last.size if last else 0, at=datetime.now(UTC).isoformat()
        )
