"""The names that somebody may have meant."""

from throughway.refusals import nearest


def test_the_best_spelling_comes_first_then_names_that_contain_the_word():
    known = ["attendance_day", "attendance_summary", "course_grade", "Grade"]
    assert nearest("atendance_day", known) == ["attendance_day", "attendance_summary"]
    assert nearest("GRADE", known) == ["Grade", "course_grade"]
    assert nearest("attendance", known) == ["attendance_day", "attendance_summary"]


def test_nothing_is_offered_where_all_is_different():
    assert nearest("zebra", ["attendance_day"]) == []
    assert nearest("", ["attendance_day"]) == []
