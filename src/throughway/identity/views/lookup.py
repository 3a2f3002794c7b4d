"""Looking up somebody who waits: a form, and who it may be. What is asked stands in no address and in no journal."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from throughway.consent.contested_parts import contested_in_words
from throughway.core.refusals import Refused
from throughway.identity import actions
from throughway.identity.forms import LookUpForm
from throughway.identity.views.visibility import check_keeps_all, every_opening
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.roles import Role
from throughway.partners.selectors import partner_names

# What is told to those who run no commands.
TOLD = {
    "not_linked": "Nobody can be looked up today: records changed, and have not been compared again since. "
    "Ask a data steward to run linkage."
}


@screen(Role.DATA_STEWARD, Role.CASE_WORKER, Role.PROGRAM_MANAGER, Role.EVALUATOR, person=True)
def look_up(request: ActingRequest) -> HttpResponse:
    """For those alone to whom an agreement opens linkage; for others the page is not there. Who it may be is shown on the
    answer to a POST and nowhere else."""
    purposes = every_opening(request.actor)
    if not purposes:
        raise Http404
    form = LookUpForm(request.POST if request.method == "POST" else None, purposes=purposes)
    context: dict[str, object] = {
        "form": form,
        "leads_on": _leads_on(request),
        "works": request.actor.role in (Role.CASE_WORKER, Role.PROGRAM_MANAGER),
    }
    if request.method != "POST":
        return render(request, "identity/look_up.html", context)
    if form.is_valid():
        try:
            found = actions.look_up(**form.cleaned_data, by=request.actor)
        except Refused as refused:
            if refused.code not in ("too_little", "not_linked"):
                raise
            form.add_error(
                None, refused.message if context["leads_on"] else TOLD.get(refused.code, refused.message)
            )
        else:
            names = partner_names()
            context |= {
                "found": found,
                "statements": contested_in_words(found.statements),
                "candidates": [
                    (each, [(names.get(r.partner, r.partner), r) for r in each.records])
                    for each in found.candidates
                ],
            }
    return render(request, "identity/look_up.html", context, status=422 if form.errors else 200)


def _leads_on(request: ActingRequest) -> bool:
    """Whether the reader may open the page of one person."""
    try:
        check_keeps_all(request.actor)
    except Http404:
        return False
    return request.actor.role == Role.DATA_STEWARD
