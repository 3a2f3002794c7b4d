"""The screens of families' rights: requests to inspect and amend, limits, windows of opt-outs, incidents. No page names a student."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements.labels import day
from throughway.consent.amendment import STEPS, AmendmentState
from throughway.consent.contested_parts import element_text
from throughway.consent.inspection import InspectionOutcome
from throughway.consent.limit import LimitKind
from throughway.consent.selectors.rights import (
    amendments_of,
    incidents_of,
    inspections_of,
    limited,
    limits_of,
    nearly_named,
    windows_of,
)
from throughway.families import request_text, selectors
from throughway.families.actions import amendments, incidents, inspections, limits
from throughway.families.forms import (
    AmendRecordForm,
    CloseIncidentForm,
    CloseWindowForm,
    DayForm,
    DecisionForm,
    HearingForm,
    IncidentForm,
    InspectForm,
    InspectionOutcomeForm,
    LiftLimitForm,
    LimitForm,
    RefuseAmendmentForm,
    StatementForm,
    StudentNumberForm,
    WindowForm,
)
from throughway.partners.actor import CUSTODIANS, OFFICERS, Role
from throughway.partners.page_access import ActingRequest, refusal_at, screen
from throughway.partners.selectors import partner_names, partners
from throughway.vocabulary.labels import element_words, table_words

officers = screen(*OFFICERS, person=True)
receivers = screen(*CUSTODIANS, person=True)
LINES_SHOWN = 50  # lines of a register
MOST_ROWS = 200  # rows of one table on a page; further rows are counted


def new_page(
    request: ActingRequest,
    asked: type[forms.Form],
    act: Callable[..., Any],
    leads_to: str,
    *,
    title: str,
    headline: str,
    lead: str,
    button: str,
    back: tuple[str, str] = ("families:list", "Families’ requests"),
) -> HttpResponse:
    """The form for a new entry; once it is filled in, the page of the entry."""
    form = asked(request.POST or None)
    if form.is_valid():
        with refusal_at(form):
            return redirect(leads_to, code=act(**form.cleaned_data, by=request.actor).code)
    return render(
        request, "families/new.html",
        {"form": form, "title": title, "headline": headline, "lead": lead, "button": button, "back": back},
        status=400 if form.errors else 200,
    )  # fmt: skip


@officers
def requests(request: ActingRequest) -> HttpResponse:
    """Open requests to this partner, most urgent first; and answered ones."""
    today, own = date.today(), request.actor.partner or ""
    rows = [
        *(request_text.of_inspection(each, today) for each in inspections_of(own)),
        *(request_text.of_amendment(each, today) for each in amendments_of(own)),
        *(request_text.of_correction(each, own, today) for each in selectors.corrections(own)),
        *(request_text.of_incident(each, today) for each in incidents_of(own)),
    ]
    waiting = sorted((r for r in rows if r.open), key=lambda r: (r.due is None, r.due or today, r.code))
    return render(
        request,
        "families/list.html",
        {"waiting": waiting, "first": waiting[0] if waiting else None, "done": [r for r in reversed(rows) if not r.open],
         "limits": sum(each.on(today) for each in limits_of(own))},
    )  # fmt: skip


@officers
def new_inspection(request: ActingRequest) -> HttpResponse:
    return new_page(
        request,
        InspectForm,
        inspections.ask_to_inspect,
        "families:inspection",
        title="A request to inspect",
        headline="A family asks to see a student’s record",
        lead="You must show it within 45 days, or sooner where your State’s rules say so; the request’s page says by when. Until then, nothing in the record is destroyed.",
        button="Record the request",
    )


@officers
def inspection(request: ActingRequest, code: str) -> HttpResponse:
    """One request to inspect; gathering shows the record once, and comparing shows the names of who asks and of the adults whom orders
    limit, each under an entry of the ledger."""
    found, gathered, names = inspections.one(code, request.actor), None, None
    act = request.POST.get("act", "gather") if request.method == "POST" else ""
    if act == "gather":
        gathered = inspections.gather(code=found.code, by=request.actor)
        found = inspections.one(code, request.actor)
    elif act == "names":
        names = inspections.compare_names(code=found.code, by=request.actor)
    today = date.today()
    limit = limited(found.partner, found.record, found.holder, today)
    form = InspectionOutcomeForm(
        request.POST if act == "answer" else None, nothing_shown=limit is not None or found.gathered is None
    )
    if form.is_valid():
        with refusal_at(form):
            inspections.answer(code=found.code, **form.cleaned_data, by=request.actor)
            return redirect("families:inspection", code=found.code)
    kept_from = limited(found.partner, found.record, found.holder, today, LimitKind.CONTACT)
    others = [] if limit else inspections.others_limited(found, today)
    kind, words = request_text.clock(found.due, today) if found.open else ("ok", found.state)
    partners_named = partner_names()
    return render(
        request,
        "families/inspection.html",
        {"found": found, "steps": request_text.steps_of_inspection(found), "kind": kind, "words": words, "form": form, "limit": limit,
         "kept_from": None if limit else kept_from,
         "others": [(each, partners_named.get(each.partner, each.partner)) for each, _ in others if each != kept_from],
         "near": any(near for _, near in others), "names": names, "near_in_record": gathered is not None and gathered.near,
         "takes": request_text.TAKES, "no_right": request_text.NO_RIGHT_WORDS if found.how is InspectionOutcome.NO_RIGHT else None,
         "counts": [(table_words(name), n) for name, n in found.counts.items()],
         "left_out": [request_text.left_out(each) for each in found.left_out], "tables": _record_tables(gathered) if gathered else [],
         "statements": [(element_text(s.element), s.statement) for s in gathered.statements] if gathered else [],
         "how": request_text.HOW_WORDS[found.how] if found.how else "", "due": day(found.due)},
        status=400 if form.errors else 200,
    )  # fmt: skip


def _record_tables(gathered: inspections.RecordForInspection) -> list[dict[str, Any]]:
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


@dataclass(frozen=True)
class AmendmentAction:
    """A possible next step: the `name` of its action, its form, title, reason and button; `quiet`: folded away."""

    name: str
    form: type[forms.Form]
    title: str
    why: str
    button: str
    quiet: bool = False


AMENDING: Mapping[AmendmentState, Sequence[AmendmentAction]] = {
    AmendmentState.RECEIVED: (
        AmendmentAction("grant", DayForm, "Decide to amend it", "The record is inaccurate, misleading or violates the student’s privacy.", "Amend it"),
        AmendmentAction("refuse", RefuseAmendmentForm, "Decide not to amend it", "Give the family the reason and tell it about its right to a hearing.", "Do not amend it"),
    ),
    AmendmentState.REFUSED: (AmendmentAction("ask_hearing", DayForm, "The family asks for a hearing", "You have nothing to do until the family asks.", "Record its request"),),
    AmendmentState.HEARING_ASKED: (AmendmentAction("set_hearing", HearingForm, "Set the hearing", "Hold it within a reasonable time, and give the family notice of date, time and place.", "Set the hearing"),),
    AmendmentState.HEARING_SET: (
        AmendmentAction("hold_hearing", DayForm, "Hold the hearing", "The family may present evidence and bring an attorney or another person at its own expense.", "Record that it was held"),
        AmendmentAction("set_hearing", HearingForm, "Change the hearing", "Give the family notice of the new date, time and place.", "Change the hearing", quiet=True),
    ),
    AmendmentState.HEARD: (
        AmendmentAction("grant", DecisionForm, "Written decision to amend it", "Base it only on the evidence at the hearing.", "Amend it"),
        AmendmentAction("lose", DecisionForm, "Written decision not to amend it", "Tell the family about its right to place a statement in the record.", "Do not amend it"),
    ),
    AmendmentState.LOST: (AmendmentAction("state", StatementForm, "Place the family’s statement", "From then on, the statement appears wherever the contested part is shown.", "Place the statement"),),
    AmendmentState.AMENDING: (AmendmentAction("correct", DayForm, "Correct the record", "Correct it at its source or with the next load. Every partner that received it is then asked to correct it too.", "Record the correction"),),
}  # fmt: skip


NO_RIGHT = AmendmentAction(
    "no_right", DayForm, "Who asked holds no right", "The page then gives you the words for the requester.", "End the request"
)  # fmt: skip


@officers
def new_amendment(request: ActingRequest) -> HttpResponse:
    return new_page(
        request,
        AmendRecordForm,
        amendments.ask_to_amend,
        "families:amendment",
        title="A request to amend",
        headline="A family asks to amend a student’s record",
        lead="You must decide within a reasonable time. If you refuse, the family may ask for a hearing.",
        button="Record the request",
    )


@officers
def amendment(request: ActingRequest, code: str) -> HttpResponse:
    """One request to amend, with its possible next steps."""
    found, today = amendments.one(code, request.actor), date.today()
    limit = limited(found.partner, found.record, found.holder, today)
    acts = AMENDING.get(found.state, ())
    if found.state in STEPS["no_right"]:
        acts = (NO_RIGHT,) if limit else (*acts, replace(NO_RIGHT, quiet=True))
    others = [] if limit or found.state not in STEPS["no_right"] else inspections.others_limited(found, today)
    asked = next(
        (act for act in acts if request.method == "POST" and act.name == request.POST.get("act")), None
    )
    bound = asked.form(request.POST) if asked else None
    if asked and bound is not None and bound.is_valid():
        with refusal_at(bound):
            getattr(amendments, asked.name)(code=found.code, **bound.cleaned_data, by=request.actor)
            return redirect("families:amendment", code=found.code)
    names = partner_names()
    kind, words = request_text.clock(found.due, date.today()) if found.due else request_text.ended(found)
    shown = [
        (act, bound if act is asked and bound else act.form(auto_id=f"id_{act.name}_%s")) for act in acts
    ]
    return render(
        request,
        "families/amendment.html",
        {"found": found, "about": element_text(found.element), "steps": request_text.steps_of_amendment(found), "kind": kind,
         "limit": limit, "others": [(each, names.get(each.partner, each.partner)) for each, _ in others], "near": any(near for _, near in others),
         "no_right": request_text.NO_RIGHT_WORDS if found.state is AmendmentState.NO_RIGHT else None,
         "words": words, "acts": shown, "state": request_text.STATE_WORDS[found.state],
         "recipients": [(names.get(r.partner, r.partner), day(r.due), day(r.confirmed) if r.confirmed else "") for r in found.recipients]},
        status=400 if bound is not None and bound.errors else 200,
    )  # fmt: skip


@receivers
def correction(request: ActingRequest, code: str) -> HttpResponse:
    """An amendment of another partner's that this one must correct and confirm."""
    own = request.actor.partner or ""
    found = next((a for a in selectors.corrections(own) if a.code == code.upper()), None)
    if found is None:
        raise Http404
    form = DayForm(request.POST or None)
    if form.is_valid():
        with refusal_at(form):
            amendments.confirm(code=code, **form.cleaned_data, by=request.actor)
            return redirect("families:correction", code=found.code)
    mine = next(r for r in found.recipients if r.partner == own)
    facts = partners().get(found.partner)
    return render(
        request,
        "families/correction.html",
        {"found": found, "about": element_text(found.element), "mine": mine, "officer": request.actor.role != Role.LEADER, "due": day(mine.due), "form": form,
         "whose": facts.name if facts else found.partner, "row": request_text.of_correction(found, own, date.today())},
        status=400 if form.errors else 200,
    )  # fmt: skip


@officers
def limits_register(request: ActingRequest) -> HttpResponse:
    """The limits that orders set on adults: those in force, those that were lifted, and those about one student, found by the partner's own
    number, which is sent in the request's body."""
    today, own = date.today(), request.actor.partner or ""
    form = StudentNumberForm(request.POST or None)
    found = None
    if form.is_valid():
        with refusal_at(form):
            found = selectors.limits_about(form.cleaned_data["student"], request.actor)
    known = limits_of(own)[::-1]
    holding = [each for each in known if each.on(today)]
    lifted = [each for each in known if not each.on(today)]
    return render(
        request,
        "families/limits.html",
        {"form": form, "found": None if found is None else [request_text.of_limit(each, today) for each in found],
         "holding": [request_text.of_limit(each, today) for each in holding[:LINES_SHOWN]],
         "in_force": len(holding), "more": len(holding[LINES_SHOWN:]),
         "lifted": [request_text.of_limit(each, today) for each in lifted[:LINES_SHOWN]]},
        status=400 if form.errors else 200,
    )  # fmt: skip


@officers
def new_limit(request: ActingRequest) -> HttpResponse:
    return new_page(
        request,
        LimitForm,
        limits.limit,
        "families:limit",
        title="A limit on an adult",
        headline="An order limits the rights of an adult",
        lead="Without a court order or a binding document, both parents have full rights.",
        button="Record the limit",
        back=("families:limits", "Limits on an adult"),
    )


@officers
def limit(request: ActingRequest, code: str) -> HttpResponse:
    """One limit, its effect, and how it is lifted; a press shows the adult's name, and the ledger records it."""
    found = limits.one(code, request.actor)
    looked = request.POST.get("act") == "name"
    name = limits.name_of(code=found.code, by=request.actor) if looked else ""
    form = LiftLimitForm(None if looked else request.POST or None)
    if form.is_valid():
        with refusal_at(form):
            limits.lift(code=found.code, **form.cleaned_data, by=request.actor)
            return redirect("families:limit", code=found.code)
    holds = found.on(date.today())
    return render(
        request,
        "families/limit.html",
        {"found": found, "holds": holds, "near": nearly_named(found) if holds else 0, "looked": looked, "name": name, "form": form, "takes": request_text.TAKES[found.kind], "means": request_text.MEANS[found.kind],
         "silent": selectors.decisions_of_limited(found, date.today()) if holds and found.kind is LimitKind.RIGHTS else [],
         "since": day(found.since), "lifted": day(found.lifted) if found.lifted else ""},
        status=400 if form.errors else 200,
    )  # fmt: skip


@officers
def windows(request: ActingRequest) -> HttpResponse:
    today = date.today()
    closing = request.method == "POST" and request.POST.get("act") == "close"
    form = WindowForm(None if closing or request.method != "POST" else request.POST, today=today)
    close = CloseWindowForm(request.POST if closing else None)
    if close.is_valid():
        with refusal_at(close):
            limits.close_window(**close.cleaned_data, on=today, by=request.actor)
            return redirect("families:windows")
    elif form.is_valid():
        with refusal_at(form):
            limits.open_window(**form.cleaned_data, by=request.actor)
            return redirect("families:windows")
    rows = [request_text.of_window(each, today) for each in reversed(windows_of(request.actor.partner or ""))]
    return render(
        request, "families/windows.html", {"rows": rows, "open": next((r for r in rows if r.open), None), "form": form, "close": close},
        status=400 if form.errors or close.errors else 200,
    )  # fmt: skip


@officers
def new_incident(request: ActingRequest) -> HttpResponse:
    """First shows what the ledger has about the incident, without recording anything; then records it."""
    form = IncidentForm(request.POST or None)
    looked = None
    if form.is_valid():
        with refusal_at(form):
            if request.POST.get("act") == "look":
                where = {name: form.cleaned_data[name] for name in ("recipients", "since")}
                looked = incidents.incident_scope(**where, by=request.actor)
            else:
                made = incidents.record_incident(**form.cleaned_data, by=request.actor)
                return redirect("families:incident", code=made.code)
    return render(
        request,
        "families/new_incident.html",
        {"form": form, "looked": looked, "leaked": request_text.of_leaked(looked.leaked, partner_names()) if looked else []},
        status=400 if form.errors else 200,
    )  # fmt: skip


@officers
def incident(request: ActingRequest, code: str) -> HttpResponse:
    """One incident: what leaked to whom, according to the ledger, and who must be notified by when."""
    found = incidents.one(code, request.actor)
    closing = request.method == "POST" and request.POST.get("act") == "close"
    form = CloseIncidentForm(request.POST if closing else None)
    if closing and form.is_valid():
        with refusal_at(form):
            incidents.close_incident(code=found.code, **form.cleaned_data, by=request.actor)
            return redirect("families:incident", code=found.code)
    elif request.method == "POST" and not closing:
        incidents.told_of(code=found.code, agreement=request.POST.get("agreement", ""), by=request.actor)
        return redirect("families:incident", code=found.code)
    names = partner_names()
    return render(
        request,
        "families/incident.html",
        {"found": found, "since": day(date.fromisoformat(found.since)), "row": request_text.of_incident(found, date.today()), "form": form,
         "with": [names.get(id, id) for id in found.recipients], "students": sum(found.students.values()),
         "leaked": request_text.of_leaked(found.leaked, names),
         "entries": found.entries[:MOST_ROWS], "waits": [c for c in found.clocks if c.notified is None]},
        status=400 if form.errors else 200,
    )  # fmt: skip
