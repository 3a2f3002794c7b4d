"""Signatures that were given on paper: the signed PDF comes in, and goes out to those who may read the agreement."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements import actions, selectors
from throughway.agreements.agreement_list import may_see
from throughway.agreements.forms import PaperForm
from throughway.agreements.states import AgreementAct
from throughway.agreements.views.acts import office_of
from throughway.agreements.views.context import agreement_for_reader
from throughway.core.refusals import Refused
from throughway.partners.page_access import ActingRequest, again, screen


@screen()
@again  # before the form is filled in: a file would not outlive the question
def sign_on_paper(request: ActingRequest, id: str) -> HttpResponse:
    """For whoever may sign for their own partner now."""
    found = agreement_for_reader(request.actor, id)
    if AgreementAct.SIGN not in found.open_to:
        raise Http404
    text = found.life.prepared
    form = PaperForm(
        found.today, request.POST or None, request.FILES or None, initial=office_of(request.actor, text)
    )
    if form.is_valid():
        said = dict(form.cleaned_data)
        try:
            actions.sign_on_paper(
                id=id, by=request.actor, party=request.actor.partner or "", paper=said.pop("paper").read(),
                version=request.POST.get("version", ""), **said,
            )  # fmt: skip
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, "The signed paper is kept, and the signature stands.")
            return redirect("agreements:one", id=id)
    context = {"document": text.signed_text, "version": text.version, "form": form}
    return render(request, "agreements/sign_on_paper.html", context)


@screen()
def signed_paper(request: ActingRequest, id: str, sha256: str) -> HttpResponse:
    """The paper, for the parties and the backbone; of a text that the reader sees."""
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
