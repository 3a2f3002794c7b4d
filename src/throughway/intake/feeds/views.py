"""The page of feeds: what is expected of each partner's files, where each stands, and how its files differed."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from throughway.agreements.labels import day
from throughway.core.prose import counted
from throughway.intake.feeds.status import ExpectedFeed, FeedState, SenderWithoutFeed, in_words, without_feed
from throughway.intake.formats import FORMATS
from throughway.intake.load_history import Batch
from throughway.intake.permissions import can_load, sees_all_loads
from throughway.intake.selectors import batches, documents_in_effect, expected_feeds
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import partner_names

SHOWN = 10  # loads of a feed


@screen()
def all_feeds(request: ActingRequest) -> HttpResponse:
    documents, names = documents_in_effect(), partner_names()
    own = None if sees_all_loads(request.actor, documents) else [request.actor.partner or ""]
    loads = batches(own)
    found = expected_feeds(own, date.today(), loads)
    senders = without_feed(loads, found)
    order = (FeedState.STOPPED, FeedState.LATE, FeedState.WAITING, FeedState.ON_TIME)
    shown = [
        {
            "feed": feed, "partner": names.get(feed.contract.partner, feed.contract.partner),
            "format": FORMATS[feed.format].title, "expects": list(in_words(feed.contract)),
            "loads": [_load(load) for load in feed.loads[:SHOWN]], "more": max(len(feed.loads) - SHOWN, 0),
            "may_send": can_load(request.actor, feed.contract.partner, documents),
        }
        for feed in sorted(found, key=lambda feed: order.index(feed.state))
    ]  # fmt: skip
    return render(request, "intake/feeds.html", {
        "shown": shown, "headline": _headline(found, senders),
        "senders": [(names.get(each.partner, each.partner), each.sentence) for each in senders],
    })  # fmt: skip


def _headline(found: list[ExpectedFeed], senders: list[SenderWithoutFeed]) -> str:
    """Nothing is called as expected while partners send files of which nothing is expected."""
    wrong = sum(feed.state in (FeedState.STOPPED, FeedState.LATE) for feed in found)
    if wrong and len(found) > 1:
        feeds = f"{wrong} of {len(found)} feeds {'is' if wrong == 1 else 'are'} late or stopped"
    elif found:
        feeds = (
            f"The one feed is {found[0].state}" if len(found) == 1 else "Every registered feed is as expected"
        )
    else:
        feeds = "No feed is registered yet"
    if not senders:
        return "Every feed is as expected" if found and not wrong else feeds
    return f"{feeds}; {counted(len(senders), 'partner sends', 'partners send')} files without one"


def _load(load: Batch) -> dict[str, Any]:
    kind, words = (
        ("stop", "stopped")
        if load.is_stopped
        else ("stop", "refused")
        if load.refusal
        else ("ok", "accepted")
    )
    return {
        "load": load, "when": day(load.at.date()), "kind": kind, "words": words,
        "differences": [finding.sentence for finding in load.findings],
        "reason": load.accepted, "refusal": "" if load.findings else load.refusal,
    }  # fmt: skip
