"""The pages of studies: the list, one study, its finding with what follows it, and the form that registers one."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any

import yaml
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from throughway.agreements.public_register.views import chosen_language, language_context
from throughway.evidence.actions import follow_up, runs
from throughway.evidence.actions.previews import plan_study
from throughway.evidence.actions.studies import register_study
from throughway.evidence.actions.taking_back import take_back
from throughway.evidence.finding_page import data_go_to, finding_page
from throughway.evidence.follow_up import FollowUpStage
from throughway.evidence.forms import (
    STARTER,
    FollowUpForm,
    MeasuredForm,
    OutcomeForm,
    ReplyForm,
    StudyFieldsForm,
    StudyForm,
    StudyTakeBackForm,
    in_language,
)
from throughway.evidence.permissions import (
    REGISTRARS,
    may_decide,
    may_follow_up,
    may_register,
    may_reply,
    may_take_back,
)
from throughway.evidence.registered_study import parsed_document, study_document_of
from throughway.evidence.selectors import (
    KnownFinding,
    beside_others,
    finding,
    newest_words,
    studies,
    study,
)
from throughway.evidence.verdict import Verdict
from throughway.evidence.verdict_words import HEADLINES, TAGS
from throughway.governance import selectors as governance
from throughway.insight.selectors import askable, notes
from throughway.measures.sql import last_complete_year
from throughway.partners.page_access import ActingRequest, done, refusal_at, refusal_told, screen
from throughway.partners.selectors import own_kind, partner_names, users
from throughway.publication.states import notice

MOST_MEETINGS = 20


def in_readers_language(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Findings are read by boards and families: these pages are in English and Spanish, as the public pages are."""

    @wraps(view)
    def answer(request: ActingRequest, **named: Any) -> HttpResponse:
        with translation.override(chosen_language(request)):
            response = view(request, **named)
        response.headers["Content-Language"] = chosen_language(request)
        return response

    return answer


@screen()
@require_safe
@in_readers_language
def listed(request: ActingRequest) -> HttpResponse:
    """Every registered study, with the verdict of its newest finding where the reader may see it."""
    words, names = newest_words(request.actor), partner_names()
    context = {
        "lines": [
            (each, _word(words.get(each.id)), names.get(each.program.partition("/")[0], each.program))
            for each in studies()
        ],
        "may_register": may_register(request.actor),
        **language_context(request),
    }
    return render(request, "evidence/studies.html", context)


def _word(found: tuple[Verdict, str] | None) -> tuple[str, str, str] | None:
    """The kind of the tag, the headline and the release of a finding."""
    if found is None:
        return None
    verdict, release = found
    return TAGS[verdict], HEADLINES[verdict], release


@screen(*sorted(REGISTRARS))
def new(request: ActingRequest) -> HttpResponse:
    """Registers a study, field by field or from its text; or shows what it could tell, before anything is registered."""
    purposes = askable(request.actor, date.today())
    offered = [(each.purpose, f"{each.purpose}: {each.interest}") for each in purposes]
    from_text = "study" in request.POST
    sent = request.POST if request.method == "POST" else None
    starter = STARTER.format(
        purpose=purposes[-1].purpose if purposes else "purpose", year=last_complete_year(date.today())
    )
    text = StudyForm(sent if from_text else None, initial={"study": starter})
    planned = {name: request.GET[name] for name in ("program", "design") if name in request.GET}
    fields = StudyFieldsForm(None if from_text else sent, purposes=offered, initial=planned)
    form: StudyForm | StudyFieldsForm = text if from_text else fields
    if sent is not None and form.is_valid():
        with refusal_at(form, "study" if from_text else None):
            asked = (
                study_document_of(form.cleaned_data["study"])
                if isinstance(form, StudyForm)
                else parsed_document(form.values())
            )
            decision = form.cleaned_data["decision"]
            if "preview" in request.POST:
                context = {
                    "text": text,
                    "fields": fields,
                    "plan": plan_study(document=asked, by=request.actor, decision=decision),
                }
                return render(request, "evidence/new_study.html", context)
            made = register_study(document=asked, by=request.actor, decision=decision)
            return done(
                request,
                "The study is registered. Its text cannot be changed any more.",
                "studies:study",
                made.id,
            )
    context = {"text": text, "fields": fields}
    return render(request, "evidence/new_study.html", context, status=422 if form.errors else 200)


@screen()
@require_safe
def one(request: ActingRequest, id: str) -> HttpResponse:
    """What a study asks, whether outcomes were read before, other specifications, and its finding or the button that runs it."""
    return _study(request, id, StudyTakeBackForm())


@screen(*sorted(REGISTRARS))
@require_POST
def retract(request: ActingRequest, id: str) -> HttpResponse:
    """Takes back a study of which no outcome was read."""
    form = StudyTakeBackForm(request.POST)
    if form.is_valid():
        with refusal_at(form):
            take_back(id=id, reason=form.cleaned_data["reason"], by=request.actor)
            return done(request, "The study is taken back.", "studies:study", id)
    return _study(request, id, form)


def _study(request: ActingRequest, id: str, form: StudyTakeBackForm) -> HttpResponse:
    found = study(id)
    words = newest_words(request.actor)
    others = [each for each in studies(question=found.question) if each.id != found.id]
    open_ = not found.findings and found.taken_back is None
    may_run = open_ and any(each.purpose == found.purpose for each in askable(request.actor, date.today()))
    context = {
        "study": found,
        "text": yaml.safe_dump(
            {k: v for k, v in found.document.items() if v not in (None, []) and k != "smallest_effect"},
            sort_keys=False,
            allow_unicode=True,
        ),
        "word": _word(words.get(found.id)),
        "others": [(each, _word(words.get(each.id))) for each in others],
        "run": runs.newest_run(found.id),
        "may_run": may_run and may_register(request.actor),
        "take_back": form
        if form.errors or (open_ and not found.read and may_take_back(request.actor, found.partner))
        else None,
        "program_partner": partner_names().get(found.program.partition("/")[0], found.program),
    }
    return render(request, "evidence/study.html", context, status=422 if form.errors else 200)


@screen(*sorted(REGISTRARS))
@require_POST
def run(request: ActingRequest, id: str) -> HttpResponse:
    """Asks the background process to run the study."""
    found = study(id)
    with refusal_told(request):
        runs.ask_for_run(study=found.id, by=request.actor)
        messages.success(request, "The study is being run. Its finding appears here in a minute or two.")
    return redirect("studies:study", id=found.id)


@screen()
@in_readers_language
def one_finding(request: ActingRequest, release: str) -> HttpResponse:
    """A finding, the program's reply, and what was decided because of it."""
    found = finding(release, request.actor)
    forms = _forms(request, found)
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act not in forms:
            raise Http404
        form = forms[act]
        if form.is_valid():
            with refusal_at(form):
                _ACTS[act.partition(":")[0]](request, found, form, act)
                return done(
                    request, _("It is recorded with the finding."), "studies:finding", found.release.id
                )
    page = finding_page(found.release.about["finding"], found.release.tables)
    invalid = any(form.errors for form in forms.values())
    names = partner_names()
    context = {
        **language_context(request), "page": page, "may_plan": may_register(request.actor), "found": found, "study": found.study, "release": found.release,
        "notice": notice(found.release.standing),
        "notes": notes(found.release), "data": data_go_to(found.release.data_through),
        "others": [study(each) for each in found.study.others],
        "beside_others": beside_others(found),
        "program_partner": names.get(found.program_partner, found.program_partner),
        "reply_form": forms.get("reply"), "decision_form": forms.get("decide"),
        "decisions": [
            (each, names.get(each.owner_partner, each.owner_partner), forms.get(f"done:{each.number}"), forms.get(f"again:{each.number}"))
            for each in found.decisions
        ],
        "rule": next((table.rule for table in found.release.tables if table.rule), ""),
    }  # fmt: skip
    return render(request, "evidence/finding.html", context, status=422 if invalid else 200)


def _forms(request: ActingRequest, found: KnownFinding) -> Mapping[str, Any]:
    """The forms that this reader may send, by their act."""
    actor, own = request.actor, own_kind(request.actor)
    sent = request.POST.get("act") if request.method == "POST" else None
    forms: dict[str, Any] = {}

    def offer(act: str, form: type[Any], **options: Any) -> None:
        forms[act] = form(
            request.POST if sent == act else None, auto_id=f"{act.replace(':', '-')}-%s", **options
        )
        in_language(forms[act])

    if may_reply(actor, found.program_partner):
        offer("reply", ReplyForm)
    if may_decide(actor, own, found.program_partner):
        names, days = (
            {id: body.name for id, body in governance.bodies().items()},
            language_context(request)["day"],
        )
        held = [each for each in governance.meetings() if each.day <= date.today()][-MOST_MEETINGS:]
        meetings = [(str(m.number), f"{names[m.body]}, {date_format(m.day, days)}") for m in reversed(held)]
        partner = partner_names()
        owners = [(each.email, f"{each.email} ({partner.get(each.partner or '', '')})") for each in users()]
        offer("decide", FollowUpForm, meetings=meetings, owners=owners)
    for each in found.decisions:
        if may_follow_up(actor, own, found.program_partner, each.owner):
            if each.stage is FollowUpStage.CARRY_OUT:
                offer(f"done:{each.number}", OutcomeForm)
            elif each.stage is FollowUpStage.MEASURE:
                offer(f"again:{each.number}", MeasuredForm, releases=_later(found))
    return forms


def _later(found: KnownFinding) -> list[tuple[str, str]]:
    """The other findings on the same program, by their release."""
    return [
        (release, f"{known.title} ({release})")
        for known in studies(program=found.study.program)
        for release in known.findings
        if release != found.release.id
    ]


def _reply(request: ActingRequest, found: KnownFinding, form: Any, act: str) -> None:
    follow_up.reply(release=found.release.id, text=form.cleaned_data["reply"], by=request.actor)


def _decide(request: ActingRequest, found: KnownFinding, form: Any, act: str) -> None:
    given = form.cleaned_data
    follow_up.decide_on(
        release=found.release.id, text=given["text"], owner=given["owner"], due=given["due"], measure_again_on=given["measure_again_on"],
        meeting=int(given["meeting"]) if given["meeting"] else None, met_on=given["met_on"], by=request.actor,
    )  # fmt: skip


def _done(request: ActingRequest, found: KnownFinding, form: Any, act: str) -> None:
    follow_up.follow_up(
        decision=int(act.partition(":")[2]),
        done="not_done" not in request.POST,
        words=form.cleaned_data["words"],
        by=request.actor,
    )


def _again(request: ActingRequest, found: KnownFinding, form: Any, act: str) -> None:
    follow_up.measured_again(
        decision=int(act.partition(":")[2]), release=form.cleaned_data["release"], by=request.actor
    )


_ACTS: Mapping[str, Callable[[ActingRequest, KnownFinding, Any, str], None]] = {
    "reply": _reply,
    "decide": _decide,
    "done": _done,
    "again": _again,
}
