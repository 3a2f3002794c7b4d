"""The list of all agreements."""

from django.http import HttpResponse
from django.shortcuts import render

from throughway.agreements import permissions
from throughway.agreements.agreement_list import group_by_stage, lines
from throughway.agreements.selectors import act_contexts, agreement_lifecycles, findings_of_open, today
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import partners


@screen()
def all_agreements(request: ActingRequest) -> HttpResponse:
    on, every = today(), agreement_lifecycles(today())
    found = lines(
        request.actor, [life.current for life in every], findings_of_open(on), partners(), on,
        later={life.current.document.id: life.pending for life in every if life.pending},
        settings=act_contexts(every, request.actor),
    )  # fmt: skip
    return render(
        request,
        "agreements/list.html",
        {
            "lines": found,
            "stages": group_by_stage(found),
            "in_effect": sum(line.in_effect for line in found),
            "waiting": [line for line in found if line.waits_for_reader],
            "may_add": permissions.can_add(request.actor),
        },
    )
