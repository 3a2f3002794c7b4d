"""Asks the background process to count a report, and carries it out there."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Protocol

from django.db import IntegrityError, transaction

from throughway.core.refusals import Refused
from throughway.core.tasks import is_lost
from throughway.insight.counts.selectors import DONE, REFUSED, STOPPED, WAITING
from throughway.insight.models import AskedCount
from throughway.insight.reports.actions import make_report, preview_report
from throughway.partners import Actor
from throughway.partners.selectors import actor
from throughway.publication.selectors import registered

MOST_STARTS = 3
BROKEN = "The count stopped because of an error in the program, and nothing was published; tell whoever runs the server."
log = logging.getLogger(__name__)


class Counter(Protocol):
    """Counts a report under a purpose: its preview, or its registration."""

    def __call__(self, *, actor: Actor, purpose: str) -> Mapping[str, Any]: ...


def counters(kind: str) -> tuple[Counter, Counter]:
    """What makes the preview of a kind of report, and what publishes it."""
    if kind == "pipeline":
        from throughway.insight.actions import preview_pipeline, report_pipeline

        return preview_pipeline, report_pipeline
    if kind == "services":
        from throughway.insight.commitments.actions import preview_services, report_services

        return preview_services, report_services
    report = import_module(f"throughway.insight.{kind.replace('-', '_')}.actions").REPORT
    return (
        lambda *, actor, purpose: preview_report(report, actor=actor, purpose=purpose),
        lambda *, actor, purpose: make_report(report, actor=actor, purpose=purpose),
    )


def ask_for_count(*, kind: str, purpose: str, publish: bool, by: Actor) -> None:
    """Asks the background process for a preview of a report, or to publish it; what this person asked before is forgotten. Refused where
    the same is being counted under this purpose."""
    from throughway.insight.counts.tasks import count_report

    same = AskedCount.objects.filter(kind=kind, purpose=purpose)
    for row in same.filter(state=WAITING):
        if is_lost(row.task):
            _end(row, REFUSED, message=STOPPED)
    try:
        with transaction.atomic():
            same.filter(by=by.email).exclude(state=WAITING).delete()
            row = AskedCount.objects.create(
                kind=kind, purpose=purpose, publish=publish, state=WAITING, asked_at=datetime.now(UTC), by=by.email
            )  # fmt: skip
            row.task = str(count_report.enqueue(row.pk).id)
            row.save(update_fields=["task"])
    except IntegrityError:
        raise Refused(
            "It is being counted under this purpose already; ask again when that is done.", code="running"
        ) from None


def carry_out(*, asked: int) -> None:
    """Counts what was asked for, with the present rights of who asked, and says what came of it. Safe to run twice: what a killed
    process published is found and not published again."""
    row = AskedCount.objects.filter(pk=asked, state=WAITING).first()
    if row is None:
        return
    row.starts += 1
    row.save(update_fields=["starts"])
    try:
        by = actor(row.by)
        if row.starts > 1 and (release := _registered(row, by)):
            _end(row, DONE, release=release)
        elif row.starts > MOST_STARTS:
            _end(row, REFUSED, message=STOPPED)
        else:
            _count(row, by)
    except Refused as refused:  # the account of who asked is closed
        _end(row, REFUSED, message=refused.message)


def _count(row: AskedCount, by: Actor) -> None:
    preview, publish = counters(row.kind)
    try:
        if row.publish:
            _end(row, DONE, release=publish(actor=by, purpose=row.purpose)["release"])
        else:
            _end(row, DONE, preview=_without_places(preview(actor=by, purpose=row.purpose)))
        return
    except Refused as refused:
        message = refused.message
    except Exception as error:
        # An engine's message may hold a value: only its type is kept.
        log.error("A report could not be counted: %s", type(error).__name__)
        message = BROKEN
    # What is registered stays so, even where the file of the report could not be written after it.
    release = _registered(row, by)
    if release:
        _end(row, DONE, release=release)
    else:
        _end(row, REFUSED, message=message)


def _registered(row: AskedCount, by: Actor) -> str:
    """The release that was registered for this request; "" where there is none."""
    if not row.publish:
        return ""
    found = (
        each.id
        for each in registered(by)
        if (each.about.get("report"), each.purpose, each.publisher.email) == (row.kind, row.purpose, row.by)
        and each.at >= row.asked_at
    )
    return next(found, "")


def _without_places(preview: Mapping[str, Any]) -> dict[str, Any]:
    """A preview with the number of figures of each table, and without the places of the figures."""
    tables = [{k: v for k, v in table.items() if k != "cells"} for table in preview["tables"]]
    return {**preview, "tables": tables}


def _end(row: AskedCount, state: str, **found: Any) -> None:
    AskedCount.objects.filter(pk=row.pk, state=WAITING).update(
        state=state, ended_at=datetime.now(UTC), **found
    )
