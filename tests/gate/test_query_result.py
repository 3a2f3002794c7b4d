"""What the gate hands out are values that every page, command and program can show."""

from datetime import date

import pytest

from throughway.gate.actions.query_result import plain
from throughway.store.engine import DuckDBEngine


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("DATE '0044-03-15 (BC)'", "-0043-03-15"),
        ("DATE '10000-12-31'", "10000-12-31"),
        ("DATE '9999-12-31' + INTERVAL 1 YEAR", "10000-12-31 00:00:00.000000"),
        ("DATE '5881580-07-10'", "beyond every calendar"),
        ("DATE 'infinity'", "beyond every calendar"),
        ("DATE '2026-09-01'", date(2026, 9, 1)),
    ],
)
def test_a_day_of_no_calendar_is_given_as_text(sql: str, shown: object) -> None:
    with DuckDBEngine(threads=1) as engine:
        answer = engine.run(f"SELECT {sql} AS d UNION ALL SELECT NULL UNION ALL SELECT {sql}")
    assert plain(answer["d"]) == [shown, None, shown]
