"""The pages of the register of data systems: what a partner keeps, and the statements of its keepers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from throughway.core.prose import capital
from throughway.core.refusals import Refused
from throughway.partners.actor import CUSTODIANS
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.permissions import may_keep_systems
from throughway.partners.selectors import known, own_kind
from throughway.partners.systems import actions, selectors
from throughway.partners.systems.forms import SystemForm
from throughway.partners.systems.system import Origin, RegisteredSystem
from throughway.vocabulary import TABLES
from throughway.vocabulary.labels import element_words, table_words

keepers = screen(*CUSTODIANS)


@dataclass(frozen=True)
class HeldTable:
    """One table of a system for display; `items` is empty where exactly the elements of the wildcard are held."""

    words: str
    items: tuple[str, ...]
    first: date | None
    last: date | None


@screen()
def systems(request: ActingRequest, id: str) -> HttpResponse:
    """What a partner keeps, for everyone who shares here."""
    partner = known(id)
    found = selectors.all_systems(id)
    in_use = [(system, list(_tables(system))) for system in found if system.retired is None]
    context = {
        "partner": partner,
        "systems": in_use,
        "retired": [system for system in found if system.retired],
        "may_keep": _may_keep(request, id),
        "loaded": any(system.origin is Origin.LOADS for system, _ in in_use),
        "nobody": next((s for s, _ in in_use if not s.owner), None),
    }
    return render(request, "partners/systems.html", context)


@keepers
def new_system(request: ActingRequest, id: str) -> HttpResponse:
    _check(request, id)
    return _form(request, id, None)


@keepers
def one_system(request: ActingRequest, id: str, number: int) -> HttpResponse:
    """Changes the statement about a system, and shows its history."""
    _check(request, id)
    return _form(request, id, selectors.system(id, number))


@keepers
@require_POST
def retire(request: ActingRequest, id: str, number: int) -> HttpResponse:
    _check(request, id)
    system = actions.retire_system(partner=id, number=number, by=request.actor)
    messages.success(
        request, f"{system.name} is out of use. It stays on record, and can be taken into use again."
    )
    return redirect("partners:systems", id)


@keepers
@require_POST
def restore(request: ActingRequest, id: str, number: int) -> HttpResponse:
    _check(request, id)
    system = actions.restore_system(partner=id, number=number, by=request.actor)
    messages.success(request, f"{system.name} is in use again.")
    return redirect("partners:systems", id)


def _form(request: ActingRequest, id: str, system: RegisteredSystem | None) -> HttpResponse:
    """The form of a system, new where there is none; saved when it is sent and right."""
    form = SystemForm(request.POST if request.method == "POST" else None, system=system)
    partner = known(id)
    if form.is_valid():
        statement, by = form.said(), request.actor
        try:
            if system:
                actions.change_system(partner=id, number=system.id, statement=statement, by=by)
                message = (
                    f"Saved. Everyone who drafts with {partner.name} sees {statement.name} as it is now."
                )
            else:
                actions.add_system(partner=id, statement=statement, by=by)
                message = f"{statement.name} is in the register."
        except Refused as refused:
            _blame(form, refused)
        else:
            messages.success(request, message)
            return redirect("partners:systems", id)
    context = {
        "partner": partner,
        "form": form,
        "system": system,
        "tables": list(form.tables),
        "changes": selectors.changes(system.id) if system else [],
    }
    return render(request, "partners/system.html", context, status=422 if form.errors else 200)


def _blame(form: SystemForm, refused: Refused) -> None:
    """Places the error where it must be fixed: at a name or an office, otherwise above the form."""
    at = {"exists": "name", "missing_name": "name", "missing_note": "note"}.get(refused.code)
    form.add_error(at, refused.message)


def _tables(system: RegisteredSystem) -> Iterator[HeldTable]:
    for table, (first, last) in system.periods.items():
        held = {h.column for h in system.holdings if h.table == table}
        words = table_words(table)
        if table not in TABLES:  # of an earlier vocabulary
            yield HeldTable(words, tuple(map(element_words, sorted(held))), first, last)
            continue
        elements = TABLES[table].elements.values()
        wild = {e.name for e in elements if not e.restricted}
        shown = held - wild if wild <= held else held - {"person_id"}
        items = tuple(element_words(e.name) for e in elements if e.name in shown)
        words = capital(words)
        yield HeldTable(f"{words}, whole" if wild <= held else words, items, first, last)


def _may_keep(request: ActingRequest, partner: str) -> bool:
    return may_keep_systems(request.actor, own_kind(request.actor), partner)


def _check(request: ActingRequest, partner: str) -> None:
    """404 for a partner whose systems the reader may not change."""
    known(partner)
    if not _may_keep(request, partner):
        raise Http404
