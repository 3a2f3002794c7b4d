"""The page of one's own tokens: the list, making one, revoking one."""

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from throughway.core.refusals import Refused
from throughway.partners.page_access import ActingRequest, again, screen
from throughway.partners.tokens import actions
from throughway.partners.tokens.selectors import tokens_of
from throughway.partners.tokens.token import LONGEST, LONGEST_NAME, MOST, USUAL

DAYS = {30: "30 days", USUAL: "90 days", 180: "180 days", LONGEST: "One year"}


class TokenForm(forms.Form):
    name = forms.CharField(
        label="What uses it",
        help_text="Such as: nightly attendance sheet. One token for each program, so that you can end one alone.",
        max_length=LONGEST_NAME,
    )
    days = forms.TypedChoiceField(
        label="How long it holds",
        choices=list(DAYS.items()),
        coerce=int,
        initial=USUAL,
        widget=forms.RadioSelect,
    )


@screen(person=True)
def tokens(request: ActingRequest) -> HttpResponseBase:
    """The list. A POST makes a token, after asking for the passphrase or the second factor again."""
    if request.method == "POST":
        return again(_make)(request)
    return _list(request, TokenForm())


def _make(request: ActingRequest) -> HttpResponse:
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            made = actions.make(email=request.actor.email, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error("name", refused.message)
        else:
            site = request.build_absolute_uri("/").rstrip("/")
            return render(request, "partners/token.html", {"made": made, "site": site})
    return _list(request, form, status=422)


def _list(request: ActingRequest, form: TokenForm, status: int = 200) -> HttpResponse:
    now, found = datetime.now(UTC), tokens_of(request.actor.email)
    lines = [(token, token.state(now)) for token in found]
    holding = [line for line in lines if line[0].holds(now)]
    context = {
        "form": form,
        "holding": holding,
        "over": [line for line in lines if not line[0].holds(now)],
        "may_make": len(holding) < MOST,
        "most": MOST,
    }
    return render(request, "partners/tokens.html", context, status=status)


@screen(person=True)
@require_POST
def end(request: ActingRequest, handle: str) -> HttpResponse:
    token = actions.end(email=request.actor.email, handle=handle, by=request.actor)
    messages.success(request, f"Ended: {token.name}. A program that shows it is turned away from now on.")
    return redirect("tokens:list")
