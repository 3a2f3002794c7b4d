"""The screens of the register: partners, and the users who act for them."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from throughway.core.prose import day
from throughway.core.refusals import Refused
from throughway.partners import actions, selectors
from throughway.partners.actor import OFFICERS, Role
from throughway.partners.forms import PartnerForm, PersonForm
from throughway.partners.kinds import PartnerFacts, PartnerKind, kind_label, status_labels
from throughway.partners.members import Invitation, LinkAsked, Member
from throughway.partners.page_access import ActingRequest, again, screen
from throughway.partners.permissions import (
    SIGNERS,
    may_add_kind,
    may_agree_to_link,
    may_keep_people,
    sees_people,
)

keepers = screen(*OFFICERS)


@screen()
def all_partners(request: ActingRequest) -> HttpResponse:
    lines = [(p, kind_label(p), status_labels(p)) for p in selectors.partners().values()]
    lines.sort(key=lambda line: line[0].name.lower())
    return render(request, "partners/list.html", {"lines": lines, "may_add": request.actor.role in OFFICERS})


@screen()
def one_partner(request: ActingRequest, id: str) -> HttpResponse:
    partner = selectors.known(id)
    people = selectors.members(id)
    seen = sees_people(request.actor, _own(request).kind, id)
    context = {
        "partner": partner,
        "kind": kind_label(partner),
        "statuses": status_labels(partner),
        "people": people if seen else [],
        "open_accounts": sum(person.is_open for person in people),
        "sees_people": seen,
        "may_keep": _may_keep(request, id),
        "systems": len(selectors.systems(id)),
    }
    return render(request, "partners/one.html", context)


@keepers
def new_partner(request: ActingRequest) -> HttpResponse:
    own = _own(request).kind
    form = PartnerForm(
        request.POST or None, kinds=[k for k in PartnerKind if may_add_kind(request.actor, own, k)]
    )
    if form.is_valid():
        try:
            added = actions.add_partner(**form.cleaned_data, by=request.actor)
        except Refused as refused:
            form.add_error("id", refused.message)
        else:
            messages.success(request, f"{added.name} is in the register.")
            return redirect("partners:one", added.id)
    return render(request, "partners/new.html", {"form": form})


@keepers
def people(request: ActingRequest) -> HttpResponse:
    """The users whose accounts the reader manages, by partner, and what each role may do."""
    names = {p.id: p.name for p in _kept_partners(request)}
    lines = [(person, names[person.partner]) for person in selectors.members() if person.partner in names]
    return render(request, "partners/people.html", {"lines": lines, "roles": list(Role)})


@keepers
def new_person(request: ActingRequest) -> HttpResponse:
    form = PersonForm(
        request.POST or None,
        partners=_kept_partners(request),
        initial={"partner": request.GET.get("partner")},
    )
    if form.is_valid():
        try:
            added = actions.add_user(**form.cleaned_data, by=request.actor)
        except Refused as refused:
            form.add_error("email", refused.message)
        else:
            number = next(p.number for p in selectors.members(added.partner) if p.email == added.email)
            messages.success(request, "Added. Now give a link, so that a passphrase can be chosen.")
            return redirect("partners:person", number)
    return render(request, "partners/new_person.html", {"form": form})


@keepers
def person(request: ActingRequest, number: int) -> HttpResponse:
    found = _kept(request, number)
    context = {
        "person": found,
        "partner": selectors.known(found.partner),
        "changes": selectors.changes(number),
        "is_self": found.email == request.actor.email,
        "signs": found.role in SIGNERS,
        "asked": selectors.link_asked(number),
        "second": sorted(selectors.second_people(number, request.actor.email)),
    }
    return render(request, "partners/person.html", context)


@keepers
@require_POST
@again
def invite(request: ActingRequest, number: int) -> HttpResponse:
    """Shows the link once, and stores it nowhere. For an account that may sign, requests the agreement of a second person
    instead."""
    found = _kept(request, number)
    if found.role in SIGNERS:
        link = actions.ask_for_link(email=found.email, by=request.actor)
        messages.success(request, f"Asked. A second person has until {day(link.until)} to agree.")
        return redirect("partners:person", number)
    return _shown_once(request, found, actions.invite(email=found.email, by=request.actor))


@screen(*SIGNERS)
def agree(request: ActingRequest, number: int) -> HttpResponseBase:
    """A requested link, for the second person to agree or decline."""
    link = selectors.link_asked(number)
    if link is None or not may_agree_to_link(request.actor, link.partner, link.people):
        raise Http404
    if request.method == "POST":
        return again(_agree)(request, link)
    context = {
        "asked": link,
        "person": selectors.member(number),
        "partner": selectors.known(link.partner),
    }
    return render(request, "partners/agree.html", context)


def _agree(request: ActingRequest, link: LinkAsked) -> HttpResponse:
    if "decline" in request.POST:
        actions.decline_link(number=link.number, by=request.actor)
        messages.success(request, "Declined. No link was given.")
        return redirect("home")
    invitation = actions.agree_to_link(number=link.number, by=request.actor)
    return _shown_once(request, selectors.member(link.number), invitation)


def _shown_once(request: ActingRequest, found: Member, invitation: Invitation) -> HttpResponse:
    path = reverse("choose_passphrase", args=[invitation.user, invitation.token])
    response = render(
        request,
        "partners/invited.html",
        {
            "person": found,
            "link": request.build_absolute_uri(path),
            "keeps": request.actor.role in OFFICERS,
        },
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@keepers
@require_POST
@again
def close(request: ActingRequest, number: int) -> HttpResponse:
    found = _kept(request, number)
    actions.close_user(email=found.email, by=request.actor)
    messages.success(
        request, "The account is closed. Anybody signed in with it is signed out at the next click."
    )
    return redirect("partners:person", number)


@keepers
@require_POST
@again
def reopen(request: ActingRequest, number: int) -> HttpResponse:
    found = _kept(request, number)
    actions.reopen_user(email=found.email, by=request.actor)
    messages.success(request, "The account is open again. The old passphrase works.")
    return redirect("partners:person", number)


def _own(request: ActingRequest) -> PartnerFacts:
    assert request.actor.partner is not None  # who signs in acts for a partner
    return selectors.known(request.actor.partner)


def _may_keep(request: ActingRequest, partner: str) -> bool:
    return request.actor.role in OFFICERS and may_keep_people(request.actor, _own(request).kind, partner)


def _kept_partners(request: ActingRequest) -> list[PartnerFacts]:
    own = _own(request).kind
    return [p for p in selectors.partners().values() if may_keep_people(request.actor, own, p.id)]


def _kept(request: ActingRequest, number: int) -> Member:
    """The user of that number; 404 where there is none, or the reader does not keep the account."""
    try:
        found = selectors.member(number)
    except Refused:
        raise Http404 from None
    if not _may_keep(request, found.partner):
        raise Http404
    return found
