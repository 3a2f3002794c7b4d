"""Nobody's questions stop the site for everybody: one for each person, two for a process, no longer than somebody waits."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.gate import making
from tests.gate.test_engines import LONG, town
from tests.site.people import program
from throughway.core.refusals import Refused
from throughway.gate.actions import enter, one_question, query_execution, query_limits
from throughway.gate.actions.query_limits import TimeLimit, tied_to_connection
from throughway.ledger.access_channels import API, COMMAND, PAGE, using_channel
from throughway.ledger.models import LedgerEntry
from throughway.partners.actor import Actor
from throughway.store import Community

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
__all__ = ["town"]

EVALUATOR = "evaluator@hub.example"
ONE, TWO, THREE = (Actor(f"{name}@hub.example", "hub", "evaluator") for name in ("one", "two", "three"))


def held(actor: Actor, way: str = API) -> ExitStack:
    """A question of theirs that runs until the stack is closed, as another thread's or process's would."""
    stack = ExitStack()
    entered = threading.Event()
    ended = threading.Event()

    def run() -> None:
        with using_channel(way), one_question(actor=actor, purpose="planning"):
            entered.set()
            ended.wait(10)

    thread = threading.Thread(target=run)
    thread.start()
    assert entered.wait(5)
    stack.callback(thread.join)
    stack.callback(ended.set)
    return stack


def test_second_query_of_a_person_is_refused_and_recorded() -> None:
    with held(ONE), using_channel(API):
        with (
            pytest.raises(Refused, match=r"^You have had a query running since \d\d:\d\d; wait") as refused,
            one_question(actor=ONE, purpose="planning", asked="SELECT 1"),
        ):
            pass
        assert refused.value.code == "question_running"
        [entry] = LedgerEntry.objects.all()
        assert (entry.outcome, entry.actor_partner, len(entry.question)) == ("refused", ONE.partner, 64)
        with one_question(actor=TWO, purpose="planning"):  # another person's runs beside it
            pass
    with using_channel(API), one_question(actor=ONE, purpose="planning"):
        pass


def test_a_process_runs_two_and_refuses_the_third() -> None:
    busy = pytest.raises(Refused, match="try again in a minute")
    with held(ONE), held(TWO), using_channel(PAGE), busy, one_question(actor=THREE, purpose="p"):
        pass
    with using_channel(PAGE), one_question(actor=THREE, purpose="p"):
        pass


def test_nested_queries_and_commands_are_not_limited() -> None:
    with using_channel(PAGE), one_question(actor=ONE, purpose="p"), one_question(actor=ONE, purpose="p"):
        pass
    with held(ONE), using_channel(COMMAND), one_question(actor=ONE, purpose="p"):
        pass


def test_the_turn_of_a_process_that_died_is_free(community: Community) -> None:
    with using_channel(API), one_question(actor=ONE, purpose="p"):
        [path] = (community.data / "questions").iterdir()
    assert ONE.email not in path.name
    holder = f"import fcntl, os, time; f = os.open({str(path)!r}, os.O_RDWR); fcntl.flock(f, fcntl.LOCK_EX); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with (
            using_channel(API),
            pytest.raises(Refused, match="query running"),
            one_question(actor=ONE, purpose="p"),
        ):
            pass
        process.kill()
    with using_channel(API), one_question(actor=ONE, purpose="p"):
        pass


@pytest.fixture
def slow(town: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(query_execution, "LOOK_EVERY", 0.02)
    return LONG


def test_a_question_over_the_api_ends_in_time(slow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_limits, "SECONDS", 0.1)
    client = program(making.reader(EVALUATOR))
    asked = {"sql": slow, "purpose": "planning"}
    answer = client.post("/api/query", asked, content_type="application/json")
    assert answer.status_code == 422
    assert "took too long" in answer.json()["error"]["message"]
    assert LedgerEntry.objects.get().outcome == "refused"


def test_also_a_question_about_few_persons(slow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that ask about few persons are not watched; a question of one's own making is."""
    monkeypatch.setattr(query_limits, "SECONDS", 0.1)
    reader = making.reader(EVALUATOR)
    [(person,)] = (
        enter(actor=reader, purpose="planning")
        .query("SELECT person_id FROM attendance_day GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
        .rows
    )
    few = f"{slow} WHERE a.person_id = {person} AND b.person_id = {person} AND c.person_id = {person}"
    with (
        using_channel(API),
        one_question(actor=reader, purpose="planning"),
        pytest.raises(Refused, match="too long"),
    ):
        enter(actor=reader, purpose="planning").query(few)


def test_a_question_ends_when_the_connection_is_closed(slow: str) -> None:
    ours, theirs = socket.socketpair()
    threading.Timer(0.1, theirs.close).start()
    reader = making.reader(EVALUATOR)
    gone = pytest.raises(Refused, match="connection was closed")
    with (
        ours,
        using_channel(API),
        tied_to_connection(ours),
        one_question(actor=reader, purpose="planning"),
        gone,
    ):
        enter(actor=reader, purpose="planning").query(slow)
    assert LedgerEntry.objects.get().outcome == "refused"


@pytest.mark.parametrize(("code", "told"), [("engine", "took too long"), ("damaged", "A file is damaged")])
def test_only_the_engines_own_refusal_is_put_down_to_the_time(
    slow: str, monkeypatch: pytest.MonkeyPatch, code: str, told: str
) -> None:
    """Another one stands, although the time was up too."""
    monkeypatch.setattr(query_execution, "limit", lambda: TimeLimit(0, None))
    interrupted = threading.Event()

    class Session:
        def interrupt(self) -> None:
            interrupted.set()

    def ask() -> None:
        with query_execution._watched(Session(), None):
            assert interrupted.wait(5)
            raise Refused("A file is damaged.", code=code)

    with pytest.raises(Refused, match=told):
        ask()


def test_who_waits_is_not_gone() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not TimeLimit(1, ours).is_gone()
        theirs.send(b"the next request on the same connection")
        assert not TimeLimit(1, ours).is_gone()
        assert not TimeLimit(1, None).is_gone()
    assert TimeLimit(1, ours).is_gone()


def test_a_second_question_over_the_api_is_answered_with_429(town: None) -> None:
    reader = making.reader(EVALUATOR)
    client = program(reader)
    asked = {"sql": "SELECT count(*) FROM person", "purpose": "planning"}
    with held(reader):
        answer = client.post("/api/query", asked, content_type="application/json")
        assert (answer.status_code, answer["Retry-After"]) == (429, "30")
        assert answer.json()["error"]["code"] == "question_running"
    assert client.post("/api/query", asked, content_type="application/json").status_code == 200
