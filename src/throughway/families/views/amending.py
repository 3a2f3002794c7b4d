"""Requests to amend, each with its one next step; and corrections that others ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements.labels import day
from throughway.consent.amendments import AmendmentState
from throughway.families import actions, request_text, selectors
from throughway.families.actions import amendments
from throughway.families.forms import (
    AmendRecordForm,
    DayForm,
    DecisionForm,
    HearingForm,
    RefuseAmendmentForm,
    StatementForm,
)
from throughway.families.views.common import done, new, officers, receivers
from throughway.partners.page_access import ActingRequest
from throughway.partners.roles import Role
from throughway.partners.selectors import partner_names, partners


@dataclass(frozen=True)
class AmendmentAction:
    """What can be done next: `name` among the actions, its form, the words of its button and of why; `quiet`: folded away."""

    name: str
    form: type[forms.Form]
    title: str
    why: str
    button: str
    quiet: bool = False


AMENDING: Mapping[AmendmentState, Sequence[AmendmentAction]] = {
    AmendmentState.RECEIVED: (
        AmendmentAction("grant", DayForm, "Decide: amend it", "The record is wrong, misleading or violates the student’s privacy.", "It will be amended"),
        AmendmentAction("refuse", RefuseAmendmentForm, "Decide: leave it as it is", "Tell the family why, and that it may ask for a hearing.", "It stays as it is"),
    ),
    AmendmentState.REFUSED: (AmendmentAction("ask_hearing", DayForm, "The family asks for a hearing", "Nothing waits for you until it does.", "Record that it asks"),),
    AmendmentState.HEARING_ASKED: (AmendmentAction("set_hearing", HearingForm, "Set the hearing", "Within a reasonable time; the family is told date, time and place.", "Set it"),),
    AmendmentState.HEARING_SET: (
        AmendmentAction("hold_hearing", DayForm, "Hold the hearing", "The family may bring evidence, and a helper at its own expense.", "It was held"),
        AmendmentAction("set_hearing", HearingForm, "Set it anew", "The family is told the new date, time and place.", "Set it anew", quiet=True),
    ),
    AmendmentState.HEARD: (
        AmendmentAction("grant", DecisionForm, "Written decision: amend it", "Solely on the evidence of the hearing.", "It will be amended"),
        AmendmentAction("lose", DecisionForm, "Written decision: leave it as it is", "Tell the family that it may place a statement.", "It stays as it is"),
    ),
    AmendmentState.LOST: (AmendmentAction("state", StatementForm, "Place the family’s statement", "From then on it goes along wherever the contested part is shown.", "Place it"),),
    AmendmentState.AMENDING: (AmendmentAction("correct", DayForm, "Correct the record", "At its source, or with the next load. Whoever received it is then told to correct it too.", "It is corrected"),),
}  # fmt: skip


@officers
def new_amendment(request: ActingRequest) -> HttpResponse:
    return new(
        request,
        AmendRecordForm,
        actions.ask_to_amend,
        "families:amendment",
        title="A request to amend",
        headline="Somebody contests a student’s record",
        lead="You decide within a reasonable time. If you leave it as it is, they may ask for a hearing.",
        button="Take the request",
    )


@officers
def amendment(request: ActingRequest, code: str) -> HttpResponse:
    """One request to amend, with what can be done next."""
    found = amendments.one(code, request.actor)
    acts = AMENDING.get(found.state, ())
    asked = next(
        (act for act in acts if request.method == "POST" and act.name == request.POST.get("act")), None
    )
    bound = asked.form(request.POST) if asked else None
    if asked and bound is not None and bound.is_valid():
        step = getattr(actions, asked.name)
        if done(bound, lambda: step(code=found.code, **bound.cleaned_data, by=request.actor)) is not None:
            return redirect("families:amendment", code=found.code)
    names = partner_names()
    kind, words = request_text.clock(found.due, date.today()) if found.due else request_text.ended(found)
    shown = [
        (act, bound if act is asked and bound else act.form(auto_id=f"id_{act.name}_%s")) for act in acts
    ]
    return render(
        request,
        "families/amendment.html",
        {"found": found, "about": request_text.about(found.element), "steps": request_text.steps_of_amendment(found), "kind": kind,
         "words": words, "acts": shown, "state": request_text.STATE_WORDS[found.state],
         "recipients": [(names.get(r.partner, r.partner), day(r.due), day(r.confirmed) if r.confirmed else "") for r in found.recipients]},
        status=400 if bound is not None and bound.errors else 200,
    )  # fmt: skip


@receivers
def correction(request: ActingRequest, code: str) -> HttpResponse:
    """What another partner amended and this one holds: to correct, and to say so."""
    own = request.actor.partner or ""
    found = next((a for a in selectors.corrections(own) if a.code == code.upper()), None)
    if found is None:
        raise Http404
    form = DayForm(request.POST or None)
    if (
        form.is_valid()
        and done(form, lambda: actions.confirm(code=code, **form.cleaned_data, by=request.actor)) is not None
    ):
        return redirect("families:correction", code=found.code)
    mine = next(r for r in found.recipients if r.partner == own)
    facts = partners().get(found.partner)
    return render(
        request,
        "families/correction.html",
        {"found": found, "about": request_text.about(found.element), "mine": mine, "officer": request.actor.role != Role.LEADER, "due": day(mine.due), "form": form,
         "whose": facts.name if facts else found.partner, "row": request_text.of_correction(found, own, date.today())},
        status=400 if form.errors else 200,
    )  # fmt: skip
