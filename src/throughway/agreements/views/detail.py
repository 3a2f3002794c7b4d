"""One agreement: its status, text and history, the reader's acts; and its SQL."""

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import render

from throughway.agreements import actions, permissions
from throughway.agreements.acts import ACTS
from throughway.agreements.agreement_list import may_see, purpose_summary
from throughway.agreements.available_acts import confirmation_for, text_of
from throughway.agreements.clause_text import clauses
from throughway.agreements.data_flows import directions, flows, party_of
from throughway.agreements.effective_grants import why_not_in_effect
from throughway.agreements.enums import PartyRole
from throughway.agreements.finding_text import in_plain_words
from throughway.agreements.grant_sql import whole
from throughway.agreements.history_text import event_sentences
from throughway.agreements.labels import KIND_WORDS, TIER_WORDS
from throughway.agreements.selectors import open_decisions, sql_of, wider
from throughway.agreements.states import OPEN, OVER, AgreementAct, AgreementState, LifecycleEvent, may
from throughway.agreements.status import AgreementStatus
from throughway.agreements.status_text import (
    approvals,
    certificates,
    parties,
    signatures,
    steps,
    tag,
    waiting_on,
)
from throughway.agreements.views.context import AgreementForReader, agreement_for_reader, severity_tags
from throughway.partners.page_access import ActingRequest, screen


@screen()
def one_agreement(request: ActingRequest, id: str) -> HttpResponse:
    """The text in effect, or the newest where there is none."""
    found = agreement_for_reader(request.actor, id)
    return _page(request, found, found.life.current)


@screen()
def later_text(request: ActingRequest, id: str) -> HttpResponse:
    """The text in preparation that will replace the one in effect."""
    found = agreement_for_reader(request.actor, id)
    if found.life.pending is None:
        raise Http404
    return _page(request, found, found.life.pending)


def _page(request: ActingRequest, around: AgreementForReader, found: AgreementStatus) -> HttpResponse:
    later, names, today = around.life.pending, around.names, around.today
    document, above = found.document, wider(found, today)
    review, blocking = (
        in_plain_words(around.review_of(found), document.model_dump(mode="json"), names),
        around.blocks(found),
    )
    lacking = why_not_in_effect(found, above) if found.in_effect else ()
    stewards = {names.get(p, p) for p in document.parties_with(PartyRole.STEWARD)}
    kinds = {facts.name: KIND_WORDS[facts.kind] for facts in around.register.values()}
    return render(
        request,
        "agreements/detail.html",
        {
            "document": document,
            "version": found.version,
            "tier": TIER_WORDS[document.tier],
            "tag": tag(found, blocking, lacking, today),
            "about": purpose_summary(document),
            "above": [s.document for s in above if may_see(request.actor, s.document, around.register)],
            "is_later": found is later,
            "later": _later(around) if later is not None and found is not later else None,
            "steps": steps(found, around.done, blocking, names),
            "parties": parties(found, names),
            "approvals": approvals(found, around.done, names),
            "signatures": signatures(found, around.done, names),
            "certificates": certificates(found, around.done, names),
            "why_held": _why_held(found, around.done),
            "held_by": waiting_on(found, blocking, lacking, names, today),
            "is_blocked": blocking > 0 and found.state in OPEN,
            "has_ended": found.state in OVER or found.state is AgreementState.EXPIRED,
            "may_add": permissions.can_add(request.actor),
            **_acts(around, found),
            "directions": [
                (party_of(flow.givers, kinds, stewards), flow, party_of(flow.takers, kinds, stewards))
                for flow in directions(document, names)
            ],
            "flows": flows(document, names),
            "clauses": clauses(document, names, sql_of(found, today), review),
            "counted": severity_tags(review),
            "history": event_sentences(around.done, found.version, names),
        },
    )


def _acts(around: AgreementForReader, found: AgreementStatus) -> dict[str, object]:
    """The next step, and the other acts that the reader may do with this text."""
    own = [act for act in around.open_to if text_of(act, around.life) is found]
    next_act = next((act for act in own if ACTS[act].moves_on and not _chosen_long_way(act, around)), None)
    confirmation = (
        confirmation_for(next_act, found, around.actor.partner or "", around.names) if next_act else None
    )
    return {
        "next": confirmation,
        "next_title": confirmation and confirmation.title[:1].lower() + confirmation.title[1:],
        "next_button": next_act and ACTS[next_act].button,
        "others": [(act.value, ACTS[act].button) for act in own if act is not next_act],
        **_decided(around, found),
        "may_leave": _may_leave(around, found),
        "cannot_sign": around.setting.cannot_sign if found is around.life.prepared else "",
    }


def _decided(around: AgreementForReader, found: AgreementStatus) -> dict[str, object]:
    """Whether the text takes effect by itself, by whose decision, what stopped it; and whether the reader may decide that."""
    if found is not around.life.prepared or found.state not in OPEN:
        return {}
    decision = open_decisions().get(found.document.id)
    return {
        "decided": decision and decision.event,
        "decided_by": decision and around.names.get(decision.event.partner or "", decision.event.partner),
        "stopped": decision and actions.what_stops(decision),
        "may_decide": permissions.can_do(around.actor, AgreementAct.ACTIVATE, found) and not around.blocking,
    }


def _may_leave(around: AgreementForReader, found: AgreementStatus) -> bool:
    """Whether the reader may give notice; that page first shows the effect on others."""
    partner = around.actor.partner
    return (
        may(found.state, AgreementAct.LEAVE)
        and partner not in dict(found.leaving)
        and permissions.can_do(around.actor, AgreementAct.LEAVE, found)
    )


def _chosen_long_way(act: AgreementAct, around: AgreementForReader) -> bool:
    """Whether submitting is optional here, and not the next step."""
    return act is AgreementAct.SUBMIT and not around.setting.full


def _later(around: AgreementForReader) -> dict[str, object]:
    """The later text's status, and whether it waits for the reader."""
    later = around.life.pending
    assert later is not None
    mine = next((act for act in around.open_to if ACTS[act].prepares and ACTS[act].moves_on), None)
    held = waiting_on(later, around.blocking, (), around.names, around.today)
    return {
        "tag": tag(later, around.blocking, (), around.today),
        "held_by": held,
        "steps": steps(later, around.done, around.blocking, around.names),
        "waits_for_reader": mine is not None and not _chosen_long_way(mine, around),
    }


@screen()
def as_sql(request: ActingRequest, id: str) -> HttpResponse:
    around = agreement_for_reader(request.actor, id)
    found = around.life.current
    text = whole(found, sql_of(found, around.today))
    if request.GET.get("file"):
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{id}.sql"'
        return response
    context = {"document": found.document, "version": found.version, "sql": text}
    return render(request, "agreements/sql.html", context)


def _why_held(found: AgreementStatus, done: Sequence[LifecycleEvent]) -> str:
    """The latest reason of a partner that suspended the agreement, or objected to it."""
    act = {
        AgreementState.SUSPENDED: AgreementAct.SUSPEND,
        AgreementState.NEGOTIATION: AgreementAct.OBJECT,
    }.get(found.state)
    reasons = [d.why for d in done if d.act is act]
    return reasons[-1] if reasons else ""
