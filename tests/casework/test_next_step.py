"""What is next for a student: the list, the student's page, the home and the search say one thing, from one function."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from tests.casework.referring import COLLEAGUE, READING, lets_refer, moved, referring, sent
from tests.casework.referring import M as Move
from tests.casework.town import MOST, PERSON, TODAY, WORKER, asked_again, page, questions, signed_in
from tests.gate import making
from throughway.casework.referrals.referral import referral_lines
from throughway.casework.referrals.transitions import STATES, ReferralSide, ReferralState
from throughway.casework.student_tasks.actions import save_task
from throughway.casework.student_tasks.task import TaskKind
from throughway.casework.typed_entries.actions import new_entry_id
from throughway.partners import OPERATOR
from throughway.supports.actions import add_support


def lets_plan(document: dict[str, Any]) -> None:
    lets_refer(document)
    document["writes"].append(
        {
            "table": "task",
            "purposes": ["casework"],
            "by": ["harbor"],
            "necessity": "The team knows what is next.",
        }
    )


def plan(text: str, *, days: int, owner: str = WORKER) -> None:
    save_task(
        person=PERSON, purpose="casework", task=new_entry_id(), based_on=0, kind=TaskKind.CONTACT, due=TODAY + timedelta(days),
        owner=owner, text=text, by=making.reader(WORKER),
    )  # fmt: skip


def words(node: Any, path: str) -> str:
    found = node.xpath(path)
    return " ".join(found[0].text_content().split()) if found else ""


def said(email: str = WORKER) -> dict[str, str]:
    """What each screen says is next for Ada; of the home, the title of the first thing that is about her."""
    client = signed_in(email)
    line = "//p[contains(@class, 'tw-student-next')]"
    listed = html.fromstring(page(client, "/students/")[1])
    found = html.fromstring(client.post("/search/", {"words": "ada"}).content)
    own = html.fromstring(page(client, f"/students/{PERSON}/")[1])
    home = html.fromstring(page(client, "/")[1])
    task = home.xpath("//ul[contains(@class, 'tw-task-lines')]/li//p[@class='tw-strong']")
    waits = [node.text_content().strip() for node in home.xpath("//main//p[@class='tw-strong']")]
    about = [title.removeprefix("Ada One: ") for title in waits if title.startswith("Ada One: ")]
    return {
        "list": words(listed, line).removeprefix("Next: "),
        "search": words(found, line).removeprefix("Next: "),
        "page": words(own, "//h2[@id='next']").removeprefix("Next: "),
        "why": words(own, "//section[contains(@class, 'tw-next')]/p"),
        "home": task[0].text_content().strip() if task else next(iter(about), ""),
    }


def screens_say(title: str, *, due: int | None, email: str = WORKER, by: str = "") -> dict[str, str]:
    found = said(email)
    day = TODAY + timedelta(due or 0)
    when = "" if due is None else f", by {day.day} {day:%B %Y}"
    assert found["list"] == found["search"] == f"{title}{when}{by and ' ' + by}"
    assert found["page"] == title
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("community")
def test_the_four_screens_say_one_next_step(tmp_path: Path) -> None:
    support = referring(tmp_path, change=lets_plan)
    found = screens_say("Talk with Ada", due=None)
    assert found["home"] == "Talk with Ada"
    id = sent(support)
    assert screens_say("Talk with Ada", due=None)["home"] == "Talk with Ada"  # the program acts next
    moved(id, Move.ASK_BACK, words="Which afternoons are free?")
    title = "Go on with the referral to Reading Help"
    found = screens_say(title, due=3)
    assert found["home"] == title
    assert "The program asks back. You act next, by" in found["why"]
    plan("Call next week", days=7)
    screens_say(title, due=3)  # a task of a later day waits for its day
    plan("Call about the bus", days=0)
    found = screens_say("Call about the bus", due=0)
    assert (found["home"], found["why"]) == ("Call about the bus", "It is due today.")
    for address in ("/students/", f"/students/{PERSON}/", "/"):
        assert len(asked := asked_again(signed_in(), address)) <= MOST, "\n".join(q[:120] for q in asked)
    client = signed_in()
    client.post("/search/", {"words": "ada"})
    assert len(questions(lambda: client.post("/search/", {"words": "ada"}))) <= MOST


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("community")
def test_a_task_of_a_colleague_says_whose_it_is(tmp_path: Path) -> None:
    referring(tmp_path, change=lets_plan)
    plan("Call about the bus", days=0, owner=COLLEAGUE)
    found = screens_say("Call about the bus", due=0, by=COLLEAGUE)
    assert f"{COLLEAGUE} does it" in found["why"]
    assert found["home"] == "Talk with Ada"  # what waits for this reader
    assert screens_say("Call about the bus", due=0, email=COLLEAGUE)["home"] == "Call about the bus"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("community")
def test_a_card_of_the_students_page_says_what_speaks_against_it(tmp_path: Path) -> None:
    """What the page of supports knows of language and seats stands on the student’s page too."""
    referring(tmp_path, change=lambda document: document["schedule"].append(
        making.line("person_language.*", "casework", **{"from": ["north"]})
    ) or lets_plan(document))  # fmt: skip
    making.land(
        "person_language", "north", [{"person_record": 11, "record": 1, "iso_639_2_language_code": "hat"}]
    )
    add_support(
        partner="tutors",
        said=replace(READING, name="Quiet Reading", seats_open=None, languages=("eng",)),
        by=OPERATOR,
    )
    client = signed_in()
    short, full = (
        page(client, address)[1] for address in (f"/students/{PERSON}/", f"/students/{PERSON}/supports/")
    )
    for text in (short, full):
        card = re.search(r"Quiet Reading</a>.*?</li>\s*</ul>.*?</li>", text, re.DOTALL)
        assert card
        assert "Nobody there speaks Haitian" in card[0]
        assert "Ask the program whether a seat is free." in card[0]


@pytest.mark.parametrize("state", ReferralState)
@pytest.mark.parametrize("reader", ["harbor", "tutors", "north", None])
def test_who_acts_next_in_a_referral(state: ReferralState, reader: str | None) -> None:
    """Sender or receiver, as the state says; nobody else, whoever reads it."""
    row = {
        "entry_id": "a", "version": 1, "referral_state": str(state), "sending_partner": "harbor", "receiving_partner": "tutors",
        "support_id": "1", "due_date": str(TODAY),
    }  # fmt: skip
    [line] = referral_lines([row], names={}, supports={"1": "Reading Help"}, reader=reader)
    owner = STATES[state].owner
    acts = {"harbor": owner is ReferralSide.SENDER, "tutors": owner is ReferralSide.RECEIVER}
    assert (line.ours and line.shown.is_open) is acts.get(reader or "", False)
    assert (line.support, line.shown.due) == ("Reading Help", TODAY)
