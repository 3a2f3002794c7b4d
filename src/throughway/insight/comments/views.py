"""Reading comments: which there are, a few of them with the themes beside each, and the list of themes."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from throughway.agreements.selectors import one
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.insight.comments.actions import add_theme, delete_theme, rename_theme, save_codings
from throughway.insight.comments.counting import CommentKey
from throughway.insight.comments.forms import NO_THEME, ReadingForm, ThemeForm
from throughway.insight.comments.selectors import (
    AT_ONCE,
    CommentReader,
    ReadComment,
    comment_purposes,
    themes,
    who_can_act,
    withheld_comments,
)
from throughway.insight.models import CommentTheme
from throughway.partners.actor import Role
from throughway.partners.page_access import ActingRequest, refusal_at, refusal_told, screen
from throughway.partners.selectors import partner_names

CODERS = (Role.EVALUATOR, Role.DATA_STEWARD)
BOTH = "Choose themes, or that none fits, not both."


@screen(*CODERS, person=True)
def comments(request: ActingRequest) -> HttpResponse:
    """The questions with comments, under one purpose."""
    purposes = comment_purposes(request.actor, date.today())
    wanted = request.GET.get("purpose", "")
    chosen = next((each for each in purposes if each.purpose == wanted), next(iter(purposes), None))
    context: dict[str, object] = {
        "purposes": purposes, "chosen": chosen, "themes": themes(),
        "withheld": withheld_comments(request.actor, date.today()),
    }  # fmt: skip
    if chosen is not None:
        try:
            reader = CommentReader(request.actor, chosen.purpose)
            names = partner_names()
            context |= {
                "questions": reader.questions(),
                "not_read": reader.not_read,
                "lacks": [names.get(each, each) for each in reader.lacks],
            }
        except Refused as refused:
            context["refused"] = refused.message
    return render(request, "insight/comments/comments.html", context)


@screen(*CODERS, person=True)
def read(request: ActingRequest) -> HttpResponse:
    """A few comments on one question, one after the other; saves what is said of them."""
    purposes = comment_purposes(request.actor, date.today())
    form = ReadingForm(request.POST if request.method == "POST" else request.GET, purposes=purposes)
    if not form.is_valid():
        return redirect("experiences:comments")
    asked = form.cleaned_data
    try:
        reader = CommentReader(request.actor, asked["purpose"])
        if asked["survey"] not in {key[2] for key in reader.keys}:
            raise Http404
        if request.method == "POST":
            return _save(request, reader, asked)
        waiting = reader.waiting(asked["survey"], asked["question"], read=asked["read"])
        at = min(_number(request.GET.get("from", "")) or 0, len(waiting))
        return _page(request, reader, asked, waiting, at)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("experiences:comments")


def _page(
    request: ActingRequest, reader: CommentReader, asked: Mapping[str, str], waiting: Sequence[CommentKey], at: int
) -> HttpResponse:  # fmt: skip
    shown, statements, _ = reader.words(waiting[at : at + AT_ONCE])
    listed = themes()
    more, here = len(waiting) > at + AT_ONCE, _address(asked)
    later = urlencode({**here, "from": str(at + AT_ONCE), **({"read": "on"} if asked["read"] else {})})
    context = {
        "asked": asked, "themes": listed, "left": len(waiting) - at, "statements": statements,
        "comments": [(each, _boxes(each, listed)) for each in shown],
        "other": urlencode({**here, **({} if asked["read"] else {"read": "on"})}),
        "later": f"{reverse('experiences:read_comments')}?{later}" if more else "",
    }  # fmt: skip
    return render(request, "insight/comments/read.html", context)


@screen(*CODERS, person=True)
def person_today(request: ActingRequest) -> HttpResponse:
    """One comment whose writer needs a person today: whom to call, what to tell, and what the agreement lets be told. It is opened once
    more, alone, so that the ledger says when and names its writer alone; nothing else is stored."""
    form = ReadingForm(request.GET, purposes=comment_purposes(request.actor, date.today()))
    if not form.is_valid():
        return redirect("experiences:comments")
    asked = form.cleaned_data
    try:
        reader = CommentReader(request.actor, asked["purpose"])
        key = reader.by_id(asked["survey"], asked["question"]).get(request.GET.get("comment", ""))
        if key is None:
            raise Http404
        shown, statements, entry = reader.words([key])
        document = one(reader.agreement(key[0])).document
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("experiences:comments")
    context = {
        "asked": asked, "comment": shown[0], "statements": statements, "entry": entry, "agreement": document,
        "partner": partner_names().get(key[0], key[0]), "people": [(Role(each.role).label, each.email) for each in who_can_act(key[0])],
        "back": urlencode({**_address(asked), **({"read": "on"} if asked["read"] else {})}),
    }  # fmt: skip
    return render(request, "insight/comments/person_today.html", context)


def _boxes(comment: ReadComment, listed: Sequence[CommentTheme]) -> list[tuple[CommentTheme, bool]]:
    return [(theme, theme.pk in comment.themes) for theme in listed]


def _address(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: asked[name] for name in ("purpose", "survey", "question")}


def _save(request: ActingRequest, reader: CommentReader, asked: Mapping[str, str]) -> HttpResponse:
    """Comments of which nothing was chosen stay as they are."""
    known = reader.by_id(asked["survey"], asked["question"])
    numbers = {theme.pk for theme in themes()}
    coded: dict[CommentKey, set[int]] = {}
    both = 0
    for id in request.POST.getlist("comment"):
        chosen = request.POST.getlist(f"theme-{id}")
        said = {number for each in chosen if (number := _number(each)) is not None} & numbers
        if said and NO_THEME in chosen:
            both += 1
        elif id in known and (said or NO_THEME in chosen):
            coded[known[id]] = said
    agreements = {key[0]: reader.agreement(key[0]) for key in coded}
    save_codings(coded=coded, agreements=agreements, by=request.actor)
    if coded:
        messages.success(request, f"Saved what you said of {counted(len(coded), 'comment')}.")
    if both:
        messages.error(request, f"{counted(both, 'comment')} not saved. {BOTH}")
    again = {**_address(asked), **({"read": "on"} if asked["read"] else {})}
    if (id := request.POST.get("today", "")) in known:
        return redirect(f"{reverse('experiences:person_today')}?{urlencode({**again, 'comment': id})}")
    if not coded and not both:
        messages.error(request, "Nothing was chosen, so nothing is saved. Choose themes, or that none fits.")
    return redirect(f"{reverse('experiences:read_comments')}?{urlencode(again)}")


@screen(*CODERS)
def edit_themes(request: ActingRequest) -> HttpResponse:
    """The community's themes: add one, rename one, delete one that no comment has. Open to those who may read comments."""
    if not comment_purposes(request.actor, date.today()):
        return redirect("experiences:comments")
    form = ThemeForm(request.POST if "add" in request.POST else None)
    if "add" in request.POST:
        if form.is_valid():
            with refusal_at(form, "name"):
                added = add_theme(name=form.cleaned_data["name"], by=request.actor)
                return _told(request, f"“{added.name}” is added.")
    elif request.method == "POST":
        number = _number(request.POST.get("theme", "")) or 0
        with refusal_told(request):
            if "delete" in request.POST:
                delete_theme(number=number)
                messages.success(request, "The theme is deleted.")
            else:
                rename_theme(number=number, name=request.POST.get("name", ""), by=request.actor)
                messages.success(request, "The theme is renamed.")
        return redirect("experiences:themes")
    status = 422 if form.errors else 200
    return render(request, "insight/comments/themes.html", {"form": form, "themes": themes()}, status=status)


def _told(request: HttpRequest, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect("experiences:themes")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
