"""The school years of Riverbend: their days, and what happens to each student in them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from throughway.demo.population import Ints, Population

YEARS = 6  # complete school years with records, before the current one
Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class Spells:
    """One entry for each stay of a student in one school; `end` is NaT while it lasts."""

    student: Ints
    year: Ints  # ending year
    grade: Ints
    district: Ints
    start: Days
    end: Days
    exit: NDArray[np.str_]  # a key of EXITS, or empty

    def where(self, chosen: NDArray[np.bool_]) -> "Spells":
        return Spells(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


# What the two districts write down when a student leaves: Ed-Fi's word, and the other district's own code.
EXITS = {
    "moved": ("Transferred", "T1"),
    "left": ("Transferred", "T3"),
    "dropout": ("Dropout", "D1"),
    "graduated": ("Graduated", "G1"),
    "unmet": ("Completed", "N1"),
    "year": ("End of school year", "Y1"),
}


def school_days(year: int) -> Days:
    """The instructional days of the school year that ends in `year`, about 175."""
    days = np.arange(f"{year - 1}-08-25", f"{year}-06-06", dtype="datetime64[D]")
    days = days[np.is_busday(days)]
    breaks = [
        (f"{year - 1}-11-23", f"{year - 1}-11-28"),
        (f"{year - 1}-12-21", f"{year}-01-03"),
        (f"{year}-04-10", f"{year}-04-17"),
    ]
    for first, last in breaks:
        days = days[(days < np.datetime64(first)) | (days > np.datetime64(last))]
    return days


def current_year(today: date) -> int:
    """The ending year of the school year in which a day lies."""
    return today.year + (today.month >= 7)


def chance(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-log_odds))


def live(people: Population, year: int, rng: np.random.Generator) -> Spells:
    """Lets every student live through the years up to `year`, the current one, in which nothing has ended yet."""
    here = np.ones(people.size, dtype=bool)
    district = people.district.copy()
    parts: list[Spells] = []
    for y in range(year - YEARS, year + 1):
        grade = 9 + y - people.cohort
        who = np.flatnonzero(here & (grade >= 6) & (grade <= 12))
        if y == year:
            parts.append(_spells(who, y, grade, district, school_days(y)[0], np.datetime64("NaT"), ""))
            break
        exits = _exits(people, who, grade[who], rng)
        for reason in EXITS:
            these = who[exits == reason]
            days = school_days(y)
            end = rng.choice(days[60:120], len(these)) if reason in ("moved", "left", "dropout") else days[-1]
            parts.append(_spells(these, y, grade, district, days[0], end, reason))
            if reason == "moved":
                district[these] = 1 - district[these]
                parts.append(_spells(these, y, grade, district, np.asarray(end) + 1, days[-1], "year"))
            elif reason != "year":
                here[these] = False
    return Spells(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in Spells.__dataclass_fields__)
    )


def _exits(people: Population, who: Ints, grade: Ints, rng: np.random.Generator) -> NDArray[np.str_]:
    """How each student's stay in a school ends this year."""
    attached = people.attachment[who]
    draw = rng.random(len(who))
    dropping = np.where(grade >= 10, chance(-3.9 - 1.1 * attached), 0.0)
    last = np.where(
        rng.random(len(who)) < chance(2.2 + 0.9 * attached + 0.5 * people.ability[who]), "graduated", "unmet"
    )
    return np.select(
        [draw < 0.03, draw < 0.05, draw < 0.05 + dropping, grade == 12],
        ["moved", "left", "dropout", last],
        "year",
    )


def _spells(
    who: Ints, year: int, grade: Ints, district: Ints, start: object, end: object, reason: str
) -> Spells:
    def filled(day: object) -> Days:
        return np.broadcast_to(np.asarray(day, dtype="datetime64[D]"), who.shape).copy()

    return Spells(
        student=who,
        year=np.full(len(who), year),
        grade=grade[who],
        district=district[who].copy(),
        start=filled(start),
        end=filled(end),
        exit=np.full(len(who), reason, dtype="U10"),
    )
