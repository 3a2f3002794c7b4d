"""What the gate writes into the ledger: refused requests, and the parts of an entry that come from grants."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date

from django.db import transaction

from throughway.agreements.grant import Grant
from throughway.core.refusals import Refused
from throughway.gate.decision import Reason, agreements_of
from throughway.ledger.entry import Entry
from throughway.ledger.hmac_digests import question_digest
from throughway.ledger.recording import append
from throughway.partners.actor import Actor
from throughway.store.selectors import current_community


def record_refusal(
    actor: Actor,
    purpose: str,
    on: date,
    reasons: Sequence[Reason],
    *,
    sql: str = "",
    grants: Sequence[Grant] = (),
) -> None:
    """Writes that the request was refused, and why; of its text only the digest is kept. Where the key of the digest cannot be
    used, the entry has none and says so."""
    question, without = _digest_if_any(sql)
    with transaction.atomic():
        append(
            Entry(
                outcome="refused",
                actor=actor,
                purpose=purpose,
                on=on,
                agreements=agreements_of(grants),
                disclosers=tuple(sorted({g.discloser for g in grants})),
                question=question,
                reasons=tuple(asdict(reason) for reason in dict.fromkeys((*reasons, *without))),
            )
        )


def _digest_if_any(sql: str) -> tuple[str, Sequence[Reason]]:
    """The digest of what was asked, empty where nothing was or it cannot be made; then also why."""
    try:
        return (digest(sql) if sql else ""), ()
    except Refused as refused:
        return "", [Reason(refused.message, "; ".join(refused.citations))]


def recipients(grants: Sequence[Grant]) -> tuple[str, ...]:
    return tuple(sorted({recipient for g in grants for recipient in g.recipients}))


def onward(grants: Sequence[Grant]) -> tuple[Mapping[str, str], ...]:
    """Who may receive the records next, each with its interest and the right to it (34 CFR 99.32(b)(1))."""
    steps = {(s.party, s.interest, s.basis) for g in grants for s in g.onward}
    return tuple(
        {"party": party, "interest": interest, "basis": basis} for party, interest, basis in sorted(steps)
    )


def joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


def digest(sql: str) -> str:
    return question_digest(sql, current_community().keys)


def not_reached() -> Refused:
    return Refused(
        "No record of that student is open to you under this purpose today: the student is not among those whom you work "
        "with, or the family's consent is not in force. Go back to your list of students.",
        code="unknown_student",
        citations=["34 CFR 99.31(a)(1)(ii)", "34 CFR 99.30"],
    )


def by_form(message: str, citation: str) -> Refused:
    return Refused(message, code="form", citations=[citation])


def record_early_refusal(
    refused: Refused, *, actor: Actor, purpose: str, on: date | None = None, asked: str = ""
) -> Refused:
    """Records the refusal in the ledger, as every request is (34 CFR 99.32(a)(1)), and gives it back to be raised.

    `asked`: the text of the request, of which only the digest is kept.
    """
    reason = Reason(refused.message, "; ".join(refused.citations))
    record_refusal(actor, purpose, on or date.today(), [reason], sql=asked)
    return refused
