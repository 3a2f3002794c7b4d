"""Incidents: what leaked to whom, by the ledger, and who is to be told by when."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements.labels import day
from throughway.families import actions, request_text
from throughway.families.actions import incidents
from throughway.families.forms import CloseIncidentForm, IncidentForm
from throughway.families.views.common import MOST_ROWS, done, officers
from throughway.partners.page_access import ActingRequest
from throughway.partners.selectors import partner_names


@officers
def new_incident(request: ActingRequest) -> HttpResponse:
    """First what the ledger says of it, without anything being recorded; then it is."""
    form = IncidentForm(request.POST or None)
    looked = None
    if form.is_valid():
        if request.POST.get("act") == "look":
            where = {name: form.cleaned_data[name] for name in ("recipients", "since")}
            looked = done(form, lambda: actions.incident_scope(**where, by=request.actor))
        else:
            made = done(form, lambda: actions.record_incident(**form.cleaned_data, by=request.actor))
            if made is not None:
                return redirect("families:incident", code=made.code)
    return render(
        request,
        "families/new_incident.html",
        {"form": form, "looked": looked, "leaked": request_text.of_leaked(looked.leaked, partner_names()) if looked else []},
        status=400 if form.errors else 200,
    )  # fmt: skip


@officers
def incident(request: ActingRequest, code: str) -> HttpResponse:
    """One incident: what leaked to whom, by the ledger, and who is to be told by when."""
    found = incidents.one(code, request.actor)
    closing = request.method == "POST" and request.POST.get("act") == "close"
    form = CloseIncidentForm(request.POST if closing else None)
    if closing and form.is_valid():
        if (
            done(form, lambda: actions.close_incident(code=found.code, **form.cleaned_data, by=request.actor))
            is not None
        ):
            return redirect("families:incident", code=found.code)
    elif request.method == "POST" and not closing:
        actions.told_of(code=found.code, agreement=request.POST.get("agreement", ""), by=request.actor)
        return redirect("families:incident", code=found.code)
    names = partner_names()
    return render(
        request,
        "families/incident.html",
        {"found": found, "since": day(date.fromisoformat(found.since)), "row": request_text.of_incident(found, date.today()), "form": form,
         "with": [names.get(id, id) for id in found.recipients], "students": sum(found.students.values()),
         "leaked": request_text.of_leaked(found.leaked, names),
         "entries": found.entries[:MOST_ROWS], "waits": [c for c in found.clocks if c.told is None]},
        status=400 if form.errors else 200,
    )  # fmt: skip
