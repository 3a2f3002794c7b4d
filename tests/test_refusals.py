"""The names that somebody may have meant."""

from throughway.core.refusals import did_you_mean, nearest


def test_the_best_spelling_comes_first_then_names_that_contain_the_word():
    known = ["attendance_day", "attendance_summary", "course_grade", "Grade"]
    assert nearest("atendance_day", known) == ["attendance_day", "attendance_summary"]
    assert nearest("GRADE", known) == ["Grade", "course_grade"]
    assert nearest("attendance", known) == ["attendance_day", "attendance_summary"]


def test_nothing_is_offered_where_all_is_different():
    assert nearest("zebra", ["attendance_day"]) == []
    assert nearest("", ["attendance_day"]) == []


def test_the_end_of_a_sentence_names_the_nearest_or_another_cure():
    assert did_you_mean("evaluatr", ["evaluator", "leader"], "choose one.") == "did you mean evaluator?"
    assert did_you_mean("king", ["evaluator", "leader"], "choose one.") == "choose one."
