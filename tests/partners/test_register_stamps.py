"""One question says what has changed in any register; within a request it is asked once."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from throughway.consent.selectors.decisions import consent_stamp
from throughway.partners import OPERATOR
from throughway.partners.actions import add_partner, add_user
from throughway.partners.register_stamps import RegisterStamp
from throughway.partners.request_cache import own_request_cache, request_cache, without_request_cache
from throughway.training import selectors
from throughway.training.models import Completion

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("community")]
WHO = "worker@north.example"


def completed_on(day: str) -> None:
    """Another process writes it."""
    Completion.objects.create(
        email=WHO, course="ferpa-basics", on=date.fromisoformat(day), at=datetime.now(UTC), by="operator"
    )


@pytest.fixture
def worker() -> None:
    add_partner(id="north", name="North", kind="lea", by=OPERATOR)
    add_user(email=WHO, partner="north", role="case_worker", by=OPERATOR)


def test_all_registers_are_asked_in_one_question(worker: None) -> None:
    selectors.of(WHO), consent_stamp()
    with request_cache(), CaptureQueriesContext(connection) as asked:
        selectors.of(WHO)
        consent_stamp()
        selectors.of(WHO)
    assert len(asked) == 1, [q["sql"][:80] for q in asked]
    with CaptureQueriesContext(connection) as asked:
        selectors.of(WHO)
        consent_stamp()
    assert len(asked) == 2


def test_a_new_row_is_seen_at_once_outside_and_by_the_next_request(worker: None) -> None:
    completed_on("2026-09-01")
    with request_cache():
        assert [c.on.month for c in selectors.of(WHO)] == [9]
        completed_on("2026-10-01")
        assert [c.on.month for c in selectors.of(WHO)] == [9]  # as the page began
        with without_request_cache():
            assert [c.on.month for c in selectors.of(WHO)] == [9, 10]
    with request_cache():
        assert [c.on.month for c in selectors.of(WHO)] == [9, 10]


def test_a_row_that_was_rolled_back_is_forgotten(worker: None) -> None:
    completed_on("2026-09-01")
    before = selectors.of(WHO)
    with transaction.atomic():
        completed_on("2026-10-01")
        assert len(selectors.of(WHO)) == 2
        transaction.set_rollback(True)
    assert selectors.of(WHO) == before
    completed_on("2026-11-01")  # takes the id of the one that was rolled back
    assert [c.on.month for c in selectors.of(WHO)] == [9, 11]


def test_an_own_cache_keeps_the_one_that_is_there(worker: None) -> None:
    completed_on("2026-09-01")
    with own_request_cache():
        assert len(selectors.of(WHO)) == 1
        completed_on("2026-10-01")
        with own_request_cache():
            assert len(selectors.of(WHO)) == 1
        assert len(selectors.of(WHO)) == 1
    assert len(selectors.of(WHO)) == 2


def test_a_register_that_comes_later_is_asked_too(worker: None) -> None:
    with request_cache():
        selectors.of(WHO)
        later = RegisterStamp("count(*)", table="partners_user")
        try:
            assert later.now()[1:] == (1,)
        finally:
            RegisterStamp._every.remove(later)
