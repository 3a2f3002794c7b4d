"""What an order takes from an adult: recorded, shown, lifted."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements.naming import day
from throughway.partners.screens import ActingRequest
from throughway.rights import actions, telling
from throughway.rights.actions import limiting
from throughway.rights.forms import LiftForm, LimitForm
from throughway.rights.views.showing import done, new, officers


@officers
def new_limit(request: ActingRequest) -> HttpResponse:
    return new(
        request,
        LimitForm,
        actions.limit,
        "rights:limit",
        title="A limit on an adult",
        headline="An order limits what an adult may know or decide",
        lead="Without a court’s order or a binding document either parent has every right.",
        button="Record the limit",
    )


@officers
def limit(request: ActingRequest, code: str) -> HttpResponse:
    """One limit, what it takes, and how it is lifted."""
    found = limiting.one(code, request.actor)
    form = LiftForm(request.POST or None)
    if form.is_valid():
        made = done(form, lambda: actions.lift(code=found.code, **form.cleaned_data, by=request.actor))
        if made is not None:
            return redirect("rights:limit", code=found.code)
    holds = found.on(date.today())
    return render(
        request,
        "rights/limit.html",
        {"found": found, "holds": holds, "form": form, "takes": telling.TAKES[found.kind], "means": telling.MEANS[found.kind],
         "since": day(found.since), "lifted": day(found.lifted) if found.lifted else ""},
        status=400 if form.errors else 200,
    )  # fmt: skip
