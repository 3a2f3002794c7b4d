"""The page that opens after signing in: what waits for this reader."""

from collections.abc import Callable, Mapping
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render

from throughway.partners import Role
from throughway.partners.screens import ActingRequest, screen
from throughway.site.home.around import Around
from throughway.site.home.evaluator import evaluator
from throughway.site.home.first_run import first_run
from throughway.site.home.leader import leader
from throughway.site.home.officer import officer
from throughway.site.home.steward import steward
from throughway.site.home.waits import Home
from throughway.site.home.worker import worker

HOMES: Mapping[Role, Callable[[Around], Home]] = {
    Role.PRIVACY_OFFICER: officer,
    Role.DATA_STEWARD: steward,
    Role.LEADER: leader,
    Role.CASE_WORKER: worker,
    Role.PROGRAM_MANAGER: worker,
    Role.EVALUATOR: evaluator,
}


@screen(person=True)  # a case worker's home names students
def home(request: ActingRequest) -> HttpResponse:
    around = Around(request.actor, date.today())
    found = first_run(around) or HOMES[Role(request.actor.role)](around)
    return render(request, "site/home/home.html", {"home": found, "today": around.today})
