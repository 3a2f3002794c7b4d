"""Only what some purpose of an agreement in effect needs is stored (agreement.md, "What may come in")."""

from datetime import date

import pytest
from django.utils import timezone

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import ATTENDANCE, ENROLLMENT, STUDENTS, in_effect
from throughway.consent.models import ConsentEvent
from throughway.core.refusals import Refused
from throughway.intake import actions
from throughway.intake.formats import DIRECTORY, FORMATS, READABLE, reader_of
from throughway.intake.forms import UploadForm
from throughway.intake.load_report import Counts
from throughway.intake.models import IntakeBatch
from throughway.partners import OPERATOR
from throughway.store.actions.record_keys import number_keys

PEOPLE = "Student ID,First,Last,DOB,Gender\n1,Ann,Bee,6/2/2010,F\n"
DAYS = "Student ID,Day,Status\n1,9/4/2024,P\n1,9/5/2024,A\n2,9/4/2024,P\n"
SPELLS = "Student ID,Entry,Exit,Grade\n1,2024-08-15,,07\n2,2024-08-15,,05\n"
SIXTH = "[{where: \"entry_grade_level IN ('06', '07')\", on: school_enrollment}]"


def counts(town: Town, *load: object) -> dict[str, tuple[int, int, int]]:
    loaded = town.load(*load)  # type: ignore[arg-type]
    return {name: (c.landed, c.unchanged, c.out_of_scope) for name, c in loaded.tables.items()}


def test_no_agreement_in_effect_refuses_the_load(town: Town) -> None:
    town.agree()
    with pytest.raises(Refused, match="No agreement in effect needs records of school"):
        town.load(PEOPLE, STUDENTS)
    batch = IntakeBatch.objects.get()
    assert batch.refusal.startswith("No agreement in effect")
    assert batch.counts == {}


def test_uncovered_table_is_refused_by_name(town: Town) -> None:
    town.agree(in_effect(["element: attendance_day.*"]))
    loaded = town.load(PEOPLE, STUDENTS)
    assert loaded.nothing is not None
    assert "No agreement in effect needs anything in this file from school" in loaded.nothing.message
    assert loaded.tables["person"].not_covered == loaded.tables["person"].read == 1
    batch = IntakeBatch.objects.get()
    assert batch.refusal == loaded.nothing.message.replace("export.csv", "load 1.csv")
    assert town.rows("person") == []
    assert town.keys() == {}


def test_uncovered_columns_are_refused_by_name(town: Town) -> None:
    town.agree(in_effect(["element: person.first_name", "element: attendance_day.*"]))
    loaded = town.load(PEOPLE, STUDENTS)
    elements = [name for name in loaded.refused_columns if "." in name]
    assert elements == ["person.last_or_surname", "person.birthdate", "person.sex"]
    assert "Last" in loaded.refused_columns  # and by the file's own name
    (row,) = town.rows("person")
    assert "last_or_surname" not in row
    assert "sex_source" not in row


SURVEY = """
throughway: crosswalk/1
source: {format: csv}
tables:
  survey_response:
    key: [Student ID, Question]
    person: Student ID
    columns:
      survey_identifier: {value: Fall}
      survey_question_code: {from: Question}
      response_value: {from: Answer}
      response_date: {from: Day, date: ["%m/%d/%Y"]}
      ppra_protected_topic: {from: Topic, map: {Pay: income}}
"""
SAID = "Student ID,Question,Answer,Day,Topic\n1,Q1,Often,9/4/2024,\n1,Q2,Never,9/4/2024,Pay\n1,Q3,Never,9/4/2024,Strange\n"


def test_an_answer_on_a_protected_topic_comes_in_only_where_a_line_names_the_mark(town: Town) -> None:
    """Not even without its mark, and never where the mark cannot be read."""
    town.agree(in_effect(["element: survey_response.*"]))
    assert counts(town, SAID, SURVEY) == {"survey_response": (1, 0, 2)}
    assert [row["survey_question_code"] for row in town.rows("survey_response")] == ["Q1"]


def test_with_the_mark_named_it_comes_in(town: Town) -> None:
    town.agree(in_effect(["element: survey_response.*", "element: survey_response.ppra_protected_topic"]))
    assert counts(town, SAID, SURVEY) == {"survey_response": (2, 0, 1)}
    assert {row["survey_question_code"] for row in town.rows("survey_response")} == {"Q1", "Q2"}


def test_value_blurred_by_every_purpose_is_stored_blurred(town: Town) -> None:
    town.agree(
        in_effect(
            ["element: person.birthdate, transform: year", "element: person.first_name, transform: mask"]
        )
    )
    town.load(PEOPLE, STUDENTS)
    (row,) = town.rows("person")
    assert row["birthdate"] == date(2010, 1, 1)
    assert row["first_name"] == "A…"


def test_value_needed_whole_is_stored_whole(town: Town) -> None:
    town.agree(
        in_effect(["element: person.birthdate, transform: year"]),
        in_effect(["element: person.birthdate"], id="other"),
    )
    town.load(PEOPLE, STUDENTS)
    assert town.rows("person")[0]["birthdate"] == date(2010, 6, 2)


def test_a_suppressed_column_is_not_stored(town: Town) -> None:
    town.agree(in_effect(["element: person.birthdate, transform: suppress", "element: person.first_name"]))
    loaded = town.load(PEOPLE, STUDENTS)
    assert "person.birthdate" in loaded.refused_columns
    assert "birthdate" not in town.rows("person")[0]


def test_facts_wait_for_enrollment_in_the_population(town: Town) -> None:
    town.agree(in_effect(["element: attendance_day.*"], population=SIXTH))
    assert counts(town, DAYS, ATTENDANCE) == {"attendance_day": (0, 0, 3)}
    assert town.keys() == {}
    assert counts(town, SPELLS, ENROLLMENT) == {"school_enrollment": (1, 0, 1)}
    assert counts(town, DAYS, ATTENDANCE) == {"attendance_day": (2, 0, 1)}
    assert counts(town, DAYS, ATTENDANCE) == {"attendance_day": (0, 2, 1)}
    assert town.keys().keys() == {"1"}


def test_columns_read_by_the_population_are_stored(town: Town) -> None:
    town.agree(in_effect(["element: attendance_day.*"], population=SIXTH))
    loaded = town.load(SPELLS.replace("Grade", "Grade"), ENROLLMENT)
    assert loaded.refused_columns == []
    (row,) = town.rows("school_enrollment")
    assert row["entry_grade_level"] == "07"


def test_population_uses_rows_of_the_same_load(town: Town) -> None:
    town.agree(in_effect(["element: attendance_day.*"], population=SIXTH))
    both = ATTENDANCE + ENROLLMENT.split("tables:\n")[1]
    file = (
        "Student ID,Entry,Exit,Grade,Day,Status\n1,2024-08-15,,07,9/4/2024,P\n2,2024-08-15,,05,9/4/2024,P\n"
    )
    assert counts(town, file, both) == {"attendance_day": (1, 0, 1), "school_enrollment": (1, 0, 1)}


def test_corrected_grade_removes_a_student_from_scope(town: Town) -> None:
    town.agree(in_effect(["element: attendance_day.*"], population=SIXTH))
    both = ATTENDANCE + ENROLLMENT.split("tables:\n")[1]
    head = "Student ID,Entry,Exit,Grade,Day,Status\n"
    counts(town, head + "1,2024-08-15,,07,9/4/2024,P\n", both)
    after = counts(town, head + "1,2024-08-15,,05,9/5/2024,P\n", both)
    assert after == {"attendance_day": (0, 0, 1), "school_enrollment": (0, 0, 1)}
    assert town.rows("school_enrollment") == []
    assert [row["entry_grade_level"] for row in town.rows("school_enrollment~history")] == ["07"]


def test_enrollment_out_of_scope_admits_nobody(town: Town) -> None:
    ever = SIXTH.replace("on:", "when: ever, on:")
    town.agree(in_effect(["element: attendance_day.*"], population=ever, records="{from: 2024-09-01}"))
    both = ATTENDANCE + ENROLLMENT.split("tables:\n")[1]
    file = "Student ID,Entry,Exit,Grade,Day,Status\n1,2023-08-15,2024-06-15,07,9/4/2024,P\n"
    assert counts(town, file, both) == {"attendance_day": (0, 0, 1), "school_enrollment": (0, 0, 1)}


def test_cells_of_refused_columns_are_not_checked(town: Town) -> None:
    town.agree(in_effect(["element: person.first_name"]))
    assert town.load(PEOPLE.replace("6/2/2010,F", "soon,Q"), STUDENTS).cells_emptied == 0


def test_days_outside_the_records_are_out_of_scope(town: Town) -> None:
    town.agree(in_effect(["element: attendance_day.*"], records="{from: 2024-09-05}"))
    assert counts(town, DAYS, ATTENDANCE) == {"attendance_day": (1, 0, 2)}


def test_days_read_by_records_are_stored(town: Town) -> None:
    named = ["element: attendance_day.attendance_status"]
    town.agree(in_effect(named))
    assert "attendance_day.attendance_event_date" in town.load(DAYS, ATTENDANCE).refused_columns
    town.agree(in_effect(named, records="{from: 2024-09-05}"))
    assert town.load(DAYS, ATTENDANCE).refused_columns == []


def test_column_is_stored_only_in_rows_that_need_it(town: Town) -> None:
    """The status is needed of all days, the section of later ones alone."""
    town.agree(
        in_effect(["element: attendance_day.attendance_status"]),
        in_effect(
            ["element: attendance_day.course_section_identifier"], id="later", records="{from: 2024-09-05}"
        ),
    )
    with_section = ATTENDANCE + "      course_section_identifier: {from: Section}\n"
    town.load("Student ID,Day,Status,Section\n1,9/4/2024,P,X\n1,9/5/2024,P,Y\n", with_section)
    assert sorted(str(row.get("course_section_identifier")) for row in town.rows("attendance_day")) == [
        "None",
        "Y",
    ]


def test_enrollment_is_stored_for_another_partners_roster(town: Town) -> None:
    town.agree(in_effect(["element: attendance_day.*"], reach="roster"))
    spells = ENROLLMENT.replace("school_enrollment", "program_participation").replace(
        "enrollment_entry_date", "program_participation_start_date"
    )
    crosswalk = "\n".join(line for line in spells.splitlines() if "exit" not in line and "grade" not in line)
    loaded = town.load("Student ID,Entry\nc9,2024-09-01\n", crosswalk, partner="club")
    assert loaded.tables["program_participation"].landed == 1


def said(key: str, decision: str, purpose: str = "casework", agreement: str = "agreement") -> None:
    """What a family decided before any record of the student came in."""
    numbers = number_keys(partner="school", keys={key}, agreements=(agreement,), by=OPERATOR)
    ConsentEvent.objects.create(
        code=f"{key}{decision}{purpose}"[:12], partner="school", record=numbers[key], agreement=agreement, purpose=purpose,
        decision=decision, holder=1, relation="parent", right_checked=False, signed_on=date(2026, 1, 1), at=timezone.now(),
        by="operator",
    )  # fmt: skip


TWO = "Student ID,First,Last,DOB,Gender\n1,Ann,Bee,6/2/2010,F\n2,Bob,Cee,6/2/2011,M\n3,Cy,Dee,6/2/2012,M\n"


def test_custody_by_consent_admits_consenting_students(town: Town) -> None:
    standing = in_effect(["element: person.*"], custody="{basis: consent}")
    town.agree(standing)
    assert counts(town, TWO, STUDENTS) == {"person": (0, 0, 3)}
    assert town.keys() == {}
    said("1", "yes", agreement=standing.document.id)
    said("2", "no", "*", agreement=standing.document.id)
    assert counts(town, TWO, STUDENTS) == {"person": (1, 0, 2)}
    assert [row["first_name"] for row in town.rows("person")] == ["Ann"]


def test_custody_without_consent_ignores_family_choices(town: Town) -> None:
    """A consent on which a purpose hangs is asked when one reads."""
    standing = in_effect(["element: person.*"], basis="consent")
    town.agree(standing)
    said("2", "no", "*", agreement=standing.document.id)
    assert counts(town, TWO, STUDENTS) == {"person": (3, 0, 0)}


def test_load_records_who_when_and_agreements(town: Town) -> None:
    standing = in_effect(["element: person.*"])
    town.agree(standing)
    loaded = town.load(PEOPLE, STUDENTS)
    batch = IntakeBatch.objects.get(id=loaded.batch)
    assert (batch.partner, batch.by, batch.source) == ("school", "operator", "load 1.csv")
    assert batch.agreements == [["riverbend", standing.version]]
    assert batch.counts["person"]["landed"] == 1


def test_an_unknown_partner_or_format_is_refused(town: Town) -> None:
    town.agree(in_effect(["element: person.*"]))
    with pytest.raises(Refused, match="nobody"):
        town.load(PEOPLE, STUDENTS, partner="nobody")
    with pytest.raises(Refused, match="fax is not a file format; choose csv, xlsx"):
        town.load(PEOPLE, STUDENTS, format="fax")


@pytest.mark.parametrize("format", sorted(FORMATS.keys() - READABLE.keys() - {DIRECTORY}))
def test_format_without_reader_is_refused_and_not_offered(town: Town, format: str) -> None:
    town.agree(in_effect(["element: person.*"]))
    with pytest.raises(Refused, match=f"{format} cannot be read yet; export the records as CSV"):
        town.load(PEOPLE, STUDENTS, format=format)
    form = UploadForm(partners={"school": "School"}, crosswalks=[])
    assert format not in dict(form.fields["format"].choices)


def test_a_directory_of_services_is_no_format_of_student_records(town: Town) -> None:
    town.agree(in_effect(["element: person.*"]))
    with pytest.raises(Refused, match="holds no student records"):
        town.load(PEOPLE, STUDENTS, format=DIRECTORY)
    assert DIRECTORY not in dict(
        UploadForm(partners={"school": "School"}, crosswalks=[]).fields["format"].choices
    )


def test_each_readable_format_has_its_reader() -> None:
    assert READABLE.keys() == {"csv", "xlsx", "oneroster", "edfi-xml", "edfi-jsonl", "hmis", "nsc"}
    for format in READABLE:
        assert callable(reader_of(format))


def test_interrupted_load_stores_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.agree(in_effect(["element: person.*"]))

    def stop(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(actions, "land", stop)
        with pytest.raises(KeyboardInterrupt):
            town.load(PEOPLE, STUDENTS)
    assert town.rows("person") == []
    assert not list((town.community.data / "quarantine").glob("*.csv"))
    assert town.load(PEOPLE, STUDENTS).tables["person"].landed == 1


@pytest.mark.parametrize("reach", ["roster", "caseload"])
def test_reach_is_decided_at_reading(town: Town, reach: str) -> None:
    town.agree(in_effect(["element: person.*"], reach=reach))
    loaded = town.load("Student ID,First,Last,DOB,Gender\n1,Ann,Bee,1/2/2010,F\n", STUDENTS)
    assert (loaded.tables["person"].landed, loaded.tables["person"].out_of_scope) == (1, 0)


def test_unneeded_required_cell_loses_no_row(town: Town) -> None:
    town.agree(in_effect(["element: person.last_or_surname"]))
    file = "Student ID,First,Last,DOB,Gender\n1,,Abel,,\n2,Ben,,,\n,Cy,Cole,,\n"
    loaded = town.load(file, STUDENTS)  # First and Last are required there
    assert loaded.tables == {"person": Counts(read=3, landed=1, quarantined=2)}
    assert [(row["row"], row["column"]) for row in quarantine(loaded)] == [("3", "Last"), ("4", "Student ID")]
    assert [row["last_or_surname"] for row in town.rows("person")] == ["Abel"]


GRADELESS = (
    "Student ID,Entry,Exit,Grade\n1,2024-08-15,,07\n2,2024-08-15,,05\n3,2024-08-15,,\n4,2024-08-15,,\n"
)


def test_row_lacking_a_population_cell_is_undecided(town: Town) -> None:
    town.agree(in_effect(["element: attendance_day.*"], population=SIXTH))
    loaded = town.load(GRADELESS, ENROLLMENT)
    assert loaded.tables == {"school_enrollment": Counts(read=4, landed=1, out_of_scope=1, cannot_tell=2)}
    listed = [(row["row"], row["column"]) for row in quarantine(loaded)]
    assert listed == [("4", "Grade"), ("5", "Grade")]
    (said,) = {row["problem"] for row in quarantine(loaded)}
    assert said.startswith(
        "empty, so it is not known whether the row is in scope: riverbend admits students for whom "
    )
    assert len(town.rows("school_enrollment")) == 1


def test_facts_of_an_undecided_student_are_undecided(town: Town) -> None:
    town.agree(in_effect(["element: attendance_day.*"], population=SIXTH))
    both = ATTENDANCE + ENROLLMENT.split("tables:\n")[1]
    file = (
        "Student ID,Entry,Exit,Grade,Day,Status\n1,2024-08-15,,07,9/4/2024,P\n2,2024-08-15,,05,9/4/2024,P\n"
        "3,2024-08-15,,,9/4/2024,P\n"
    )
    loaded = town.load(file, both)
    for table in ("attendance_day", "school_enrollment"):
        assert loaded.tables[table] == Counts(read=3, landed=1, out_of_scope=1, cannot_tell=1)
    problems = {row["problem"].partition(",")[0] for row in quarantine(loaded)}
    assert problems == {"empty", "school_enrollment.entry_grade_level of the student is empty"}
    assert town.keys().keys() == {"1"}


def test_facts_after_undecided_enrollments_are_flagged(town: Town) -> None:
    """Nothing is stored of such an enrollment, so its student cannot be told from one who is out of scope."""
    town.agree(in_effect(["element: attendance_day.*"], population=SIXTH))
    days = "Student ID,Day,Status\n1,9/4/2024,P\n2,9/4/2024,P\n3,9/4/2024,P\n4,9/4/2024,P\n4,9/5/2024,A\n"
    town.load(GRADELESS, ENROLLMENT)
    loaded = town.load(days, ATTENDANCE)
    assert loaded.tables == {"attendance_day": Counts(read=5, landed=1, out_of_scope=4)}
    (said,) = quarantine(loaded)
    assert (said["file"], said["row"], said["column"]) == ("load 2.csv", "", "")
    assert said["problem"].startswith(
        "counted as out of scope: 4 rows of attendance_day whose students have no stored school_enrollment; the last load of"
        " school_enrollment had 2 rows that could not be checked"
    )
    town.load(GRADELESS.replace(",\n", ",05\n"), ENROLLMENT)
    assert quarantine(town.load(days, ATTENDANCE)) == []


def test_row_out_of_scope_in_any_case_is_not_undecided(town: Town) -> None:
    town.agree(in_effect(["element: attendance_day.*"], population=SIXTH, records="{from: 2024-09-01}"))
    file = "Student ID,Entry,Exit,Grade\n1,2023-08-15,2024-06-15,\n"
    assert town.load(file, ENROLLMENT).tables == {"school_enrollment": Counts(read=1, out_of_scope=1)}


def test_missing_status_is_not_undecided(town: Town) -> None:
    """A row of another status says nothing of foster care, and its student is not one whose scope cannot be judged."""
    foster = "[{when: ever, where: \"foster_care_status = 'Yes'\", on: person_status}]"
    town.agree(
        in_effect(
            ["element: person.first_name", "element: person_status.foster_care_status"], population=foster
        )
    )
    mapped = """
throughway: crosswalk/1
tables:
  person: {key: [ID], columns: {first_name: {from: First}}}
  person_status: {key: [ID], person: ID, columns: {foster_care_status: {from: Foster}, english_learner_status: {from: EL}}}
"""
    loaded = town.load("ID,First,Foster,EL\n1,Ann,Yes,\n2,Bo,,Yes\n", mapped)
    assert loaded.tables["person"] == Counts(read=2, landed=1, out_of_scope=1)
    assert loaded.tables["person_status"].cannot_tell == 0


def test_load_of_only_undecided_rows_explains_itself(town: Town) -> None:
    town.agree(in_effect(["element: attendance_day.*"], population=SIXTH))
    loaded = town.load(GRADELESS.replace(",07\n", ",\n").replace(",05\n", ",\n"), ENROLLMENT)
    assert loaded.tables == {"school_enrollment": Counts(read=4, cannot_tell=4)}
    assert loaded.nothing is not None
    assert "4 records lacked a value that decides whether an agreement covers them" in loaded.nothing.message
