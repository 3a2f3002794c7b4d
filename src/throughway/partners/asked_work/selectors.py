"""What came of work that was asked for."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from throughway.core.tasks import is_lost
from throughway.partners.asked_work.work import REFUSED, WAITING, AskedNow, Work
from throughway.partners.models import AskedWork
from throughway.partners.request_cache import cached_per_request

TOLD_FOR = timedelta(days=7)


def asked_now(work: Work, kind: str, on: date, **only: str) -> Sequence[AskedNow]:
    """Work of a kind that goes on, or ended in the last days, the newest first; what is lost has stopped."""
    return [
        as_it_stands(row, work)
        for row in _rows(kind)
        if (row.ended_at is None or on - row.ended_at.date() <= TOLD_FOR)
        and all(getattr(row, name) == value for name, value in only.items())
    ]


def asked_last(work: Work, kinds: Iterable[str]) -> list[AskedNow]:
    """The work of each of these kinds that was asked for last, whoever asked for it."""
    last = {row.kind: row for row in reversed(_rows(*kinds))}
    return [as_it_stands(row, work) for row in last.values()]


@cached_per_request
def _rows(*kinds: str) -> list[AskedWork]:
    """What was asked for of these kinds, the newest first."""
    return list(AskedWork.objects.filter(kind__in=kinds).order_by("-pk"))


def as_it_stands(row: AskedWork, work: Work) -> AskedNow:
    lost = row.state == WAITING and is_lost(row.task)
    state, message = (REFUSED, work.stopped) if lost else (row.state, row.message)
    return AskedNow(
        row.pk, row.kind, row.about, row.given, state, message, row.found, row.by, row.asked_at, row.ended_at,
        again=row.starts > 1,
    )  # fmt: skip
