"""Papers and files of an agreement: words and SQL in parallel, every export format, and signed papers uploaded and downloaded."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render

from throughway.agreements import actions, selectors
from throughway.agreements.agreement_list import may_see, may_see_pending
from throughway.agreements.clause_text import clauses
from throughway.agreements.exchange.export_formats import FORMS, file_of
from throughway.agreements.exchange.ndpa import elements_of, not_student_data
from throughway.agreements.forms import PaperForm
from throughway.agreements.labels import TIER_WORDS
from throughway.agreements.selectors import agreement_lifecycles, past_acts, sql_of
from throughway.agreements.signatures import given_of
from throughway.agreements.states import AgreementAct
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.agreements.views.acts import office_of, signatory_of
from throughway.agreements.views.context import agreement_for_reader
from throughway.partners.page_access import ActingRequest, again, done, refusal_at, screen
from throughway.partners.selectors import partner_names, partners


@screen()
def side_by_side(request: ActingRequest, id: str) -> HttpResponse:
    """Plain English and SQL, clause by clause; printable."""
    today = date.today()
    found = _visible(request, id, today).current
    context = {
        "document": found.document,
        "version": found.version,
        "clauses": clauses(found.document, partner_names(), sql_of(found, today)),
    }
    return render(request, "agreements/side_by_side.html", context)


@screen()
def papers(request: ActingRequest, id: str) -> HttpResponse:
    """Every export format of the agreement, including the text in preparation."""
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
    """The agreement, if the reader may see it; otherwise Http404."""
    register = partners()
    for life in agreement_lifecycles(today):
        later = life.pending or life.current
        if life.current.document.id == id and may_see_pending(request.actor, life.current, later, register):
            return life
    raise Http404


@screen()
@again  # asked before the form is filled in: an uploaded file would be lost
def sign_on_paper(request: ActingRequest, id: str) -> HttpResponse:
    """For users who may sign for their own partner now."""
    found = agreement_for_reader(request.actor, id)
    if AgreementAct.SIGN not in found.open_to:
        raise Http404
    text = found.life.prepared
    registered = signatory_of(request.actor) is not None
    form = PaperForm(
        found.today, request.POST or None, request.FILES or None, initial=office_of(found), registered=registered
    )  # fmt: skip
    if form.is_valid():
        values = dict(form.cleaned_data)
        with refusal_at(form):
            actions.sign_on_paper(
                id=id, by=request.actor, party=request.actor.partner or "", paper=values.pop("paper").read(),
                version=request.POST.get("version", ""), **{"title": "", **values},
            )  # fmt: skip
            return done(
                request, "The signed paper is stored, and the signature is recorded.", "agreements:one", id
            )
    context = {"document": text.signed_text, "version": text.version, "form": form, "registered": registered}
    return render(request, "agreements/sign_on_paper.html", context)


@screen()
def signed_paper(request: ActingRequest, id: str, sha256: str) -> HttpResponse:
    """The paper, for the parties and the backbone, where the reader may see its text."""
    found = agreement_for_reader(request.actor, id)
    document = found.life.current.document
    reads = request.actor.partner in found.life.prepared.ever_parties or may_see(
        request.actor, document, found.register
    )
    named = any(event.details.get("paper") == sha256 for event in found.done)
    content = selectors.signed_paper(sha256) if reads and named else None
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{id}-signed-{sha256[:12]}.pdf"'
    return response
