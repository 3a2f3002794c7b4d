"""Real processes beside each other, on SQLite and on PostgreSQL: of two acts at one moment the second sees what the first did."""

import json
from collections.abc import Iterator
from select import select

import pytest

from tests.negotiation.parties import BACKBONE, PROGRAM, SCHOOLS
from tests.town import Fresh, Town

# Who acts waits, inside of its transaction and after its own look at how things stand, until it is let go on.
BEGIN = """
import json
import sys
from tests.agreements.documents import CASEWORK, changed, text_of
from tests.negotiation.parties import memorandum, offered, register, who
from throughway.agreements import actions as agreements
from throughway.agreements import selectors as texts
from throughway.negotiation import actions; from throughway.negotiation import permissions; from throughway.negotiation import selectors as reading
from throughway.core.refusals import Refused

def wait(check):
    def waiting(*given):
        check(*given)
        print("waiting", flush=True)
        sys.stdin.readline()
    return waiting
"""
# Does each piece of Python that it is told.
WORKER = f"""{BEGIN}
look = permissions.check_can_negotiate
while told := sys.stdin.readline():
    exec(json.loads(told))
    permissions.check_can_negotiate = look
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
print(json.dumps([said, len(texts.kept_texts("ID")), given]), flush=True)
"""
SETTLE = """
register()
memorandum()
made = {}
for id, accepted in (("both-accept", 0), ("withdrawn", 0), ("taken", 1), ("replaced", 1), ("settled", 0)):
    offered(changed(CASEWORK, ("id", id)), who("riverbend-schools"))
    version = texts.prepared_status(id).version
    number = 0
    if id != "settled":
        number = actions.propose(id=id, version=version, path="title", value="Another", why="So", by=who("riverbend-schools")).number
    if accepted:
        actions.accept(proposal=number, by=who("bright-futures"))
    made[id] = number, version
print(json.dumps(made), flush=True)
"""


class Place:
    """A community, and two processes that work on it. `made`: by agreement the number of its proposal, and the version of its
    text."""

    def __init__(self, town: Town) -> None:
        self.workers = [town.python(WORKER) for _ in range(2)]
        self._tell(0, SETTLE)
        self.made: dict[str, tuple[int, str]] = json.loads(self._said(0))

    def both(self, id: str, first: str, second: str) -> tuple[str, str, int, list[tuple[str, str]]]:
        """What the two say, how many texts there are then, and every answer: the second begins while the first is in the
        middle of its act."""
        for worker, (do, waits) in enumerate(((first, True), (second, False))):
            self._tell(worker, ACT.replace("WAITS", str(waits)).replace("DO", do).replace("ID", id))
        assert (self._said(0), self._said(1)) == ("waiting\n", "ready\n")
        self._go_on(1)
        assert not select([self.workers[1].stdout], [], [], 0.5)[0]  # it waits for the first
        self._go_on(0)
        said = json.loads(self._said(0))
        then, texts, given = json.loads(self._said(1))
        return said[0], then, texts, [(what, partner) for what, partner in given]

    def _tell(self, worker: int, code: str) -> None:
        self._write(worker, json.dumps(code))

    def _go_on(self, worker: int) -> None:
        self._write(worker, "")

    def _write(self, worker: int, line: str) -> None:
        to = self.workers[worker].stdin
        assert to
        to.write(f"{line}\n")
        to.flush()

    def _said(self, worker: int) -> str:
        said = self.workers[worker].stdout
        assert said
        return said.readline()

    def end(self) -> None:
        for worker in self.workers:
            worker.communicate()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, fresh_database: Fresh) -> Iterator[Place]:
    with fresh_database() as database:
        town = Town(tmp_path_factory.mktemp("beside") / "town", database)
        town.found()
        place = Place(town)
        yield place
        place.end()


def accept(number: int, partner: str) -> str:
    return f"actions.accept(proposal={number}, by=who('{partner}'))"


def propose(id: str, version: str) -> str:
    return (
        f"actions.propose(id='{id}', version='{version}', path='terms.minimum_cell', value=15, why='So', "
        f"by=who('{PROGRAM}'))"
    )


def test_two_simultaneous_acceptances_take_it_once(place: Place) -> None:
    number, _ = place.made["both-accept"]
    assert place.both("both-accept", accept(number, PROGRAM), accept(number, BACKBONE)) == (
        "open",
        "taken",
        2,
        [("accept", PROGRAM), ("accept", BACKBONE), ("take", BACKBONE)],
    )


def test_accepting_while_it_is_withdrawn(place: Place) -> None:
    number, _ = place.made["withdrawn"]
    withdraw = f"actions.withdraw(proposal={number}, by=who('{SCHOOLS}'))"
    assert place.both("withdrawn", withdraw, accept(number, PROGRAM)) == (
        "withdrawn",
        "is_withdrawn",
        1,
        [("withdraw", SCHOOLS)],
    )


def test_withdrawing_while_it_is_taken(place: Place) -> None:
    number, _ = place.made["taken"]
    withdraw = f"actions.withdraw(proposal={number}, by=who('{SCHOOLS}'))"
    said = place.both("taken", accept(number, BACKBONE), withdraw)
    assert said[:3] == ("taken", "is_taken", 2)


def test_proposing_while_the_text_is_replaced(place: Place) -> None:
    number, version = place.made["replaced"]
    said = place.both("replaced", accept(number, BACKBONE), propose("replaced", version))
    assert said[:3] == ("taken", "changed", 2)


def test_text_is_not_settled_while_somebody_proposes(place: Place) -> None:
    _, version = place.made["settled"]
    agree = f"agreements.agree(id='settled', by=who('{SCHOOLS}'))"
    said = place.both("settled", propose("settled", version), agree)
    assert said[:2] == ("open", "held")
