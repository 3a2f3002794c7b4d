"""The supports that fit one student, on the page: read through the gate, recorded, and nothing else."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.casework.town import (
    MOST,
    PERSON,
    TODAY,
    WORKER,
    allow,
    asked_again,
    page,
    settle,
    signed_in,
    works_with,
)
from tests.gate import making
from throughway.casework.selectors import reader_of, record_of
from throughway.ledger.models import LedgerEntry
from throughway.measures.eligibility import condition
from throughway.partners import OPERATOR
from throughway.partners.selectors import actor
from throughway.supports import actions
from throughway.supports.entry import SupportStatement, WeeklySession
from throughway.supports.selectors import matches_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
CHESS = SupportStatement(
    "Chess Club",
    "mentoring",
    lowest_grade="06",
    highest_grade="08",
    seats_open=2,
    languages=("spa",),
    sessions=(WeeklySession("TU"),),
)


def directory() -> None:
    learners = condition("english_learner is Yes", where="")
    girls = condition("sex is Female", where="")
    for said in (
        CHESS,
        replace(CHESS, name="Little Readers", category="tutoring", lowest_grade="KG", highest_grade="03"),
        replace(CHESS, name="Full Boats", seats_open=0, waiting=4),
        replace(CHESS, name="Newcomer Class", rules=(learners,), citation="20 USC 6825"),
        replace(CHESS, name="Team", rules=(girls,), first=(learners,), citation="34 CFR 106.41(b)"),
    ):
        actions.add_support(partner="harbor", said=said, by=OPERATOR)


def test_the_page_says_what_fits_and_why_not(tmp_path: Path) -> None:
    settle()
    works_with(11)
    allow(tmp_path, ("n-11", "yes"))
    directory()
    client = signed_in()
    before = LedgerEntry.objects.count()
    status, text = page(client, f"/students/{PERSON}/supports/")
    assert status == 200
    assert LedgerEntry.objects.count() == before + 1
    words = " ".join(text.split())
    for said in ("Three supports fit Ada One", "Fits grade 7", "Tuesdays", "Two seats free", "serves kindergarten to grade 3; the student is in grade 7",
                 "Full Boats</a>: no seat is free, and a few students wait", "Is the student learning English?",
                 "Which sex does the family name?"):  # fmt: skip
        assert said in words, said
    assert "no-store" in client.get(f"/students/{PERSON}/supports/")["Cache-Control"]
    assert "Ada" not in text.split("<title>")[1].split("</title>")[0]
    section = page(client, f"/students/{PERSON}/")[1]
    assert "Supports that fit" in section
    assert "Chess Club" in section
    named = client.post(f"/students/{PERSON}/supports/", {"need": "tutoring"}).content.decode()
    assert "You look for tutoring" in named
    assert "You look for" not in page(client, f"/students/{PERSON}/supports/")[1]  # it is kept nowhere


def test_a_student_who_is_not_open_to_the_reader_has_no_page(tmp_path: Path) -> None:
    settle()
    works_with(11)
    allow(tmp_path, ("n-12", "yes"))
    directory()
    client = signed_in()
    answers = {client.get(f"/students/{person}/supports/").status_code for person in (12, 999)}
    assert answers == {404}


def seen_of(person: int) -> Any:
    worker = actor(WORKER)
    record = record_of(worker, reader_of(worker, TODAY), person)
    assert record is not None
    return record.tables


def test_the_gate_gives_two_students_who_differ_in_hidden_facts_the_same_answer(tmp_path: Path) -> None:
    """Sex and learning English are in north's records and not granted; 12 and 13 differ in nothing else."""
    settle()
    works_with(12, 13)
    allow(tmp_path, ("n-12", "yes"), ("n-13", "yes"))
    directory()
    making.land("person_status", "north", [
        {"person_record": record, "record": record, "english_learner_status": status, "valid_from": date(2020, 1, 1)}
        for record, status in ((12, "Yes"), (13, "No"))
    ])  # fmt: skip
    first, second = (matches_for(seen_of(person), on=TODAY) for person in (12, 13))
    assert first == second
    assert [each.entry.said.name for each in first.fits] == ["Chess Club", "Newcomer Class", "Team"]
    assert all(each.ask for each in first.fits[1:])
    changed = matches_for(
        {
            **seen_of(13),
            "person_status": [{"english_learner_status": "No", "valid_from": None, "valid_to": None}],
        },
        on=TODAY,
    )  # were it granted, the answer would differ
    assert changed != first


def test_wrong_rules_close_the_section_and_not_the_page(tmp_path: Path, community: Any) -> None:
    settle()
    works_with(11)
    allow(tmp_path, ("n-11", "yes"))
    directory()
    community.needs.write_text(
        "throughway: needs/1\nneeds: [{id: a, words: b, when: [income is low], answered_by: [food]}]\n"
    )
    client = signed_in()
    status, text = page(client, f"/students/{PERSON}/")
    assert status == 200
    assert "which no record may tell" in text
    assert client.get(f"/students/{PERSON}/supports/").status_code == 403
    assert client.get("/supports/needs/").status_code == 403


def test_rules_of_need_are_open_to_those_who_share(tmp_path: Path) -> None:
    settle()
    text = page(signed_in(), "/supports/needs/")[1]
    assert "Missed 10 days of school or more in the school year" in text
    assert text.count("The newest result of the 800 days up to the last day counted decides") == 2
    assert "Only help that a program or a service recorded is counted" in text
    assert "its people speak the family’s language" in text


def test_the_page_asks_the_database_little(tmp_path: Path) -> None:
    settle()
    works_with(11)
    allow(tmp_path, ("n-11", "yes"), until=TODAY + timedelta(days=90))
    directory()
    assert len(asked_again(signed_in(), f"/students/{PERSON}/supports/")) <= MOST
    assert len(asked_again(signed_in(), f"/students/{PERSON}/")) <= MOST
