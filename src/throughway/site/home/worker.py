"""Home of those who work with students: who missed much, whose consent ends, whether the training holds."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.urls import reverse

from throughway.agreements.labels import course_words, day
from throughway.casework.selectors import CaseworkReader, Listing, my_students, reader_of
from throughway.casework.student_list import StudentLine
from throughway.core.prose import counted
from throughway.site.home.context import HomeContext
from throughway.site.home.items import Home, HomeItem, Number, Wait

DUE = timedelta(days=30)
EACH = 5


def worker(around: HomeContext) -> Home:
    reader = reader_of(around.actor, around.today)
    listing = my_students(around.actor, reader)
    students = listing.students
    numbers = [
        Number(len(students), "students whom you may see today"),
        Number(sum(s.talk for s in students), "missed much lately", any(s.talk for s in students)),
        *([Number(listing.hidden, "more on your caseload do not show")] if listing.hidden else []),
    ]
    return Home(
        waits=[*_closed(listing), *_training(reader), *_lapsing(students), *_talk(students)],
        numbers=numbers if students else [],
        onward=HomeItem("See my students", reverse("casework:students")),
    )


def _closed(listing: Listing) -> Iterator[Wait]:
    closed = listing.closed
    if closed is not None:
        href = (
            reverse("agreements:one", args=[closed.agreement])
            if closed.agreement
            else reverse("agreements:list")
        )
        button = "Read the agreement" if closed.agreement else "See the agreements"
        yield Wait(closed.title, closed.what_to_do, button, href, "stop", "no student shows", 0)


def _training(reader: CaseworkReader) -> Iterator[Wait]:
    asked = {course for opening in reader.openings if not opening.why for course in opening.training}
    last = {
        course: max((c.until for c in reader.completed if c.course == course), default=None)
        for course in asked
    }
    for course, until in sorted(last.items()):
        if until is not None and reader.today <= until <= reader.today + DUE:
            yield Wait(
                f"Your training ends on {day(until)}: {course_words(course)}",
                "After that day no student shows until it is recorded anew. Ask your data steward or privacy officer.",
                "See my students", reverse("casework:students"), "warn", "training due", 2,
            )  # fmt: skip


def _lapsing(students: Sequence[StudentLine]) -> Iterator[Wait]:
    ending = sorted((s for s in students if s.lapsing and s.until), key=lambda s: (s.until, s.name))
    for line in ending[:EACH]:
        assert line.until is not None
        yield Wait(
            f"{line.name}: ask the family again",
            f"What the family allows ends on {day(line.until)}; the page closes that day.",
            "Open the student", _page(line), "wait", "consent ends", 3,
        )  # fmt: skip
    yield from _more(len(ending) - EACH, "consent ends soon", "lapsing", "wait", 3)


def _talk(students: Sequence[StudentLine]) -> Iterator[Wait]:
    missing = sorted((s for s in students if s.talk), key=lambda s: (-s.missed, s.name))
    for line in missing[:EACH]:
        yield Wait(
            f"{line.name} {line.attendance[0].lower()}{line.attendance[1:]}",
            f"{line.where}. A reason to talk, not a verdict." if line.where else "A reason to talk, not a verdict.",
            "Open the student", _page(line), "warn", "talk", 4,
        )  # fmt: skip
    yield from _more(len(missing) - EACH, "missed much lately", "talk", "warn", 5)


def _more(n: int, what: str, chip: str, kind: str, rank: int) -> Iterator[Wait]:
    if n > 0:
        yield Wait(f"{counted(n, 'more student')}: {what}", "They are on your list.", "See them",
                   f"{reverse('casework:students')}?show={chip}", kind, "more", rank)  # fmt: skip


def _page(line: StudentLine) -> str:
    return reverse("casework:student", args=[line.person])
