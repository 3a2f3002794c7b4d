"""StudentTracker detail: spells, degrees, and the N that never says `not enrolled`."""

from pathlib import Path

import duckdb
import pytest

from tests.intake.papers import faults_of, problems_of, rows_read
from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.nsc import read
from throughway.intake.staging import StagedTables

HEAD = "Your Unique Identifier,Requester Return Field,Record Found Y/N,Search Date,College Code/Branch,College Name,"
HEAD += "Enrollment Begin,Enrollment End,Enrollment Status,Enrollment CIP 1,Graduated?,Graduation Date,Degree Title\n"


def stage(path: Path, into: Path, crosswalk: Crosswalk | None = None) -> StagedTables:
    into.mkdir(exist_ok=True)
    return read(path, into=into, partner="testville", crosswalk=crosswalk, school_year=None)


def report(tmp_path: Path, *lines: str, head: str = HEAD) -> Path:
    path = tmp_path / "report.csv"
    path.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def rows(staged: StagedTables, table: str) -> list[dict[str, object]]:
    found = duckdb.sql(f"SELECT * FROM read_parquet('{staged.tables[table]}') ORDER BY _row")
    names = [column[0] for column in found.description]
    return [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in found.fetchall()]


def test_sample_has_enrollment_degree_and_no_record(samples: Path, tmp_path: Path) -> None:
    staged = stage(samples / "nsc/SYNTHETIC_DETLRPT_SE.csv", tmp_path)
    spell, nothing = rows(staged, "postsecondary_enrollment")
    assert spell["_person"] == "1001"  # without the blank's underscore
    assert (spell["entry_date_into_postsecondary"], spell["enrollment_exit_date"]) == (
        "2021-08-23",
        "2021-12-17",
    )
    assert (spell["postsecondary_enrollment_status"], spell["postsecondary_enrollment_status_source"]) == (
        "01",
        "F",
    )
    assert spell["classification_of_instructional_program_code"] == "24.0102"
    assert (spell["record_found"], spell["search_date"]) == ("true", "2021-06-15")
    assert (nothing["_person"], nothing["record_found"]) == ("1002", "false")
    assert "entry_date_into_postsecondary" not in nothing
    (degree,) = rows(staged, "credential")
    assert (degree["academic_award_date"], degree["academic_award_title"]) == (
        "2023-05-12",
        "ASSOCIATE OF ARTS",
    )
    (college,) = rows(staged, "organization")
    assert college["organization_id"] == spell["organization_id"] == "008083-00"
    assert problems_of(staged) == []
    assert staged.unmapped == ()
    assert "person" not in staged.tables


def test_headings_are_known_in_any_spelling_and_order(tmp_path: Path) -> None:
    names = HEAD.strip().split(",")
    head = (
        ",".join(name.upper().replace(" ", "_").replace("/", "_") for name in reversed(names)) + ",HS_CODE\n"
    )
    cells = ["7_", "", "Y", "20220101", "1", "C", "20210823", "", "H", "", "N", "", ""]
    staged = stage(report(tmp_path, ",".join(reversed(cells)) + ",9", head=head), tmp_path / "into")
    (spell,) = rows(staged, "postsecondary_enrollment")
    assert (spell["_person"], spell["postsecondary_enrollment_status"]) == ("7", "02")
    assert staged.unmapped == ("HS_CODE",)


def test_search_ends_at_stated_day_or_latest_enrollment(tmp_path: Path) -> None:
    lines = (
        "7_,,Y,20250615,1,C,20250823,20261217,F,,N,,",
        "8_,,Y,20250615,1,C,,,,,Y,20260512,BA",
        "9_,,N,20250615,,,,,,,,,",
    )
    staged = stage(report(tmp_path, *lines), tmp_path / "into")
    found = rows(staged, "postsecondary_enrollment")
    assert {(r["search_date"], r["search_end_date"]) for r in found} == {("2025-06-15", "2026-05-12")}
    written = "throughway: crosswalk/1\ntables: {postsecondary_enrollment: {columns: {search_end_date: {value: DAY}}}}"
    stated = stage(
        report(tmp_path, *lines), tmp_path / "stated", Crosswalk.read(written.replace("DAY", "2026-11-15"))
    )
    assert {r["search_end_date"] for r in rows(stated, "postsecondary_enrollment")} == {"2026-11-15"}
    with pytest.raises(Refused, match="not a date"):
        stage(report(tmp_path, *lines), tmp_path / "odd", Crosswalk.read(written.replace("DAY", "soon")))


def test_report_of_nobody_has_no_search_end(tmp_path: Path) -> None:
    staged = stage(report(tmp_path, "9_,,N,20250615,,,,,,,,,"), tmp_path / "into")
    assert "search_end_date" not in rows(staged, "postsecondary_enrollment")[0]


def test_return_field_stands_in_for_a_blank_identifier(tmp_path: Path) -> None:
    staged = stage(report(tmp_path, ",8_,N,20220101,,,,,,,,,"), tmp_path / "into")
    assert rows(staged, "postsecondary_enrollment")[0]["_person"] == "8"


def test_withdrawn_has_no_intensity_and_no_problem(tmp_path: Path) -> None:
    staged = stage(report(tmp_path, "1,,Y,20220101,1,C,20210823,,W,,,,"), tmp_path / "into")
    (spell,) = rows(staged, "postsecondary_enrollment")
    assert "postsecondary_enrollment_status" not in spell
    assert spell["postsecondary_enrollment_status_source"] == "W"
    assert spell["postsecondary_exit_or_withdrawal_type"] == "Withdrawn"
    assert problems_of(staged) == []


def test_bad_rows_and_cells_are_located(tmp_path: Path) -> None:
    path = report(
        tmp_path,
        ",,Y,20220101,1,C,20210823,,F,,,,",
        "1001,,perhaps,20220101,1,C,20210823,,F,,,,",
        "1002,,Y,20220101,1,C,20211323,,Z,12,,,",
    )
    staged = stage(path, tmp_path / "into")
    assert staged.quarantined == {"postsecondary_enrollment": 2}
    assert rows_read(staged, "postsecondary_enrollment") == 3
    (spell,) = rows(staged, "postsecondary_enrollment")
    cells = {fault.column for fault in faults_of(staged, "postsecondary_enrollment", spell)}
    assert (spell["_row"], cells) == (4, {"Enrollment Begin", "Enrollment Status", "Enrollment CIP 1"})
    assert [(p.row, p.scope) for p in problems_of(staged)] == [(2, "row"), (3, "row")]
    assert not any("1001" in f"{p}" or "perhaps" in f"{p}" for p in problems_of(staged))


def test_a_crosswalk_overrides_the_map_of_statuses(tmp_path: Path) -> None:
    crosswalk = Crosswalk.read(
        "throughway: crosswalk/1\nsource: {format: nsc}\ntables:\n  postsecondary_enrollment:\n    columns:\n"
        "      postsecondary_enrollment_status: {from: Enrollment Status, map: {H: '05'}}\n"
    )
    staged = stage(report(tmp_path, "1,,Y,20220101,1,C,20210823,,H,,,,"), tmp_path / "into", crosswalk)
    assert rows(staged, "postsecondary_enrollment")[0]["postsecondary_enrollment_status"] == "05"


@pytest.mark.parametrize(
    "content",
    [b"Student ID,First\n1001,Ada\n", b"", b"\xff\xfe\x00\x01\x00", b"\x89PNG\r\n\x1a\n\x00", b'"1001\n'],
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(content)
    with pytest.raises(Refused) as refused:
        stage(path, tmp_path / "into")
    assert refused.value.code == "nsc"
    assert "1001" not in refused.value.message
    assert refused.value.message.count(". ") == 0


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8-sig"), (";", "cp1252"), ("\t", "utf-16"), (";", "utf-8")]
)
def test_a_report_saved_again_by_a_spreadsheet_reads_the_same(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    cells = [
        "1_",
        "",
        "Y",
        "6/15/2021",
        "8083-00",
        "Peña College",
        "8/23/2021",
        "12/17/2021",
        "F",
        "10101",
        "N",
        "",
        "",
    ]
    path = tmp_path / "report.csv"
    text = "\r\n".join(delimiter.join(row) for row in (HEAD.strip().split(","), cells))
    path.write_bytes(text.encode(encoding))
    (spell,) = rows(stage(path, tmp_path / "into"), "postsecondary_enrollment")
    days = ("search_date", "entry_date_into_postsecondary", "enrollment_exit_date")
    assert [spell[name] for name in days] == ["2021-06-15", "2021-08-23", "2021-12-17"]
    assert spell["classification_of_instructional_program_code"] == "01.0101"
    assert spell["organization_name"] == "Peña College"


def test_an_identifier_that_a_spreadsheet_rounded_is_set_aside(tmp_path: Path) -> None:
    staged = stage(
        report(tmp_path, "1.00123E+11,,Y,20220101,1,C,20210823,,F,,,,", "7_,,N,20220101,,,,,,,,,"),
        tmp_path / "into",
    )
    assert [row["_person"] for row in rows(staged, "postsecondary_enrollment")] == ["7"]
    assert [(p.row, p.column) for p in problems_of(staged)] == [(2, "Your Unique Identifier")]
