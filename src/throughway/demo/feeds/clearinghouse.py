"""What the National Student Clearinghouse returns to each district for its graduates: terms and degrees at any college, from the
day of the diploma to the last day of which there are records.

Some who are enrolled are not found, as where a college holds its records back: N says that no record was reported.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from throughway.demo.chances import Bools, Days, Ints
from throughway.demo.college import COLLEGES, MAJORS, TITLES
from throughway.demo.feeds import text
from throughway.demo.roster import DISTRICTS
from throughway.demo.town import Town

HELD_BACK = 0.04  # share of those enrolled of whom no record is reported


@dataclass(frozen=True)
class _Rows:
    """Rows of a return: of whom, and what of a term or of a degree; -1 and NaT where there is nothing of the kind."""

    student: Ints
    kind: Ints  # 0 a term, 1 a degree, 2 no record
    college: Ints
    begin: Days
    end: Days
    status: np.ndarray
    major: Ints
    conferred: Days


def write(folder: Path, town: Town, rng: np.random.Generator) -> None:
    for number, district in enumerate(DISTRICTS):
        diplomas = town.college.diplomas
        ours = diplomas.district == number
        _write(folder / district / "nsc.csv", town, district, diplomas.student[ours], diplomas.day[ours], rng)


def _write(path: Path, town: Town, district: str, who: Ints, day: Days, rng: np.random.Generator) -> None:
    order = np.argsort(who)
    who, day = who[order], day[order]
    found = np.isin(who, town.college.terms.student)
    enrolled = np.flatnonzero(found)
    found[rng.choice(enrolled, int(np.ceil(HELD_BACK * len(enrolled))), replace=False)] = False
    rows = _rows(town, who, found)
    roster = town.rosters[district]
    place = roster.places_of(rows.student)
    key, written = roster.key[place], roster.written
    none, degree = rows.kind == 2, rows.kind == 1
    codes, names, kinds, publics = (list(column) for column in zip(*COLLEGES, strict=True))
    majors, cips = (list(column) for column in zip(*MAJORS, strict=True))
    here = np.where(none, -1, 0)
    studied, earned = np.where(degree, -1, rows.major), np.where(degree, rows.major, -1)
    empty = pa.nulls(len(place), pa.string())
    text.write(
        path,
        {
            "Your Unique Identifier": np.char.add(key, "_"),
            "First Name": np.char.upper(written.first[place]),
            "Middle Initial": town.people.middle[rows.student],
            "Last Name": np.char.upper(written.last[place]),
            "Name Suffix": empty,
            "Requester Return Field": key,
            "Record Found Y/N": text.chosen(["Y", "N"], none.astype(np.int64)),
            "Search Date": text.days(day[np.searchsorted(who, rows.student)], text.packed),
            "College Code/Branch": text.chosen(codes, rows.college),
            "College Name": text.chosen(names, rows.college),
            "College State": text.chosen(["NY"], here),
            "2-year / 4-year": text.chosen(kinds, rows.college),
            "Public / Private": text.chosen(publics, rows.college),
            "Enrollment Begin": text.days(rows.begin, text.packed),
            "Enrollment End": text.days(rows.end, text.packed),
            "Enrollment Status": rows.status,
            "Class Level": empty,
            "Enrollment Major 1": text.chosen(majors, studied),
            "Enrollment CIP 1": text.chosen(cips, studied),
            "Graduated?": text.chosen(["N", "Y"], np.where(none, -1, rows.kind)),
            "Graduation Date": text.days(rows.conferred, text.packed),
            "Degree Title": text.chosen(TITLES, np.where(degree, rows.college, -1)),
            "Degree Major 1": text.chosen(majors, earned),
            "Degree CIP 1": text.chosen(cips, earned),
            "College Sequence": _sequence(rows),
        },
    )


def _rows(town: Town, who: Ints, found: Bools) -> _Rows:
    """By student: first the terms, by day, then the degrees."""
    terms, awards = town.college.terms, town.college.awards
    t, a = (np.flatnonzero(np.isin(part.student, who[found])) for part in (terms, awards))
    lost = who[~found]
    nat = np.datetime64("NaT", "D")

    def filled(value: object, n: int) -> np.ndarray:
        return np.full(n, value)

    rows = _Rows(
        student=np.concatenate([terms.student[t], awards.student[a], lost]),
        kind=np.repeat([0, 1, 2], [len(t), len(a), len(lost)]),
        college=np.concatenate([terms.college[t], awards.college[a], filled(-1, len(lost))]),
        begin=np.concatenate([terms.start[t], filled(nat, len(a) + len(lost))]),
        end=np.concatenate([terms.end[t], filled(nat, len(a) + len(lost))]),
        status=np.concatenate([terms.status[t], filled("", len(a) + len(lost))]),
        major=np.concatenate([terms.major[t], awards.major[a], filled(-1, len(lost))]),
        conferred=np.concatenate([filled(nat, len(t)), awards.day[a], filled(nat, len(lost))]),
    )
    day = np.where(rows.kind == 1, rows.conferred, rows.begin)
    order = np.lexsort((day, rows.kind, rows.student))
    return _Rows(*(getattr(rows, name)[order] for name in _Rows.__dataclass_fields__))


def _sequence(rows: _Rows) -> pa.Array:
    """1 at a student's first college, 2 at the second; only on the first row of each."""
    pairs = rows.student * len(COLLEGES) + rows.college
    firsts = np.unique(pairs[rows.kind < 2], return_index=True)[1]
    at = np.sort(np.flatnonzero(rows.kind < 2)[firsts])
    student = rows.student[at]
    nth = np.arange(len(at)) - np.searchsorted(student, student) + 1
    sequence = np.zeros(len(pairs), dtype=np.int64)
    sequence[at] = nth
    return pa.array(sequence, mask=sequence == 0)
