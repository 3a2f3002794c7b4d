"""The ledger in the browser: its entries, one entry in words, who saw one student, and how a partner's data were used."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import json_script
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from throughway.core.refusals import Refused
from throughway.ledger import sealing, selectors, weekly_chart
from throughway.ledger.actions.redisclosure import waiting
from throughway.ledger.actions.student_disclosures import disclosures_of, person_of, person_of_number
from throughway.ledger.actions.usage import may_ask, use_of, words_of_the_day
from throughway.ledger.entry_presenter import EntryFacts, PresentedEntry, present
from throughway.ledger.forms import FilterForm, StudentForm, UseForm
from throughway.ledger.usage_statement import csv_text, times, usage_line
from throughway.ledger.visibility import LedgerPageContext, LedgerVisibility, page_context
from throughway.partners.actor import CUSTODIANS
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import own_kind, partner_names
from throughway.store.actions.record_keys import RECORDS_END

MOST_LOOKS = 100  # disclosures of one student on a page; the rest is counted


@screen(*CUSTODIANS)
def ledger(request: ActingRequest) -> HttpResponse:
    """The entries that this reader may see, newest first, with their totals."""
    names, known = partner_names(), page_context(request.actor)
    form = FilterForm(request.GET.dict(), partners=names, purposes=known.purposes)
    filters, sight = form.filters(), known.sight
    page = selectors.entries(sight, filters, before=request.GET.get("before", ""))
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "entries": _presented(page.lines, known, names),
        "sight": sight,
    }
    context |= _sums(sight, filters)
    htmx = request.htmx
    if htmx and not htmx.history_restore_request:
        response = render(request, "ledger/_entries.html", context)
    else:
        more = {"seals": selectors.seals(), "requests": _requests(request.actor.partner, names)}
        response = render(request, "ledger/ledger.html", context | more)
    response["Vary"] = "HX-Request"
    return response


def _sums(sight: LedgerVisibility, filters: selectors.Filters) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    days = selectors.days(sight, filters)
    first = today - timedelta(days=filters.days - 1) if filters.days else (days[0][0] if days else today)
    by_week = weekly_chart.weeks_of(days, first=first, last=today)
    return {
        "totals": weekly_chart.totals(days),
        "weeks": by_week,
        "outcomes": weekly_chart.ORDER,
        "chart": _chart(weekly_chart.specification(by_week)),
        "chart_label": weekly_chart.label(by_week),
    }


def _requests(partner: str | None, names: Mapping[str, str]) -> list[dict[str, object]]:
    """Open requests for a record of further disclosures, made to or by this partner."""
    today = date.today()
    return [
        {
            "id": r.id,
            "due": r.due,
            "on": r.on,
            "late": r.overdue(today),
            "for_parent": r.for_parent,
            "owed": r.authority == partner,
            "other": names.get(other, other),
        }
        for r in waiting(partner)
        for other in [r.discloser if r.authority == partner else r.authority]
    ]


@screen(*CUSTODIANS)
def entry(request: ActingRequest, entry: UUID) -> HttpResponse:
    """One whole entry in words; 404 where the reader may not see it."""
    known = page_context(request.actor)
    line = selectors.entry(known.sight, str(entry))
    if line is None:
        raise Http404
    names = partner_names()
    return render(request, "ledger/entry.html", {"entry": _presented([line], known, names)[0], "line": line})


@screen(*CUSTODIANS)
def head(request: ActingRequest) -> HttpResponse:
    """The newest signed head as a file: whoever keeps it can later show that nothing was removed."""
    newest = sealing.head()
    response = HttpResponse(json.dumps(newest, indent=2), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="ledger-head-{newest["size"]}.json"'
    return response


@screen(*CUSTODIANS, person=True)
def find(request: ActingRequest) -> HttpResponse:
    """Finds the student with a partner's record key; the key stays in the request's body."""
    form = StudentForm(request.POST if request.method == "POST" else None, partners=partner_names())
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                person = person_of(**form.cleaned_data, by=request.actor)
                return redirect("ledger:student", person=person)
            except Refused:
                form.add_error("record_key", "You keep no record of a student with that number.")
    return render(request, "ledger/find.html", {"form": form}, status=status)


@screen(*CUSTODIANS, person=True)
def student(request: ActingRequest, person: int) -> HttpResponse:
    """Every disclosure of one student's records, for those who keep them."""
    looks = request.GET.get("looks") == "1"
    if person < RECORDS_END and (whole := person_of_number(person, by=request.actor)) != person:
        # The number is one record's; the page is the person's, and the request is recorded there.
        return redirect(reverse("ledger:student", args=[whole]) + ("?looks=1" if looks else ""))
    known = page_context(request.actor)
    found = disclosures_of(person=person, looks=looks, by=request.actor)
    readers = [each["actor"]["partner"] for each in found if each["outcome"] in ("released", "published")]
    newest = [selectors.line_of(each, known.sight) for each in found[: -MOST_LOOKS - 1 : -1]]
    shown = _presented(newest, known, partner_names())
    return render(
        request,
        "ledger/student.html",
        {"looks": shown, "person": person, "all": len(readers), "earlier": len(found) - len(shown),
         "with_looks": looks, "readers": len({*readers} - {None})},
    )  # fmt: skip


def _chart(specification: Mapping[str, object]) -> str:
    """The chart's specification as JSON, escaped as Django escapes JSON in a page."""
    return mark_safe(json_script(specification).replace("<script ", '<script class="tw-chart-spec" ', 1))


def _presented(
    lines: Sequence[EntryFacts], known: LedgerPageContext, names: Mapping[str, str]
) -> list[PresentedEntry]:
    return [
        present(line, names=names, interests=known.interests, titles=known.titles, open=known.open)
        for line in lines
    ]


@screen(*CUSTODIANS)
@require_safe
def use(request: ActingRequest) -> HttpResponse:
    """How a partner's data were used: for its own people, or for the backbone, which may choose any partner."""
    form, names = _asked(request)
    if not form.is_valid():
        return render(request, "ledger/use.html", {"form": form}, status=422)
    cleaned = form.cleaned_data
    found = use_of(partner=cleaned["partner"], first=cleaned["from"], last=cleaned["to"], by=request.actor)
    words = words_of_the_day()
    context = {
        "form": form,
        "found": found,
        "partner": names[found.partner],
        "query": request.GET.urlencode(),
        "refusals": times(found.refused),
        "passed": times(found.passed_on),
        **{part: [usage_line(each, words) for each in uses] for part, uses in found.parts.items()},
    }
    return render(request, "ledger/use.html", context)


@screen(*CUSTODIANS)
@require_safe
def use_sheet(request: ActingRequest) -> HttpResponse:
    form, _ = _asked(request)
    if not form.is_valid():
        raise Http404
    cleaned = form.cleaned_data
    found = use_of(partner=cleaned["partner"], first=cleaned["from"], last=cleaned["to"], by=request.actor)
    response = HttpResponse(csv_text(found, words_of_the_day()), content_type="text/csv; charset=utf-8")
    name = f"use-of-{found.partner}-{found.first}-to-{found.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(request: ActingRequest) -> tuple[UseForm, dict[str, str]]:
    """The form with the partners that the reader may ask for, and all partners by name; 404 for any other."""
    own = own_kind(request.actor)
    names = partner_names()
    open_to = {id: name for id, name in names.items() if may_ask(request.actor, own, id)}
    if request.GET.get("partner", "") not in {"", *open_to}:
        raise Http404
    today = datetime.now(UTC).date()
    form = UseForm(request.GET.dict(), partners=open_to, own=request.actor.partner or "", today=today)
    return form, names
