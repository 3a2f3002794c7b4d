"""A new draft: from a template, or from an agreement that is to be changed."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Tier
from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.starter_texts import Template, template, templates
from throughway.core.refusals import Refused
from throughway.negotiation.drafting import actions
from throughway.negotiation.drafting.forms.new_draft import BeginForm
from throughway.negotiation.drafting.views.common import sees, writers
from throughway.partners.page_access import ActingRequest
from throughway.partners.selectors import partners

ABOVE = {Tier.DUL: Tier.DSA, Tier.DSA: Tier.MOU}


def wider_than(request: ActingRequest, tier: str) -> dict[str, AgreementDocument]:
    """The agreements that one of this tier may stand under, as far as the reader may see them."""
    above = ABOVE.get(Tier(tier)) if tier in set(Tier) else None
    may = sees(request)
    found = [s.document for s in agreement_statuses(date.today())]
    return {document.id: document for document in found if document.tier is above and may(document)}


@writers
def new(request: ActingRequest) -> HttpResponse:
    chosen = _chosen(request.GET.get("template"))
    if chosen is None:
        return render(request, "drafting/templates.html", {"offered": templates()})
    wider = wider_than(request, chosen.tier)
    form = BeginForm(
        request.POST or None,
        template=chosen,
        partners=partners(),
        own=request.actor.partner or "",
        wider=[(id, document.title) for id, document in wider.items()],
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
                under=wider.get(answers.get("under") or ""),
                by=request.actor,
            )
        except Refused as refused:
            form.add_error("id" if refused.code == "taken" else None, refused.message)
        else:
            messages.success(request, "The draft is begun. Nobody but your own partner sees it.")
            return redirect("drafting:one", draft.number)
    return render(request, "drafting/new.html", {"chosen": chosen, "form": form})


@writers
def from_agreement(request: ActingRequest, id: str) -> HttpResponse:
    """Asks once, then opens the agreement's text as a draft."""
    found = next((s.document for s in agreement_statuses(date.today()) if s.document.id == id), None)
    if found is None or request.actor.partner not in found.partners:
        raise Http404
    if request.method == "POST":
        draft = actions.open_agreement(id=id, by=request.actor)
        messages.success(request, "Its text stands here as a draft. What is in effect stays as it is.")
        return redirect("drafting:one", draft.number)
    return render(request, "drafting/from.html", {"document": found})


def _chosen(id: str | None) -> Template | None:
    if id is None:
        return None
    try:
        return template(id)
    except Refused:
        raise Http404 from None
