"""The screens of agreements: all of them, one of them, its SQL, an act on it, and the review of a draft."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements import actions, permissions
from throughway.agreements.acting import BUTTONS, asking
from throughway.agreements.document import read_document
from throughway.agreements.drawing import across, node_of, upright
from throughway.agreements.findings import FORMAT, Finding, Severity
from throughway.agreements.flows import directions, flows
from throughway.agreements.forms import DraftForm, ReasonForm
from throughway.agreements.grants import shortfall
from throughway.agreements.history import told
from throughway.agreements.lifecycle import OPEN, Act, Standing, State
from throughway.agreements.listing import about, count_blocking, lines, may_see
from throughway.agreements.naming import KIND_WORDS, TIER_WORDS, day
from throughway.agreements.passages import passages
from throughway.agreements.progress import Deed, acts, held_by, moves_on, steps, tag
from throughway.agreements.reading import (
    deeds,
    findings_of_open,
    findings_on,
    reviewed,
    sql_of,
    standings,
    wider,
)
from throughway.agreements.sql import whole
from throughway.agreements.words import PartyRole
from throughway.partners import Actor, PartnerFacts
from throughway.partners.reading import partners
from throughway.partners.screens import ActingRequest, screen
from throughway.refusals import Refused

GRAVITY = {  # the tag of each severity, and its word
    Severity.BLOCKING: ("stop", "must be cured"),
    Severity.WARNING: ("warn", "warning"),
    Severity.ADVICE: ("tip", "advice"),
}


@screen()
def all_agreements(request: ActingRequest) -> HttpResponse:
    today = date.today()
    found = lines(request.actor, standings(today), findings_of_open(today), partners(), today)
    return render(
        request,
        "agreements/list.html",
        {
            "lines": found,
            "in_effect": sum(line.tag.kind in ("ok", "warn") for line in found),
            "waiting": [line for line in found if line.waits_for_reader],
            "may_add": permissions.can_add(request.actor),
        },
    )


@screen()
def one_agreement(request: ActingRequest, id: str) -> HttpResponse:
    today, register = date.today(), partners()
    found = _visible(request, id, today, register)
    names = {p: facts.name for p, facts in register.items()}
    document, above = found.document, wider(found, today)
    review, done = findings_on(document), deeds(id)
    blocking, lacking = count_blocking(review), shortfall(found, above) if found.in_effect else ()
    open_to = acts(request.actor, found, blocking, today)
    next_act = next((act for act in open_to if moves_on(act)), None)
    drawn = directions(document, names)
    houses = frozenset(names.get(p, p) for p in document.parties_with(PartyRole.STEWARD))
    describe = node_of({facts.name: KIND_WORDS[facts.kind] for facts in register.values()}, houses)
    return render(
        request,
        "agreements/one.html",
        {
            "document": document,
            "version": found.version,
            "tier": TIER_WORDS[document.tier],
            "tag": tag(found, blocking, lacking, today),
            "about": about(document),
            "above": [s.document for s in above if may_see(request.actor, s.document, register)],
            "steps": steps(found, done, blocking, names),
            "signatures": _signatures(found, done, names),
            "why_held": _why_suspended(found, done),
            "held_by": held_by(found, blocking, lacking, names, today),
            "is_blocked": blocking > 0 and found.state in OPEN,
            "may_add": permissions.can_add(request.actor),
            "next": next_act and asking(next_act, found, request.actor.partner or "", names),
            "next_title": next_act
            and _lower(asking(next_act, found, request.actor.partner or "", names).title),
            "next_button": next_act and BUTTONS[next_act],
            "others": [(act.value, BUTTONS[act]) for act in open_to if act is not next_act],
            "directions": drawn,
            "flows": flows(document, names),
            "wide": across(drawn, describe) if drawn else None,
            "narrow": upright(drawn, describe) if drawn else None,
            "passages": passages(document, names, review, sql_of(found, today)),
            "counted": _counted(review),
            "history": told(done, found.version, names),
        },
    )


@screen()
def as_sql(request: ActingRequest, id: str) -> HttpResponse:
    today = date.today()
    found = _visible(request, id, today, partners())
    text = whole(found, sql_of(found, today))
    if request.GET.get("file"):
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{id}.sql"'
        return response
    context = {"document": found.document, "version": found.version, "sql": text}
    return render(request, "agreements/sql.html", context)


@screen()
def act_on(request: ActingRequest, id: str, act: str) -> HttpResponse:
    """Asks once more, saying what will happen; then does it. Who may not act meets an address that does not exist."""
    today, register = date.today(), partners()
    found = _visible(request, id, today, register)
    blocking = count_blocking(findings_on(found.document))
    chosen = next((a for a in acts(request.actor, found, blocking, today) if a.value == act), None)
    if chosen is None:
        raise Http404
    names = {p: facts.name for p, facts in register.items()}
    asked = asking(chosen, found, request.actor.partner or "", names)
    form = ReasonForm(request.POST or None) if asked.asks_why else None
    if request.method == "POST" and (form is None or form.is_valid()):
        reason = str(form.cleaned_data["reason"]) if form is not None else ""
        _do(chosen, id, request, reason)
        messages.success(request, asked.done)
        return redirect("agreements:one", id=id)
    context = {"document": found.document, "version": found.version, "asking": asked, "form": form}
    return render(request, "agreements/act.html", context)


def _do(act: Act, id: str, request: ActingRequest, reason: str) -> None:
    by = request.actor
    if act is Act.SIGN:
        actions.sign(id=id, by=by, version=str(request.POST.get("version", "")))
    elif act is Act.ACTIVATE:
        actions.activate(id=id, by=by)
    elif act is Act.RESUME:
        actions.resume(id=id, by=by)
    elif act is Act.SUSPEND:
        actions.suspend(id=id, by=by, reason=reason)
    elif act is Act.TERMINATE:
        actions.terminate(id=id, by=by, reason=reason)


@screen()
def review_draft(request: ActingRequest) -> HttpResponse:
    """Says what a draft lacks and what would cure it; keeps nothing unless its author adds it."""
    may_add = permissions.can_add(request.actor)
    form = DraftForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form, "may_add": may_add}
    if request.method == "POST" and form.is_valid():
        draft = str(form.cleaned_data["draft"])
        if "add" in request.POST:
            if not may_add:
                raise Http404
            added = actions.add(text=draft, by=request.actor)
            messages.success(request, f"Added: {added.document.title}. Its parties can read it now.")
            seen = may_see(request.actor, added.document, partners())
            return redirect("agreements:one", id=added.document.id) if seen else redirect("agreements:list")
        context |= _review_of(draft, request.actor)
        form = DraftForm(initial={"text": draft})
        context["form"] = form
    return render(request, "agreements/review.html", context)


def _review_of(draft: str, author: Actor) -> dict[str, object]:
    register = partners()
    try:
        found = reviewed(draft, sees=lambda document: may_see(author, document, register))
    except Refused as refused:
        found = [Finding("D1", Severity.BLOCKING, "", FORMAT, refused.message)]
    document, _ = read_document(draft)
    return {
        "draft": draft,
        "document": document,
        "unreadable": found[0].message if found and found[0].id == "D1" else "",
        "groups": [
            (kind, word, [f for f in found if f.severity is severity])
            for severity, (kind, word) in GRAVITY.items()
            if any(f.severity is severity for f in found)
        ],
        "blocking": count_blocking(found),
        "counted": _counted(found),
    }


def _visible(request: ActingRequest, id: str, today: date, register: Mapping[str, PartnerFacts]) -> Standing:
    """The agreement, when the reader may see it; else an address that does not exist."""
    for found in standings(today):
        if found.document.id == id and may_see(request.actor, found.document, register):
            return found
    raise Http404


def _counted(found: Sequence[Finding]) -> list[tuple[str, str]]:
    """How many of each severity, as tags."""
    said = []
    for severity, one, more in (
        (Severity.BLOCKING, "must be cured", "must be cured"),
        (Severity.WARNING, "warning", "warnings"),
        (Severity.ADVICE, "piece of advice", "pieces of advice"),
    ):
        count = sum(f.severity is severity for f in found)
        if count:
            said.append((GRAVITY[severity][0], f"{count} {one if count == 1 else more}"))
    return said


def _signatures(found: Standing, done: Sequence[Deed], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each party with the day on which it signed the current text; empty when it has not."""
    days = {d.partner: day(d.day) for d in done if d.act is Act.SIGN and d.version == found.version}
    return [(names.get(p, p), days.get(p, "")) for p in found.document.partners]


def _why_suspended(found: Standing, done: Sequence[Deed]) -> str:
    """What the partner that suspended it last gave as its reason."""
    reasons = [d.why for d in done if d.act is Act.SUSPEND and d.version == found.version]
    return reasons[-1] if found.state is State.SUSPENDED and reasons else ""


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
