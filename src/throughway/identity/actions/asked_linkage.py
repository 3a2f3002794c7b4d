"""Runs of linkage that are asked for on the site: they can take minutes, so the background process carries them out."""

import logging
from datetime import UTC, date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from throughway.agreements.selectors import may_link
from throughway.core.refusals import Refused
from throughway.core.tasks import is_lost
from throughway.identity.models import AskedLinkage
from throughway.identity.selectors import DONE, REFUSED, STOPPED, WAITING
from throughway.partners import Actor
from throughway.partners.selectors import actor

MOST_STARTS = 3
BROKEN = "Linkage stopped because of an error in the program, and no link was changed; tell whoever runs the server."
log = logging.getLogger(__name__)


def ask_for_linkage(*, full: bool, by: Actor) -> None:
    """Asks the background process to link; earlier requests that have ended are forgotten. Refused where the purposes of kind linkage in
    effect do not show this reader all of their records, and while a run that was asked for goes on."""
    from throughway.identity.tasks import link_records

    if not may_link(by, date.today()):
        raise Refused(
            "The agreements in effect do not let you link records: their purposes of kind linkage name who may.",
            code="not_allowed",
        )
    for row in AskedLinkage.objects.filter(state=WAITING):
        if is_lost(row.task):
            _end(row, REFUSED, STOPPED)
    try:
        with transaction.atomic():
            AskedLinkage.objects.exclude(state=WAITING).delete()
            row = AskedLinkage.objects.create(
                full=full, state=WAITING, asked_at=datetime.now(UTC), by=by.email
            )
            row.task = str(link_records.enqueue(row.pk).id)
            row.save(update_fields=["task"])
    except IntegrityError:
        raise Refused(
            "Records are being linked already; this page says when that is done.", code="running"
        ) from None


def carry_out(*, asked: int) -> None:
    """Links as asked, with the present rights of who asked, and says what came of it. Safe to run twice: linking again what is linked
    changes nothing."""
    from throughway.identity.actions.linking import link  # the site starts without the engine

    row = AskedLinkage.objects.filter(pk=asked, state=WAITING).first()
    if row is None:
        return
    row.starts += 1
    row.save(update_fields=["starts"])
    if row.starts > MOST_STARTS:
        _end(row, REFUSED, STOPPED)
        return
    try:
        linked = link(full=row.full, by=actor(row.by))
    except Refused as refused:
        _end(row, REFUSED, refused.message)
    except Exception as error:
        # An engine's message may hold a value: only its type is kept.
        log.error("Records could not be linked: %s", type(error).__name__)
        _end(row, REFUSED, BROKEN)
    else:
        _end(row, DONE, " ".join(filter(None, [linked.sentence, linked.taught, *linked.noticed])))


def _end(row: AskedLinkage, state: str, message: str) -> None:
    found: dict[str, Any] = {"state": state, "message": message, "ended_at": datetime.now(UTC)}
    AskedLinkage.objects.filter(pk=row.pk, state=WAITING).update(**found)
