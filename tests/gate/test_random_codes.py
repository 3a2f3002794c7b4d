"""The random codes of a purpose: one for each person and value, though others draw at the same moment."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tests.gate import making
from throughway.agreements.grant_sql import CODES, VALUE_CODES
from throughway.core.refusals import Refused
from throughway.gate.actions import random_codes
from throughway.gate.actions.random_codes import codes_of, draw_for_persons, draw_for_values
from throughway.partners import OPERATOR
from throughway.store import Community, process_locks
from throughway.store.actions import landing
from throughway.store.selectors import snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
STUDY = "study-a/research"  # the codes of its purpose


def draw(*persons: int) -> None:
    draw_for_persons(STUDY, np.array(persons, dtype=np.int64), by=OPERATOR)


def stored(table: str = CODES) -> list[dict[str, object]]:
    """Every row that was landed, as it lies in the vault."""
    with snapshot() as held:
        rows: list[dict[str, object]] = held.sealed(table, STUDY).to_pylist()
        return rows


def persons() -> list[object]:
    return sorted(row["person"] for row in stored())  # type: ignore[type-var]


def beside(monkeypatch: pytest.MonkeyPatch, others: Iterator[Callable[[], None]]) -> None:
    """Before each landing of codes the next of the others draws its own."""
    random = random_codes._random

    def meanwhile(n: int) -> list[str]:
        next(others, lambda: None)()
        return random(n)

    monkeypatch.setattr(random_codes, "_random", meanwhile)


def test_who_has_a_code_is_given_no_other(community: Community) -> None:
    draw(1, 2)
    before = stored()
    draw(2, 1)
    assert stored() == before
    draw(1, 3)
    assert persons() == [1, 2, 3]
    assert all(row in stored() for row in before)


def test_a_value_has_one_code_in_each_element_that_bears_it() -> None:
    for _ in range(2):
        draw_for_values(STUDY, "first_name", ["Lee", "Ada"], by=OPERATOR)
        draw_for_values(STUDY, "last_or_surname", ["Lee", "Day", "One"], by=OPERATOR)
    draw_for_values(STUDY, "first_name", ["Lee", "Ben"], by=OPERATOR)
    rows = stored(VALUE_CODES)
    assert sorted((str(row["element"]), str(row["value"])) for row in rows) == [
        ("first_name", "Ada"), ("first_name", "Ben"), ("first_name", "Lee"),
        ("last_or_surname", "Day"), ("last_or_surname", "Lee"), ("last_or_surname", "One"),
    ]  # fmt: skip
    assert len({row["code"] for row in rows}) == 6
    assert sorted(row["number"] for row in rows) == [*range(6)]  # type: ignore[type-var]


def test_two_who_draw_at_once_give_nobody_two_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    beside(monkeypatch, iter([lambda: draw(1, 2, 3)]))
    draw(2, 3, 4)
    assert persons() == [1, 2, 3, 4]


def test_one_who_always_comes_too_late_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(n: int) -> Callable[[], None]:
        def lands() -> None:
            making.land(CODES, STUDY, [{"person": n, "code": f"CODE{n}"}], "study-a")

        return lands

    beside(monkeypatch, iter(other(n) for n in range(100, 100 + random_codes.TRIES)))
    with pytest.raises(Refused, match="Codes are being assigned") as refused:
        draw(1)
    assert refused.value.code == "busy"
    assert 1 not in persons()


def test_what_else_keeps_codes_from_landing_is_told_as_it_is(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "PATIENCE", 0.01)
    with (
        process_locks.turn(community.landing, alone=True, patience=1),
        pytest.raises(Refused, match="being swept"),
    ):
        draw(1)


def test_should_somebody_have_two_the_first_in_order_counts() -> None:
    """As two processes of an earlier version may have left it."""
    for code in ("KX", "BX"):
        making.land(CODES, STUDY, [{"person": 1, "code": code}, {"person": int(code == "BX") + 2, "code": f"{code}2"}], "study-a")  # fmt: skip
    with snapshot() as held:
        found = codes_of(held, CODES, STUDY).to_pylist()
    assert sorted((row["person"], row["code"]) for row in found) == [(1, "BX"), (2, "KX2"), (3, "BX2")]
