"""Common to every page of a draft: the draft, who may edit it, its findings, and the display of an edit conflict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from throughway.agreements.agreement_list import may_see
from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_forms import DocumentChoices
from throughway.agreements.finding_text import in_plain_words
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.core.refusals import Refused
from throughway.negotiation.drafting import selectors
from throughway.negotiation.drafting.draft import AgreementDraft, DraftSection, EditConflict
from throughway.negotiation.drafting.draft_text import changed
from throughway.negotiation.drafting.permissions import WRITERS, can_write, check_can_write
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import partner_names, partners

writers = screen(*WRITERS)


def sees(request: ActingRequest) -> Callable[[AgreementDocument], bool]:
    """Whether the reader may see an agreement: a review reveals nothing about others' agreements."""
    register = partners()
    return lambda document: may_see(request.actor, document, register)


def draft_of(request: ActingRequest, number: int) -> AgreementDraft:
    """The draft; Http404 when the reader may not see it."""
    try:
        return selectors.one(number, request.actor)
    except Refused as refused:
        if refused.code == "unknown_draft":
            raise Http404 from None
        raise


def written_by(request: ActingRequest, number: int) -> AgreementDraft:
    """The draft; Refused when the reader may not change it."""
    draft = draft_of(request, number)
    check_can_write(request.actor, draft)
    return draft


def choices_in(draft: AgreementDraft) -> DocumentChoices:
    """What the forms of a draft offer to choose from."""
    return DocumentChoices(draft.values, partner_names())


def findings_of(request: ActingRequest, draft: AgreementDraft) -> list[ReviewFinding]:
    """The review's findings, in words that name no field of the document."""
    return in_plain_words(selectors.reviewed(draft.values, sees(request)), draft.values, partner_names())


def revision_of(request: ActingRequest, draft: AgreementDraft) -> int:
    """The revision that the writer saw when the form was opened."""
    opened = number_in(request.POST.get("revision", ""))
    return draft.revision if opened is None else opened


def number_in(text: str) -> int | None:
    """The number that a form wrote; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


@dataclass(frozen=True)
class Clashed:
    """Another user's changes to the section since it was opened, in sentences."""

    message: str
    sentences: tuple[str, ...]


def clashed(clash: EditConflict) -> Clashed:
    known = partner_names()
    sentences = [s for done in clash.since for s in changed(done.before, done.after, known)]
    return Clashed(clash.message, tuple(dict.fromkeys(sentences)))


def page(
    request: ActingRequest,
    template: str,
    draft: AgreementDraft,
    section: DraftSection | None = None,
    *,
    clash: EditConflict | None = None,
    findings: Sequence[ReviewFinding] = (),
    **context: Any,
) -> HttpResponse:
    """A page about one draft. After an edit conflict its form is based on the newest revision, with the writer's own words in it."""
    shared: Mapping[str, Any] = {
        "draft": draft,
        "section": section,
        "revision": clash.revision if clash else draft.revision,
        "clash": clashed(clash) if clash else None,
        "findings": findings,
        "may_write": can_write(request.actor, draft),
    }
    status = 409 if clash else 200
    return render(request, f"drafting/{template}.html", {**shared, **context}, status=status)
