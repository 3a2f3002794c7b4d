"""Caseloads, for those who keep the register: each caseload, and how to end one assignment."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from throughway.casework.forms import EndForm
from throughway.core.prose import day
from throughway.gate.actions.caseloads import number_of
from throughway.ledger.forms import StudentForm
from throughway.partners.actor import OFFICERS
from throughway.partners.assigning import end_assignments
from throughway.partners.caseload import Assigned
from throughway.partners.models import User
from throughway.partners.page_access import ActingRequest, again_for, refusal_at, screen
from throughway.partners.permissions import may_keep_people
from throughway.partners.selectors import assignments_open_to, colleagues, members, own_kind, partner_names

keepers = screen(*OFFICERS, person=True)


@keepers
def caseloads(request: ActingRequest) -> HttpResponse:
    """Everyone who works with students, with the number of students. A POST finds who works with one student, by a partner's record
    key."""
    names, people, today = partner_names(), {m.email: m for m in members()}, date.today()
    seen = assignments_open_to(request.actor)
    now = Counter(a.email for a in seen if a.on(today))
    lines = [
        (
            people[email],
            names[people[email].partner_id],
            now[email],
            len({a.record for a in seen if a.email == email}),
        )
        for email in sorted({a.email for a in seen} & people.keys(), key=lambda e: (people[e].partner_id, e))
    ]
    own = own_kind(request.actor)
    form = StudentForm(
        request.POST if request.method == "POST" else None,
        partners={id: name for id, name in names.items() if may_keep_people(request.actor, own, id)},
    )
    context = {"lines": lines, "students": len({a.record for a in seen if a.on(today)}), "form": form}
    if form.is_bound and form.is_valid():
        with refusal_at(form, "record_key"):
            record = number_of(**form.cleaned_data, by=request.actor)
            found = [a for a in seen if a.record == record and a.email in people]
            context |= {
                "found": [
                    (people[a.email], names[people[a.email].partner_id], a, _status(a, today)) for a in found
                ],
                "record": record,
            }
    return render(request, "casework/caseloads.html", context, status=422 if form.errors else 200)


@keepers
def caseload(request: ActingRequest, number: int) -> HttpResponse:
    """One caseload: current and ended assignments."""
    person, seen = _of(request, number)
    today, names = date.today(), partner_names()
    assignments = [
        (a, names.get(a.partner, a.partner), _status(a, today))
        for a in sorted(seen, key=lambda a: (a.partner, a.record, a.first))
    ]
    of = {name for _, name, _ in assignments}
    context = {
        "person": person,
        "at": names[person.partner_id],
        "several": len(of) > 1,
        "of": min(of),
        "now": [line for line in assignments if line[0].last is None or line[0].last >= today],
        "ended": sorted(
            (line for line in assignments if line[0].last is not None and line[0].last < today),
            key=lambda line: (line[0].last, line[0].record),
            reverse=True,
        ),
        "students": len({a.record for a in seen if a.on(today)}),
    }
    return render(request, "casework/caseload.html", context)


@keepers
def end(request: ActingRequest, number: int, record: int) -> HttpResponseBase:
    """Shows the effect of ending an assignment; a POST ends it."""
    person, seen = _of(request, number)
    going_on = [a for a in seen if a.record == record and (a.last is None or a.last >= date.today())]
    if not going_on:
        raise Http404
    own = request.actor.partner or ""
    concerned = {person.partner_id, *(a.partner for a in going_on)}
    return again_for(_end, request, own if own in concerned else person.partner_id, person, going_on)


def _end(request: ActingRequest, person: User, going_on: Sequence[Assigned]) -> HttpResponse:
    today, record, number = date.today(), going_on[0].record, person.pk
    form = EndForm(
        request.POST if request.method == "POST" else None,
        initial={"last": today - timedelta(days=1)},
        colleagues=colleagues(person.email),
    )
    if form.is_bound and form.is_valid():
        with refusal_at(form, "last"):
            last = form.cleaned_data["last"]
            to = form.cleaned_data["to"]
            end_assignments(email=person.email, record=record, last=last, to=to, by=request.actor)
            when = "is no longer" if last < today else f"stays until {day(last)}"
            messages.success(
                request,
                f"Student {record} {when} on the list of {person.email}.{f' {to} takes over.' if to else ''}",
            )
            return redirect("casework:caseload", number)
    context = {"person": person, "record": record, "first": min(a.first for a in going_on), "form": form}
    return render(request, "casework/end_assignment.html", context, status=422 if form.errors else 200)


def _of(request: ActingRequest, number: int) -> tuple[User, list[Assigned]]:
    """The user with that number and the part of the caseload that the reader may see; Http404 where there is none."""
    person = members().filter(pk=number).first()
    seen = [a for a in assignments_open_to(request.actor) if person and a.email == person.email]
    if person is None or not seen:
        raise Http404
    return person, seen


def _status(a: Assigned, today: date) -> tuple[str, str]:
    """The kind and the text of a tag."""
    if a.on(today):
        return ("ok", "now") if a.last is None else ("warn", f"until {day(a.last)}")
    return (
        ("wait", "to come")
        if a.first > today and (a.last is None or a.last >= a.first)
        else ("past", "ended")
    )
