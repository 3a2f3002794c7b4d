"""What the joins of a question leave out, and which sums they double, said from the statement and held against an engine."""

import duckdb
import pytest

from throughway.insight.questions.question_joins import join_notes

LEFT_OUT, SUMMED = "JOIN leaves out whoever lacks one", "is summed after a JOIN"
TESTED = "program_participation AS p JOIN assessment_result AS a ON a.person_id = p.person_id"
SUMS = "sum(s.number_of_days_absent) AS days FROM attendance_summary AS s"


@pytest.mark.parametrize(("sql", "said"), [
    (f"SELECT count(DISTINCT p.person_id) AS students FROM {TESTED}", [LEFT_OUT]),
    (f"SELECT count(DISTINCT p.person_id) AS students FROM {TESTED.replace('JOIN', 'LEFT JOIN')}", []),
    (f"SELECT count(DISTINCT p.person_id) AS students FROM {TESTED.replace('JOIN', 'CROSS JOIN').split(' ON ')[0]}", [LEFT_OUT]),
    ("SELECT count(DISTINCT person_id) AS students FROM program_participation", []),
    ("SELECT count(DISTINCT person_id) AS students FROM program_participation JOIN program ON program.program_identifier = "
     "program_participation.program_identifier", []),  # every participation has its program
    ("WITH came AS (SELECT DISTINCT person_id FROM program_participation) SELECT count(DISTINCT a.person_id) AS students FROM "
     "assessment_result AS a JOIN came ON came.person_id = a.person_id", [LEFT_OUT]),
    (f"WITH both_of AS (SELECT p.person_id FROM {TESTED}) SELECT count(DISTINCT person_id) AS students FROM both_of", [LEFT_OUT]),
    ("SELECT count(DISTINCT a.person_id) AS students FROM assessment_result AS a JOIN (SELECT person_id FROM program_participation) AS came "
     "ON came.person_id = a.person_id", [LEFT_OUT]),
    (f"SELECT {SUMS} LEFT JOIN program_participation AS p ON p.person_id = s.person_id", [SUMMED]),
    (f"SELECT {SUMS} JOIN program_participation AS p ON p.person_id = s.person_id", [LEFT_OUT, SUMMED]),
    ("SELECT sum(number_of_days_absent) AS days FROM program_participation AS p LEFT JOIN attendance_summary AS s ON p.person_id = s.person_id", [SUMMED]),
    (f"WITH came AS (SELECT DISTINCT person_id FROM program_participation) SELECT {SUMS} LEFT JOIN came ON came.person_id = s.person_id", []),
    (f"WITH came AS (SELECT person_id, count(*) AS n FROM program_participation GROUP BY 1) SELECT {SUMS} LEFT JOIN came ON "
     "came.person_id = s.person_id", []),
    (f"WITH came AS (SELECT person_id, program_identifier FROM program_participation GROUP BY ALL) SELECT {SUMS} LEFT JOIN came ON "
     "came.person_id = s.person_id", [SUMMED]),
    ("WITH days AS (SELECT person_id, sum(number_of_days_absent) AS days FROM attendance_summary GROUP BY ALL) SELECT sum(days.days) AS days FROM days "
     "LEFT JOIN program_participation AS p ON p.person_id = days.person_id", [SUMMED]),
    ("SELECT sum(CASE WHEN s.number_of_days_absent > 9 THEN 1 ELSE 0 END) AS many FROM attendance_summary AS s LEFT JOIN program_participation AS p ON "
     "p.person_id = s.person_id", []),  # a share, which each student has once or which is not counted
])  # fmt: skip
def test_a_join_says_what_it_does(sql: str, said: list[str]) -> None:
    notes = join_notes(sql)
    assert len(notes) == len(said)
    assert all(part in note for part, note in zip(said, notes, strict=True))


def test_the_sentences() -> None:
    sql = f"SELECT count(DISTINCT p.person_id) AS students, sum(p.person_id) AS days FROM {TESTED} LEFT JOIN came ON TRUE"
    assert join_notes(sql) == [
        "Only students with a record of time in programs and test scores are counted: a JOIN leaves out whoever lacks one, "
        "and no figure says how many. A LEFT JOIN keeps them.",
        "days is summed after a JOIN: where a student has several records of test scores, the amount counts once for each of them. Sum it "
        "in a WITH part, before the JOIN.",
    ]


@pytest.mark.parametrize("join", ["JOIN", "LEFT JOIN", "INNER JOIN", "RIGHT JOIN", "FULL JOIN"])
@pytest.mark.parametrize("lacking", [True, False])
def test_what_is_said_is_what_an_engine_does(join: str, lacking: bool) -> None:
    """Five came, with two records each; four or five of them were tested, and one who never came."""
    sql = f"SELECT count(DISTINCT p.person_id) AS students, sum(a.person_id * 0 + 1) AS score FROM {TESTED.replace('JOIN', join)}"
    tested = [*range(4 if lacking else 5), 9]
    with duckdb.connect() as engine:
        engine.execute(
            "CREATE TABLE program_participation AS SELECT unnest([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]) AS person_id"
        )
        engine.execute("CREATE TABLE assessment_result AS SELECT unnest(?) AS person_id", [tested])
        students, score = engine.execute(sql).fetchone() or (0, 0)
    notes = join_notes(sql)
    if students < 5:
        assert any(LEFT_OUT in note for note in notes)
    assert score > len(tested) - 1
    assert any(SUMMED in note for note in notes)
