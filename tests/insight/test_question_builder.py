"""Choices on the page become SQL that a question can be made of, or are refused in a sentence."""

from datetime import date

import pytest

from tests.insight.fake_access import FakeAccess
from throughway.core.refusals import Refused
from throughway.insight.questions.builder import (
    ColumnCondition,
    FigureChoices,
    MeasureChoice,
    Operator,
    comparable,
    groupable,
    numeric,
    usable,
    written,
)
from throughway.insight.questions.question import question
from throughway.insight.questions.question_rules import IDENTIFYING
from throughway.insight.questions.tables import question_tables
from throughway.publication.tables import place
from throughway.vocabulary import TABLES

EVERYTHING = {
    name: frozenset(table.elements) | frozenset(table.derived) | ({"person_id"} if table.of_person else set())
    for name, table in TABLES.items()
}
CLUB = ColumnCondition("program_participation.program_identifier", Operator.IS, "Chess Club")
SCHOOL = "school_enrollment.organization_id"


@pytest.fixture
def access():
    """Thirty members of a chess club and ten of another, in two schools; every third missed 20 days of 2025-26, every tenth has no mark."""
    access = FakeAccess()
    access.put(
        "organization", *({"organization_id": f"north/{s}", "organization_name": s} for s in ("East", "West"))
    )
    access.put(
        "program",
        *({"program_identifier": p, "program_name": n} for p, n in (("c", "Chess Club"), ("g", "Garden"))),
    )
    for n in range(40):
        access.put("program_participation", {"person_id": n, "program_identifier": "c" if n < 30 else "g"})
        access.put(
            "school_enrollment",
            {"person_id": n, "organization_id": "north/West", "enrollment_entry_date": date(2024, 9, 1)},
        )
        if n % 2:
            access.put(
                "school_enrollment",
                {"person_id": n, "organization_id": "north/East", "enrollment_entry_date": date(2025, 9, 1)},
            )
        days = 0 if n % 10 == 9 else 20 if n % 3 == 0 else 2
        access.put("attendance_day", *(
            {"person_id": n, "attendance_event_date": date(2026, 1, 1 + d), "attendance_status": "UnexcusedAbsence"} for d in range(days)
        ))  # fmt: skip
        access.put(
            "service_received", {"person_id": n, "service_quantity": 5.0, "service_quantity_unit": "hour"}
        )
        access.put(
            "person_race",
            *({"person_id": n, "race": r} for r in (("White", "Asian") if n == 0 else ("White",))),
        )
    return access


def counted(access, chosen):
    asked = question(written(chosen, EVERYTHING))
    found = question_tables(asked, access.figures(asked.by_student)[0])
    return found, {c.place: c.count for t in found.tables for c in t.cells if c.statistic == "students"}


def test_club_members_who_missed_many_days_by_their_last_school(access):
    chosen = FigureChoices(
        "program_participation", MeasureChoice.MISSED, days=18, year=2026, filters=(CLUB,), groups=(SCHOOL,)
    )
    _, counts = counted(access, chosen)
    members = range(30)
    assert counts[place({})] == 30
    for school, those in {
        "East": [n for n in members if n % 2],
        "West": [n for n in members if not n % 2],
    }.items():
        missed = "missed_18_days_or_more"
        assert counts[place({"school": school})] == len(those)
        assert counts[place({"school": school, missed: "Yes"})] == sum(
            n % 3 == 0 and n % 10 != 9 for n in those
        )
        unmarked = sum(n % 10 == 9 for n in those)
        assert counts.get(place({"school": school, missed: "Not recorded"}), 0) == unmarked


def test_a_share_an_amount_and_one_group_for_each_student(access):
    having = ColumnCondition("person_race.race", Operator.IS, "Asian")
    _, counts = counted(access, FigureChoices("school_enrollment", MeasureChoice.SHARE, having))
    assert (counts[place({"race_is_asian": "Yes"})], counts[place({"race_is_asian": "No"})]) == (1, 39)
    hours = ColumnCondition("service_received.service_quantity_unit", Operator.IS, "hour")
    chosen = FigureChoices("service_received", MeasureChoice.SUM, amount="service_received.service_quantity", filters=(hours,),
                           groups=("person_race.race",))  # fmt: skip
    found, counts = counted(access, chosen)
    assert (counts[place({"race": "More than one"})], counts[place({"race": "White"})]) == (1, 39)
    assert {len(a.values) for a in found.amounts} == {1, 39, 40}


@pytest.mark.parametrize("table", sorted(usable(EVERYTHING)))
def test_every_choice_that_is_offered_becomes_a_question(table):
    for group in groupable(EVERYTHING):
        found = question(written(FigureChoices(table, MeasureChoice.STUDENTS, groups=(group,)), EVERYTHING))
        assert len(found.groups) == 1
    for amount in numeric(EVERYTHING, table):
        assert question(written(FigureChoices(table, MeasureChoice.MEAN, amount=amount), EVERYTHING)).amounts
    for path in comparable(EVERYTHING, table):
        assert path.partition(".")[2] not in IDENTIFYING | {"person_id", "birthdate"}


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (FigureChoices("organization", MeasureChoice.STUDENTS), "whose students"),
        (FigureChoices("person", MeasureChoice.STUDENTS, groups=("person.birthdate",)), "a group from the list"),
        (FigureChoices("person", MeasureChoice.SHARE), "what the share is of"),
        (FigureChoices("person", MeasureChoice.SUM, amount="person.sex"), "an amount from the list"),
        (FigureChoices("person", MeasureChoice.MISSED, days=0, year=2026), "number of days"),
        (FigureChoices("person", MeasureChoice.STUDENTS, filters=(CLUB,)), "a column from the list"),
        (FigureChoices("person", MeasureChoice.STUDENTS, filters=(ColumnCondition("person.sex", Operator.IS, "Mael"),)), "Male"),
        (FigureChoices("person", MeasureChoice.STUDENTS, filters=(ColumnCondition("person.sex", Operator.IS, " "),)), "Give a value"),
        (FigureChoices("attendance_day", MeasureChoice.STUDENTS, filters=(ColumnCondition("attendance_day.attendance_event_date", Operator.AT_LEAST, "1/2/26"),)), "September 1, 2026"),
        (FigureChoices("school_enrollment", MeasureChoice.STUDENTS, filters=(ColumnCondition(SCHOOL, Operator.AT_LEAST, "East"),)), "only be"),
        (FigureChoices("service_received", MeasureChoice.STUDENTS, filters=(ColumnCondition("service_received.service_quantity", Operator.AT_LEAST, "1e9"),)), "a number"),
        (FigureChoices("person_race", MeasureChoice.STUDENTS, filters=(ColumnCondition("person_race.hispanic_or_latino_ethnicity", Operator.IS, "maybe"),)), "yes or no"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(chosen, words):
    with pytest.raises(Refused) as refused:
        written(chosen, EVERYTHING)
    assert words in refused.value.message


def test_a_value_stays_a_value():
    chosen = FigureChoices("program_participation", MeasureChoice.STUDENTS, title="a\n; DROP",
                           filters=(ColumnCondition(CLUB.column, Operator.IS, "O'Hare' OR 1 = 1 --"),))  # fmt: skip
    year = ColumnCondition("school_enrollment.school_year", Operator.IS, "2026' OR 1 = 1 --")
    assert "'2026'' OR 1 = 1 --'" in written(FigureChoices("school_enrollment", MeasureChoice.STUDENTS, filters=(year,)), EVERYTHING)  # fmt: skip
    sql = written(chosen, EVERYTHING)
    assert sql.startswith("-- a ; DROP\n")
    assert "'O''Hare'' OR 1 = 1 --'" in sql
    assert question(sql).title == "a ; DROP"


def test_only_those_who_have_both_kinds_of_record_are_counted(access):
    """Five members whom no school knows would be a group without a school, small enough to hide another."""
    for n in range(90, 95):
        access.put("program_participation", {"person_id": n, "program_identifier": "c"})
    chosen = FigureChoices(
        "program_participation", MeasureChoice.STUDENTS, also="school_enrollment", groups=(SCHOOL,)
    )
    assert (
        question(written(chosen, EVERYTHING)).title
        == "Students in a program and enrolled in a school, by school"
    )
    _, counts = counted(access, chosen)
    assert counts == {place({}): 40, place({"school": "East"}): 20, place({"school": "West"}): 20}
    with pytest.raises(Refused, match="records that they also have"):
        written(
            FigureChoices("program_participation", MeasureChoice.STUDENTS, also="person_contact; --"),
            EVERYTHING,
        )


@pytest.mark.parametrize("given", ["May 3, 2026", "5/3/2026", "2026-05-03"])
def test_a_day_is_written_as_people_write_it(given: str) -> None:
    since = ColumnCondition("attendance_day.attendance_event_date", Operator.AT_LEAST, given)
    sql = written(FigureChoices("attendance_day", MeasureChoice.STUDENTS, filters=(since,)), EVERYTHING)
    assert "attendance_event_date >= DATE '2026-05-03'" in sql
    assert "at least 3 May 2026" in sql.partition("\n")[0]
