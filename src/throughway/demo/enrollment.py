"""The two districts' schools, the days of the school years, and the stays of each student in schools."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from throughway.demo.arrays import NAT, Bools, Days, Floats, Ints, Records, Text, chance, stream
from throughway.demo.population import SimulatedPopulation, words

LEVELS = ("Elementary", "Middle", "High")
SHARE = (0.58, 0.42)  # of the students, by district
SIZE = (450, 700, 1300)  # students of a school, by level
GRADES_AT = (6, 3, 4)  # grades of each level
CLASSES = 25  # grades in school and classes that left


@dataclass(frozen=True)
class Schools:
    """One entry for each school, by district and level."""

    district: Ints
    level: Ints
    id: Text
    name: Text

    def at(self, district: Ints, grade: Ints, spot: Floats) -> Ints:
        """The school of a grade for a household that lives at that spot of a district."""
        level = level_of(grade)
        place = 3 * district + level
        number = np.bincount(3 * self.district + self.level, minlength=6)
        first = np.concatenate([[0], np.cumsum(number)[:-1]])
        return np.asarray(first[place] + (spot * number[place]).astype(np.int64))


def level_of(grade: Ints) -> Ints:
    return (grade >= 6).astype(np.int64) + (grade >= 9)


def build(students: int) -> Schools:
    rows: list[tuple[int, int, str, str]] = []
    names = iter(words("surnames.csv")["name"])
    for district, share in enumerate(SHARE):
        for level, label in enumerate(LEVELS):
            enrolled = students * share * GRADES_AT[level] / CLASSES
            least = 2 if level == 0 else 1
            for n in range(max(least, round(enrolled / SIZE[level]))):
                town = ("Riverbend", "Lakeside")[district]
                name = f"{town if n == 0 else next(names)} {label} School"
                rows.append((district, level, _id(district, level, n), name))
    columns = list(zip(*rows, strict=True))
    return Schools(np.array(columns[0]), np.array(columns[1]), np.array(columns[2]), np.array(columns[3]))


def _id(district: int, level: int, n: int) -> str:
    """Numbers below the district's own in Riverbend, letters in Lakeside: `LHS`, then `LH2`."""
    if district == 0:
        return str(255100000 + (101, 41, 1)[level] + n)
    return f"L{'EMH'[level]}{'S' if n == 0 else n + 1}"


YEARS = 6  # complete school years with records, before the current one


@dataclass(frozen=True)
class Spells(Records):
    """One entry for each stay of a student in one school, in the order of years; `end` is NaT while it lasts."""

    student: Ints
    year: Ints  # ending year
    grade: Ints  # 0 is kindergarten
    district: Ints
    school: Ints  # index into the schools
    start: Days
    end: Days
    exit: NDArray[np.str_]  # a key of EXITS, or empty
    moves: Ints  # times that the student had changed schools in mid-year since grade 9 began, when the stay began


# Exit codes of the two districts: Ed-Fi's, or the State's if Ed-Fi's does not distinguish documented transfers; and the other district's
# own code.
EXITS = {
    "moved": ("Transferred to a public school in a different local education agency in the same state", "T1"),
    "within": ("Student is in a different public school in the same local education agency", "T0"),
    "left": ("Transferred to a public school in a different state", "T3"),
    "vanished": ("Withdrawn", "W1"),
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


def known_until(today: date) -> np.datetime64:
    """The last day of which there are records: that of the month before, since partners export once a month."""
    return np.datetime64(f"{today:%Y-%m}-01", "D") - 1


@dataclass
class _Lives:
    """The location and status of all students, carried from one year to the next."""

    here: Bools
    gone: Bools  # out of town, and may come back
    done: Bools  # left school permanently
    district: Ints
    spot: Floats
    moves: Ints
    moved_on: Days  # of the household, for the first time


def live(people: SimulatedPopulation, schools: Schools, year: int, seed: int) -> tuple[Spells, Days]:
    """Simulates every student up to `year`, the current one, in which nothing has ended yet; returns the stays, and when each household
    first moved."""
    parts = [_alumni(people, schools, year, stream(seed, "alumni"))]
    now = _Lives(
        here=people.arrives == 0,
        gone=np.zeros(people.size, dtype=bool),
        done=people.cohort + 3 < year - YEARS,
        district=people.district.copy(),
        spot=people.spot.copy(),
        moves=np.zeros(people.size, dtype=np.int64),
        moved_on=np.full(people.size, NAT),
    )
    for y in range(year - YEARS, year + 1):
        rng = stream(seed, "year", y)
        back = now.gone & _homes(people, 0.15, rng)
        now.here |= (people.arrives == y) | back
        now.gone &= ~back
        grade = 9 + y - people.cohort
        who = np.flatnonzero(now.here & ~now.done & (grade >= 0) & (grade <= 12))
        stay = _Stay(people, schools, now, y, grade)
        parts += [stay.of(who, school_days(y)[0], NAT, "")] if y == year else _year(stay, who, rng)
    spells = Spells.joined(parts)
    return spells.where(np.lexsort((spells.start, spells.student, spells.year))), now.moved_on


@dataclass(frozen=True)
class _Stay:
    people: SimulatedPopulation
    schools: Schools
    now: _Lives
    year: int
    grade: Ints

    def of(self, who: Ints, start: object, end: object, reason: str) -> Spells:
        def filled(day: object) -> Days:
            return np.broadcast_to(np.asarray(day, dtype="datetime64[D]"), who.shape).copy()

        district, grade = self.now.district[who].copy(), self.grade[who]
        return Spells(
            student=who,
            year=np.full(len(who), self.year),
            grade=grade,
            district=district,
            school=self.schools.at(district, grade, self.now.spot[who]),
            start=filled(start),
            end=filled(end),
            exit=np.full(len(who), reason, dtype="U10"),
            moves=self.now.moves[who].copy(),
        )


def _homes(people: SimulatedPopulation, share: float, rng: np.random.Generator) -> Bools:
    """Students of a random share of households: families move together."""
    return np.asarray((rng.random(int(people.household.max()) + 1) < share)[people.household])


def _year(stay: _Stay, who: Ints, rng: np.random.Generator) -> list[Spells]:
    """The enrollments of one whole year; updates `stay.now` to the end of the year."""
    people, now = stay.people, stay.now
    days = school_days(stay.year)
    going = _going(people, rng)
    day = rng.choice(days[20:130], int(people.household.max()) + 1)[people.household]
    exits = _exits(people, who, stay.grade[who], now.moves[who], going[who], rng)
    moving = np.isin(going, ("moved", "within")) & np.isnat(now.moved_on)
    now.moved_on[moving] = day[moving] + 1
    parts = []
    for reason in ("left", "vanished", "dropout", "graduated", "unmet", "year"):
        these = who[exits == reason]
        end = day[these] if reason in ("left", "vanished", "dropout") else days[-1]
        parts.append(stay.of(these, days[0], end, reason))
        now.here[these] = reason == "year"
        now.gone[these] = reason in ("left", "vanished")
        now.done[these] = reason in ("dropout", "graduated", "unmet")
    for reason in ("moved", "within"):
        these = who[exits == reason]
        before = stay.of(these, days[0], day[these], reason)
        if reason == "moved":
            now.district[these] = 1 - now.district[these]
        else:
            now.spot[these] = (now.spot[these] + 0.5) % 1
        changed = before.school != stay.of(these, day[these] + 1, days[-1], "year").school
        now.moves[these] += changed & (stay.grade[these] >= 9)
        after = stay.of(these, day[these] + 1, days[-1], "year")
        # A new home near the same school: the stay continues.
        whole = stay.of(these, days[0], days[-1], "year")
        last = stay.grade[these] == 12
        ends = np.where(last, _ends(people, these, now.moves[these], rng), "year")
        now.done[these[last]] = True
        for part in (after, whole):
            part.exit[:] = ends
        parts += [before.where(changed), after.where(changed), whole.where(~changed)]
    return parts


def _going(people: SimulatedPopulation, rng: np.random.Generator) -> NDArray[np.str_]:
    """Where each student's household moves this year: to the other district, within its own, out of town, or nowhere."""
    draw = rng.random(int(people.household.max()) + 1)
    return np.asarray(
        np.select(
            [draw < 0.03, draw < 0.06, draw < 0.077, draw < 0.08], ["moved", "within", "left", "vanished"], ""
        )[people.household]
    )


def _exits(
    people: SimulatedPopulation,
    who: Ints,
    grade: Ints,
    moves: Ints,
    going: NDArray[np.str_],
    rng: np.random.Generator,
) -> NDArray[np.str_]:
    """How each student's year in a school ends."""
    dropping = (grade >= 10) & (
        rng.random(len(who)) < chance(-4.1 - 1.0 * people.attachment[who] + 1.3 * (moves > 0))
    )
    last = np.where(grade == 12, _ends(people, who, moves, rng), "year")
    return np.where(going != "", going, np.where(dropping, "dropout", last))


def _ends(people: SimulatedPopulation, who: Ints, moves: Ints, rng: np.random.Generator) -> NDArray[np.str_]:
    """How grade 12 ends. Changing schools in mid-year costs credits: the pipeline's leak before graduation."""
    odds = 2.9 + 0.9 * people.attachment[who] + 0.5 * people.ability[who] - 1.6 * (moves > 0)
    return np.where(rng.random(len(who)) < chance(odds), "graduated", "unmet")


def _alumni(people: SimulatedPopulation, schools: Schools, year: int, rng: np.random.Generator) -> Spells:
    """The last stay of each class that left before the records of all years begin."""
    nobody, never = np.zeros(people.size, dtype=bool), np.zeros(people.size, dtype=np.int64)
    now = _Lives(nobody, nobody, nobody, people.district, people.spot, never, people.moved_on)
    parts = []
    for cohort in range(year - YEARS - 9, year - YEARS - 3):
        who = np.flatnonzero((people.cohort == cohort) & (people.arrives == 0))
        early = rng.random(len(who)) < chance(-2.9 - people.attachment[who])
        for grade, these in ((11, who[early]), (12, who[~early])):
            y = cohort + grade - 9
            stay = _Stay(people, schools, now, y, np.full(people.size, grade))
            part = stay.of(these, school_days(y)[0], school_days(y)[100 if grade == 11 else -1], "dropout")
            if grade == 12:
                part.exit[:] = _ends(people, these, now.moves[these], rng)
            parts.append(part)
    return Spells.joined(parts)
