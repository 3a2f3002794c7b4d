"""A question of the community's own, from its file to a release that waits for its review, in Riverbend.

Each figure, before protection and as published, is counted again from the granted rows, in plain Python.
"""

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from string import Template
from typing import Any

import openpyxl
import pytest

from tests.demo.conftest import Riverbend
from tests.town import Fresh, Town
from throughway.publication.previews import STEPS
from throughway.publication.shown_figures import range_ends
from throughway.publication.verify_release import verify
from throughway.vocabulary.school_calendar import school_year_of

QUESTIONS = Path(__file__).parent / "questions"
HELP = QUESTIONS / "help_by_race.sql"
LAST = school_year_of(date.today()) - 1  # the school year that has ended, by the year of its end
PURPOSE = ("--purpose", "community-report")
Figures = dict[tuple[str, frozenset[tuple[str, str]]], Any]


@pytest.fixture(scope="module")
def town(
    riverbend: Riverbend, tmp_path_factory: pytest.TempPathFactory, own_database: Fresh
) -> Iterator[Town]:
    """A copy of Riverbend, so that its registry stays as the demo left it."""
    root = tmp_path_factory.mktemp("questions") / "riverbend"
    shutil.copytree(riverbend.folder, root)
    with own_database(like=riverbend.town.database) as database:
        yield Town(root, database)


@pytest.fixture
def untouched(riverbend: Riverbend, tmp_path: Path, own_database: Fresh) -> Iterator[Town]:
    """Another copy, in which no question has been asked."""
    shutil.copytree(riverbend.folder, tmp_path / "riverbend")
    with own_database(like=riverbend.town.database) as database:
        yield Town(tmp_path / "riverbend", database)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A question of the school year that has ended, whatever the day."""
    sql = (QUESTIONS / "absent_club_members.sql").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("asked") / "absent_club_members.sql"
    path.write_text(Template(sql).substitute(last=LAST, before=LAST - 1), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def steward(riverbend: Riverbend) -> tuple[str, str]:
    return ("--as", riverbend.who("data_steward"))


@pytest.fixture(scope="module")
def rows(town: Town, riverbend: Riverbend, asked: Path) -> Any:
    return town.module("tests.demo.question_rows", riverbend.who("data_steward"), str(asked))


@pytest.fixture(scope="module")
def absent(town: Town, steward: tuple[str, str], asked: Path) -> Any:
    return town.ask("report", asked, *PURPOSE, *steward)


def figures(document: Any) -> Figures:
    return {
        (c["statistic"], frozenset(c["at"].items())): c["shown"]
        for t in document["tables"]
        for c in t["cells"]
    }


def held_against(found: Figures, counted: Figures) -> int:
    """How many figures are shown; each is as it was counted again, or a range around it."""
    shown = {key: value for key, value in found.items() if value is not None}
    for key, value in shown.items():
        low, high = range_ends(value) or (value, value)
        assert low <= counted[key] <= high, key
    return len(shown)


def test_a_question_becomes_a_release_that_waits_for_its_review(town: Town, absent: Any, asked: Path) -> None:
    assert absent["state"] == "waiting"
    assert absent["title"] == "Club members who were chronically absent, by school"
    assert absent["question"]["sha256"] == hashlib.sha256(asked.read_text().strip().encode()).hexdigest()
    stored = town.ask("publish", "show", absent["release"])
    assert stored["tables"] == absent["tables"]
    assert stored["question"]["sql"] == asked.read_text().strip()
    assert absent["release"] in [r["id"] for r in town.ask("publish", "list")["releases"]]


def test_every_release_of_riverbend_is_verified(town: Town, absent: Any) -> None:
    for release in town.ask("publish", "list")["releases"]:
        found = town.ask("publish", "verify", release["id"])
        assert found["ok"]
        assert found["problems"] == []
        assert {"release", "withheld", "tables", "minimum_cell", "sha256", "own_rules"} <= set(found)
        document = town.ask("publish", "show", release["id"])
        assert verify([document])["problems"] == []
        assert document["determination"]["by"]


def test_chronically_absent_club_members_are_counted_again(rows: Any, absent: Any) -> None:
    members = {r["person_id"] for r in rows["participation"] if r["first"] and r["first"] <= f"{LAST}-05-31"}
    names = {o["organization_id"]: o["name"] for o in rows["organization"]}
    school: dict[int, str] = {}
    for spell in sorted(
        (r for r in rows["enrollment"] if r["school_year"] == str(LAST)), key=lambda r: r["first"]
    ):
        school[spell["person_id"]] = names[spell["organization_id"]]
    missed = Counter(
        person
        for person, _ in {
            (r["person_id"], r["day"]) for r in rows["attendance"]
            if r["status"] in ("ExcusedAbsence", "UnexcusedAbsence") and f"{LAST - 1}-08-01" <= r["day"] <= f"{LAST}-06-30"
        }
    )  # fmt: skip
    counted: Figures = {}
    for at in ({}, *({"school": name} for name in {school[p] for p in members & school.keys()})):
        those = [p for p in members & school.keys() if at in ({}, {"school": school[p]})]
        yes = sum(missed[p] >= 18 for p in those)
        answer = {"Yes": yes, "No": len(those) - yes}
        counted["students", frozenset(at.items())] = len(those)
        for word, number in answer.items():
            counted["students", frozenset((at | {"chronically_absent": word}).items())] = number
        counted["rate", frozenset(at.items())] = (200 * yes + len(those)) // (2 * len(those))
    assert len(members - school.keys()) > 0  # members whom the JOIN leaves out, as the release says
    only = (
        "Only students with a record of “club” and “school” are counted: a JOIN leaves out whoever lacks one"
    )
    assert any(note.startswith(only) for note in absent["question"]["notes"])
    found = figures(absent)
    assert found.keys() == counted.keys()
    # In a town this small every school is: with their sizes known to readers, the total alone is shown.
    assert held_against(found, counted) >= 1
    unprotected = {("students", frozenset(c["at"].items())): c["count"] for c in rows["before protection"]}
    assert unprotected == {key: n for key, n in counted.items() if key[0] == "students"}
    assert not [key for key, n in counted.items() if key[0] == "students" and n < 10 and found[key] == n]


def test_minutes_of_help_are_counted_again(untouched: Town, steward: tuple[str, str], rows: Any) -> None:
    made = untouched.ask("report", HELP, *PURPOSE, *steward)
    minutes: Counter[int] = Counter()
    for r in rows["service"]:
        minutes[r["person_id"]] += r["minutes"] or 0
    races: dict[int, set[str]] = {}
    for r in rows["race"]:
        races.setdefault(r["person_id"], set()).add(r["race"] or "Not recorded")
    groups: dict[str, list[float]] = {}
    for person, mine in minutes.items():
        for race in races.get(person, {"Not recorded"}):
            groups.setdefault(race, []).append(mine)
    found = figures(made)
    shared = any(len(each) > 1 for each in races.values())
    assert (("students", frozenset()) in found) is not shared  # no total over groups that share students
    largest = max(minutes.values())
    for race, each in groups.items():
        shown = found["students", frozenset({("race", race)})]
        if shown is not None:
            low, high = range_ends(shown) or (shown, shown)
            assert low <= len(each) <= high
        amount = found["sum", frozenset({("race", race)})]
        if amount is not None:
            assert shown is not None
            assert abs(amount - sum(each)) <= 2.6 * largest / 2
    assert any(value for (statistic, _), value in found.items() if statistic == "sum")
    assert any("p-percent rule" in note for note in made["question"]["notes"])
    twice = "minutes is summed after a JOIN: where a student has several records of “r”"
    assert any(note.startswith(twice) for note in made["question"]["notes"]), shared


def test_a_preview_shows_no_figure_and_publishes_nothing(
    untouched: Town, steward: tuple[str, str], asked: Path
) -> None:
    before = untouched.ask("publish", "list")
    found = untouched.ask("report", asked, *PURPOSE, *steward, "--title", "Another", "--preview")
    assert untouched.ask("publish", "list") == before
    assert found["title"] == "Another"
    assert (found["tables"], found["pools"]) == ([], None)
    assert found["shown"] in (0, *STEPS)
    assert "figures" in found["told"]
    assert found["public_on"] > found["as_of"]


def test_a_file_holds_the_protected_figures_with_their_source(
    untouched: Town, steward: tuple[str, str], tmp_path: Path, asked: Path
) -> None:
    path = tmp_path / "figures.xlsx"
    made = untouched.ask("report", asked, *PURPOSE, *steward, "--out", path)
    assert made["report"] == str(path)
    book = openpyxl.load_workbook(path)
    about = {row[0]: row[1] for row in book["About"].iter_rows(max_col=2, values_only=True) if row[0]}
    assert about["Release"] == made["release"]
    assert about["SHA-256"] == made["question"]["sha256"]
    shown = [
        row[-2]
        for sheet in book.worksheets[1:]
        for row in sheet.iter_rows(min_row=3, values_only=True)
        if row[-1] == "no"
    ]
    assert shown == [value for value in figures(made).values() if value is not None]


@pytest.mark.parametrize(
    ("sql", "more", "code"),
    [
        ("SELECT sex, count(*) AS n FROM person GROUP BY sex HAVING count(*) > 20", (), "question"),
        ("SELECT person_id AS who, count(*) AS n FROM person GROUP BY 1", (), "question"),
        ("SELECT birthdate AS born, count(DISTINCT person_id) AS n FROM person GROUP BY 1", (), "not_granted"),
        ("SELECT enrollment_entry_date AS first, count(DISTINCT person_id) AS n FROM school_enrollment GROUP BY 1", (), "question"),
        ("SELECT count(DISTINCT person_id) AS n FROM person WHERE sex = 'Nobody'", (), "no_figures"),
        ("SELECT count(DISTINCT person_id) AS n FROM person_contact", (), "not_granted"),
        ("SELECT count(DISTINCT person_id) AS n FROM person", ("--minimum", 3), "minimum"),
        ("SELECT count(DISTINCT person_id) AS n FROM person", ("--out", "figure.docx"), "format"),
        ("SELEC count", (), "sql"),
        ("WITH a AS (SELECT person_id FROM person UNION SELECT calendar_code::bigint FROM calendar_day) SELECT count(DISTINCT person_id) AS n FROM a", (), "no_figures"),
    ],
)  # fmt: skip
def test_what_cannot_be_protected_is_refused_and_nothing_is_published(
    town: Town, steward: tuple[str, str], tmp_path: Path, sql: str, more: tuple[object, ...], code: str
) -> None:
    before = town.ask("publish", "list")
    file = tmp_path / "question.sql"
    file.write_text(sql, encoding="utf-8")
    error = town.told("report", file, *PURPOSE, *steward, *more, exit=1)["error"]
    assert error["code"] == code
    assert town.ask("publish", "list") == before


def test_who_may_not_publish_may_not_ask(town: Town, riverbend: Riverbend, asked: Path) -> None:
    error = town.told("report", asked, *PURPOSE, "--as", riverbend.who("case_worker"), exit=1)["error"]
    assert error["code"] == "not_allowed"
    rows = town.told("report", asked, "--purpose", "evaluation", "--as", riverbend.who("evaluator"), exit=1)
    assert rows["error"]["code"] == "not_aggregate"
    assert town.told("report", asked, *PURPOSE, exit=1)["error"]["code"] == "not_allowed"
    missing = town.told("report", "missing.sql", *PURPOSE, "--as", riverbend.who("data_steward"), exit=1)
    assert missing["error"]["code"] == "file"
