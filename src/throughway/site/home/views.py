"""The page that opens after signing in: what waits for this reader."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render

from throughway.partners import Role
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.permissions import KEEPERS, SIGNERS
from throughway.partners.selectors import links_given
from throughway.site.home.context import HomeContext
from throughway.site.home.evaluator import evaluator
from throughway.site.home.first_run import first_run
from throughway.site.home.items import Home
from throughway.site.home.leader import leader
from throughway.site.home.officer import officer
from throughway.site.home.steward import steward
from throughway.site.home.worker import worker

HOMES: Mapping[Role, Callable[[HomeContext], Home]] = {
    Role.PRIVACY_OFFICER: officer,
    Role.DATA_STEWARD: steward,
    Role.LEADER: leader,
    Role.CASE_WORKER: worker,
    Role.PROGRAM_MANAGER: worker,
    Role.EVALUATOR: evaluator,
}


TOLD_FOR = timedelta(days=30)  # how long a home tells that a sign-in link was given


@screen(person=True)  # a case worker's home names students
def home(request: ActingRequest) -> HttpResponse:
    around = HomeContext(request.actor, date.today())
    found = first_run(around) or HOMES[Role(request.actor.role)](around)
    watches = request.actor.role in SIGNERS | KEEPERS  # others read it on the page of their account
    links = [
        link
        for link in (links_given(around.today - TOLD_FOR) if watches else ())
        if request.actor.email in link.told
    ]
    return render(request, "site/home/home.html", {"home": found, "today": around.today, "links": links})
