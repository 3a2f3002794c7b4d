"""The page after signing in, for each role: what waits for this reader, and links to continue."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from throughway.agreements.enums import AccessForm, PurposeKind
from throughway.agreements.extract_permission import is_license
from throughway.agreements.labels import course_words, day
from throughway.agreements.states import BEGUN
from throughway.casework.selectors import CaseworkReader, Listing, my_students, reader_of
from throughway.casework.student_list import HIDDEN
from throughway.casework.student_summary import StudentSummary
from throughway.core.prose import counted
from throughway.gate.available_purposes import OpenPurpose, openings
from throughway.insight.selectors import newest
from throughway.ledger.entry_presenter import KNOWN_PURPOSES, role_words
from throughway.ledger.selectors import lately, own_refusals, readings_of
from throughway.partners.actor import CUSTODIANS, Role
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import links_given
from throughway.site.home.changes import published_lately, recent_changes
from throughway.site.home.page import (
    FirstRunStep,
    Home,
    HomeContext,
    HomeItem,
    HomePart,
    Number,
    WaitingItem,
    article,
    count,
    some,
)
from throughway.site.home.programs import (
    commitments,
    decisions_after_studies,
    found_by_studies,
    own_programs,
    referrals_of_all,
    referrals_that_wait,
    seats_and_waits,
    sessions_to_record,
)
from throughway.site.home.steward import steward
from throughway.site.home.waiting import agreement_items, further_disclosures, people_items, step_items
from throughway.site.monthly.selectors import for_the_home
from throughway.site.readiness.selectors import readiness
from throughway.site.readiness.steps import missing

FORM_TEXTS = {
    AccessForm.AGGREGATE: "protected figures",
    AccessForm.PSEUDONYMOUS: "rows under random codes",
    AccessForm.IDENTIFIED: "identified rows",
}
A_WEEK = 7
TRAINING_DUE = timedelta(days=30)
STUDENTS_NAMED = 5


def first_run(context: HomeContext) -> Home | None:
    """The first steps of a new community, for those who lead it; None once an agreement has been in effect and data has landed.
    What waits for this reader comes first."""
    if context.actor.role not in CUSTODIANS:
        return None
    if any(s.state in BEGUN for s in context.all_standings) and context.came_in:
        return None
    found = readiness(context.actor, context.today)
    if not (open_ := missing(found)):
        return None
    now = open_[0]
    items = [*agreement_items(context)]
    own = [*items, *step_items(context, items)]
    next_step = WaitingItem(
        now.do, now.why, now.button, now.page_for(Role(context.actor.role)), "wait", "first steps", 9
    )
    return Home(
        waits=own if own and now.id == "in-effect" else [*own, next_step],
        steps=[
            FirstRunStep("done" if step.is_done else "now" if step is now else "next", step.title, step.about)
            for step in found
        ],
        onward=HomeItem("See what is missing", reverse("readiness:start")),
    )


def to_first_figure(context: HomeContext) -> Iterator[WaitingItem]:
    """The way to a first figure, for the data steward of a community that means to publish one and has not."""
    means_to = any(
        purpose.form is AccessForm.AGGREGATE and purpose.kind is not PurposeKind.LINKAGE
        for standing in context.all_standings
        if standing.in_effect
        for purpose in standing.document.purposes
    )
    leads = context.actor.role == Role.DATA_STEWARD and context.sight.everything
    if means_to and leads and context.came_in and not context.registered:
        yield WaitingItem(
            "No figure is published yet", "Getting started names the next step, and leads to the form that does it.", "See the next step",
            reverse("readiness:start"), "wait", "first steps", 9,
        )  # fmt: skip


def evaluator(context: HomeContext) -> Home:
    found = openings(context.all_standings, context.actor, tuple(PurposeKind))
    # Of several agreements the first speaks for a purpose.
    purposes = {o.purpose: o for o in reversed(found)}.values()
    return Home(
        waits=[*_own_refusals(context)],
        onward=HomeItem("Ask a question", reverse("questions:new"))
        if any(o.form is AccessForm.AGGREGATE for o in purposes)
        else HomeItem("See the pipeline", reverse("insight:pipeline")),
        finding=newest(),
        parts=some(published_lately(context)),
        heading="What you may ask" if purposes else "",
        lines=[
            HomeItem(
                f"{o.interest.rstrip('.')}: {FORM_TEXTS[o.form]}, until {day(o.expires)}",
                _where_to_ask(o, context),
                o.purpose.replace("-", " "),
            )
            for o in purposes
        ],
    )


def _where_to_ask(found: OpenPurpose, context: HomeContext) -> str:
    """Figures are asked for on their own page, rows under a license taken as an extract, other rows asked for at the desk."""
    if found.form is AccessForm.AGGREGATE:
        return f"{reverse('questions:new')}?{urlencode({'purpose': found.purpose})}"
    if _takes_along(found, context):
        return reverse("extracts:make", args=[found.agreement])
    if found.kind is PurposeKind.LINKAGE:
        return reverse("agreements:one", args=[found.agreement])
    return f"{reverse('desk:ask')}?{urlencode({'purpose': found.purpose})}"


def _takes_along(found: OpenPurpose, context: HomeContext) -> bool:
    """Whether the purpose allows an extract: pseudonymous, under a license."""
    documents = (s.document for s in context.all_standings if s.document.id == found.agreement)
    return found.form is AccessForm.PSEUDONYMOUS and any(is_license(document) for document in documents)


def _own_refusals(context: HomeContext) -> Iterator[WaitingItem]:
    found = own_refusals(context.actor.email, days_back=7)
    if found:
        sentence = found[0].reasons[0]["sentence"] if found[0].reasons else ""
        yield WaitingItem(
            f"{count(len(found))} of your requests {'was' if len(found) == 1 else 'were'} refused in the last week",
            sentence, "See the agreements", reverse("agreements:list"), "stop", counted(len(found), "refusal"), 3,
        )  # fmt: skip


def leader(context: HomeContext) -> Home:
    mine = [s for s in context.standings if context.actor.partner in s.document.partners]
    return Home(
        waits=[*agreement_items(context)],
        numbers=[
            Number(sum(s.in_effect for s in mine), "agreements of ours in effect"),
            Number(len({p for s in mine if s.in_effect for p in s.document.partners} - {context.actor.partner}),
                   "partners we share with"),
        ],
        onward=HomeItem("See where students are lost", reverse("insight:pipeline")),
        finding=newest(),
        parts=some(
            the_month(context),
            found_by_studies(context),
            decisions_after_studies(context),
            seats_and_waits(context),
            commitments(context),
            referrals_of_all(context),
        ),
        heading="What changed in the last 30 days",
        lines=recent_changes(context),
    )  # fmt: skip


def the_month(context: HomeContext) -> HomePart:
    """What to talk about at the next meeting, which reports are asked for and not public, and the way to the sheet for it."""
    talk, unpublished = for_the_home(context.actor, context.today)
    lines = [HomeItem(line.text, line.href) for line in (*talk, *unpublished)]
    sheet = HomeItem("The month on one sheet", reverse("monthly:month"))
    return HomePart("For your next meeting", lines or [sheet], sheet if lines else None)


def officer(context: HomeContext) -> Home:
    readings = readings_of(context.actor.partner or "", days_back=A_WEEK)
    in_effect = sum(s.in_effect for s in context.standings if context.actor.partner in s.document.partners)
    return Home(
        waits=[
            *agreement_items(context),
            *further_disclosures(context),
            *refused_requests(context),
            *people_items(context),
        ],
        numbers=[
            Number(readings["readings"], "readings of our records by others, last 7 days"),
            Number(readings["readers"], "partners whose people read them"),
            Number(in_effect, "agreements of ours in effect"),
        ],
        onward=HomeItem("See who read our records", reverse("ledger:ledger")),
        parts=some(published_lately(context)),
    )


def refused_requests(context: HomeContext) -> Iterator[WaitingItem]:
    """Requests of the last week that were refused: one thing to look at, however many there were."""
    found = lately(context.sight, outcome="refused", days_back=A_WEEK, most=20)
    if not found.lines:
        return
    newest = found.lines[0]
    many = len(found.lines)
    why = newest.reasons[0]["sentence"] if newest.reasons else KNOWN_PURPOSES.get(newest.purpose, "")
    count_text = (
        "More than twenty requests were"
        if found.earlier
        else f"{count(many)} request{' was' if many == 1 else 's were'}"
    )
    yield WaitingItem(
        f"{count_text} refused in the last week",
        f"The latest, to {article(role_words(newest.role).lower())} of {context.name(newest.partner)}: “{why}”"
        if newest.partner
        else f"The latest: “{why}”",
        "See them", f"{reverse('ledger:ledger')}?outcome=refused&days=7", "stop", counted(many, "refusal"), 7,
    )  # fmt: skip


def worker(context: HomeContext) -> Home:
    reader = reader_of(context.actor, context.today)
    listing = my_students(context.actor, reader, tasks=True)
    students = listing.students
    unseen = sum(bool(s.attendance.hidden_by) for s in students)
    at_site = " at your school or program" if reader.sites else ""
    numbers = [
        Number(len(students), f"students{at_site} whom you may see today"),
        Number(missed := sum(s.attendance.talk for s in students), "missed many days lately", missed > 0),
        *([Number(unseen, "whose attendance came in and is not shown to you", True)] if unseen else []),
        *([Number(listing.hidden, "more on your caseload that you cannot see")] if listing.hidden else []),
    ]
    return Home(
        waits=[
            *_closed_purposes(listing),
            *sessions_to_record(context, reader),
            *referrals_that_wait(context, reader, students),
            *_ending_training(reader),
            *_steps(students, "consent"),
            *_steps(students, "referral"),
            *_steps(students, "attendance"),
            *_not_shown(unseen),
            *_to_ask(students),
        ],
        numbers=numbers if students else [],
        parts=some(the_month(context), own_programs(context))
        if context.actor.role == Role.PROGRAM_MANAGER
        else (),
        onward=HomeItem("See my students", reverse("casework:students")),
        tasks=listing.tasks,
    )


def _closed_purposes(listing: Listing) -> Iterator[WaitingItem]:
    closed = listing.closed
    if closed is not None and closed.kind == "groups":
        yield WaitingItem(
            "Mark who is there today", closed.what_to_do, "Today’s sessions", reverse("sessions:list"), "wait", "today", 1
        )  # fmt: skip
    elif closed is not None:
        if closed.course:
            href, button = reverse("training:list"), "Take the training"
        elif closed.agreement:
            href, button = reverse("agreements:one", args=[closed.agreement]), "Read the agreement"
        else:
            href, button = reverse("agreements:list"), "See the agreements"
        yield WaitingItem(closed.title, closed.what_to_do, button, href, "stop", "you see no student", 0)


def _ending_training(reader: CaseworkReader) -> Iterator[WaitingItem]:
    required = {course for opening in reader.openings if not opening.why for course in opening.training}
    last = {
        course: max((c.until for c in reader.completed if c.course == course), default=None)
        for course in required
    }
    for course, until in sorted(last.items()):
        if until is not None and reader.today <= until <= reader.today + TRAINING_DUE:
            yield WaitingItem(
                f"Your training ends on {day(until)}: {course_words(course)}",
                "After that day you see no student until you have taken it again.",
                "Take the training", reverse("training:list"), "warn", "training due", 2,
            )  # fmt: skip


# Of each kind of step that the home names by student: the order, the tag, the rank, and what to say of those beyond the first.
Order = Callable[[StudentSummary], tuple[Any, ...]]
NAMED_STEPS: Mapping[str, tuple[Order, str, str, int, str, str]] = {
    "consent": (
        lambda s: (s.consents.until, s.name),
        "wait",
        "consent ends",
        3,
        "consent ends soon",
        "lapsing",
    ),
    "referral": (lambda s: (s.name,), "wait", "no answer", 4, "a referral without an answer", ""),
    "attendance": (
        lambda s: (-s.attendance.lately, s.name),
        "warn",
        "talk",
        4,
        "missed many days lately",
        "talk",
    ),
}


def _steps(students: Sequence[StudentSummary], kind: str) -> Iterator[WaitingItem]:
    """The students with a step of that kind, as the list and their pages word it."""
    order, tag, words, rank, more, chip = NAMED_STEPS[kind]
    found = sorted((s for s in students if s.step(kind)), key=order)
    for student in found[:STUDENTS_NAMED]:
        step = student.step(kind)
        assert step is not None
        why = ". ".join(filter(None, (student.who.where, step.why)))
        page = reverse("casework:student", args=[student.person])
        yield WaitingItem(f"{student.name}: {step.title}", why, "Open the student", page, tag, words, rank)
    yield from _more_students(len(found) - STUDENTS_NAMED, more, chip, tag, rank)


def _to_ask(students: Sequence[StudentSummary]) -> Iterator[WaitingItem]:
    if n := sum(s.step("ask") is not None for s in students):
        yield WaitingItem(
            f"{counted(n, 'student')}: ask the family about the school’s records",
            "You can see some records only if the family agrees.", "See them",
            f"{reverse('casework:students')}?show=ask", "tip", "ask", 8,
        )  # fmt: skip


def _not_shown(students: int) -> Iterator[WaitingItem]:
    if students:
        yield WaitingItem(
            f"Attendance of {counted(students, 'student')} came in and is not shown to you",
            "They may be missing school, and no list can tell. A cell that the agreement reads is empty; each line says which.",
            "See them", f"{reverse('casework:students')}?show={HIDDEN}", "warn", "not shown", 4,
        )  # fmt: skip


def _more_students(n: int, what: str, chip: str, kind: str, rank: int) -> Iterator[WaitingItem]:
    if n > 0:
        yield WaitingItem(f"{counted(n, 'more student')}: {what}", "They are on your list.", "See them",
                   f"{reverse('casework:students')}?show={chip}", kind, "more", rank)  # fmt: skip


HOMES: Mapping[Role, Callable[[HomeContext], Home]] = {
    Role.PRIVACY_OFFICER: officer,
    Role.DATA_STEWARD: steward,
    Role.LEADER: leader,
    Role.CASE_WORKER: worker,
    Role.PROGRAM_MANAGER: worker,
    Role.EVALUATOR: evaluator,
}


def home_of(context: HomeContext) -> Home:
    """What waits for this reader, and what else the home shows: the home and the page of open steps count the same things. Whatever the
    role, every open step of the reader is there, in an item of the home or by itself."""
    found = first_run(context)
    if found is not None:
        return found
    found = HOMES[Role(context.actor.role)](context)
    return replace(found, waits=[*found.waits, *step_items(context, found.waits), *to_first_figure(context)])


LINKS_SHOWN_FOR = timedelta(days=30)  # how long a home shows that a sign-in link was given


@screen(person=True)  # a case worker's home names students
def home(request: ActingRequest) -> HttpResponse:
    context = HomeContext(request.actor, date.today())
    found = home_of(context)
    given = links_given(context.today - LINKS_SHOWN_FOR)
    links = [link for link in given if request.actor.email in link.recipients]
    return render(request, "site/home/home.html", {"home": found, "today": context.today, "links": links})
