"""A case worker's list and each student's page say the same, and what a count from the gate's own rows says."""

import csv
import io
import re
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests.demo.conftest import Riverbend
from tests.demo.truth import Truth, read
from throughway.casework.attendance import CLUSTER, RECENT


@pytest.fixture(scope="module")
def told(riverbend: Riverbend) -> Any:
    return riverbend.town.module(
        "tests.demo.list_and_page", riverbend.who("case_worker"), riverbend.who("data_steward")
    )


def person_of(student: dict[str, Any]) -> int:
    return int(student["href"].strip("/").rpartition("/")[2])


def days_of(told: Any) -> dict[int, dict[str, bool]]:
    """Each student's days of school with a mark, and whether each was missed; counted here anew."""
    found: dict[int, dict[str, bool]] = defaultdict(dict)
    for person, day, status, kind, share in told["marks"]:
        if kind in ("DailyAttendance", None):
            absent = status in ("ExcusedAbsence", "UnexcusedAbsence") and (
                share is None or float(share) >= 0.5
            )
            found[person][day] = found[person].get(day, False) or absent
    return found


def test_list_and_page_agree_for_every_student(told: Any) -> None:
    assert len(told["students"]) > 20
    for student in told["students"]:
        page = student["page"]
        assert student["name"] == page["name"]
        assert page["details"].startswith(student["where"])
        assert page["attendance"].startswith(student["attendance"])


NEXT = re.compile(
    r"(?P<title>.*?)(?:, by (?P<due>\d+ \w+ \d{4}))?(?: \S+@\S+)?"
)  # as a line of the list has it


# The steps that the home says of five students by name, and what it says of those beyond.
BEYOND = {
    "Ask the family again before .*": "consent ends soon",
    "Talk with .*": "missed many days lately",
    "Ask .* for an answer": "a referral without an answer",
}


MISSED = re.compile(r"Missed (\d+) days? in the four weeks to (\d+ \w+ \d{4})")


def missed_enough(attendance: str, today: date) -> bool:
    """Whether the line of the list is a reason to talk."""
    said = MISSED.match(attendance)
    if said is None or int(said[1]) < CLUSTER:
        return False
    return (today - datetime.strptime(said[2], "%d %B %Y").date()).days <= RECENT


def test_list_page_home_and_search_say_the_same_next_step(told: Any) -> None:
    today = date.fromisoformat(told["today"])
    waits = [each for each, *_ in told["home"]["steps"]]
    tasks = {(title, href): line for title, href, line in told["home"]["tasks"]}
    kinds, unnamed = set(), defaultdict(list)
    for student in told["students"]:
        page, said = student["page"], NEXT.fullmatch(student["next"])
        assert said is not None
        assert student["search"] == student["next"]
        assert page["next"] == said["title"]
        if said["due"]:
            today_is_due = said["due"] == f"{today.day} {today:%B %Y}"
            assert (page["why"] == "It is due today.") if today_is_due else (said["due"] in page["why"])
        if not said["title"]:
            assert not any(each.startswith(f"{student['name']}: ") for each in waits)
        elif (said["title"], student["href"]) in tasks:
            kinds.add("task")
            line = tasks[said["title"], student["href"]]
            assert "by" not in line or said["due"].rpartition(" ")[0] in line
        elif said["title"].startswith("Ask the family about"):
            kinds.add("ask")
            assert any("ask the family about the school’s records" in each for each in waits)
        else:
            kinds.add(said["title"].split()[0])
            if not any(each.startswith(f"{student['name']}: {said['title']}") for each in waits):
                [kind] = [each for each in BEYOND if re.fullmatch(each, said["title"])]
                unnamed[kind].append(student["name"])
    for kind, names in unnamed.items():  # the home names five students of each kind, and counts the others
        assert sum(re.match(f"[^:]+: {kind}", each) is not None for each in waits) == 5, names
        [line] = [
            found for each in waits if (found := re.match(rf"(\d+) more students?: {BEYOND[kind]}", each))
        ]
        assert int(line[1]) >= len(names), names
    assert {"task", "Go"} <= kinds, "a task and a referral are among them"
    # A family to be asked is too, or comes after another step of its student.
    assert "ask" in kinds or any("ask the family about the school’s records" in each for each in waits)
    for student in told["students"]:  # on some days of the year nobody missed enough
        if missed_enough(student["attendance"], today):
            assert student["next"], "no step comes after missed days but that of a family"
            assert not student["next"].startswith("Ask the family about")
    by_name = {student["name"]: student["href"] for student in told["students"]}
    for title, href, line in told["home"]["tasks"]:
        [name] = [name for name in by_name if by_name[name] == href]
        assert line.startswith(name), title


def test_page_and_supports_recommend_the_same_for_the_same_reasons(told: Any) -> None:
    """What a card says before whom to ask: reasons, what to ask the family, and what to know, such as that nobody there speaks the language."""
    compared, notes = 0, 0
    for student in told["students"]:
        page = student["page"]
        short, full = (
            [re.sub(r" ?(?:Whom to ask: .*|Refer to .*)", "", card) for card in page[which]]
            for which in ("supports", "every_support")
        )
        assert short == full[: len(short)]
        compared += len(short)
        notes += sum("The program says" in card for card in short)
    assert compared > 20
    assert notes


def test_days_missed_equal_the_rows_of_the_gate(told: Any) -> None:
    days, counted, begins = days_of(told), 0, begin_of_year(told)
    for student in told["students"]:
        said = re.match(
            r"(?:Missed (\d+) days?|No absence) in the four weeks to (\d+ \w+ \d{4})", student["attendance"]
        )
        if said is None:
            continue
        to = datetime.strptime(said[2], "%d %B %Y").date()
        window = {str(to - timedelta(days=n)) for n in range(28)}
        missed = sum(was for day, was in days[person_of(student)].items() if day in window)
        assert int(said[1] or 0) == missed, student
        counted += missed
    # In summer no day of the new school year has come in.
    assert counted or not any(day >= begins for of_student in days.values() for day in of_student)


def begin_of_year(told: Any) -> str:
    """The first day of the school year."""
    today = date.fromisoformat(told["today"])
    return f"{today.year if today.month >= 7 else today.year - 1}-07-01"


def lakeside_marks(folder: Path) -> list[tuple[str, date]]:
    """Each mark in Lakeside's own file: the student's key there, and the day."""
    rows = read(folder / "feeds" / "lakeside-schools" / "attendance.csv")
    return [(row["Student"], datetime.strptime(row["Date"], "%m/%d/%Y").date()) for row in rows]


def sent_this_year(truth: Truth, begins: str) -> set[str]:
    """The words of the family names of Lakeside's students with a mark of this school year, in its own files and in those of the case
    worker's organization. (First names are shown as students use them, and of two family names another partner may have one, or
    the name of before.)"""
    marked = {key for key, day in lakeside_marks(truth.folder) if str(day) >= begins}
    persons = {truth.records["lakeside-schools", key] for key in marked}
    feeds = truth.folder / "feeds"
    with ZipFile(feeds / "lakeside-schools" / "oneroster.zip") as bundle:
        users = list(csv.DictReader(io.TextIOWrapper(bundle.open("users.csv"), "utf-8")))
    names = [user["familyName"] for user in users if user["sourcedId"] in marked]
    names += [
        row["Last Name"]
        for row in read(feeds / "bright-futures" / "participants.csv")
        if truth.records["bright-futures", row["Participant ID"]] in persons
    ]
    return {word for name in names for word in re.split(r"[\s-]+", name)}


def test_old_records_are_not_shown_as_current_and_what_is_hidden_is_not_called_unsent(
    told: Any, truth: Truth
) -> None:
    begins = begin_of_year(told)
    spells: dict[int, str] = {}
    for person, entry, _ in told["spells"]:
        spells[person] = max(spells.get(person, ""), entry)
    days, silent, silent_hidden, sent = days_of(told), 0, 0, sent_this_year(truth, begins)
    until = max(day for _, day in lakeside_marks(truth.folder))
    for student in told["students"]:
        person = person_of(student)
        hidden = (
            "Lakeside Schools sent attendance of this year, which you are not shown" in student["attendance"]
        )
        if hidden:
            silent_hidden += 1
            assert sent & {*re.split(r"[\s-]+", student["name"])[1:]}, (
                "what is told as sent is in the partner's own file"
            )
        if spells.get(person, begins) < begins and max(days[person], default="") < begins:
            silent += 1
            assert re.search(r"^Grade \d+ in \d{4}-\d\d|until", student["where"]), student
            last = date.fromisoformat(max(days[person]))
            if not hidden:
                since = f"since {last.day} {last:%B %Y}"
                # Of a partner whose marks go on for 45 days without those of summer, it is not said that it is silent.
                later = (last + timedelta(days=n) for n in range(1, (until - last).days + 1))
                if sum(day.month not in (6, 7, 8) for day in later) > 45:
                    words = f"No attendance {since} that you may see; Lakeside Schools sends it up to {until.day} {until:%B %Y}"
                else:
                    words = f"No attendance from Lakeside Schools {since}"
                assert student["attendance"] == words
            assert not re.search("missed|absence", student["page"]["strengths"], re.IGNORECASE)
    assert silent
    assert bool(silent_hidden) == bool(sent), "in summer nothing of the new school year has come in"


def test_steward_sees_how_many_students_of_which_district_are_not_shown(told: Any, truth: Truth) -> None:
    """At least those of the case worker's list whose records of this year Lakeside sent without a grade: none in summer."""
    lakeside = {
        person_of(s)
        for s in told["students"]
        if s["attendance"].startswith("Lakeside Schools sent attendance")
    }
    counts = re.findall(
        r"Lakeside Schools: (\d+) students have records of this school year that “[^”]+” does not show",
        told["steward"],
    )
    assert bool(lakeside) == bool(sent_this_year(truth, begin_of_year(told)))
    assert max(map(int, counts), default=0) >= len(lakeside)
    assert ("“entry grade level” of these students is empty" in told["steward"]) == bool(counts)


def test_page_shows_every_result_of_the_gate(told: Any) -> None:
    by_person: dict[int, list[Any]] = defaultdict(list)
    for person, *result in told["results"]:
        by_person[person].append(result)
    seen = 0
    for student in told["students"]:
        rows = student["page"]["results"]
        for on, test, level, score in by_person[person_of(student)]:
            day = date.fromisoformat(on)
            seen += 1
            assert any(
                test in row
                and f"{day.day} {day:%B %Y}" in row
                and (level or "") in row
                and (score or "") in row
                for row in rows
            ), (student, test)
        assert len(rows) == len({(on, test) for on, test, *_ in by_person[person_of(student)]})
    assert seen > 20
