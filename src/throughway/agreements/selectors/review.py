"""The review of texts, against everything that the community knows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from throughway.agreements.document import AgreementDocument, read_document
from throughway.agreements.legal_review.findings import FORMAT, ReviewFinding, Severity
from throughway.agreements.legal_review.review import ReviewContext, review, review_text
from throughway.agreements.legal_review.rule_pack import Pack, packs_in
from throughway.agreements.selectors.status import agreement_lifecycles, agreement_statuses, one, today
from throughway.agreements.states import OPEN, OVER
from throughway.core.refusals import Refused
from throughway.partners.selectors import bars, partners
from throughway.store.selectors import current_community


def context(
    apart_from: str = "", sees: Callable[[AgreementDocument], bool] = lambda document: True
) -> ReviewContext:
    """What a review of the agreement of that id is held against; for one reader, agreements that the reader may see."""
    others = {
        s.document.id: s.document
        for s in agreement_statuses(today())
        if s.document.id != apart_from and s.state not in OVER
    }
    return ReviewContext(
        partners=partners(),
        others={id: document for id, document in others.items() if sees(document)},
        bars=bars(),
        packs=added_rules(),
    )


def added_rules() -> tuple[Pack, ...]:
    """The rules that the State or the community added; Refused when a file of them cannot be read."""
    return packs_in(current_community().rules)


def reviewed(
    text: str, sees: Callable[[AgreementDocument], bool] = lambda document: True
) -> list[ReviewFinding]:
    """The review of a text that may be anything at all. An agreement that its author may not see (`sees`) is as unknown as
    one that is not there."""
    document, _ = read_document(text)
    return review_text(text, context(document.id if document else "", sees))


def findings(id: str) -> list[ReviewFinding]:
    """The review of the current text of an agreement that was added."""
    return findings_on(one(id).document)


def findings_on(document: AgreementDocument) -> list[ReviewFinding]:
    """The review of a document as the community's agreement of that id. Where the community's own rules cannot be read, that
    alone is found, and it blocks: nobody signs then, and everybody reads on."""
    try:
        against = context(apart_from=document.id)
    except Refused as refused:
        return [_unread(refused)]
    return review(document, against)


def findings_of_open(on: date) -> dict[str, list[ReviewFinding]]:
    """The review of every text that is being prepared, by its agreement's id: as many questions to the database for one as for all."""
    found = [life.prepared for life in agreement_lifecycles(on) if life.prepared.state in OPEN]
    if not found:
        return {}
    try:
        against = context()
    except Refused as refused:
        return {s.document.id: [_unread(refused)] for s in found}
    return {
        s.document.id: review(
            s.document,
            replace(against, others={id: d for id, d in against.others.items() if id != s.document.id}),
        )
        for s in found
    }


def _unread(refused: Refused) -> ReviewFinding:
    return ReviewFinding("D1", Severity.BLOCKING, "", FORMAT, refused.message)
