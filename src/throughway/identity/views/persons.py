"""The screens of persons: counts of records and persons; one person's records, with names on request; and looking somebody up."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from throughway.agreements.selectors import may_link
from throughway.consent.contested_parts import contested_in_words
from throughway.core.refusals import Refused
from throughway.gate.actions import person_of
from throughway.identity import selectors
from throughway.identity.actions import lookup, person_history
from throughway.identity.actions.asked_linkage import ask_for_linkage, asked_run
from throughway.identity.forms import LookUpForm
from throughway.identity.models import IdentityEvent
from throughway.identity.person_counts import overview
from throughway.identity.person_ids import PersonEventKind
from throughway.identity.review.name_rule import sentences
from throughway.identity.review.selectors import linkage_openings, name_rules, undecided
from throughway.ledger.forms import StudentForm
from throughway.ledger.visibility import sight
from throughway.partners.actor import Actor, Role
from throughway.partners.page_access import ActingRequest, done, refusal_told, screen
from throughway.partners.selectors import partner_names
from throughway.vocabulary.labels import element_words

NOT_LINKED = (  # for readers who run no commands
    "Nobody can be looked up today: records changed, and have not been compared again since. Ask a data steward to run linkage."
)


def check_keeps_all(actor: Actor) -> None:
    """404 except for users of a partner that keeps all records, who alone may see single persons."""
    if not sight(actor).everything:
        raise Http404


@screen(Role.DATA_STEWARD, Role.PRIVACY_OFFICER)
def persons(request: ActingRequest) -> HttpResponse:
    """Only counts: of all partners for users of a partner that keeps all records, otherwise of the reader's own partner. htmx asks only
    how the run of linkage goes; a load's page (`?run`) only where there is one."""
    if request.htmx:
        links = may_link(request.actor, date.today())
        asked = asked_run() if links or sight(request.actor).everything else None
        run = "run" in request.GET
        shown = {"asked": asked, "may_link": links and not run, "run": run and links, "counts": True}
        return render(request, "identity/linkage.html", shown)
    return _persons(request, StudentForm(partners=partner_names()))


@screen(Role.DATA_STEWARD, Role.PRIVACY_OFFICER)
@require_POST
def start_linkage(request: ActingRequest) -> HttpResponse:
    """Asks the background process to link; the page of persons tells how it goes."""
    if not may_link(request.actor, date.today()):
        raise Http404
    with refusal_told(request):
        ask_for_linkage(full="full" in request.POST, by=request.actor)
    return redirect("identity:persons")


@screen(Role.DATA_STEWARD, person=True)
def find(request: ActingRequest) -> HttpResponse:
    """Redirects from a partner's record key, which stays in the request's body, to the person."""
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


def _persons(request: ActingRequest, form: StudentForm, status: int = 200) -> HttpResponse:
    actor, names = request.actor, partner_names()
    keeps_all, links = sight(actor).everything, may_link(actor, date.today())
    counts = selectors.tallied()
    own = counts if keeps_all or actor.partner in counts.persons else None
    context = {
        "form": form if keeps_all and actor.role == Role.DATA_STEWARD else None,
        "keeps_all": keeps_all,
        "counts": own,
        "own_records": counts.records.get(actor.partner or "", 0),
        "own_persons": counts.persons.get(actor.partner or "", 0),
        "rows": overview(counts, names, of=None if keeps_all else actor.partner) if own else [],
        "columns": sorted(names.get(partner, partner) for partner in counts.persons),
        "seen": [
            (partners, persons, 100 * persons / (counts.all_persons or 1))
            for partners, persons in sorted(counts.seen_by.items())
            if keeps_all
        ],
        "runs": selectors.runs() if keeps_all else [],
        "last": (last := selectors.last_run()),
        "undecided": undecided() if keeps_all and last is not None else None,
        "names_alone": list(sentences(name_rules(), names)) if keeps_all else [],
        "may_link": links,
        "asked": asked_run() if keeps_all or links else None,
    }
    return render(request, "identity/persons.html", context, status=status)


@screen(Role.DATA_STEWARD, person=True)
def person(request: ActingRequest, person: int) -> HttpResponse:
    """The records of one person. A POST requests names under a purpose, which is a disclosure."""
    check_keeps_all(request.actor)
    known = selectors.known_person(person)
    if known is None:
        raise Http404
    names = partner_names()
    purposes = {each.purpose: each for each in linkage_openings(request.actor)}
    context: dict[str, Any] = {
        "known": known,
        "records": [(record, names.get(record.partner, record.partner)) for record in known.records],
        "partners": len({record.partner for record in known.records}),
        "purposes": list(purposes.values()),
        "events": [(e, selectors.TITLES[e.kind], selectors.event_text(e, person)) for e in known.events],
    }
    if request.method == "POST":
        context |= _named(request, known, names)
    return render(request, "identity/person.html", context)


def _named(request: ActingRequest, known: selectors.KnownPerson, names: Mapping[str, str]) -> dict[str, Any]:
    found = lookup.names_of(
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
                [(element_words(name), value) for name, value in n.values.items()],
            )
            for n in found.records
        ],
        "alike": [(partner_of.get(a.one, ""), partner_of.get(a.other, ""), a) for a in found.alike],
        "disclosures": found.disclosures,
        "statements": contested_in_words(found.statements),
    }


@screen(Role.DATA_STEWARD, person=True)
def undo(request: ActingRequest, event: int) -> HttpResponse:
    """The confirmation page for undoing a merge or a split; a POST undoes it."""
    check_keeps_all(request.actor)
    found = IdentityEvent.objects.filter(pk=event).select_related("undone_by").first()
    if found is None or not found.can_be_undone:
        raise Http404
    if request.method == "POST":
        person_history.undo(event=event, by=request.actor)
        return done(
            request,
            "It is undone, and later runs of linkage respect that.",
            "identity:person",
            min(map(int, found.before)),
        )
    return render(
        request, "identity/undo.html", {"event": found, "merged": found.kind == PersonEventKind.MERGED}
    )


@screen(Role.DATA_STEWARD, Role.CASE_WORKER, Role.PROGRAM_MANAGER, Role.EVALUATOR, person=True)
def look_up(request: ActingRequest) -> HttpResponse:
    """For readers to whom an agreement opens linkage; 404 for others. The candidates are shown only in the response to a POST, and the
    description is never in an address or a log."""
    purposes = linkage_openings(request.actor)
    if not purposes:
        raise Http404
    form = LookUpForm(request.POST if request.method == "POST" else None, purposes=purposes)
    opens_persons = request.actor.role == Role.DATA_STEWARD and sight(request.actor).everything
    context: dict[str, object] = {
        "form": form,
        "leads_on": opens_persons,
        "works": request.actor.role in (Role.CASE_WORKER, Role.PROGRAM_MANAGER),
    }
    if form.is_valid():
        try:
            found = lookup.look_up(**form.cleaned_data, by=request.actor)
        except Refused as refused:
            if refused.code not in ("too_little", "not_linked"):
                raise
            runs_commands = opens_persons or refused.code != "not_linked"
            form.add_error(None, refused.message if runs_commands else NOT_LINKED)
        else:
            names = partner_names()
            context |= {
                "found": found,
                "statements": contested_in_words(found.statements),
                "candidates": [
                    (each, [(names.get(r.partner, r.partner), r) for r in each.records])
                    for each in found.candidates
                ],
            }
    return render(request, "identity/look_up.html", context, status=422 if form.errors else 200)
