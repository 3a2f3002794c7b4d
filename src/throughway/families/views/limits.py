"""What an order takes from an adult: recorded, shown, lifted."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements.labels import day
from throughway.families import actions, request_text
from throughway.families.actions import limits
from throughway.families.forms import LiftLimitForm, LimitForm
from throughway.families.views.common import done, new, officers
from throughway.partners.page_access import ActingRequest


@officers
def new_limit(request: ActingRequest) -> HttpResponse:
    return new(
        request,
        LimitForm,
        actions.limit,
        "families:limit",
        title="A limit on an adult",
        headline="An order limits what an adult may know or decide",
        lead="Without a court’s order or a binding document either parent has every right.",
        button="Record the limit",
    )


@officers
def limit(request: ActingRequest, code: str) -> HttpResponse:
    """One limit, what it takes, and how it is lifted."""
    found = limits.one(code, request.actor)
    form = LiftLimitForm(request.POST or None)
    if form.is_valid():
        made = done(form, lambda: actions.lift(code=found.code, **form.cleaned_data, by=request.actor))
        if made is not None:
            return redirect("families:limit", code=found.code)
    holds = found.on(date.today())
    return render(
        request,
        "families/limit.html",
        {"found": found, "holds": holds, "form": form, "takes": request_text.TAKES[found.kind], "means": request_text.MEANS[found.kind],
         "since": day(found.since), "lifted": day(found.lifted) if found.lifted else ""},
        status=400 if form.errors else 200,
    )  # fmt: skip
