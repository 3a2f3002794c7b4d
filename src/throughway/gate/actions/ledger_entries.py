"""The ledger entries that the gate writes: one for everything that it releases and one for every request that it refuses."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from throughway.agreements.grant import Grant
from throughway.core.refusals import Refused
from throughway.gate.actions.amendment_statements import AmendmentStatement
from throughway.gate.decision import Reason, agreements_of
from throughway.ledger.entry import WRITTEN, Entry, exempt
from throughway.ledger.recording import append, digest_of_question
from throughway.partners.actor import Actor
from throughway.vocabulary import TABLES


def record_refusal(
    actor: Actor,
    purpose: str,
    on: date,
    reasons: Sequence[Reason],
    *,
    sql: str = "",
    grants: Sequence[Grant] = (),
) -> None:
    """Writes an entry for a refused request with the reasons. Only a digest of the request's text is kept; where its key cannot be
    used, the entry has no digest and says so."""
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
    """The digest of the request's text and, where it cannot be made, the reason. Both are empty where there is no text."""
    try:
        return (_digest(sql) if sql else ""), ()
    except Refused as refused:
        return "", [Reason(refused.message, "; ".join(refused.citations))]


def released(
    actor: Actor,
    purpose: str,
    on: date,
    grants: Sequence[Grant],
    *,
    elements: tuple[str, ...],
    sql: str,
    rows: int | None,
    students: NDArray[np.int64],
    statements: Sequence[AmendmentStatement],
) -> Entry:
    """The entry for rows that are about to be returned under these grants; `students` as in `Entry`."""
    recipients = (
        (actor.partner,) if actor.partner else sorted({each for g in grants for each in g.recipients})
    )
    # Who may receive the records next, each with its interest and the right to it (34 CFR 99.32(b)(1)).
    onward = sorted({(step.party, step.interest, step.basis) for g in grants for step in g.onward})
    return Entry(
        outcome="released",
        actor=actor,
        purpose=purpose,
        interest=_joined(g.interest for g in grants),
        basis=_joined(g.basis for g in grants),
        on=on,
        agreements=agreements_of(grants),
        disclosers=tuple(sorted({g.discloser for g in grants})),
        recipients=tuple(recipients),
        onward=tuple(dict(zip(("party", "interest", "basis"), step, strict=True)) for step in onward),
        elements=elements,
        question=_digest(sql),
        rows=rows,
        students=students,
        exempt=exempt(grants),
        threat=_joined(g.threat for g in grants if g.threat),
        reasons=tuple(each.note for each in statements),
    )


def written(
    actor: Actor,
    purpose: str,
    on: date,
    grants: Sequence[Grant],
    *,
    table: str,
    records: Sequence[int],
    receiver: str | None = None,
) -> Entry:
    """The entry for rows that are about to be typed under the grants, one about each learner with these record numbers; without
    numbers, for one row about nobody whose record is known. Nobody receives anything by it (34 CFR 99.3: providing a record is no
    disclosure to the one who provides it), unless it is sent to a `receiver`."""
    return Entry(
        outcome=WRITTEN,
        actor=actor,
        purpose=purpose,
        interest=_joined(g.interest for g in grants),
        basis=_joined(g.basis for g in grants),
        on=on,
        agreements=agreements_of(grants),
        disclosers=tuple(sorted({g.discloser for g in grants})),
        recipients=(receiver,) if receiver else (),
        elements=tuple(f"{table}.{name}" for name in sorted(TABLES[table].elements)),
        rows=len(records) or 1,
        students=np.array(sorted(records), dtype=np.int64),
        exempt=exempt(grants),
    )


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


def _digest(sql: str) -> str:
    return digest_of_question(sql)


def record_early_refusal(
    refused: Refused, *, actor: Actor, purpose: str, on: date | None = None, asked: str = ""
) -> Refused:
    """Records the refusal in the ledger, as every request is (34 CFR 99.32(a)(1)), and returns it to be raised.

    `asked`: the text of the request, of which only the digest is kept.
    """
    reason = Reason(refused.message, "; ".join(refused.citations))
    record_refusal(actor, purpose, on or date.today(), [reason], sql=asked)
    return refused
