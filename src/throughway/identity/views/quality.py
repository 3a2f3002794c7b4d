"""How right linkage is, as readers of a sample found: precision and recall with intervals, by group, and how readers agree."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from throughway.identity.actions import evaluate
from throughway.identity.actions.evaluation import ByGroup, by_groups
from throughway.identity.review import selectors
from throughway.identity.review.quality_estimate import (
    FEWEST,
    Estimate,
    Interval,
    TruthComparison,
    Whisker,
    agreement,
    begins,
    compare_with_truth,
    whisker,
)
from throughway.identity.review.sampling import FLOOR, measured
from throughway.identity.selectors import label_summary
from throughway.identity.views.visibility import check_keeps_all
from throughway.partners import Actor
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.roles import Role
from throughway.partners.selectors import partner_names


@screen(Role.DATA_STEWARD, person=True)
def quality(request: ActingRequest) -> HttpResponse:
    """The newest sample in counts. A POST asks for groups, which reads records under the linkage purpose."""
    check_keeps_all(request.actor)
    sample, mine = selectors.sample(), selectors.waiting(request.actor, sample=True)
    context: dict[str, Any] = {
        "sample": sample,
        "fewest": FEWEST,
        "one_in": round(1 / FLOOR),
        "next": mine[0] if mine else None,
        "waiting": len(mine),
        "agreement": agreement(selectors.read_twice(by_lot=True)),
        "in_all": agreement(selectors.read_twice(by_lot=False)),
        "reads": bool(selectors.purposes(request.actor)),
        "taught": label_summary(),
    }
    if sample:
        context["measured"] = measured(sample.strata, sample.drawn, sample.left_out)
        context["truth"] = _truth(context["measured"].found, request.actor)
        if request.method == "POST":
            found = by_groups(sample=sample, names=partner_names(), by=request.actor)
            context |= {"groups": found, **_drawn(found)}
    return render(request, "identity/quality.html", context)


def _truth(found: Estimate, by: Actor) -> list[TruthComparison]:
    """Beside the estimate what is true, where the folder holds a list of who is who: only that of a made-up community does."""
    truth: Path = settings.COMMUNITY.root / "truth" / "persons.csv"
    if not truth.is_file():
        return []
    judged: Any = evaluate(truth=truth, by=by)
    return compare_with_truth(judged["pairwise"], found)


def _drawn(found: ByGroup) -> dict[str, Any]:
    """Each dimension with its groups, each figure with its range to draw; and where their scale begins."""
    shown = [each.found for groups in found.found.values() for each in groups if each.found]
    begin = begins(interval for each in shown for interval in (each.precision, each.recall))

    def figure(interval: Interval | None) -> tuple[Interval, Whisker] | None:
        return (interval, whisker(interval, begin)) if interval else None

    rows = {
        dimension: [
            (each, figure(each.found.precision), figure(each.found.recall)) if each.found else (each,)
            for each in groups
        ]
        for dimension, groups in found.found.items()
    }
    return {"dimensions": rows, "begin": f"{100 * begin:.0f} %"}
