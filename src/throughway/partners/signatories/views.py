"""The screens of the register of signatories: a partner's own, and the request to which a second person agrees."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from throughway.core.prose import day
from throughway.core.refusals import Refused
from throughway.partners.actor import CUSTODIANS
from throughway.partners.leaving.actions import end_signatory
from throughway.partners.leaving.selectors import leaving_asked_of
from throughway.partners.models import User
from throughway.partners.page_access import ActingRequest, FormScreen, ScreenView, done
from throughway.partners.permissions import SIGNERS, may_agree_to_link, may_keep_signatories
from throughway.partners.selectors import known
from throughway.partners.signatories import actions, selectors
from throughway.partners.signatories.forms import SignatoryForm
from throughway.partners.signatories.signatory import SignatoryAsked


class Signatories(FormScreen):
    """Who signs for the reader's own partner; the form asks to register somebody."""

    roles = CUSTODIANS
    form_class = SignatoryForm
    template_name = "partners/signatories.html"
    again = True

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.partner = known(kwargs["id"])
        if not may_keep_signatories(self.actor, self.partner.id):
            raise Http404

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"people": selectors.who_could(self.partner.id)}

    def field_of(self, refused: Refused) -> str | None:
        return "email" if refused.code in ("nobody_second", "wrong_role", "closed") else None

    def act(self, form: SignatoryForm) -> HttpResponse:
        actions.register_signatory(**form.cleaned_data, by=self.actor)
        asked = next(
            a for a in selectors.signatories_asked(date.today()) if a.email == form.cleaned_data["email"]
        )
        message = f"Asked. A second person has until {day(asked.until)} to agree."
        return done(self.request, message, "partners:signatories", self.partner.id)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        register, today = selectors.signing_register(self.partner.id), date.today()
        numbers = {user.email: user.pk for user in User.objects.filter(partner_id=self.partner.id)}
        return super().get_context_data(
            **more,
            partner=self.partner,
            registers=register.since is not None,
            lines=[(one, numbers[one.email]) for one in register.in_force(today)],
            leaving=[one for one in leaving_asked_of(today) if one.partner == self.partner.id],
            asked=[one for one in selectors.signatories_asked(today) if one.partner == self.partner.id],
        )


class Agree(ScreenView):
    """A request that somebody sign for the reader's partner, for the second person to agree to or decline."""

    roles = SIGNERS
    again = True

    def get(self, request: ActingRequest, number: int) -> HttpResponse:
        return render(request, "partners/agree_to_signatory.html", {"asked": self._asked(number)})

    def post(self, request: ActingRequest, number: int) -> HttpResponse:
        asked = self._asked(number)
        if "decline" in request.POST:
            actions.decline_signatory(email=asked.email, by=self.actor)
            return done(request, "Declined. Nothing was registered.", "home")
        actions.agree_to_signatory(email=asked.email, by=self.actor)
        return done(request, f"{asked.name} signs from today on.", "partners:signatories", asked.partner)

    def _asked(self, number: int) -> SignatoryAsked:
        found = selectors.signatory_asked(number)
        if found is None or not may_agree_to_link(self.actor, found.partner, found.people):
            raise Http404
        return found


class End(ScreenView):
    """Takes somebody off the register; the last one, once a second person agrees."""

    roles = CUSTODIANS
    again = True

    def post(self, request: ActingRequest, number: int) -> HttpResponse:
        user = User.objects.filter(pk=number).first()
        if user is None or not may_keep_signatories(self.actor, user.partner_id):
            raise Http404
        asked = end_signatory(email=user.email, by=self.actor)
        message = asked.waits if asked else f"{user.email} does not sign any more."
        return done(request, message, "partners:signatories", user.partner_id)
