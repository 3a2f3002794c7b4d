"""Counts of reports that are asked for on the site: a preview, or the registration of the report."""

from collections.abc import Mapping
from typing import Any

from throughway.insight.reports.actions import make_report, preview_report, report_kind
from throughway.partners import Actor
from throughway.partners.asked_work.actions import ask
from throughway.partners.asked_work.work import AskedNow, Work
from throughway.publication.selectors import registered


def ask_for_count(*, kind: str, purpose: str, publish: bool, by: Actor) -> None:
    """Asks for a preview of a report, or to publish it. Refused where the same is being counted under this purpose."""
    from throughway.insight.counts.tasks import count_report

    ask(COUNT, task=count_report, kind=kind, about=purpose, given={"publish": publish}, by=by)


def _count(asked: AskedNow, by: Actor) -> Mapping[str, Any]:
    kind = report_kind(asked.kind)
    if asked.given["publish"]:
        return {"found": {"release": make_report(kind, actor=by, purpose=asked.about)["release"]}}
    return {"found": {"preview": _without_places(preview_report(kind, actor=by, purpose=asked.about))}}


def _registered(asked: AskedNow, by: Actor) -> Mapping[str, Any]:
    """The release that was registered for this request. It stays so, even where the file of the report could not be written after it."""
    if not asked.given["publish"]:
        return {}
    found = (
        {"found": {"release": each.id}}
        for each in registered(by)
        if (each.about.get("report"), each.purpose, each.publisher.email) == (asked.kind, asked.about, asked.by)
        and each.at >= asked.asked_at
    )  # fmt: skip
    return next(found, {})


def _without_places(preview: Mapping[str, Any]) -> dict[str, Any]:
    """A preview with the number of figures of each table, and without the places of the figures."""
    tables = [{k: v for k, v in table.items() if k != "cells"} for table in preview["tables"]]
    return {**preview, "tables": tables}


COUNT = Work(
    does=_count,
    done_before=_registered,
    running="It is being counted under this purpose already; ask again when that is done.",
    stopped="The count was stopped before it was done. Ask once more; if it happens again, tell whoever runs the server.",
    broken="The count stopped because of an error in the program, and nothing was published; tell whoever runs the server.",
)
