"""The screens of governance: what waits for whom, a vote, a request step by step, joining and leaving; who sees what."""

import html
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from tests.agreements.documents import MOU, changed, text_of
from tests.governance.world import (
    BACKBONE,
    BODY,
    BRIGHT,
    HILLS,
    LAB,
    SCHOOLS,
    asked,
    at_the_vote,
    cast,
    found,
    register,
    study,
    who,
)
from tests.kept import kept
from tests.site.people import client_of, signed_in
from throughway.agreements import actions as agreements
from throughway.agreements import selectors as agreed
from throughway.governance import selectors
from throughway.governance.actions import bodies, data_requests, motions
from throughway.governance.data_request import RequestState
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.models import User
from throughway.partners.selectors import users
from throughway.site.open_steps.selectors import open_steps
from throughway.store import Community

pytestmark = pytest.mark.django_db
MOST_QUERIES = 15
DESK = who(BACKBONE, Role.DATA_STEWARD)
As = Callable[[Actor], Client]


@pytest.fixture(autouse=True)
@kept
def house(community: Community) -> None:
    register()


@pytest.fixture
def as_() -> As:
    return lambda actor: client_of(actor.email)


@pytest.fixture
def freshly() -> As:
    """Signed in, and the passphrase given a moment ago."""
    return signed_in


def page(client: Client, name: str, /, *args: object, status: int = 200) -> str:
    path = reverse(f"governance:{name}", args=args)
    with CaptureQueriesContext(connection) as asked_of_database:
        response = client.get(path)
    assert response.status_code == status, response.status_code
    assert len(asked_of_database) <= MOST_QUERIES, "\n".join(q["sql"][:120] for q in asked_of_database)
    return re.sub(r"\s+", " ", response.content.decode())


def post(client: Client, name: str, /, *args: object, status: int = 302, **data: object) -> str:
    response = client.post(reverse(f"governance:{name}", args=args), data)
    assert response.status_code == status, response.content.decode()[:3000]
    return response.content.decode()


# ---------- bodies and votes ----------


def test_empty_page_says_who_founds_the_first_body(as_: As) -> None:
    assert "The backbone founds the first" in page(as_(who(SCHOOLS, Role.CASE_WORKER)), "list")
    assert "Found the first one" in page(as_(DESK), "list")
    assert "The backbone founds the first" in page(as_(who(SCHOOLS)), "list")


def test_body_is_founded_seated_and_meets(as_: As) -> None:
    desk = as_(DESK)
    said = {
        "name": "Council",
        "id": "council",
        "kind": "council",
        "decides": ["grant", "other"],
        "rule": "two_thirds",
        "quorum": 1,
    }
    assert "Type the body" in post(desk, "new_body", status=200, **{**said, "name": ""})
    post(desk, "new_body", **said)
    post(desk, "new_seat", "council", holder=who(SCHOOLS).email, office="Superintendent", chair="on")
    assert "already has a chair" in post(
        desk, "new_seat", "council", status=200, holder=who(LAB).email, office="Director", chair="on"
    )
    chair = as_(who(SCHOOLS))
    post(chair, "new_meeting", "council", day=date.today().isoformat(), place="remote")
    meeting = selectors.meetings()[0].number
    post(chair, "new_motion", "council", kind="other", title="Adopt the plan", meeting=str(meeting))
    motion = selectors.motions()[0].number
    shown = page(chair, "meeting", meeting)
    assert "Your vote, for Superintendent" in shown
    assert "Who was there" in shown
    post(chair, "vote", motion, choice="yes", at="meeting")
    assert "Your vote is cast. You can change it." in page(chair, "meeting", meeting)
    seat = selectors.seats()[0].number
    post(chair, "meeting", meeting, present=[str(seat)], minutes="Minutes 1")
    post(chair, "close", motion, reason="As planned.")
    assert "As planned." in page(as_(who(LAB, Role.CASE_WORKER)), "decisions")
    assert "Decided" in page(desk, "body", "council")
    post(desk, "end_seat", "council", seat)
    assert selectors.seats()[0].last == date.today()
    page(as_(who(SCHOOLS)), "motion", motion, status=302)


def test_votes_wait_first_for_the_seat_holder_only(as_: As) -> None:
    found()
    motion = motions.move(body=BODY, kind="other", title="Adopt the plan", by=who(BRIGHT)).number
    holder, colleague = as_(who(SCHOOLS)), as_(who(SCHOOLS, Role.PRIVACY_OFFICER))
    assert "One vote waits for you" in page(holder, "list")
    assert "No vote is waiting for you" in page(colleague, "list")
    assert 'name="choice"' not in page(colleague, "motion", motion)
    post(colleague, "vote", motion, status=404, choice="yes")
    post(colleague, "close", motion, status=404)
    assert page(holder, "motion", motion).count('name="choice"') == 3
    post(holder, "vote", motion, choice="abstain")
    assert "No vote is waiting for you" in page(holder, "list")
    assert "Close the vote" in page(as_(DESK), "motion", motion)


def test_other_partners_do_not_see_a_board(as_: As) -> None:
    bodies.found_body(
        id="board", name="School board", kind="board", rule="majority", quorum=1, partner=SCHOOLS, by=OPERATOR
    )
    bodies.seat(body="board", partner=SCHOOLS, holder=who(SCHOOLS).email, office="President", by=who(SCHOOLS))
    motion = motions.move(body="board", kind="other", title="Private matter", by=who(SCHOOLS)).number
    motions.vote(number=motion, choice="yes", by=who(SCHOOLS))
    stranger, own = as_(who(LAB)), as_(who(SCHOOLS, Role.CASE_WORKER))
    page(stranger, "body", "board", status=404)
    page(stranger, "motion", motion, status=404)
    assert "School board" not in page(stranger, "list")
    assert "School board" in page(own, "body", "board")
    page(own, "new_meeting", "board", status=404)
    motions.close_vote(number=motion, by=who(SCHOOLS))
    assert "Private matter" in page(own, "decisions")
    assert "Private matter" not in page(stranger, "decisions")
    page(stranger, "decision", selectors.decisions()[0].number, status=404)


@pytest.mark.parametrize("name", ["meeting", "motion", "decision", "request", "change_request"])
def test_unknown_numbers_are_not_found(as_: As, name: str) -> None:
    page(as_(DESK), name, 99, status=404)


def test_who_sees_a_decision_on_an_agreement(as_: As) -> None:
    found()
    study(activate=False)
    motion = motions.move(
        body=BODY, kind="approve", title="Approve the study", agreement="reading-study", by=DESK
    )
    cast(motion.number, riverbend_schools="yes", bright_futures="yes")
    number = motions.close_vote(number=motion.number, by=who(BACKBONE)).number
    for reader in (who(LAB), who(HILLS, Role.CASE_WORKER), who(BRIGHT), DESK):
        assert "Approve the study" in page(as_(reader), "decision", number)
    from throughway.partners.actions import add_partner, add_user

    add_partner(id="apart", name="Apart", kind="cbo", by=OPERATOR)
    add_user(email="x@apart.example", partner="apart", role="leader", by=OPERATOR)
    page(as_(Actor("x@apart.example", "apart", "leader")), "decision", number, status=404)


def test_decision_is_carried_out_from_its_page(as_: As) -> None:
    found()
    study()
    number, motion = at_the_vote()
    cast(motion, riverbend_schools="yes", bright_futures="yes")
    decision = motions.close_vote(number=motion, by=who(SCHOOLS)).number
    assert "Not done yet" in page(as_(DESK), "decision", decision)
    post(as_(who(LAB)), "decision", decision, status=404)
    post(as_(DESK), "decision", decision)
    assert selectors.request(number).license
    assert "Its license is drafted" in page(as_(who(LAB, Role.EVALUATOR)), "request", number)


# ---------- requests ----------

ANSWERS = [
    {"title": "Lessons", "question": "Which lessons help?", "why": "To choose.", "outside": "", "project": ""},
    {"pairs": "reading-study|study-reading", "of": [SCHOOLS, HILLS], "form": "pseudonymous"},
    {"tables": ["assessment_result"]},
    {"elements_assessment_result": ["assessment_result.*"], "necessity_assessment_result": "Scores are the outcome"},
    {"detail_purpose": "Improve lessons", "detail_scope": "Grades 1 to 3", "detail_duration": "One year"},
    {"method": "Compare.", "publication": "A report.", "irb": "IRB-9", "irb_expires": "", "until": "UNTIL"},
]  # fmt: skip
STEPS = ["question", "source", "tables", "elements", "right", "project"]


def walk(client: Client) -> tuple[dict[str, object], str]:
    """Answers step by step, as a browser without script does: each page's hidden fields come along."""
    said: dict[str, object] = {}
    shown = page(client, "new_request")
    for step, answers in zip(STEPS, ANSWERS, strict=True):
        assert f'name="step" value="{step}"' in shown
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown)
        said = {}
        for name, value in hidden:
            if name != "csrfmiddlewaretoken":
                said.setdefault(name, []).append(value)  # type: ignore[attr-defined]
        until = (date.today() + timedelta(days=90)).isoformat()
        said |= {k: until if v == "UNTIL" else v for k, v in answers.items()}
        shown = post(client, "new_request", status=200, **said)
    return said, shown


def test_request_is_made_step_by_step(as_: As) -> None:
    study()
    client = as_(who(LAB, Role.EVALUATOR))
    _, shown = walk(client)
    assert "This can become a license" in shown
    hidden: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown):
        hidden.setdefault(name, []).append(value)
    back = post(client, "new_request", status=200, **hidden, back="source")
    assert 'name="step" value="source"' in back
    assert re.search(r'value="hills-schools"[^>]*checked', back)
    post(client, "new_request", **hidden, ask="1")
    request = selectors.request(1) if selectors.requests()[0].number == 1 else selectors.requests()[0]
    assert request.wanted.of == (SCHOOLS, HILLS)
    assert request.wanted.details["scope"] == "Grades 1 to 3"
    assert request.wanted.elements == ("assessment_result.*",)


def test_invalid_step_is_asked_again_with_its_answers(as_: As) -> None:
    study()
    client = as_(who(LAB, Role.EVALUATOR))
    shown = post(
        client, "new_request", status=200, step="question", title="Lessons", question="", why="Because."
    )
    assert "Write a sentence." in shown
    assert 'value="Lessons"' in shown
    page(as_(who(LAB, Role.CASE_WORKER)), "new_request", status=404)


def test_blocking_rule_is_shown_and_cited_in_the_refusal(as_: As) -> None:
    number = asked(under=(), purpose="")
    desk = as_(DESK)
    shown = page(desk, "request", number)
    assert "would stop its license" in shown
    citation = re.findall(r'name="refuse-citations" value="([^"]+)"', shown)[0]
    assert "Give the reason." in post(
        desk, "request", number, status=200, act="refuse", **{"refuse-reason": ""}
    )
    post(
        desk,
        "request",
        number,
        act="refuse",
        **{"refuse-reason": "No agreement.", "refuse-citations": citation},
    )
    request = selectors.request(number)
    assert (request.state, request.citations) == (RequestState.REFUSED, (citation,))
    assert citation in page(as_(who(LAB)), "request", number)


def test_request_reaches_its_license_across_partners(as_: As) -> None:
    found()
    study()
    number = asked()
    asker, desk = as_(who(LAB, Role.EVALUATOR)), as_(DESK)
    seated = page(
        as_(who(BRIGHT, Role.CASE_WORKER)), "request", number
    )  # its partner has a seat where it is decided
    assert "shown to those who can see the agreements" in seated
    assert "would stop its license" not in seated
    post(desk, "request", number, act="return", **{"return-missing": "Say which grades."})
    assert "Say which grades." in page(asker, "request", number)
    assert "Say which grades." in page(asker, "change_request", number)
    data_requests.change_request(
        number=number, wanted=selectors.request(number).wanted, by=who(LAB, Role.EVALUATOR)
    )
    post(asker, "request", number, act="accept", status=404)
    post(desk, "request", number, act="accept")
    post(desk, "request", number, act="forward")
    assert "One data request waits for you" in page(as_(who(HILLS)), "requests")
    assert "must still answer" in page(asker, "request", number)
    for partner in (SCHOOLS, HILLS):
        post(as_(who(partner)), "request", number, act="answer", **{"answer-answer": "yes"})
    post(desk, "request", number, act="put", **{"put-body": BODY})
    motion = selectors.motions()[0].number
    assert "The vote is open" in page(asker, "request", number)
    for partner in (SCHOOLS, BRIGHT):
        post(as_(who(partner)), "vote", motion, choice="yes")
    post(desk, "close", motion)
    license = selectors.request(number).license
    assert agreed.one(license).document.partners == (SCHOOLS, HILLS, LAB)
    page(desk, "requests")


def test_requests_are_hidden_from_others(as_: As) -> None:
    study()
    number = asked(of=(SCHOOLS,))
    page(as_(who(HILLS)), "request", number, status=404)
    assert "Which lessons help" not in page(as_(who(HILLS)), "requests")
    page(as_(who(SCHOOLS)), "change_request", number, status=404)


# ---------- joining and leaving ----------


def open_memorandum() -> str:
    values = changed(
        MOU,
        ("joinder", {"open_to": ["lea"]}),
        ("terms.exit_notice_days", 30),
        ("terms.expires", "2100-06-30"),
    )
    id = agreements.add(text=text_of(values), by=OPERATOR).document.id
    for partner in (SCHOOLS, BRIGHT, BACKBONE, LAB):
        agreements.sign(id=id, by=who(partner))
    agreements.activate(id=id, by=who(SCHOOLS, Role.PRIVACY_OFFICER))
    return id


def test_partner_joins_an_open_agreement(freshly: As) -> None:
    id = open_memorandum()
    client = freshly(who(HILLS))
    assert "One agreement is open to you" in page(client, "joinable")
    shown = page(client, "join", id)
    assert "Hills Schools has the same place as Riverbend Schools" in shown
    version = agreed.one(id).version
    said = {
        "title": "Superintendent",
        "authority": "Board policy 9",
        "signer": "Ada Reyes",
        "version": version,
    }
    assert "Type by what authority" in post(client, "join", id, status=200, **{**said, "authority": ""})
    assert "changed while you were reading it" in post(
        client, "join", id, status=200, **{**said, "version": "0" * 64}
    )
    post(client, "join", id, **said)
    assert HILLS in agreed.one(id).document.partners
    page(client, "join", id, status=404)
    assert "Nothing to join." in page(client, "joinable")


def test_joining_and_leaving_ask_for_the_passphrase(as_: As) -> None:
    id = open_memorandum()
    for partner in (HILLS, LAB):
        user = User.objects.get(email=who(partner).email)
        user.set_password("a passphrase that nobody guesses")
        user.save()
    client = as_(who(HILLS))
    said = {
        "title": "Superintendent",
        "authority": "Policy",
        "signer": "Ada Reyes",
        "version": agreed.one(id).version,
    }
    response = client.post(reverse("governance:join", args=[id]), said)
    assert (response.status_code, "/account/confirm/" in response.headers["Location"]) == (302, True)
    assert HILLS not in agreed.one(id).document.partners
    response = as_(who(LAB)).post(reverse("governance:leave", args=[id]), {"reason": "We close."})
    assert "/account/confirm/" in response.headers["Location"]
    assert agreed.one(id).leaving == ()


def test_closed_agreements_are_not_found(as_: As) -> None:
    id = open_memorandum()
    page(as_(who(SCHOOLS)), "join", id, status=404)  # a party
    page(as_(who(HILLS, Role.EVALUATOR)), "join", id, status=404)  # signs for nobody
    page(as_(who(HILLS)), "join", "nowhere", status=404)
    page(as_(who(HILLS)), "leave", id, status=404)  # no party
    page(as_(who(SCHOOLS, Role.EVALUATOR)), "leave", id, status=404)


def test_effects_of_leaving_are_shown_first(freshly: As) -> None:
    study()
    client = freshly(who(HILLS))
    link = reverse("governance:leave", args=["reading-study"])
    assert link in client.get(reverse("agreements:one", args=["reading-study"])).content.decode()
    evaluator = freshly(who(HILLS, Role.EVALUATOR)).get(reverse("agreements:one", args=["reading-study"]))
    assert link not in evaluator.content.decode()
    shown = page(client, "leave", "reading-study")
    assert "What it does to others" in shown
    assert "Test scores: Reading Lab" in shown
    assert "cannot leave alone" not in shown
    assert "Give the reason." in post(client, "leave", "reading-study", status=200, reason="")
    post(client, "leave", "reading-study", reason="Our board decided so.")
    assert HILLS in {*dict(agreed.one("reading-study").left), *dict(agreed.one("reading-study").leaving)}
    page(client, "leave", "reading-study", status=404)


def test_addresses_reveal_nothing(as_: As) -> None:
    """Every page has one h1, a title, and no person's address but in the choice of who holds a seat."""
    found()
    study()
    number, motion = at_the_vote()
    meeting = bodies.call_meeting(body=BODY, day=date.today(), place="remote", by=DESK).number
    client = as_(DESK)
    for name, args in [
        ("list", ()), ("new_body", ()), ("body", (BODY,)), ("new_meeting", (BODY,)), ("new_motion", (BODY,)),
        ("meeting", (meeting,)), ("motion", (motion,)), ("decisions", ()), ("requests", ()), ("request", (number,)),
        ("new_request", ()), ("new_seat", (BODY,)),
    ]:  # fmt: skip
        shown = page(client, name, *args)
        assert shown.count("<h1>") == 1
        main = shown.partition("<main")[2].partition("</main>")[0]
        assert "style=" not in main
        assert name == "new_seat" or "@" not in main, name


def test_license_page_names_abstainers(as_: As) -> None:
    found(seated=(SCHOOLS, HILLS, BACKBONE))
    study()
    number, motion = at_the_vote()
    cast(motion, riverbend_schools="yes", hills_schools="abstain", riverbend_backbone="yes")
    motions.close_vote(number=motion, by=DESK)
    client = as_(who(LAB, Role.EVALUATOR))
    assert "Abstained in the vote, so their records stay out: Hills Schools." in page(
        client, "request", number
    )
    assert "<dt>Abstained</dt><dd>Hills Schools</dd>" in page(client, "decisions")


def test_vote_waits_for_the_seat_holder_only() -> None:
    found()
    motions.move(body=BODY, kind="other", title="Meet each month", by=who(BACKBONE))
    (of_schools,) = [s for s in selectors.open_steps(date.today()) if s.waits_for == SCHOOLS]
    assert of_schools.is_for(who(SCHOOLS))
    for role in (Role.PRIVACY_OFFICER, Role.DATA_STEWARD, Role.EVALUATOR, Role.CASE_WORKER):
        assert not of_schools.is_for(who(SCHOOLS, role))
    assert not of_schools.is_for(who(BRIGHT))


def test_each_step_opens_for_whom_it_waits_for(as_: As) -> None:
    """Votes, requests in each state, decisions to carry out, and agreements before their first day."""
    found()
    study()
    asked()  # received
    complete = asked(title="A second one")
    data_requests.accept_request(number=complete, by=DESK)
    forwarded = asked(title="A third one")
    data_requests.accept_request(number=forwarded, by=DESK)
    data_requests.forward_request(number=forwarded, by=DESK)
    at_the_vote(title="A fourth one")
    agreements.add(
        text=text_of(changed(MOU, ("terms.effective", str(date.today() + timedelta(days=9))))), by=OPERATOR
    )
    for partner in MOU["parties"]:
        agreements.sign(id=str(MOU["id"]), by=who(partner["partner"]))
    data_requests.return_request(number=asked(title="A fifth one"), missing="The method.", by=DESK)
    steps, tried = open_steps(date.today()), 0
    assert {"vote", "answer_request", "lead_request", "complete_request", "activate"} <= {
        s.kind for s in steps
    }
    for user in users():
        client = as_(user)
        mine = [s for s in steps if s.is_for(user)]
        for step in mine:
            address = reverse(step.href_name, args=step.href_args)
            assert (user.email, address, client.get(address).status_code) == (user.email, address, 200)
            tried += 1
        page = client.get("/open-steps/").content.decode()
        # In the home's words: where the home has words of its own for a kind of step, by the page that it opens.
        lacking = [s for s in mine if escape(s.title) not in page]
        assert {s.kind for s in lacking} <= {"cure", "sign", "activate", "resume", "renew"}
        assert not [
            (user.email, s.title, reverse(s.href_name, args=s.href_args))
            for s in lacking
            if reverse(s.href_name, args=s.href_args) not in page
        ]
    assert tried > 20


def test_evaluators_home_links_to_licensed_extracts_only(as_: As) -> None:
    study()
    client = as_(who(LAB, Role.EVALUATOR))
    page = client.get("/").content.decode()
    links = re.findall(r'href="(/(?:desk|extracts)/[^"]+)"', page)
    assert [link.partition("?")[0] for link in links] == [
        "/desk/"
    ]  # without a license rows are asked for, not taken along
    assert client.get(html.unescape(links[0])).status_code == 200
