"""How right linkage is, as readers of a sample found."""

from django.http import HttpResponse
from django.shortcuts import render

from throughway.identity.views.sight import check_keeps_all
from throughway.partners.roles import Role
from throughway.partners.screens import ActingRequest, screen


@screen(Role.DATA_STEWARD, person=True)
def quality(request: ActingRequest) -> HttpResponse:
    check_keeps_all(request.actor)
    return render(request, "identity/quality.html", {})
