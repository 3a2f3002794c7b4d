"""One draft: its sections with what is done and what is missing, the whole of it in words, and its history."""

from django.http import HttpResponse

from throughway.agreements.agreement_list import count_blocking
from throughway.agreements.starter_texts import as_yaml
from throughway.negotiation.drafting import selectors
from throughway.negotiation.drafting.draft_text import in_words
from throughway.negotiation.drafting.event_sentences import draft_event_sentence
from throughway.negotiation.drafting.sections import in_order_of_blocking, section_of, standings
from throughway.negotiation.drafting.summaries import summary
from throughway.negotiation.drafting.views.common import draft_of, findings_of, page, writers
from throughway.partners.page_access import ActingRequest
from throughway.partners.selectors import partner_names

TOLD = 40  # deeds of the history on the page


@writers
def one_draft(request: ActingRequest, number: int) -> HttpResponse:
    draft, known = draft_of(request, number), partner_names()
    findings = findings_of(request, draft)
    ordered = in_order_of_blocking(findings)
    blocking = count_blocking(findings)
    done = selectors.history(number)
    return page(
        request,
        "one",
        draft,
        sections=[(s, summary(draft.values, s.section, known)) for s in standings(draft.values, ordered)],
        blocking=blocking,
        first=ordered[0] if blocking else None,
        first_section=section_of(ordered[0].element) if blocking else None,
        text=in_words(draft.values, known),
        yaml=as_yaml(draft.values),
        history=[draft_event_sentence(each, known) for each in done[:TOLD]],
        earlier=max(0, len(done) - TOLD),
        owner=known.get(draft.partner, draft.partner),
        own=draft.partner == request.actor.partner,
        readers=[known.get(p, p) for p in draft.parties if p != draft.partner],
    )
