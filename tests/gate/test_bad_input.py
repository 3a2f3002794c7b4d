"""What people and computers get wrong: each refused in a sentence with its citation, and written in the ledger."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.gate import making
from tests.kept import kept
from throughway.agreements import actions as agreements
from throughway.cli import query
from throughway.cli.command import Settings
from throughway.core.refusals import Refused
from throughway.gate.actions import decisions, enter, governed_access
from throughway.ledger import verification_rules
from throughway.ledger.models import LedgerEntry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
READER = "evaluator@hub.example"
ATTENDANCE = "SELECT attendance_status FROM attendance_day"


@pytest.fixture
@kept
def town() -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()


def ask(sql: str = ATTENDANCE, purpose: str = "planning", on: date | None = None) -> object:
    return enter(actor=making.reader(READER), purpose=purpose, on=on).query(sql)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"on": date(2999, 1, 1)}, "is a day in the future"),
        ({"on": date(1999, 1, 1)}, "takes effect on 2020-07-01"),
        ({"purpose": "planing"}, "a purpose with that name; did you mean planning"),
        ({"purpose": ""}, "a purpose with that name; `throughway agreement show"),
        ({"sql": "SELEKT attendance_status FROM attendance_day"}, "SQL"),
        ({"sql": "SELECT attendance_status FROM attendance_day WHERE"}, "SQL"),
        ({"sql": "SELECT 1; SELECT 2"}, "exactly one query"),
        ({"sql": ""}, "exactly one query"),
        ({"sql": f"SELECT 1{'::INT' * 3000}"}, "more than 200 nested terms"),
        ({"sql": "SELECT attendance_status + 1 FROM attendance_day"}, "type"),
        ({"sql": "SELECT a.* FROM attendance_day a, attendance_day b, attendance_day c"}, "more than 20 rows"),
    ],
)  # fmt: skip
def test_each_is_a_sentence_with_its_citation_and_an_entry(
    town: None, monkeypatch: pytest.MonkeyPatch, asked: dict[str, object], says: str
) -> None:
    monkeypatch.setattr(
        governed_access, "MOST_ROWS", 20
    )  # the whole store of this town, three times over, is 27
    with pytest.raises(Refused, match=says) as refused:
        ask(**asked)  # type: ignore[arg-type]
    entry = LedgerEntry.objects.get()
    assert (entry.outcome, entry.reasons[0]["sentence"] in refused.value.message) == ("refused", True)
    assert refused.value.citations
    assert "Error" not in refused.value.message
    assert "Present" not in refused.value.message
    assert "LINE 1" not in refused.value.message


@pytest.mark.parametrize(
    "sql", ["EXPLAIN SELECT 'Ottilie'", "SUMMARIZE attendance_day -- Ottilie", "SHOW Ottilie"]
)
def test_what_was_asked_is_in_no_log(
    town: None, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], sql: str
) -> None:
    with pytest.raises(Refused):
        ask(sql)
    assert "Ottilie" not in caplog.text + "".join(capsys.readouterr())


def test_unknown_reader_is_refused_and_recorded(town: None) -> None:
    with pytest.raises(Refused, match="No user has that e-mail address") as refused:
        query.reader(Settings(acting="ghost@nowhere.example"), purpose="planning", asked=ATTENDANCE)
    entry = LedgerEntry.objects.get()
    assert (entry.outcome, entry.actor_email) == ("refused", "unknown address")
    assert refused.value.citations == (entry.reasons[0]["citation"],) == ("34 CFR 99.31(c)",)


def clock_at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return moment

    monkeypatch.setattr(decisions, "datetime", Clock)
    decisions._NEWEST.clear()  # it looks once a minute


@pytest.mark.parametrize(("back", "refused"), [(0, False), (9, False), (11, True), (60 * 24 * 400, True)])
def test_a_clock_that_was_set_back_opens_nothing(
    town: None, monkeypatch: pytest.MonkeyPatch, back: int, refused: bool
) -> None:
    ask()
    clock_at(monkeypatch, datetime.now(UTC) - timedelta(minutes=back))
    if not refused:
        assert ask()
        return
    with pytest.raises(Refused, match="until the operator corrects the clock") as said:
        ask()
    assert (said.value.code, said.value.citations) == ("clock", ("34 CFR 99.32(a)",))
    entry = LedgerEntry.objects.order_by("at").last()
    assert (entry.outcome, entry.reasons[0]["sentence"]) == ("refused", said.value.message)


def test_settings_can_declare_wrong_ledger_moments() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    ahead = now + timedelta(days=30)
    assert verification_rules.clock_is_behind(ahead, now)
    assert not verification_rules.clock_is_behind(ahead, now, wrong_until=ahead)
    assert verification_rules.clock_is_behind(ahead, now, wrong_until=ahead - timedelta(seconds=1))
    assert not verification_rules.clock_is_behind(None, now)


def test_what_ends_while_the_clock_is_back_stays_ended(town: None, monkeypatch: pytest.MonkeyPatch) -> None:
    agreements.terminate(id="sharing-2026", by=making.reader("officer@north.example"))
    with pytest.raises(Refused, match="terminated"):
        ask()
    clock_at(monkeypatch, datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(Refused, match="clock"):
        ask()
