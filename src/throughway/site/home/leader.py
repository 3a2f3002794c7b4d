"""Home of a leader: what waits for a signature, the newest finding, what changed."""

from datetime import date, timedelta

from django.urls import reverse

from throughway.agreements.labels import day
from throughway.agreements.selectors import past_acts_since
from throughway.agreements.states import AgreementAct
from throughway.insight.selectors import newest
from throughway.publication.selectors import releases
from throughway.publication.states import ReleaseState
from throughway.site.home.agreements import papers
from throughway.site.home.context import HomeContext
from throughway.site.home.items import Home, HomeItem, Number
from throughway.site.home.steps import steps

LATELY = timedelta(days=30)
MOST = 6
SAID = {
    AgreementAct.ACTIVATE: "took effect",
    AgreementAct.SUSPEND: "was suspended",
    AgreementAct.RESUME: "passes records again",
    AgreementAct.TERMINATE: "was ended",
}


def leader(around: HomeContext) -> Home:
    mine = [s for s in around.standings if around.actor.partner in s.document.partners]
    return Home(
        waits=[*papers(around), *steps(around)],
        numbers=[
            Number(sum(s.in_effect for s in mine), "agreements of ours in effect"),
            Number(len({p for s in mine if s.in_effect for p in s.document.partners} - {around.actor.partner}),
                   "partners we share with"),
        ],
        onward=HomeItem("See where students are lost", reverse("insight:pipeline")),
        finding=newest(),
        heading="What changed in the last 30 days",
        lines=changes(around),
    )  # fmt: skip


def changes(around: HomeContext) -> list[HomeItem]:
    """Acts on the agreements that the reader may open, and releases; newest first."""
    since = around.today - LATELY
    titles = {s.document.id: s.document.title for s in around.standings}
    found = [
        (
            deed.day,
            HomeItem(f"“{titles[id]}” {SAID[deed.act]}", reverse("agreements:one", args=[id]), day(deed.day)),
        )
        for id, deed in past_acts_since(since)
        if id in titles and deed.act in SAID
    ]
    for release in releases(around.actor):
        if release["state"] != ReleaseState.PUBLIC:
            continue
        at = date.fromisoformat(release["public_on"])
        if at >= since:
            href = reverse("publication:release", args=[release["id"]])
            found.append((at, HomeItem(f"“{release['title']}” was published", href, day(at))))
    return [line for _, line in sorted(found, key=lambda one: one[0], reverse=True)[:MOST]]
