"""Codes in a question that the column's code set does not have: the answer says so, by the vocabulary alone."""

from datetime import date

import pytest

from tests.gate import making
from throughway.agreements.document import AgreementDocument
from throughway.agreements.effective_grants import grants_of
from throughway.agreements.grant import Grant
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.gate.compiler import compile_query

NOTE = "No row has this code: {} is not a code in {}, the code set of {}; the nearest: {}"


def granted(**how: str) -> list[Grant]:
    """Of one purpose: attendance as it is, sex as `how` says."""
    lines = [making.line("attendance_day.*", "planning"), making.line("person.sex", "planning", **how),
             making.line("person.first_name", "planning")]  # fmt: skip
    document = AgreementDocument.model_validate(making.sharing(schedule=lines))
    grants = grants_of(AgreementStatus(document, "v1", AgreementState.ACTIVE, ""), [])
    return [g for g in grants if g.purpose == "planning" and g.discloser == "north"]


def notes(sql: str, grants: list[Grant] | None = None) -> list[str]:
    return list(compile_query(sql, grants or granted(), linked=(), on=date(2026, 9, 1)).notes)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM attendance_day WHERE attendance_status = 'Presnt'",
        "SELECT count(*) FROM attendance_day WHERE 'Presnt' = (attendance_status)",
        "SELECT count(*) FROM attendance_day WHERE attendance_status <> 'Presnt'",
        "SELECT count(*) FROM attendance_day AS a WHERE a.attendance_status IN ('Tardy', 'Presnt')",
        "SELECT count(*) FILTER (WHERE attendance_status = 'Presnt') FROM attendance_day",
        "SELECT sum(CASE WHEN attendance_status = 'Presnt' THEN 1 END) FROM attendance_day",
        "SELECT count(*) FROM (SELECT attendance_status AS said FROM attendance_day) AS d WHERE said = 'Presnt'",
        "WITH d AS (SELECT * FROM attendance_day) SELECT count(*) FROM d WHERE attendance_status = 'Presnt'",
        "SELECT count(*) FROM person AS p WHERE EXISTS (SELECT 1 FROM attendance_day AS a "
        "WHERE a.person_id = p.person_id AND a.attendance_status = 'Presnt')",
    ],
)
def test_unlisted_code_is_noted_with_the_nearest(sql: str) -> None:
    (note,) = notes(sql)
    assert note.startswith(NOTE.format("Presnt", "C000076", "attendance_day.attendance_status", "Present"))


def test_each_code_is_noted_once() -> None:
    sql = "SELECT count(*) FROM attendance_day WHERE attendance_status IN ('Presnt', 'Tardi', 'Presnt')"
    assert len(notes(sql)) == 2


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM attendance_day WHERE attendance_status = 'Present'",
        "SELECT count(*) FROM attendance_day WHERE attendance_status IN ('Present', 'Tardy') OR attendance_status IS NULL",
        "SELECT count(*) FROM attendance_day WHERE attendance_status LIKE 'Pres%'",
        "SELECT count(*) FROM attendance_day WHERE lower(attendance_status) = 'present'",
        "SELECT count(*) FROM person WHERE first_name = 'Presnt'",  # no coded column
    ],
)
def test_no_note_where_rows_can_match(sql: str) -> None:
    assert notes(sql) == []


def test_no_note_where_the_codes_are_not_shown_themselves() -> None:
    sql = "SELECT count(*) FROM person WHERE sex = 'Mail'"
    assert len(notes(sql)) == 1
    assert notes(sql, granted(transform="suppress")) == []


def test_only_a_few_are_told_one_by_one() -> None:
    """To look for the nearest takes time, and a question may name thousands."""
    many = ", ".join(f"'Presnt{n}'" for n in range(900))
    told = notes(f"SELECT count(*) FROM attendance_day WHERE attendance_status IN ({many})")
    assert len(told) == 6
    assert told[-1] == "895 more codes in the query: not in the code set, so no row matches."
