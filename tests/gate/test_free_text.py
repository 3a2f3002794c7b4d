"""Free text rests apart from its rows: however a question names it, it is read, and never silently empty."""

from collections.abc import Callable

import pytest

from tests.gate import making
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.ledger.models import LedgerEntry
from throughway.store import Community
from throughway.store.selectors import Snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
REASON = "attendance_event_reason"
GRADE = "attendance_day"


def town(**changes: object) -> None:
    making.register()
    document = making.sharing()
    line = making.line(f"{GRADE}.{REASON}", "planning", **{"from": ["north"]})
    making.in_effect(document | {"schedule": [*document["schedule"], line]} | changes)
    making.people()


def ask(sql: str) -> list[tuple[object, ...]]:
    return enter(actor=making.reader("evaluator@harbor.example"), purpose="planning").query(sql).rows


READ = (
    f"SELECT {REASON} FROM {GRADE}",
    f"SELECT {REASON.upper()} FROM ATTENDANCE_DAY",
    f'SELECT "{REASON}" FROM "{GRADE}"',
    f"SELECT t.{REASON} FROM {GRADE} AS t",
    f'SELECT "T"."{REASON}" FROM {GRADE} AS "T"',
    f"SELECT x.why FROM (SELECT {REASON} AS why FROM {GRADE}) AS x",
    f"WITH a AS (SELECT * FROM {GRADE}) SELECT b.{REASON} FROM a AS b",
    f"WITH a(day, why) AS (SELECT attendance_event_date, {REASON} FROM {GRADE}) SELECT why FROM a",
    f"SELECT max({REASON}) OVER () FROM {GRADE}",
    f"SELECT any_value({REASON}) FROM {GRADE} GROUP BY person_id",
    f"SELECT a.{REASON} FROM {GRADE} a JOIN {GRADE} b USING ({REASON}, person_id)",
    f"SELECT 'secret' FROM {GRADE} WHERE {REASON} = 'secret'",
    f"SELECT 'secret' FROM {GRADE} ORDER BY {REASON} NULLS FIRST",
    f"SELECT {REASON} FROM {GRADE} UNION ALL SELECT {REASON} FROM {GRADE} WHERE false",
    f"SELECT (SELECT min(b.{REASON}) FROM {GRADE} b WHERE b.person_id = a.person_id) FROM {GRADE} a",
)
# Where the grammar does not take it, it is refused; where it does, nothing is empty.
READ_OR_REFUSED = (
    f"FROM {GRADE}",
    f"TABLE {GRADE}",
    f"SELECT {GRADE} FROM {GRADE}",
    f"SELECT t FROM {GRADE} AS t",
    f"SELECT to_json(t) FROM {GRADE} AS t",
    f"SELECT COLUMNS('.*reason') FROM {GRADE}",
    f"SELECT COLUMNS(*) FROM {GRADE}",
    f"SELECT * EXCLUDE (person_id) FROM {GRADE}",
    f"SELECT #1 FROM (SELECT * FROM {GRADE})",
    f"SELECT concat(t.*) FROM {GRADE} AS t",
    f"SELECT t.* FROM {GRADE} AS t",
    f"SELECT * FROM {GRADE} NATURAL JOIN {GRADE} AS b",
    f'SELECT U&"attendance_event_reaso\\006e" FROM {GRADE}',
    f"SELECT unnest(t) FROM {GRADE} AS t",
    f"SUMMARIZE {GRADE}",
)


@pytest.fixture
def agreed(community: Community) -> None:
    town()


@pytest.mark.usefixtures("agreed")
def test_it_is_read_however_it_is_named() -> None:
    wrong = [(sql, rows) for sql in READ if (rows := ask(sql)) != [("secret",)] * 3]
    assert wrong == []
    assert {row[-1] for row in ask(f"SELECT *, {REASON} AS last FROM {GRADE}")} == {"secret"}
    assert ask(f"SELECT count({REASON}), count(*) FROM {GRADE}") == [(3, 3)]
    assert ask(f"SELECT count(*) FROM {GRADE} WHERE {REASON} IS NULL") == [(0,)]


@pytest.mark.usefixtures("agreed")
def test_what_names_no_column_is_refused_or_read() -> None:
    empty = []
    for sql in READ_OR_REFUSED:
        try:
            rows = ask(sql)
        except Refused:
            continue
        if not rows or not all("secret" in str(row) for row in rows):
            empty.append(sql)
    assert empty == []


@pytest.mark.usefixtures("agreed")
def test_a_count_opens_no_vault_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Snapshot, "text", opened)
    assert ask(f"SELECT count(*), count(attendance_status) FROM {GRADE}") == [(3, 3)]


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_a_population_by_free_text_has_its_members(case: Callable[[str], str]) -> None:
    """Its members are also read for the ledger, beside the question."""
    where = f"{case(REASON)} = 'secret'"
    town(population=[{"where": where, "on": GRADE, "when": "ever", "from": ["north"]}])
    access = enter(actor=making.reader("evaluator@harbor.example"), purpose="planning")
    answer = access.query(f"SELECT count(attendance_status) FROM {GRADE}")
    assert answer.rows == [(3,)]
    assert LedgerEntry.objects.get(id=answer.disclosure).students_count == 3
