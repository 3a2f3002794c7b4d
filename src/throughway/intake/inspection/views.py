"""The screens of files that are looked at before they are loaded, one after another: what each holds, and the questions that finish its
crosswalk. The site keeps none of them: the browser sends them with every form."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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

from throughway.core.prose import school_year
from throughway.core.refusals import Refused
from throughway.intake.actions import save_crosswalk
from throughway.intake.contract import TableNeed
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.formats import BY_CROSSWALK, FORMATS, READABLE
from throughway.intake.inspection.crosswalk_draft import TableOfFile, draft, made_key, source_line
from throughway.intake.inspection.crosswalk_questions import (
    YEAR,
    CrosswalkQuestion,
    answered,
    of_state,
    questions,
    state_of,
    unusable,
    unused,
    why_nothing,
    year_question,
)
from throughway.intake.inspection.earlier_mapping import EarlierMapping, earlier_mapping, with_headings
from throughway.intake.inspection.forms import FileForm, QuestionsForm
from throughway.intake.inspection.inspection import inspect
from throughway.intake.inspection.looked_file import known_layout, shown_table, tried_rows
from throughway.intake.inspection.whose_file import named_in
from throughway.intake.models import Upload
from throughway.intake.safe_names import KeptNames, file_name
from throughway.intake.selectors import (
    crosswalks_used_for,
    documents_in_effect,
    earlier_names,
    needs_of,
    senders_for,
)
from throughway.intake.uploads import actions as uploads
from throughway.intake.uploads.own_names import remember
from throughway.intake.vendor_layouts import fitted, vendors_of
from throughway.partners import Actor, Role
from throughway.partners.page_access import ActingRequest, refusal_at, refusal_told, screen
from throughway.partners.selectors import partners
from throughway.store.actions.landing import staging

SALT = "throughway.intake.inspection"
HOURS = 6  # for the questions


@dataclass(frozen=True)
class LookedFiles:
    """Files that the browser sent together. `at`: the place of the one that is looked at; `chosen`: the partner that somebody chose for
    all of them, else empty; `told`: what is said of those before it, each with the page that follows it or none."""

    files: "Sequence[UploadedFile[bytes]]"
    at: int
    chosen: str
    told: tuple[tuple[str, str], ...] = ()

    @property
    def file(self) -> "UploadedFile[bytes]":
        return self.files[self.at]

    @property
    def state(self) -> dict[str, Any]:
        return {"file": str(self.file.name), "at": self.at, "chosen": self.chosen, "files": len(self.files)}

    def after(self, *told: tuple[str, str]) -> "LookedFiles":
        return replace(self, at=self.at + 1, told=(*self.told, *told))


@screen(Role.DATA_STEWARD)
def look_at_file(request: ActingRequest) -> HttpResponse:
    """A form for files of partners whose files the reader may load; the answer is what the first of them holds, and nothing of it is kept."""
    may_send, needed = _senders(request.actor)
    if not needed:
        return render(request, "intake/look.html", {"form": None})
    form = (
        FileForm(request.POST, request.FILES, partners=may_send)
        if request.method == "POST"
        else FileForm(partners=may_send, initial={"partner": request.GET.get("partner")})
    )
    if form.is_valid():
        files, chosen = form.cleaned_data["file"], form.cleaned_data["partner"]
        earlier = earlier_names(may_send)
        unnamed = [
            file.name for file in files if not (chosen or named_in(str(file.name), may_send, earlier)[0])
        ]
        if unnamed:
            form.add_error(
                "partner", f"The name of {unnamed[0]} does not say whose records these are; choose it."
            )
        else:
            answer = _opened(request, LookedFiles(files, 0, chosen))
            if isinstance(answer, HttpResponse):
                return answer
            form.add_error("file", [said for said, _ in answer.told])
    # A browser that keeps the file shows an answer in place only where it is a success.
    status = 400 if form.errors and not request.htmx else 200
    return render(request, "intake/look.html", {"form": form}, status=status)


def _senders(actor: Actor) -> tuple[dict[str, str], dict[str, Mapping[str, TableNeed]]]:
    """The partners whose files the actor may load and of whom an agreement in effect needs something: their names, and what is needed."""
    senders = senders_for(actor, partners(), documents_in_effect())
    needed = {partner: needs for partner in senders if (needs := _needs(partner, actor)) is not None}
    return {partner: senders[partner] for partner in needed}, needed


def _opened(request: ActingRequest, looked: LookedFiles) -> HttpResponse | LookedFiles:
    """The page of the first file, from the one that is looked at on, that can be read; where none is left, what is to be told."""
    may_send, needed = _senders(request.actor)
    earlier = earlier_names(may_send)
    while looked.at < len(looked.files):
        name = str(looked.file.name)
        named, why = named_in(name, may_send, earlier)
        try:
            if (partner := looked.chosen or named) not in needed:
                raise Refused(
                    "the name does not say whose records these are; look at it alone.", code="whose"
                )
            return _result(
                request, looked, partner, needed[partner], _whose(may_send, looked.chosen, named, why)
            )
        except Refused as refused:
            said = refused.message if len(looked.files) == 1 else f"{name} is left out: {refused.message}"
            looked = looked.after((said, ""))
    return looked


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
    request: ActingRequest, looked: LookedFiles, partner: str, needs: Mapping[str, TableNeed], whose: Mapping[str, str],
) -> HttpResponse:  # fmt: skip
    file = looked.file
    with staging() as folder:
        (folder / "file").mkdir()
        path = folder / "file" / Path(str(file.name)).name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        (folder / "inspected").mkdir()
        found = inspect(path, into=folder / "inspected", partner=partner, needs=needs)
        tried = tried_rows(path, found, folder)
    of = found.drafted
    earlier = _earlier(partner, of, needs) if of is not None else None
    asked = questions(of, needs) if of is not None else ()
    if of is not None and earlier and earlier.by_year and all(question.name != YEAR for question in asked):
        asked = (year_question(of, undated=False), *asked)
    context: dict[str, Any] = {
        "name": path.name,
        "format": FORMATS[found.format].title if found.format in FORMATS else "Columns of fixed positions",
        "notes": found.notes,
        "tables": [shown_table(found, table) for table in found.tables],
        "tried": tried,
        "partner": partners()[partner].name,
        **whose,
    }
    can_load = of is not None or (found.format in READABLE and found.format not in BY_CROSSWALK)
    state = {**looked.state, "partner": partner, "format": found.format if can_load else ""}
    if earlier:
        state["earlier"] = earlier.state
    if can_load or len(looked.files) > 1:
        context |= _questions(of, asked, state, needs, told=looked.told, name=_free(partner, path.stem, of))
    return render(request, "intake/looked.html", context)


def _earlier(partner: str, of: TableOfFile, needs: Mapping[str, TableNeed]) -> EarlierMapping | None:
    """What the file may be mapped by, of the crosswalks of the partner that bring something needed; a layout that is known needs none."""
    if vendors_of([column.name for column in of.columns]):
        return None
    known = crosswalks_used_for(partner).items()
    return earlier_mapping({name: each for name, each in known if needs.keys() & each.tables.keys()}, of)


def _free(partner: str, stem: str, of: TableOfFile | None) -> str:
    """A name for the crosswalk of a file of that name that can be saved: no other crosswalk of the partner has it. It is that of the one
    included crosswalk that fits; else only words of the file's name that the vocabulary knows are taken, because a file may be named after a
    student."""
    fit = vendors_of([column.name for column in of.columns]) if of else ()
    words = [w for w in re.findall(r"[^\W\d_]+|20\d\d", stem) if w.isdigit() or KeptNames().file(w) == w]
    if all(word.isdigit() for word in words):
        tables = [column.element.partition(".")[0] for column in of.columns if column.element] if of else []
        words = [*max(tables, key=tables.count, default="file").split("_"), *words]
    name = fit[0] if len(fit) == 1 else slugify("-".join(words))[:50].strip("-")
    taken = uploads.crosswalks()
    named = chain([name], (f"{name}-{n}" for n in count(2)))
    return next(each for each in named if f"{partner}-{each}.yaml" not in taken)


def _questions(
    of: TableOfFile | None,
    asked: Sequence[CrosswalkQuestion],
    state: Mapping[str, Any],
    needs: Mapping[str, TableNeed],
    data: Any = None,
    files: Any = None,
    told: Sequence[tuple[str, str]] = (),
    name: str = "",
) -> dict[str, Any]:
    """`of`: None for a file that needs no crosswalk, or cannot be loaded. `state`: what the next form must know of the files."""
    form = QuestionsForm(data, files, asked=asked, crosswalk=of is not None, initial={"name": name})
    drafted = state_of(of) if of is not None else {}
    earlier = EarlierMapping.of_state(state["earlier"]) if "earlier" in state else None
    # The school year is of the load, whichever crosswalk it takes.
    apart = [question for question in asked if earlier and question.name == YEAR]
    return {
        "form": form,
        "earlier": earlier,
        "apart": [(question, form[question.name]) for question in apart],
        "asked": [(question, form[question.name]) for question in asked if question not in apart],
        "state": signing.dumps({**drafted, **state}, salt=SALT, compress=True),
        "of": of.name if of is not None else state["file"],
        "doubts": len(asked),
        "made_key": made_key(of) if of is not None else "",
        "nothing": why_nothing(of, needs) if of is not None else "",
        **(known_layout(of, needs) if of is not None else {}),
        "can_load": bool(state["format"]),
        "told": told,
        "place": state["at"] + 1,
        "places": state["files"],
    }


@screen(Role.DATA_STEWARD)
@require_POST
def save_drafted(request: ActingRequest) -> HttpResponse:
    """Saves the crosswalk that the answers make, and loads the file with it; without the file it leads to the form that does. A browser that
    runs htmx keeps the chosen file where an answer is missing."""
    if not request.htmx:
        return _saved(request)
    answer: HttpResponse = redirect("intake:inspect")
    with refusal_told(request):
        answer = _saved(request)
    if "Location" not in answer.headers:
        answer.status_code = 200  # a browser shows an answer in place only where it is a success
        return answer
    redirected = HttpResponseClientRedirect(answer.headers["Location"])
    redirected.cookies = answer.cookies
    return redirected


def _saved(request: ActingRequest) -> HttpResponse:
    try:
        state = signing.loads(request.POST.get("state", ""), salt=SALT, max_age=HOURS * 3600)
    except signing.BadSignature:
        raise Refused(
            "The questions are too old to be answered; look at the file again.", code="too_old"
        ) from None
    needs = needs_of(state["partner"], by=request.actor)  # refused for who may not load the partner's files
    of = of_state(state) if "columns" in state else None
    # the crosswalk that is included for the layout, in place of answers
    known = request.POST.get("included", "")
    # the earlier crosswalk with the headings that are confirmed
    same = request.POST.get("same", "") if "earlier" in state else ""
    asked: Sequence[CrosswalkQuestion] = ()
    if of is not None and same:
        asked = [year_question(of, undated=False)] if state["earlier"]["by_year"] else ()
    elif of is not None and not known:
        asked = questions(of, needs, request.POST)
    context = {**_questions(of, asked, state, needs, request.POST, request.FILES), "same": same}
    form = context["form"]
    leaves = "leave" in request.POST or not state["format"]  # of no format that can be loaded
    if form.is_valid() or (leaves and "file" not in form.errors):
        with refusal_at(form, "file"):
            looked = _sent_again(form.cleaned_data["file"], state)
            if leaves:
                return _led_on(request, looked)
            saved = ""
            with refusal_at(form, "name"):
                text = ""
                if of is not None:
                    text = _as_before(of, state, same) if same else _crosswalk(form, of, asked, known, needs)
                if text:
                    name = form.cleaned_data["name"]
                    saved = save_crosswalk(partner=state["partner"], name=name, text=text, by=request.actor)
            if not form.errors:
                return _loaded(request, looked, state, saved, form.cleaned_data.get(YEAR))
    return render(request, "intake/questions.html", context, status=400)


def _sent_again(files: "Sequence[UploadedFile[bytes]]", state: Mapping[str, Any]) -> LookedFiles | None:
    """The files that the browser sent once more, at the one that was looked at; None without files."""
    names, at = [str(file.name) for file in files], state["at"]
    if len(names) > 1 and names[at : at + 1] != [state["file"]]:
        if state["file"] not in names:
            raise Refused(f"Choose {state['file']}, and what you chose with it.", code="file")
        at = names.index(state["file"])
    return LookedFiles(files, at if len(names) > 1 else 0, state["chosen"]) if names else None


def _crosswalk(
    form: QuestionsForm, of: TableOfFile, asked: Sequence[CrosswalkQuestion], known: str, needs: Mapping[str, TableNeed]
) -> str:  # fmt: skip
    """The crosswalk of the answers, or the included one; empty, with the reason at its field, where they make none."""
    if known:
        return fitted(known, [c.name for c in of.columns], source_line(of.source))
    whole = answered(of, asked, form.cleaned_data)
    # The name of the file may be a student's: what is kept has it only where it is a known word.
    text = draft(replace(whole, name=file_name(of.name, "a file")))
    wrong = unusable(whole, asked, text, needs) or dict(unused(whole, asked, Crosswalk.read(text)))
    for name, why in wrong.items():
        form.add_error(name, why)
    return "" if wrong else text


def _as_before(of: TableOfFile, state: Mapping[str, Any], same: str) -> str:
    """The earlier crosswalk with the new headings."""
    earlier = EarlierMapping.of_state(state["earlier"])
    if (crosswalk := crosswalks_used_for(state["partner"]).get(earlier.crosswalk)) is None:
        raise Refused(
            f"The crosswalk {earlier.crosswalk} was removed or changed meanwhile; look at the file again.", code="crosswalk"
        )  # fmt: skip
    return with_headings(crosswalk, earlier.crosswalk, earlier.way(same), of)


def _loaded(
    request: ActingRequest, looked: LookedFiles | None, state: Mapping[str, Any], crosswalk: str, year: str | None
) -> HttpResponse:  # fmt: skip
    """Gives the file to be loaded and leads on; without a file that can be, to the form that sends one."""
    if looked is not None:
        file = looked.file
        try:
            kept = uploads.keep(
                chunks=file.chunks(), name=str(file.name), size=file.size or 0, partner=state["partner"], format=state["format"],
                crosswalk=crosswalk, by=request.actor, school_year=int(year) if year else None,
            )  # fmt: skip
        except Refused as refused:
            if len(looked.files) > 1:
                return _led_on(request, looked, refused=refused.message)
            messages.error(request, refused.message)
        else:
            return remember(_led_on(request, looked, kept), request, kept.id, str(file.name))
    if crosswalk:
        messages.success(request, f"The crosswalk {crosswalk} is saved. Now send the file with it.")
    query = urlencode({"partner": state["partner"], "crosswalk": crosswalk, "format": state["format"],
                       **({"school_year": school_year(int(year))} if year else {})})  # fmt: skip
    return redirect(f"{reverse('intake:new')}?{query}")


def _led_on(
    request: ActingRequest, looked: LookedFiles | None, kept: Upload | None = None, refused: str = ""
) -> HttpResponse:
    """The next file; after the last one the page of the load, or what is to be told of files that could not be looked at."""
    if looked is None:
        return redirect("intake:inspect")
    name = looked.file.name
    said = [(f"{name} is being loaded.", reverse("intake:upload", args=[kept.id]))] if kept else []
    said += [(f"{name} is left out: {refused}", "")] if refused else []
    answer = _opened(request, looked.after(*said))
    if isinstance(answer, HttpResponse):
        return answer
    if kept is not None and answer.told == tuple(said):
        return redirect("intake:upload", id=kept.id)
    return (
        render(request, "intake/look.html", {"told": answer.told})
        if answer.told
        else redirect("intake:loads")
    )
