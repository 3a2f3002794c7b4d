"""Homes about programs: a program manager's, a principal's, a leader's picture; figures recounted from what was entered."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.casework.group import CHESS, CIRCLE, settle_groups
from tests.casework.referring import TUTOR, referring, sent
from tests.casework.town import MOST, PERSON, TODAY, WORKER, allow, asked_again, page, settle, signed_in
from tests.gate import making
from tests.site.test_home import load
from throughway.casework.models import Referral
from throughway.gate.actions.sites import assign_site
from throughway.intake.models import IntakeBatch
from throughway.partners import OPERATOR
from throughway.partners.actions import add_user
from throughway.partners.assigning import end_site
from throughway.partners.site_assignment import Site, SiteKind
from throughway.supports.actions import add_support, change_support
from throughway.supports.entry import WEEK, SupportStatement, WeeklySession
from throughway.supports.selectors import forget_recent_entries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
MANAGER = "manager@harbor.example"


def main(email: str) -> str:
    forget_recent_entries()
    if not IntakeBatch.objects.exists():  # no first steps
        load("b1")
    return page(signed_in(email), "/")[1].split("<main")[1].split("</main")[0]


def by_site(document: dict[str, Any]) -> None:
    for entry in document["purposes"]:
        if entry["id"] == "casework":
            entry |= {"reach": "site", "roles": ["program_manager"]}


def test_a_coordinator_sees_who_needs_contact_at_the_own_program(tmp_path: Path) -> None:
    settle(change=by_site)
    add_user(email=MANAGER, partner="harbor", role="program_manager", by=OPERATOR)
    allow(tmp_path, ("n-11", "yes"), ("n-12", "yes"))
    making.land("program_participation", "harbor", [
        {"person_record": 21, "record": 1, "program_identifier": "harbor/art", "program_participation_start_date": date(2026, 8, 1)},
    ])  # fmt: skip
    assert "No school or program is assigned to you yet." in main(MANAGER)
    art = Site(SiteKind.PROGRAM, "harbor/art")
    assign_site(email=MANAGER, site=art, first=TODAY, by=OPERATOR)
    text = main(MANAGER)
    assert "Ada One: Talk with Ada" in text
    assert "Missed 5 days in the four weeks" in text  # by the records of the school
    assert "at your school or program whom you may see today" in text
    assert "Ben" not in text  # the family agreed, and he is not there
    page_of = f"/students/{PERSON}/"
    why = page(signed_in(MANAGER), page_of)[1]
    assert "This student is at a school or in a program of yours today" in why
    asked = asked_again(signed_in(MANAGER), "/")
    assert len(asked) <= MOST, "\n".join(re.sub(r"SELECT .* FROM", "FROM", sql)[:90] for sql in asked)
    end_site(email=MANAGER, site=art, last=TODAY - timedelta(1), by=OPERATOR)
    assert page(signed_in(MANAGER), page_of)[0] == 404
    assert "No school or program is assigned to you yet." in main(MANAGER)


def test_seats_and_who_waits_own_programs_first() -> None:
    settle()
    add_user(email=MANAGER, partner="harbor", role="program_manager", by=OPERATOR)
    add_user(email="leader@harbor.example", partner="harbor", role="leader", by=OPERATOR)
    for partner, name, seats, waiting in (("harbor", "Chess", 2, 3), ("harbor", "Art", 0, 12), ("north", "Band", 5, 0), ("north", "Choir", None, None)):  # fmt: skip
        add_support(
            partner=partner,
            said=SupportStatement(name, seats_open=seats, seats_all=20, waiting=waiting),
            by=OPERATOR,
        )
    ended = SupportStatement(
        "Summer", ends=TODAY - timedelta(days=1), seats_open=31, seats_all=40
    )  # a season that is over has no seats
    add_support(partner="north", said=ended, by=OPERATOR)
    text = main(MANAGER)
    assert "Chess: 2 seats free of 20, a few students wait" in text  # three are not said
    assert "Art: no seat free of 20, 12 students wait" in text
    assert "Band" not in text
    leader = main("leader@harbor.example")
    assert "2 programs of others: 5 seats free in the 1 that state them" in leader
    assert leader.index("Art: no seat free") < leader.index("2 programs of others")
    assert len(asked_again(signed_in("leader@harbor.example"), "/")) <= MOST


def test_referrals_wait_for_who_answers_and_leaders_read_counts(tmp_path: Path) -> None:
    number = referring(tmp_path)
    assert "Open the referral" not in main(TUTOR)
    sent(number)
    waits = main(TUTOR)
    assert "A referral to Reading Help waits for you" in waits
    assert "Ada" not in waits
    assert "Open the referral" not in main(WORKER)  # the next step is not the sender's
    assert "Referrals to answer" not in main("leader@harbor.example")
    Referral.objects.update(sent=TODAY - timedelta(40))
    leader = main("leader@harbor.example")
    assert "Tutors: a few without an answer for 30 days or more" in leader
    assert "Ada" not in leader


@pytest.mark.parametrize("meets", [True, False])
def test_sessions_of_today_are_to_be_recorded(meets: bool) -> None:
    settle_groups()
    day = list(WEEK)[TODAY.weekday() if meets else (TODAY.weekday() + 1) % 7]
    circle = SupportStatement("Reading Circle", program=CIRCLE, sessions=(WeeklySession(day),))
    add_support(partner="harbor", said=circle, by=OPERATOR)
    assert ("Attendance of Reading Circle" in main(WORKER)) == meets
    assert "Attendance of" not in main("evaluator@harbor.example")


def test_attendance_is_asked_only_where_it_is_recorded_here() -> None:
    """Another system sends the attendance of the chess club: its page has no form. Of a group without days in the directory the home asks."""
    settle_groups()
    for name, program, days in (
        ("Chess Club", CHESS, (WeeklySession(list(WEEK)[TODAY.weekday()]),)),
        ("Reading Circle", CIRCLE, ()),
    ):
        said = SupportStatement(name, program=program, sessions=days)
        add_support(partner="harbor", said=said, by=OPERATOR)
    text = main(WORKER)
    assert "Attendance of Chess Club" not in text
    assert "Attendance of Reading Circle" in text
    assert "does not say on which days it meets" in text


def test_promises_are_told_by_public_figures_alone() -> None:
    document = making.sharing(services=[{"partner": "harbor", "program": "Art", "seats": 12}])
    making.register()
    add_user(email="leader@north.example", partner="north", role="leader", by=OPERATOR)
    making.in_effect(document)
    text = main("leader@north.example")
    assert "Promised, and kept" in text
    assert "Art, Harbor: 12 seats promised; no published figure" in text
    # What the directory says stands beside: a promise of twelve where four seats exist is not one that nobody took.
    said = SupportStatement("Art", seats_open=0, seats_all=4, waiting=12)
    art = add_support(partner="harbor", said=said, by=OPERATOR)
    beside = "no published figure; 4 seats exist, none free, 12 students wait"
    assert beside in main("leader@north.example")
    page_of = page(signed_in("leader@north.example"), "/services/")[1]
    assert "Today: 4 seats exist, none free, 12 students wait" in page_of
    change_support(number=art.number, said=replace(said, ends=TODAY - timedelta(days=1)), by=OPERATOR)
    assert "no published figure; no seat, because its season ended on" in main("leader@north.example")
