"""A home for each role: what waits for whom, one next step, and the one way on where nothing waits."""

import html
import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.gate import making
from tests.insight.test_undecided_pairs import pair
from tests.site.people import client_of
from throughway.agreements import actions as agreements
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.identity.models import IdentityRun
from throughway.identity.review.selectors import undecided
from throughway.intake.models import IntakeBatch
from throughway.partners import OPERATOR
from throughway.partners import actions as partners
from throughway.site.home.page import Home, WaitingItem, article, count
from throughway.store.models import BackupMade

TODAY = date.today()
DESK, LEADER = "desk@hub.example", "leader@north.example"
MOST = 15


@pytest.fixture
def register(transactional_db: None, community: object) -> None:
    making.register()
    partners.add_user(email=DESK, partner="hub", role="data_steward", by=OPERATOR)
    partners.add_user(email=LEADER, partner="north", role="leader", by=OPERATOR)


@pytest.fixture
def town(register: None) -> None:
    making.in_effect(making.sharing())
    load("b1")
    BackupMade.objects.create(at=datetime.now(UTC), by="operator", problems=0)


def load(id: str, partner: str = "north", *, ago: int = 1, **more: Any) -> None:
    counts = {
        "attendance_day": {"read": 10, "landed": 10, "quarantined": 0, "unchanged": 0, "out_of_scope": 0}
    }
    row = {"format": "csv", "source": f"{id}.csv", "by": "operator", "counts": counts, **more}
    IntakeBatch.objects.create(id=id, partner=partner, at=datetime.now(UTC) - timedelta(hours=ago), **row)


def home(email: str) -> str:
    client = client_of(email)
    return client.get("/").content.decode()


def draft(**changes: Any) -> dict[str, Any]:
    return making.sharing(id="more-2026", title="More sharing", **changes)


def test_first_steps_of_a_new_community(transactional_db: None, community: object) -> None:
    partners.add_partner(id="hub", name="Hub", kind="backbone", by=OPERATOR)
    partners.add_user(email=DESK, partner="hub", role="data_steward", by=OPERATOR)
    assert "Add the partners" in home(DESK)
    for id, kind in (("north", "lea"), ("harbor", "cbo")):
        partners.add_partner(id=id, name=id.title(), kind=kind, by=OPERATOR)
        partners.add_user(email=f"officer@{id}.example", partner=id, role="privacy_officer", by=OPERATOR)
    partners.add_user(email="officer@hub.example", partner="hub", role="privacy_officer", by=OPERATOR)
    assert "Write a first agreement" in home(DESK)
    agreements.add(text=json.dumps(making.sharing()), by=OPERATOR)
    assert "Add those who sign" in home(DESK)
    for id in ("north", "harbor", "hub"):
        partners.add_user(email=f"leader@{id}.example", partner=id, role="leader", by=OPERATOR)
    assert "Get the agreement signed" in home(DESK)
    assert "Sign: " in home(LEADER)  # what waits for one is that one's next step
    assert "Get the agreement signed" not in home(LEADER)
    for partner in ("north", "harbor", "hub"):
        agreements.sign(id="sharing-2026", by=making.leader(partner))
    agreements.activate(id="sharing-2026", by=making.reader("officer@north.example"))
    assert "Add somebody who may ask" in home(DESK)
    partners.add_user(email="eva@hub.example", partner="hub", role="evaluator", by=OPERATOR)
    text = home(DESK)
    assert "Send a first file" in text
    assert text.count('class="is-done"') == 9
    asks = home("eva@hub.example")
    assert "Ask a question" in asks
    assert f"{reverse('questions:new')}?purpose=" in asks
    load("b1")
    assert "begins" not in home(DESK)


def test_agreement_waits_for_its_signers(town: None) -> None:
    agreements.add(text=json.dumps(draft()), by=OPERATOR)
    words = "Sign: More sharing"
    found = {
        email: words in home(email)
        for email in ("officer@north.example", LEADER, DESK, "evaluator@north.example")
    }
    assert found == {
        "officer@north.example": False,
        LEADER: True,
        DESK: False,
        "evaluator@north.example": False,
    }
    agreements.sign(id="more-2026", by=making.reader(LEADER))
    assert words not in home(LEADER)
    partners.add_user(email="leader@harbor.example", partner="harbor", role="leader", by=OPERATOR)
    assert words in home("leader@harbor.example")
    for partner in ("harbor", "hub"):
        agreements.sign(id="more-2026", by=making.leader(partner))
    assert "Put into effect: More sharing" in home(DESK)
    assert "Put into effect: More sharing" not in home(LEADER)


def test_officer_home_lists_drafts_ends_and_refusals(town: None) -> None:
    soon = {**making.sharing()["terms"], "expires": str(TODAY + timedelta(days=40))}
    making.in_effect(draft(terms=soon))
    two = [making.party("north", "discloser"), making.party("harbor", "recipient")]
    blocked = making.sharing(id="blocked-2026", title="Blocked sharing", clauses={}, parties=two)
    agreements.add(text=json.dumps(blocked), by=OPERATOR)
    with pytest.raises(Refused):
        enter(actor=making.reader("worker@harbor.example"), purpose="planning")
    text = home("officer@north.example")
    for words in ("Stopped at review: Blocked sharing", "Ends soon: More sharing", "40 days left",
                  "One request was refused in the last week", "a case worker of Harbor"):  # fmt: skip
        assert words in text, words
    assert text.count('class="tw-waits"') == 1
    assert "Blocked sharing" not in home(
        "officer@hub.example"
    )  # no party to it, though the backbone may read it
    partners.add_partner(id="far", name="Far", kind="lea", by=OPERATOR)
    partners.add_user(email="officer@far.example", partner="far", role="privacy_officer", by=OPERATOR)
    other = home("officer@far.example")
    assert "Nothing is waiting for you" in other
    assert "See who read our records" in other


def test_steward_home_lists_bad_loads_and_late_linkage(town: None) -> None:
    IdentityRun.objects.create(
        at=datetime.now(UTC) - timedelta(hours=3), by="operator", full=True, records=1, persons=1, new_persons=1,
        merged=0, split=0, for_review=5, seconds=1.0,
    )  # fmt: skip
    for n in range(5):  # one was decided since the run, and Getting started counts as the home does
        pair(
            2 * n,
            2 * n + 1,
            "north",
            "harbor",
            **({"state": "settled", "verdict": "different"} if n == 4 else {}),
        )
    aside = {"attendance_day": {"read": 12, "landed": 7, "quarantined": 5, "unchanged": 0, "out_of_scope": 0}}
    load("b2", "harbor", counts=aside)
    load("b3", "harbor", ago=2, counts={}, refusal="b3.csv is no CSV file.", source="b3.csv")
    load("b4", "north", ago=2, counts={}, refusal="It was too large.", source="b5.csv")
    load("b5", "north", ago=1, source="b5.csv", refused_columns=["note", "mood"])
    text = home(DESK)
    for words in ("5 rows of Harbor were set aside: b2.csv", "A file of Harbor was refused: b3.csv",
                  "2 columns came that no agreement covers", "3 loads came in since linkage ran",
                  "4 pairs of records need a person’s decision"):  # fmt: skip
        assert words in text, words
    assert undecided().sentence in html.unescape(text)
    assert "too large" not in text  # the same file came in later
    # What was set aside came again, in a file of another name.
    more = {"attendance_day": aside["attendance_day"] | {"landed": 12, "quarantined": 0}}
    load("b6", "harbor", ago=0, counts=more, source="load 6.csv", refused_columns=["a", "b"], unmapped=["b"])
    text = home(DESK)
    assert "were set aside" not in text
    assert "A file of Harbor was refused: b3.csv" in text
    assert "3 columns came that no agreement covers" in text
    assert "1 column came that nothing maps" in text
    assert text.count('class="tw-waits"') == 1
    partners.add_user(email="desk@north.example", partner="north", role="data_steward", by=OPERATOR)
    own = home("desk@north.example")
    assert "Harbor" not in own.split("<main")[1]
    assert "linkage ran" not in own


def test_a_row_that_fills_two_tables_came_in_once(town: None) -> None:
    both = {table: {"read": 60, "landed": 59, "quarantined": 1} for table in ("person", "school_enrollment")}
    load("b2", counts=both, refused_columns=["person.sex", "Sex"])
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", home(DESK)))
    for words in (
        "rows came in 69",
        "rows set aside 1",
        "1 row of North was set aside",
        "1 column came that no agreement covers",
    ):
        assert words in text, words


def test_steward_home_lists_rows_of_unknown_scope(town: None) -> None:
    counts = {"school_enrollment": {"read": 12, "landed": 5, "cannot_tell": 7}}
    load("b2", "harbor", counts=counts)
    load("b3", "harbor", ago=30, counts=counts)  # an earlier load of the table
    text = home(DESK)
    assert text.count("The platform cannot tell whether an agreement covers 7 rows of Harbor") == 1
    assert "most often the grade in an enrollment; the load names the cell" in text
    partners.add_user(email="desk@north.example", partner="north", role="data_steward", by=OPERATOR)
    assert "Nobody can tell" not in home("desk@north.example")


def test_steward_home_lists_missing_feeds(register: None) -> None:
    """North stopped last year; harbor's attendance comes in, and no enrollment says whether the agreement shows it since."""
    document = making.sharing(
        population=[{"where": "entry_grade_level = '07'", "on": "school_enrollment", "when": "fact"}]
    )
    document["schedule"] += [making.line("attendance_day.*", "planning", **{"from": ["harbor"]})]
    making.in_effect(document)
    load("b1")
    year, ago = TODAY.year + (TODAY.month >= 7), timedelta(days=1)
    stopped, shown = TODAY - timedelta(days=300), TODAY - timedelta(days=200)
    marks = {"attendance_event_type": "DailyAttendance", "attendance_status": "Present"}
    making.land("attendance_day", "north", [
        {"person_record": 11, "record": 1, "attendance_event_date": stopped, **marks}], year=year - 1)  # fmt: skip
    making.land("attendance_day", "harbor", [
        {"person_record": 21, "record": n, "attendance_event_date": on, **marks}
        for n, on in enumerate([shown, TODAY - ago])], year=year)  # fmt: skip
    making.land("school_enrollment", "harbor", [
        {"person_record": 21, "record": 1, "enrollment_entry_date": TODAY - timedelta(days=300),
         "enrollment_exit_date": shown, "entry_grade_level": "07"},
    ], year=year)  # fmt: skip
    text = home(DESK)
    assert f"No attendance from North since {stopped.day} {stopped:%B %Y}" in text
    assert (
        f"Attendance from Harbor is not shown after {shown.day} {shown:%B %Y} under “Attendance and services”"
        in text
    )
    assert f"Data came in up to {(TODAY - ago).day} {TODAY - ago:%B %Y}" in text
    assert "Harbor: 1 student" not in text
    making.land("school_enrollment", "harbor", [
        {"person_record": 21, "record": 2, "enrollment_entry_date": shown + ago}], year=year)  # fmt: skip
    load("b2", "harbor")
    text = home(DESK)
    assert (
        "Harbor: 1 student has records of this school year that “Attendance and services” does not show"
        in text
    )
    assert "“entry grade level” of this student is empty" in text
    assert "Attendance from Harbor is not shown" not in text


def test_homes_of_leader_and_evaluator(town: None) -> None:
    text = home(LEADER)
    assert "Nothing is waiting for you" in text
    assert "“Attendance and services” took effect" in text
    evaluator = home("evaluator@harbor.example")
    assert "To do planning: identified rows" in evaluator
    assert "/desk/?purpose=planning" in evaluator
    with pytest.raises(Refused):
        enter(actor=making.reader("evaluator@harbor.example"), purpose="nonsense")
    assert "One of your requests was refused in the last week" in home("evaluator@harbor.example")


def test_homes_need_few_queries(town: None, django_assert_max_num_queries: Any) -> None:
    agreements.add(text=json.dumps(draft()), by=OPERATOR)
    for email in ("officer@north.example", DESK, LEADER, "evaluator@hub.example"):
        client = client_of(email)
        client.get("/")
        with django_assert_max_num_queries(MOST):
            client.get("/")


def test_smallest_rank_is_the_next_step() -> None:
    waits = [WaitingItem(str(n), "", "", "", rank=n) for n in (3, 1, 2)]
    found = Home(waits=waits)
    assert found.next is waits[1]
    assert [w.title for w in found.others] == ["2", "3"]
    assert [Home(waits=w).headline for w in ((), waits[:1], waits)] == [
        "Nothing is waiting for you", "One thing is waiting for you", "Three things are waiting for you",
    ]  # fmt: skip
    assert [count(10), count(11), count(1200)] == ["Ten", "11", "1,200"]
    assert [article("evaluator"), article("leader")] == ["an evaluator", "a leader"]
