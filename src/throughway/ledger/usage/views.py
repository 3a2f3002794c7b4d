"""The statement on a page to be printed, and as a sheet."""

from datetime import UTC, datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from throughway.ledger.usage.actions import may_ask, use_of
from throughway.ledger.usage.forms import UseForm
from throughway.ledger.usage.selectors import words_of_the_day
from throughway.ledger.usage.sheet import csv_text, usage_line
from throughway.ledger.usage.statement import times
from throughway.ledger.visibility import KEEPERS
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import own_kind, partner_names


@screen(*KEEPERS)
@require_safe
def use(request: ActingRequest) -> HttpResponse:
    """How a partner's data were used; its own people's, or the backbone's choice of all."""
    form, names = _asked(request)
    if not form.is_valid():
        return render(request, "ledger/use.html", {"form": form}, status=422)
    said = form.cleaned_data
    found = use_of(partner=said["partner"], first=said["from"], last=said["to"], by=request.actor)
    words = words_of_the_day()
    context = {
        "form": form,
        "found": found,
        "partner": names[found.partner],
        "query": request.GET.urlencode(),
        "refusals": times(found.refused),
        "passed": times(found.passed_on),
        "own_times": times(found.own),
        **{
            part: [usage_line(each, words) for each in getattr(found, part)]
            for part in ("readings", "exempt", "own", "refused", "passed_on")
        },
    }
    return render(request, "ledger/use.html", context)


@screen(*KEEPERS)
@require_safe
def sheet(request: ActingRequest) -> HttpResponse:
    form, _ = _asked(request)
    if not form.is_valid():
        raise Http404
    said = form.cleaned_data
    found = use_of(partner=said["partner"], first=said["from"], last=said["to"], by=request.actor)
    response = HttpResponse(csv_text(found, words_of_the_day()), content_type="text/csv; charset=utf-8")
    name = f"use-of-{found.partner}-{found.first}-to-{found.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(request: ActingRequest) -> tuple[UseForm, dict[str, str]]:
    """The form over the partners that the reader may ask for, and all partners by name; another one is unknown."""
    own = own_kind(request.actor)
    names = partner_names()
    open_to = {id: name for id, name in names.items() if may_ask(request.actor, own, id)}
    if request.GET.get("partner", "") not in {"", *open_to}:
        raise Http404
    today = datetime.now(UTC).date()
    form = UseForm(request.GET.dict(), partners=open_to, own=request.actor.partner or "", today=today)
    return form, names
