"""The page that builds a question without SQL, shows what it would publish, and publishes it."""

from collections.abc import Sequence
from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from throughway.core.refusals import Refused
from throughway.insight.counts.views import preview_context
from throughway.insight.questions.actions import preview_question, report_question
from throughway.insight.questions.builder import Columns, groupable, usable, written
from throughway.insight.questions.forms import FigureForm, TableForm
from throughway.insight.questions.selectors import shown_columns
from throughway.insight.selectors import Askable, askable
from throughway.partners.page_access import ActingRequest, screen


@screen()
def new(request: ActingRequest) -> HttpResponse:
    """Publishes a figure, for readers named in a purpose of form aggregate: whose students, which figure, a preview, the release."""
    purposes = askable(request.actor, date.today())
    if not purposes:
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    chosen = next((p for p in purposes if p.purpose == given.get("purpose")), purposes[0])
    try:
        columns, runs = shown_columns(request.actor, chosen.purpose)
    except Refused as refused:
        return _start(request, purposes, {}, refused)
    if "sql" in request.POST:
        return _asked(request, chosen, request.POST["sql"])
    table = given.get("table", "")
    if table not in usable(columns):
        return _start(request, purposes, columns, None)
    form = FigureForm(request.POST if request.method == "POST" else None, columns=columns, table=table)
    if request.method != "POST" or not form.is_valid():
        return _figure(request, form, chosen, 200 if request.method != "POST" else 400)
    try:
        sql = written(form.choices(), columns, runs)
        return _preview(request, chosen, sql)
    except Refused as refused:
        return _figure(request, form, chosen, 409, refused.message)


COUNTED_FIRST = ("program_participation", "service_received", "school_enrollment")
GROUPED_FIRST = "school_enrollment.entry_grade_level"


@screen()
def first(request: ActingRequest) -> HttpResponse:
    """The form of a figure with the choices of a first one made: how many of a school's students take part in a program, by grade."""
    purposes = askable(request.actor, date.today())
    if not purposes:
        raise Http404
    try:
        columns, _ = shown_columns(request.actor, purposes[0].purpose)
    except Refused as refused:
        return _start(request, purposes, {}, refused)
    tables = usable(columns)
    table = next((table for table in COUNTED_FIRST if table in tables), next(iter(tables), ""))
    if not table:
        return _start(request, purposes, columns, None)
    chosen = {"group_1": GROUPED_FIRST} if GROUPED_FIRST in groupable(columns) else {}
    school = GROUPED_FIRST.partition(".")[0]
    if school in tables and table != school:
        chosen["also"] = school  # whom only the program knows has no grade, and would hide one
    form = FigureForm(columns=columns, table=table, initial=chosen)
    return _figure(request, form, purposes[0], 200)


def _start(
    request: ActingRequest, purposes: Sequence[Askable], columns: Columns, refused: Refused | None
) -> HttpResponse:
    form = TableForm(purposes=[(p.purpose, p.interest) for p in purposes], columns=columns)
    context = {"form": form, "purposes": purposes, "refused": refused}
    return render(request, "insight/questions/start.html", context, status=409 if refused else 200)


def _figure(
    request: ActingRequest, form: FigureForm, chosen: Askable, status: int, refused: str = ""
) -> HttpResponse:
    context = {"form": form, "chosen": chosen, "table": form.table, "refused": refused}
    return render(request, "insight/questions/figure.html", context, status=status)


def _asked(request: ActingRequest, chosen: Askable, sql: str) -> HttpResponse:
    """A question in SQL: as it was previewed, or written by hand."""
    try:
        if "publish" not in request.POST:
            return _preview(request, chosen, sql)
        made = report_question(actor=request.actor, purpose=chosen.purpose, sql=sql)
    except Refused as refused:
        context = {"chosen": chosen, "sql": sql, "refused": refused.message}
        return render(request, "insight/questions/sql.html", context, status=409)
    return redirect("publication:release", release=made["release"])


def _preview(request: ActingRequest, chosen: Askable, sql: str) -> HttpResponse:
    """How much the question would show, before the button that publishes it."""
    preview = preview_question(actor=request.actor, purpose=chosen.purpose, sql=sql)
    context = preview_context(preview, chosen, request.actor) | {
        "sql": preview["question"]["sql"],
        "back": reverse("questions:new"),
        "post_to": "",
    }
    return render(request, "insight/questions/preview.html", context)
