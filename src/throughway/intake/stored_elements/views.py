"""The button that enters what landed of a partner into its register of data systems."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from throughway.core.refusals import Refused
from throughway.intake.stored_elements.actions import register_landed
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.permissions import KEEP_SYSTEMS, may_keep_systems
from throughway.partners.selectors import known, own_kind
from throughway.partners.systems.system import SystemEventKind

SAID = {
    None: "Nothing new has landed: the register is as it was.",
    SystemEventKind.ADDED: "What landed is in the register. Say which offices answer for it.",
    SystemEventKind.CHANGED: "The register says again what has landed.",
}


@screen(*KEEP_SYSTEMS)
@require_POST
def register(request: ActingRequest, partner: str) -> HttpResponse:
    known(partner)
    if not may_keep_systems(request.actor, own_kind(request.actor), partner):
        raise Http404
    try:
        entered = register_landed(partner=partner, by=request.actor)
    except Refused as refused:
        if refused.code != "nothing_landed":
            raise
        messages.warning(request, refused.message)
    else:
        messages.success(request, SAID[entered.what])
    return redirect("partners:systems", partner)
