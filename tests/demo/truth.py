"""The lives that a demo simulated, as the folder's `truth/` and the partners' own files tell them."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

DISTRICTS = {"riverbend-schools": "Riverbend Schools", "lakeside-schools": "Lakeside Schools"}
FALLS = "009999-00"
REACHED, LOST, NOT_SEEN = "reached", "lost", "not seen"
Row = Mapping[str, str]


def read(path: Path, **how: Any) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, **how))


def day(text: str) -> date:
    return date.fromisoformat(text)


@dataclass(frozen=True)
class Truth:
    """The lives, as the folder's truth tells them."""

    folder: Path

    @cached_property
    def people(self) -> dict[str, Row]:
        return {row["person"]: row for row in read(self.folder / "truth" / "people.csv")}

    @cached_property
    def stays(self) -> list[dict[str, str]]:
        return read(self.folder / "truth" / "stays.csv")

    @cached_property
    def places(self) -> list[dict[str, str]]:
        return read(self.folder / "truth" / "places.csv")

    @cached_property
    def steps(self) -> dict[tuple[str, int], list[dict[str, str]]]:
        found: dict[tuple[str, int], list[dict[str, str]]] = {}
        for row in read(self.folder / "truth" / "milestones.csv"):
            found.setdefault((row["step"], int(row["class"])), []).append(row)
        return found

    @cached_property
    def records(self) -> dict[tuple[str, str], str]:
        rows = read(self.folder / "truth" / "persons.csv")
        return {(row["partner"], row["record_key"]): row["person"] for row in rows}

    @cached_property
    def unsaid(self) -> set[str]:
        """Those whose records contradict each other on sex: one partner's form lets them not say it."""
        rows = read(self.folder / "feeds" / "bright-futures" / "participants.csv")
        return {
            self.records["bright-futures", r["Participant ID"]]
            for r in rows
            if r["Gender"] == "Prefer not to say"
        }

    @cached_property
    def searched(self) -> dict[str, list[dict[str, str]]]:
        """What the clearinghouse returned of each person."""
        found: dict[str, list[dict[str, str]]] = {}
        for partner in DISTRICTS:
            for row in read(self.folder / "feeds" / partner / "nsc.csv"):
                found.setdefault(self.records[partner, row["Requester Return Field"]], []).append(row)
        return found

    @cached_property
    def report_day(self) -> date:
        """The day of the clearinghouse's report, as the crosswalk states it."""
        paper = yaml.safe_load(
            (self.folder / "crosswalks" / "clearinghouse.yaml").read_text(encoding="utf-8")
        )
        found: date = paper["tables"]["postsecondary_enrollment"]["columns"]["search_end_date"]["value"]
        return found

    def was_searched(self, person: str, first: date, last: date) -> bool:
        """Whether a search of the clearinghouse covers these days."""
        return any(
            r["Search Date"] <= f"{first:%Y%m%d}" and self.report_day >= last
            for r in self.searched.get(person, ())
        )

    def college(self, what: str) -> dict[str, list[date]]:
        """Days of terms or credentials that anybody reports: the clearinghouse of those it found, and Falls College of its own."""
        found: dict[str, list[date]] = {}
        for row in read(self.folder / "truth" / "college.csv"):
            reported = any(r["Record Found Y/N"] == "Y" for r in self.searched.get(row["person"], ()))
            if row["what"] == what and (reported or row["college"] == FALLS):
                found.setdefault(row["person"], []).append(day(row["day"]))
        return found

    @cached_property
    def at_falls(self) -> dict[str, list[date]]:
        """Terms in the files of Falls College, by person."""
        found: dict[str, list[date]] = {}
        for row in read(self.folder / "truth" / "college.csv"):
            if row["what"] == "term" and row["college"] == FALLS:
                found.setdefault(row["person"], []).append(day(row["day"]))
        return found

    def in_step(self, step: str, klass: int) -> dict[str, str]:
        return {
            r["person"]: REACHED if r["reached"] == "yes" else LOST for r in self.steps.get((step, klass), ())
        }
