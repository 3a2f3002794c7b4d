"""Reads of training."""

from datetime import date, timedelta

from throughway.agreements.selectors import agreement_statuses
from throughway.partners.request_cache import cached_per_request
from throughway.store.selectors import current_community
from throughway.training.models import Completion
from throughway.training.validity import Completed, valid_courses


def of(email: str) -> list[Completed]:
    """What the user completed, oldest first, each with its last day."""
    return _completed(email=email.strip().lower())


def all_of() -> list[Completed]:
    """What everybody completed, by user and day."""
    return _completed()


def valid(email: str, on: date) -> frozenset[str]:
    """The courses that the user holds on that day."""
    return valid_courses(of(email), on)


def asked() -> frozenset[str]:
    """The courses that some agreement of the community requires of its readers."""
    return frozenset(course for s in agreement_statuses(date.today()) for course in s.document.terms.training)


@cached_per_request
def _completed(**which: str) -> list[Completed]:
    settings = current_community().settings.training
    return [
        Completed(row.email, row.course, row.on, row.on + timedelta(days=settings.days_of(row.course)))
        for row in Completion.objects.filter(**which).order_by("email", "on", "id")
    ]
