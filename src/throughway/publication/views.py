"""Pages and files of the registry of releases, and the acts on a release."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from throughway.core.prose import counted, data_through, day
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor
from throughway.partners.actor import OFFICERS
from throughway.partners.page_access import ActingRequest, FormScreen, done, screen
from throughway.partners.selectors import partner_names
from throughway.publication import verify_release
from throughway.publication.actions import act_on, add_outside_table, remove_outside_table
from throughway.publication.acts import ACTS, ActText
from throughway.publication.forms import OutsideTableForm, RemoveOutsideForm
from throughway.publication.permissions import can_answer, can_review, can_withdraw
from throughway.publication.report_files import FILES, sheets
from throughway.publication.selectors import (
    STAYS_KNOWN,
    Published,
    changed_since,
    check_shown,
    joint_notes,
    notes,
    outside_table,
    outside_tables,
    published,
    registered,
    release_to_json,
)
from throughway.publication.states import ReleaseAct, ReleaseState, may, notice
from throughway.vocabulary.labels import table_words

JSON_FILE = (
    "id", "title", "at", "as_of", "data_through", "state", "minimum_cell", "notes", "tables", "relations", "rates", "public_sizes",
    "beside", "rule", "certificate",
)  # fmt: skip
VERIFIER = Path(verify_release.__file__)
TAGS = {ReleaseState.WAITING: "wait", ReleaseState.HELD: "stop", ReleaseState.WITHDRAWN: "past"}


@require_safe
@screen()
def releases(request: ActingRequest) -> HttpResponse:
    """Every public release, and those in review that the reader may see; newest first."""
    names = partner_names()
    rows = [
        {
            "release": found,
            "by": names.get(found.partner, ""),
            "tag": TAGS.get(found.standing.state),
            "notice": notice(found.standing),
        }
        for found in registered(request.actor)
    ]
    context = {"rows": rows, "keeps_outside": request.actor.role in OFFICERS}
    return render(request, "publication/releases.html", context)


@require_safe
@screen()
def one(request: ActingRequest, release: str) -> HttpResponse:
    """One release: its state, its sources, its tables, and the acts that the reader may do."""
    found = published(release, request.actor, tables=False)
    names = partner_names()
    status = found.standing
    hidden = status.withdrawn is not None
    figures, tables, said = (None, "", joint_notes(found.about)) if hidden else _rendered(found.id)
    context = {
        "release": found,
        "by": names.get(found.partner, ""),
        "notice": notice(status),
        "notes": said,
        "figures": figures,
        "tables": tables,
        "data": data_through(found.data_through),
        "later": _later(request.actor, found, names),
        "question": None if hidden else found.about.get("question"),
        "drawn_at": "" if hidden else _drawn_at(found),
        "agreements": found.about.get("agreements") or [{"title": id} for id in found.agreements],
        "agreed": [names.get(p, p) for p in status.disclosers if p not in status.missing],
        "missing": [names.get(p, p) for p in status.missing],
        "objections": [(names.get(event.partner, event.partner), event) for event in status.objections],
        "answers": status.answers,
        "acts": _acts(request.actor, found),
        "certified": None if hidden else found.about.get("certified"),
        "determination": _determination(request.actor, found, names),
    }
    return render(request, "publication/release.html", context)


def _later(actor: Actor, found: Published, names: Mapping[str, str]) -> list[str]:
    """What data that came later changed, for those whom the release concerns."""
    if not (actor.is_operator or actor.partner in {*found.standing.disclosers, found.partner}):
        return []
    return [
        f"On {day(each.at.date())} {names.get(each.partner, each.partner)} changed records of {table_words(each.table)} from {day(each.first)} on."
        for each in changed_since(found)
    ]


def _determination(actor: Actor, found: Published, names: Mapping[str, str]) -> dict[str, object] | None:
    """Who determined that the release identifies nobody, when and under which rule; the person by name for those whom it concerns."""
    made = found.about.get("determination")
    if not made:
        return None
    concerned = actor.is_operator or actor.partner in {*found.standing.disclosers, found.partner}
    return {
        "person": made["by"] if concerned else "",
        "partner": names.get(made["partner"], "the operator of the folder"),
        "on": date.fromisoformat(made["on"]),
        "rule": made["rule"],
    }


def _acts(actor: Actor, found: Published) -> list[tuple[ReleaseAct, ActText]]:
    """The acts that the reader may do on the release now."""
    status = found.standing
    own = any(event.partner == actor.partner for event in status.objections)
    reviews = can_review(actor, status.disclosers)
    allowed = {
        ReleaseAct.AGREE: reviews
        and actor.partner in status.missing
        and not own
        and not (found.two_people and actor.email == found.publisher.email),
        ReleaseAct.TAKE_BACK: own and reviews,
        ReleaseAct.OBJECT: reviews and not own,
        ReleaseAct.ANSWER: can_answer(actor, found.publisher),
        ReleaseAct.WITHDRAW: can_withdraw(actor, found.publisher),
    }
    return [(act, text) for act, text in ACTS.items() if allowed[act] and may(status.state, act)]


@screen()
@require_POST
def act(request: ActingRequest, release: str) -> HttpResponse:
    """Agrees, objects, withdraws an objection, answers or withdraws the release, for those who may."""
    asked = next((each for each in ACTS if each == request.POST.get("act")), None)
    if asked is None:
        raise Http404
    found = published(release, request.actor, tables=False)
    try:
        now = act_on(asked, release=found.id, by=request.actor, reason=request.POST.get("reason", ""))
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        last = asked is ReleaseAct.AGREE and now.standing.state is ReleaseState.PUBLIC
        messages.success(
            request, "You have agreed, the last to do so: it is public now." if last else ACTS[asked].done
        )
    return redirect("publication:release", release=found.id)


@screen(*OFFICERS)
@require_safe
def outside(request: ActingRequest) -> HttpResponse:
    """The tables that others have published, and those that were removed."""
    every = outside_tables(removed=True)
    context = {
        "found": [each for each in every if each.removed is None],
        "removed": [each for each in every if each.removed],
    }
    return render(request, "publication/outside.html", context)


class AddOutsideTable(FormScreen):
    """Records a table that somebody else has published."""

    roles = OFFICERS
    form_class = OutsideTableForm
    template_name = "publication/outside_add.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        asked = [
            each.about["question"]["sql"].strip()
            for each in registered(self.actor)
            if "question" in each.about
        ]
        titles = [each.title for each in registered(self.actor) if "question" in each.about]
        return super().get_form_kwargs() | {"questions": dict(zip(asked, titles, strict=True))}

    def field_of(self, refused: Refused) -> str | None:
        return "figures" if refused.code == "outside_table" else None

    def act(self, form: OutsideTableForm) -> HttpResponse:
        made = add_outside_table(**form.cleaned_data, by=self.actor)
        message = f"The table is recorded, with {counted(len(made.figures), 'figure')}. Every later release is checked together with it."
        return done(self.request, message, "publication:outside")


class RemoveOutsideTable(FormScreen):
    """Removes a table that was entered wrongly."""

    roles = OFFICERS
    form_class = RemoveOutsideForm
    template_name = "publication/outside_remove.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(**more) | {"table": outside_table(self.kwargs["id"])}

    def act(self, form: RemoveOutsideForm) -> HttpResponse:
        made = remove_outside_table(
            table=self.kwargs["id"], reason=form.cleaned_data["reason"], by=self.actor
        )
        return done(self.request, f"{made.name} is removed. {STAYS_KNOWN}", "publication:outside")


@lru_cache(maxsize=16)
def _rendered(id: str) -> tuple[int, SafeString, list[str]]:
    """The number of figures in a release, its tables rendered, and what a reader must know. They never change, so they are cached;
    permission is checked at each request."""
    found = published(id, OPERATOR)
    tables = SafeString(render_to_string("publication/tables.html", {"tables": sheets(found)}))
    return found.figures, tables, notes(found)


@require_safe
@screen()
def csv_file(request: ActingRequest, release: str) -> HttpResponse:
    return _file(request, release, ".csv")


@require_safe
@screen()
def xlsx_file(request: ActingRequest, release: str) -> HttpResponse:
    return _file(request, release, ".xlsx")


@require_safe
@screen()
def html_file(request: ActingRequest, release: str) -> HttpResponse:
    return _file(request, release, ".html")


@require_safe
@screen()
def pdf_file(request: ActingRequest, release: str) -> HttpResponse:
    return _file(request, release, ".pdf")


def _file(request: ActingRequest, release: str, ending: str) -> HttpResponse:
    """The release as a file to save, for whoever may see its figures."""
    found = _with_figures(request, release)
    make, kind = FILES[ending]
    response = HttpResponse(make(found), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="release-{found.id}{ending}"'
    return response


@require_safe
@screen()
def json_file(request: ActingRequest, release: str) -> HttpResponse:
    found = _with_figures(request, release)
    document = release_to_json(found)
    response = JsonResponse({name: document[name] for name in JSON_FILE if name in document})
    response["Content-Disposition"] = f'attachment; filename="release-{found.id}.json"'
    return response


@require_safe
@screen()
def verifier(request: ActingRequest) -> HttpResponse:
    """The program that verifies the JSON file of a release, as one file for anybody's computer."""
    response = HttpResponse(VERIFIER.read_text(encoding="utf-8"), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{VERIFIER.name}"'
    return response


def _with_figures(request: ActingRequest, release: str) -> Published:
    found = published(release, request.actor)
    check_shown(found, request.actor)
    return found


def _drawn_at(found: Published) -> str:
    """The URL of the page that draws the release; empty where there is none."""
    if not found.page:
        return ""
    try:
        return reverse(found.page, args=[found.id])
    except NoReverseMatch:
        return ""
