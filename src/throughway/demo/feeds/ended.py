"""Two small files under agreements that end: incidents for a pilot of the district, and readers' votes on books."""

from pathlib import Path

import numpy as np

from throughway.demo.cast import PAGES, RIVERBEND
from throughway.demo.chances import Days
from throughway.demo.feeds import text
from throughway.demo.programs import TUTORING, stays_from
from throughway.demo.town import Town
from throughway.demo.years import school_days

INCIDENTS, VOTES = "incidents.csv", "book-votes.csv"
FILES = (INCIDENTS, VOTES)
MIDDLE = (6, 8)  # grades, first and last
SHARE = 0.12  # of the middle schools' students, those who were part of something
FEWEST = 3
WHAT = ("Quarrel", "Noise in class", "Left class")
BOOKS = tuple(f"B{n}" for n in range(1, 7))
SAID = ("Yes", "Maybe", "No")


def write(folder: Path, town: Town, rng: np.random.Generator) -> None:
    _incidents(folder / RIVERBEND / INCIDENTS, town, rng)
    _votes(folder / PAGES / VOTES, town, rng)


def _incidents(path: Path, town: Town, rng: np.random.Generator) -> None:
    """Of the last whole school year, in the order of days."""
    year = town.year - 1
    stays = stays_from(town.spells, year)
    there = stays.student[(stays.district == 0) & (stays.grade >= MIDDLE[0]) & (stays.grade <= MIDDLE[1])]
    who = rng.permutation(there)[: max(FEWEST, int(SHARE * len(there)))]
    day = np.sort(_days(school_days(year), len(who), rng))
    text.write(
        path,
        {
            "Incident": text.numbered(f"I{year % 100}-", len(who)),
            "Student ID": town.rosters[RIVERBEND].keys_of(who),
            "Day": text.days(day),
            "What": text.chosen(WHAT, rng.integers(0, len(WHAT), len(who))),
        },
    )


def _votes(path: Path, town: Town, rng: np.random.Generator) -> None:
    """One row for each reader of the last whole school year, one column for each book."""
    year = town.year - 1
    stays = town.participation.of(TUTORING)
    readers = np.unique(stays.student[stays.year == year])
    text.write(
        path,
        {
            "Reader No": town.rosters[PAGES].keys_of(readers),
            "Vote": np.full(len(readers), f"Spring {year}"),
            **{book: text.chosen(SAID, rng.integers(0, len(SAID), len(readers))) for book in BOOKS},
        },
    )


def _days(known: Days, count: int, rng: np.random.Generator) -> Days:
    return np.asarray(known[rng.integers(0, len(known), count)])
