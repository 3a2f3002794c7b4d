"""Requests that are refused before an access could be asked for: by nobody in particular, or by one who is not known."""

from datetime import date

from throughway.core.refusals import Refused
from throughway.gate.actions.entry_details import record_refusal
from throughway.gate.decision import Reason
from throughway.partners.actor import Actor


def record_early_refusal(
    refused: Refused, *, actor: Actor, purpose: str, on: date | None = None, asked: str = ""
) -> Refused:
    """Records the refusal in the ledger, as every request is (34 CFR 99.32(a)(1)), and gives it back to be raised.

    `asked`: the text of the request, of which only the digest is kept.
    """
    reason = Reason(refused.message, "; ".join(refused.citations))
    record_refusal(actor, purpose, on or date.today(), [reason], sql=asked)
    return refused
