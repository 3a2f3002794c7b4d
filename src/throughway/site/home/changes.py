"""What changed lately on the agreements that a reader may open, and what was published; for the home and the month."""

from datetime import date, timedelta

from django.urls import reverse

from throughway.agreements.labels import day
from throughway.agreements.selectors import past_acts_since
from throughway.agreements.states import AgreementAct
from throughway.publication.selectors import releases
from throughway.publication.states import ReleaseState
from throughway.site.home.page import HomeContext, HomeItem

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
    for release in releases(context.actor):
        if release["state"] != ReleaseState.PUBLIC:
            continue
        at = date.fromisoformat(release["public_on"])
        if at >= since:
            href = reverse("publication:release", args=[release["id"]])
            found.append((at, HomeItem(f"“{release['title']}” was published", href, day(at))))
    return [line for _, line in sorted(found, key=lambda one: one[0], reverse=True)[:MOST_CHANGES]]
