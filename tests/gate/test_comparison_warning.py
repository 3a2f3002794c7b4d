"""Which questions set participants beside others, as a table; and that the gate says so."""

import pytest

from throughway.gate.comparison_warning import WARNING, comparison_warning

CLUB = "SELECT person_id FROM program_participation"
COMPARES = [
    "SELECT p.person_id IS NULL AS other, avg(score) FROM assessment_result LEFT JOIN program_participation p USING (person_id) GROUP BY 1",
    f"SELECT person_id IN ({CLUB}) AS took_part, avg(score) FROM assessment_result GROUP BY 1",
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM service_received s WHERE s.person_id = a.person_id) THEN 1 ELSE 0 END, count(*) FROM attendance_day a GROUP BY 1",
    f"SELECT avg(score) FILTER (WHERE person_id IN ({CLUB})) FROM assessment_result",
    f"WITH club AS ({CLUB}), more AS (SELECT * FROM club) SELECT m.person_id IS NULL, avg(score) FROM assessment_result LEFT JOIN more m USING (person_id) GROUP BY 1",
    f"SELECT 'club', avg(score) FROM assessment_result WHERE person_id IN ({CLUB}) UNION ALL SELECT 'all', avg(score) FROM assessment_result, program_participation",
    f"SELECT (SELECT avg(score) FROM assessment_result WHERE person_id IN ({CLUB})) - (SELECT avg(score) FROM assessment_result)",
    "SELECT took, avg(missed) FROM (SELECT bool_or(attendance_event_type = 'ProgramAttendance') AS took, count(*) AS missed FROM attendance_day GROUP BY person_id) GROUP BY took",
]
DOES_NOT = [
    "SELECT avg(score) FROM assessment_result",
    "SELECT school, avg(score) FROM assessment_result JOIN program_participation USING (person_id) GROUP BY school",
    f"SELECT count(*) FROM attendance_day WHERE person_id IN ({CLUB})",
    f"WITH club AS ({CLUB}) SELECT count(*) FROM attendance_day JOIN club USING (person_id)",
    "SELECT count(*) FROM person LEFT JOIN program_participation USING (person_id)",
    "SELECT count(*) FROM attendance_day WHERE attendance_event_type = 'ProgramAttendance'",
    f"SELECT person_id IN ({CLUB}), score FROM assessment_result",
]


@pytest.mark.parametrize("sql", COMPARES)
def test_participants_beside_others_are_seen(sql: str) -> None:
    assert comparison_warning(sql) == [WARNING]


@pytest.mark.parametrize("sql", DOES_NOT)
def test_participants_alone_are_no_comparison(sql: str) -> None:
    assert comparison_warning(sql) == []


def test_rows_that_a_report_counts_compare_too() -> None:
    assert comparison_warning(DOES_NOT[-1], by_student=True) == [WARNING]
