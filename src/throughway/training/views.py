"""The screens of training: the reader's courses, one course with its questions, and the register of who completed what."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from throughway.agreements.labels import course_words
from throughway.core.prose import day
from throughway.partners.actor import OFFICERS
from throughway.partners.page_access import ActingRequest, FormScreen, done, screen
from throughway.training import actions
from throughway.training.forms import AnswersForm, RecordForm
from throughway.training.library import LANGUAGES, in_language
from throughway.training.selectors import asked, held, library, people, standings

LANGUAGE_NAMES = {"en": "English", "es": "Español"}


@screen()
def courses(request: ActingRequest) -> HttpResponse:
    found = standings(request.actor, translation.get_language_from_request(request), date.today())
    to_do = [standing for standing in found if standing.required and standing.until is None]
    return render(
        request,
        "training/list.html",
        {"standings": found, "to_do": to_do, "keeps": request.actor.role in OFFICERS},
    )


@screen()
def course(request: ActingRequest, id: str) -> HttpResponseBase:
    """The course in the language that was asked for, or else the browser's. Who holds it reads it with the right answers; all others, and
    who asks for it again, answer its questions."""
    versions = library().get(id)
    if versions is None:
        raise Http404
    language = request.GET.get("language", "")
    read = in_language(
        versions, language if language in LANGUAGES else translation.get_language_from_request(request)
    )
    with translation.override(read.language):
        until = held(request.actor.email, id, date.today())
        context: dict[str, Any] = {
            "course": read, "until": until,
            "languages": [(each, LANGUAGE_NAMES[each]) for each in versions if each != read.language],
        }  # fmt: skip
        if until and request.method != "POST" and "again" not in request.GET:
            return render(request, "training/held.html", context)
        form = AnswersForm(request.POST or None, course=read)
        if request.method == "POST" and form.is_valid():
            marked = actions.answer(course=read, answers=form.answers, by=request.actor)
            if marked.passed:
                message = _("%(right)s of %(of)s answers are right: you have completed this course.")
                return done(
                    request, message % {"right": marked.right, "of": marked.of}, "training:course", id
                )
            form.mark_wrong(marked)
        context["sections"] = form.sections
        return render(
            request, "training/course.html", context | {"form": form}, status=422 if form.is_bound else 200
        )


class Register(FormScreen):
    """Who of the reader's people holds which course, and the form for a course that was taken elsewhere."""

    roles = OFFICERS
    template_name = "training/people.html"
    form_class = RecordForm

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(
            people=people(self.actor, date.today()), asked=sorted(asked()), **more
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "people": [p.email for p in people(self.actor, date.today())],
            "courses": asked(),
        }

    def act(self, form: RecordForm) -> HttpResponseBase:
        filled = form.cleaned_data
        recorded = actions.record(
            email=filled["email"], course=filled["course"], on=filled["on"], by=self.actor
        )
        completed = recorded.completed
        message = f"{completed.email} completed {course_words(completed.course)}; it counts until {day(completed.until)}."
        return done(self.request, message, "training:people")
