"""The search across the site: what each reader finds, and that no name leaves the request's body."""

import json
import logging
from pathlib import Path

import pytest

from tests.casework.town import MOST, PERSON, WORKER, allow, questions, settle, signed_in, works_with
from tests.codes import without_codes
from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.store import Community
from throughway.supports import actions as supports
from throughway.supports.entry import SupportStatement

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def town(community: Community, tmp_path: Path) -> None:
    settle()
    works_with(11, 12)
    allow(tmp_path, ("n-11", "yes"), ("n-12", "no"))
    supports.add_support(partner="harbor", said=SupportStatement("Chess at noon"), by=OPERATOR)
    gone = supports.add_support(partner="harbor", said=SupportStatement("Chess at dawn"), by=OPERATOR).number
    supports.close_support(number=gone, by=OPERATOR)


def found(email: str, words: str) -> str:
    response = signed_in(email).post("/search/", {"words": words})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    return response.content.decode().split("<main")[1]


def test_a_case_worker_finds_whom_she_may_open() -> None:
    text = found(WORKER, "ada")
    assert f'href="/students/{PERSON}/">Ada One</a>' in text
    assert "Grade 7, Hill School" in text
    for other in ("ben", "cyd"):  # no consent; not on the caseload
        assert "Nothing was found" in found(WORKER, other)


@pytest.mark.parametrize("typed", ["Adda", "Adah One", "one adda"])
def test_a_close_spelling_finds_whom_she_may_open_and_nobody_else(typed: str) -> None:
    assert f'href="/students/{PERSON}/">Ada One</a>' in found(WORKER, typed)
    for other in ("Benn", "Cydd"):
        assert "Nothing was found" in found(WORKER, other)


def test_a_search_asks_the_database_little() -> None:
    client = signed_in()
    assert "Ada One" in client.post("/search/", {"words": "ada"}).content.decode()
    assert len(questions(lambda: client.post("/search/", {"words": "ada"}))) <= MOST


@pytest.mark.parametrize("email", ["officer@north.example", "evaluator@hub.example"])
def test_who_opens_no_students_finds_none_and_reads_none(email: str) -> None:
    before = LedgerEntry.objects.count()
    assert "Nothing was found" in found(email, "ada")
    assert LedgerEntry.objects.count() == before


def test_agreements_supports_and_partners_are_found_by_everybody_as_their_lists_show_them() -> None:
    agreements.add(
        text=json.dumps(making.sharing(
            id="secret-2026", title="Attendance of others", parties=[making.party("north", "discloser"), making.party("hub", "steward", "recipient")],
            purposes=[making.purpose("planning", "operations", "identified", recipients=["hub"])],
            schedule=[making.line("attendance_day.*", "planning")],
        )), by=OPERATOR,
    )  # fmt: skip
    worker, officer = found(WORKER, "ATTENDANCE"), found("officer@north.example", "attendance")
    assert "Attendance and services" in worker
    assert "Attendance of others" not in worker  # not a party
    assert "Attendance of others" in officer
    chess = found(WORKER, "chess")
    assert "Chess at noon" in chess
    assert "dawn" not in chess  # closed
    assert "School district" in found("evaluator@hub.example", "north")


@pytest.mark.parametrize("words", ["", " ", "a", "é"])
def test_too_little_is_not_searched(words: str) -> None:
    text = found(WORKER, words)
    assert "Ada One" not in text
    assert ("at least two letters" in text) == bool(words.strip())


def test_no_name_is_in_an_address_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = signed_in(WORKER)
    client.post("/search/", {"words": "Ada"})
    assert "Ada" not in caplog.text
    last = LedgerEntry.objects.order_by("at", "id").values().last()
    assert last
    assert last["students_count"] > 0
    assert "ada" not in without_codes(str(last).lower())
    page = client.get("/search/?words=Ada").content.decode()
    assert "Ada One" not in page
    assert 'value="Ada"' not in page  # an address is not read
    for form in client.get("/").content.decode().split("<form")[1:]:
        if 'action="/search/"' in form:
            assert 'method="post"' in form


def test_a_name_with_markup_is_shown_as_typed() -> None:
    assert "&lt;b&gt;ada" in found(WORKER, "<b>ada")
