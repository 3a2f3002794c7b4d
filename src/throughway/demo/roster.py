"""Which partner holds a record of which student, under which key: the bridge between people and files, and the truth."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from throughway.demo.population import Ints, Population, Text
from throughway.demo.slips import Habits, Written, write_down
from throughway.demo.years import Spells

RIVERBEND, LAKESIDE, BRIGHT = "riverbend-schools", "lakeside-schools", "bright-futures"
DISTRICTS = (RIVERBEND, LAKESIDE)

HABITS = {
    RIVERBEND: Habits(nickname=0.02, typing=0.02, surname_styles=(0.7, 0.2, 0.1, 0.0), birthdate=0.0),
    LAKESIDE: Habits(nickname=0.04, typing=0.02, surname_styles=(0.3, 0.4, 0.3, 0.0), birthdate=0.01),
    BRIGHT: Habits(nickname=0.25, typing=0.05, surname_styles=(0.25, 0.15, 0.5, 0.1), birthdate=0.03),
}


@dataclass(frozen=True)
class Roster:
    """The students that one partner knows, in the order of its own keys."""

    partner: str
    student: Ints  # index into the population
    key: Text
    written: Written

    def keys_of(self, students: Ints) -> Text:
        """The partner's keys of some of its students; all must be known to it."""
        order = np.argsort(self.student)
        return self.key[order[np.searchsorted(self.student[order], students)]]


def enrol(partner: str, students: Ints, people: Population, rng: np.random.Generator) -> Roster:
    """Gives each student a key in no order that could be guessed."""
    number = rng.permutation(len(students))
    prefix, base = {RIVERBEND: ("", 600_000), LAKESIDE: ("L", 40_000), BRIGHT: ("BF-", 1_000)}[partner]
    key = np.array([f"{prefix}{base + n}" for n in number])
    order = np.argsort(number)
    return Roster(
        partner, students[order], key[order], write_down(people, students[order], HABITS[partner], rng)
    )


def rosters(
    people: Population, spells: Spells, participants: Ints, rng: np.random.Generator
) -> dict[str, Roster]:
    found = {
        partner: enrol(partner, np.unique(spells.student[spells.district == place]), people, rng)
        for place, partner in enumerate(DISTRICTS)
    }
    found[BRIGHT] = enrol(BRIGHT, participants, people, rng)
    return found


def write_truth(folder: Path, held: dict[str, Roster]) -> None:
    """Who is who: read by nothing but evaluation and tests."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "persons.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["partner", "record_key", "person"])
        for roster in held.values():
            out.writerows(
                (roster.partner, key, f"R{person:06d}")
                for key, person in zip(roster.key, roster.student, strict=True)
            )
