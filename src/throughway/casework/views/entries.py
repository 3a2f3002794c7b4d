"""To type an entry about a student, to edit it, to close it and to open it again. What was typed is never lost: a refused form comes
back with its text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.casework.selectors import reader_of, record_of, summary_of, typing_purpose
from throughway.casework.student_page import StudentRecord
from throughway.casework.typed_entries.forms import EntryForm
from throughway.casework.views.students import kept_text, student_page
from throughway.core.refusals import Refused
from throughway.partners.page_access import ActingRequest, done
from throughway.partners.request_cache import request_cache

# Keeps what the valid form says: `person`, `purpose`, the entry under its noun, `based_on`, `by`, and what `EntryForm.said` names.
Save = Callable[..., None]


@dataclass(frozen=True)
class EntryScreens:
    """The screens of one typed table. `noun`: how the actions call the entry; `find`: the entries in a record; `initial`: the values of the form for an entry; `version`: of
    an entry. `states` is the form that closes an entry, `set_state` its action; `said` are its messages by state."""

    table: str
    template: str
    form: type[EntryForm]
    save: Save
    noun: str
    saved: str
    find: Callable[[StudentRecord, Mapping[str, str]], list[Any]]
    version: Callable[[Any], int]
    initial: Callable[[Any], dict[str, object]]
    states: type[EntryForm] | None = None
    set_state: Save | None = None
    said: Mapping[str, str] = field(default_factory=dict)

    def new(self, request: ActingRequest, person: int) -> HttpResponse:
        """Saves a new entry from the form on the student's page."""
        if request.method != "POST":
            return redirect("casework:student", person)
        form = self.form(request.POST)
        return self._saved(request, person, form, self.save, self.saved) or student_page(
            request, person, self.table, form
        )

    def edit(self, request: ActingRequest, person: int, entry: str) -> HttpResponse:
        """One entry of the reader's own team: what stands, to be edited. Every version is kept."""
        form = self.form(request.POST if request.method == "POST" else None)
        if form.is_bound:
            if form.data.get("entry") != entry:
                raise Http404
            answer = self._saved(request, person, form, self.save, self.saved)
            if answer is not None:
                return answer
        return self._page(request, person, entry, form)

    def close(self, request: ActingRequest, person: int, entry: str) -> HttpResponse:
        """Sets the state of an entry: done, dropped, met, or open again."""
        assert self.states is not None
        assert self.set_state is not None
        form = self.states(request.POST if request.method == "POST" else None)
        if not form.is_bound:
            return redirect("casework:student", person)
        if form.data.get("entry") != entry:
            raise Http404
        said = self.said.get(str(form.data.get("state")), self.saved)
        answer = self._saved(request, person, form, self.set_state, said)
        return answer or self._page(request, person, entry, self.form(), form)

    def _saved(
        self, request: ActingRequest, person: int, form: EntryForm, save: Save, said: str
    ) -> HttpResponse | None:
        """Saves a valid form and goes back; None where it is not saved, with the reason in the form."""
        if not form.is_valid():
            return None
        try:
            # An entry is in no register, and the gate decides without the cache before it is kept.
            with request_cache():
                reader = reader_of(request.actor, date.today())
                save(
                    person=person,
                    purpose=typing_purpose(request.actor, reader, self.table),
                    based_on=form.cleaned_data["based_on"],
                    by=request.actor,
                    **{self.noun: form.cleaned_data["entry"]},
                    **form.said(),
                )
        except Refused as refused:
            form.add_error(None, refused.message)
            return None
        if request.POST.get("back") == "home":
            return done(request, said, "home")
        return done(request, said, "casework:student", person)

    def _page(
        self,
        request: ActingRequest,
        person: int,
        entry: str,
        form: EntryForm,
        closing: EntryForm | None = None,
    ) -> HttpResponse:
        sent = closing or form
        reader = reader_of(request.actor, date.today())
        record = record_of(request.actor, reader, person)
        shown = self._shown(record, entry, reader.names) if record else None
        if record is None or shown is None or self.table not in record.types:
            if sent.is_bound:
                return kept_text(request, sent)
            raise Http404
        form = self._on_newest(form, shown) if form.is_bound else self.form(initial=self._initial(shown))
        if form.asks_for_owner:
            form.offer(record.team())
        if self.states is not None:
            closing = self._on_newest(closing, shown) if closing else self.states()
        today = date.today()
        who = summary_of(record, reader).who
        context = {
            "form": form,
            "closing": closing,
            "shown": shown,
            "version": self.version(shown),
            "who": who,
            "person": person,
            "today": today,
            "team": reader.names.get(request.actor.partner or "", ""),
        }
        return render(request, self.template, context, status=422 if sent.is_bound else 200)

    def _shown(self, record: StudentRecord, id: str, names: Mapping[str, str]) -> Any:
        """The entry with that id, where the reader's own team may edit it."""
        found = self.find(record, names)
        return next((each for each in found if each.id == id and each.own), None)

    def _initial(self, shown: Any) -> dict[str, object]:
        return {"entry": shown.id, "based_on": self.version(shown), **self.initial(shown)}

    def _on_newest(self, form: EntryForm, shown: Any) -> EntryForm:
        """The form that was not saved, on the version that stands now: where somebody saved one meanwhile, it is shown next to the
        form, and saving again adds this text as the newest."""
        if form.cleaned_data.get("based_on") == self.version(shown):
            return form
        later = type(form)(
            {**{name: form.data.get(name) for name in form.data}, "based_on": str(self.version(shown))}
        )
        later.full_clean()
        for why in form.non_field_errors():
            later.add_error(None, why)
        return later
