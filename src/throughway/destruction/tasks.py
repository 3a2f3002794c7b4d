"""Work of destruction that outlives a request."""

import logging

from django_tasks import task

from throughway.core.refusals import Refused
from throughway.destruction.actions import orders

log = logging.getLogger(__name__)


@task()
def carry_out(id: str) -> None:
    """Carries out one order, named by its id alone; safe to run twice."""
    try:
        orders.resume_order(id=id)
    except Refused:
        raise
    except Exception as error:
        # The error is stored with the task, and an engine's message may hold a value: only its type is kept.
        kind = type(error).__name__
        log.error("A destruction could not be carried out: %s", kind)
        raise RuntimeError(f"The destruction stopped ({kind}); order it again to continue.") from None
