"""The screen on which somebody agrees that a load of their partner is taken back."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from throughway.core.refusals import Refused
from throughway.destruction.actions import orders
from throughway.destruction.undo_requests import actions, selectors
from throughway.destruction.undo_requests.request import UndoAsked
from throughway.destruction.views import BEGAN, undo_effects
from throughway.partners.actor import CUSTODIANS
from throughway.partners.page_access import ActingRequest, ScreenView, done
from throughway.partners.permissions import may_agree_to_link


class AgreeToUndo(ScreenView):
    """A request to take a load back, with what it would do now, for one of those who decide to agree to or decline."""

    roles = CUSTODIANS
    again = True

    def get(self, request: ActingRequest, number: int) -> HttpResponse:
        asked = self._asked(number)
        load = orders.check_may_take_back(asked.load, self.actor)
        context: dict[str, object] = {"asked": asked, "load": load}
        try:
            found, reasons = orders.undoing_of_load(load, self.actor)
            context |= undo_effects(load, found, self.actor)
            context |= {"reasons": reasons, "changed": not asked.is_still(found)}
        except Refused as refused:
            context |= {"cannot": refused.message}
        return render(request, "destruction/agree_to_undo.html", context)

    def post(self, request: ActingRequest, number: int) -> HttpResponse:
        asked = self._asked(number)
        if "decline" in request.POST:
            actions.decline_undo(number=number, by=self.actor)
            return done(request, "Declined. Nothing was changed.", "home")
        actions.agree_to_undo(number=number, by=self.actor)
        return done(request, BEGAN, "destruction:undo", asked.load)

    def _asked(self, number: int) -> UndoAsked:
        found = selectors.undo_asked(number)
        if found is None or not may_agree_to_link(self.actor, found.partner, found.people):
            raise Http404
        return found
