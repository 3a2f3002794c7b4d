"""Reads of training."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.agreements.labels import course_words
from throughway.agreements.selectors import agreement_statuses
from throughway.core.cache import Cache
from throughway.core.prose import day
from throughway.partners.actor import Actor
from throughway.partners.permissions import may_keep_people
from throughway.partners.register_stamps import RegisterStamp
from throughway.partners.selectors import members, own_kind
from throughway.store.selectors import current_community
from throughway.training.course import Course
from throughway.training.library import Library, courses, in_language
from throughway.training.models import Attempt, Completion
from throughway.training.validity import Completed, ended, valid_courses

DUE = 30  # days before its end from which a course can be taken again without anything being lost


@dataclass(frozen=True)
class CourseStanding:
    """One course as one person stands to it on a day. `course`: None where it is held elsewhere. `until`: the last day on which it
    counts; `ended`: the last day on which it counted, where it no longer does."""

    id: str
    course: Course | None
    required: bool
    until: date | None
    ended: date | None

    @property
    def title(self) -> str:
        return self.course.title if self.course else course_words(self.id)


def of(email: str) -> list[Completed]:
    """What the user completed, oldest first, each with its last day."""
    return _completed(email=email.strip().lower())


def all_of() -> list[Completed]:
    """What everybody completed, by user and day."""
    return _completed()


def valid(email: str, on: date) -> frozenset[str]:
    """The courses that the user holds on that day."""
    return valid_courses(of(email), on)


def asked() -> frozenset[str]:
    """The courses that some agreement of the community requires of its readers."""
    return frozenset(
        course
        for s in agreement_statuses(date.today())
        for course in s.document.courses(*s.document.purposes)
    )


def asked_of(actor: Actor) -> frozenset[str]:
    """The courses that agreements which name the actor as a reader require."""
    return frozenset(
        course
        for s in agreement_statuses(date.today())
        for p in s.document.purposes
        if actor.role in p.roles and actor.partner in s.document.recipients(p)
        for course in s.document.courses(p)
    )


def library() -> Library:
    """The courses that can be taken on this site. Refused (bad_course) when one of the community's own cannot be read."""
    return courses(current_community().root)


def standings(actor: Actor, language: str, on: date) -> list[CourseStanding]:
    """Every course, those that the actor must take first; `language`: the one in which to read them where they have it."""
    required, known, completed = asked_of(actor), library(), of(actor.email)
    found = [
        CourseStanding(
            id,
            in_language(known[id], language) if id in known else None,
            id in required,
            max((c.until for c in completed if c.course == id and c.valid(on)), default=None),
            ended(completed, id, on),
        )
        for id in sorted(required | known.keys() | {c.course for c in completed})
    ]
    return sorted(
        found, key=lambda standing: (not standing.required, standing.until is not None, standing.title)
    )


def held(email: str, course: str, on: date) -> date | None:
    """The last day on which the course counts, of somebody who holds it on that day; otherwise None."""
    return max((c.until for c in of(email) if c.course == course and c.valid(on)), default=None)


@dataclass(frozen=True)
class PersonTrained:
    """`lines`: each course that the person completed or must take: its words, kind and words of its tag, and the evidence."""

    email: str
    lines: tuple[tuple[str, tuple[str, str], str], ...]


def people(keeper: Actor, on: date) -> list[PersonTrained]:
    """The open accounts that the keeper keeps, with the newest completion of each course and what is missing."""
    own, completed, shown = own_kind(keeper), all_of(), evidence()
    found = []
    for member in members().open():
        if not may_keep_people(keeper, own, member.partner_id):
            continue
        newest = {c.course: c for c in completed if c.email == member.email}
        required = asked_of(member.actor())
        lines = tuple(
            (course_words(id), _tag(newest.get(id), on), _evidence_of(newest.get(id), shown))
            for id in sorted(required | newest.keys())
        )
        found.append(PersonTrained(member.email, lines))
    return found


def lapsed(keeper: Actor, on: date) -> list[str]:
    """The open accounts that the keeper keeps, but for the keeper's own, of whose holders an agreement asks a course that they have not
    taken, or that no longer counts."""
    own, completed = own_kind(keeper), all_of()
    held: dict[str, set[str]] = {}
    for each in completed:
        if each.valid(on):
            held.setdefault(each.email, set()).add(each.course)
    return [
        member.email
        for member in members().open(on)
        if member.email != keeper.email
        and may_keep_people(keeper, own, member.partner_id)
        and asked_of(member.actor()) - held.get(member.email, set())
    ]


def _tag(completed: Completed | None, on: date) -> tuple[str, str]:
    if completed is None:
        return "stop", "not taken"
    if not completed.valid(on):
        return "stop", f"ended on {day(completed.until)}"
    soon = (completed.until - on).days <= DUE
    return "warn" if soon else "ok", f"counts until {day(completed.until)}"


def _evidence_of(completed: Completed | None, shown: Mapping[tuple[str, str, date], str]) -> str:
    if completed is None:
        return ""
    found = shown.get((completed.email, completed.course, completed.on))
    return f"taken here on {day(completed.on)}: {found}" if found else f"recorded for {day(completed.on)}"


def evidence() -> dict[tuple[str, str, date], str]:
    """By e-mail, course and day: what shows that it was completed here, in words. Completions from elsewhere have none."""
    return {
        (row.email, row.course, row.at.date()): f"{row.right} of {row.of} right, text {row.version[:12]}"
        for row in Attempt.objects.filter(passed=True).order_by("at")
    }


_STAMP = RegisterStamp("max(id)", "max(at)", "count(*)", table=Completion._meta.db_table)
_COMPLETED = Cache[list[tuple[str, str, date]]](256)


def _completed(**which: str) -> list[Completed]:
    rows = Completion.objects.filter(**which).order_by("email", "on", "id")
    found = _COMPLETED.of(
        (_STAMP.now(), *which.items()), lambda: list(rows.values_list("email", "course", "on"))
    )
    settings = current_community().settings.training
    return [
        Completed(email, course, on, on + timedelta(days=settings.days_of(course)))
        for email, course, on in found
    ]
