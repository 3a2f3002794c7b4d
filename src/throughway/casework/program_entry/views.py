"""The pages on which a program enters a student in its own records: from a referral, or from a name at the door."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements.document import OWN_RECORDS
from throughway.casework.program_entry import actions
from throughway.casework.program_entry.entered_student import split_name
from throughway.casework.program_entry.forms import EnterForm, ListedForm, StayEndForm
from throughway.casework.program_entry.selectors import (
    OwnStudent,
    entered_lines,
    entry_of_referral,
    program_of,
)
from throughway.casework.referrals.selectors import OpenedReferral, opened_referrals
from throughway.casework.referrals.transitions import STATES, ReferralSide, ReferralState
from throughway.casework.selectors import CaseworkReader, reader_of
from throughway.casework.sessions.selectors import rosters
from throughway.casework.sessions.walk_in import Suggestion
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor, Role
from throughway.partners.page_access import ActingRequest, done, screen

WORKERS = (Role.CASE_WORKER, Role.PROGRAM_MANAGER)
LIKELY_DOUBLE = "Your organization has students with a name like this one. Look whether it is one of them; if not, enter the student once more."
FOUR_HOURS = 4 * 3600  # as the pages of sessions, from which two of these are reached


@screen(*WORKERS, person=True)
def from_referral(request: ActingRequest, referral: str) -> HttpResponse:
    """Enters a student whom the program accepted by referral: anew, or as one whom its records list already."""
    today = date.today()
    reader = reader_of(request.actor, today)
    opened = next(iter(opened_referrals(request.actor, reader.purposes, only=referral)), None)
    if opened is None or opened.side is not ReferralSide.RECEIVER:
        raise Http404
    if entry_of_referral(referral, request.actor.partner or "") or not STATES[opened.shown.state].holds_seat:
        return redirect("casework:referral", referral)
    told = opened.shown.details
    language = str(told.get("contact_language") or "")
    started = opened.shown.state is ReferralState.STARTED
    initial = {
        **split_name(str(told.get("student_name") or "")),
        "telephone": _number_of(str(told.get("contact_phone") or "")),
        "language": language,
        "since": opened.shown.events[0].on if started else today,
    }
    listed = ListedForm(request.POST) if "person" in request.POST else None
    form = EnterForm(request.POST if request.method == "POST" and not listed else None, initial=initial, languages=[language])  # fmt: skip
    name = str(told.get("student_name") or "")
    refused, similar = "", _suggested(request.actor, reader, name)
    try:
        if (listed or form).is_bound and (listed or form).is_valid():
            unseen = [] if listed else _unseen(request, reader, form, similar)
            if not unseen:
                return _entered(request, reader, opened, form, listed)
            refused, similar = LIKELY_DOUBLE, unseen
        program_of(opened, request.actor)
    except Refused as found:
        refused = found.message
    context = {
        "form": form,
        "refused": refused,
        "back": opened.shown,
        "headline": opened.entry.said.name if opened.entry else "",
        "told": str(told.get("student_name") or ""),
        "suggestions": similar,
        "today": today,
    }
    return render(
        request, "casework/entering/new.html", context, status=422 if form.errors or refused else 200
    )


def _entered(
    request: ActingRequest, reader: CaseworkReader, opened: OpenedReferral, form: EnterForm, listed: ListedForm | None
) -> HttpResponse:  # fmt: skip
    if listed is not None:
        own = listed.cleaned_data["own"]
        purpose = OWN_RECORDS if own else rosters.session_purpose(request.actor, reader)
        actions.enter_referred(
            referral=opened.shown.id, purpose=opened.purpose, since=listed.cleaned_data["since"] or date.today(),
            listed=OwnStudent(listed.cleaned_data["person"], purpose), by=request.actor,
        )  # fmt: skip
    else:
        actions.enter_referred(
            referral=opened.shown.id, purpose=opened.purpose, since=form.cleaned_data["since"], said=form.said(), by=request.actor
        )  # fmt: skip
    return done(request, "Entered in your organization’s own records.", "casework:referral", opened.shown.id)


@screen(*WORKERS, person=True, ends_after=FOUR_HOURS)
def from_walk_in(request: ActingRequest, entry: str) -> HttpResponse:
    """Enters somebody who came to the door and whom no record fits."""
    reader = reader_of(request.actor, date.today())
    waiting = rosters.open_walk_ins(request.actor, reader) if reader.group_purposes else []
    found = next((each for each in waiting if each.id == entry), None)
    if found is None:
        raise Http404
    initial = {**split_name(found.name), "since": found.on}
    listed = ListedForm(request.POST) if "person" in request.POST else None
    form = EnterForm(request.POST if request.method == "POST" and not listed else None, initial=initial)
    del form.fields["since"]  # the day of the session
    refused, similar = "", _suggested(request.actor, reader, found.name)
    if (listed or form).is_bound and (listed or form).is_valid():
        try:
            if listed is None and (unseen := _unseen(request, reader, form, similar)):
                refused, similar = LIKELY_DOUBLE, unseen
            else:
                who = OwnStudent(listed.cleaned_data["person"], OWN_RECORDS) if listed else None
                actions.enter_walk_in(
                    walk_in=found, purpose=rosters.session_purpose(request.actor, reader),
                    said=None if listed else form.said(), listed=who, by=request.actor,
                )  # fmt: skip
                return done(request, "Entered, and marked present in that session.", "sessions:walk_ins")
        except Refused as why:
            refused = why.message
    context = {
        "form": form,
        "refused": refused,
        "walk_in": found,
        "headline": found.group,
        "told": found.name,
        "suggestions": similar,
    }
    return render(
        request, "casework/entering/new.html", context, status=422 if form.errors or refused else 200
    )


@screen(*WORKERS, person=True, ends_after=FOUR_HOURS)
def entered(request: ActingRequest) -> HttpResponse:
    """Students whom the program entered here and who take part. A POST ends a stay, or says that a student is one of the own file."""
    reader = reader_of(request.actor, date.today())
    refused = ""
    purpose = rosters.session_purpose(request.actor, reader)
    if request.method == "POST":
        try:
            if (said := _changed(request, purpose)) is not None:
                return done(request, said, "sessions:entered")
            refused = "Write the last day, such as July 1, 2026."
        except Refused as why:
            refused = why.message
    lines = []
    for line in entered_lines(request.actor, purpose):
        asked = request.GET.get("same") == str(line.id)
        similar = _suggested(request.actor, reader, line.name) if asked else []
        others = [each for each in similar if each.person != line.person]
        lines.append({**vars(line), "asked": asked, "others": others})
    context = {"lines": lines, "refused": refused, "today": date.today()}
    return render(request, "casework/entering/list.html", context, status=422 if refused else 200)


def _changed(request: ActingRequest, purpose: str) -> str | None:
    """What was done, in a sentence; None where the form does not say what to do."""
    entry = request.POST.get("entry", "")
    listed, end = ListedForm(request.POST), StayEndForm(request.POST)
    if not entry.isascii() or not entry.isdigit() or len(entry) > 18:
        return None
    if "person" in request.POST and listed.is_valid():
        actions.same_student(
            entry=int(entry), listed=OwnStudent(listed.cleaned_data["person"], purpose), by=request.actor
        )
        return "Saved: both records are the same student’s."
    if end.is_valid():
        actions.end_stay(entry=int(entry), until=end.cleaned_data["until"], purpose=purpose, by=request.actor)
        return "Saved. The student leaves the roster after that day."
    return None


def _unseen(
    request: ActingRequest, reader: CaseworkReader, form: EnterForm, shown: list[Suggestion]
) -> list[Suggestion]:
    """Students with a name like the one that was typed whom the page has not shown yet, so that nobody is entered twice unawares."""
    said = form.said()
    before = {each.person for each in shown} | {int(n) for n in request.POST.getlist("shown") if n.isdigit()}
    found = _suggested(request.actor, reader, f"{said.first_name} {said.last_or_surname}")
    return found if any(each.person not in before for each in found) else []


def _number_of(told: str) -> str:
    """The telephone alone, without whom to ask for."""
    return told.partition(",")[0].strip()


def _suggested(actor: Actor, reader: CaseworkReader, name: str) -> list[Suggestion]:
    """Students of the own organization with a similar name, where some purpose lists them."""
    return rosters.suggested(actor, reader, name) if reader.group_purposes and name else []
