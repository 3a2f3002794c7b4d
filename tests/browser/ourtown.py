"""A small community whose agreements are still to be made: two districts, a program, a backbone, and the people who act."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.agreements.documents import MOU
from tests.browser.conftest import Site, environment, served

PASSPHRASE = "four words that fit"
PARTNERS = {
    "oak-schools": ("Oak Schools", "lea"),
    "elm-schools": ("Elm Schools", "lea"),
    "after-school": ("After School", "cbo"),
    "our-town": ("Our Town Together", "backbone"),
}
PEOPLE = {
    "privacy@oak.example": ("oak-schools", "privacy_officer"),
    "lead@oak.example": ("oak-schools", "leader"),
    "steward@oak.example": ("oak-schools", "data_steward"),
    "director@after.example": ("after-school", "leader"),
    "worker@after.example": ("after-school", "case_worker"),
    "lead@elm.example": ("elm-schools", "leader"),
    "lead@our-town.example": ("our-town", "leader"),
    "steward@our-town.example": ("our-town", "data_steward"),
}
# What Oak keeps: without guardians, which the template asks for, and with grades, which it does not.
SYSTEMS = """
systems:
  - partner: oak-schools
    name: Student information system
    owner: Office of technology
    steward: Registrar
    regime: ferpa
    refresh: daily
    holdings: [person.*, person_contact.*, school_enrollment.*, attendance_day.*, calendar_day.*, course_grade.*]
"""
CROSSWALK = """
throughway: crosswalk/1
source: {format: csv}
tables:
  person:
    key: [Student ID]
    columns:
      first_name: {from: First, required: true}
      last_or_surname: {from: Last, required: true}
      birthdate: {from: DOB, date: ["%Y-%m-%d"]}
  attendance_day:
    key: [Student ID, Date]
    person: Student ID
    columns:
      attendance_event_date: {from: Date, date: ["%Y-%m-%d"], required: true}
      attendance_event_type: {value: DailyAttendance}
      attendance_status: {from: Status, map: {P: Present, A: UnexcusedAbsence}}
"""
STUDENTS = {"101": ("Ada", "Alder"), "102": ("Ben", "Birch"), "103": ("Cora", "Cedar")}

# Commands, each as its words, in one process: to start one takes longer than what it does here.
MANY = """
import json, sys
from throughway.cli import main
for words in json.load(sys.stdin):
    try:
        main(args=words)
    except SystemExit as ended:
        if ended.code:
            raise
"""


def told(folder: Path, *commands: tuple[str, ...]) -> str:
    """What the commands say, run one after the other in the folder."""
    known = {**environment(), "THROUGHWAY_COMMUNITY": str(folder), "THROUGHWAY_PASSWORD": PASSPHRASE}
    done = subprocess.run(
        [sys.executable, "-c", MANY], input=json.dumps(commands), env=known, capture_output=True, text=True, timeout=120
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def made(folder: Path) -> Path:
    """The community, before any agreement, with the files that its people have at hand."""
    root = folder / "ourtown"
    told(folder, ("init", str(root), "--name", "Our Town"))
    (root / "systems.yaml").write_text(SYSTEMS)
    (root / "crosswalks" / "oak.yaml").write_text(CROSSWALK)
    days = [date.today() - timedelta(days=n) for n in range(1, 6)]
    lines(root / "feeds" / "oak.csv", ["Student ID", "First", "Last", "DOB", "Date", "Status"],
          *([key, *name, "2012-03-04", day, "PA"[(n + int(key)) % 2]] for key, name in STUDENTS.items() for n, day in enumerate(days)))  # fmt: skip
    lines(root / "caseloads.csv", ["email", "partner", "record_key", "from", "to"],
          *(["worker@after.example", "oak-schools", key, days[-1], ""] for key in ("101", "102")))  # fmt: skip
    told(
        root,
        *(("partner", "add", id, "--name", name, "--kind", kind) for id, (name, kind) in PARTNERS.items()),
        *(("user", "add", email, "--partner", partner, "--role", role) for email, (partner, role) in PEOPLE.items()),
        ("system", "add", str(root / "systems.yaml")),
        ("training", "record", "worker@after.example", "ferpa-basics", "--on", str(days[-1])),
        ("governance", "body", "add", "oak-board", "--name", "Board of Oak Schools", "--kind", "board", "--rule", "majority",
         "--quorum", "2", "--partner", "oak-schools"),
        ("governance", "body", "add", "council", "--name", "Data council", "--kind", "council", "--rule", "unanimous", "--quorum", "2"),
    )  # fmt: skip
    return root


def lines(path: Path, *rows: list[Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


@contextmanager
def ourtown(folder: Path) -> Iterator[Site]:
    """The community, served."""
    root = made(folder)
    with served(folder, "serve", "--community", str(root)) as document:
        yield Site(document["address"], root, {}, dict.fromkeys(PEOPLE, PASSPHRASE))


def offered(site: Site, id: str, title: str, *more: tuple[str, ...]) -> None:
    """A memorandum of the district, the program and the backbone in negotiation, with what else is done to it."""
    parties = [
        {"partner": partner, "signatory": {"title": "Director", "authority": "Bylaws"}}
        for partner in ("oak-schools", "after-school", "our-town")
    ]
    paper = site.folder / f"{id}.json"
    paper.write_text(json.dumps({**MOU, "id": id, "title": title, "parties": parties}))
    own = ("--as", "privacy@oak.example")
    told(
        site.folder,
        ("agreement", "add", str(paper), *own),
        ("agreement", "submit", id, *own),
        ("agreement", "offer", id, *own),
        *more,
    )
