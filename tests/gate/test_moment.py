"""What a page knows for a moment never decides whether rows are handed out."""

import pytest

from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.partners.request_cache import cached_per_request, request_cache, without_request_cache
from throughway.partners.selectors import actor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]


def test_suspension_during_a_page_gives_nothing() -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()
    with request_cache():
        access = enter(actor=actor("evaluator@harbor.example"), purpose="planning")
        assert access.query("SELECT person_id FROM attendance_day").rows
        agreements.suspend(id="sharing-2026", by=actor("officer@north.example"), reason="A breach")
        with pytest.raises(Refused, match="Access changed while"):
            access.query("SELECT person_id FROM attendance_day")


def test_registers_are_read_once_per_request() -> None:
    asked: list[int] = []

    @cached_per_request
    def answer(n: int, *, more: int = 0) -> int:
        asked.append(n)
        return n + more

    assert [answer(1), answer(1)] == [1, 1]
    with request_cache():
        assert [answer(1), answer(1), answer(1, more=2), answer(2)] == [1, 1, 3, 2]
        with without_request_cache():
            assert answer(1) == 1
    assert answer(1) == 1
    assert asked == [1, 1, 1, 1, 2, 1, 1]
