"""The page of backups: how old the last one is, and what to do where there is none."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render

from throughway.gate.actions.backups import newest
from throughway.gate.backups import BackupStatus
from throughway.partners.actor import CUSTODIANS
from throughway.partners.page_access import ActingRequest, screen

SHOWN = 10


@screen(*CUSTODIANS)
def backups(request: ActingRequest) -> HttpResponse:
    return render(request, "site/backups.html", {"found": BackupStatus(newest(SHOWN), date.today())})
