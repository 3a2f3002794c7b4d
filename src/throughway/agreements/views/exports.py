"""The screens on which an agreement leaves the site: words and SQL side by side, and its papers."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render

from throughway.agreements.agreement_list import may_see_pending
from throughway.agreements.clause_text import clauses_with_sql
from throughway.agreements.exchange.export_formats import FORMS, file_of
from throughway.agreements.exchange.ndpa import elements_of, not_student_data
from throughway.agreements.labels import TIER_WORDS
from throughway.agreements.selectors import agreement_lifecycles, past_acts, sql_of
from throughway.agreements.signatures import given_of
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import partner_names, partners

NO_SQL = "-- It grants no table by itself."


@screen()
def side_by_side(request: ActingRequest, id: str) -> HttpResponse:
    """Plain English and SQL, clause by clause; it prints as it stands."""
    today = date.today()
    found = _visible(request, id, today).current
    context = {
        "document": found.document,
        "tier": TIER_WORDS[found.document.tier],
        "version": found.version,
        "clauses": clauses_with_sql(found.document, partner_names(), sql_of(found, today)),
    }
    return render(request, "agreements/side_by_side.html", context)


@screen()
def papers(request: ActingRequest, id: str) -> HttpResponse:
    """Every form in which the agreement can be taken away; of a text that is being prepared too."""
    life = _visible(request, id, date.today())
    texts = [life.current, *([life.pending] if life.pending else [])]
    context = {
        "document": life.current.document,
        "tier": TIER_WORDS[life.current.document.tier],
        "texts": [
            {"standing": text, "is_later": text is life.pending, "signed": len(text.signed_by), "parties": len(text.ever_parties)}
            for text in texts
        ],
        "forms": FORMS.items(),
        "apart": not_student_data(elements_of(life.current.signed_text)),
    }  # fmt: skip
    return render(request, "agreements/downloads.html", context)


@screen()
def paper(request: ActingRequest, id: str, form: str) -> HttpResponse:
    """The file; `?version=` names the text, else the one in effect."""
    life = _visible(request, id, date.today())
    found = _text(life, request.GET.get("version", ""))
    if form not in FORMS:
        raise Http404
    written = file_of(form, found, partner_names(), given_of(past_acts(id), found.version))
    response = HttpResponse(written, content_type=FORMS[form].type)
    response["Content-Disposition"] = f'attachment; filename="{id}{FORMS[form].ending}"'
    return response


def _text(life: AgreementLifecycle, version: str) -> AgreementStatus:
    if not version:
        return life.current
    found = next((t for t in (life.current, life.pending) if t and t.version == version), None)
    if found is None:
        raise Http404
    return found


def _visible(request: ActingRequest, id: str, today: date) -> AgreementLifecycle:
    """The agreement, when the reader may see it; else an address that does not exist."""
    register = partners()
    for life in agreement_lifecycles(today):
        later = life.pending or life.current
        if life.current.document.id == id and may_see_pending(request.actor, life.current, later, register):
            return life
    raise Http404
