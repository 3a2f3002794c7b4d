"""Requests that are refused before a door could be asked for: by nobody in particular, or by one who is not known."""

from datetime import date
from hashlib import sha256

from django.db import transaction

from throughway.gate.recording import Entry, append
from throughway.partners.actor import Actor
from throughway.refusals import Refused


def turn_away(
    refused: Refused, *, actor: Actor, purpose: str, on: date | None = None, asked: str = ""
) -> Refused:
    """Records the refusal in the ledger, as every request is (34 CFR 99.32(a)(1)), and gives it back to be raised.

    `asked`: the text of the request, of which only the digest is kept.
    """
    reason = {"sentence": refused.message, "citation": "; ".join(refused.citations), "agreement": ""}
    with transaction.atomic():
        append(
            Entry(
                outcome="refused",
                actor=actor,
                purpose=purpose,
                on=on or date.today(),
                sql_sha256=sha256(asked.encode("utf-8", "surrogatepass")).hexdigest() if asked else "",
                reasons=(reason,),
            )
        )
    return refused
