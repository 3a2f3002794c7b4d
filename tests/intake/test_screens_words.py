"""What pages of loads show, from plain values: weeks, refused columns, names of files."""

from datetime import date, datetime

import pytest

from tests.intake.papers import in_effect
from throughway.core.spreadsheet import safe
from throughway.intake.load_history import (
    Batch,
    by_week,
    chart_of,
    explain_refused_columns,
    repeated,
    superseded,
)
from throughway.intake.load_report import Counts, ProblemGroup, total
from throughway.intake.models import UploadState
from throughway.intake.views import UPLOAD_TEXT

AGREEMENT = in_effect(["element: person.first_name"]).document


def test_the_sum_of_loads() -> None:
    assert total(
        [
            Counts(read=6, landed=1, quarantined=2, unchanged=3, out_of_scope=0),
            Counts(read=10, landed=1, quarantined=2, unchanged=3, out_of_scope=4),
        ]
    ) == Counts(read=16, landed=2, quarantined=4, unchanged=6, out_of_scope=4)
    assert total([]) == Counts(read=0, landed=0, quarantined=0, unchanged=0, out_of_scope=0)


def load_of(id: str, hour: int, source: str, **counts: Counts) -> Batch:
    at = datetime(2026, 9, 1, hour)
    return Batch(id, "school", "csv", source, at, "x", (), counts, 0, (), None, "")


WRONG = {"person": Counts(read=5, landed=5), "attendance_day": Counts(read=9, quarantined=9)}
GOOD = Counts(read=9, landed=9)


@pytest.mark.parametrize(
    ("later", "is_so"),
    [
        (load_of("b", 2, "load 2.csv", attendance_day=GOOD), True),  # the cured file, under another number
        (load_of("b", 0, "load 2.csv", attendance_day=GOOD), False),  # earlier
        (
            load_of("b", 2, "load 2.csv", attendance_day=Counts(read=2, landed=2)),
            False,
        ),  # another file of the table
        (load_of("b", 2, "load 2.csv", person=Counts(read=99, landed=99)), False),
        (
            load_of("b", 2, "attendance.csv", attendance_day=Counts(read=2, landed=2)),
            True,
        ),  # the same file, shorter
        (
            load_of("b", 2, "load 2.csv", attendance_day=Counts(read=9, quarantined=9)),
            True,
        ),  # the newer one is told
    ],
)
def test_later_load_supersedes_an_incomplete_one(later: Batch, is_so: bool) -> None:
    assert superseded(load_of("a", 1, "attendance.csv", **WRONG), [later]) is is_so
    assert repeated(load_of("a", 1, "attendance.csv", **WRONG), [later]) is (later.source == "attendance.csv")


def test_unread_kinds_need_not_be_loaded_again() -> None:
    sessions = Counts(read=3, not_read=3)
    later = load_of("b", 2, "load 2.csv", attendance_day=GOOD)
    assert superseded(load_of("a", 1, "attendance.csv", **WRONG, Session=sessions), [later])
    alone = load_of("a", 1, "load 1.csv", Session=sessions)
    assert not superseded(alone, [later])
    assert superseded(alone, [load_of("b", 2, "load 2.csv", Session=sessions)])


def test_weeks_begin_on_monday_without_gaps() -> None:
    loads = [
        (date(2026, 9, 6), Counts(read=3, landed=2, quarantined=1, unchanged=0, out_of_scope=0)),
        (date(2026, 8, 20), Counts(read=1, landed=1, quarantined=0, unchanged=0, out_of_scope=0)),
    ]
    weeks = by_week(loads)
    assert [(w.begins, w.landed, w.set_aside) for w in weeks[-3:]] == [
        (date(2026, 8, 17), 1, 0),
        (date(2026, 8, 24), 0, 0),
        (date(2026, 8, 31), 2, 1),
    ]
    assert len(weeks) == 8  # a chart of one bar says little
    assert by_week([]) == []
    assert (
        len(
            by_week(
                [
                    (date(2020, 1, 1), Counts(read=0, landed=0, quarantined=0, unchanged=0, out_of_scope=0)),
                    loads[0],
                ]
            )
        )
        == 26
    )


def test_the_chart_holds_the_numbers_of_the_table() -> None:
    weeks = by_week(
        [(date(2026, 9, 6), Counts(read=3, landed=2, quarantined=1, unchanged=0, out_of_scope=0))]
    )
    values = chart_of(weeks)["data"]["values"]  # type: ignore[index]
    assert sum(row["rows"] for row in values if row["what"] == "loaded") == 2
    assert sum(row["rows"] for row in values if row["what"] == "set aside") == 1


@pytest.mark.parametrize(
    ("name", "partner", "what", "said", "protected"),
    [
        ("person.sex", "school", "Sex, of names, birth date and sex", "schedule of “Attendance and supports”", False),
        ("person.sex", "club", "Sex, of names, birth date and sex", "schedule of “Attendance and supports”", False),
        ("person.sex", "library", "Sex, of names, birth date and sex", "in the schedule of an agreement in which Ours gives records", False),
        ("person_status.homelessness_status", "school", "Homelessness status", "specially protected", True),
        ("Shoe Size", "school", "The column Shoe Size", "Map it in the crosswalk", False),
        ("column 6", "school", "Column 6; its heading was not stored", "Map it in the crosswalk", False),
        ("Gender", "school", "The column Gender", "only for elements that no agreement in effect needs", False),
    ],
)  # fmt: skip
def test_why_a_column_was_not_stored(name: str, partner: str, what: str, said: str, protected: bool) -> None:
    (column,) = explain_refused_columns(
        [name], partner, "Ours", [AGREEMENT], unmapped=["Shoe Size", "column 6"]
    )
    assert column.what.startswith(what)
    assert said in column.why
    assert column.is_protected is protected


@pytest.mark.parametrize(
    ("rows", "count", "where"),
    [
        (("3",), 1, "row 3"),
        (("3", "5"), 2, "rows 3 and 5"),
        (("3", "5", "7", "8", "9"), 2006, "rows 3, 5, 7, 8, 9 and 2,001 more"),
        (("",), 1, "the whole file"),
    ],
)
def test_where_a_problem_stands(rows: tuple[str, ...], count: int, where: str) -> None:
    assert ProblemGroup("f", "c", "p", "c", count, rows).where == where


def test_a_cell_that_a_spreadsheet_would_run_is_escaped() -> None:
    assert [safe(cell) for cell in ("=1", "+1", "-1", "@a", "\ta", "a=1", "")] == [
        "'=1", "'+1", "'-1", "'@a", "'\ta", "a=1", "",
    ]  # fmt: skip


def test_every_state_of_an_upload_has_a_text() -> None:
    assert set(UPLOAD_TEXT) == set(UploadState)
