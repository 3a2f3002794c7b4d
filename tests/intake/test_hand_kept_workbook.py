"""A workbook kept by hand: a tab for each month, names only, a column for each day, a mark where somebody came, and lines of totals."""

import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import in_effect
from throughway.core.refusals import Refused
from throughway.intake.contract import TableNeed
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.inspection.crosswalk_draft import draft
from throughway.intake.inspection.crosswalk_questions import answered, of_state, questions, state_of, unusable
from throughway.intake.inspection.inspection import FileInspection, inspect
from throughway.intake.load_report import Counts
from throughway.intake.said_dates import formats_of, is_day, said_month, said_year
from throughway.intake.selectors import needs_of
from throughway.partners import OPERATOR

MONTHS = ("September", "October", "November", "December", "January", "February", "March", "April", "May")
NAMES = [(first, last) for last in ("Alder", "Birch", "Cedar", "Dale", "Elm") for first in ("Ana", "Ben", "Cleo", "Dmitri", "Eva", "Finn")]  # fmt: skip
Shown = Callable[[date], object]


def month_day(day: date) -> object:
    return f"{day.month}/{day.day}"


def came(child: int, day: date) -> bool:
    return (child * 7 + day.toordinal() * 3) % 5 < 3


def days_of(place: int, year: int = 2024) -> list[date]:
    """The Mondays and Wednesdays of a month of the school year that begins in that year, by its place in MONTHS."""
    month = (place + 8) % 12 + 1
    first = date(year + (month < 7), month, 1)
    return [d for d in (first + timedelta(n) for n in range(28)) if d.weekday() in (0, 2)]


def workbook(
    folder: Path, shown: Shown = month_day, *, title: str = "Riverside Club, {month}", tab: str = "{month}"
) -> Path:
    book = openpyxl.Workbook(write_only=True)
    for place, month in enumerate(MONTHS):
        year = 2024 + (place > 3)
        sheet = book.create_sheet(tab.format(month=month, year=year))
        if place != 2:  # one tab has no blank line, so its headings are higher
            sheet.append([title.format(month=month, year=year)])
        sheet.append([])
        days = days_of(place)
        sheet.append(["First Name", "Last Name", *map(shown, days), "Total"])
        for child, name in enumerate(NAMES):
            marks = ["X" if came(child, day) else None for day in days]
            sheet.append([*name, *marks, sum(map(bool, marks))])
        sheet.append(["Total", None, *(sum(came(c, d) for c in range(len(NAMES))) for d in days)])
    legend = book.create_sheet("Legend")
    legend.append(["Mark", "Meaning"])
    legend.append(["X", "came"])
    path = folder / "club.xlsx"
    book.save(path)
    return path


def looked_at(path: Path, folder: Path, needed: Mapping[str, TableNeed] | None = None) -> FileInspection:
    into = folder / f"into-{len(list(folder.iterdir()))}"
    into.mkdir()
    return inspect(path, into=into, needs=needed)


def need(town: Town) -> Mapping[str, TableNeed]:
    lines = ["element: person.*", "element: attendance_day.*"]
    town.agree(in_effect(lines))
    return needs_of("school", by=OPERATOR)


SAME: Sequence[tuple[Shown, str, str]] = (
    (month_day, "Riverside Club, {month}", "{month}"),
    (lambda day: day, "Riverside Club, {month}", "{month}"),
    (lambda day: day.day, "Riverside Club, {month} {year}", "{month}"),
    (lambda day: day.day, "Riverside Club", "{month} {year}"),
    (lambda day: f"{day:%a} {day.month}/{day.day}", "Riverside Club, 2024-25", "{month}"),
    (lambda day: f"{day:%b} {day.day}", "Riverside Club", "{month} {year}"),
)


# By title, tab and whether the headings are whole days: the year that is proposed; nothing is asked where the tabs or the days tell it.
YEAR_ASKED = {
    ("Riverside Club, {month}", "{month}", False): [""],
    ("Riverside Club, {month}", "{month}", True): [],
    ("Riverside Club, {month} {year}", "{month}", False): ["2025"],
    ("Riverside Club", "{month} {year}", False): [],
    ("Riverside Club, 2024-25", "{month}", False): ["2025"],
}


@pytest.mark.parametrize(("shown", "title", "tab"), SAME)
def test_all_tabs_are_one_load(town: Town, tmp_path: Path, shown: Shown, title: str, tab: str) -> None:
    """Whatever way the days are written: each mark is a day of a child, and no line of a tab is set aside but the totals."""
    needed = need(town)
    path = workbook(tmp_path, shown, title=title, tab=tab)
    found = looked_at(path, tmp_path, needed)
    assert found.drafted is not None
    asked = questions(found.drafted, needed)
    assert [(q.asks, q.usual) for q in asked if q.name != "year"] == [
        ("What does the code X mean?", "Present")
    ]
    assert [q.usual for q in asked if q.name == "year"] == YEAR_ASKED[
        (title, tab, shown(date(2024, 9, 2)) == date(2024, 9, 2))
    ]
    # The file of a form goes to the browser and back.
    of = of_state(state_of(found.drafted))
    assert questions(of, needed) == asked
    answers = {q.name: q.usual or "2025" for q in asked}
    year = next((int(answers[q.name]) for q in asked if q.name == "year"), None)
    loaded = town.load(path, draft(answered(of, asked, answers)), format="xlsx", school_year=year)
    marks = {(name, day) for place in range(9) for day in days_of(place) for n, name in enumerate(NAMES) if came(n, day)}  # fmt: skip
    assert loaded.tables["attendance_day"].landed == len(marks)
    person = loaded.tables["person"]
    assert (person.landed, person.quarantined) == (len(NAMES), 9)  # a line of totals in each tab
    assert person.read == person.landed + person.unchanged + person.quarantined
    assert loaded.tables["attendance_day"].quarantined == 0
    assert loaded.tables["sheet 10"] == Counts(read=2, not_read=2)
    assert {row["problem"] for row in quarantine(loaded)} == {"a line of totals or a note, not a student"}
    assert {row["file"] for row in quarantine(loaded)} == {f"load 1.xlsx, sheet {n}" for n in range(1, 10)}
    people = {r["record"]: (r["first_name"], r["last_or_surname"]) for r in town.rows("person")}
    stored = town.rows("attendance_day")
    assert {r["attendance_status"] for r in stored} == {"Present"}
    assert {(people[r["person_record"]], r["attendance_event_date"]) for r in stored} == marks


def test_names_alone_say_how_they_link(town: Town, tmp_path: Path) -> None:
    """Nothing is asked about a number, and a wrong key is refused where the agreement does not let the name in."""
    needed = need(town)
    found = looked_at(workbook(tmp_path), tmp_path, needed)
    assert "Names alone load" in found.crosswalk
    assert "mostly a pair that a person decides" in found.crosswalk
    assert found.crosswalk.count("# DOUBT: ") == 1  # what X means
    of = found.drafted
    assert of is not None
    text = found.crosswalk
    assert unusable(of, (), text, needed) == {}
    with pytest.raises(Refused, match="made of the name, and no agreement"):
        unusable(of, (), text, {"attendance_day": needed["attendance_day"]})


def test_one_sheet_by_name_reads_that_sheet_alone(town: Town, tmp_path: Path) -> None:
    needed = need(town)
    path = workbook(tmp_path)
    of = looked_at(path, tmp_path, needed).drafted
    assert of is not None
    one = draft(of).replace("sheets: alike", "sheet: October").replace("map: {}", "map: {X: Present}")
    loaded = town.load(path, one, format="xlsx", school_year=2025)
    stored = {str(r["attendance_event_date"])[:7] for r in town.rows("attendance_day")}
    assert stored == {"2024-10"}
    assert sum(c.not_read for c in loaded.tables.values()) == 8 * (len(NAMES) + 3) - 1 + 2


def test_a_workbook_of_another_layout_is_refused(town: Town, tmp_path: Path) -> None:
    of = looked_at(workbook(tmp_path), tmp_path, need(town)).drafted
    assert of is not None
    book, packed = openpyxl.Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("Camp")
    sheet.append(["First Name", "Last Name", "Allergies"])
    sheet.append(["Ana", "Alder", "nuts"])
    book.save(packed)
    with pytest.raises(Refused, match="has no sheet with the columns that the crosswalk reads"):
        town.load(packed.getvalue(), draft(of), format="xlsx", school_year=2025)
    assert town.rows("person") == []


def test_a_source_is_of_one_sheet_or_of_those_alike() -> None:
    with pytest.raises(Refused, match="`sheet` or `sheets: alike`, not both"):
        Crosswalk.read(
            "throughway: crosswalk/1\nsource: {format: xlsx, sheet: May, sheets: alike}\ntables: {person: {key: [ID]}}\n"
        )


def test_sheets_of_other_columns_are_not_alike(tmp_path: Path) -> None:
    """Sheets of one partner's students and of its staff are two layouts."""
    book = openpyxl.Workbook(write_only=True)
    for title, more in (("Students", "Grade"), ("Days", "Date")):
        sheet = book.create_sheet(title)
        sheet.append(["Student ID", "First Name", "Last Name", more])
        for n in range(30):
            sheet.append(
                [f"S{n + 100}", *NAMES[n], n % 12 + 1 if more == "Grade" else f"9/{n % 20 + 1}/2024"]
            )
    book.save(tmp_path / "two.xlsx")
    found = looked_at(tmp_path / "two.xlsx", tmp_path)
    assert "sheets: alike" not in found.crosswalk
    assert "has 2 tables: this one is for" in found.notes[0]


@pytest.mark.parametrize(
    ("title", "month", "year"),
    [
        ("September", 9, None), ("Sept 2025", 9, 2026), ("sep-2025", 9, 2026), ("January 2026", 1, 2026), ("June 2026", 6, 2026),
        ("July 2025", 7, 2026), ("2025-26", None, 2026), ("SY 2025-2026", None, 2026), ("2025-27", None, None), ("2025", None, None),
        ("Sep and Oct 2025", None, None), ("Marching band", None, None), ("Maya", None, None), ("Enero 2026", 1, 2026), ("", None, None),
        ("March 2025 and 2026", 3, None),
    ],
)  # fmt: skip
def test_what_a_title_says(title: str, month: int | None, year: int | None) -> None:
    assert (said_month(title), said_year(title)) == (month, year)


@given(st.dates(date(2000, 1, 1), date(2068, 12, 31)), st.sampled_from(["%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%a %m/%d/%y", "%A, %m-%d-%Y", "%b %d %Y", "%B %d, %Y", "%d-%b-%y", "%d %B %Y"]))  # fmt: skip
def test_a_heading_is_read_as_the_day_that_it_was_written_of(day: date, form: str) -> None:
    """Against the standard library, which wrote it."""
    heading = day.strftime(form)
    assert is_day(heading)
    read = set()
    # Another heading tells which comes first.
    for found in formats_of([heading, date(day.year, 12, 31).strftime(form)]):
        with suppress(ValueError):
            read.add(datetime.strptime(heading, found).date())
    assert read == {day}
