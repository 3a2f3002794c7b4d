"""Columns as text, delimited files and workbooks out of them, and visits spread over days, weeks and months."""

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.demo import column_files as text
from throughway.demo.enrollment import school_days
from throughway.demo.feeds.afterschool import as_said
from throughway.demo.feeds.participation import came, months, program_days, spread, weeks
from throughway.demo.programs import Participation

NAT = np.datetime64("NaT", "D")
cells = st.text(st.sampled_from('ab",;|\n\r &<>é'), max_size=6)


@pytest.fixture
def stays() -> Participation:
    """A stay that has ended, one that lasts, and one of a single day without visits."""
    return Participation(
        student=np.array([4, 7, 9]),
        program=np.array([2, 2, 2]),
        year=np.array([2025, 2025, 2025]),
        start=np.array(["2024-09-30", "2025-01-06", "2025-02-03"], dtype="datetime64[D]"),
        end=np.array(["2025-01-17", "NaT", "2025-02-03"], dtype="datetime64[D]"),
        exit=np.array(["completed", "", "left"]),
        sessions=np.array([11, 200, 0]),
    )


UNTIL = np.datetime64("2025-03-31")


@given(rows=st.lists(st.tuples(cells, cells), max_size=5), delimiter=st.sampled_from(",;|"))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str
) -> None:
    path = tmp_path_factory.mktemp("text") / "file.csv"
    columns = {
        name: np.array([row[n] for row in rows], dtype="U8") for n, name in enumerate(("one", "t, wo"))
    }
    text.write_csv(path, columns, delimiter=delimiter, above=["a title"], end="\r\n")
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file, delimiter=delimiter)) == [
            ["a title"],
            ["one", "t, wo"],
            *map(list, rows),
        ]


def test_encodings_and_lines_around_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for encoding in ("cp1252", "utf-8-sig"):
        text.write_csv(path, {"é": np.array(["ñ", "x"])}, above=["ü"], below=[","], encoding=encoding)
        assert path.read_bytes() == "ü\né\nñ\nx\n,\n".encode(encoding)


@pytest.mark.parametrize(
    ("form", "said"),
    [(text.SLASHED, "9/4/2024"), (text.SHORT, "9/4/24"), (text.NAMED, "04-Sep-2024"), (text.ISO, "2024-09-04"),
     (text.PACKED, "20240904"), (text.MONTH_FIRST, "09042024")],
)  # fmt: skip
def test_days_in_each_partners_format(form: str, said: str) -> None:
    days = np.array(["2024-09-04", "NaT"], dtype="datetime64[D]")
    assert text.days(days, form).to_pylist() == [said, None]
    assert text.of_iso(np.array(["", "2024-09-04"]), form).to_pylist() == [None, said]


def test_named_blanked_and_replaced_columns() -> None:
    assert text.named(["a", None, "c"], np.array([2, 1, -1])).to_pylist() == ["c", None, None]
    assert text.blank(np.array(["a", "b"]), np.array([True, False])).to_pylist() == [None, "b"]
    assert text.replaced(pa.array(["a", "b"]), 1, None).to_pylist() == ["a", None]
    assert text.place(np.array(["b", "a"]), ["a", "b"]).tolist() == [1, 0]
    assert text.numbered("S", 2).to_pylist() == ["S00001", "S00002"]


def test_visits_match_the_stay(stays: Participation) -> None:
    days = program_days(2025, "Mon Wed")
    assert set(days) < set(school_days(2025))
    lasts, there = came(days, stays, UNTIL, np.random.default_rng(1))
    last = np.array(["2025-01-17", "2025-03-31", "2025-02-03"], dtype="datetime64[D]")
    assert (lasts == ((days >= stays.start[:, None]) & (days <= last[:, None]))).all()
    assert not (there & ~lasts).any()
    assert there.sum(axis=1).tolist() == [11, lasts[1].sum(), 0]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=6))
def test_total_is_spread_evenly(parts: list[tuple[int, int]]) -> None:
    total, over = (
        (np.array(column, dtype=np.int64) for column in zip(*parts, strict=True))
        if parts
        else [np.zeros(0, int)] * 2
    )
    row, share = spread(total, over)
    for n, (each, many) in enumerate(parts):
        held = share[row == n]
        assert held.sum() == each
        assert len(held) == many
        assert held.max() - held.min() <= 1


def test_weeks_end_on_saturdays(stays: Participation) -> None:
    row, ending, visits = weeks(stays, UNTIL)
    assert np.bincount(row, visits).tolist() == [11, 200]
    assert {day.weekday() for day in ending.tolist()} == {5}
    assert ending[row == 0].min() >= np.datetime64("2024-10-05")
    assert ending[row == 0].max() <= np.datetime64("2025-01-18")
    assert (visits > 0).all()


def test_hours_and_minutes_are_one_duration() -> None:
    minutes = np.arange(5, 600, 5)
    hours, rest = (np.array(part.fill_null(0)) for part in as_said(minutes, np.random.default_rng(1)))
    assert (60 * hours + rest == minutes).all()
    assert (rest > 59).any()  # minutes alone, as some write them


def test_visits_by_month(stays: Participation) -> None:
    row, first, last, visits = months(stays, UNTIL)
    assert np.bincount(row, visits, 3).tolist() == [11, 200, 0]
    assert [str(day) for day in first[row == 0]] == [
        "2024-09-01",
        "2024-10-01",
        "2024-11-01",
        "2024-12-01",
        "2025-01-01",
    ]
    assert [str(day) for day in last[row == 1]] == ["2025-01-31", "2025-02-28", "2025-03-31"]
    assert NAT not in first
