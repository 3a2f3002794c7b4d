"""One search for the whole site: students whom the reader may open, agreements, supports and partners.

The words are sent in the body of a request, so that no name is in an address, a log or the browser's history.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from throughway.agreements.agreement_list import is_listed_for, may_see_status
from throughway.agreements.selectors import agreement_lifecycles
from throughway.agreements.status_text import TAGS
from throughway.casework.name_search import FoundStudents, find_my_students
from throughway.casework.selectors import reader_of
from throughway.casework.student_list import fold
from throughway.casework.views.students import WORKERS
from throughway.consent.contested_parts import contested_in_words
from throughway.partners.actor import Actor
from throughway.partners.kinds import kind_label
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import partners
from throughway.supports.selectors import entries

MOST = 10  # results of a kind; the room's own list has them all
LONGEST = 200  # letters of what is typed
SHORTEST = 2


@dataclass(frozen=True)
class Result:
    """A line with a link; `details` say what it is, `tag` how it stands (kind and words)."""

    title: str
    href: str
    details: str = ""
    tag: tuple[str, str] | None = None


@screen(person=True, only_reads=True)
def search(request: ActingRequest) -> HttpResponse:
    """A GET is the empty form; a POST finds."""
    text = request.POST.get("words", "").strip()[:LONGEST] if request.method == "POST" else ""
    words, today = fold(text).split(), date.today()
    searched = any(len(word) >= SHORTEST for word in words)
    context: dict[str, object] = {"words": text, "searched": searched, "short": bool(words) and not searched}
    if searched:
        students = _students(request.actor, text, today)
        found = {
            "agreements": _agreements(request.actor, words, today),
            "supports": _supports(words),
            "partners": _partners(words),
        }
        context |= {name: results[:MOST] for name, results in found.items()}
        context |= {
            "students": students,
            "statements": contested_in_words(students.statements) if students else (),
            "more": {name: len(results) - MOST for name, results in found.items() if len(results) > MOST},
            "nothing": not any((*found.values(), students and students.students)),
        }
    return render(request, "site/search.html", context)


def _students(actor: Actor, text: str, today: date) -> FoundStudents | None:
    """None for a role that opens no student's page."""
    if actor.role not in WORKERS:
        return None
    return find_my_students(actor, reader_of(actor, today), text, today)


def _agreements(actor: Actor, words: Iterable[str], today: date) -> list[Result]:
    """Those of the reader's own list of agreements; of one whose text in effect the reader may not see, the later text."""
    register, found = partners(), []
    for life in agreement_lifecycles(today):
        if not is_listed_for(actor, life, register):
            continue
        sees = life.pending is None or may_see_status(actor, life.current, register)
        shown = life.current if sees else life.pending
        assert shown is not None
        document = shown.document
        if _fits(words, document.title, document.id):
            tag = TAGS[shown.state]
            found.append(
                Result(
                    document.title,
                    reverse("agreements:one", args=[document.id]),
                    document.id,
                    (tag.kind, tag.words),
                )
            )
    return sorted(found, key=lambda result: fold(result.title))


def _supports(words: Iterable[str]) -> list[Result]:
    return [
        Result(
            each.said.name,
            reverse("supports:entry", args=[each.number]),
            f"{each.said.category_words.capitalize()}, {each.partner_name}",
        )
        for each in entries()
        if not each.closed and _fits(words, each.said.name, each.partner_name, each.said.category_words)
    ]


def _partners(words: Iterable[str]) -> list[Result]:
    return [
        Result(each.name, reverse("partners:one", args=[each.id]), kind_label(each))
        for each in partners().values()
        if _fits(words, each.name, each.id)
    ]


def _fits(words: Iterable[str], *texts: str) -> bool:
    text = fold(" ".join(texts))
    return all(word in text for word in words)
