"""Real processes beside each other, on SQLite and on PostgreSQL: of two acts at one moment the second sees what the first did."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.negotiation.room import BACKBONE, PROGRAM, SCHOOLS
from tests.town import Town, fresh_database

# Who acts waits, inside of its transaction and after its own look at how things stand, until it is let go on.
BEGIN = """
import json
import sys
from tests.agreements.documents import CASEWORK, changed, text_of
from tests.negotiation.room import memorandum, offered, register, who
from throughway.agreements import actions as agreements
from throughway.agreements import reading as texts
from throughway.negotiation import actions, permissions, reading
from throughway.refusals import Refused

def wait(check):
    def waiting(*given):
        check(*given)
        print("waiting", flush=True)
        sys.stdin.readline()
    return waiting
"""
ACT = """
from throughway.negotiation.models import ProposalAnswer
if WAITS:
    permissions.check_can_negotiate = wait(permissions.check_can_negotiate)
else:
    print("ready", flush=True)
    sys.stdin.readline()
try:
    done = DO
    said = getattr(done, "status", None) or done.state
except Refused as refused:
    said = refused.code
given = [(a.what, a.partner) for a in ProposalAnswer.objects.filter(agreement="ID").order_by("id")]
print(json.dumps([said, len(texts.kept_texts("ID")), given]))
"""
SETTLE = """
register()
memorandum()
made = {}
for id, accepted in (("both-accept", 0), ("withdrawn", 0), ("taken", 1), ("replaced", 1), ("settled", 0)):
    offered(changed(CASEWORK, ("id", id)), who("riverbend-schools"))
    version = texts.one_prepared(id).version
    number = 0
    if id != "settled":
        number = actions.propose(id=id, version=version, path="title", value="Another", why="So", by=who("riverbend-schools")).number
    if accepted:
        actions.accept(proposal=number, by=who("bright-futures"))
    made[id] = number, version
print(json.dumps(made))
"""


@dataclass(frozen=True)
class Place(Town):
    """`made`: by agreement the number of its proposal, and the version of its text."""

    made: dict[str, tuple[int, str]] = field(default_factory=dict)

    def act(self, id: str, do: str, waits: bool = False) -> "subprocess.Popen[str]":
        return self.python(BEGIN + ACT.replace("WAITS", str(waits)).replace("DO", do).replace("ID", id))

    def both(self, id: str, first: str, second: str) -> tuple[str, str, int, list[tuple[str, str]]]:
        """What the two say, how many texts there are then, and every answer: the second begins while the first is in the
        middle of its act."""
        with self.act(id, first, waits=True) as one, self.act(id, second) as other:
            assert one.stdout
            assert other.stdout
            assert other.stdin
            assert (one.stdout.readline(), other.stdout.readline()) == ("waiting\n", "ready\n")
            other.stdin.write("\n")
            other.stdin.flush()
            with pytest.raises(subprocess.TimeoutExpired):
                other.wait(0.5)  # it waits for the first
            said = json.loads(one.communicate("\n")[0])
            then, texts, given = json.loads(other.communicate()[0])
        return said[0], then, texts, [(what, partner) for what, partner in given]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    root = tmp_path_factory.mktemp("beside")
    with fresh_database() as database:
        place = Place(root / "town", database)
        place.found()
        with place.python(BEGIN + SETTLE) as settling:
            place.made.update(json.loads(settling.communicate()[0]))
        yield place


def accept(number: int, partner: str) -> str:
    return f"actions.accept(proposal={number}, by=who('{partner}'))"


def propose(id: str, version: str) -> str:
    return (
        f"actions.propose(id='{id}', version='{version}', path='terms.minimum_cell', value=15, why='So', "
        f"by=who('{PROGRAM}'))"
    )


def test_two_parties_accept_at_once_and_it_is_taken_once(place: Place) -> None:
    number, _ = place.made["both-accept"]
    assert place.both("both-accept", accept(number, PROGRAM), accept(number, BACKBONE)) == (
        "open",
        "taken",
        2,
        [("accept", PROGRAM), ("accept", BACKBONE), ("take", BACKBONE)],
    )


def test_one_who_accepts_what_is_being_withdrawn(place: Place) -> None:
    number, _ = place.made["withdrawn"]
    withdraw = f"actions.withdraw(proposal={number}, by=who('{SCHOOLS}'))"
    assert place.both("withdrawn", withdraw, accept(number, PROGRAM)) == (
        "withdrawn",
        "is_withdrawn",
        1,
        [("withdraw", SCHOOLS)],
    )


def test_one_who_withdraws_what_is_being_taken(place: Place) -> None:
    number, _ = place.made["taken"]
    withdraw = f"actions.withdraw(proposal={number}, by=who('{SCHOOLS}'))"
    said = place.both("taken", accept(number, BACKBONE), withdraw)
    assert said[:3] == ("taken", "is_taken", 2)


def test_one_who_proposes_on_a_text_that_is_being_replaced(place: Place) -> None:
    number, version = place.made["replaced"]
    said = place.both("replaced", accept(number, BACKBONE), propose("replaced", version))
    assert said[:3] == ("taken", "changed", 2)


def test_a_text_is_not_settled_while_somebody_proposes(place: Place) -> None:
    _, version = place.made["settled"]
    agree = f"agreements.agree(id='settled', by=who('{SCHOOLS}'))"
    said = place.both("settled", propose("settled", version), agree)
    assert said[:2] == ("open", "held")
