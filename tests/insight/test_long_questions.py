"""A question at the desk that takes long: it goes on in the background, and its answer is kept for who asked alone, for a day."""

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from tests.extracts import making as made
from tests.insight.test_desk import BY_DAY, COLLEAGUE, asked, cells, client, desk, refusal
from tests.town import Fresh, Town
from throughway.agreements import actions as agreements
from throughway.core.personal_data import Gone, forget
from throughway.destruction.models import LANDED, Destruction
from throughway.gate.actions import GovernedAccess, TakesLong, enter, query_execution
from throughway.gate.held_answer import HeldAnswer
from throughway.insight.desk import views
from throughway.insight.desk.long_questions import actions
from throughway.insight.desk.long_questions.actions import QUESTION, destroy_old
from throughway.insight.models import LongQuestion
from throughway.ledger.models import LedgerEntry
from throughway.partners.asked_work.actions import MOST_STARTS, carry_out
from throughway.partners.models import AskedWork, User
from throughway.partners.selectors import actor
from throughway.store import Community

__all__ = ["desk"]
SECRET = f"{BY_DAY} -- of Ada Lopez"
COUNTING = "Your question is still being counted; you may leave this page."
NOTHING = Gone(
    agreement=None, records={}, batches=frozenset(), empty=frozenset()
)  # what any destruction says at least


@pytest.fixture
def handed(desk: Client, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a question that took too long for its page."""
    return hand_over(desk, monkeypatch)


def hand_over(desk: Client, monkeypatch: pytest.MonkeyPatch, sql: str = SECRET) -> str:
    def long(*given: object, **named: object) -> None:
        raise TakesLong

    with monkeypatch.context() as patch:
        patch.setattr(GovernedAccess, "query", long)
        response = desk.post("/desk/", {"purpose": "study-a", "sql": sql, "ask": "yes"})
    assert response.status_code == 302
    return str(response["Location"])


def carried() -> AskedWork:
    carry_out(QUESTION, AskedWork.objects.latest("pk").pk)
    return AskedWork.objects.latest("pk")


def page(address: str, who: Client | None = None) -> str:
    return (who or client()).get(address).content.decode()


def shown(address: str, who: Client | None = None) -> tuple[int, str]:
    response = (who or client()).post(address, {"show": "yes"})
    return response.status_code, response.content.decode()


def keys(community: Community) -> list[str]:
    return [path.name for path in community.keys.glob("*/*.text")]


def left(community: Community) -> list[object]:
    return [*LongQuestion.objects.all(), *AskedWork.objects.all(), *keys(community)]


def released() -> int:
    return LedgerEntry.objects.filter(outcome="released").count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("community")
class TestAsked:
    def test_the_page_answers_and_the_engine_stops(
        self, desk: Client, community: Community, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(views, "WAITS", 0.1)
        monkeypatch.setattr(query_execution, "LOOK_EVERY", 0.02)
        tables = ", ".join(f"attendance_day t{n}" for n in range(9))
        many = f"SELECT max(t0.attendance_status || t8.attendance_status) FROM {tables} WHERE t0.person_id < t8.person_id"
        response = desk.post("/desk/", {"purpose": "study-a", "sql": many, "ask": "yes"})
        row = LongQuestion.objects.get()
        assert (response.status_code, response["Location"]) == (302, f"/desk/asked/{row.pk}/")
        text = page(f"/desk/asked/{row.pk}/")
        assert COUNTING in text
        assert f'hx-get="/desk/asked/{row.pk}/"' in text
        assert "Check again" in text  # without script too
        assert "being counted</span>" in page("/desk/")
        assert not LedgerEntry.objects.exists()
        assert b"attendance" not in bytes(row.sql)
        monkeypatch.setattr(actions, "SECONDS", 0.1)
        assert carried().state == "refused"
        text = page(f"/desk/asked/{row.pk}/")
        assert "There is no answer. The query took too long" in text
        assert "Back to the desk with this question" in text
        assert LedgerEntry.objects.get().outcome == "refused"

    def test_a_short_one_is_answered_at_once_and_a_refusal_is_told_at_once(self, desk: Client) -> None:
        assert asked(desk, BY_DAY)[0] == 200
        for sql in ("SELECT sexx FROM person", "SELECT * FROM course_grade"):
            assert (lambda found: (found[0], bool(refusal(found[1]))))(asked(desk, sql)) == (409, True)
        assert not LongQuestion.objects.exists()
        assert not AskedWork.objects.exists()

    def test_the_answer_is_the_gates_and_each_reading_is_recorded(self, handed: str) -> None:
        assert carried().found == {"counted": True}
        assert not LedgerEntry.objects.exists()
        assert "The answer is ready" in page(handed)
        assert "<tbody>" not in page(handed)
        assert not LedgerEntry.objects.exists()  # looking whether it is ready tells nothing
        status, text = shown(handed)
        there = enter(actor=actor(made.EVALUATOR), purpose="study-a").query(SECRET)
        assert (status, cells(text)) == (200, [[str(day), str(marks)] for day, marks in there.rows])
        first, direct = LedgerEntry.objects.order_by("at", "id")
        assert str(first.pk) in text
        for name in (
            "outcome",
            "rows",
            "question",
            "elements",
            "students",
            "agreements",
            "recipients",
            "basis",
        ):
            assert getattr(first, name) == getattr(direct, name), name
        assert first.way == "page"
        assert shown(handed)[0] == 200
        assert released() == 3

    def test_no_more_is_kept_than_the_page_shows(self, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(actions, "SHOWN", 7)
        address = hand_over(desk, monkeypatch, "SELECT person_id, attendance_status FROM attendance_day")
        carried()
        text = shown(address)[1]
        assert (len(cells(text)), "The answer has 40 rows" in text, "The first 7 are shown" in text) == (
            7,
            True,
            True,
        )
        assert LedgerEntry.objects.get().rows == 40
        assert "/extracts/study-a/?purpose=study-a" in text

    def test_question_and_answer_rest_sealed(self, handed: str, community: Community) -> None:
        carried()
        row = LongQuestion.objects.get()
        for content in (bytes(row.sql), bytes(row.answer)):
            for word in (b"Lopez", b"attendance", b"marks", b"ARROW", b"study"):
                assert word not in content
        assert keys(community) == [f"{row.key}.text"]
        assert "Ada Lopez" in page(handed)  # to who asked

    def test_others_find_nothing(self, handed: str) -> None:
        carried()
        other = client(COLLEAGUE)
        assert other.get(handed).status_code == other.post(handed, {"show": "yes"}).status_code == 404
        assert other.post(handed, {"cancel": "yes"}).status_code == 404
        assert "Questions that take long" not in page("/desk/", other)
        assert "Questions that take long" in page("/desk/")
        assert client("officer@hub.example").get(handed).status_code == 404
        assert LongQuestion.objects.exists()
        assert not released()

    def test_one_person_has_a_few(self, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        addresses = [hand_over(desk, monkeypatch) for _ in range(3)]

        def long(*given: object, **named: object) -> None:
            raise TakesLong

        with monkeypatch.context() as patch:
            patch.setattr(GovernedAccess, "query", long)
            status, text = asked(desk, BY_DAY)
        assert (status, "you have 3 such questions already" in refusal(text)) == (409, True)
        assert LongQuestion.objects.count() == 3
        desk.post(addresses[0], {"cancel": "yes"})
        hand_over(desk, monkeypatch)

    def test_it_can_be_canceled_before_and_after_it_is_counted(
        self, desk: Client, handed: str, community: Community, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        response = desk.post(handed, {"cancel": "yes"}, follow=True)
        assert "The question is canceled" in response.content.decode()
        assert left(community) == []
        assert desk.get(handed).status_code == 404
        again = hand_over(desk, monkeypatch)
        carried()
        desk.post(again, {"cancel": "yes"})
        assert left(community) == []

    def test_what_is_refused_while_it_is_counted_is_told(
        self, desk: Client, handed: str, community: Community
    ) -> None:
        agreements.terminate(id="study-a-study", by=actor("officer@hub.example"), reason="It is done.")
        assert carried().state == "refused"
        assert "There is no answer. study-a is under study-a-study: study-a-study was terminated" in page(
            handed
        )
        assert not released()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("community")
class TestDestroyed:
    def gone(self, community: Community) -> str:
        """Why; of the question and its answer nothing is left."""
        row = LongQuestion.objects.get()
        assert (bytes(row.sql), bytes(row.answer), keys(community)) == (b"", b"", [])
        return row.gone

    def test_an_agreement_that_ended_in_between(self, handed: str, community: Community) -> None:
        """It is not shown, by the button, nor by the sweep; and it is destroyed."""
        carried()
        agreements.terminate(id="study-a", by=actor("officer@hub.example"), reason="It is done.")
        status, text = shown(handed)
        assert (status, "<tbody>" in text) == (409, False)
        assert "It is not shown, and was destroyed. Access changed since" in refusal(text)
        assert LedgerEntry.objects.get().outcome == "refused"
        assert "destroyed" in self.gone(community)
        assert shown(handed)[0] == 200  # there is nothing to show any more
        assert "<tbody>" not in shown(handed)[1]
        assert "destroyed" in page("/desk/")
        assert not released()

    def test_every_agreement_of_the_purpose_ended(self, handed: str, community: Community) -> None:
        carried()
        agreements.terminate(id="study-a-study", by=actor("officer@hub.example"), reason="It is done.")
        status, text = shown(handed)
        assert (status, "and was destroyed. study-a is under study-a-study" in refusal(text)) == (409, True)
        assert self.gone(community)

    def test_what_is_counted_after_one_agreement_ended_rests_on_the_others(self, handed: str) -> None:
        agreements.terminate(id="study-a", by=actor("officer@hub.example"), reason="It is done.")
        carried()
        assert destroy_old(datetime.now(UTC)) == 0
        assert shown(handed)[0] == 200
        assert [id for id, _ in LedgerEntry.objects.get().agreements] == LongQuestion.objects.get().agreements

    def test_the_sweep_destroys_what_nobody_may_read_any_more(
        self, handed: str, community: Community
    ) -> None:
        carried()
        assert destroy_old(datetime.now(UTC)) == 0
        agreements.terminate(id="study-a", by=actor("officer@hub.example"), reason="It is done.")
        assert destroy_old(datetime.now(UTC)) == 1
        assert self.gone(community) == actions.ENDED
        assert not LedgerEntry.objects.exists()

    def test_the_sweep_destroys_what_a_closed_account_asked(self, handed: str, community: Community) -> None:
        carried()
        User.objects.filter(email=made.EVALUATOR).update(is_active=False)
        assert destroy_old(datetime.now(UTC)) == 1
        assert self.gone(community) == actions.ENDED

    def test_an_account_that_acts_for_another_organization(self, handed: str, community: Community) -> None:
        carried()
        User.objects.filter(email=made.EVALUATOR).update(partner="harbor")
        status, text = shown(handed)
        assert (status, "acts for another organization" in refusal(text)) == (409, True)
        assert self.gone(community)

    def test_every_destruction_takes_every_answer(self, handed: str, community: Community) -> None:
        carried()
        assert forget(NOTHING)["questions and answers that waited to be read"] == 1
        assert self.gone(community) == actions.DESTROYED
        assert actions.DESTROYED in page(handed)
        assert "questions and answers that waited to be read" not in forget(NOTHING)

    @pytest.mark.parametrize(("step", "name"), [(HeldAnswer, "to_bytes"), (actions.TextSealer, "seal_bytes")])
    def test_nothing_is_kept_of_what_was_counted_beside_a_destruction(
        self, handed: str, community: Community, monkeypatch: pytest.MonkeyPatch, step: type, name: str
    ) -> None:
        as_before = getattr(step, name)

        def meanwhile(*given: object, **named: object) -> object:
            """Before the answer is sealed it can no longer be; after it, it is not kept."""
            done = as_before(*given, **named)
            forget(NOTHING)
            return done

        monkeypatch.setattr(step, name, meanwhile)
        carried()
        assert self.gone(community) == actions.DESTROYED

    def test_not_while_records_are_being_destroyed(self, handed: str) -> None:
        carried()
        Destruction.objects.create(
            id="d", kind="person", subject="1", step=LANDED, at=datetime.now(UTC), by="x", work={}
        )
        status, text = shown(handed)
        assert (status, "Records are being destroyed" in refusal(text)) == (503, True)
        Destruction.objects.update(step="forgotten")
        assert shown(handed)[0] == 200

    def test_it_ends_after_a_day(self, handed: str, community: Community) -> None:
        carried()
        row = LongQuestion.objects.get()
        assert row.until - row.asked_at == timedelta(hours=24)
        LongQuestion.objects.update(until=datetime.now(UTC))
        assert client().get(handed).status_code == 404
        assert "Questions that take long" not in page("/desk/")
        assert destroy_old(datetime.now(UTC)) == 1
        assert left(community) == []

    def test_the_background_process_sweeps(self, handed: str) -> None:
        from throughway.site.background import _destroy_old_answers

        LongQuestion.objects.update(until=datetime.now(UTC))
        _destroy_old_answers()
        assert not LongQuestion.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("community")
class TestStopped:
    def test_what_was_counted_before_a_kill_is_not_counted_again(
        self, handed: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("throughway.partners.asked_work.actions._end", lambda *given, **found: None)
            carried()
        monkeypatch.setattr(GovernedAccess, "hold", None)
        assert (carried().state, AskedWork.objects.get().starts) == ("done", 2)
        assert shown(handed)[0] == 200

    def test_killed_again_and_again_it_says_so(self, handed: str) -> None:
        AskedWork.objects.update(starts=MOST_STARTS)
        assert carried().state == "refused"
        assert "stopped before it was done. Ask again" in page(handed)

    def test_a_lost_task_says_so(self, handed: str) -> None:
        AskedWork.objects.update(task="")
        assert "stopped before it was done. Ask again" in page(handed)
        assert "Ada Lopez" in page(handed)


SITE = """
import json, sys
from django.test import Client
from tests.gate import making
from tests.site.people import signed_in
from throughway.insight.desk import views
from throughway.gate.actions import query_execution
from throughway.gate.actions import GovernedAccess, TakesLong

def long(*given, **named):
    raise TakesLong

GovernedAccess.query = long
client = signed_in(making.reader("evaluator@hub.example"), Client(headers={"host": "127.0.0.1"}))
for line in sys.stdin:
    method, *given = json.loads(line)
    response = getattr(client, method)(*given, follow=True)
    print(json.dumps([response.request["PATH_INFO"], response.content.decode()]), flush=True)
"""
KILLED = """
import os, signal
from throughway.insight.desk.long_questions import actions
from throughway.site import background

def die(*given, **found):
    os.kill(os.getpid(), signal.SIGKILL)

actions.TextSealer.seal_bytes = die
background.main()
"""
BACKGROUND = "from throughway.site import background; background.main()"
COUNTS = """
from throughway.ledger.models import LedgerEntry
print(*(LedgerEntry.objects.filter(outcome=outcome).count() for outcome in ("released", "refused")))
"""
WITHIN = 120  # seconds


@pytest.fixture
def place(tmp_path: Path, fresh_database: Fresh) -> Iterator[Town]:
    with fresh_database() as database:
        place = Town(tmp_path / "town", database)
        place.found()
        place.said("from tests.extracts import making\nmaking.town('study-a')")
        yield place


def test_a_killed_background_process_counts_it_again(place: Town) -> None:
    """Killed after it had counted and before anything was kept: nothing is recorded, and the next process begins anew."""
    with place.python(SITE) as site:

        def ask(*given: object) -> tuple[str, str]:
            assert site.stdin
            assert site.stdout
            site.stdin.write(json.dumps(given) + "\n")
            site.stdin.flush()
            address, text = json.loads(site.stdout.readline())
            return str(address), str(text)

        address, text = ask("post", "/desk/", {"purpose": "study-a", "sql": BY_DAY, "ask": "yes"})
        assert COUNTING in text
        with place.python(KILLED) as process:
            assert process.wait(WITHIN) == -9
        assert COUNTING in ask("get", address)[1]
        assert place.said(COUNTS) == "0 0"
        background = place.python(BACKGROUND)
        until = time.monotonic() + WITHIN
        while "The answer is ready" not in (text := ask("get", address)[1]):
            assert time.monotonic() < until, re.findall("usa-alert__text.*", text)
            time.sleep(0.3)
        background.kill()
        background.communicate()
        assert place.said(COUNTS) == "0 0"
        assert (
            sum(int(marks) for _, marks in cells(ask("post", address, {"show": "yes"})[1])) == made.STUDENTS
        )
        assert site.stdin
        site.stdin.close()
    assert place.said(COUNTS) == "1 0"
    assert date.today() <= date(2099, 6, 30)
