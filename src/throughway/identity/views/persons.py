"""Persons in the browser: how records became persons, in counts; one person's records; names for those who ask."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.consent.contested_parts import contested_in_words
from throughway.core.refusals import Refused
from throughway.gate.actions import person_of
from throughway.identity import actions, selectors
from throughway.identity.event_text import TITLES, sentence
from throughway.identity.person_counts import columns, overview, seen
from throughway.identity.person_ids import PersonEventKind
from throughway.identity.views.visibility import check_keeps_all, linkage_openings
from throughway.ledger.forms import StudentForm
from throughway.ledger.visibility import sight
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.roles import Role
from throughway.partners.selectors import partner_names
from throughway.vocabulary.labels import element_words


@screen(Role.DATA_STEWARD, Role.PRIVACY_OFFICER)
def persons(request: ActingRequest) -> HttpResponse:
    """Counts alone: of all partners for the steward's people, else of the reader's own partner."""
    return _persons(request, StudentForm(partners=partner_names()))


@screen(Role.DATA_STEWARD, person=True)
def find(request: ActingRequest) -> HttpResponse:
    """Leads from a partner's own key, which stays in the request's body, to the person."""
    check_keeps_all(request.actor)
    if request.method != "POST":
        return redirect("identity:persons")
    form = StudentForm(request.POST, partners=partner_names())
    if form.is_valid():
        try:
            return redirect("identity:person", person=person_of(**form.cleaned_data, by=request.actor))
        except Refused:
            form.add_error("record_key", "No record of that partner has this number.")
    return _persons(request, form, status=422)


@screen(Role.DATA_STEWARD, person=True)
def person(request: ActingRequest, person: int) -> HttpResponse:
    """The records of one person. A POST asks for names under a purpose, which is a reading like any other."""
    check_keeps_all(request.actor)
    known = selectors.known_person(person)
    if known is None:
        raise Http404
    names, purposes = partner_names(), linkage_openings(request.actor)
    context: dict[str, Any] = {
        "known": known,
        "records": [(record, names.get(record.partner, record.partner)) for record in known.records],
        "partners": len({record.partner for record in known.records}),
        "purposes": purposes,
        "happenings": [
            (h, TITLES.get(h.kind, h.kind), sentence(h.kind, person, h.before, h.after))
            for h in known.happenings
        ],
    }
    if request.method == "POST":
        context |= _named(request, known, names)
    return render(request, "identity/person.html", context)


@screen(Role.DATA_STEWARD, person=True)
def undo(request: ActingRequest, event: int) -> HttpResponse:
    """Asks whether a merge or a split is to be undone; a POST undoes it."""
    check_keeps_all(request.actor)
    found = selectors.event(event)
    if found is None or not found.can_be_undone:
        raise Http404
    if request.method == "POST":
        actions.undo(event=event, by=request.actor)
        messages.success(request, "It is undone, and later runs of linkage keep to it.")
        return redirect("identity:person", person=min(found.before))
    return render(
        request, "identity/undo.html", {"event": found, "merged": found.kind == PersonEventKind.MERGED}
    )


def _named(request: ActingRequest, known: selectors.KnownPerson, names: Mapping[str, str]) -> dict[str, Any]:
    found = actions.names_of(
        person=known.person,
        records=[record.record for record in known.records],
        purpose=request.POST.get("purpose", ""),
        by=request.actor,
    )
    partner_of = {record.record: names.get(record.partner, record.partner) for record in known.records}
    return {
        "named": [
            (
                partner_of.get(n.record, n.partner),
                n,
                [(element_words(name), value) for name, value in n.said.items()],
            )
            for n in found.records
        ],
        "alike": [(partner_of.get(a.one, ""), partner_of.get(a.other, ""), a) for a in found.alike],
        "disclosures": found.disclosures,
        "statements": contested_in_words(found.statements),
    }


def _persons(request: ActingRequest, form: StudentForm, status: int = 200) -> HttpResponse:
    actor, names = request.actor, partner_names()
    keeps_all = sight(actor).everything
    counts = selectors.tallied()
    own = counts if keeps_all or actor.partner in counts.persons else None
    context = {
        "form": form if keeps_all and actor.role == Role.DATA_STEWARD else None,
        "keeps_all": keeps_all,
        "counts": own,
        "own_records": counts.records.get(actor.partner or "", 0),
        "own_persons": counts.persons.get(actor.partner or "", 0),
        "rows": overview(counts, names, of=None if keeps_all else actor.partner) if own else [],
        "columns": columns(counts, names),
        "seen": seen(counts) if keeps_all else [],
        "runs": selectors.runs() if keeps_all else [],
        "last": selectors.last_run(),
    }
    return render(request, "identity/persons.html", context, status=status)
