"""What a leader's home says of studies: each headline whole, that the program has replied, and the time left for what was decided."""

from datetime import timedelta

import pytest

from tests.evidence.test_follow_up import TODAY, decided, found
from tests.gate import making
from tests.site.people import add, signed_in
from tests.site.test_home import load
from throughway.evidence.actions.follow_up import reply
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_partner

pytestmark = pytest.mark.django_db(transaction=True)
WORSE = "Participants did worse than similar students. We do not know whether the program is why."


@pytest.fixture
def people(community: object) -> dict[str, Actor]:
    making.register()
    making.in_effect(making.sharing())
    load("b1")  # a home without first steps
    add_partner(id="bank", name="Bank", kind="cbo", by=OPERATOR)
    return {
        "leader": add("leader", "north", Role.LEADER),
        "backbone": add("leader", "hub", Role.LEADER),
        "evaluator": add("study", "hub", Role.EVALUATOR),
        "program": add("manager", "bank", Role.PROGRAM_MANAGER),
        "worker": add("director", "bank", Role.LEADER),
    }


def main(reader: Actor) -> str:
    text = signed_in(reader).get("/").content.decode()
    return text.split("<main")[1].split("</main")[0]


def test_a_leader_reads_the_verdict_the_reply_and_what_is_due(people: dict[str, Actor]) -> None:
    assert "What studies found" not in main(people["leader"])
    release = found(people["evaluator"], verdict="did worse than look-alikes", causal=False)
    found(people["evaluator"], "B2", "harbor/clubs", verdict="not enough evidence", causal=False)
    assert f"Does tutoring help? {WORSE}" in main(people["leader"]), "never without its second half"
    assert "the program has replied" not in main(people["leader"])
    reply(release=release, text="We see it otherwise.", by=people["program"])
    decided(people, release, due=TODAY + timedelta(days=40))
    assert "the program has replied" in main(people["leader"])
    assert "40 days left" in main(people["worker"])
    shown = main(people["leader"])
    assert shown.index("did worse") < shown.index("not enough evidence"), "what tells something stands first"


def test_a_finding_that_is_not_open_yet_is_on_no_other_home(people: dict[str, Actor]) -> None:
    found(people["evaluator"], review_days=14)
    assert "The program helps." not in main(people["leader"])
