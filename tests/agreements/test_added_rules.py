"""What a community adds is obeyed where agreements are signed and read: its own rules, and whom the Department barred."""

import json
from datetime import date, timedelta

import pytest

from tests.agreements.documents import PARTNERS, STUDY, text_of
from tests.kept import kept
from throughway.agreements import actions, selectors
from throughway.core.refusals import Refused
from throughway.gate.actions.decisions import current_decision
from throughway.partners import OPERATOR, Actor
from throughway.partners.actions import add_partner, bar, end_bar
from throughway.store import Community

pytestmark = pytest.mark.django_db

TODAY = date.today()
LEADER = Actor("leader@schools.example", "riverbend-schools", "leader")
STEWARD = Actor("steward@schools.example", "riverbend-schools", "data_steward")
LAB_LEADER = Actor("leader@lab.example", "reading-lab", "leader")
READER = Actor("evaluator@lab.example", "reading-lab", "evaluator")
ID = "reading-study"
RULES = {
    "throughway": "rules/1", "id": "town", "title": "Our Town",
    "rules": [{"id": "TOWN-1", "title": "Counts are large", "citation": "Town code 1", "severity": "blocking",
               "cure": "State 20.", "at_least": {"terms.minimum_cell": 20}}],
}  # fmt: skip


@pytest.fixture(autouse=True)
@kept
def house(community: Community) -> None:
    for facts in PARTNERS.values():
        add_partner(id=facts.id, name=facts.name, kind=facts.kind, legal=facts.stated, by=OPERATOR)
    terms = {
        **STUDY["terms"],
        "training": [],
        "effective": str(TODAY - timedelta(1)),
        "expires": str(TODAY + timedelta(700)),
    }
    actions.add(text=text_of({**STUDY, "terms": terms}), by=OPERATOR)


def write_rules(community: Community, values: object) -> None:
    community.rules.mkdir(exist_ok=True)
    (community.rules / "town.yaml").write_text(json.dumps(values))


def blocking() -> set[str]:
    return {finding.id for finding in selectors.findings(ID) if finding.blocks}


def test_nobody_signs_against_a_rule_that_the_community_added(community: Community) -> None:
    assert blocking() == set()
    write_rules(community, RULES)
    assert blocking() == {"TOWN-1"}
    with pytest.raises(Refused):
        actions.sign(id=ID, by=LEADER)
    assert "TOWN-1" in {f.id for f in selectors.findings_of_open(TODAY)[ID]}


def test_rules_that_cannot_be_read_stop_every_review(community: Community) -> None:
    write_rules(community, {**RULES, "rulez": []})
    with pytest.raises(Refused) as refused:
        selectors.reviewed("a: 1")
    assert refused.value.code == "bad_rules"


def test_no_signature_for_a_barred_party() -> None:
    made = bar(party="reading-lab", agency="riverbend-schools", finding="26-114", found_on=TODAY, by=OPERATOR)
    assert blocking() == {"X5"}
    assert "X5" in {f.id for f in selectors.findings_of_open(TODAY)[ID]}
    with pytest.raises(Refused):
        actions.sign(id=ID, by=LEADER)
    end_bar(number=made.number, why="Taken back", by=OPERATOR)
    assert blocking() == set()


def test_the_gate_refuses_a_barred_party_at_once() -> None:
    for signer in (LEADER, LAB_LEADER):
        actions.sign(id=ID, by=signer)
    actions.activate(id=ID, by=STEWARD)
    assert current_decision(READER, "study-reading", TODAY).allowed
    made = bar(party="reading-lab", agency="riverbend-schools", finding="26-114", found_on=TODAY, by=OPERATOR)
    (reason,) = current_decision(READER, "study-reading", TODAY).reasons
    assert reason.citation == "34 CFR 99.67(c)–(e)"
    assert current_decision(LEADER, "own_records", TODAY).allowed
    end_bar(number=made.number, why="Taken back", by=OPERATOR)
    assert current_decision(READER, "study-reading", TODAY).allowed


def test_unreadable_rules_stop_signatures_but_no_page(community: Community) -> None:
    write_rules(community, {**RULES, "surprise": 1})
    (found,) = selectors.findings(ID)
    assert found.blocks
    assert "town.yaml" in found.message
    assert selectors.findings_of_open(TODAY)[ID] == [found]
    with pytest.raises(Refused, match=r"town\.yaml"):
        actions.sign(id=ID, by=LEADER)
    assert [step.kind for step in selectors.open_steps(TODAY)] == ["cure"]
