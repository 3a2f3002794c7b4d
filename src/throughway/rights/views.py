"""Families' requests: what waits, and each request with its one next step. No page names a student."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements.naming import day
from throughway.consent.amending import State
from throughway.consent.limits import stands
from throughway.consent.reading import limits_of
from throughway.partners.reading import partner_names, partners
from throughway.partners.roles import Role
from throughway.partners.screens import ActingRequest, screen
from throughway.refusals import Refused
from throughway.rights import actions, reading, telling
from throughway.rights.actions import amending, incidents, inspecting
from throughway.rights.forms import (
    AmendForm,
    AnswerForm,
    CloseForm,
    DayForm,
    DecisionForm,
    HearingForm,
    InspectForm,
    RefuseForm,
    StatementForm,
)
from throughway.vocabulary.words import element_words, table_words

OFFICERS = (Role.PRIVACY_OFFICER, Role.DATA_STEWARD)
MOST_ROWS = 200  # of one table on a page; the rest is counted


@dataclass(frozen=True)
class Act:
    """What can be done next: `name` among the actions, its form, the words of its button and of why; `quiet`: folded away."""

    name: str
    form: type[forms.Form]
    title: str
    why: str
    button: str
    quiet: bool = False


AMENDING: Mapping[State, Sequence[Act]] = {
    State.RECEIVED: (
        Act("grant", DayForm, "Decide: amend it", "The record is wrong, misleading or violates the student’s privacy.", "It will be amended"),
        Act("refuse", RefuseForm, "Decide: leave it as it is", "Tell the family why, and that it may ask for a hearing.", "It stays as it is"),
    ),
    State.REFUSED: (Act("ask_hearing", DayForm, "The family asks for a hearing", "Nothing waits for you until it does.", "Record that it asks"),),
    State.HEARING_ASKED: (Act("set_hearing", HearingForm, "Set the hearing", "Within a reasonable time; the family is told date, time and place.", "Set it"),),
    State.HEARING_SET: (
        Act("hold_hearing", DayForm, "Hold the hearing", "The family may bring evidence, and a helper at its own expense.", "It was held"),
        Act("set_hearing", HearingForm, "Set it anew", "The family is told the new date, time and place.", "Set it anew", quiet=True),
    ),
    State.HEARD: (
        Act("grant", DecisionForm, "Written decision: amend it", "Solely on the evidence of the hearing.", "It will be amended"),
        Act("lose", DecisionForm, "Written decision: leave it as it is", "Tell the family that it may place a statement.", "It stays as it is"),
    ),
    State.LOST: (Act("state", StatementForm, "Place the family’s statement", "From then on it goes along wherever the contested part is shown.", "Place it"),),
    State.AMENDING: (Act("correct", DayForm, "Correct the record", "At its source, or with the next load. Whoever received it is then told to correct it too.", "It is corrected"),),
}  # fmt: skip


@screen(*OFFICERS, person=True)
def requests(request: ActingRequest) -> HttpResponse:
    """What waits for this partner, the most pressing first; and what was answered."""
    today, own = date.today(), request.actor.partner or ""
    rows = [
        *(telling.of_inspection(each, today) for each in reading.inspections(own)),
        *(telling.of_amendment(each, today) for each in reading.amendments(own)),
        *(telling.of_correction(each, own, today) for each in reading.corrections(own)),
        *(telling.of_incident(each, today) for each in reading.incidents(own)),
    ]
    waiting = sorted((r for r in rows if r.open), key=lambda r: (r.due is None, r.due or today, r.code))
    orders = [each for each in limits_of(own) if each.on(today)]
    return render(
        request,
        "rights/list.html",
        {"waiting": waiting, "first": waiting[0] if waiting else None, "done": [r for r in reversed(rows) if not r.open],
         "limits": [{"code": x.code, "kind": x.kind, "reference": x.reference, "since": day(x.since)} for x in orders]},
    )  # fmt: skip


@screen(*OFFICERS, person=True)
def new_inspection(request: ActingRequest) -> HttpResponse:
    form = InspectForm(request.POST or None)
    if form.is_valid():
        made = _done(form, lambda: actions.ask_to_inspect(**form.cleaned_data, by=request.actor))
        if made is not None:
            return redirect("rights:inspection", code=made.code)
    return _new(request, form, "A request to inspect", "Somebody asks to see a student’s record",
                "They see it within 45 days. Until then nothing of it is destroyed.", "Take the request")  # fmt: skip


@screen(*OFFICERS, person=True)
def new_amendment(request: ActingRequest) -> HttpResponse:
    form = AmendForm(request.POST or None)
    if form.is_valid():
        made = _done(form, lambda: actions.ask_to_amend(**form.cleaned_data, by=request.actor))
        if made is not None:
            return redirect("rights:amendment", code=made.code)
    return _new(request, form, "A request to amend", "Somebody contests a student’s record",
                "You decide within a reasonable time. If you leave it as it is, they may ask for a hearing.", "Take the request")  # fmt: skip


@screen(*OFFICERS, person=True)
def inspection(request: ActingRequest, code: str) -> HttpResponse:
    """One request to inspect; gathering shows the record once, under an entry of the ledger."""
    found, gathered = inspecting.one(code, request.actor), None
    answering = request.method == "POST" and request.POST.get("act") == "answer"
    form = AnswerForm(request.POST if answering else None)
    if answering and form.is_valid():
        if (
            _done(form, lambda: actions.answer(code=found.code, **form.cleaned_data, by=request.actor))
            is not None
        ):
            return redirect("rights:inspection", code=found.code)
    elif request.method == "POST" and not answering:
        gathered = actions.gather(code=found.code, by=request.actor)
        found = inspecting.one(code, request.actor)
    limit = stands(limits_of(found.partner, found.record), found.holder, date.today())
    kind, words = telling.clock(found.due, date.today()) if found.open else ("ok", found.state)
    return render(
        request,
        "rights/inspection.html",
        {"found": found, "steps": telling.steps_of_inspection(found), "kind": kind, "words": words, "form": form, "limit": limit,
         "counts": [(table_words(name), n) for name, n in found.counts.items()],
         "left_out": [table_words(name) for name in found.left_out], "tables": _tables(gathered) if gathered else [],
         "statements": [(telling.about(s.element), s.statement) for s in gathered.statements] if gathered else [],
         "how": telling.HOW_WORDS[found.how] if found.how else "", "due": day(found.due)},
        status=400 if form.errors else 200,
    )  # fmt: skip


@screen(*OFFICERS, person=True)
def amendment(request: ActingRequest, code: str) -> HttpResponse:
    """One request to amend, with what can be done next."""
    found = amending.one(code, request.actor)
    acts = AMENDING.get(found.state, ())
    asked = next(
        (act for act in acts if request.method == "POST" and act.name == request.POST.get("act")), None
    )
    bound = asked.form(request.POST) if asked else None
    if asked and bound is not None and bound.is_valid():
        step = getattr(actions, asked.name)
        if _done(bound, lambda: step(code=found.code, **bound.cleaned_data, by=request.actor)) is not None:
            return redirect("rights:amendment", code=found.code)
    names = partner_names()
    kind, words = telling.clock(found.due, date.today()) if found.due else telling.ended(found)
    shown = [
        (act, bound if act is asked and bound else act.form(auto_id=f"id_{act.name}_%s")) for act in acts
    ]
    return render(
        request,
        "rights/amendment.html",
        {"found": found, "about": telling.about(found.element), "steps": telling.steps_of_amendment(found), "kind": kind,
         "words": words, "acts": shown, "state": telling.STATE_WORDS[found.state],
         "recipients": [(names.get(r.partner, r.partner), day(r.due), day(r.confirmed) if r.confirmed else "") for r in found.recipients]},
        status=400 if bound is not None and bound.errors else 200,
    )  # fmt: skip


@screen(*OFFICERS, person=True)
def correction(request: ActingRequest, code: str) -> HttpResponse:
    """What another partner amended and this one holds: to correct, and to say so."""
    own = request.actor.partner or ""
    found = next((a for a in reading.corrections(own) if a.code == code.upper()), None)
    if found is None:
        raise Http404
    form = DayForm(request.POST or None)
    if (
        form.is_valid()
        and _done(form, lambda: actions.confirm(code=code, **form.cleaned_data, by=request.actor)) is not None
    ):
        return redirect("rights:correction", code=found.code)
    mine = next(r for r in found.recipients if r.partner == own)
    facts = partners().get(found.partner)
    return render(
        request,
        "rights/correction.html",
        {"found": found, "about": telling.about(found.element), "mine": mine, "due": day(mine.due), "form": form,
         "whose": facts.name if facts else found.partner, "row": telling.of_correction(found, own, date.today())},
        status=400 if form.errors else 200,
    )  # fmt: skip


@screen(*OFFICERS, person=True)
def incident(request: ActingRequest, code: str) -> HttpResponse:
    """One incident: what leaked to whom, by the ledger, and who is to be told by when."""
    found = incidents.one(code, request.actor)
    closing = request.method == "POST" and request.POST.get("act") == "close"
    form = CloseForm(request.POST if closing else None)
    if closing and form.is_valid():
        if (
            _done(
                form, lambda: actions.close_incident(code=found.code, **form.cleaned_data, by=request.actor)
            )
            is not None
        ):
            return redirect("rights:incident", code=found.code)
    elif request.method == "POST" and not closing:
        actions.told_of(code=found.code, agreement=request.POST.get("agreement", ""), by=request.actor)
        return redirect("rights:incident", code=found.code)
    names = partner_names()
    return render(
        request,
        "rights/incident.html",
        {"found": found, "row": telling.of_incident(found, date.today()), "form": form,
         "with": [names.get(id, id) for id in found.recipients], "students": sum(found.students.values()),
         "entries": found.entries[:MOST_ROWS], "waits": [c for c in found.clocks if c.told is None]},
        status=400 if form.errors else 200,
    )  # fmt: skip


def _done(form: forms.Form, act: Callable[[], Any]) -> Any:
    """What the action gives; None where it refuses, with its sentence on the form."""
    try:
        return act()
    except Refused as refused:
        form.add_error(None, refused.message)
        return None


def _new(
    request: ActingRequest, form: forms.Form, title: str, headline: str, lead: str, button: str
) -> HttpResponse:
    return render(
        request, "rights/new.html", {"form": form, "title": title, "headline": headline, "lead": lead, "button": button},
        status=400 if form.errors else 200,
    )  # fmt: skip


def _tables(gathered: inspecting.Gathered) -> list[dict[str, Any]]:
    """Each table's rows, without columns that are empty throughout."""
    found = []
    for name, rows in sorted(gathered.tables.items()):
        columns = [c for c in rows.column_names if c != "person_id" and rows[c].null_count < rows.num_rows]
        shown = rows.select(columns).slice(0, MOST_ROWS).to_pylist()
        cells = [["" if row[c] is None else str(row[c]) for c in columns] for row in shown]
        found.append(
            {
                "name": table_words(name),
                "columns": [element_words(c) for c in columns],
                "rows": cells,
                "all": rows.num_rows,
                "more": rows.num_rows - len(cells),
            }
        )
    return found  # fmt: skip
