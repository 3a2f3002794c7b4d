"""Through the gate: queries, their results, and their ledger entries."""

import json
from datetime import date, timedelta

import pyarrow as pa
import pytest

from tests.gate import making
from tests.kept import kept
from throughway.agreements import actions as agreements
from throughway.agreements.selectors import linkage_purposes
from throughway.core.refusals import Refused
from throughway.gate.actions import disclosures_of, enter, land_person_links, person_links
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.store.record_numbers import unpack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
PERSON = 2**41 + 5


@pytest.fixture
@kept
def town() -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()


@pytest.fixture
def linked(town: None) -> None:
    links = pa.table({"record": [11, 21], "person": [PERSON, PERSON]})
    land_person_links(links=links, by=OPERATOR)


def last() -> LedgerEntry:
    return LedgerEntry.objects.order_by("at", "id").last()


def students(entry: LedgerEntry) -> list[int]:
    return unpack(bytes(entry.students)).tolist()


def asked(sql: str, email: str = "evaluator@hub.example", purpose: str = "planning", **more: object):
    return enter(actor=making.reader(email), purpose=purpose, **more).query(sql)


def test_a_column_without_a_name_bears_its_own_text(town: None) -> None:
    answer = asked("SELECT count(*), sum(1), attendance_status FROM attendance_day GROUP BY 3")
    assert answer.columns == ["COUNT(*)", "SUM(1)", "attendance_status"]


def test_the_mean_of_scores_needs_no_cast() -> None:
    """Also in a folder whose files and agreements were made before scores had numbers."""
    making.register()
    making.in_effect(making.sharing(schedule=[
        making.line("assessment_result.assessment_result_score_value", "planning"), making.line("person.*", "matching"),
    ]))  # fmt: skip
    making.land("assessment_result", "north", [
        {"person_record": 11, "record": n, "assessment_result_score_value": score}
        for n, score in enumerate(["400", "410", "exempt"])
    ])  # fmt: skip
    answer = asked("SELECT avg(score_number) AS mean, count(*) AS tested FROM assessment_result")
    assert answer.rows == [(405.0, 3)]
    assert last().elements == ["assessment_result.assessment_result_score_value"]


def test_rows_and_their_entry(town: None) -> None:
    answer = asked("SELECT attendance_status, count(*) AS Days FROM attendance_day GROUP BY 1 ORDER BY 1")
    assert answer.columns == ["attendance_status", "Days"]
    assert answer.rows == [("Present", 2), ("UnexcusedAbsence", 1)]
    assert answer.agreements == ["sharing-2026"]
    entry = last()
    assert (entry.id, entry.outcome, entry.disclosers, entry.rows) == (
        answer.disclosure,
        "released",
        ["north"],
        2,
    )
    assert entry.elements == ["attendance_day.attendance_status"]
    assert students(entry) == [11, 12, 13]
    assert entry.exempt == "34 CFR 99.32(d)(2)"


def test_values_are_shown_as_agreed(town: None) -> None:
    answer = asked("SELECT person_id, first_name, birthdate FROM person ORDER BY person_id")
    assert answer.rows == [
        (11, "Ada", making.BORN),
        (12, "Ben", making.BORN + 1),
        (13, "Cyd", making.BORN + 2),
        (21, "Ada", making.BORN),
        (22, "Dot", making.BORN - 1),
    ]
    assert last().exempt == "34 CFR 99.32(d)(2); outside FERPA"


def test_links_are_shown_where_a_linkage_purpose_serves(linked: None) -> None:
    sql = "SELECT a.person_id FROM attendance_day a JOIN service_received s ON s.person_id = a.person_id"
    assert asked(sql).rows == [(PERSON,)]


def test_each_reads_only_what_was_granted_to_them(town: None) -> None:
    harbor = asked("SELECT person_id FROM person ORDER BY 1", "evaluator@harbor.example")
    assert harbor.rows == [(11,), (12,), (13,)]
    north = asked("SELECT person_id FROM person ORDER BY 1", "evaluator@north.example")
    assert north.rows == [(21,), (22,)]


def test_one_student_is_recorded_alone(linked: None) -> None:
    answer = asked(f"SELECT p.first_name, s.service_quantity FROM person p LEFT JOIN service_received s"
                   f" ON s.person_id = p.person_id WHERE p.person_id = {PERSON}")  # fmt: skip
    assert answer.rows == [("Ada", 2.0), ("Ada", 2.0)]
    assert students(last()) == [11, 21]
    officer = making.reader("officer@north.example")
    seen = disclosures_of(partner="north", record_key="n-11", by=officer)
    assert [entry["id"] for entry in seen] == [answer.disclosure]
    assert disclosures_of(person=PERSON, by=officer) == seen
    assert disclosures_of(partner="north", record_key="n-12", by=officer) == []


def test_a_column_that_is_not_granted_is_named(town: None) -> None:
    with pytest.raises(Refused, match=r"attendance_day\.attendance_event_reason") as refused:
        asked("SELECT attendance_event_reason FROM attendance_day")
    assert (refused.value.code, refused.value.citations) == ("not_granted", ("34 CFR 99.30(a)",))
    assert last().outcome == "refused"
    assert "attendance_event_reason" in last().reasons[0]["sentence"]
    assert last().reasons[0]["citation"] == "34 CFR 99.30(a)"


def test_aggregate_purposes_give_no_rows(town: None) -> None:
    with pytest.raises(Refused, match="throughway report pipeline"):
        asked("SELECT count(*) FROM attendance_day", purpose="counting")
    access = enter(actor=making.reader("evaluator@hub.example"), purpose="counting")
    table, _ = access.figures("SELECT count(*) AS n FROM attendance_day")
    assert table.to_pylist() == [{"n": 3}]


def test_every_failing_condition_is_said(town: None) -> None:
    with pytest.raises(Refused) as refused:
        asked("SELECT 1", "worker@harbor.example", purpose="counting")
    assert "harbor is not among the recipients" in refused.value.message
    assert "case worker" in refused.value.message
    assert len(refused.value.citations) == 2
    assert last().outcome == "refused"


def test_linkage_for_the_operator(town: None) -> None:
    assert linkage_purposes(date.today()) == ["matching"]
    table, _ = enter(actor=OPERATOR, purpose="matching").table("SELECT * FROM person")
    assert {"person_record", "partner", "first_name"} <= set(table.column_names)
    assert sorted(table["person_record"].to_pylist()) == [11, 12, 13, 21, 22]
    assert person_links().num_rows == 0
    with pytest.raises(Refused, match="cannot read student data"):
        enter(actor=OPERATOR, purpose="planning")


def test_own_records(linked: None) -> None:
    sql = "SELECT person_id, last_or_surname, source_record_id FROM person WHERE person_id = 11"
    answer = asked(sql, "worker@harbor.example", purpose="own_records")
    assert answer.rows == []
    answer = asked(sql, "officer@north.example", purpose="own_records")
    assert (answer.rows, answer.agreements) == ([(11, "One", "n-11")], [])
    assert last().exempt == "34 CFR 99.3, no disclosure"


def test_ended_agreements_are_refused_by_name(town: None) -> None:
    access = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
    agreements.terminate(id="sharing-2026", by=making.reader("officer@north.example"))
    with pytest.raises(Refused, match="sharing-2026 was terminated"):
        asked("SELECT 1")
    with pytest.raises(Refused, match=r"no data was returned\. sharing-2026 was terminated") as refused:
        access.query("SELECT count(*) FROM attendance_day")
    assert refused.value.citations == ("34 CFR 99.30(a); sharing-2026, terms",)


def test_what_an_ended_agreement_gave_is_refused_by_its_name(town: None) -> None:
    other = making.sharing(id="other", schedule=[making.line("school_enrollment.*", "planning")])
    making.in_effect(other)
    assert asked("SELECT count(*) FROM school_enrollment").rows == [(0,)]
    agreements.suspend(id="other", by=making.reader("officer@north.example"))
    with pytest.raises(
        Refused, match=r"No agreement grants school_enrollment .* other is suspended"
    ) as refused:
        asked("SELECT count(*) FROM school_enrollment")
    assert refused.value.citations == ("34 CFR 99.30(a)", "34 CFR 99.30(a); other, terms")
    assert asked("SELECT count(*) FROM attendance_day").agreements == ["sharing-2026"]


def test_what_an_ended_agreement_gave_beside_others_is_noted(town: None) -> None:
    making.in_effect(making.sharing(id="other"))
    assert asked("SELECT count(*) FROM attendance_day").notes == []
    agreements.suspend(id="other", by=making.reader("officer@north.example"))
    (note,) = asked("SELECT count(*) FROM attendance_day").notes
    assert note.startswith("other is suspended")
    making.in_effect(making.sharing(id="third", schedule=[making.line("school_enrollment.*", "planning")]))
    assert asked("SELECT count(*) FROM school_enrollment").notes == []


def test_a_code_that_is_in_no_code_set_is_noted(town: None) -> None:
    answer = asked("SELECT count(*) FROM attendance_day WHERE attendance_status = 'Presnt'")
    assert answer.rows == [(0,)]
    (note,) = answer.notes
    assert note.startswith("No row has this code: Presnt is not a code in C000076")
    assert "the nearest: Present" in note


def test_talks_that_came_to_nothing_are_noted_to_nobody(town: None) -> None:
    """A text that was terminated before it was ever in effect gave nothing, and others are not told that there was one."""
    agreements.add(text=json.dumps(making.sharing(id="other")), by=OPERATOR)
    agreements.terminate(id="other", by=making.reader("officer@north.example"))
    assert asked("SELECT count(*) FROM attendance_day").notes == []


def test_values_are_plain(town: None) -> None:
    (row,) = asked(
        "SELECT sum(person_id), avg(person_id), min(attendance_event_date) FROM attendance_day"
    ).rows
    assert row == (36, 12.0, date(2026, 9, 1))
    assert [type(value) for value in row] == [int, float, date]


def test_days_of_reading(town: None) -> None:
    with pytest.raises(Refused, match="future"):
        asked("SELECT 1", on=date.today() + timedelta(days=1))
    before = asked("SELECT count(*) FROM attendance_day", on=date(2026, 8, 31))
    after = asked("SELECT count(*) FROM attendance_day", on=min(date(2026, 9, 1), date.today()))
    assert (before.rows, after.rows) == ([(0,)], [(3,)])


def research(id: str) -> dict[str, object]:
    """A study of attendance by the hub, under codes of the agreement's own."""
    return making.sharing(
        id=id,
        purposes=[
            making.purpose(id, "research", "pseudonymous", recipients=["hub"], basis="study", basis_details={
                "purpose": "p", "scope": "s", "duration": "d", "aim": "improve_instruction", "on_behalf_of": "north"},
                **{"from": ["north"]}),
            making.purpose("matching", "linkage", "identified", **{"from": ["north"]}, recipients=["hub"], serves=[id]),
        ],
        schedule=[
            making.line("person.birthdate", id, transform="year"),
            making.line("person.last_or_surname", id, transform="pseudonym"),
            making.line("person.first_name", id),
            making.line("attendance_day.*", id),
        ],
    )  # fmt: skip


def test_codes_are_each_agreements_own_and_stay(linked: None) -> None:
    for id in ("study-a", "study-b"):
        making.in_effect(research(id))
    sql = "SELECT p.person_id, last_or_surname, attendance_status FROM person p JOIN attendance_day a USING (person_id)"
    first, again = (asked(sql, purpose="study-a") for _ in range(2))
    other = asked(sql, purpose="study-b")
    assert sorted(first.rows) == sorted(again.rows)
    assert len(first.rows) == len(other.rows) == 3
    shown = [{value for row in answer.rows for value in row[:2]} for answer in (first, other)]
    assert len(shown[0]) == len(shown[1]) == 6
    assert not shown[0] & shown[1]
    assert all(isinstance(value, str) and len(value) == 16 for value in shown[0])
    with pytest.raises(Refused, match=r"person\.first_name identifies a person"):
        asked("SELECT first_name FROM person", purpose="study-a")


def test_answers_under_codes_cannot_be_laid_side_by_side(linked: None) -> None:
    """Rows come by what they show, so that their places are of the agreement's own codes and not of the store."""
    for id in ("study-a", "study-b"):
        making.in_effect(research(id))
        rows = asked("SELECT person_id, birthdate FROM person", purpose=id).rows
        assert rows == sorted(rows)
        (listed,) = asked("SELECT string_agg(person_id, ',') FROM person", purpose=id).rows
        assert str(listed[0]).split(",") == [row[0] for row in rows]


def test_one_value_in_two_columns_has_a_code_for_each(town: None) -> None:
    document = research("study-a")
    document["schedule"] = [
        making.line(f"person.{n}", "study-a", transform="pseudonym")
        for n in ("first_name", "last_or_surname")
    ]
    making.in_effect(document)
    making.land(
        "person",
        "north",
        [{"person_record": 14, "first_name": "Lee", "last_or_surname": "Lee"}],
        "sharing-2026",
        year=2027,
    )
    rows = asked("SELECT person_id, first_name, last_or_surname FROM person", purpose="study-a").rows
    assert len(rows) == len({row[0] for row in rows}) == 4
    assert len({code for row in rows for code in row}) == 12


@pytest.mark.parametrize("sql", [
    "SELECT count(*) FROM person WHERE person_id = {}",
    "SELECT count(*) FROM person WHERE person_id IN ({}, {})",
    "SELECT count(*) FROM attendance_day a LEFT JOIN person p ON p.person_id = a.person_id AND p.person_id = {}",
])  # fmt: skip
def test_under_codes_nobody_is_found_by_their_number(linked: None, sql: str) -> None:
    """A reader who knows a student's number from elsewhere learns nothing of whether the study has that student."""
    making.in_effect(research("study-a"))

    def told(number: int) -> tuple[str, object, list[int]]:
        try:
            rows: object = asked(sql.format(number, number), purpose="study-a").rows
        except Refused as refused:
            rows = (refused.code, refused.message)
        return last().outcome, rows, students(last())

    assert told(PERSON) == told(12) == told(999_999)


def test_new_learners_get_codes_and_the_others_keep_theirs(linked: None) -> None:
    making.in_effect(research("study-a"))
    before = asked("SELECT person_id FROM person", purpose="study-a").rows
    making.land("person", "north", [{"person_record": 14, "first_name": "Eve"}], "sharing-2026", year=2027)
    after = asked("SELECT person_id FROM person", purpose="study-a").rows
    assert len(after) == 4
    assert set(before) < set(after)


def test_students_outside_the_population_are_not_recorded(town: None) -> None:
    narrow = {
        "on": "school_enrollment",
        "where": "entry_grade_level = '06'",
        "when": "ever",
        "from": ["north"],
    }
    making.in_effect(
        making.sharing(
            id="narrow",
            purposes=[
                making.purpose(
                    "grade-6", "operations", "identified", **{"from": ["north"]}, recipients=["hub"]
                )
            ],
            schedule=[making.line("attendance_day.*", "grade-6")],
            population=[narrow],
        )
    )
    making.land("school_enrollment", "north", [
        {"person_record": r, "record": r, "enrollment_entry_date": date(2026, 8, 1), "entry_grade_level": g}
        for r, g in ((11, "06"), (12, "07"), (13, "06"))
    ])  # fmt: skip
    assert asked("SELECT count(*) FROM attendance_day", purpose="grade-6").rows == [(2,)]
    assert students(last()) == [11, 13]


def test_a_status_that_is_not_granted_does_not_show_by_its_row() -> None:
    """One purpose names the indicator, the other has the wildcard only: to the latter the row is not there."""
    making.register()
    document = making.sharing()
    document["schedule"] = [
        making.line("person_status.*", "planning"),
        making.line("person_status.idea_indicator", "matching"),
        making.line("person.first_name", "planning", "matching"),
        making.line("attendance_day.*", "counting"),
        making.line("service_received.*", "counting"),
    ]
    making.in_effect(document)
    base = {"valid_from": date(2026, 8, 1)}
    making.land(
        "person_status",
        "north",
        [
            {"record": 1, "person_record": 11, "idea_indicator": "Yes", **base},
            {
                "record": 2,
                "person_record": 12,
                "idea_indicator": "Yes",
                "english_learner_status": "Yes",
                **base,
            },
            {"record": 3, "person_record": 13, **base},
        ],
    )
    shown = asked("SELECT person_id FROM person_status ORDER BY 1").rows
    assert shown == [(12,), (13,)]


def test_of_a_few_records_nobody_else_is_read(town: None) -> None:
    """Of a plain table as of one in the vault, and the ledger names no one else."""
    access = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
    asked = {name: f"SELECT person_id FROM {name}" for name in ("attendance_day", "person")}
    tables, disclosure = access.few(asked, [11])
    assert {name: table["person_id"].to_pylist() for name, table in tables.items()} == {
        "attendance_day": [11],
        "person": [11],
    }
    assert students(LedgerEntry.objects.get(pk=disclosure)) == [11]


def test_newest_day_of_a_table_by_discloser(town: None) -> None:
    """Of that table alone, by the partners that the purpose shows of it, up to the day of access; None where there is no row."""
    making.land("attendance_day", "north", [
        {"person_record": 11, "record": 90, "attendance_event_date": date(2026, 9, 8), "attendance_status": "Present"},
    ])  # fmt: skip

    def newest(table: str, on: date) -> dict[str, date | None]:
        reader = making.reader("evaluator@hub.example")
        return enter(actor=reader, purpose="planning", on=on).last_days(table)

    assert newest("attendance_day", date(2026, 9, 30)) == {"north": date(2026, 9, 8)}
    assert newest("attendance_day", date(2026, 9, 5)) == {"north": date(2026, 9, 1)}
    assert newest("attendance_day", date(2026, 8, 1)) == {"north": None}
    assert newest("service_received", date(2026, 9, 30)) == {"harbor": date(2026, 9, 1)}


@pytest.mark.parametrize(("first", "newest"), [("2026-09-01", date(2026, 9, 1)), ("2026-09-02", None)])
def test_no_newest_day_from_before_the_records_in_scope(first: str, newest: date | None) -> None:
    making.register()
    making.in_effect(making.sharing() | {"records": {"from": first}})
    making.people()
    access = enter(actor=making.reader("evaluator@hub.example"), purpose="planning", on=date(2026, 9, 30))
    assert access.last_days("attendance_day") == {"north": newest}


@pytest.mark.parametrize("sql", [
    "SELECT count(*) FROM attendance_day, service_received",
    "SELECT count(*) FROM service_received, attendance_day",
    "SELECT count(*) FROM person, attendance_day",
])  # fmt: skip
def test_the_students_of_every_table_are_recorded(town: None, sql: str) -> None:
    asked(sql)
    assert students(last()) == [11, 12, 13, 21, 22]


def test_the_entry_says_for_which_interest(town: None) -> None:
    asked("SELECT count(*) FROM attendance_day")
    assert last().interest == making.sharing()["purposes"][0]["interest"]


def test_a_purpose_is_suggested_only_to_those_who_may_know_of_it(town: None) -> None:
    draft = making.sharing(
        id="draft-2027", parties=[p for p in making.sharing()["parties"] if p["partner"] != "harbor"]
    )
    draft["purposes"] = [
        making.purpose("excursions", "operations", "identified", **{"from": ["north"]}, recipients=["hub"])
    ]
    agreements.add(text=json.dumps(draft), by=OPERATOR)
    for email, told in (("evaluator@hub.example", True), ("officer@harbor.example", False)):
        with pytest.raises(Refused, match="has a purpose with that name") as refused:
            asked("SELECT 1", email, "excursion")
        assert ("did you mean excursions?" in refused.value.message) is told
