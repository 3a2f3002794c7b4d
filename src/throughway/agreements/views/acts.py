"""The page of an act: shows its consequences, asks for confirmation, then does it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from throughway.agreements import actions
from throughway.agreements.acts import ACTS
from throughway.agreements.agreement_text import sections
from throughway.agreements.available_acts import approvable, confirmation_for, text_of
from throughway.agreements.forms import (
    AmendAgreementForm,
    ApproveForm,
    CertifyForm,
    ReasonForm,
    RenewForm,
    SignForm,
)
from throughway.agreements.selectors import open_decisions, source_of, today
from throughway.agreements.signatures import ON_SITE
from throughway.agreements.signing_authority import own_words
from throughway.agreements.states import AgreementAct
from throughway.agreements.status import AgreementStatus
from throughway.agreements.views.context import AgreementForReader, agreement_for_reader
from throughway.partners import Actor
from throughway.partners.page_access import ActingRequest, again, done, refusal_told, screen
from throughway.partners.signatories.selectors import signing_register
from throughway.partners.signatories.signatory import Signatory

READ_FIRST = frozenset({AgreementAct.SIGN, AgreementAct.APPROVE})  # acts whose page shows the whole text


@screen()
def act_on(request: ActingRequest, id: str, act: str) -> HttpResponseBase:
    """404 for users who may not act. Acts marked in the table ask for the passphrase again."""
    found = agreement_for_reader(request.actor, id)
    chosen = next((a for a in found.open_to if a.value == act), None)
    if chosen is None:
        raise Http404
    if ACTS[chosen].asks_passphrase and request.method == "POST":
        return again(_act)(request, found, chosen)
    return _act(request, found, chosen)


@screen()
@require_POST
def decide(request: ActingRequest, id: str) -> HttpResponseBase:
    """Decides that the text takes effect by itself once every party has signed it, or takes that back (`back`)."""
    agreement_for_reader(request.actor, id)
    return again(_decide)(request, id)


def _decide(request: ActingRequest, id: str) -> HttpResponse:
    with refusal_told(request):
        if "back" in request.POST:
            actions.take_back_activation(id=id, by=request.actor)
            messages.success(
                request,
                "Taken back. Once every party has signed, it waits for somebody to put it into effect.",
            )
        else:
            actions.decide_activation(id=id, by=request.actor, version=str(request.POST.get("version", "")))
            messages.success(request, TAKES_EFFECT)
    return redirect("agreements:one", id)


TAKES_EFFECT = "It takes effect by itself once every party has signed and its first day has come."


def _act(request: ActingRequest, found: AgreementForReader, act: AgreementAct) -> HttpResponse:
    text = text_of(act, found.life)
    confirmation = confirmation_for(act, text, request.actor.partner or "", found.names)
    form = _form(act, found, text, request.POST if request.method == "POST" else None)
    if request.method == "POST" and (form is None or form.is_valid()):
        given: dict[str, Any] = dict(form.cleaned_data) if form else {}
        if ACTS[act].prepares:
            given["version"] = str(request.POST.get("version", ""))
        if act is AgreementAct.SIGN:
            given["how"] = ON_SITE
        actions.BY_ACT[act](id=text.document.id, by=request.actor, **given)
        return done(request, confirmation.done, "agreements:one", text.document.id)
    context = {
        "document": text.signed_text,
        "version": text.version,
        "asking": confirmation,
        "form": form,
        "is_later": text is found.life.pending,
        "asks_again": ACTS[act].asks_passphrase,
        "signatory": signatory_of(found.actor) if act is AgreementAct.SIGN else None,
        "takes_effect": TAKES_EFFECT
        if act is AgreementAct.SIGN and text.document.id in open_decisions()
        else "",
        "text": sections(text.signed_text, found.names) if act in READ_FIRST else (),
    }
    return render(request, "agreements/act.html", context)


def _form(
    act: AgreementAct, found: AgreementForReader, text: AgreementStatus, posted: Any
) -> forms.Form | None:
    if act in (AgreementAct.SUSPEND, AgreementAct.TERMINATE, AgreementAct.OBJECT):
        return ReasonForm(posted)
    if act is AgreementAct.SIGN:
        return None if signatory_of(found.actor) else SignForm(posted, initial=office_of(found))
    if act is AgreementAct.APPROVE:
        return ApproveForm(approvable(found.actor, text, found.setting.held), posted)
    if act is AgreementAct.RENEW:
        return RenewForm(text.document.terms.expires, posted)
    if act is AgreementAct.AMEND:
        return AmendAgreementForm(posted, initial={"text": source_of(text)})
    if act is AgreementAct.CERTIFY:
        return CertifyForm(found.today, posted, initial={"method": text.document.terms.destruction.method})
    return None


def signatory_of(actor: Actor) -> Signatory | None:
    """The reader as their partner registered them to sign."""
    return signing_register(actor.partner or "").of(actor.email, today())


def office_of(found: AgreementForReader) -> dict[str, str]:
    """Initial values for who signs by role: the office that the text names, unless another party wrote it."""
    named = own_words(found.life.prepared, found.actor.partner or "", found.setting.author)
    return {"title": named.title, "authority": named.authority} if named else {}
