"""Figures on the homes of managers and leaders equal those in the partners' own files, recounted here in plain Python."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.demo.conftest import Riverbend, seats_free
from throughway.supports.entry import FEW_WAIT

WAITS = {  # the file in which a partner says who waits: its delimiter, the state, the key, the day of application and how it is written
    "page-by-page": ("enrollments.csv", ",", "State", "waiting", "Reader No", "Sent", "%m/%d/%y"),
    "long-walk-mentors": (
        "matches.csv",
        ";",
        "State",
        "Waiting list",
        "Mentee ID",
        "Referred On",
        "%d-%b-%Y",
    ),
}


def programs(folder: Path) -> Iterator[dict[str, str]]:
    """The rows of every partner's list of programs, below its title and note."""
    for path in sorted((folder / "feeds").glob("*/programs.csv")):
        yield from csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()[2:])


def waiting(folder: Path, partner: str) -> int:
    """Students whose application of the last year waits."""
    file, delimiter, state, word, key, applied, form = WAITS[partner]
    since = date.today() - timedelta(days=365)
    text = (folder / "feeds" / partner / file).read_bytes()
    rows = csv.DictReader(
        text.decode("cp1252" if delimiter == ";" else "utf-8-sig").splitlines(), delimiter=delimiter
    )
    return len(
        {r[key] for r in rows if r[state] == word and datetime.strptime(r[applied], form).date() >= since}
    )


def seats(row: dict[str, str], placed: Mapping[str, int]) -> str:
    free = seats_free(row, placed)
    words = "no seat free" if free == 0 else "one seat free" if free == 1 else f"{free} seats free"
    return f"{words} of {row['Places']}"


def home(riverbend: Riverbend, email: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = riverbend.town.module("tests.demo.homes", email)
    return found


@pytest.mark.parametrize("partner", WAITS)
def test_a_coordinator_reads_seats_and_who_waits_as_the_files_say(
    riverbend: Riverbend, placed: Mapping[str, int], partner: str
) -> None:
    lines = home(riverbend, f"coordinator@{partner}.example")["Our programs"]
    many = waiting(riverbend.folder, partner)
    words = f", {'a few' if many < FEW_WAIT else many} students wait" if many else ""
    for row in programs(riverbend.folder):
        if row["Partner"] == partner:
            (line,) = [each for each in lines if each.startswith(f"{row['Program Name']}:")]
            assert line == f"{row['Program Name']}: {seats(row, placed)}{words}"


def test_a_manager_reads_the_seats_of_each_own_program(
    riverbend: Riverbend, placed: Mapping[str, int]
) -> None:
    lines = home(riverbend, riverbend.who("program_manager"))["Our programs"]
    said = {f"{row['Program Name']}: {seats(row, placed)}" for row in programs(riverbend.folder)}
    named = [
        line
        for line in lines
        if any(line.startswith(f"{row['Program Name']}:") for row in programs(riverbend.folder))
    ]
    assert len(named) > 3
    assert set(named) <= said


def test_a_leader_reads_the_free_seats_of_all_others(riverbend: Riverbend, placed: Mapping[str, int]) -> None:
    """Programs that are in no list are those that somebody entered on the site; the directory's own list says their seats."""
    listed = {
        (row["Partner"], row["Program Name"]): seats_free(row, placed) for row in programs(riverbend.folder)
    }
    directory = [
        each
        for each in riverbend.town.ask("supports", "list")["supports"]
        if not each["closed"] and (each["ends"] or "9999") >= date.today().isoformat()
    ]
    entered = [
        each["seats_open"]
        for each in directory
        if (each["partner"], each["name"]) not in listed and each["seats_open"] is not None
    ]
    (line,) = home(riverbend, riverbend.who("leader"))["Seats and who waits"]
    stated = [listed.get((each["partner"], each["name"]), 0) for each in directory]
    free = sum(stated) + sum(entered)
    assert f"{len(directory)} programs of others: {free} seats free" in line
