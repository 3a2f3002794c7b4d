"""An act on an agreement: asks once more, saying what will happen; then does it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from throughway.agreements import actions
from throughway.agreements.act_confirmations import confirmation_for
from throughway.agreements.available_acts import approvable, text_of
from throughway.agreements.forms import (
    AmendAgreementForm,
    ApproveForm,
    CertifyForm,
    ReasonForm,
    RenewForm,
    SignForm,
)
from throughway.agreements.selectors import source_of
from throughway.agreements.signatures import ON_SITE
from throughway.agreements.states import AgreementAct
from throughway.agreements.status import AgreementStatus
from throughway.agreements.views.context import AgreementForReader, agreement_for_reader
from throughway.partners import Actor, Role
from throughway.partners.page_access import ActingRequest, again, screen

# What binds a partner, or opens or closes records to their readers, is done only by whoever can sign in now.
ASKS_AGAIN = frozenset(
    {
        AgreementAct.APPROVE,
        AgreementAct.SIGN,
        AgreementAct.ACTIVATE,
        AgreementAct.SUSPEND,
        AgreementAct.RESUME,
        AgreementAct.TERMINATE,
        AgreementAct.CERTIFY,
        AgreementAct.CLOSE,
    }
)


@screen()
def act_on(request: ActingRequest, id: str, act: str) -> HttpResponseBase:
    """Who may not act meets an address that does not exist. Grave acts ask for the passphrase once more."""
    found = agreement_for_reader(request.actor, id)
    chosen = next((a for a in found.open_to if a.value == act), None)
    if chosen is None:
        raise Http404
    if chosen in ASKS_AGAIN and request.method == "POST":
        return again(_act)(request, found, chosen)
    return _act(request, found, chosen)


def _act(request: ActingRequest, found: AgreementForReader, act: AgreementAct) -> HttpResponse:
    text = text_of(act, found.life)
    asked = confirmation_for(act, text, request.actor.partner or "", found.names)
    form = _form(act, found, text, request.POST if request.method == "POST" else None)
    if request.method == "POST" and (form is None or form.is_valid()):
        version = str(request.POST.get("version", ""))
        _do(act, text.document.id, version, request.actor, form.cleaned_data if form else {})
        messages.success(request, asked.done)
        return redirect("agreements:one", id=text.document.id)
    context = {
        "document": text.signed_text,
        "version": text.version,
        "asking": asked,
        "form": form,
        "is_later": text is found.life.pending,
        "asks_again": act in ASKS_AGAIN,
    }
    return render(request, "agreements/act.html", context)


def _form(
    act: AgreementAct, found: AgreementForReader, text: AgreementStatus, posted: Any
) -> forms.Form | None:
    if act in (AgreementAct.SUSPEND, AgreementAct.TERMINATE, AgreementAct.OBJECT):
        return ReasonForm(posted)
    if act is AgreementAct.SIGN:
        return SignForm(posted, initial=office_of(found.actor, text))
    if act is AgreementAct.APPROVE:
        return ApproveForm(approvable(found.actor, text, found.setting.held), posted)
    if act is AgreementAct.RENEW:
        return RenewForm(text.document.terms.expires, posted)
    if act is AgreementAct.AMEND:
        return AmendAgreementForm(posted, initial={"text": source_of(text)})
    if act is AgreementAct.CERTIFY:
        return CertifyForm(found.today, posted, initial={"method": text.document.terms.destruction.method})
    return None


def office_of(actor: Actor, text: AgreementStatus) -> dict[str, str]:
    """What is proposed to one who signs: to a leader the office that the text names, to others their own role."""
    own = [p.signatory for p in text.signed_text.parties if p.partner == actor.partner and p.signatory]
    if actor.role != Role.LEADER:
        return {"title": Role(actor.role).label}
    return {"title": own[0].title, "authority": own[0].authority} if own else {}


def _do(act: AgreementAct, id: str, version: str, by: Actor, said: Mapping[str, Any]) -> None:
    match act:
        case AgreementAct.SUBMIT:
            actions.submit(id=id, by=by, version=version)
        case AgreementAct.OFFER:
            actions.offer(id=id, by=by, version=version)
        case AgreementAct.AGREE:
            actions.agree(id=id, by=by, version=version)
        case AgreementAct.APPROVE:
            actions.approve(
                id=id, capacity=said["capacity"], by=by, minutes=said.get("minutes", ""), version=version
            )
        case AgreementAct.OBJECT:
            actions.object_to(id=id, by=by, reason=said["reason"], version=version)
        case AgreementAct.SIGN:
            actions.sign(
                id=id, by=by, version=version, title=said["title"], authority=said["authority"], how=ON_SITE
            )
        case AgreementAct.ACTIVATE:
            actions.activate(id=id, by=by)
        case AgreementAct.RESUME:
            actions.resume(id=id, by=by)
        case AgreementAct.SUSPEND:
            actions.suspend(id=id, by=by, reason=said["reason"])
        case AgreementAct.AMEND:
            actions.amend(id=id, text=said["text"], by=by)
        case AgreementAct.RENEW:
            actions.renew(id=id, until=said["until"], by=by)
        case AgreementAct.TERMINATE:
            actions.terminate(id=id, by=by, reason=said["reason"])
        case AgreementAct.WIND_DOWN:
            actions.wind_down(id=id, by=by)
        case AgreementAct.CERTIFY:
            actions.certify(id=id, by=by, **said)
        case AgreementAct.CLOSE:
            actions.close(id=id, by=by)
