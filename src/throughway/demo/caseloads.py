"""Caseloads: of the case worker of the after-school program, and of the counselor of one school; and the school of the principal."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from throughway.demo.arrays import Bools, Ints
from throughway.demo.attendance_and_marks import EXCUSED, NONE, UNEXCUSED
from throughway.demo.enrollment import Spells
from throughway.demo.partners import BRIGHT, CASE_WORKER, COUNSELOR, MANAGER, PRINCIPAL, RIVERBEND
from throughway.demo.programs import GARDEN, LATE_GYM, stays_from
from throughway.demo.town import Town

GRADES = (3, 9)  # of the case worker's students, first and last
MANY = 36  # students of one colleague
STANDS_IN_FOR = 8  # students whom the manager sees when the case worker is away
IN_NEED = 9  # of the case worker's, those who missed most days lately
DAYS = 20  # of school, in four weeks
LEFT = 2  # former students of the case worker
COLUMNS = ("email", "partner", "record_key", "from", "to")


@dataclass(frozen=True)
class Caseloads:
    """Students, as indices into the population, each in the order in which they were assigned; `school`: the counselor's, by its id in the
    district's system."""

    case_worker: Ints
    left: Ints
    counselor: Ints
    school: int


def assign(town: Town) -> Caseloads:
    """The case worker's students attend after-school programs and are in school now; the counselor's are of one school, and some are shared
    with the case worker."""
    rng = town.stream("caseloads")
    now = _now(town)
    joined = town.participation.of(*range(LATE_GYM, GARDEN + 1))
    ours = np.unique(joined.student[joined.year >= town.year - 1])
    of_age = (now.grade >= GRADES[0]) & (now.grade <= GRADES[1])
    drawn = rng.permutation(now.student[of_age & np.isin(now.student, ours)])
    # Students with the most absences are assigned first.
    missed = _missed_lately(town)[drawn]
    first = drawn[np.argsort(-missed, kind="stable")][:IN_NEED]
    chosen = np.concatenate([first, drawn[~np.isin(drawn, first)]])[: MANY + LEFT]
    case_worker, left = chosen[:MANY], chosen[MANY:]
    school = _school_of_most(now, np.isin(now.student, case_worker) & (now.district == 0))
    there = rng.permutation(now.student[now.school == school])
    shared = np.isin(there, case_worker)
    counselor = np.concatenate([there[shared], there[~shared]])[:MANY]
    return Caseloads(case_worker, left, counselor, int(town.schools.id[school]))


def _missed_lately(town: Town) -> Ints:
    """For each student of the population, the days missed in the last four weeks of school that are known."""
    year = town.attendance(town.year)
    known = np.flatnonzero((year.status != NONE).any(axis=0))[-DAYS:]
    missed = np.isin(year.status[:, known], (EXCUSED, UNEXCUSED)).sum(axis=1)
    return np.bincount(town.spells.student[year.spell], missed, town.people.size).astype(np.int64)


def _now(town: Town) -> Spells:
    """The stays in school of the current year."""
    return stays_from(town.spells, town.year)


def _school_of_most(now: Spells, those: Bools) -> int:
    return int(np.bincount(now.school[those], minlength=1).argmax())


def write_caseloads(path: Path, town: Town, caseloads: Caseloads) -> None:
    """The register as the partners keep it, by their own keys of the students."""
    autumn = date(town.year - 1, 9, 1)
    first = min(autumn, town.today)
    spring = town.today - timedelta(days=200)
    at_bright, at_school = town.rosters[BRIGHT], town.rosters[RIVERBEND]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        out.writerows(
            (CASE_WORKER, BRIGHT, key, first, "") for key in at_bright.keys_of(caseloads.case_worker)
        )
        out.writerows(
            (CASE_WORKER, BRIGHT, key, spring, town.today - timedelta(days=20))
            for key in at_bright.keys_of(caseloads.left)
        )
        out.writerows(
            (MANAGER, BRIGHT, key, first, "")
            for key in at_bright.keys_of(caseloads.case_worker[:STANDS_IN_FOR])
        )
        out.writerows(
            (COUNSELOR, RIVERBEND, key, first, "") for key in at_school.keys_of(caseloads.counselor)
        )


def write_sites(path: Path, town: Town, caseloads: Caseloads) -> None:
    """The school of the principal, from this autumn on."""
    first = min(date(town.year - 1, 9, 1), town.today)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [
                ("email", "kind", "site", "from", "to"),
                (PRINCIPAL, "school", f"{RIVERBEND}/{caseloads.school}", first, ""),
            ]
        )
