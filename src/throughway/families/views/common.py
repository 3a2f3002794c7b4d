"""What every screen of families' rights does: who may open it, an action's refusal on its form, the form of something new."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render

from throughway.core.refusals import Refused
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.roles import Role

officers = screen(Role.PRIVACY_OFFICER, Role.DATA_STEWARD, person=True)
receivers = screen(Role.PRIVACY_OFFICER, Role.DATA_STEWARD, Role.LEADER, person=True)
MOST_ROWS = 200  # of one table on a page; the rest is counted


def done(form: forms.Form, act: Callable[[], Any]) -> Any:
    """What the action gives; None where it refuses, with its sentence on the form."""
    try:
        return act()
    except Refused as refused:
        form.add_error(None, refused.message)
        return None


def new(
    request: ActingRequest,
    asked: type[forms.Form],
    act: Callable[..., Any],
    leads_to: str,
    *,
    title: str,
    headline: str,
    lead: str,
    button: str,
) -> HttpResponse:
    """The form of something new as a page; once it is filled, the page of what the action made of it."""
    form = asked(request.POST or None)
    if form.is_valid():
        made = done(form, lambda: act(**form.cleaned_data, by=request.actor))
        if made is not None:
            return redirect(leads_to, code=made.code)
    return render(
        request, "families/new.html", {"form": form, "title": title, "headline": headline, "lead": lead, "button": button},
        status=400 if form.errors else 200,
    )  # fmt: skip
