"""Writes Riverbend to a folder: feeds as real systems export them, agreements, crosswalks, and the truth."""

from datetime import date
from pathlib import Path

import numpy as np

from throughway.demo import edfi, oneroster, sheets
from throughway.demo.population import settle
from throughway.demo.roster import BRIGHT, LAKESIDE, RIVERBEND, rosters, write_truth
from throughway.demo.schooling import attend, go_on, mark
from throughway.demo.writing import write_papers
from throughway.demo.years import Spells, current_year, live
from throughway.refusals import Refused

FEWEST = 50  # below that there are not two districts and a program to speak of


def simulate(folder: Path, *, students: int, seed: int, today: date) -> int:
    """Writes `feeds/`, `agreements/`, `crosswalks/` and `truth/`; returns the ending year of the current school year.

    The same students, seed and school year give the same bytes, save for the times that Excel keeps in a workbook.
    """
    if students < FEWEST:
        raise Refused(f"Riverbend needs at least {FEWEST} students (--students).", code="too_few")
    year = current_year(today)
    rng = np.random.default_rng([seed, 0])
    people = settle(students, year, rng)
    spells = live(people, year, rng)
    joined = {y: _join(spells, y, rng) for y in (year - 2, year - 1)}
    held = rosters(people, spells, np.unique(np.concatenate(list(joined.values()))), rng)
    attendance, marks, college = (
        attend(people, spells, rng),
        mark(people, spells, rng),
        go_on(people, spells, year, rng),
    )

    ours, theirs, program = (folder / "feeds" / p for p in (RIVERBEND, LAKESIDE, BRIGHT))
    for feed in (ours, theirs, program):
        feed.mkdir(parents=True, exist_ok=True)
    edfi.export(ours / "edfi", held[RIVERBEND], people, spells, attendance, marks, college)
    oneroster.export(theirs / "oneroster.zip", held[LAKESIDE], people, spells, year)
    sheets.enrollment(theirs / "enrollment.csv", held[LAKESIDE], spells)
    sheets.attendance(theirs / "attendance.csv", held[LAKESIDE], spells, attendance)
    sheets.grades(theirs / "grades.csv", held[LAKESIDE], spells, marks)
    sheets.diplomas(theirs / "diplomas.csv", held[LAKESIDE], college)
    sheets.statuses(theirs / "students.csv", held[LAKESIDE], people)
    for y, who in joined.items():
        sheets.workbook(program / f"attendance-{y - 1}-{y}.xlsx", held[BRIGHT], who, y, people, rng)
    for number, district in enumerate((RIVERBEND, LAKESIDE)):
        sheets.clearinghouse(folder / "feeds" / district / "nsc.csv", held[district], number, college, rng)
    write_papers(folder, today)
    write_truth(folder / "truth", held)
    return year


def _join(spells: Spells, year: int, rng: np.random.Generator) -> np.ndarray:
    """About one in five students of grades 6 to 9 joins the after-school program in a year."""
    there = np.unique(spells.student[(spells.year == year) & (spells.grade <= 9)])
    return there[rng.random(len(there)) < 0.22]
