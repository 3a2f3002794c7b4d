"""The screens of the register: partners, and the users who act for them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.generic import DetailView, ListView
from django.views.generic.detail import SingleObjectMixin

from throughway.core.prose import day
from throughway.core.refusals import Refused
from throughway.partners import actions, selectors
from throughway.partners.actor import CUSTODIANS, OFFICERS, Actor, Role
from throughway.partners.forms import (
    FirstPartnersForm,
    LastDayForm,
    PartnerForm,
    PersonForm,
    SeveralPeopleForm,
)
from throughway.partners.kinds import PartnerKind, kind_label, status_labels
from throughway.partners.leaving import actions as leaving
from throughway.partners.leaving.office import LeavingAsked, office_words
from throughway.partners.leaving.selectors import emptied_by_closing, leaving_asked
from throughway.partners.members import Invitation, LinkAsked
from throughway.partners.models import User
from throughway.partners.page_access import (
    ActingRequest,
    FormScreen,
    ScreenView,
    again,
    done,
    screen,
)
from throughway.partners.permissions import (
    SIGNERS,
    may_add_kind,
    may_agree_to_link,
    may_change_statuses,
    may_keep_people,
    may_keep_signatories,
    sees_people,
)
from throughway.partners.selectors import own_kind
from throughway.partners.signatories.selectors import signing_register

THIS_COMPUTER = frozenset({"127.0.0.1", "::1", "localhost"})


@screen()
def all_partners(request: ActingRequest) -> HttpResponse:
    lines = [(p, kind_label(p), status_labels(p)) for p in selectors.partners().values()]
    lines.sort(key=lambda line: line[0].name.lower())
    return render(request, "partners/list.html", {"lines": lines, "may_add": request.actor.role in OFFICERS})


@screen()
def one_partner(request: ActingRequest, id: str) -> HttpResponse:
    partner, people, own = selectors.known(id), selectors.members(id), own_kind(request.actor)
    context = {
        "partner": partner,
        "kind": kind_label(partner),
        "statuses": status_labels(partner),
        "changes_statuses": may_change_statuses(request.actor, id),
        "people": people,
        "open_accounts": sum(person.is_open for person in people),
        "sees_people": sees_people(request.actor, own, id),
        "may_keep": may_keep_people(request.actor, own, id),
        "systems": len(selectors.systems(id)),
        "signatories": signing_register(id).in_force(date.today()),
        "registers": signing_register(id).since is not None,
        "keeps_signatories": may_keep_signatories(request.actor, id),
    }
    return render(request, "partners/one.html", context)


class NewPartner(FormScreen):
    roles = OFFICERS
    form_class = PartnerForm
    template_name = "partners/new.html"
    refused_at = "id"

    def get_form_kwargs(self) -> dict[str, Any]:
        own = own_kind(self.actor)
        return super().get_form_kwargs() | {
            "kinds": [k for k in PartnerKind if may_add_kind(self.actor, own, k)],
            "adds_people": own == PartnerKind.BACKBONE,
        }

    def field_of(self, refused: Refused) -> str | None:
        return "signer" if refused.code == "bad_signer" else self.refused_at

    def act(self, form: PartnerForm) -> HttpResponse:
        added = actions.add_partner(**form.cleaned_data, by=self.actor)
        return done(self.request, f"{added.name} is in the register.", "partners:one", added.id)


class FirstPartners(FormScreen):
    """Adds the organizations that will share and who signs for each, and shows one sheet with the link of each, once."""

    roles = OFFICERS
    form_class = FirstPartnersForm
    template_name = "partners/first.html"
    again = True

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not selectors.named_by_operator(request.actor):
            return redirect("partners:new")  # who may not open accounts that sign adds partners one by one
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        own = self.actor.partner or ""
        return super().get_form_kwargs() | {
            "kinds": [kind for kind in PartnerKind if kind != PartnerKind.BACKBONE],
            "own": selectors.known(own).name,
            "own_signs": selectors.members(own).open().filter(role__in=SIGNERS).exists(),
        }

    def act(self, form: FirstPartnersForm) -> HttpResponse:
        added = actions.found_community(
            organizations=form.organizations(),
            own_signer=form.cleaned_data.get("own_signer", "").lower(),
            by=self.actor,
        )
        links = [(each.email, _link(self.request, each)) for each in added]
        context = {"links": links, "agreement": f"{reverse('drafting:new')}?template=matched-evaluation"}
        return _links_shown(self.request, "partners/several_invited.html", context)


class NewAccount(FormScreen):
    roles = OFFICERS
    form_class = PersonForm
    template_name = "partners/new_person.html"
    refused_at = "email"

    def get_initial(self) -> dict[str, Any]:
        return {"partner": self.request.GET.get("partner")}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"partners": kept_partners(self.actor)}

    def act(self, form: PersonForm) -> HttpResponse:
        added = actions.add_user(**form.cleaned_data | {"partner": form.instance.partner_id}, by=self.actor)
        message = "Added. Now give a link, so that a passphrase can be chosen."
        return done(self.request, message, "partners:person", User.objects.get(email=added.email).pk)


class NewAccounts(FormScreen):
    """Adds several people at once, and shows the link of each, once."""

    roles = OFFICERS
    form_class = SeveralPeopleForm
    template_name = "partners/several_people.html"
    again = True

    def get_initial(self) -> dict[str, Any]:
        return {"partner": self.request.GET.get("partner")}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"partners": kept_partners(self.actor)}

    def act(self, form: SeveralPeopleForm) -> HttpResponse:
        added = actions.add_users(**form.cleaned_data | {"partner": form.instance.partner_id}, by=self.actor)
        if not added:
            message = f"Added. A second person of {form.instance.partner.name} must agree to each link, and hands it over."
            return done(self.request, message, "partners:one", form.instance.partner_id)
        links = [(each.email, _link(self.request, each)) for each in added]
        return _links_shown(self.request, "partners/several_invited.html", {"links": links})


class KeptAccounts(ScreenView):
    """The accounts that the reader keeps; the address of any other does not exist."""

    roles = OFFICERS
    pk_url_kwarg = "number"
    context_object_name: str | None = "person"

    def get_queryset(self) -> QuerySet[User]:
        return selectors.members().filter(partner__in=kept_partners(self.actor)).select_related("partner")


class AccountList(KeptAccounts, ListView):  # type: ignore[type-arg]
    """The users whose accounts the reader manages, by partner, and what each role may do."""

    template_name = "partners/people.html"
    context_object_name = "people"
    extra_context = {"roles": list(Role), "dormant_days": selectors.DORMANT.days}

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        unused = {user.pk for user in selectors.dormant(self.actor, date.today())}
        return super().get_context_data(**more, dormant=unused)


class AccountPage(KeptAccounts, DetailView):  # type: ignore[type-arg]
    template_name = "partners/person.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        number = self.object.pk
        return super().get_context_data(
            **{"last_day_form": LastDayForm(instance=self.object)} | more,
            changes=selectors.changes(number),
            is_self=self.object.email == self.actor.email,
            signs=self.object.role in SIGNERS,
            gives=selectors.gives_alone(self.object, self.actor),
            asked=selectors.link_asked(number),
            second=sorted(selectors.second_people(number, self.actor.email)),
            last_in=office_words(emptied_by_closing(self.object)) if self.object.is_open else "",
            leaving=leaving_asked(number),
        )


class LastDay(AccountPage):
    """Sets the last day of an account, or takes it away."""

    again = True
    http_method_names = ["post"]

    def post(self, request: ActingRequest, number: int) -> HttpResponse:
        self.object = self.get_object()
        form = LastDayForm(request.POST)
        if form.is_valid():
            last = form.cleaned_data["last_day"]
            person = leaving.set_last_day(email=self.object.email, last_day=last, by=self.actor)
            if isinstance(person, LeavingAsked):
                return done(request, person.waits, "partners:person", number)
            when = "has no last day"
            if last is not None:
                when = f"ended on {day(last)}" if person.has_lapsed else f"is open through {day(last)}"
            return done(request, f"The account {when}.", "partners:person", number)
        return self.render_to_response(self.get_context_data(last_day_form=form), status=422)


class AccountAct(KeptAccounts, SingleObjectMixin):  # type: ignore[type-arg]
    """Something that is done to an account: `act` is the action, `message` says that it is done."""

    again = True
    act: Callable[..., object]
    message = ""

    def post(self, request: ActingRequest, number: int) -> HttpResponse:
        made = self.act(email=self.get_object().email, by=self.actor)
        message = made.waits if isinstance(made, LeavingAsked) else self.message
        return done(request, message, "partners:person", number)


class CloseAccount(AccountAct):
    act = staticmethod(leaving.close_user)
    message = "The account is closed. Anybody signed in with it is signed out at the next click."


class ReopenAccount(AccountAct):
    act = staticmethod(actions.reopen_user)
    message = "The account is open again. The old passphrase works."


class InviteHolder(AccountAct):
    """Shows the link once, and stores it nowhere. For an account that the actor does not open alone, requests the agreement of a second
    person instead."""

    def post(self, request: ActingRequest, number: int) -> HttpResponse:
        found = self.get_object()
        if not selectors.gives_alone(found, self.actor):
            link = actions.ask_for_link(email=found.email, by=self.actor)
            message = f"Asked. A second person has until {day(link.until)} to agree."
            return done(request, message, "partners:person", number)
        return _shown_once(request, found, actions.invite(email=found.email, by=self.actor))


@screen(*CUSTODIANS)
def agree(request: ActingRequest, number: int) -> HttpResponseBase:
    """A requested link, for the second person to agree or decline."""
    link = selectors.link_asked(number)
    if link is None or not may_agree_to_link(request.actor, link.partner, link.people):
        raise Http404
    if request.method == "POST":
        return again(_agree)(request, link)
    person = User.objects.select_related("partner").get(pk=number)
    context = {"asked": link, "person": person, "signs": person.role in SIGNERS}
    return render(request, "partners/agree.html", context)


def _agree(request: ActingRequest, link: LinkAsked) -> HttpResponse:
    if "decline" in request.POST:
        actions.decline_link(number=link.number, by=request.actor)
        return done(request, "Declined. No link was given.", "home")
    invitation = actions.agree_to_link(number=link.number, by=request.actor)
    return _shown_once(request, User.objects.get(pk=link.number), invitation)


def _shown_once(request: ActingRequest, found: User, invitation: Invitation) -> HttpResponse:
    keeps = request.actor.role in OFFICERS
    context = {"person": found, "link": _link(request, invitation), "keeps": keeps}
    return _links_shown(request, "partners/invited.html", context)


def _link(request: HttpRequest, invitation: Invitation) -> str:
    return request.build_absolute_uri(reverse("choose_passphrase", args=[invitation.user, invitation.token]))


def _links_shown(request: HttpRequest, template: str, context: Mapping[str, object]) -> HttpResponse:
    """A page with links that no cache keeps; `this_computer`: the reader came by an address that only this computer knows."""
    host = urlsplit(request.build_absolute_uri()).hostname
    response = render(request, template, {**context, "this_computer": host in THIS_COMPUTER})
    response.headers["Cache-Control"] = "no-store"
    return response


def kept_partners(actor: Actor) -> list[str]:
    """The partners whose accounts the reader keeps."""
    own = own_kind(actor)
    return [id for id in selectors.partners() if may_keep_people(actor, own, id)]
