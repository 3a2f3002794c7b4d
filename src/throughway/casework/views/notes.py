"""To note a contact, and to edit a note. What was typed is never lost: a refused form comes back with its text."""

from collections.abc import Mapping
from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.casework.contact_notes.actions import save_note
from throughway.casework.contact_notes.forms import NoteForm
from throughway.casework.contact_notes.note import TABLE, ShownNote, notes_of
from throughway.casework.selectors import reader_of, record_of, typing_purpose
from throughway.casework.student_page import StudentRecord
from throughway.casework.student_summary import summarize
from throughway.casework.views.students import WORKERS, kept_text, student_page
from throughway.core.refusals import Refused
from throughway.partners.page_access import ActingRequest, done, screen


@screen(*WORKERS, person=True)
def new(request: ActingRequest, person: int) -> HttpResponse:
    """Saves a new note from the form on the student's page."""
    if request.method != "POST":
        return redirect("casework:student", person)
    form = NoteForm(request.POST)
    return _saved(request, person, form) or student_page(request, person, form)


@screen(*WORKERS, person=True)
def edit(request: ActingRequest, person: int, note: str) -> HttpResponse:
    """One note of the reader's own team: the text that stands, to be edited. Every version is kept."""
    form = NoteForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        if form.data.get("note") != note:
            raise Http404
        answer = _saved(request, person, form)
        if answer is not None:
            return answer
    reader = reader_of(request.actor, date.today())
    record = record_of(request.actor, reader, person)
    shown = _note(record, note, reader.names) if record else None
    if record is None or shown is None or TABLE not in record.types:
        if form.is_bound:
            return kept_text(request, form)
        raise Http404
    form = _on_newest(request, form, shown) if form.is_bound else NoteForm(initial=_initial(shown))
    who = summarize(
        record.person, record.tables, feeds=record.feeds, consents=record.consents, partners=reader.names, today=date.today()
    ).who  # fmt: skip
    context = {
        "form": form,
        "shown": shown,
        "who": who,
        "person": person,
        "team": reader.names.get(request.actor.partner or "", ""),
    }
    return render(request, "casework/note.html", context, status=422 if form.is_bound else 200)


def _saved(request: ActingRequest, person: int, form: NoteForm) -> HttpResponse | None:
    """Saves a valid form and goes back to the student; None where it is not saved, with the reason in the form."""
    if not form.is_valid():
        return None
    reader = reader_of(request.actor, date.today())
    try:
        save_note(
            person=person,
            purpose=typing_purpose(request.actor, reader, TABLE),
            note=form.cleaned_data["note"],
            based_on=form.cleaned_data["based_on"],
            said=form.said(),
            by=request.actor,
        )
    except Refused as refused:
        form.add_error(None, refused.message)
        return None
    return done(request, "Your note is saved.", "casework:student", person)


def _on_newest(request: ActingRequest, form: NoteForm, shown: ShownNote) -> NoteForm:
    """The form that was not saved, on the version that stands now: where somebody saved one meanwhile, it is shown next to the form,
    and saving again adds this text as the newest."""
    if form.cleaned_data.get("based_on") == shown.now.version:
        return form
    data = request.POST.copy()
    data["based_on"] = str(shown.now.version)
    later = NoteForm(data)
    later.full_clean()
    for why in form.non_field_errors():
        later.add_error(None, why)
    return later


def _note(record: StudentRecord, id: str, names: Mapping[str, str]) -> ShownNote | None:
    """The note with that id, where the reader's own team may edit it."""
    notes = notes_of(record.tables.get(TABLE, ()), names=names, reader=record.reader)
    return next((note for note in notes if note.id == id and note.own), None)


def _initial(shown: ShownNote) -> dict[str, object]:
    now = shown.now
    return {"note": shown.id, "based_on": now.version, "text": now.said, "kind": now.kind, "on": now.on}
