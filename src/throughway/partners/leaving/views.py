"""The screen on which a second person agrees that an office of their partner is left empty."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from throughway.partners.actor import CUSTODIANS
from throughway.partners.leaving import actions, selectors
from throughway.partners.leaving.office import LeavingAsked, office_words
from throughway.partners.models import User
from throughway.partners.page_access import ActingRequest, ScreenView, done
from throughway.partners.permissions import may_agree_to_link


class AgreeToLeaving(ScreenView):
    """A request that would leave an office empty, for the second person to agree to or decline."""

    roles = CUSTODIANS
    again = True

    def get(self, request: ActingRequest, number: int) -> HttpResponse:
        asked = self._asked(number)
        user = User.objects.select_related("partner").get(pk=number)
        context = {"asked": asked, "person": user, "last_in": office_words(selectors.emptied_by(asked))}
        return render(request, "partners/agree_to_leaving.html", context)

    def post(self, request: ActingRequest, number: int) -> HttpResponse:
        asked = self._asked(number)
        if "decline" in request.POST:
            actions.decline_leaving(number=number, by=self.actor)
            return done(request, "Declined. Nothing was changed.", "home")
        actions.agree_to_leaving(number=number, by=self.actor)
        return done(request, "Done, as both of you wanted.", "partners:one", asked.partner)

    def _asked(self, number: int) -> LeavingAsked:
        found = selectors.leaving_asked(number)
        if found is None or not may_agree_to_link(self.actor, found.partner, found.people):
            raise Http404
        return found
