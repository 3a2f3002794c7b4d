"""Work: what each grown-up earns in each quarter, as employers report it to the State."""

from dataclasses import dataclass

import numpy as np

from throughway.demo.chances import Floats, Ints, chance, stream
from throughway.demo.college import STATE_UNIVERSITY, Awards, CollegeTerms, Diplomas
from throughway.demo.population import SimulatedPopulation

LIVING_WAGE = 10_400.0  # dollars a quarter, for one grown-up in Riverbend
INDUSTRIES = ("722511", "445110", "622110", "236220", "611110", "541511", "493110")


@dataclass(frozen=True)
class QuarterlyEmployment:
    """One entry for each student and quarter with earnings in the State."""

    student: Ints
    year: Ints  # calendar year
    quarter: Ints  # 1 to 4
    earnings: Floats  # dollars in the quarter
    industry: Ints  # index into INDUSTRIES


def work(
    people: SimulatedPopulation, diplomas: Diplomas, terms: CollegeTerms, awards: Awards, year: int, known: np.datetime64, seed: int
) -> QuarterlyEmployment:  # fmt: skip
    """From January of the first school year to the last whole quarter that is known."""
    rng = stream(seed, "work")
    who = np.flatnonzero(people.cohort + 3 < year)
    here = rng.random(len(who)) < 0.88
    who = who[here]
    graduated = np.isin(who, diplomas.student)
    industry = rng.integers(0, len(INDUSTRIES), len(who))
    level = 0.18 * people.ability[who] + 0.25 * rng.normal(size=len(who))
    two = _first(people.size, awards.student[awards.college < STATE_UNIVERSITY], awards.day[awards.college < STATE_UNIVERSITY])  # fmt: skip
    four = _first(people.size, awards.student[awards.college >= STATE_UNIVERSITY], awards.day[awards.college >= STATE_UNIVERSITY])  # fmt: skip
    parts = []
    for y in range(year - 6, int(str(known)[:4]) + 1):
        for quarter in range(1, 5):
            first = np.datetime64(f"{y}-{3 * quarter - 2:02d}-01")
            if first + 91 > known:
                break
            left = np.char.add((people.cohort[who] + 3).astype(str), "-06-30").astype("datetime64[D]")
            grown = (first - left).astype(int) / 365
            studying = np.isin(who, terms.student[(terms.start <= first + 60) & (terms.end >= first)])
            base = np.select([four[who] < first, two[who] < first, graduated], [9.62, 9.36, 9.02], 8.82)
            pay = np.exp(base + 0.03 * np.clip(grown, 0, 12) + level + 0.12 * rng.normal(size=len(who)) - 0.9 * studying)  # fmt: skip
            employed = (grown > 0) & (rng.random(len(who)) < chance(1.1 + 0.4 * people.attachment[who] - 1.2 * studying))  # fmt: skip
            rows = np.flatnonzero(employed)
            n = len(rows)
            parts.append((who[rows], np.full(n, y), np.full(n, quarter), np.round(pay[rows], 2), industry[rows]))  # fmt: skip
    return QuarterlyEmployment(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _first(size: int, student: Ints, day: np.ndarray) -> np.ndarray:
    """The first of each student's days; never, for who has none."""
    found = np.full(size, np.datetime64("2200-01-01", "D"))
    np.minimum.at(found, student, day)
    return found
