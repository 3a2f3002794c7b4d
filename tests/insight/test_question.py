"""A question in SQL is counted by student, or refused in a sentence."""

import pytest

from throughway.core.refusals import Refused
from throughway.insight.questions.question import Kind, question

FROM = "FROM program_participation p JOIN school_enrollment e ON e.person_id = p.person_id"
PARTS = """WITH latest AS (
    SELECT person_id, organization_id FROM school_enrollment
    QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY enrollment_entry_date DESC) = 1),
  missed AS (SELECT person_id, count(*) AS days FROM attendance_day GROUP BY person_id HAVING count(*) > 3)"""


@pytest.mark.parametrize(
    ("figure", "kind", "expression", "once"),
    [
        ("count(DISTINCT p.person_id)", Kind.STUDENTS, "", False),
        ("count(*)", Kind.STUDENTS, "", True),
        ("count(DISTINCT p.person_id) FILTER (WHERE a > 1)", Kind.SHARE, "a > 1", False),
        ("count(*) FILTER (WHERE a > 1)", Kind.SHARE, "a > 1", True),
        ("count_if(a > 1)", Kind.SHARE, "a > 1", True),
        ("count(DISTINCT CASE WHEN a > 1 THEN p.person_id END)", Kind.SHARE, "a > 1", False),
        ("avg(CASE WHEN a > 1 THEN 1 ELSE 0 END)", Kind.SHARE, "a > 1", True),
        ("avg(CASE WHEN a > 1 THEN 100.0 ELSE 0 END)", Kind.SHARE, "a > 1", True),
        ("round(100 * avg((a > 1)::int), 1)", Kind.SHARE, "a > 1", True),
        ("sum(CASE WHEN a > 1 THEN 1 ELSE 0 END) * 100.0 / count(*)", Kind.SHARE, "a > 1", True),
        ("count(DISTINCT p.person_id) FILTER (WHERE a > 1) / count(DISTINCT p.person_id)", Kind.SHARE, "a > 1", False),
        ("avg(CASE WHEN a > 1 THEN 1 WHEN a < 1 THEN 0 END)", Kind.SHARE, "(CASE WHEN a > 1 THEN 1 WHEN a < 1 THEN 0 END) = 1", True),
        ("sum(a)", Kind.SUM, "a", False),
        ("sum(a * 2) FILTER (WHERE b)", Kind.SUM, "CASE WHEN b THEN a * 2 END", False),
        ("round(avg(a), 2)", Kind.MEAN, "a", True),
    ],
)  # fmt: skip
def test_figures_that_can_be_counted_by_student(figure, kind, expression, once):
    (found,) = question(f"SELECT e.organization_id AS school, {figure} AS it {FROM} GROUP BY 1").figures
    assert (found.name, found.kind, found.expression, found.once) == ("it", kind, expression, once)


@pytest.mark.parametrize("grouping", ["GROUP BY ALL", "GROUP BY 1, 2", "GROUP BY school, year", "GROUP BY e.organization_id, e.school_year"])  # fmt: skip
def test_groups_are_the_columns_that_are_no_figures(grouping):
    sql = f"SELECT e.organization_id AS school, e.school_year AS year, count(*) AS n {FROM} {grouping} ORDER BY school"
    assert question(sql).groups == ("school", "year")


def test_the_title_is_given_or_the_first_comment_or_made_of_the_names():
    sql = f"SELECT e.organization_id AS school, count(*) AS club_members {FROM} GROUP BY 1"
    assert question(sql).title == "Club members, by school"
    assert question(f"--  Members of\tthe club \n{sql}").title == "Members of the club"
    assert question(f"-- One\n{sql}", "Another").title == "Another"


def test_parts_about_one_student_each_may_look_at_their_own_rows():
    found = question(
        f"{PARTS} SELECT organization_id AS school, count(*) AS n FROM latest JOIN missed USING (person_id) GROUP BY 1"
    )
    assert found.reads == {"school_enrollment", "attendance_day"}


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        (f"SELECT p.person_id AS who, count(*) AS n {FROM} GROUP BY 1", "person_id"),
        (f"SELECT p.person_id, count(*) AS n {FROM} GROUP BY 1", "letters, digits"),
        (f"SELECT p.person_id % 1000 AS who, count(*) AS n {FROM} GROUP BY 1", "person_id only joins"),
        (f"SELECT count(*) AS n {FROM} WHERE p.person_id = 7", "filter"),
        (f"SELECT count(*) AS n {FROM} WHERE p.person_id IN (7, 8)", "filter"),
        (f"SELECT count(*) AS n {FROM} WHERE p.person_id > 7", "filter"),
        (f"SELECT count(*) AS n {FROM} WHERE p.person_id NOT IN (7)", "filter"),
        ("SELECT count(*) AS n FROM person WHERE last_or_surname = 'Reyes'", "identifies a student"),
        ("SELECT count(*) AS n FROM person WHERE birthdate = DATE '2015-02-03'", "day of birth"),
        ("WITH a AS (SELECT person_id AS p FROM person) SELECT count(*) AS n FROM a WHERE p = 7", "keeps that name"),
        ("WITH a(p) AS (SELECT person_id FROM person) SELECT count(*) AS n FROM a WHERE p = 7", "with AS"),
        ("WITH a AS (SELECT instructional_minutes AS person_id FROM calendar_day) SELECT count(*) AS n FROM a", "may be called"),
        ("WITH a AS (SELECT min(person_id) AS person_id FROM person) SELECT count(*) AS n FROM a", "person_id"),
        ("SELECT count(*) AS n FROM person WHERE batch_id = 'x'", "a file"),
        ("SELECT support_id AS support, count(DISTINCT person_id) AS n FROM referral_event WHERE event_kind = 'connected' GROUP BY 1", "the sender alone"),
        (f"SELECT e.school_year AS y, count(*) AS n {FROM} GROUP BY 1 LIMIT 3", "LIMIT"),
        ("WITH a AS (SELECT person_id FROM person LIMIT 1) SELECT count(*) AS n FROM a", "LIMIT"),
        (f"SELECT e.school_year AS y, count(*) AS n {FROM} GROUP BY 1 HAVING count(*) > 50", "HAVING"),
        ("WITH a AS (SELECT sex, count(*) AS n FROM person GROUP BY sex HAVING count(*) > 5) SELECT count(*) AS n FROM a", "HAVING"),
        (f"SELECT e.school_year AS y, count(*) AS n {FROM} GROUP BY 1 ORDER BY n", "order by a figure"),
        (f"SELECT e.school_year AS y, count(*) AS n {FROM} GROUP BY 1 ORDER BY 2 DESC", "order by a figure"),
        (f"SELECT e.school_year AS y, rank() OVER (ORDER BY count(*)) AS n {FROM} GROUP BY 1", "window"),
        ("WITH a AS (SELECT person_id, row_number() OVER (ORDER BY sex) AS r FROM person) SELECT count(*) AS n FROM a WHERE r = 1", "PARTITION BY"),
        (f"SELECT DISTINCT e.school_year AS y, count(*) AS n {FROM} GROUP BY 1", "DISTINCT"),
        (f"SELECT * {FROM}", "never rows"),
        (f"SELECT e.school_year AS y {FROM} GROUP BY 1", "counts nobody"),
        (f"SELECT e.school_year AS y, count(*) AS n {FROM}", "GROUP BY"),
        (f"SELECT e.school_year AS y, count(*) AS n {FROM} GROUP BY 1, e.homeroom", "must also be in SELECT"),
        (f"SELECT e.school_year AS y, count(*) AS n {FROM} GROUP BY ROLLUP (1)", "ROLLUP"),
        (f"SELECT 'x' AS y, count(*) AS n {FROM} GROUP BY 1", "same for everybody"),
        (f"SELECT e.school_year AS a, e.homeroom AS b, e.entry_type AS c, e.cohort_year AS d, count(*) AS n {FROM} GROUP BY ALL", "3 groups"),
        (f"SELECT count(DISTINCT e.organization_id) AS schools {FROM}", "counts students"),
        (f"SELECT max(a) AS top {FROM}", "cannot be protected"),
        (f"SELECT median(a) AS middle {FROM}", "cannot be protected"),
        (f"SELECT sum(DISTINCT a) AS it {FROM}", "cannot be protected"),
        (f"SELECT count(*) * 2 AS it {FROM}", "cannot be protected"),
        (f"SELECT 100 * sum(a) AS it {FROM}", "factor"),
        (f"SELECT sum(a) / sum(b) AS it {FROM}", "not a share"),
        (f"SELECT avg(CASE WHEN a THEN 1 END) AS it {FROM}", "ELSE 0"),
        (f"SELECT count(DISTINCT p.person_id) AS a, count(DISTINCT e.person_id) AS b {FROM}", "different tables"),
        (f"SELECT count(*) AS n, count(*) AS n {FROM}", "same name"),
        ("SELECT count(*) AS n FROM organization", "no students"),
        ("SELECT count(*) AS n FROM person UNION SELECT 1", "one SELECT"),
        ("SELECT 1 AS n", "reads no table"),
        ("DELETE FROM person", "query"),
        ("SELECT count(*) AS n FROM person; SELECT 1", "exactly one"),
        ("", "exactly one"),
    ],
)  # fmt: skip
def test_what_is_no_question_about_groups_of_students_is_refused(sql, words):
    with pytest.raises(Refused) as refused:
        question(sql)
    assert words in refused.value.message
    assert refused.value.message.count(". ") == 0
    assert "Reyes" not in refused.value.message
