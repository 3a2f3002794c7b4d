"""Asks the background process for work, and carries it out there."""

import logging
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django_tasks.base import Task

from throughway.core.disk_full import full, is_full
from throughway.core.long_work import check_no_transaction
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.partners.asked_work.selectors import as_it_stands
from throughway.partners.asked_work.work import DONE, REFUSED, WAITING, Work
from throughway.partners.models import AskedWork
from throughway.partners.selectors import actor

MOST_STARTS = 3
log = logging.getLogger(__name__)


def ask(
    work: Work,
    *,
    task: Task[[int], None],
    kind: str,
    about: str = "",
    given: Mapping[str, Any] | None = None,
    by: Actor,
) -> None:
    """Asks for work; what this person asked before of this kind about the same is forgotten. `task`: carries it out, by its number.
    Refused while such work goes on, whoever asked."""
    same = AskedWork.objects.filter(kind=kind, about=about)
    for row in same.filter(state=WAITING):
        if not as_it_stands(row, work).waits:
            _end(row, REFUSED, message=work.stopped)
    try:
        with transaction.atomic():
            same.filter(by=by.email).exclude(state=WAITING).delete()
            row = AskedWork.objects.create(
                kind=kind, about=about, given=given or {}, state=WAITING, asked_at=datetime.now(UTC), by=by.email
            )  # fmt: skip
            row.task = str(task.enqueue(row.pk).id)
            row.save(update_fields=["task"])
    except IntegrityError:
        raise Refused(work.running, code="running") from None


def withdraw(kind: str, abouts: Collection[str]) -> None:
    """Forgets that this work was asked for; what has not begun is not begun any more."""
    AskedWork.objects.filter(kind=kind, about__in=abouts).delete()


def carry_out(work: Work, asked: int) -> None:
    """Does what was asked for, and says what came of it. Safe to run twice, and after a kill."""
    check_no_transaction("work that was asked for")
    row = AskedWork.objects.filter(pk=asked, state=WAITING).first()
    if row is None:
        return
    row.starts += 1
    row.save(update_fields=["starts"])
    try:
        by = actor(row.by)
    except Refused as refused:  # the account of who asked is closed
        _end(row, REFUSED, message=refused.message)
        return
    now = as_it_stands(row, work)
    if now.again and (before := work.done_before(now, by)):
        _end(row, DONE, **before)
        return
    if row.starts > MOST_STARTS:
        _end(row, REFUSED, message=work.stopped)
        return
    try:
        _end(row, DONE, **work.does(now, by))
        return
    except Refused as refused:
        message = refused.message
    except Exception as error:
        # An engine's message may hold a value: only its type is kept.
        log.error("Work that was asked for failed (%s): %s", row.kind, type(error).__name__)
        message = full().message if is_full(error) else work.broken
    before = work.done_before(now, by)
    _end(row, DONE if before else REFUSED, **(before or {"message": message}))


def _end(row: AskedWork, state: str, **found: Any) -> None:
    AskedWork.objects.filter(pk=row.pk, state=WAITING).update(
        state=state, ended_at=datetime.now(UTC), **found
    )
