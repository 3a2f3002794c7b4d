"""What tells two rows of one student apart stays as it was, or is changed by a person who confirms it, and no row is doubled."""

from collections.abc import Sequence

import pytest

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import in_effect
from tests.intake.test_plausibility import KEYED_BY_SCHOOL, SCORES, SUMMARY, agree, scores, summary
from throughway.core.refusals import Refused
from throughway.intake.crosswalk import BY_YEAR, UNMAPPED, TableMap
from throughway.intake.models import IntakeBatch
from throughway.intake.row_keys import one_row_for

SERVICES = """
throughway: crosswalk/1
tables:
  service_received:
    key: [ID, Date, Service]
    person: ID
    columns:
      service_date: {from: Date, date: "%Y-%m-%d"}
      student_support_service_type: {from: Service, map: {Tutoring: "00329"}}
"""
DAY = {"service_date": {"from": "Date", "date": "%Y-%m-%d"}}
KEYS: list[tuple[dict[str, object], tuple[str, ...], str, set[str]]] = [
    ({"key": ["ID"], "person": "ID"}, (), "one row for each student", set()),
    ({"key": ["ID"], "person": "ID", "by_year": True}, (BY_YEAR,), "one row for each student and school year", set()),
    ({"key": ["ID", "Note"], "person": "ID"}, (UNMAPPED,), "one row for each student and a column of its own", set()),
    ({"key": ["ID", "Date"], "person": "ID", "columns": DAY}, ("service_date",), "one row for each student and service date", set()),
    ({"key": ["Date", "Note", "ID"], "person": "ID", "columns": DAY}, ("service_date", UNMAPPED),
     "one row for each student, service date and a column of its own", {"Note"}),
]  # fmt: skip


@pytest.mark.parametrize(("document", "parts", "words", "empty"), KEYS)
def test_a_key_is_known_by_the_elements_that_it_reads(
    document: dict[str, object], parts: Sequence[str], words: str, empty: set[str]
) -> None:
    mapped = TableMap.model_validate(document)
    assert mapped.row_key("service_received") == tuple(parts)
    assert one_row_for(parts) == words
    assert mapped.may_be_empty("service_received") == empty


def absences(town: Town) -> dict[object, list[object]]:
    found: dict[object, list[object]] = {}
    for row in town.rows("attendance_summary"):
        found.setdefault(row["person_record"], []).append(row["number_of_days_absent"])
    return found


def test_a_confirmed_change_replaces_the_earlier_rows_and_doubles_none(town: Town) -> None:
    agree(town)
    town.load(summary(3, school="OAK"), KEYED_BY_SCHOOL, school_year=2025)
    town.load(summary(1, school="OAK"), KEYED_BY_SCHOOL, school_year=2026)
    few = "".join(summary(2).splitlines(keepends=True)[:21])  # twenty of the thirty students
    loaded = town.load(few, SUMMARY, school_year=2026, right="The system dropped the column.")
    assert [(each.rule, each.rows) for each in loaded.findings if each.stops] == [("key", 20)]
    assert loaded.withdrawn == {}  # nothing was deleted at the source
    by_student = absences(town)
    # One row of the year before, and one of this year: from the new file where it has one, else the earlier one.
    assert sorted(map(len, by_student.values())) == [2] * 30
    keys = town.keys()
    for n in range(30):
        assert sorted(by_student[keys[f"S{n}"]]) == sorted(  # type: ignore[type-var]
            [(n * 7 + 3) % 11, (n * 7 + (2 if n < 20 else 1)) % 11]
        )
    # The next file with the same key is an ordinary one.
    assert town.load(few, SUMMARY, school_year=2026).findings == []


def test_a_few_students_with_rows_of_two_kinds_are_told_and_both_are_kept(town: Town) -> None:
    agree(town)
    text = summary(1, school="OAK").splitlines(keepends=True)
    town.load("".join(text[:3]), KEYED_BY_SCHOOL, school_year=2026)  # two students
    loaded = town.load(summary(2), SUMMARY, school_year=2026)
    assert [(each.rule, each.stops, each.rows) for each in loaded.findings if each.rule == "key"] == [
        ("key", False, 2)
    ]
    assert "2 students will have rows of two kinds for the same time" in loaded.differences[0]
    assert sorted(map(len, absences(town).values())) == [1] * 28 + [2] * 2


def test_a_tenth_of_the_students_is_a_change(town: Town) -> None:
    agree(town)
    text = summary(1, school="OAK").splitlines(keepends=True)
    town.load("".join(text[:4]), KEYED_BY_SCHOOL, school_year=2026)  # three of thirty
    with pytest.raises(Refused, match="3 students would have rows of both kinds"):
        town.load(summary(2), SUMMARY, school_year=2026)


def test_another_test_may_have_another_key(town: Town) -> None:
    agree(town)
    town.load(scores("Reading"), SCORES, school_year=2026)
    alone = SCORES.replace("key: [ID, Test]", "key: [ID]")
    assert town.load(scores("Mathematics"), alone, school_year=2026).findings == []
    assert len(town.rows("assessment_result")) == 60
    with pytest.raises(Refused, match="30 students would have rows of both kinds"):
        town.load(scores("Reading"), alone.replace("by_year: true", "by_year: false"), school_year=2026)


def test_a_renamed_heading_is_the_same_key(town: Town) -> None:
    agree(town)
    town.load(summary(1, school="OAK"), KEYED_BY_SCHOOL, school_year=2026)
    renamed = summary(2, school="OAK").replace("School", "School Name")
    crosswalk = KEYED_BY_SCHOOL.replace("School", "School Name")
    loaded = town.load(renamed, crosswalk, school_year=2026)
    assert loaded.findings == []
    assert (loaded.tables["attendance_summary"].changed, len(absences(town))) == (30, 30)


def test_the_same_parts_in_another_order_are_another_key(town: Town) -> None:
    agree(town)
    keyed = KEYED_BY_SCHOOL.replace("[Student ID, School]", "[Student ID, School, Term]")
    text = summary(1, school="OAK").replace("School,", "Term,School,").replace("\nOAK", "\nFall,OAK")
    town.load(text, keyed, school_year=2026)
    turned = keyed.replace("School, Term]", "Term, School]")
    with pytest.raises(Refused, match="its parts in another order"):
        town.load(text, turned, school_year=2026)
    keys = [batch.row_keys for batch in IntakeBatch.objects.order_by("at") if not batch.refusal]
    assert keys == [{"attendance_summary": ["organization_id", UNMAPPED, BY_YEAR]}]


def test_a_load_of_before_keys_were_recorded_is_held_against_none(town: Town) -> None:
    agree(town)
    town.load(summary(1, school="OAK"), KEYED_BY_SCHOOL, school_year=2026)
    IntakeBatch.objects.update(row_keys={})
    with pytest.raises(Refused) as refused:
        town.load(summary(2), SUMMARY, school_year=2026)
    assert "a second row for the same period" in refused.value.message  # as before


def test_beside_a_day_another_part_of_the_key_may_be_empty(town: Town) -> None:
    town.agree(in_effect(["element: service_received.*"]))
    text = "ID,Date,Service\nS1,2025-10-01,Tutoring\nS1,2025-10-01,\nS1,2025-10-02,\nS2,,Tutoring\n"
    loaded = town.load(text, SERVICES)
    assert loaded.tables["service_received"].landed == 3
    [left] = quarantine(loaded)
    assert (left["row"], left["column"]) == ("5", "Date")
    again = town.load(text, SERVICES)
    assert (again.tables["service_received"].landed, again.tables["service_received"].unchanged) == (0, 3)
