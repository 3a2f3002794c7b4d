"""The directory in the browser: what there is, one entry, and what its partner says of it."""

from collections import Counter
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.intake.formats import check_directory_file
from throughway.intake.safe_names import file_name
from throughway.measures.needs import CATEGORIES, RANK_WORDS, RECORDED_HELP
from throughway.partners.actor import Actor
from throughway.partners.page_access import ActingRequest, FormScreen, ScreenView, done, refusal_told, screen
from throughway.partners.selectors import acts_for, own_kind, partner_names
from throughway.supports import actions, selectors
from throughway.supports.actions import EntriesTaken
from throughway.supports.entry import SupportEntry
from throughway.supports.forms import SupportForm
from throughway.supports.permissions import KEEPERS, may_keep_entries
from throughway.vocabulary import CODE_SETS

FIELD_OF = {
    "exists": "name", "missing_name": "name", "protected_class": "citation", "bad_email": "email", "bad_website": "website",
    "bad_place": "latitude", "bad_cost": "cost",
}  # fmt: skip


@screen()
def directory(request: ActingRequest) -> HttpResponse:
    """Every open entry, those of the reader's partner first; with `?kind=` those of one kind."""
    today, own = date.today(), own_kind(request.actor)
    every = selectors.entries()
    here = [each for each in every if not each.closed]
    kinds = Counter(each.said.category for each in here)
    chosen = request.GET.get("kind", "")
    chosen = chosen if chosen in kinds else ""
    shown = [each for each in here if chosen in ("", each.said.category)]
    shown.sort(key=lambda each: each.partner != request.actor.partner)  # by name within
    mine = [each for each in here if each.partner == request.actor.partner]
    keeps = may_keep_entries(request.actor, own, request.actor.partner or "")
    context = {
        "count": len(here),
        "partners": len({each.partner for each in here}),
        "rows": [_row(each, today) for each in shown],
        "asks": [each for each in mine if keeps and each.asks_since(today) is not None],
        "kinds": [(code, words, kinds[code]) for code, words in CODE_SETS[CATEGORIES].items() if kinds[code]],
        "kind": chosen,
        "closed": [
            each for each in every if each.closed and may_keep_entries(request.actor, own, each.partner)
        ],
        "keeps": keeps,
    }
    return render(request, "supports/directory.html", context)


def _row(found: SupportEntry, on: date) -> dict[str, Any]:
    return {"entry": found, "said": found.said, "tag": status_tag(found, on)}


def status_tag(found: SupportEntry, on: date) -> tuple[str, str]:
    """The kind and the words of the tag: whether it can be offered today."""
    if found.closed:
        return "past", "closed"
    if not found.is_confirmed(on):
        return "warn", "not confirmed lately" if found.confirmed else "not confirmed yet"
    said = found.said
    if found.has_ended(on):
        return "past", "season has ended"
    if found.is_full(on):
        return "wait", "full"
    if said.starts and said.starts > on:
        return "wait", "season to come"
    return ("ok", said.seats_words) if said.seats_open else ("tip", "ask about seats")


@screen()
def one_entry(request: ActingRequest, number: int) -> HttpResponse:
    """One entry, for everyone who shares here; its keepers confirm and change it."""
    found, today = selectors.entry(number), date.today()
    keeps = _keeps(request.actor, found.partner)
    if found.closed and not keeps:
        raise Http404
    context = {
        "entry": found,
        "said": found.said,
        "tag": status_tag(found, today),
        "seats": found.seats_words(today),
        "keeps": keeps,
        "asks": keeps and found.asks_since(today) is not None,
        "stands": found.is_confirmed(today),
        "events": selectors.history(number) if keeps else (),
    }
    return render(request, "supports/entry.html", context)


@screen()
def needs(request: ActingRequest) -> HttpResponse:
    """The rules by which supports are matched with a student, for everyone who shares here."""
    rules = selectors.need_rules()
    told = [(each, each.survey) for each in rules.asked if each.survey is not None]
    context = {
        "rules": rules,
        "told": told,
        "order": [RANK_WORDS[each] for each in rules.order],
        "recorded_help": RECORDED_HELP,
    }
    return render(request, "supports/needs.html", context)


class SupportPage(FormScreen):
    """The form of an entry; without a number, of a new one."""

    roles = KEEPERS
    form_class = SupportForm
    template_name = "supports/change.html"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.entry = _kept(self.actor, kwargs["number"]) if "number" in kwargs else None

    def owner(self) -> str:
        return self.entry.partner if self.entry else self.request.POST.get("partner", "")

    @property
    def partners(self) -> dict[str, str]:
        """The partners for which the actor may enter supports, its own first."""
        mine = self.actor.partner or ""
        found = {id: name for id, name in partner_names().items() if _keeps(self.actor, id)}
        return {id: found[id] for id in sorted(found, key=lambda id: (id != mine, found[id]))}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "partners": self.partners,
            "said": self.entry.said if self.entry else None,
        }

    def act(self, form: SupportForm) -> HttpResponse:
        said = form.statement()
        if self.entry:
            found = actions.change_support(number=self.entry.number, said=said, by=self.actor)
            message = f"Saved and confirmed. Everyone sees {found.said.name} as it is now."
        else:
            partner = form.cleaned_data.get("partner") or next(iter(self.partners))
            found = actions.add_support(partner=partner, said=said, by=self.actor)
            message = f"{found.said.name} is in the directory."
        return done(self.request, message, "supports:entry", found.number)

    def field_of(self, refused: Refused) -> str | None:
        return FIELD_OF.get(refused.code)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(**more, entry=self.entry)


class ConfirmEntry(ScreenView):
    """One tap: the entry is still right."""

    roles = KEEPERS
    act = staticmethod(actions.confirm_support)
    message = "Confirmed. {} stays in the directory."

    def owner(self) -> str:
        return selectors.entry(self.kwargs["number"]).partner

    def post(self, request: ActingRequest, number: int) -> HttpResponse:
        _kept(self.actor, number)
        found = self.act(number=number, by=self.actor)
        return done(request, self.message.format(found.said.name), "supports:entry", number)


class CloseEntry(ConfirmEntry):
    act = staticmethod(actions.close_support)
    message = "{} is closed. It is offered to nobody, and can be opened again."


class ReopenEntry(ConfirmEntry):
    act = staticmethod(actions.reopen_support)
    message = "{} is open again. Confirm that it is right."


class TakeFromRecords(ScreenView):
    """Brings programs and seats from the partner's own loaded records."""

    roles = KEEPERS

    def post(self, request: ActingRequest) -> HttpResponse:
        taken = actions.take_from_records(partner=self.actor.partner or "", by=self.actor)
        for sentence in taken.refused:
            messages.error(request, sentence)
        if taken == EntriesTaken():
            return done(request, "Your loaded records name no program, so nothing changed.", "supports:list")
        message = f"{counted(taken.new, 'entry', 'entries')} added, {taken.changed} brought up to date, {taken.unchanged} unchanged."
        return done(request, message, "supports:list")


class SendDirectory(ScreenView):
    """Enters the services of a directory file (HSDS) as supports of the reader's partner; the page of the load says what became of it."""

    roles = KEEPERS

    def post(self, request: ActingRequest) -> HttpResponse:
        file = request.FILES.get("file")
        if file is None:
            messages.error(request, "Choose the directory file first.")
            return redirect("supports:list")
        next_page: tuple[str, ...] = ("supports:list",)
        with refusal_told(request), TemporaryDirectory() as folder:
            name = file_name(file.name or "", "directory")
            check_directory_file(name, file.size or 0)
            path = Path(folder) / name
            with path.open("wb") as copy:
                copy.writelines(file.chunks())
            loaded = actions.load_directory(path=path, partner=self.actor.partner or "", by=self.actor)
            next_page = ("intake:batch", loaded.batch)
        return redirect(*next_page)


def _kept(actor: Actor, number: int) -> SupportEntry:
    """The entry; 404 where the reader may not change it."""
    found = selectors.entry(number)
    if not _keeps(actor, found.partner):
        raise Http404
    return found


def _keeps(actor: Actor, partner: str) -> bool:
    return may_keep_entries(actor, own_kind(actor), partner) and acts_for(actor, partner, unattended=True)
