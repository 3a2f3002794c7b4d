"""Requests to inspect: taken, gathered through the gate and shown once, answered."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements.labels import day
from throughway.consent.limits import LimitKind
from throughway.consent.selectors import limited, limits_on, records_with
from throughway.families import actions, request_text
from throughway.families.actions import inspections
from throughway.families.forms import InspectForm, InspectionOutcomeForm
from throughway.families.views.common import MOST_ROWS, done, new, officers
from throughway.partners.page_access import ActingRequest
from throughway.vocabulary.labels import element_words, table_words


@officers
def new_inspection(request: ActingRequest) -> HttpResponse:
    return new(
        request,
        InspectForm,
        actions.ask_to_inspect,
        "families:inspection",
        title="A request to inspect",
        headline="Somebody asks to see a student’s record",
        lead="They see it within 45 days. Until then nothing of it is destroyed.",
        button="Take the request",
    )


@officers
def inspection(request: ActingRequest, code: str) -> HttpResponse:
    """One request to inspect; gathering shows the record once, under an entry of the ledger."""
    found, gathered = inspections.one(code, request.actor), None
    answering = request.method == "POST" and request.POST.get("act") == "answer"
    form = InspectionOutcomeForm(request.POST if answering else None)
    if answering and form.is_valid():
        if (
            done(form, lambda: actions.answer(code=found.code, **form.cleaned_data, by=request.actor))
            is not None
        ):
            return redirect("families:inspection", code=found.code)
    elif request.method == "POST" and not answering:
        gathered = actions.gather(code=found.code, by=request.actor)
        found = inspections.one(code, request.actor)
    today = date.today()
    limit = limited(found.partner, found.record, found.holder, today)
    kept_from = limited(found.partner, found.record, found.holder, today, LimitKind.CONTACT)
    known = limits_on({found.record} | records_with(found.record), today)
    kind, words = request_text.clock(found.due, date.today()) if found.open else ("ok", found.state)
    return render(
        request,
        "families/inspection.html",
        {"found": found, "steps": request_text.steps_of_inspection(found), "kind": kind, "words": words, "form": form, "limit": limit,
         "kept_from": None if limit else kept_from,
         "others": [] if limit else request_text.of_others(known, found, kept_from),
         "counts": [(table_words(name), n) for name, n in found.counts.items()],
         "left_out": [request_text.left_out(each) for each in found.left_out], "tables": _tables(gathered) if gathered else [],
         "statements": [(request_text.about(s.element), s.statement) for s in gathered.statements] if gathered else [],
         "how": request_text.HOW_WORDS[found.how] if found.how else "", "due": day(found.due)},
        status=400 if form.errors else 200,
    )  # fmt: skip


def _tables(gathered: inspections.RecordForInspection) -> list[dict[str, Any]]:
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
