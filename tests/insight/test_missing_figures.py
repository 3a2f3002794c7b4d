"""Why a milestone has no figure: each reason from what was found, and a report without one figure is explained, not published."""

from datetime import date

import pytest

from tests.insight.community import CommunityAccess, settle
from tests.insight.fake_access import FakeAccess, everything, measured, outcomes
from tests.insight.schooling import assessed, grade, mark, spell
from throughway.core.refusals import Refused
from throughway.insight.pipeline.actions import REPORT, pipeline_draft
from throughway.insight.reports.actions import publish_report
from throughway.measures.assessments import READING
from throughway.measures.attendance import ATTENDANCE
from throughway.measures.graduation import GRADUATION
from throughway.measures.measure import Cause
from throughway.measures.on_track import ON_TRACK
from throughway.partners import OPERATOR, Actor
from throughway.publication.selectors import releases

LEADER = Actor("leader@example.org", "north", "leader")
ON = date(2026, 11, 1)
STUDENTS = range(1, 31)


def access(*, year=2026, level="09", of=STUDENTS, **changes):
    found = FakeAccess()
    found.put("school_enrollment", *(spell(n, year=year, grade=level) | changes for n in of))
    return found


def why(found):
    return found.why_unseen, found.cure


def test_only_a_year_that_is_over_is_counted():
    found = access(year=2027)
    found.put("course_grade", *(grade(n) for n in STUDENTS))
    cause, sentence = why(measured(found, ON_TRACK, on=ON))
    assert cause is Cause.NOT_YET_DUE
    assert "the first class can be counted on 1 September 2027" in sentence


def test_no_agreement_names_what_it_would_have_to_show():
    visible = everything("north", without=("course_grade.number_of_credits_earned",))
    cause, sentence = why(measured(access(), ON_TRACK, on=ON, visible=visible))
    assert cause is Cause.NO_AGREEMENT
    assert "number_of_credits_earned and student_course_section_grade_earned of course_grade" in sentence


def test_no_records_have_come_in():
    assert why(measured(access(), ON_TRACK, on=ON)) == (
        Cause.NO_RECORD,
        "No records of course_grade that this purpose shows have come in.",
    )
    assert measured(FakeAccess(), GRADUATION, on=ON).cure.startswith("No records of school_enrollment")


def test_a_column_that_no_crosswalk_maps_is_named():
    found = access(organization_id=None)
    found.put("course_grade", *(grade(n) for n in STUDENTS))
    cause, sentence = why(measured(found, ATTENDANCE, on=ON))
    assert cause is Cause.NO_RECORD  # no attendance has come in at all
    found = access(entry_grade_level=None)
    found.put("course_grade", *(grade(n) for n in STUDENTS))
    cause, sentence = why(measured(found, ON_TRACK, on=ON))
    assert cause is Cause.NOT_FILLED
    assert "entry_grade_level of school_enrollment is empty in every record" in sentence
    assert "crosswalk" in sentence


def test_without_schools_no_agreement_is_called_missing():
    found = access(organization_id=None)
    found.put("course_grade", *(grade(n, credits=None) for n in STUDENTS))
    made = measured(found, ON_TRACK, on=ON)
    assert outcomes(made) == {"cannot be computed": 30}
    assert made.why_unseen is Cause.NOT_FILLED


def test_records_of_nobody_in_the_class():
    found = access()
    found.put("course_grade", *(grade(n) for n in range(500, 530)))
    cause, sentence = why(measured(found, ON_TRACK, on=ON))
    assert cause is Cause.NO_LINK
    assert sentence.startswith("No record of course_grade belongs to any of the first-time ninth graders")


def test_a_class_that_nobody_is_enrolled_in():
    found = FakeAccess()
    found.put("attendance_day", *(mark(n, date(2026, 3, 2)) for n in STUDENTS))
    assert why(measured(found, ATTENDANCE, on=ON)) == (
        Cause.NO_RECORD,
        "No records of school_enrollment that this purpose shows have come in.",
    )


def test_no_student_of_the_class():
    found = access(level="10")
    found.put("course_grade", *(grade(n) for n in STUDENTS))
    assert why(measured(found, ON_TRACK, on=ON)) == (
        Cause.NO_RECORD,
        "The records that came in have no first-time ninth graders.",
    )


def test_where_somebody_is_seen_no_reason_is_sought():
    found = access()
    found.put("course_grade", *(grade(n) for n in STUDENTS for _ in range(10)))
    made = measured(found, ON_TRACK, on=ON)
    assert (made.why_unseen, made.cure) == (None, "")


def test_an_optional_milestone_appears_only_with_its_records():
    assert measured(access(level="03"), READING, on=ON) is None
    found = access(level="03")
    unmapped = {"assessment_performance_level_label": None}
    found.put("assessment_result", *(assessed(n, 3, 2026, True) | unmapped for n in STUDENTS))
    made = measured(found, READING, on=ON)
    assert made.why_unseen is Cause.NOT_FILLED
    assert "assessment_performance_level_label of assessment_result is empty" in made.cure


@pytest.mark.django_db
class TestOfTheReport:
    def test_a_report_that_shows_nothing_is_explained(self, community, tmp_path):
        few = CommunityAccess()
        few.put("school_enrollment", *(spell(n, year=2027, grade="09") for n in STUDENTS))
        few.put("course_grade", *(grade(n) for n in STUDENTS))
        with pytest.raises(Refused) as refused:
            publish_report(REPORT, few, by=LEADER, out=tmp_path / "r.html")
        assert refused.value.code == "no_figures"
        assert "1 September 2027" in refused.value.message
        assert "The records that came in do not say" not in refused.value.message
        assert releases(OPERATOR) == []
        with pytest.raises(Refused, match="1 September 2027"):
            pipeline_draft(few).preview()

    def test_where_the_school_is_not_mapped_it_says_so(self, community, tmp_path):
        unmapped = CommunityAccess()
        unmapped.put(
            "school_enrollment", *(spell(n, grade="09") | {"organization_id": None} for n in STUDENTS)
        )
        unmapped.put("course_grade", *(grade(n, credits=None) for n in STUDENTS))
        with pytest.raises(Refused, match="organization_id of school_enrollment is empty in every record"):
            publish_report(REPORT, unmapped, by=LEADER, out=tmp_path / "r.html")

    def test_all_too_small_is_another_reason(self, community, tmp_path):
        with pytest.raises(Refused, match="No figure can be shown") as refused:
            publish_report(REPORT, settle(CommunityAccess(), students=12), by=LEADER, out=tmp_path / "r.html")
        assert "empty in every record" not in refused.value.message

    def test_preview_and_release_name_what_is_missing(self, community, tmp_path):
        half = settle(CommunityAccess(without=("course_grade",)))
        absent = {each["what"]: each["why"] for each in pipeline_draft(half).preview()["absent"]}
        assert "shows number_of_credits_earned" in absent["Are on track in grade 9"]
        assert "Attend school regularly" not in absent
        publish_report(REPORT, half, by=LEADER, out=tmp_path / "r.html")
        assert (
            "No agreement of this purpose shows number_of_credits_earned" in (tmp_path / "r.html").read_text()
        )
