"""What every person of the town reads as waiting: the home and the page of open steps say the same number and list as many, and votes,
referrals, tasks and families' requests are those that their own rows, read plainly, leave open for this person."""

import re
from collections import Counter
from datetime import date
from typing import Any

import pytest

from tests.demo.conftest import Riverbend
from throughway.site.home.page import count

THE_SENDER_ACTS = {"asked", "checked", "asked_back", "not_reached", "full", "declined", "family_no", "not_started", "ended", "answered"}  # fmt: skip
THE_RECEIVER_ACTS = {"sent", "accepted", "tried_once", "tried_twice", "waitlisted", "started"}
MORE_STEPS = re.compile(r"^(\d+) more steps? of agreements and requests")
MORE_REFERRALS = re.compile(r"^(\d+) more referrals? to answer")
NUMBERS = {count(n): n for n in range(1, 100)}


@pytest.fixture(scope="module")
def town(riverbend: Riverbend) -> Any:
    return riverbend.town.module("tests.demo.what_waits")


def test_both_pages_say_what_they_list_to_everybody(town: Any, riverbend: Riverbend) -> None:
    assert set(town["people"]) == {each["email"] for each in riverbend.document["sign_ins"]}
    for email, person in town["people"].items():
        home, own = person["home"], person["open"]["own"]
        folded = [int(n) for line in home["own"] for n in MORE_STEPS.findall(line)]
        assert len(home["own"]) - len(folded) + sum(folded) == len(own), email
        said = re.match(r"(\w+) things? (?:is|are) waiting for you", home["headline"])
        tasks = re.match(r"(\w+) tasks? (?:is|are) due", home["headline"])
        if tasks is None:
            assert (NUMBERS[said[1]] if said else 0) == len(own), email
        if own:
            assert person["open"]["headline"] == home["headline"]
        else:
            nothing = "Nothing is waiting for you" if person["open"]["others"] else "Nothing is open"
            assert tasks or person["open"]["headline"] == nothing


def test_who_must_vote_reads_of_it_and_nobody_else(town: Any) -> None:
    cast = {(each["motion"], each["seat"]) for each in town["votes"]}
    on = date.today().isoformat()
    expected = {
        (seat["holder"], motion["title"])
        for motion in town["motions"]
        for seat in town["seats"]
        if seat["body"] == motion["body"]
        and (seat["last"] or "9999") >= on
        and (motion["id"], seat["id"]) not in cast
    }
    found = {
        (email, motion["title"])
        for email, person in town["people"].items()
        for motion in town["motions"]
        if any(line.startswith(f"Vote: {motion['title']}") for line in person["open"]["own"])
    }
    assert len(expected) > 3
    assert found == expected


def test_each_open_referral_waits_for_the_side_that_acts_next(town: Any) -> None:
    to_do: Counter[str] = Counter()
    for each in town["referrals"]:
        if each["state"] in THE_SENDER_ACTS:
            to_do[each["author"]] += 1
        if each["state"] in THE_RECEIVER_ACTS:
            for email, person in town["people"].items():
                if person["partner"] == each["receiver"] and person["role"] in (
                    "case_worker",
                    "program_manager",
                ):
                    to_do[email] += 1
    found = Counter(
        {
            email: sum(
                int(more[1]) if (more := MORE_REFERRALS.match(line)) else "the referral" in line or "A referral to" in line
                for line in person["open"]["own"]
            )
            for email, person in town["people"].items()
        }
    )  # fmt: skip
    assert sum(to_do.values()) == len(town["referrals"]) > 5
    assert +found == +to_do


def test_tasks_that_are_due_stand_first(town: Any) -> None:
    newest: dict[str, Any] = {}
    for each in sorted(town["tasks"], key=lambda each: each["version"]):
        newest[each["entry_id"]] = each
    on = date.today().isoformat()
    due = Counter(each["owner"] for each in newest.values() if each["state"] == "open" and each["due"] <= on)
    assert len(due) > 1
    for email, person in town["people"].items():
        n = due[email]
        words = "One task is due" if n == 1 else f"{count(n)} tasks are due"
        assert (person["home"]["headline"] == words) == (n > 0), email


def test_unanswered_requests_of_families_wait_for_officers_and_stewards(town: Any) -> None:
    """A request to inspect that was received alone; a signed form that nobody confirmed."""
    steps: dict[tuple[str, str, str], set[str]] = {}
    for each in town["rights"]:
        steps.setdefault((each["code"], each["about"], each["partner"]), set()).add(each["step"])
    inspect = Counter(
        partner
        for (_, about, partner), taken in steps.items()
        if about == "inspect" and taken == {"received"}
    )
    signed = Counter(
        partner for (_, about, partner), taken in steps.items() if about == "form" and "signed" in taken and not taken & {"confirmed", "rejected"}
    )  # fmt: skip
    assert inspect
    assert signed
    for email, person in town["people"].items():
        keeps = person["role"] in ("data_steward", "privacy_officer")
        lines = person["open"]["own"]
        for kind, words in (
            (inspect, "Answer a request to inspect"),
            (signed, "Compare a signed consent form"),
        ):
            assert sum(line.startswith(words) for line in lines) == kind[person["partner"]] * keeps, email
