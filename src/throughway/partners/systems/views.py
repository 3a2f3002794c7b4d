"""The pages of the register of data systems: what a partner keeps, and the statements of its keepers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from throughway.core.prose import capital
from throughway.core.refusals import Refused
from throughway.partners.actor import CUSTODIANS, Actor
from throughway.partners.kinds import PartnerFacts
from throughway.partners.models import DataSystem
from throughway.partners.page_access import ActingRequest, FormScreen, ScreenView, done, screen
from throughway.partners.permissions import may_keep_systems
from throughway.partners.selectors import acts_for, known, own_kind
from throughway.partners.systems import actions, selectors
from throughway.partners.systems.forms import SystemForm
from throughway.partners.systems.system import Origin, periods
from throughway.vocabulary import TABLES
from throughway.vocabulary.labels import element_words, table_words


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
        "may_keep": _keeps(request.actor, id),
        "loaded": any(system.origin == Origin.LOADS for system, _ in in_use),
        "nobody": next((s for s, _ in in_use if not s.owner), None),
    }
    return render(request, "partners/systems.html", context)


class SystemPage(FormScreen):
    """The statement about a system and its history; without a number, the form of a new one."""

    roles = CUSTODIANS
    form_class = SystemForm
    template_name = "partners/system.html"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.partner = kept_partner(self.actor, kwargs["id"])
        self.system = selectors.system(self.partner.id, kwargs["number"]) if "number" in kwargs else None

    def owner(self) -> str:
        return self.partner.id

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.system}

    def act(self, form: SystemForm) -> HttpResponse:
        id, statement = self.partner.id, form.said()
        if self.system:
            number = self.system.pk
            actions.change_system(partner=id, number=number, statement=statement, by=self.actor)
            message = (
                f"Saved. Everyone who drafts with {self.partner.name} sees {statement.name} as it is now."
            )
        else:
            actions.add_system(partner=id, statement=statement, by=self.actor)
            message = f"{statement.name} is in the register."
        return done(self.request, message, "partners:systems", id)

    def field_of(self, refused: Refused) -> str | None:
        return {"exists": "name", "missing_note": "note"}.get(refused.code)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        changes = self.system.events.order_by("-id") if self.system else ()
        return super().get_context_data(**more, partner=self.partner, system=self.system, changes=changes)


class RetireSystem(ScreenView):
    roles = CUSTODIANS
    act = staticmethod(actions.retire_system)
    message = "{} is out of use. It stays on record, and can be taken into use again."

    def owner(self) -> str:
        return str(self.kwargs["id"])

    def post(self, request: ActingRequest, id: str, number: int) -> HttpResponse:
        kept_partner(self.actor, id)
        system = self.act(partner=id, number=number, by=self.actor)
        return done(request, self.message.format(system.name), "partners:systems", id)


class RestoreSystem(RetireSystem):
    act = staticmethod(actions.restore_system)
    message = "{} is in use again."


def _tables(system: DataSystem) -> Iterator[HeldTable]:
    holdings = system.statement.holdings
    for table, (first, last) in periods(holdings).items():
        held = {h.column for h in holdings if h.table == table}
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


def kept_partner(actor: Actor, id: str) -> PartnerFacts:
    """The partner; 404 where the reader may not change its systems."""
    partner = known(id)
    if not _keeps(actor, id):
        raise Http404
    return partner


def _keeps(actor: Actor, id: str) -> bool:
    return may_keep_systems(actor, own_kind(actor), id) and acts_for(actor, id, unattended=True)
