"""Real processes beside each other, on SQLite and on PostgreSQL: one outcome, whoever comes first."""

import time
from collections.abc import Iterator

import pytest

from tests.town import Fresh, Town

# One process: does what each line asks, at the moment that the line names, and says what it came to.
WORKER = """
import sys, time
from tests.governance import world
from throughway.governance import selectors as reading; from throughway.governance.actions import motions
from throughway.governance.models import SeatVote
from throughway.core.refusals import Refused

def settle(_):
    world.register()
    world.found(rule="majority", quorum=1)

def move(_):
    said = {"body": world.BODY, "kind": "other", "title": "Adopt the plan"}
    return motions.move(by=world.who(world.BRIGHT), **said).number

def close(motion):
    return f"closed {motions.close_vote(number=motion, by=world.who(world.BACKBONE)).result}"

def vote(choice):
    def cast(motion):
        motions.vote(number=motion, choice=choice, by=world.who(world.SCHOOLS))
        return "voted"
    return cast

def state(number):
    (motion,) = reading.motions(pk=number)
    decided = reading.decisions(motion=number)
    kept = SeatVote.objects.filter(motion=number).count()
    choices = [*(str(c.choice) for c in motion.votes), *(v["choice"] for d in decided for v in d.votes)]
    return " ".join(map(str, (motion.is_open, len(motion.votes), kept, len(decided), *choices)))

ACTS = {"settle": settle, "move": move, "close": close, "state": state,
        **{choice: vote(choice) for choice in ("yes", "no", "abstain")}}
for line in sys.stdin:
    act, number, moment = line.split()
    time.sleep(max(0.0, float(moment) - time.time()))
    try:
        print(ACTS[act](int(number)), flush=True)
    except Refused as refused:
        print("refused", refused.code, flush=True)
"""


class Place:
    """A community, and three processes that work on it."""

    def __init__(self, town: Town) -> None:
        self.workers = [town.python(WORKER) for _ in range(3)]

    def at_once(self, motion: int, *acts: str) -> list[str]:
        """What each of these acts came to, each in a process of its own, all begun at one moment."""
        moment = time.time() + (0.1 if len(acts) > 1 else 0)
        asked = list(zip(self.workers, acts, strict=False))
        for worker, act in asked:
            assert worker.stdin
            worker.stdin.write(f"{act} {motion} {moment}\n")
            worker.stdin.flush()
        return [worker.stdout.readline().strip() for worker, _ in asked if worker.stdout]

    def move(self) -> int:
        return int(self.at_once(0, "move")[0])

    def state(self, motion: int) -> list[str]:
        return self.at_once(motion, "state")[0].split()

    def end(self) -> None:
        for worker in self.workers:
            worker.communicate()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, fresh_database: Fresh) -> Iterator[Place]:
    root = tmp_path_factory.mktemp("governed")
    with fresh_database() as database:
        town = Town(root / "town", database)
        town.found()
        place = Place(town)
        assert place.at_once(0, "settle") == ["None"]
        yield place
        place.end()


def test_of_two_simultaneous_votes_one_counts(place: Place) -> None:
    motion = place.move()
    assert place.at_once(motion, "yes", "no", "abstain") == ["voted"] * 3
    is_open, counted, kept, decided, choice = place.state(motion)
    assert (is_open, counted, kept, decided) == ("True", "1", "3", "0")
    assert choice in ("yes", "no", "abstain")


def test_a_vote_is_closed_once(place: Place) -> None:
    motion = place.move()
    place.at_once(motion, "yes")
    told = sorted(place.at_once(motion, "close", "close", "close"))
    assert told == ["closed passed", "refused closed", "refused closed"]
    assert place.state(motion) == ["False", "1", "1", "1", "yes", "yes"]


def test_vote_during_closing_counts_or_is_refused(place: Place) -> None:
    for _ in range(6):
        motion = place.move()
        closed, voted = place.at_once(motion, "close", "yes")
        _, counted, kept, decided, *choices = place.state(motion)
        assert decided == "1"
        if voted == "voted":  # it came first: the log has it
            assert (closed, counted, kept, choices) == ("closed passed", "1", "1", ["yes", "yes"])
        else:
            assert (voted, closed, counted, kept) == ("refused closed", "closed no_quorum", "0", "0")
