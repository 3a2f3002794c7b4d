"""What changed lately on the agreements that a reader may open, and what was published; for the home and the month."""

from datetime import date, timedelta

from django.urls import reverse

from throughway.agreements.labels import day
from throughway.agreements.selectors import past_acts_since
from throughway.agreements.states import AgreementAct
from throughway.publication.selectors import releases
from throughway.publication.states import ReleaseState
from throughway.site.home.page import HomeContext, HomeItem, HomePart

LATELY = timedelta(days=30)
MOST_CHANGES = 6
ACT_TEXTS = {
    AgreementAct.ACTIVATE: "took effect",
    AgreementAct.SUSPEND: "was suspended",
    AgreementAct.RESUME: "was resumed",
    AgreementAct.TERMINATE: "was ended",
}


def recent_changes(context: HomeContext) -> list[HomeItem]:
    """Acts on the agreements that the reader may open, and releases; newest first."""
    since = context.today - LATELY
    titles = {s.document.id: s.document.title for s in context.standings}
    found = [
        (
            deed.day,
            HomeItem(
                f"“{titles[id]}” {ACT_TEXTS[deed.act]}", reverse("agreements:one", args=[id]), day(deed.day)
            ),
        )
        for id, deed in past_acts_since(since)
        if id in titles and deed.act in ACT_TEXTS
    ]
    return _newest([*found, *_published(context, since)])


def published_lately(context: HomeContext) -> HomePart | None:
    """Releases that became public, and those that wait for their partners, each with its page; None without one."""
    if not context.registered:
        return None
    waiting = [
        HomeItem(
            f"“{r['title']}” is registered, and waits for its partners"
            + (f" until {day(date.fromisoformat(r['public_on']))}" if r["public_on"] else ""),
            _page(r),
        )
        for r in releases(context.actor)
        if r["state"] == ReleaseState.WAITING
    ]
    found = [*waiting, *_newest(_published(context, context.today - LATELY))][:MOST_CHANGES]
    more = HomeItem("Every release", reverse("publication:releases"))
    return HomePart("Figures of the last 30 days", found, more) if found else None


def _page(release: dict[str, str]) -> str:
    return reverse("publication:release", args=[release["id"]])


def _published(context: HomeContext, since: date) -> list[tuple[date, HomeItem]]:
    public = [r for r in releases(context.actor) if r["state"] == ReleaseState.PUBLIC]
    dated = [(date.fromisoformat(r["public_on"]), r) for r in public]
    return [
        (at, HomeItem(f"“{r['title']}” was published", _page(r), day(at))) for at, r in dated if at >= since
    ]


def _newest(found: list[tuple[date, HomeItem]]) -> list[HomeItem]:
    return [line for _, line in sorted(found, key=lambda one: one[0], reverse=True)[:MOST_CHANGES]]
