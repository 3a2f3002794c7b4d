"""The screen of open steps: what waits for the reader, and where every agreement that the reader may see stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from throughway.agreements.labels import day, listed
from throughway.agreements.lifecycle import Standing
from throughway.agreements.selectors import standings
from throughway.agreements.status_summary import TAGS, Tag
from throughway.partners import Actor, PartnerFacts
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import partners
from throughway.site.open_steps.selectors import open_to
from throughway.site.open_steps.waiting_times import Waiting, by_agreement


@dataclass(frozen=True)
class Line:
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
class Group:
    """One agreement and what holds it; `href` empty: steps about no agreement."""

    title: str
    href: str
    tag: Tag | None
    lines: tuple[Line, ...]


@screen()
def all_steps(request: ActingRequest) -> HttpResponse:
    today, register = date.today(), partners()
    stand = {s.document.id: s for s in standings(today)}
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
    found: Waiting, actor: Actor, stand: Mapping[str, Standing], register: Mapping[str, PartnerFacts]
) -> Line:
    step, facts = found.step, register.get(found.step.waits_for)
    mine = step.is_for(actor)
    kind, words = found.tag
    roles = listed(sorted(role.label.lower() for role in step.roles)).replace(" and ", " or ")
    about = stand.get(step.agreement or "")
    return Line(
        step.title, about.document.title if about else "",
        f"the {step.whom or roles} of {facts.name if facts else step.waits_for}", day(step.due) if step.due else "",
        Tag(kind, words), found.how_long, found.said, mine, _address(found) if mine else "",
    )  # fmt: skip


def _address(found: Waiting) -> str:
    try:
        return reverse(found.step.href_name, args=found.step.href_args)
    except NoReverseMatch:
        return ""


def _group(agreement: str, lines: tuple[Line, ...], stand: Mapping[str, Standing]) -> Group:
    found = stand.get(agreement)
    if found is None:
        return Group("Requests, drafts and votes", "", None, lines)
    return Group(found.document.title, reverse("agreements:one", args=[agreement]), TAGS[found.state], lines)
