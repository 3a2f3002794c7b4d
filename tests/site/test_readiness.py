"""The steps to a first published figure: each fault is named with its cure, and none that is cured is still named."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from click.testing import CliRunner
from django.urls import reverse

from tests.gate import making
from tests.site.people import client_of
from throughway.agreements import actions as agreements
from throughway.cli import command, main
from throughway.partners import OPERATOR
from throughway.partners import actions as partners
from throughway.site.readiness.selectors import facts
from throughway.site.readiness.steps import (
    FOR_OFFICERS,
    QuestionFacts,
    ReadinessFacts,
    StepState,
    missing,
    steps,
)
from throughway.store import Community
from throughway.training import actions as training

TODAY = date.today()
QUESTION = QuestionFacts(
    agreement="a", title="A", purpose="figures", givers=("North", "Harbor"), recipients=("Hub",), roles=("evaluator",),
    readers=("eva@hub.example",), consents=3,
)  # fmt: skip
WHOLE = ReadinessFacts(
    partners=3, stewards=2, written=1, other="a", question=QUESTION, mapped=1, linked=True, asked=True,
    release="“A” is published.",
)  # fmt: skip
# What is lacking, and the step that says so.
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no partner": ({"partners": 1}, "partners"),
    "no steward": ({"stewards": 0}, "steward"),
    "nobody may sign": ({"signless": ("North",)}, "signers"),
    "not in effect": ({"waits": "a is a draft.", "act": "sign"}, "in-effect"),
    "no linkage purpose": ({"unlinked": ("Harbor",)}, "linkage-purpose"),
    "nobody may ask": ({"readers": ()}, "reader"),
    "training missing": ({"courses": ("ferpa-basics",)}, "training"),
    "refused": ({"refused": "Barred until 2030."}, "training"),
    "no load": ({"empty": ("Harbor",)}, "file"),
    "nothing linked": ({"linked": False}, "linked"),
    "consent missing": ({"consents": 0}, "consent"),
    "no answer": ({"asked": False}, "answer"),
    "nothing published": ({"release": ""}, "figure"),
}


def lacking(*faults: str) -> ReadinessFacts:
    changes = {name: value for fault in faults for name, value in FAULTS[fault][0].items()}
    own = {name: value for name, value in changes.items() if name in QuestionFacts.__dataclass_fields__}
    rest = {name: value for name, value in changes.items() if name not in own}
    return replace(WHOLE, question=replace(QUESTION, **own), **rest)


def test_nothing_stands_in_the_way_of_a_whole_community() -> None:
    assert missing(steps(WHOLE)) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_alone_with_its_cure(fault: str) -> None:
    named = [step for step in steps(lacking(fault)) if step.state is StepState.MISSING]
    assert [step.id for step in named] == [FAULTS[fault][1]]
    assert named[0].why.endswith((".", "`."))
    assert named[0].command.startswith("throughway ")
    assert named[0].page.startswith("/")


@pytest.mark.parametrize(("one", "two"), [*combinations(FAULTS, 2)])
def test_of_two_faults_the_earlier_is_first_and_neither_is_called_done(one: str, two: str) -> None:
    found = steps(lacking(one, two))
    named = {FAULTS[one][1], FAULTS[two][1]}
    order = [step.id for step in found]
    assert named <= {step.id for step in missing(found)} | (
        {"linked"} if one == "no linkage purpose" else set()
    )
    assert missing(found)[0].id == min(named & set(order), key=order.index)


def test_an_empty_community_lacks_every_step() -> None:
    found = steps(ReadinessFacts())
    assert missing(found) == found
    assert {step.id for step in found if step.state is StepState.MISSING} == {
        "partners",
        "steward",
        "agreement",
    }


def test_an_agreement_without_a_purpose_for_figures() -> None:
    found = {step.id: step for step in steps(replace(WHOLE, question=None, asked=False, release=""))}
    assert "no purpose of form aggregate" in found["purpose"].why
    assert found["figure"].state is StepState.LATER


def test_one_partners_records_need_no_matching() -> None:
    alone = replace(WHOLE, question=replace(QUESTION, givers=("North",)), linked=False)
    assert {"linkage-purpose", "linked"}.isdisjoint(step.id for step in steps(alone))
    assert missing(steps(alone)) == []


def test_undecided_pairs_are_a_step_before_the_question_and_stay_named_after_it() -> None:
    doubt = replace(WHOLE, undecided="2 pairs of records wait.", decides=True, asked=False, release="")
    first, *later = missing(steps(doubt))
    assert (first.id, first.why, first.page) == ("pairs", doubt.undecided, reverse("identity:review"))
    assert [step.id for step in later] == ["answer", "figure"]
    assert all(step.page for step in later)  # may be left undecided knowingly: the list leads past it
    assert missing(steps(replace(doubt, decides=False)))[0].page == reverse("identity:persons")
    published = {step.id: step for step in steps(replace(doubt, asked=True, release="“A” is published."))}
    assert published["pairs"].state is StepState.WAITS
    assert "pairs" not in {step.id for step in steps(replace(doubt, linked=False))}


@pytest.fixture
def house(transactional_db: None, community: object) -> None:
    making.register()


def left() -> list[str]:
    return [step.id for step in missing(steps(facts(OPERATOR, TODAY)))]


@pytest.mark.usefixtures("house")
def test_the_way_of_a_real_community() -> None:
    assert left()[:2] == ["steward", "agreement"]
    partners.add_user(email="desk@hub.example", partner="hub", role="data_steward", by=OPERATOR)
    terms = making.sharing()["terms"] | {"training": ["ferpa-basics"]}
    agreements.add(text=json.dumps(making.sharing(terms=terms)), by=OPERATOR)
    assert left()[0] == "signers"
    for partner in ("north", "harbor", "hub"):
        partners.add_user(email=f"leader@{partner}.example", partner=partner, role="leader", by=OPERATOR)
    assert left()[0] == "in-effect"
    for partner in ("north", "harbor", "hub"):
        assert "must still sign" in waits() or "no party has signed" in waits()
        agreements.sign(id="sharing-2026", by=making.leader(partner))
    assert "nobody has activated" in waits()
    agreements.activate(id="sharing-2026", by=making.reader("officer@north.example"))
    assert left() == ["training", "file", "linked", "answer", "figure"]
    training.record(
        email="evaluator@hub.example", course="ferpa-basics", on=TODAY - timedelta(days=1), by=OPERATOR
    )
    assert left()[0] == "file"
    making.land("attendance_day", "north", [attendance(11)])
    making.land("service_received", "harbor", [{"person_record": 21, "service_date": making.DAY}])
    assert left()[0] == "linked"


def waits() -> str:
    return {step.id: step for step in steps(facts(OPERATOR, TODAY))}["in-effect"].why


def attendance(record: int) -> dict[str, Any]:
    return {"person_record": record, "attendance_event_date": making.DAY, "attendance_status": "Present"}


@pytest.mark.usefixtures("house")
def test_an_agreement_that_one_may_not_open_is_not_named() -> None:
    partners.add_partner(id="far", name="Far", kind="cbo", by=OPERATOR)
    partners.add_user(email="officer@far.example", partner="far", role="privacy_officer", by=OPERATOR)
    agreements.add(text=json.dumps(making.sharing()), by=OPERATOR)
    stranger = facts(making.reader("officer@far.example"), TODAY)
    assert (stranger.written, stranger.question, stranger.signless) == (0, None, ())
    party = facts(making.reader("officer@north.example"), TODAY).question
    assert party is not None
    assert party.readers == ("the evaluator of Hub",)  # the address only for those who keep the account
    assert facts(OPERATOR, TODAY).question.readers == ("evaluator@hub.example",)  # type: ignore[union-attr]


@pytest.mark.usefixtures("house")
def test_the_page_leads_to_the_form_of_the_first_missing_step() -> None:
    client = client_of("officer@hub.example")
    text = client.get(reverse("readiness:start")).content.decode()
    assert f'href="{reverse("partners:new_person")}?then=start"' in text
    assert "throughway user add EMAIL --partner ID --role data_steward" in text
    straight = client.get(reverse("readiness:start"), {"next": ""})
    assert straight.headers["Location"] == f"{reverse('partners:new_person')}?then=start"
    assert "decides alone" not in text
    partners.add_user(email="desk@hub.example", partner="hub", role="data_steward", by=OPERATOR)
    assert "decides alone" in client.get(reverse("readiness:start")).content.decode()


@pytest.mark.usefixtures("house")
def test_a_leader_is_not_led_to_pages_that_are_closed_to_leaders() -> None:
    partners.add_user(email="lead@north.example", partner="north", role="leader", by=OPERATOR)
    client = client_of("lead@north.example")
    for address in (reverse("readiness:start"), "/"):
        text = client.get(address).content.decode()
        links = set(re.findall(r'<a [^>]*href="(/[^"]*)"', text))
        assert reverse("partners:new_person") not in links
        assert {client.get(link).status_code for link in links} == {200}
    every = {step.href_name for fault in FAULTS for step in steps(lacking(fault)) if step.href_name}
    asked = every - {"agreements:one", "questions:first"}
    assert {name for name in asked if client.get(reverse(name)).status_code == 404} == FOR_OFFICERS
    strangers = steps(replace(WHOLE, question=replace(QUESTION, may_ask=False), release=""))
    assert [(step.id, step.href_name) for step in missing(strangers)] == [("figure", "agreements:one")]


@pytest.mark.usefixtures("house")
def test_doctor_answers_one_document_and_exits_1_while_anything_is_missing(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "open_community", lambda settings: community)
    done = CliRunner().invoke(main, ["doctor", "--json"])
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert found["ready"] is False
    assert found["next"] == "steward"
    assert [step["id"] for step in found["steps"] if step["state"] == "done"] == ["partners"]
