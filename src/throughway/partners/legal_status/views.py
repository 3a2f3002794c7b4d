"""The screens on which a partner's legal statuses change: its own form, and the request to which a second person agrees."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from throughway.core.prose import day
from throughway.core.refusals import Refused
from throughway.partners.actor import CUSTODIANS
from throughway.partners.kinds import STATUS_LABELS, status_labels
from throughway.partners.legal_status import actions, selectors
from throughway.partners.legal_status.forms import LegalStatusForm
from throughway.partners.legal_status.status_change import StatusChangeAsked
from throughway.partners.page_access import ActingRequest, FormScreen, ScreenView, done
from throughway.partners.permissions import may_agree_to_link, may_change_statuses
from throughway.partners.selectors import known

CHANGED = "The legal statuses are changed. Where an agreement in effect no longer passes the review, Where things stand says so."


class LegalStatuses(FormScreen):
    """The legal statuses of the reader's own partner, and how they came to be; the form changes them or asks for it."""

    roles = CUSTODIANS
    form_class = LegalStatusForm
    template_name = "partners/legal_statuses.html"
    again = True

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.partner = known(kwargs["id"])
        if not may_change_statuses(self.actor, self.partner.id):
            raise Http404

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"partner": self.partner}

    def field_of(self, refused: Refused) -> str | None:
        return "reason" if refused.code == "no_reason" else None

    def act(self, form: LegalStatusForm) -> HttpResponse:
        made = actions.change_statuses(partner=self.partner.id, **form.cleaned_data, by=self.actor)
        message = CHANGED
        if isinstance(made, StatusChangeAsked):
            message = f"Asked. A second person has until {day(made.until)} to agree."
        return done(self.request, message, "partners:statuses", self.partner.id)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        own = self.partner.id
        return super().get_context_data(
            **more,
            partner=self.partner,
            statuses=status_labels(self.partner),
            changes=[each for each in reversed(selectors.status_changes()) if each.partner == own],
            asked=[each for each in selectors.status_changes_asked(date.today()) if each.partner == own],
        )


class AgreeToStatuses(ScreenView):
    """A change that was asked for, for the second person to agree to or decline."""

    roles = CUSTODIANS
    again = True

    def get(self, request: ActingRequest, number: int) -> HttpResponse:
        asked = self._asked(number)
        words = {
            what: [STATUS_LABELS[status] for status in sorted(statuses)]
            for what, statuses in (("adds", asked.adds), ("removes", asked.removes))
        }
        context = {"asked": asked, "partner": known(asked.partner), **words}
        return render(request, "partners/agree_to_statuses.html", context)

    def post(self, request: ActingRequest, number: int) -> HttpResponse:
        asked = self._asked(number)
        if "decline" in request.POST:
            actions.decline_statuses(number=number, by=self.actor)
            return done(request, "Declined. Nothing was changed.", "home")
        actions.agree_to_statuses(number=number, by=self.actor)
        return done(request, CHANGED, "partners:statuses", asked.partner)

    def _asked(self, number: int) -> StatusChangeAsked:
        found = selectors.status_change_asked(number)
        if found is None or not may_agree_to_link(self.actor, found.partner, found.people):
            raise Http404
        return found
