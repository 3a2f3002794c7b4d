"""Runs of studies that are asked for on the site: they take a minute, so the background process carries them out."""

import logging
from datetime import UTC, datetime
from importlib.util import find_spec

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.evidence.actions.studies import NOT_INSTALLED, check_may_run, run_study
from throughway.evidence.models import StudyRun
from throughway.partners import Actor
from throughway.partners.selectors import actor

WAITING, DONE, REFUSED = "waiting", "done", "refused"
log = logging.getLogger(__name__)


@transaction.atomic
def ask_for_run(*, study: str, by: Actor) -> None:
    """Asks the background process to run a study. Refused where it has its finding, where it is being run, where the agreements do not let
    this reader in, and where the libraries are not installed."""
    if find_spec("statsmodels") is None or find_spec("sklearn") is None:
        raise Refused(NOT_INSTALLED, code="not_installed")
    check_may_run(study, by)
    if StudyRun.objects.filter(study_id=study, state=WAITING).exists():
        raise Refused("The study is being run; its finding appears here in a minute or two.", code="running")
    run = StudyRun.objects.create(study_id=study, state=WAITING, asked_at=datetime.now(UTC), by=by.email)
    from throughway.evidence.tasks import run_registered_study

    transaction.on_commit(lambda: run_registered_study.enqueue(run.pk))


def carry_out(*, run: int) -> None:
    """Runs the study of one request, and says what came of it. Safe to run twice: a study has one finding."""
    row = StudyRun.objects.get(pk=run)
    if row.state != WAITING:
        return
    try:
        run_study(id=row.study_id, by=actor(row.by))
        row.state = DONE
    except Refused as refused:
        row.state, row.message = REFUSED, refused.message
    except Exception as error:
        # A library's message may hold a value: only its type is kept.
        log.error("A study could not be run: %s", type(error).__name__)
        row.state, row.message = (
            REFUSED,
            "The study stopped because of an error in the program; tell whoever runs the server.",
        )
    row.ended_at = datetime.now(UTC)
    row.save(update_fields=["state", "message", "ended_at"])
