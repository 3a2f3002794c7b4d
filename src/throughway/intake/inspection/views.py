"""The screens of a file that is looked at before it is loaded: what it holds, and the questions that finish its crosswalk."""

import os
from collections.abc import Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import slugify
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from throughway.core.prose import counted, school_year
from throughway.core.refusals import Refused
from throughway.intake.actions import save_crosswalk
from throughway.intake.contract import TableNeed
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.formats import FORMATS
from throughway.intake.inspection.crosswalk_check import SHOWN, CheckedTable, check
from throughway.intake.inspection.crosswalk_draft import TableOfFile, draft
from throughway.intake.inspection.crosswalk_questions import (
    YEAR,
    CrosswalkQuestion,
    answered,
    of_state,
    questions,
    state_of,
    unused,
)
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.forms import FileForm, QuestionsForm
from throughway.intake.inspection.inspection import FileInspection, inspect, is_only_key, range_of
from throughway.intake.inspection.whose_file import named_in
from throughway.intake.selectors import documents_in_effect, earlier_names, needs_of, senders_for
from throughway.intake.uploads import actions as uploads
from throughway.partners import Actor, Role
from throughway.partners.page_access import ActingRequest, refusal_at, refusal_told, screen
from throughway.partners.selectors import partners
from throughway.store.actions.landing import staging
from throughway.vocabulary.labels import element_words, table_words

SALT = "throughway.intake.inspection"
HOURS = 6  # for the questions
COLUMNS = 300  # of a table that are shown


@screen(Role.DATA_STEWARD)
def look_at_file(request: ActingRequest) -> HttpResponse:
    """A form for a file of a partner whose files the reader may load; the answer is the result, and nothing of the file is kept."""
    senders = senders_for(request.actor, partners(), documents_in_effect())
    needed = {partner: needs for partner in senders if (needs := _needs(partner, request.actor)) is not None}
    if not needed:
        return render(request, "intake/look.html", {"form": None})
    may_send = {partner: senders[partner] for partner in needed}
    form = (
        FileForm(request.POST, request.FILES, partners=may_send)
        if request.method == "POST"
        else FileForm(partners=may_send, initial={"partner": request.GET.get("partner")})
    )
    if form.is_valid():
        file, chosen = form.cleaned_data["file"], form.cleaned_data["partner"]
        named, why = named_in(str(file.name), may_send, earlier_names(may_send))
        if partner := chosen or named:
            whose = _whose(may_send, chosen, named, why)
            with refusal_at(form, "file"):
                return _result(request, file, partner, needed[partner], whose)
        else:
            form.add_error("partner", "The file’s name does not say whose records these are; choose it.")
    # A browser that keeps the file shows an answer in place only where it is a success.
    status = 400 if form.errors and not request.htmx else 200
    return render(request, "intake/look.html", {"form": form}, status=status)


def _whose(names: Mapping[str, str], chosen: str, named: str, why: str) -> dict[str, str]:
    """What the page says of whose records these are: by what they were recognized, or that the name speaks of another than was chosen."""
    if len(names) == 1 or not named or named == chosen:
        return {}
    if chosen:
        said = f"You chose {names[chosen]}, but {why}, which speaks for {names[named]}. If you meant that,"
        return {"whose": said, "whose_is": "warning"}
    return {"whose": f"Taken as records of {names[named]}: {why}. If that is wrong,", "whose_is": "info"}


def _needs(partner: str, actor: Actor) -> Mapping[str, TableNeed] | None:
    """What the agreements in effect need of the partner; None where there are none."""
    try:
        return needs_of(partner, by=actor)
    except Refused as refused:
        if refused.code != "no_agreement":
            raise
        return None


def _result(
    request: ActingRequest, file: "UploadedFile[bytes]", partner: str, needs: Mapping[str, TableNeed], whose: Mapping[str, str],
) -> HttpResponse:  # fmt: skip
    with staging() as folder:
        (folder / "file").mkdir()
        path = folder / "file" / Path(str(file.name)).name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        (folder / "inspected").mkdir()
        found = inspect(path, into=folder / "inspected", partner=partner, needs=needs)
        tried = _tried(path, found, folder)
    asked = questions(found.drafted, needs) if found.drafted is not None else ()
    context: dict[str, Any] = {
        "name": path.name,
        "format": FORMATS[found.format].title if found.format in FORMATS else "Columns of fixed positions",
        "readable": found.format,
        "notes": found.notes,
        "tables": [
            _table(found, table.name, table.rows, table.notes, table.columns) for table in found.tables
        ],
        "tried": tried,
        "partner": partners()[partner].name,
        "sender": partner,
        **whose,
    }
    if found.drafted is not None:
        context |= _questions(found.drafted, asked, partner, None, name=_free(partner, path.stem))
    return render(request, "intake/looked.html", context)


def _free(partner: str, stem: str) -> str:
    """A name for the crosswalk of a file of that name that can be saved: no other crosswalk of the partner has it."""
    name = slugify(stem.replace("_", "-"))[:50].strip("-") or "file"
    taken = uploads.crosswalks()
    named = chain([name], (f"{name}-{n}" for n in count(2)))
    return next(each for each in named if f"{partner}-{each}.yaml" not in taken)


def _tried(path: Path, found: FileInspection, folder: Path) -> list[dict[str, object]]:
    """Ten rows as the draft would load them; none where the draft cannot be tried yet."""
    if found.drafted is None:
        return []
    (folder / "tried").mkdir()
    try:
        checked = check(path, Crosswalk.read(found.crosswalk), into=folder / "tried")
    except Refused:  # it has a doubt without which no row can be read
        return []
    return [_rows(table) for table in checked.tables if table.sample]


def _rows(table: CheckedTable) -> dict[str, object]:
    elements = [cell.element.partition(".")[2] for cell in table.sample[0][1]]
    return {
        "words": table_words(table.name),
        "headings": [element_words(element) for element in elements],
        "rows": [(row, cells) for row, cells in table.sample[:SHOWN]],
    }


def _table(
    found: FileInspection, name: str, rows: int, notes: Sequence[str], columns: Sequence[ElementGuess]
) -> dict[str, object]:
    return {
        "name": name,
        "size": f"{counted(rows, 'row')}, {counted(len(columns), 'column')}",
        "notes": notes,
        "columns": [_column(found, column) for column in columns[:COLUMNS]],
        "more": max(len(columns) - COLUMNS, 0),
    }


def _column(found: FileInspection, column: ElementGuess) -> dict[str, object]:
    profile = column.profile
    split, admitted = found.is_split(column), found.admitted_by(column) or ()
    table, _, name = ("person." if split else column.element or "").partition(".")
    return {
        "guess": column,
        "element": "parts of a name" if split else element_words(name) if name else "",
        "table": table_words(table) if table else "",
        "filled": f"{profile.filled / profile.rows:.0%}" if profile.rows else "",
        "range": range_of(column),
        "shapes": ", ".join(profile.shapes[:2]),
        "let_in": "yes"
        if admitted
        else "as the key alone"
        if is_only_key(column, admitted)
        else "no agreement",
    }


def _questions(
    of: TableOfFile,
    asked: Sequence[CrosswalkQuestion],
    partner: str,
    data: Any,
    files: Any = None,
    name: str = "",
) -> dict[str, Any]:
    form = QuestionsForm(data, files, asked=asked, initial={"name": name})
    state = signing.dumps({**state_of(of), "partner": partner}, salt=SALT, compress=True)
    return {
        "form": form,
        "asked": [(question, form[question.name]) for question in asked],
        "state": state,
        "of": of.name,
        "doubts": len(asked),
    }


@screen(Role.DATA_STEWARD)
@require_POST
def save_drafted(request: ActingRequest) -> HttpResponse:
    """Saves the crosswalk that the answers make, and loads the file with it; without the file it leads to the form that does. A browser that
    runs htmx keeps the chosen file where an answer is missing."""
    if not request.htmx:
        return _saved(request)
    address = reverse("intake:inspect")
    with refusal_told(request):
        answer = _saved(request)
        if "Location" not in answer.headers:
            answer.status_code = 200  # a browser shows an answer in place only where it is a success
            return answer
        address = answer.headers["Location"]
    return HttpResponseClientRedirect(address)


def _saved(request: ActingRequest) -> HttpResponse:
    try:
        state = signing.loads(request.POST.get("state", ""), salt=SALT, max_age=HOURS * 3600)
    except signing.BadSignature:
        raise Refused(
            "The questions are too old to be answered; look at the file again.", code="too_old"
        ) from None
    partner = state["partner"]
    needs = needs_of(partner, by=request.actor)  # refused for who may not load the partner's files
    of = of_state(state)
    asked = questions(of, needs, request.POST)
    context = _questions(of, asked, partner, request.POST, request.FILES)
    form = context["form"]
    if form.is_valid():
        with refusal_at(form, "name"):
            given = form.cleaned_data
            text = draft(whole := answered(of, asked, given))
            if wrong := [*unused(whole, asked, Crosswalk.read(text))]:
                for name, why in wrong:
                    form.add_error(name, why)
                return render(request, "intake/questions.html", context, status=400)
            saved = save_crosswalk(partner=partner, name=given["name"], text=text, by=request.actor)
            file, year = given["file"], given.get(YEAR)
            if file is not None:
                with refusal_told(request):
                    kept = uploads.keep(
                        chunks=file.chunks(), name=file.name, size=file.size, partner=partner, format=of.source.format,
                        crosswalk=saved, by=request.actor, school_year=int(year) if year else None,
                    )  # fmt: skip
                    return redirect("intake:upload", id=kept.id)
            messages.success(request, f"The crosswalk {saved} is saved. Now send the file with it.")
            query = urlencode({"partner": partner, "crosswalk": saved, "format": of.source.format,
                               **({"school_year": school_year(int(year))} if year else {})})  # fmt: skip
            return redirect(f"{reverse('intake:new')}?{query}")
    return render(request, "intake/questions.html", context, status=400)
