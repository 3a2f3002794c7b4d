"""A group that keeps no list of its own: its leader marks who is there on a phone, and notes a child who is not on the list."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from throughway.casework.sessions.actions import note_walk_in, save_roster
from throughway.casework.sessions.mark import Mark, SentMark
from throughway.casework.typed_entries.actions import new_entry_id
from throughway.core.prose import counted
from throughway.demo.loading import load_one
from throughway.demo.partners import BRIGHT, GROUP_LEADER, Say
from throughway.gate.actions import enter
from throughway.partners.selectors import actor

CIRCLE, NAME = f"{BRIGHT}/reading-circle", "Reading Circle"
PLACES = 25
SLASHED = "%m/%d/%Y"
ADULTS = ("Maria", "James", "Rosa", "David", "Linda", "Samuel", "Ana", "Peter")
PURPOSE = "groups"


def meet(folder: Path, today: date, say: Say) -> None:
    """Enrolls the first participants, and saves the roster of the day before today; today's is left to the visitor."""
    feeds = folder / "feeds" / BRIGHT
    children = _children(feeds)
    _write(feeds / "reading-circle.csv", _enrollments(children, today - timedelta(days=60)))
    _write(feeds / "reading-circle-program.csv", [_program(len(children))], above=2)
    load_one(folder, BRIGHT, "reading-circle-program.csv", "csv", "programs.yaml", say)
    load_one(folder, BRIGHT, "reading-circle.csv", "csv", "bright-futures-circle.yaml", say)
    leader, yesterday = actor(GROUP_LEADER), today - timedelta(days=1)
    access = enter(actor=leader, purpose=PURPOSE)
    listed = access.group(CIRCLE, {"person": "SELECT DISTINCT person_id FROM person"}).tables["person"]
    persons = sorted(int(person) for person in listed["person_id"].to_pylist())
    saved = save_roster(
        program=CIRCLE,
        on=yesterday,
        sent={person: SentMark(_mark(place), 0) for place, person in enumerate(persons)},
        purpose=PURPOSE,
        by=leader,
    )
    first = children[PLACES % len(children)]
    note_walk_in(
        entry=new_entry_id(), program=CIRCLE, on=yesterday, name=first["First Name"], purpose=PURPOSE, by=leader
    )  # fmt: skip
    say(
        f"  {NAME} has {counted(len(persons), 'child', 'children')}. {saved.sentence} One child was not on the list"
    )


def _mark(place: int) -> Mark:
    return Mark.ABSENT if place == 3 else Mark.LATE if place == 7 else Mark.PRESENT


def _children(feeds: Path) -> list[dict[str, str]]:
    """Participants by their key, those who are enrolled in some program now first; one more than there are places."""
    with (feeds / "enrollments.csv").open(encoding="utf-8", newline="") as file:
        enrolled = {row["Participant ID"] for row in csv.DictReader(file) if row["Status"] == "Enrolled"}
    with (feeds / "participants.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["Participant ID"] not in enrolled, row["Participant ID"]))  # fmt: skip
    return rows[: PLACES + 1]


def _enrollments(children: Sequence[Mapping[str, str]], since: date) -> list[dict[str, str]]:
    return [
        {
            "Enrollment": f"RC-{place:02}", "Participant ID": child["Participant ID"], "Program": CIRCLE,
            "Since": since.strftime(SLASHED), "Adult ID": f"A-{place:02}", "Adult First": ADULTS[place % len(ADULTS)],
            "Adult Last": child["Last Name"], "Adult Is": "father" if place % 2 else "mother",
            "Custody": "N" if place == 5 else "Y", "Court Order": "See the order of the family court" if place == 9 else "",
            "Adult Phone": child["Parent Phone"],
        }
        for place, child in enumerate(children[:PLACES])
    ]  # fmt: skip


def _program(places: int) -> dict[str, str]:
    return {
        "Partner": BRIGHT, "Program": CIRCLE.partition("/")[2], "Program Name": NAME, "Provider": "elm-street",
        "Provider Name": "Elm Street Library Friends", "Category": "Homework and tutoring", "Places": str(places), "Open Places": "0",
        "Cost per Place ($)": "90", "Staff Hrs/Wk": "4", "Funding This Year ($)": "2200", "Min Age": "7", "Max Age": "14",
        "Who May Come": "Grades 2 to 8",
    }  # fmt: skip


def _write(path: Path, rows: Sequence[Mapping[str, str]], above: int = 0) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{NAME}\n" * above)
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
