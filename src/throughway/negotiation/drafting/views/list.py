"""All drafts that one may read, and what each still lacks."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from throughway.agreements.agreement_list import count_blocking
from throughway.agreements.finding_sentences import in_plain_words
from throughway.agreements.labels import day, listed, partner_labels
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.negotiation.drafting import selectors
from throughway.negotiation.drafting.draft import AgreementDraft
from throughway.negotiation.drafting.sections import in_order_of_blocking
from throughway.negotiation.drafting.views.common import sees, writers
from throughway.partners.page_access import ActingRequest
from throughway.partners.selectors import partner_names

MOST = 60  # drafts that are reviewed for one page


@dataclass(frozen=True)
class DraftListRow:
    draft: AgreementDraft
    kind: str  # of its tag
    tag: str
    parties: str
    first: str  # what to cure first
    changed: str


@writers
def all_drafts(request: ActingRequest) -> HttpResponse:
    found = selectors.drafts(request.actor)
    open_ones = [draft for draft in found if draft.is_open][:MOST]
    known = partner_names()
    findings = selectors.reviewed_each([draft.values for draft in open_ones], sees(request))
    lines = [_line(d, f, known) for d, f in zip(open_ones, findings, strict=True)]
    own = [line for line in lines if line.draft.partner == request.actor.partner]
    return render(
        request,
        "drafting/list.html",
        {
            "own": own,
            "shared": [(line, known.get(line.draft.partner, "")) for line in lines if line not in own],
            "closed": [draft for draft in found if not draft.is_open],
        },
    )


def _line(draft: AgreementDraft, findings: list[ReviewFinding], known: dict[str, str]) -> DraftListRow:
    blocking = count_blocking(findings)
    ordered = in_plain_words(in_order_of_blocking(findings), draft.values, known)
    return DraftListRow(
        draft=draft,
        kind="wait" if blocking else "ok",
        tag=f"{blocking} to answer or cure" if blocking else "ready to be finished",
        parties=listed(partner_labels(draft.parties, known)) or "Nobody is named yet",
        first=ordered[0].message if blocking else "",
        changed=f"{day(draft.changed_at.date())}, by {draft.changed_by}",
    )
