"""Rows that are read through the gate once: every question is answered as the gate would answer it."""

import duckdb
import pytest

from tests.insight.fake_access import FakeAccess, everything
from tests.insight.schooling import spell
from throughway.core.refusals import Refused
from throughway.gate.rows_in_memory import RowsInMemory
from throughway.insight import milestone_queries
from throughway.insight.milestone_queries import _joined, named_columns
from throughway.measures.sql import query, spells

WHO = "SELECT person_id FROM result ORDER BY person_id"


@pytest.fixture
def access():
    access = FakeAccess()
    access.put(
        "school_enrollment", *(spell(n, year=2020 + n % 4, grade=f"{n % 12 + 1:02d}") for n in range(1, 40))
    )
    access.put("school_enrollment", spell(40, grade="ungraded"))
    return access


def classes(visible):
    """The same names with another content for each year, as the measures make them."""
    for year in range(2020, 2024):
        member = f"SELECT person_id, grade FROM spell WHERE year = {year}"
        yield {**spells(visible), "member": member, "result": "SELECT person_id FROM member WHERE CAST(grade AS INTEGER) > 6"}  # fmt: skip


def in_memory(access):
    rows, _ = access.figures("SELECT * FROM school_enrollment")
    return RowsInMemory({"school_enrollment": rows})


def test_each_class_has_its_own_members(access):
    asked = list(classes(everything("north")))
    rows = in_memory(access)
    found = [rows.answer(ctes, WHO).to_pylist() for ctes in asked]
    # Without the word that is no number, at which the engine by itself stops.
    access.base.execute("DELETE FROM school_enrollment WHERE person_id = 40")
    assert found == [access.figures(query(ctes, WHO))[0].to_pylist() for ctes in asked]
    assert all(found)
    assert len({str(each) for each in found}) == len(found)


def test_a_value_that_is_no_number_counts_as_none(access):
    visible = everything("north")
    ctes = {**spells(visible), "result": "SELECT person_id FROM spell WHERE CAST(grade AS INTEGER) IS NULL"}
    assert in_memory(access).answer(ctes, WHO).to_pylist() == [{"person_id": 40}]


def test_no_file_can_be_opened(access, tmp_path):
    (tmp_path / "other.csv").write_text("person_id\n1\n")
    with pytest.raises(Refused):
        in_memory(access).answer({}, f"SELECT * FROM read_csv('{tmp_path}/other.csv')")


def test_a_report_reads_the_columns_that_its_questions_name_and_that_are_shown():
    visible = everything("north", without=["school_enrollment.cohort_year", "assessment_result"])
    about = [query(ctes, WHO) for ctes in classes(visible)]
    assert named_columns(visible, about) == {
        "school_enrollment": [
            "person_id", "cohort_graduation_year", "enrollment_entry_date", "enrollment_exit_date", "entry_grade_level",
            "exit_or_withdrawal_type", "organization_id", "school_year",
        ]
    }  # fmt: skip


def test_classes_are_asked_for_together_as_far_as_their_parts_are_the_same(monkeypatch):
    """Names that mean two things are kept apart, and nothing gets too long; whatever is together, each measure has its own classes."""
    one = {"spell": "SELECT 7 AS class", "classes": "SELECT class, 2 AS students FROM spell"}
    listings = {
        "a": one,
        "b": {**one, "classes": "SELECT class, 3 AS students FROM spell"},
        "c": {**one, "spell": "SELECT 8 AS class"},
    }
    expected = [("a", 7, 2), ("b", 7, 3), ("c", 8, 2)]
    for longest, questions in ((1_000, 2), (100, 3)):
        monkeypatch.setattr(milestone_queries, "LONGEST", longest)
        asked = [*_joined(listings)]
        assert [row for sql in asked for row in duckdb.sql(sql).fetchall()] == expected
        assert len(asked) == questions
