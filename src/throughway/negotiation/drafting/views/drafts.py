"""Drafts: the list, a new one, one with its history, and acts on a whole draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from throughway.agreements import actions as agreements
from throughway.agreements import permissions
from throughway.agreements.acts import STEWARDS
from throughway.agreements.agreement_list import count_blocking
from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_yaml import as_yaml
from throughway.agreements.enums import Tier
from throughway.agreements.finding_text import in_plain_words
from throughway.agreements.labels import day, listed, partner_labels
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.starter_texts import Template, template, templates
from throughway.agreements.states import AgreementAct
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.negotiation.drafting import actions, selectors
from throughway.negotiation.drafting.draft import AgreementDraft, in_order_of_blocking, section_of, standings
from throughway.negotiation.drafting.draft_text import draft_event_line, draft_in_words, summary
from throughway.negotiation.drafting.forms import NewDraftForm
from throughway.negotiation.drafting.views.draft_page import (
    draft_of,
    findings_of,
    page,
    sees,
    writers,
    written_by,
)
from throughway.partners.page_access import ActingRequest, again, done
from throughway.partners.selectors import partner_names, partners

MOST = 60  # drafts that are reviewed for one page


@dataclass(frozen=True)
class DraftListRow:
    draft: AgreementDraft
    kind: str  # of its tag
    tag: str
    parties: str
    first: str  # most important findings first
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


ABOVE = {Tier.DUL: Tier.DSA, Tier.DSA: Tier.MOU}


def wider_than(request: ActingRequest, tier: str) -> dict[str, AgreementDocument]:
    """The agreements above this tier that the reader may see."""
    above = ABOVE.get(Tier(tier)) if tier in set(Tier) else None
    may = sees(request)
    found = [s.document for s in agreement_statuses(date.today())]
    return {document.id: document for document in found if document.tier is above and may(document)}


@writers
def new(request: ActingRequest) -> HttpResponseBase:
    # To decide that it takes effect opens records to readers, which asks for the passphrase again.
    decides = "finish" in request.POST and "takes_effect" in request.POST
    return again(_new)(request) if decides else _new(request)


def _new(request: ActingRequest) -> HttpResponse:
    chosen = _chosen(request.GET.get("template"))
    if chosen is None:
        return render(request, "drafting/templates.html", {"offered": templates()})
    wider = wider_than(request, chosen.tier)
    form = NewDraftForm(
        request.POST or None,
        template=chosen,
        partners=partners(),
        own=request.actor.partner or "",
        wider={id: document.title for id, document in wider.items()},
        decides=request.actor.role in STEWARDS,
    )
    if form.is_valid():
        answers = form.cleaned_data
        try:
            draft = actions.begin(
                chosen=chosen.id,
                parties=form.parties(),
                id=answers["id"],
                title=answers["title"],
                effective=answers["effective"],
                expires=answers["expires"],
                answers=form.answers(),
                authorities=form.authorities(),
                under=wider.get(answers.get("under") or ""),
                by=request.actor,
            )
        except Refused as refused:
            form.add_error("id" if refused.code == "taken" else None, refused.message)
        else:
            if "finish" in request.POST and not count_blocking(findings_of(request, draft)):
                found = actions.finish(number=draft.number, by=request.actor)
                said = "Finished. Its parties can read it now."
                if answers.get("takes_effect") and permissions.can_do(
                    request.actor, AgreementAct.ACTIVATE, found
                ):
                    agreements.decide_activation(
                        id=found.document.id, by=request.actor, version=found.version
                    )
                    said += (
                        " It takes effect by itself once every party has signed and its first day has come."
                    )
                return done(request, said, "agreements:one", found.document.id)
            return done(
                request,
                "The draft is begun. Nobody but your own partner sees it.",
                "drafting:one",
                draft.number,
            )
    return render(request, "drafting/new.html", {"chosen": chosen, "form": form})


@writers
def from_agreement(request: ActingRequest, id: str) -> HttpResponse:
    """Asks once, then opens the agreement's text as a draft."""
    found = next((s.document for s in agreement_statuses(date.today()) if s.document.id == id), None)
    if found is None or request.actor.partner not in found.partners:
        raise Http404
    if request.method == "POST":
        draft = actions.open_agreement(id=id, by=request.actor)
        return done(
            request,
            "Its text is open as a draft. What is in effect stays as it is.",
            "drafting:one",
            draft.number,
        )
    return render(request, "drafting/from.html", {"document": found})


def _chosen(id: str | None) -> Template | None:
    if id is None:
        return None
    try:
        return template(id)
    except Refused:
        raise Http404 from None


MOST_EVENTS = 40  # acts of the history on the page


@writers
def one_draft(request: ActingRequest, number: int) -> HttpResponse:
    draft, known = draft_of(request, number), partner_names()
    findings = findings_of(request, draft)
    ordered = in_order_of_blocking(findings)
    blocking = count_blocking(findings)
    events, text = selectors.history(number), draft_in_words(draft.values, known)
    return page(
        request,
        "one",
        draft,
        sections=[
            (s, summary(draft.values, s.section, known, text)) for s in standings(draft.values, ordered)
        ],
        blocking=blocking,
        first=ordered[0] if blocking else None,
        first_section=section_of(ordered[0].element) if blocking else None,
        text=text,
        yaml=as_yaml(draft.values),
        history=[draft_event_line(each, known) for each in events[:MOST_EVENTS]],
        earlier=max(0, len(events) - MOST_EVENTS),
        owner=known.get(draft.partner, draft.partner),
        own=draft.partner == request.actor.partner,
        readers=[known.get(p, p) for p in draft.parties if p != draft.partner],
    )


@dataclass(frozen=True)
class DraftActConfirmation:
    title: str
    button: str
    consequences: tuple[str, ...]
    done: str


@writers
def act_on(request: ActingRequest, number: int, act: str) -> HttpResponse:
    draft = written_by(request, number)
    asking = _asking(request, draft).get(act)
    if asking is None or (act == "share" and draft.shared) or (act == "unshare" and not draft.shared):
        raise Http404
    if request.method != "POST":
        return page(request, "act", draft, asking=asking)
    if act == "finish":
        found = actions.finish(number=number, by=request.actor)
        return done(request, asking.done, "agreements:one", found.document.id)
    {"share": actions.share, "unshare": actions.unshare, "discard": actions.discard}[act](
        number=number, by=request.actor
    )
    return (
        done(request, asking.done, "drafting:list") if act == "discard" else redirect("drafting:one", number)
    )


def _asking(request: ActingRequest, draft: AgreementDraft) -> Mapping[str, DraftActConfirmation]:
    known = partner_names()
    others = (
        listed(known.get(p, p) for p in draft.parties if p != draft.partner)
        or "nobody yet, since no other party is named"
    )
    blocking = count_blocking(findings_of(request, draft)) if request.method != "POST" else 0
    cure = (f"{counted(blocking, 'thing')} must still be cured before anyone can sign.",) if blocking else ()
    in_effect = (
        "The text in effect stays in effect until this one is signed by all and activated."
        if draft.amends
        else ""
    )
    return {
        "finish": DraftActConfirmation(
            "Finish this draft",
            "Finish it",
            (
                f"Its text becomes an agreement that its parties can read: {others}.",
                *([in_effect] if in_effect else ["It has no effect until every party has signed."]),
                *cure,
                "Further changes are then negotiated, and this draft is closed; its history stays.",
            ),
            "Finished. Its parties can read it now.",
        ),
        "share": DraftActConfirmation(
            "Show this draft to its parties",
            "Show it to them",
            (
                f"Leaders, privacy officers and data stewards of these may read it as it changes: {others}.",
                "They cannot change it. You can stop sharing it at any time.",
            ),
            "Its parties can read it now.",
        ),
        "unshare": DraftActConfirmation(
            "Show it to your own partner alone",
            "Take it back",
            ("The other parties can no longer open it. They have seen what they have already read.",),
            "Only your own partner sees it now.",
        ),
        "discard": DraftActConfirmation(
            "Set this draft aside",
            "Set it aside",
            (
                "It can no longer be changed, and it leaves the list of open drafts.",
                "Its words and its history stay.",
            ),
            "Set aside. Its words and its history stay.",
        ),
    }
