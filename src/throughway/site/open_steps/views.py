"""The page of open steps: what waits for the reader, as the home has it, and the status of every agreement that the reader may see."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from throughway.agreements.labels import day, listed
from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.status import AgreementStatus
from throughway.agreements.status_text import TAGS, Tag
from throughway.partners.actor import CUSTODIANS, Actor
from throughway.partners.page_access import ActingRequest, refusal_told, screen
from throughway.partners.selectors import partner_names
from throughway.site.home.page import HomeContext
from throughway.site.home.views import home_of
from throughway.site.open_steps.actions import nudge
from throughway.site.open_steps.selectors import WaitingStep, by_agreement, key, open_to


@screen(person=True)  # what waits for a case worker names students
def all_steps(request: ActingRequest) -> HttpResponse:
    today = date.today()
    statuses = {s.document.id: s for s in agreement_statuses(today)}
    own, found = home_of(HomeContext(request.actor, today)), open_to(request.actor, today)
    others = by_agreement([each for each in found if not each.step.is_for(request.actor)], statuses)
    names = partner_names()
    context = {
        "home": own,
        "groups": [
            _group(statuses.get(id), [_row(each, statuses, names, request.actor) for each in steps])
            for id, steps in others.items()
        ],
        "any_open": bool(found or own.waits or own.tasks.due),
        "late": sum(each.is_overdue for each in found),
    }
    return render(request, "open_steps/open_steps.html", context)


@screen(*CUSTODIANS)
@require_POST
def remind(request: ActingRequest) -> HttpResponse:
    """One press reminds a partner of a step that is late."""
    with refusal_told(request):
        found = nudge(step=request.POST.get("step", ""), by=request.actor, on=date.today())
        name = partner_names().get(found.step.waits_for, found.step.waits_for)
        messages.success(
            request, f"{name} is reminded: its people see it on their home, and in the next mail."
        )
    return redirect("open_steps:open_steps")


def _row(
    found: WaitingStep, statuses: Mapping[str, AgreementStatus], names: Mapping[str, str], by: Actor
) -> dict[str, object]:
    step = found.step
    about = statuses.get(step.agreement or "")
    roles = listed(sorted(role.label.lower() for role in step.roles)).replace(" and ", " or ")
    return {
        "found": found,
        "about": about.document.title if about else "",
        "who": f"the {step.whom or roles} of {names.get(step.waits_for, step.waits_for)}",
        "due": day(step.due) if step.due else "",
        "tag": Tag(*found.tag),
        "key": key(step) if found.may_be_nudged(by) else "",
    }


def _group(status: AgreementStatus | None, rows: Sequence[dict[str, object]]) -> dict[str, object]:
    """The steps of one agreement under its title, or those without an agreement."""
    if status is None:
        return {"title": "Requests, drafts and votes", "rows": rows}
    document = status.document
    href = reverse("agreements:one", args=[document.id])
    return {"title": document.title, "href": href, "tag": TAGS[status.state], "rows": rows}
