"""The screen of open steps: what waits for the reader, and where every agreement that the reader may see stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from throughway.agreements.labels import day, listed
from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.status import AgreementStatus
from throughway.agreements.status_summary import TAGS, Tag
from throughway.partners import Actor, PartnerFacts
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import partners
from throughway.site.open_steps.selectors import open_to
from throughway.site.open_steps.waiting_times import WaitingStep, by_agreement


@dataclass(frozen=True)
class OpenStepRow:
    """One open step in words. `href`: empty where the reader cannot take it."""

    title: str
    about: str
    who: str
    due: str
    tag: Tag
    how_long: str
    said: str
    is_mine: bool
    href: str


@dataclass(frozen=True)
class OpenStepGroup:
    """One agreement and what holds it; `href` empty: steps about no agreement."""

    title: str
    href: str
    tag: Tag | None
    lines: tuple[OpenStepRow, ...]


@screen()
def all_steps(request: ActingRequest) -> HttpResponse:
    today, register = date.today(), partners()
    stand = {s.document.id: s for s in agreement_statuses(today)}
    seen = open_to(request.actor, today)
    lines = {id(w): _line(w, request.actor, stand, register) for w in seen}
    mine = [line for line in lines.values() if line.is_mine]
    others = [w for w in seen if not lines[id(w)].is_mine]
    return render(
        request,
        "open_steps/open_steps.html",
        {
            "mine": mine,
            "groups": [
                _group(held.agreement, tuple(lines[id(w)] for w in held.steps), stand)
                for held in by_agreement(others, stand)
            ],
            "count": len(seen),
            "late": sum(w.is_overdue for w in seen),
        },
    )


def _line(
    found: WaitingStep,
    actor: Actor,
    stand: Mapping[str, AgreementStatus],
    register: Mapping[str, PartnerFacts],
) -> OpenStepRow:
    step, facts = found.step, register.get(found.step.waits_for)
    mine = step.is_for(actor)
    kind, words = found.tag
    roles = listed(sorted(role.label.lower() for role in step.roles)).replace(" and ", " or ")
    about = stand.get(step.agreement or "")
    return OpenStepRow(
        step.title, about.document.title if about else "",
        f"the {step.whom or roles} of {facts.name if facts else step.waits_for}", day(step.due) if step.due else "",
        Tag(kind, words), found.how_long, found.said, mine, _address(found) if mine else "",
    )  # fmt: skip


def _address(found: WaitingStep) -> str:
    try:
        return reverse(found.step.href_name, args=found.step.href_args)
    except NoReverseMatch:
        return ""


def _group(
    agreement: str, lines: tuple[OpenStepRow, ...], stand: Mapping[str, AgreementStatus]
) -> OpenStepGroup:
    found = stand.get(agreement)
    if found is None:
        return OpenStepGroup("Requests, drafts and votes", "", None, lines)
    return OpenStepGroup(
        found.document.title, reverse("agreements:one", args=[agreement]), TAGS[found.state], lines
    )
