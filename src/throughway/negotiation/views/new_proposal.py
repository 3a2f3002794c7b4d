"""One place of the text, and the form to propose something else there."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements.document_fields import FIELDS, field_at
from throughway.agreements.document_paths import (
    ListEntry,
    NoSuchPath,
    Path,
    at,
    entries_at,
    is_list,
    path_text,
    pattern,
    read_path,
)
from throughway.agreements.document_sections import Clauses
from throughway.core.refusals import Refused
from throughway.negotiation import actions
from throughway.negotiation.document_outline import ADDS, DETAILS, OutlineElement, element, fields_of
from throughway.negotiation.forms import CommentForm, ProposalForm, ProposedField, WhyForm
from throughway.negotiation.proposed_change import FIXED, TOO_WIDE, change_of
from throughway.negotiation.views.context import NegotiationContext, href_to, within
from throughway.partners.page_access import ActingRequest, screen


@screen()
def propose(request: ActingRequest, id: str) -> HttpResponse:
    """One place of the text: what stands there, and the form to propose something else, or nothing, or one entry more."""
    room = NegotiationContext(request, id)
    text, place = place_in(room, request.GET.get("at", ""))
    taking_away = "remove" in request.GET
    whole = isinstance(place[-1], ListEntry)
    found = None if is_list(place) else element(place, room.values, room.text)
    form = _form(room, place, taking_away, request.POST or None) if room.may_act else None
    page = room.page() | {
        "at": text,
        "title": ADDS[text] if is_list(place) else room.text.label(place),
        "element": found,
        "fields": _fields(id, found) if whole and found and not taking_away else [],
        "removing": taking_away,
        "remove_href": f"{href_to(id, text)}&remove=1" if whole and not taking_away else "",
        "proposals": [one for one in room.open if within(one.path, text)],
        "said": room.said([c for c in room.comments if c.proposal is None and within(c.path, text)]),
        "form": form,
        "comment_form": CommentForm() if room.may_act and not is_list(place) else None,
    }
    if request.method != "POST":
        return render(request, "negotiation/propose.html", page)
    if form is None:
        raise Http404
    if not form.is_valid():
        return render(request, "negotiation/propose.html", page)
    value = form.proposed() if isinstance(form, ProposalForm) else None
    try:
        if "confirm" in request.POST:
            made = actions.propose(
                id=id, version=str(request.POST.get("version", "")), path=text, value=value,
                why=str(form.cleaned_data["why"]), by=room.actor,
            )  # fmt: skip
            messages.success(request, "Proposed. The other parties see it now.")
            return redirect("negotiation:proposal", id=id, number=made.number)
        _, after = change_of(room.document, text, value)
        page |= {"looked": room.consequences(after)}
    except Refused as refused:
        form.add_error(None, refused.message)
    return render(request, "negotiation/propose.html", page)


def place_in(room: NegotiationContext, text: str) -> tuple[str, Path]:
    """A place that can be proposed at; an address that does not exist for any other."""
    try:
        place = read_path(text, room.values)
        if is_list(place):
            entries_at(room.values, place)
        elif isinstance(place[-1], ListEntry) or any(isinstance(step, ListEntry) for step in place):
            last = max(n for n, step in enumerate(place) if isinstance(step, ListEntry))
            at(room.values, place[: last + 1])
    except NoSuchPath:
        raise Http404 from None
    text = path_text(place)
    if text in (*FIXED, *TOO_WIDE) or not _is_known(place):
        raise Http404
    return text, place


def _is_known(place: Path) -> bool:
    """Whether it is a place of the format, and not a name that somebody made up."""
    if is_list(place) or isinstance(place[-1], ListEntry) or pattern(place) in FIELDS:
        return True
    if place[0] == "clauses":
        return len(place) == 2 and place[1] in Clauses.model_fields
    return len(place) > 3 and place[0] in DETAILS and place[2] == "basis_details"


def _form(room: NegotiationContext, place: Path, taking_away: bool, data: Any) -> WhyForm | None:
    """None at an entry as a whole: one chooses a field of it first."""
    if taking_away:
        return WhyForm(data) if isinstance(place[-1], ListEntry) else None
    if isinstance(place[-1], ListEntry):
        return None
    if is_list(place):
        asked = [ProposedField(path, field) for path, field in fields_of(place, {})]
    else:
        asked = [_asked_at(room, place)]
    return ProposalForm(asked, room.text, room.names, data)


def _asked_at(room: NegotiationContext, place: Path) -> ProposedField:
    try:
        value = at(room.values, place)
    except NoSuchPath:
        value = None
    field = field_at(place)
    shown = element(place, room.values, room.text).places[0]
    field = type(field)(field.label, shown.kind, field.optional)
    line = at(room.values, place[:2]) if place[0] == "schedule" else {}
    return ProposedField((), field, value, str(line.get("element", "")))


def _fields(id: str, found: OutlineElement) -> list[dict[str, object]]:
    return [{"place": place, "href": href_to(id, place.path)} for place in found.places]
