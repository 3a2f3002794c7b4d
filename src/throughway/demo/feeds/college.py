"""Falls Community College: its students, their terms, its awards, with bars between the cells. Those who stopped out and
came back years later are among them."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from throughway.demo.cast import COLLEGE
from throughway.demo.chances import Days, Ints
from throughway.demo.college import FALLS, MAJORS
from throughway.demo.feeds import text
from throughway.demo.town import Town

AWARDS = ["AA", "AAS", "AA", "AAS"]  # by major
TITLES = ["Associate of Arts", "Associate in Applied Science, Nursing", "Associate of Arts, Business", "Associate in Applied Science, Computing"]  # fmt: skip
CIPS = [f"{code[:2]}.{code[2:]}" for _, code in MAJORS]
NEVER_SAID = 0.5  # share of the renamed whose former name the college does not know


def write(folder: Path, town: Town, rng: np.random.Generator) -> None:
    folder = folder / COLLEGE
    _students(folder, town, rng)
    roster = town.rosters[COLLEGE]
    terms = town.college.terms
    rows = np.flatnonzero(terms.college == FALLS)
    start, status = terms.start[rows], terms.status[rows]
    full = (status == "F") | ((status == "W") & (rng.random(len(rows)) < 0.5))
    year, spring = _year(start), _spring(start)
    text.write(
        folder / "enrollment.csv",
        {
            "STUDENT_ID": roster.keys_of(terms.student[rows]),
            "TERM": 100 * year + np.where(spring, 10, 80),
            "TERM_DESC": _named(year, spring),
            "TERM_BEGIN": text.days(start, text.packed),
            "TERM_END": text.days(terms.end[rows], text.packed),
            "TIME_STATUS": text.chosen(["HT", "FT"], full.astype(np.int64)),
            "CREDIT_HOURS": np.where(
                full, 12 + rng.integers(0, 5, len(rows)), 6 + rng.integers(0, 3, len(rows))
            ),
            "CIP": text.chosen(CIPS, terms.major[rows]),
            "TERM_EXIT": text.chosen([None, "WD"], (status == "W").astype(np.int64)),
        },
        delimiter="|",
    )
    awards = town.college.awards
    rows = np.flatnonzero(awards.college == FALLS)
    major = awards.major[rows]
    text.write(
        folder / "credentials.csv",
        {
            "STUDENT_ID": roster.keys_of(awards.student[rows]),
            "AWARD": text.chosen(AWARDS, major),
            "AWARD_TITLE": text.chosen(TITLES, major),
            "CIP": text.chosen(CIPS, major),
            "CONFERRED": text.days(awards.day[rows], text.packed),
        },
        delimiter="|",
    )


def _students(folder: Path, town: Town, rng: np.random.Generator) -> None:
    roster, written, people = town.rosters[COLLEGE], town.rosters[COLLEGE].written, town.people
    who = roster.student
    renamed = (people.renamed_on[who] <= town.known) & (written.last != people.surname[who])
    said = renamed & (rng.random(len(who)) >= NEVER_SAID)
    first = np.full(people.size, np.datetime64("2200-01-01", "D"))
    ours = town.college.terms.college == FALLS
    np.minimum.at(first, town.college.terms.student[ours], town.college.terms.start[ours])
    came = first[who]
    text.write(
        folder / "students.csv",
        {
            "STUDENT_ID": roster.key,
            "LAST_NAME": written.last,
            "FIRST_NAME": written.first,
            "MIDDLE_NAME": text.blank(people.middle[who], rng.random(len(who)) < 0.2),
            "FORMER_LAST_NAME": text.blank(people.surname[who], ~said),
            "BIRTH_DATE": text.of_iso(written.birthdate, text.packed),
            "ZIP": written.zip_code,
            "ADMIT_TERM": 100 * _year(came) + np.where(_spring(came), 10, 80),
        },
        delimiter="|",
    )


def _year(days: Days) -> Ints:
    return np.asarray(days.astype("datetime64[Y]").astype(np.int64) + 1970)


def _spring(days: Days) -> np.ndarray:
    return np.asarray(days.astype("datetime64[M]").astype(np.int64) % 12 < 6)


def _named(year: Ints, spring: np.ndarray) -> pa.Array:
    return text.column(np.char.add(np.where(spring, "Spring ", "Fall "), year.astype(str)))
