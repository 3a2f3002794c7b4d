"""What becomes of graduates: the returns of the National Student Clearinghouse, the files of Falls Community College, and the wage
records of the State Workforce Agency."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from throughway.demo.after_graduation import COLLEGES, DEGREES, FALLS, INDUSTRIES, MAJORS
from throughway.demo.arrays import NAT, Bools, Days, Ints, Records, earliest
from throughway.demo.column_files import MONTH_FIRST, PACKED, blank, days, named, of_iso, texts, write_csv
from throughway.demo.partners import COLLEGE, WAGES
from throughway.demo.roster import DISTRICTS
from throughway.demo.town import Town

HELD_BACK = 0.04  # share of enrolled students without a reported record


@dataclass(frozen=True)
class _Returned(Records):
    """Rows of a return: the student, and a term or a degree; -1 and NaT where there is none."""

    student: Ints
    kind: Ints  # 0 a term, 1 a degree, 2 no record
    college: Ints
    begin: Days
    end: Days
    status: np.ndarray
    major: Ints
    conferred: Days


def clearinghouse(folder: Path, town: Town, rng: np.random.Generator) -> None:
    for number, district in enumerate(DISTRICTS):
        diplomas = town.college.diplomas
        ours = diplomas.district == number
        _clearinghouse_file(
            folder / district / "nsc.csv", town, district, diplomas.student[ours], diplomas.day[ours], rng
        )


def _clearinghouse_file(
    path: Path, town: Town, district: str, who: Ints, day: Days, rng: np.random.Generator
) -> None:
    order = np.argsort(who)
    who, day = who[order], day[order]
    found = np.isin(who, town.college.terms.student)
    enrolled = np.flatnonzero(found)
    found[rng.choice(enrolled, int(np.ceil(HELD_BACK * len(enrolled))), replace=False)] = False
    rows = _rows(town, who, found)
    roster = town.rosters[district]
    at = roster.places_of(rows.student)
    key, written = roster.key[at], roster.written
    none, degree = rows.kind == 2, rows.kind == 1
    codes, names, kinds, publics = (list(column) for column in zip(*COLLEGES, strict=True))
    majors, cips = (list(column) for column in zip(*MAJORS, strict=True))
    here = np.where(none, -1, 0)
    studied, earned = np.where(degree, -1, rows.major), np.where(degree, rows.major, -1)
    empty = pa.nulls(len(at), pa.string())
    write_csv(
        path,
        {
            "Your Unique Identifier": np.char.add(key, "_"),
            "First Name": np.char.upper(written.first[at]),
            "Middle Initial": town.people.middle[rows.student],
            "Last Name": np.char.upper(written.last[at]),
            "Name Suffix": empty,
            "Requester Return Field": key,
            "Record Found Y/N": named(["Y", "N"], none.astype(np.int64)),
            "Search Date": days(day[np.searchsorted(who, rows.student)], PACKED),
            "College Code/Branch": named(codes, rows.college),
            "College Name": named(names, rows.college),
            "College State": named(["NY"], here),
            "2-year / 4-year": named(kinds, rows.college),
            "Public / Private": named(publics, rows.college),
            "Enrollment Begin": days(rows.begin, PACKED),
            "Enrollment End": days(rows.end, PACKED),
            "Enrollment Status": rows.status,
            "Class Level": empty,
            "Enrollment Major 1": named(majors, studied),
            "Enrollment CIP 1": named(cips, studied),
            "Graduated?": named(["N", "Y"], np.where(none, -1, rows.kind)),
            "Graduation Date": days(rows.conferred, PACKED),
            "Degree Title": named(DEGREES, np.where(degree, rows.college, -1)),
            "Degree Major 1": named(majors, earned),
            "Degree CIP 1": named(cips, earned),
            "College Sequence": _sequence(rows),
        },
    )


def _rows(town: Town, who: Ints, found: Bools) -> _Returned:
    """By student: first the terms, by day, then the degrees."""
    terms, awards = town.college.terms, town.college.awards
    t, a = (np.flatnonzero(np.isin(part.student, who[found])) for part in (terms, awards))
    lost = who[~found]

    def filled(value: object, n: int) -> np.ndarray:
        return np.full(n, value)

    rows = _Returned(
        student=np.concatenate([terms.student[t], awards.student[a], lost]),
        kind=np.repeat([0, 1, 2], [len(t), len(a), len(lost)]),
        college=np.concatenate([terms.college[t], awards.college[a], filled(-1, len(lost))]),
        begin=np.concatenate([terms.start[t], filled(NAT, len(a) + len(lost))]),
        end=np.concatenate([terms.end[t], filled(NAT, len(a) + len(lost))]),
        status=np.concatenate([terms.status[t], filled("", len(a) + len(lost))]),
        major=np.concatenate([terms.major[t], awards.major[a], filled(-1, len(lost))]),
        conferred=np.concatenate([filled(NAT, len(t)), awards.day[a], filled(NAT, len(lost))]),
    )
    day = np.where(rows.kind == 1, rows.conferred, rows.begin)
    order = np.lexsort((day, rows.kind, rows.student))
    return rows.where(order)


def _sequence(rows: _Returned) -> pa.Array:
    """1 at a student's first college, 2 at the second; only on the first row of each."""
    pairs = rows.student * len(COLLEGES) + rows.college
    firsts = np.unique(pairs[rows.kind < 2], return_index=True)[1]
    at = np.sort(np.flatnonzero(rows.kind < 2)[firsts])
    student = rows.student[at]
    nth = np.arange(len(at)) - np.searchsorted(student, student) + 1
    sequence = np.zeros(len(pairs), dtype=np.int64)
    sequence[at] = nth
    return pa.array(sequence, mask=sequence == 0)


FALLS_AWARDS = ["AA", "AAS", "AA", "AAS"]  # by major
FALLS_TITLES = ["Associate of Arts", "Associate in Applied Science, Nursing", "Associate of Arts, Business", "Associate in Applied Science, Computing"]  # fmt: skip
CIPS = [f"{code[:2]}.{code[2:]}" for _, code in MAJORS]
FORMER_UNKNOWN = 0.5  # share of the renamed whose former name the college does not know


def college(folder: Path, town: Town, rng: np.random.Generator) -> None:
    folder = folder / COLLEGE
    _college_students(folder, town, rng)
    roster = town.rosters[COLLEGE]
    terms = town.college.terms
    rows = np.flatnonzero(terms.college == FALLS)
    start, status = terms.start[rows], terms.status[rows]
    full = (status == "F") | ((status == "W") & (rng.random(len(rows)) < 0.5))
    year, spring = _year(start), _spring(start)
    write_csv(
        folder / "enrollment.csv",
        {
            "STUDENT_ID": roster.keys_of(terms.student[rows]),
            "TERM": 100 * year + np.where(spring, 10, 80),
            "TERM_DESC": _term_name(year, spring),
            "TERM_BEGIN": days(start, PACKED),
            "TERM_END": days(terms.end[rows], PACKED),
            "TIME_STATUS": named(["HT", "FT"], full.astype(np.int64)),
            "CREDIT_HOURS": np.where(
                full, 12 + rng.integers(0, 5, len(rows)), 6 + rng.integers(0, 3, len(rows))
            ),
            "CIP": named(CIPS, terms.major[rows]),
            "TERM_EXIT": named([None, "WD"], (status == "W").astype(np.int64)),
        },
        delimiter="|",
    )
    awards = town.college.awards
    rows = np.flatnonzero(awards.college == FALLS)
    major = awards.major[rows]
    write_csv(
        folder / "credentials.csv",
        {
            "STUDENT_ID": roster.keys_of(awards.student[rows]),
            "AWARD": named(FALLS_AWARDS, major),
            "AWARD_TITLE": named(FALLS_TITLES, major),
            "CIP": named(CIPS, major),
            "CONFERRED": days(awards.day[rows], PACKED),
        },
        delimiter="|",
    )


def _college_students(folder: Path, town: Town, rng: np.random.Generator) -> None:
    roster, written, people = town.rosters[COLLEGE], town.rosters[COLLEGE].written, town.people
    who = roster.student
    renamed = (people.renamed_on[who] <= town.known) & (written.last != people.surname[who])
    former_known = renamed & (rng.random(len(who)) >= FORMER_UNKNOWN)
    terms = town.college.terms.where(town.college.terms.college == FALLS)
    came = earliest(people.size, terms.student, terms.start)[who]
    write_csv(
        folder / "students.csv",
        {
            "STUDENT_ID": roster.key,
            "LAST_NAME": written.last,
            "FIRST_NAME": written.first,
            "MIDDLE_NAME": blank(people.middle[who], rng.random(len(who)) < 0.2),
            "FORMER_LAST_NAME": blank(people.surname[who], ~former_known),
            "BIRTH_DATE": of_iso(written.birthdate, PACKED),
            "ZIP": written.zip_code,
            "ADMIT_TERM": 100 * _year(came) + np.where(_spring(came), 10, 80),
        },
        delimiter="|",
    )


def _year(days: Days) -> Ints:
    return np.asarray(days.astype("datetime64[Y]").astype(np.int64) + 1970)


def _spring(days: Days) -> np.ndarray:
    return np.asarray(days.astype("datetime64[M]").astype(np.int64) % 12 < 6)


def _term_name(year: Ints, spring: np.ndarray) -> pa.Array:
    return texts(np.char.add(np.where(spring, "Spring ", "Fall "), year.astype(str)))


EMPLOYERS = 12  # of each industry


def wages(folder: Path, town: Town, rng: np.random.Generator) -> None:
    roster, work = town.rosters[WAGES], town.work
    write_csv(
        folder / WAGES / "individuals.csv",
        {
            "INDIVIDUAL_REF": roster.key,
            "NAME_FIRST": np.char.upper(roster.written.first),
            "NAME_LAST": np.char.upper(roster.written.last),
            "BIRTH_DT": of_iso(roster.written.birthdate, MONTH_FIRST),
        },
    )
    month = (work.year - 1970) * 12 + 3 * (work.quarter - 1)
    begin = month.astype("datetime64[M]")
    end = (begin + 3).astype("datetime64[D]") - 1
    employer = 1000 * (work.industry + 1) + (work.student * 7 + work.year // 2) % EMPLOYERS
    write_csv(
        folder / WAGES / "wages.csv",
        {
            "INDIVIDUAL_REF": roster.keys_of(work.student),
            "QTR_BEGIN": days(begin.astype("datetime64[D]"), MONTH_FIRST),
            "QTR_END": days(end, MONTH_FIRST),
            "EMPLOYER_REF": employer,
            "NAICS": named(INDUSTRIES, work.industry),
            "WAGES_PAID": np.round(work.earnings, 2),
        },
    )
