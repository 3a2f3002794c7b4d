"""The registers of who works with whom, filled in: students by name or from a roster, several at once; and schools and programs."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from throughway.agreements.document import OWN_RECORDS
from throughway.casework.forms import DIGITS, AssignForm, EndSiteForm, SiteForm
from throughway.casework.name_search import FoundStudents, find_students, read_students
from throughway.casework.views.caseloads import keepers
from throughway.consent.contested_parts import contested_in_words
from throughway.core.prose import counted, day
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.gate.actions.caseloads import assign_students
from throughway.gate.actions.sites import assign_site, site_names, students_at
from throughway.partners.assigning import end_site
from throughway.partners.page_access import ActingRequest, again_for, refusal_at
from throughway.partners.permissions import may_keep_people
from throughway.partners.selectors import (
    assignments_open_to,
    members,
    own_kind,
    partner_names,
    partners,
    site_assignments_open_to,
)
from throughway.partners.site_assignment import Site, SiteKind

LARGEST_ROSTER = 600  # students of one page


@keepers
def assign(request: ActingRequest) -> HttpResponse:
    """Finds students of the reader's own organization, by name or from a roster, and assigns the chosen ones. Names are sent in the body
    of a request, never in an address."""
    actor, today = request.actor, date.today()
    names = site_names(actor.partner or "", actor)
    chosen = (
        members().filter(pk=request.GET["person"]).first()
        if request.GET.get("person", "").isdecimal()
        else None
    )
    form = AssignForm(
        request.POST or None,
        sites=[
            (_value(site), name)
            for site, name in sorted(names.items(), key=lambda s: (s[0].kind, s[1].casefold()))
        ],
        initial={
            "first": today,
            "email": chosen.email if chosen and _keeps(request, chosen.partner_id) else "",
        },
    )
    found, searched = FoundStudents(), False
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        if "assign" in request.POST:
            with refusal_at(form):
                new = assign_students(
                    email=given["email"],
                    records=given["students"],
                    first=given["first"],
                    last=given["last"],
                    by=actor,
                )
                many = counted(len(given["students"]), "student")
                already = (
                    ""
                    if new == len(given["students"])
                    else f" {len(given['students']) - new} were there already."
                )
                messages.success(request, f"{many} assigned to {given['email'].lower()}.{already}")
                return redirect("casework:assign")
        else:
            with refusal_at(form):
                found, searched = (
                    _found(request, given["words"], _site(given["site"]), given["group"], today),
                    True,
                )
    if "assign" in request.POST:  # refused: those ticked are shown again
        found = _ticked(request, today)
    there = {a.record for a in assignments_open_to(actor) if a.email == form["email"].value() and a.on(today)}
    context = {
        "form": form,
        "found": [(id, who, id in there) for id, who in found.students],
        "more": found.more,
        "unindexed": found.unindexed,
        "statements": contested_in_words(found.statements),
        "searched": searched,
        "has_students": bool(names),
        "everyone": "assign" in request.POST or (searched and not form.cleaned_data["words"]),
    }
    return render(request, "casework/assign.html", context, status=422 if form.errors else 200)


def _found(request: ActingRequest, words: str, site: Site | None, group: str, today: date) -> FoundStudents:
    """The students whose name has these words, or the roster of a site; under the reader's right to its partner's own records."""
    access = enter(actor=request.actor, purpose=OWN_RECORDS)
    if site is None:
        return find_students(access, words, today)
    numbers = students_at(site, today, request.actor)
    if len(numbers) > LARGEST_ROSTER:
        raise Refused(
            f"More than {LARGEST_ROSTER} students are there today; search by name, or send a list with `throughway caseload add`.",
            code="too_many",
        )
    return read_students(access, numbers.tolist(), today, words=words, group=group)


def _ticked(request: ActingRequest, today: date) -> FoundStudents:
    """Those ticked in a form that is shown again, as far as they are the reader's own."""
    ticked = {int(n) for n in request.POST.getlist("students") if n.isdecimal() and len(n) < DIGITS}
    access = enter(actor=request.actor, purpose=OWN_RECORDS)
    own = ticked & set(access.reached("person").tolist()) if ticked else set()
    return read_students(access, sorted(own), today)


def _keeps(request: ActingRequest, partner: str) -> bool:
    return may_keep_people(request.actor, own_kind(request.actor), partner)


def _value(site: Site) -> str:
    return f"{site.kind}:{site.id}"


def _site(value: str) -> Site | None:
    kind, _, id = value.partition(":")
    return Site(SiteKind(kind), id) if value else None


@keepers
def sites(request: ActingRequest) -> HttpResponseBase:
    """Who is responsible for which school or program; a POST adds or ends one."""
    kept = [id for id in partners() if _keeps(request, id)]
    of = request.GET.get("partner", "")
    of = of if of in kept else (request.actor.partner or "")
    return again_for(_sites, request, of, of, kept)


def _sites(request: ActingRequest, of: str, kept: Sequence[str]) -> HttpResponse:
    actor, today = request.actor, date.today()
    names = site_names(of, actor)
    people = members(of).open()
    form = SiteForm(
        request.POST if "add" in request.POST else None,
        people=[(p.email, f"{p.email}, {p.get_role_display().lower()}") for p in people],
        sites=[
            (_value(site), name)
            for site, name in sorted(names.items(), key=lambda s: (s[0].kind, s[1].casefold()))
        ],
        initial={"first": today},
    )
    here = f"{reverse('casework:sites')}?partner={of}"
    if "end" in request.POST and (ending := EndSiteForm(request.POST)).is_valid():
        site = Site(SiteKind(ending.cleaned_data["kind"]), ending.cleaned_data["site"])
        ended = end_site(
            email=ending.cleaned_data["email"], site=site, last=today - timedelta(days=1), by=actor
        )
        messages.success(
            request,
            f"{ended[0].email} no longer sees these students. The ledger keeps what was seen until then.",
        )
        return redirect(here)
    if form.is_bound and form.is_valid():
        with refusal_at(form):
            given = form.cleaned_data
            (site,) = (each for each in names if _value(each) == given["site"])
            assign_site(email=given["email"], site=site, first=given["first"], last=given["last"], by=actor)
            messages.success(
                request, f"{given['email']} is responsible for {names[site]} from {day(given['first'])}."
            )
            return redirect(here)
    lines = [
        (a, names.get(a.site, a.site.id), _standing(a.first, a.last, today))
        for a in sorted(site_assignments_open_to(actor), key=lambda a: (a.email, a.site, a.first))
        if a.partner == of
    ]
    context = {
        "form": form,
        "now": [line for line in lines if line[2][0] != "past"],
        "ended": [line for line in lines if line[2][0] == "past"],
        "at": partner_names()[of],
        "others": [(id, partner_names()[id]) for id in kept if id != of],
        "has_sites": bool(names),
    }
    return render(request, "casework/sites.html", context, status=422 if form.errors else 200)


def _standing(first: date, last: date | None, today: date) -> tuple[str, str]:
    """The kind and the text of a tag."""
    if last is not None and last < today:
        return "past", "ended"
    if first > today:
        return "wait", f"from {day(first)}"
    return ("ok", "now") if last is None else ("warn", f"until {day(last)}")
