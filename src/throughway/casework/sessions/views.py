"""Today's sessions on a telephone: the groups, one roster, who came without being on it, and who may take a student home.

The session of whoever opens these pages ends four hours after signing in.
"""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from throughway.casework.forms import DIGITS
from throughway.casework.selectors import CaseworkReader, reader_of
from throughway.casework.sessions import actions
from throughway.casework.sessions.forms import MatchForm, WalkInForm, sent_marks
from throughway.casework.sessions.mark import MARK_WORDS, SavedRoster, SentMark, counts
from throughway.casework.sessions.selectors import rosters
from throughway.casework.sessions.walk_in import WalkIn
from throughway.casework.typed_entries.actions import new_entry_id
from throughway.consent.contested_parts import contested_in_words
from throughway.core.refusals import Refused
from throughway.partners.actor import Role
from throughway.partners.page_access import ActingRequest, done, screen

WORKERS = (Role.CASE_WORKER, Role.PROGRAM_MANAGER)
FOUR_HOURS = 4 * 3600
NOTED = "Noted. Somebody finds later whose name it is."
CANNOT_READ = "This form cannot be read; open today’s session again."
on_a_phone = screen(*WORKERS, person=True, ends_after=FOUR_HOURS)


@on_a_phone
def my_groups(request: ActingRequest) -> HttpResponse:
    """The groups of the reader's organization, those that meet today first."""
    reader = reader_of(request.actor, date.today())
    if not reader.group_purposes:
        return render(request, "casework/sessions/list.html", {"closed": reader.closed, "none": True})
    found = rosters.my_groups(request.actor, reader)
    context = {
        "groups": found,
        "typed": [each for each in found if not each.fed],
        "fed": [each for each in found if each.fed],
        "today": date.today(),
    }
    return render(request, "casework/sessions/list.html", context)


@on_a_phone
def roster(request: ActingRequest, program: str) -> HttpResponse:
    """Today's roster of a group. A POST saves it; the script of the page sends it with `Accept: application/json`, and keeps the marks
    until they are saved."""
    return _roster(request, program)


@on_a_phone
def earlier(request: ActingRequest, program: str, day: str) -> HttpResponse:
    """The marks of an earlier day, such as 2026-11-05. A POST corrects them; every version is kept."""
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    if on >= date.today():
        return redirect("sessions:roster", program)
    return _roster(request, program, on)


def _roster(request: ActingRequest, program: str, earlier: date | None = None) -> HttpResponse:
    reader = _reader(request, program)
    if request.method != "POST":
        return _roster_page(request, reader, program, on=earlier)
    sent: dict[int, SentMark] = {}
    try:
        on, sent = sent_marks(request.POST)
        saved = actions.save_roster(
            program=program,
            on=on,
            sent=sent,
            purpose=rosters.session_purpose(request.actor, reader),
            by=request.actor,
        )
    except Refused as refused:
        if _by_script(request):
            return JsonResponse({"refused": refused.message}, status=422)
        messages.error(request, refused.message)
        return _roster_page(request, reader, program, sent, earlier)
    if _by_script(request):
        return JsonResponse(_answer(saved), status=409 if saved.differ else 200)
    if saved.differ:
        messages.warning(request, saved.sentence)
        return _roster_page(request, reader, program, sent, earlier)
    if earlier is not None:
        return done(request, saved.sentence, "sessions:earlier", program, earlier.isoformat())
    return done(request, saved.sentence, "sessions:roster", program)


def _by_script(request: ActingRequest) -> bool:
    """Whether the script of the page asks, which stays where it is."""
    return request.accepts("application/json") and not request.accepts("text/html")


def _answer(saved: SavedRoster) -> dict[str, object]:
    """What the script of the roster shows: by student, what somebody else marked meanwhile."""
    differ = {
        person: {"said": f"{MARK_WORDS[mark.mark]}, by {mark.author}", "based_on": mark.version}
        for person, mark in saved.differ.items()
    }
    return {"saved": saved.sentence, "differ": differ}


def _roster_page(
    request: ActingRequest, reader: CaseworkReader, program: str, sent: dict[int, SentMark] | None = None, on: date | None = None
) -> HttpResponse:  # fmt: skip
    page = rosters.roster_page(request.actor, reader, program, sent, on)
    if page.fed is not None:
        return render(request, "casework/sessions/fed.html", {"page": page})
    context = {
        "page": page,
        "marks": list(MARK_WORDS.items()),
        "counts": [(mark, words, counts(page.lines)[mark]) for mark, words in MARK_WORDS.items()],
        "statements": contested_in_words(page.statements),
        "form": WalkInForm(initial={"entry": new_entry_id(), "on": page.on}) if page.walks_in else None,
    }
    return render(request, "casework/sessions/roster.html", context, status=422 if sent is not None else 200)


@on_a_phone
def note(request: ActingRequest, program: str) -> HttpResponse:
    """Notes the name of somebody who came and is not on the list."""
    reader = _reader(request, program)
    if request.method != "POST":
        return redirect("sessions:roster", program)
    form = WalkInForm(request.POST)
    if form.is_valid():
        try:
            actions.note_walk_in(
                entry=form.cleaned_data["entry"], program=program, on=form.cleaned_data["on"],
                name=form.cleaned_data["name"], purpose=rosters.session_purpose(request.actor, reader), by=request.actor,
            )  # fmt: skip
            if _by_script(request):
                return JsonResponse({"saved": NOTED, "entry": new_entry_id()})
            return done(request, NOTED, "sessions:roster", program)
        except Refused as refused:
            form.add_error("name", refused.message)
    if _by_script(request):
        why = [str(error) for error in form.errors.get("name", ())]
        return JsonResponse({"refused": " ".join(why) or CANNOT_READ}, status=422)
    context = {"form": form, "program": program}
    return render(request, "casework/sessions/note.html", context, status=422)


@on_a_phone
def sign_out(request: ActingRequest, program: str) -> HttpResponse:
    """Who may take each student of today's roster home, as far as an agreement shows it. A POST shows whom an order keeps from one student."""
    reader = _reader(request, program)
    asked = request.POST.get("student", "")
    person = int(asked) if asked.isdecimal() and len(asked) < DIGITS else None
    name, lines, barred = rosters.sign_out_page(request.actor, reader, program, person)
    context = {
        "barred": barred,
        "name": name,
        "program": program,
        "lines": lines,
    }
    return render(request, "casework/sessions/sign_out.html", context)


@on_a_phone
def walk_ins(request: ActingRequest) -> HttpResponse:
    """Names that nobody has matched."""
    reader = reader_of(request.actor, date.today())
    found = rosters.open_walk_ins(request.actor, reader) if reader.group_purposes else []
    return render(request, "casework/sessions/walk_ins.html", {"walk_ins": found})


@on_a_phone
def walk_in(request: ActingRequest, entry: str) -> HttpResponse:
    """One name, with the students whose names are similar. A POST says whose it is, or that it is nobody's."""
    reader = reader_of(request.actor, date.today())
    found = next((w for w in rosters.open_walk_ins(request.actor, reader) if w.id == entry), None) if reader.group_purposes else None  # fmt: skip
    if found is None:
        raise Http404
    form = MatchForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return _matched(request, reader, found, form)
        except Refused as refused:
            form.add_error(None, refused.message)
    context = {
        "walk_in": found,
        "suggestions": rosters.suggested(request.actor, reader, found.name),
        "form": form,
    }
    return render(request, "casework/sessions/walk_in.html", context, status=422 if form.errors else 200)


def _matched(request: ActingRequest, reader: CaseworkReader, found: WalkIn, form: MatchForm) -> HttpResponse:
    purpose, person = rosters.session_purpose(request.actor, reader), form.cleaned_data["person"]
    if person is None:
        actions.close_walk_in(
            entry=found.id, based_on=form.cleaned_data["based_on"], purpose=purpose, by=request.actor
        )
        return done(
            request, "Taken off the list. The name stays your organization’s own record.", "sessions:walk_ins"
        )
    actions.match_walk_in(entry=found.id, person=person, purpose=purpose, by=request.actor)
    return done(request, "Matched: the student is marked present in that session.", "sessions:walk_ins")


def _reader(request: ActingRequest, program: str) -> CaseworkReader:
    """The reader, for a program of the reader's own organization; any other does not exist."""
    if program.partition("/")[0] != request.actor.partner:
        raise Http404
    return reader_of(request.actor, date.today())
