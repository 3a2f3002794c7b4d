"""My students, and one student: what the gate shows this reader today; every view is recorded in the ledger."""

from collections.abc import Iterator
from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.casework.contact_notes.forms import NoteForm
from throughway.casework.contact_notes.note import TABLE as NOTE
from throughway.casework.contact_notes.note import ContactKind
from throughway.casework.needs.forms import StudentNeedForm
from throughway.casework.needs.need import TABLE as NEED
from throughway.casework.needs.need import NeedSource
from throughway.casework.selectors import my_students, reader_of, record_of, summary_of
from throughway.casework.student_list import CHIPS, HIDDEN, counts, narrowed
from throughway.casework.student_page import page_of
from throughway.casework.student_tasks.forms import TaskForm
from throughway.casework.student_tasks.task import TABLE as TASK
from throughway.casework.student_tasks.task import TaskKind
from throughway.casework.typed_entries.actions import new_entry_id
from throughway.casework.typed_entries.forms import EntryForm
from throughway.casework.views.supports import supports_section
from throughway.consent.contested_parts import contested_in_words
from throughway.identity.review.selectors import linkage_openings
from throughway.partners.actor import CUSTODIANS, Actor, Role
from throughway.partners.page_access import ActingRequest, screen

ANSWERS_SHOWN = 4  # lines of the family's answers; the link leads to all
WORKERS = (Role.CASE_WORKER, Role.PROGRAM_MANAGER)


@screen(*WORKERS, person=True)
def students(request: ActingRequest) -> HttpResponse:
    """The reader's students. The name searched for is sent in the request's body, never in a URL."""
    words = request.POST.get("words", "") if request.method == "POST" else ""
    chip = request.GET.get("show", "")
    chip = chip if chip in CHIPS else ""
    reader = reader_of(request.actor, date.today())
    listing = my_students(request.actor, reader)
    found = counts(listing.students)
    context = {
        "listing": listing,
        "left": reader.left,
        "groups": bool(reader.group_purposes) and not reader.only_in_groups,
        "looks_up": bool(linkage_openings(request.actor)),
        "students": narrowed(listing.students, chip=chip, words=words),
        "words": words,
        "chip": chip,
        "chips": [(id, label, found[id]) for id, label in CHIPS.items() if found[id] or id != HIDDEN],
        "all": len(listing.students),
        "talk": found["talk"],
        "unseen": sum(bool(s.attendance.hidden_by and not s.attendance.talk) for s in listing.students),
        "statements": contested_in_words(listing.statements),
    }
    htmx = request.htmx
    page = (
        "casework/_students.html" if htmx and not htmx.history_restore_request else "casework/students.html"
    )
    return render(request, page, context)


@screen(*WORKERS, person=True)
def student(request: ActingRequest, person: int) -> HttpResponse:
    """One student. A student whom the reader may not see gets the same answer as one who does not exist."""
    return student_page(request, person)


def student_page(
    request: ActingRequest, person: int, table: str = "", sent: EntryForm | None = None
) -> HttpResponse:
    """The page with its forms: empty ones, and `sent`, the one of `table` that was sent and is not saved."""
    today = date.today()
    reader = reader_of(request.actor, today)
    record = record_of(request.actor, reader, person)
    if record is None and sent is not None:
        return kept_text(request, sent)
    if record is None:
        if reader.suspended:
            # Which names who suspended it, whichever student is requested.
            return redirect("casework:students")
        raise Http404
    summary = summary_of(record, reader)
    page = page_of(
        record, summary, names=reader.names, completed=reader.completed, role=request.actor.role, today=today
    )
    keeps = request.actor.role in CUSTODIANS
    forms = {name: form for name, form in _empty_forms(request.actor, today) if name in record.types}
    if sent is not None:
        forms[table] = sent
    return render(
        request,
        "casework/student.html",
        {
            "page": page,
            "keeps": keeps,
            "today": today,
            **supports_section(record, reader, today),
            "referrals": summary.referred,
            "statements": contested_in_words(record.statements),
            "asks": record.consents.asked,
            "answers": record.answers[:ANSWERS_SHOWN],
            "orders": [(reader.names.get(id, id), since) for id, since in sorted(record.orders.items())],
            "form": forms.get(NOTE),
            "task_form": forms.get(TASK),
            "need_form": forms.get(NEED),
            "me": request.actor.email,
            "team": reader.names.get(request.actor.partner or "", ""),
        },
        status=422 if sent else 200,
    )


def _empty_forms(actor: Actor, today: date) -> Iterator[tuple[str, EntryForm]]:
    def of(**values: object) -> dict[str, object]:
        return {"entry": new_entry_id(), "based_on": 0, **values}

    yield NOTE, NoteForm(initial=of(kind=ContactKind.CALL, on=today))
    yield TASK, TaskForm(initial=of(kind=TaskKind.CONTACT, due=today, owner=actor.email))
    yield NEED, StudentNeedForm(initial=of(source=NeedSource.FAMILY, since=today))


def kept_text(request: ActingRequest, form: EntryForm) -> HttpResponse:
    """What was typed about a student who is no longer open: the text, and nothing about the student."""
    context = {"text": form.written(), "why": form.non_field_errors()}
    return render(request, "casework/kept_text.html", context, status=403)
