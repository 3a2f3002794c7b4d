"""Joining an open agreement by signing it, and leaving one with notice, after a page that shows the effect on others."""

from collections import defaultdict
from datetime import timedelta

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render

from throughway.agreements import actions as agreements
from throughway.agreements.acts import BINDING
from throughway.agreements.agreement_list import purpose_summary
from throughway.agreements.agreement_text import sections
from throughway.agreements.data_flows import flows
from throughway.agreements.effective_document import Joined, effective, model_for
from throughway.agreements.labels import TIER_WORDS, element_words, listed, table_words
from throughway.agreements.leaving_impact import leaving
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.selectors import agreement_statuses, findings_on, why_not_join
from throughway.agreements.signatures import ON_SITE
from throughway.agreements.states import AgreementAct, may
from throughway.agreements.status import AgreementStatus
from throughway.agreements.views.acts import signatory_of
from throughway.core.refusals import Refused
from throughway.governance.bodies import MotionKind, MotionResult
from throughway.governance.forms import JoinForm, LeaveForm
from throughway.governance.views.context import GovernanceContext
from throughway.partners.page_access import ActingRequest, again, done, refusal_at, screen
from throughway.partners.permissions import SIGNERS

signers = screen(*SIGNERS)
leavers = screen(*BINDING)


def open_to(reader: GovernanceContext) -> dict[str, AgreementStatus]:
    """Agreements in effect that the reader's partner may join."""
    own, partner = reader.visible.own, reader.actor.partner
    return {
        s.document.id: s
        for s in agreement_statuses(reader.today)
        if own in s.signed_text.joinder.open_to
        and partner not in s.document.partners
        and partner not in s.signed_text.partners
        and may(s.state, AgreementAct.JOIN)
    }


@signers
def joinable(request: ActingRequest) -> HttpResponse:
    found = open_to(GovernanceContext(request.actor))
    lines = [(s.document, TIER_WORDS[s.document.tier], purpose_summary(s.document)) for s in found.values()]
    return render(request, "governance/joinable.html", {"lines": lines})


@signers
def join(request: ActingRequest, id: str) -> HttpResponseBase:
    """The text in plain words, as it would hold for the reader's partner; then its signature."""
    if request.method == "POST":
        return _sign(request, id)
    reader = GovernanceContext(request.actor)
    return _join_page(request, reader, _joinable(reader, id), None)


@again
def _sign(request: ActingRequest, id: str) -> HttpResponse:
    reader = GovernanceContext(request.actor)
    found = _joinable(reader, id)
    form = JoinForm(request.POST, registered=signatory_of(request.actor) is not None)
    if not form.is_valid():
        return _join_page(request, reader, found, form)
    filled = form.cleaned_data
    try:
        agreements.join(
            id=id, by=request.actor, title=filled.get("title", ""), authority=filled.get("authority", ""),
            signer=filled.get("signer", ""), version=filled["version"], how=ON_SITE,
        )  # fmt: skip
    except Refused as refused:
        form.add_error(None, refused.message)
        return _join_page(request, reader, found, form)
    return done(request, f"{_own(reader)} is a party from today on.", "agreements:one", id)


def _joinable(reader: GovernanceContext, id: str) -> AgreementStatus:
    found = open_to(reader).get(id)
    if found is None:
        raise Http404
    return found


def _join_page(
    request: ActingRequest, reader: GovernanceContext, found: AgreementStatus, form: JoinForm | None
) -> HttpResponse:
    partner = request.actor.partner or ""
    kinds = {p: facts.kind for p, facts in reader.partners.items()}
    model = model_for(kinds[partner], kinds, found.signed_text)
    after = effective(found.document, [Joined(partner, model)]) if model else found.document
    blocking: list[ReviewFinding] = [f for f in findings_on(after) if f.blocks] if model else []
    own, signatory = _own(reader), signatory_of(request.actor)
    mine = [flow for flow in flows(after, reader.names) if own in flow.givers or own in flow.takers]
    admitted = [
        d for d in reader.decisions()
        if d.kind is MotionKind.ADMIT and d.partner == partner and d.agreement == found.document.id
        and d.result is MotionResult.PASSED
    ]  # fmt: skip
    context = {
        "document": found.document,
        "own": own,
        "version": found.version,
        "model": reader.names.get(model or "", model),
        "flows": mine,
        "terms": found.document.terms,
        "sections": sections(found.signed_text, reader.names),
        "blocking": blocking,
        "admitted": admitted[:1],
        "form": form or JoinForm(initial={"version": found.version}, registered=signatory is not None),
        "signatory": signatory,
        "cannot_sign": why_not_join(found, request.actor),
    }
    return render(request, "governance/join.html", context)


@leavers
def leave(request: ActingRequest, id: str) -> HttpResponseBase:
    """What it does to others, and the reason; then the notice."""
    if request.method == "POST":
        return _give_notice(request, id)
    reader = GovernanceContext(request.actor)
    return _leave_page(request, reader, _leavable(reader, id), LeaveForm())


@again
def _give_notice(request: ActingRequest, id: str) -> HttpResponse:
    reader = GovernanceContext(request.actor)
    found = _leavable(reader, id)
    form = LeaveForm(request.POST)
    if form.is_valid():
        with refusal_at(form):
            agreements.leave(id=id, by=request.actor, reason=form.cleaned_data["reason"])
            return done(
                request, "Notice is given. Every party reads it in the history.", "agreements:one", id
            )
    return _leave_page(request, reader, found, form)


def _leavable(reader: GovernanceContext, id: str) -> AgreementStatus:
    found = reader.agreements.get(id)
    partner = reader.actor.partner
    if found is None or partner not in found.document.partners or partner in dict(found.leaving):
        raise Http404
    if not may(found.state, AgreementAct.LEAVE):
        raise Http404
    return found


def _leave_page(
    request: ActingRequest, reader: GovernanceContext, found: AgreementStatus, form: LeaveForm
) -> HttpResponse:
    names = reader.names
    known = agreement_statuses(reader.today)
    effects = leaving(found, request.actor.partner or "", known, reader.today)
    titles = {s.document.id: s.document.title for s in known}
    interests = defaultdict(lambda: "a purpose of others") | {
        e.id: e.interest for s in (*reader.agreements.values(), found) for e in reversed(s.document.purposes)
    }
    context = {
        "document": found.document,
        "own": _own(reader),
        "effects": effects,
        "last_day": effects.out - timedelta(days=1),
        "lost": [
            (p.interest, "nobody is left who gives records" if p.no_giver else "nobody is left who may read")
            for p in effects.purposes
        ],
        "elements": [
            (interests[e.purpose], table_words(e.table), "" if e.whole else listed(map(element_words, e.elements)))
            for e in effects.elements
        ],
        "links": [(interests[x.purpose], listed(names.get(p, p) for p in x.others)) for x in effects.links],
        "under": [(id, titles[id]) for id in effects.under],
        "gave": [(table_words(t), listed(names.get(p, p) for p in whom)) for t, whom in effects.gave],
        "received": [(table_words(t), listed(names.get(p, p) for p in whose)) for t, whose in effects.received],
        "form": form,
    }  # fmt: skip
    return render(request, "governance/leave.html", context)


def _own(reader: GovernanceContext) -> str:
    return reader.names.get(reader.actor.partner or "", "")
