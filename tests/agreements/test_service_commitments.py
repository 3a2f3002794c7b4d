"""What was promised: of which agreements, in which school years."""

import json
from dataclasses import replace
from datetime import date

import pytest

from tests.agreements.documents import MOU
from throughway.agreements.document import read_document
from throughway.agreements.service_commitments import Promise, promised
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus

SERVICES = [
    {"partner": "reading-lab", "program": "Tutors", "seats": 20},
    {
        "partner": "bright-futures",
        "program": "After-school",
        "schools": ["Lincoln"],
        "seats": 60,
        "hours_per_week": 9,
    },
]


@pytest.fixture(scope="module")
def standing() -> AgreementStatus:
    document, _ = read_document(json.dumps(MOU | {"services": SERVICES}))
    assert document is not None
    return AgreementStatus(document, "v", AgreementState.ACTIVE, "")


def test_each_promise_with_its_agreement_and_its_days(standing: AgreementStatus) -> None:
    first, second = promised([standing])
    assert first == Promise(
        "riverbend-mou-2025", "Working together", "bright-futures", "After-school", ("Lincoln",), 60, 9.0,
        date(2025, 7, 1), date(2099, 6, 30),
    )  # fmt: skip
    assert (second.seats, second.hours_per_week, second.schools) == (20, None, ())


@pytest.mark.parametrize("state", list(AgreementState))
def test_a_promise_lasts_until_its_agreement_is_wound_down(
    standing: AgreementStatus, state: AgreementState
) -> None:
    found = promised([replace(standing, state=state)])
    assert bool(found) == (state in (AgreementState.ACTIVE, AgreementState.WINDING_DOWN))
    assert all(promise.winding_down == (state is AgreementState.WINDING_DOWN) for promise in found)


@pytest.mark.parametrize(
    ("first", "last", "on", "years"),
    [
        (date(2025, 7, 1), date(2027, 6, 30), date(2026, 11, 25), [2026, 2027]),
        (date(2025, 7, 1), date(2026, 6, 30), date(2026, 11, 25), [2026]),
        (date(2025, 6, 30), date(2027, 6, 30), date(2025, 7, 1), [2025, 2026]),
        (date(2027, 7, 1), date(2028, 6, 30), date(2026, 11, 25), []),
    ],
)
def test_the_school_years_on_which_a_promise_bears(
    first: date, last: date, on: date, years: list[int]
) -> None:
    assert list(Promise("a", "A", "p", "P", (), None, None, first, last).years(on)) == years
