"""The desk: a question in SQL, its answer, the schema beside it, and the questions that are saved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements.enums import AccessForm
from throughway.core.json_output import plain
from throughway.core.refusals import Refused
from throughway.extracts.selectors import open_licenses
from throughway.gate.actions import QueryResult, TakesLong, enter, one_question
from throughway.gate.comparison_warning import WARNING
from throughway.insight.desk.actions import change_question, delete_question, save_question
from throughway.insight.desk.answer_limits import COLUMNS, LONGEST, MOST, SHOWN
from throughway.insight.desk.forms import DeskForm
from throughway.insight.desk.long_questions.actions import hand_over
from throughway.insight.desk.long_questions.selectors import long_questions
from throughway.insight.desk.schema import schema
from throughway.insight.desk.selectors import (
    DeskPurpose,
    SavedNow,
    desk_purposes,
    saved_question,
    saved_questions,
)
from throughway.partners.actor import Role
from throughway.partners.page_access import AGAIN_LATER, ActingRequest, screen
from throughway.partners.selectors import partner_names

WAITS = 3.0  # seconds that a page waits for an answer before the question goes on in the background


@screen(Role.EVALUATOR, person=True)
def ask(request: ActingRequest) -> HttpResponse:
    """Asks a question, saves it, or shows the schema of another purpose. A question that takes long goes on in the background. Under a purpose of form aggregate the text goes on to the
    preview of figures."""
    purposes = desk_purposes(request.actor, date.today())
    if request.method != "POST":
        return _page(request, purposes, _first_form(purposes, request.GET.get("purpose", "")))
    number = _number(request.POST.get("number", ""))
    opened = saved_question(request.actor, number, purposes) if number else None
    if "save" in request.POST:
        return _save(request, purposes, opened, anew=True)
    form = DeskForm(request.POST, purposes=purposes)
    if not form.is_valid():
        return _page(request, purposes, form, 422, opened=opened)
    if "find" in request.POST:
        return _page(request, purposes, form, opened=opened)
    chosen = next(each for each in purposes if each.purpose == form.cleaned_data["purpose"])
    if chosen.form is AccessForm.AGGREGATE:
        return redirect("questions:new", preserve_request=True)  # the browser sends the same form there
    sql = form.cleaned_data["sql"]
    try:
        with one_question(actor=request.actor, purpose=chosen.purpose, asked=sql, waits=WAITS):
            access = enter(actor=request.actor, purpose=chosen.purpose)
            try:
                answer = access.query(sql, most=MOST)
            except TakesLong:
                return redirect("desk:asked", number=hand_over(sql=sql, access=access))
    except Refused as refused:
        status = AGAIN_LATER.get(refused.code, 409)
        return _page(request, purposes, form, status, opened=opened, refused=refused.message)
    return _page(request, purposes, form, opened=opened, answer=answer)


@screen(Role.EVALUATOR, person=True)
def saved(request: ActingRequest, number: int) -> HttpResponse:
    """One saved question at the desk, to be asked; its owner changes or deletes it."""
    purposes = desk_purposes(request.actor, date.today())
    opened = saved_question(request.actor, number, purposes)
    if opened is None:
        raise Http404
    if request.method != "POST":
        return _page(request, purposes, _first_form(purposes, opened.purpose, opened), opened=opened)
    if "delete" in request.POST:
        delete_question(number=number, by=request.actor)
        messages.success(request, f"“{opened.title}” is deleted.")
        return redirect("desk:ask")
    return _save(request, purposes, opened)


def _save(
    request: ActingRequest, purposes: Sequence[DeskPurpose], opened: SavedNow | None, *, anew: bool = False
) -> HttpResponse:
    """Saves what was sent: as a new question with `anew`, else in place of the opened one."""
    form = DeskForm(request.POST, purposes=purposes, saves=True)
    if form.is_valid():
        try:
            if anew or opened is None:
                number = save_question(**form.cleaned_data, by=request.actor).pk
            else:
                number = opened.number
                change_question(number=number, **form.cleaned_data, by=request.actor)
        except Refused as refused:
            form.add_error("title" if refused.code == "saved_title" else "sql", refused.message)
        else:
            messages.success(request, f"“{form.cleaned_data['title']}” is saved.")
            return redirect("desk:saved", number=number)
    return _page(request, purposes, form, 422, opened=opened)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _first_form(purposes: Sequence[DeskPurpose], wanted: str, opened: SavedNow | None = None) -> DeskForm:
    """The form with which the desk opens: the purpose that is wanted, where it is open, else the first that gives rows."""
    open_ = [each for each in purposes if not each.closed]
    of_rows = [each for each in open_ if each.form is not AccessForm.AGGREGATE]
    chosen = next((each for each in open_ if each.purpose == wanted), next(iter([*of_rows, *open_]), None))
    first: dict[str, object] = {"purpose": chosen.purpose if chosen else ""}
    if opened is not None:
        first |= {"sql": opened.sql, "title": opened.title, "shared": opened.own and opened.shared}
    return DeskForm(initial=first, purposes=purposes)


def _page(
    request: ActingRequest, purposes: Sequence[DeskPurpose], form: DeskForm, status: int = 200, *,
    opened: SavedNow | None = None, answer: QueryResult | None = None, refused: str = "",
) -> HttpResponse:  # fmt: skip
    at = form["purpose"].value()
    open_ = [each for each in purposes if not each.closed]
    chosen = next((each for each in open_ if each.purpose == at), next(iter(open_), None))
    words = " ".join(request.POST.get("words", "").split())[:100]
    context = {
        "form": form, "refused": refused, "chosen": chosen, "opened": opened, "words": words,
        "gives_rows": chosen is not None and chosen.form is not AccessForm.AGGREGATE,
        "saved": saved_questions(request.actor, purposes), "long_questions": long_questions(request.actor),
    }  # fmt: skip
    if chosen is not None:
        context |= _schema(request, chosen, words)
    if answer is not None and chosen is not None:
        context |= answered(request, answer, chosen, count=len(answer.rows), width=len(answer.columns))
    return render(request, "insight/desk/desk.html", context, status=status)


def _schema(request: ActingRequest, chosen: DeskPurpose, words: str) -> dict[str, Any]:
    try:
        grants = enter(actor=request.actor, purpose=chosen.purpose).grants
    except Refused as refused:
        return {"schema_refused": refused.message}
    names = partner_names()
    return {
        "schema": [
            replace(table, given_by=tuple(names.get(partner, partner) for partner in table.given_by))
            for table in schema(grants, words)
        ]
    }


def answered(
    request: ActingRequest, answer: QueryResult, chosen: DeskPurpose | None, *, count: int, width: int
) -> dict[str, Any]:
    """What the page says of an answer of so many rows and columns."""
    rows = [[_cell(value) for value in row[:COLUMNS]] for row in answer.rows[:SHOWN]]
    numeric = [any(is_number for _, is_number in cells) for cells in zip(*rows, strict=True)]
    return {
        "answer": answer,
        "columns": list(zip(answer.columns[:COLUMNS], numeric, strict=False)),
        "rows": rows,
        "count": count,
        "narrow": width <= COLUMNS,
        "warning": WARNING if WARNING in answer.notes else "",
        "notes": [note for note in answer.notes if note != WARNING],
        "licenses": [
            each for each in open_licenses(request.actor) if chosen and each.purpose == chosen.purpose
        ],
        "takes": chosen is not None and chosen.form is AccessForm.PSEUDONYMOUS and bool(answer.disclosure),
    }


def _cell(value: object) -> tuple[str, bool]:
    """A value as text, cut where it is very long, and whether it is a number."""
    if value is None:
        return "", False
    text = value if isinstance(value, str) else str(plain(value))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (text if len(text) <= LONGEST else f"{text[:LONGEST]}…"), is_number
