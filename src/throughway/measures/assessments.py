"""Ready for kindergarten, reads well in grade 3, on track in grade 8 mathematics: by the level that an assessment reports.

A table (`proficiency`) says which labels and scores of which test meet the standard. Where a result matches no line of the table, the
milestone is not computed: no level is guessed.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial

from throughway.measures.measure import Cause, Measure
from throughway.measures.policy import MeasurePolicy
from throughway.measures.proficiency import LEFT_OUT, ProficiencyLevel, about, known, verdict, why_not
from throughway.measures.sql import (
    ENROLLED,
    Ctes,
    VisibleData,
    day,
    in_year,
    last_complete_year,
    school_year,
    shown_by,
    spells,
    stays,
    text,
    texts,
    year_end,
)

GRADES = ("KG", "03", "08")
TABLE = "assessment_result"
WHEN = ("assessment_administration_start_date", "grade_level_when_assessed")
NAMES = ("assessment_title", "assessment_identifier")
RESULTS = ("assessment_performance_level_label", "assessment_result_score_value")
SOURCES = tuple((TABLE, *WHEN, name, result) for name in NAMES for result in RESULTS)


def covered(visible: VisibleData) -> tuple[str, ...]:
    """The partners that show a test's date, grade and name, and a level or a score."""
    shown = (visible.partners(TABLE, *WHEN, name, result) for name in NAMES for result in RESULTS)
    return tuple(sorted({partner for partners in shown for partner in partners}))


def _subjects(policy: MeasurePolicy, grade: str) -> tuple[str, ...]:
    """The subject of the milestone; kindergarten readiness has none."""
    return {"03": policy.reading_subjects, "08": policy.math_subjects}.get(grade, ())


def _tested(visible: VisibleData, policy: MeasurePolicy, grade: str) -> Ctes:
    return {f"tested_{grade}": results(visible, _levels(policy, grade), (grade,), _subjects(policy, grade))}


def results(
    visible: VisibleData, levels: Sequence[ProficiencyLevel], grades: Sequence[str], subjects: Sequence[str]
) -> str:
    """Each result of a whole test in the grades and subjects (none: any): person, test date, and `verdict` from the lines of the table;
    also the test and label as they are written in the records."""

    def shown(name: str) -> str:
        return visible.column(TABLE, name)

    score = "score_number" if visible.shows(TABLE, RESULTS[1]) else "CAST(NULL AS DOUBLE)"
    subject = shown("assessment_academic_subject")
    of_subject = f" AND {subject} IN {texts(subjects)}" if subjects else ""
    title, identifier, label = shown(NAMES[0]), shown(NAMES[1]), shown(RESULTS[0])
    return f"""
        SELECT person_id, taken, test, named, written_label, metric, label, {verdict(levels)} AS verdict FROM (
          SELECT *, CASE WHEN {known(levels)} THEN title ELSE identifier END AS test FROM (
            SELECT person_id, {WHEN[0]} AS taken, {subject} AS subject, {score} AS score,
              {shown("assessment_score_metric_type")} AS metric, TRIM({label}) AS written_label,
              COALESCE(NULLIF(TRIM({title}), ''), TRIM({identifier})) AS named,
              LOWER(TRIM({title})) AS title, LOWER(TRIM({identifier})) AS identifier, NULLIF(LOWER(TRIM({label})), '') AS label
            FROM {TABLE}
            WHERE {WHEN[1]} IN {texts(grades)}{of_subject} AND {shown("assessment_subtest_identifier")} IS NULL) AS read
          WHERE (label IS NOT NULL OR score IS NOT NULL) AND named IS NOT NULL) AS taken"""


def names_of_tests(visible: VisibleData, policy: MeasurePolicy, *, every_grade: bool = False) -> str | None:
    """The query for the names of the tests in the records of these milestones, or of every grade, as `test`; None where no partner shows
    them."""
    if not covered(visible):
        return None
    if every_grade:
        return " UNION ".join(
            f"SELECT LOWER(TRIM({visible.column(TABLE, name)})) AS test FROM {TABLE}" for name in NAMES
        )
    subject = visible.column(TABLE, "assessment_academic_subject")
    subjects_by_grade = {grade: _subjects(policy, grade) for grade in GRADES}
    rows = " OR ".join(
        f"({WHEN[1]} = {text(grade)}{f' AND {subject} IN {texts(subjects)}' if subjects else ''})"
        for grade, subjects in subjects_by_grade.items()
    )
    return " UNION ".join(
        f"SELECT LOWER(TRIM({visible.column(TABLE, name)})) AS test FROM {TABLE} WHERE {rows}"
        for name in NAMES
    )


def _levels(policy: MeasurePolicy, grade: str) -> tuple[ProficiencyLevel, ...]:
    return about(policy.levels, grade=grade, subjects=_subjects(policy, grade))


def _find(grade: str, visible: VisibleData, policy: MeasurePolicy, on: date) -> Ctes | None:
    if not covered(visible):
        return None
    return _tested(visible, policy, grade) | {
        "classes": f"""SELECT {school_year("taken")} AS class, COUNT(DISTINCT person_id) AS students FROM tested_{grade}
        WHERE COALESCE(verdict, {LEFT_OUT + 1}) > {LEFT_OUT} AND taken <= {day(year_end(last_complete_year(on)))}
        GROUP BY {school_year("taken")}"""
    }


def _undecided(grade: str, visible: VisibleData, policy: MeasurePolicy, year: int) -> Ctes:
    """The distinct labels and metrics of the year's results that no line decides; also of those that only a cut score
    without a metric decides."""
    cuts = [level.test for level in _levels(policy, grade) if level.cut is not None and not level.metric]
    by_cut = f"(label IS NULL AND test IN {texts(dict.fromkeys(cuts))})" if cuts else "FALSE"
    return _tested(visible, policy, grade) | {
        "undecided": f"""SELECT DISTINCT named AS test, written_label AS label, metric, CASE WHEN verdict IS NULL THEN 0 ELSE 1 END AS decided
        FROM tested_{grade} WHERE {in_year("taken", year)} AND (verdict IS NULL OR {by_cut})"""
    }


def _judge(grade: str, visible: VisibleData, policy: MeasurePolicy, year: int, on: date) -> Ctes:
    return {
        **spells(visible),
        **stays(year, on, grade=grade),
        **_tested(visible, policy, grade),
        "level": f"""
            SELECT person_id, MAX(CASE WHEN verdict > {LEFT_OUT} THEN verdict END) AS at_or_above
            FROM tested_{grade} WHERE {in_year("taken", year)}
            GROUP BY person_id""",
        "result": f"""
            SELECT h.person_id, h.organization_id, h.partner,
              CASE WHEN v.at_or_above = 1 THEN 'reached' WHEN v.at_or_above = 0 THEN 'lost' ELSE 'not seen' END AS outcome,
              CASE WHEN v.at_or_above IS NOT NULL THEN NULL
                   WHEN {shown_by('h.partner', covered(visible))} THEN '{Cause.NO_RECORD}'
                   ELSE '{Cause.NO_AGREEMENT}' END AS cause
            FROM home AS h LEFT JOIN level AS v ON v.person_id = h.person_id""",
    }  # fmt: skip


def _measure(
    id: str,
    grade: str,
    *,
    name: str,
    short: str,
    lost: str,
    definition: str,
    group: str,
    window: str,
    moves: int,
) -> Measure:
    return Measure(
        id=id, name=name, short=short, lost=lost, definition=lambda policy: definition, group=group,
        window=lambda policy: window,
        causes=(Cause.NO_AGREEMENT, Cause.NO_RECORD), find_class=partial(_find, grade),
        due=lambda year, policy: year_end(year), judge=partial(_judge, grade), undecided=partial(_undecided, grade),
        why_not=why_not, optional=True, needs=((ENROLLED,), SOURCES),
        level=0 if grade == "KG" else int(grade), spring=grade == "KG", moves=moves,
    )  # fmt: skip


READINESS = _measure(
    "readiness", "KG", name="Are ready for kindergarten", short="ready", lost="before kindergarten",
    definition="Students at or above the cut score of the assessment at the start of kindergarten, as a share of those assessed.",
    group="kindergartners", window="the year of kindergarten", moves=1,
)  # fmt: skip
READING = _measure(
    "reading", "03", name="Read well in grade 3", short="reading", lost="before grade 3 reading",
    definition="Students proficient on the State's reading test in grade 3, as a share of those tested.", group="third graders",
    window="the school year of grade 3", moves=4,
)  # fmt: skip
MATH = _measure(
    "math", "08", name="Are on track in grade 8 math", short="math", lost="before grade 8 math",
    definition="Students proficient on the State's mathematics test in grade 8, as a share of those tested.", group="eighth graders",
    window="the school year of grade 8", moves=5,
)  # fmt: skip

BY_TESTS = (READINESS, READING, MATH)
