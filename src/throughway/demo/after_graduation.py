"""After high school: terms at colleges, stopping out and coming back, credentials, and each adult's earnings by quarter, as employers
report them to the State."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from throughway.demo.arrays import NEVER, Bools, Days, Floats, Ints, Records, chance, earliest, stream
from throughway.demo.enrollment import Spells
from throughway.demo.population import SimulatedPopulation
from throughway.demo.programs import BRIDGE_EFFECT, SUMMER_BRIDGE, Participation

FALLS, STATE_UNIVERSITY, ELSEWHERE = range(3)
# NSC code and branch, name as the clearinghouse writes it, two-year or four-year, public or private.
COLLEGES = (
    ("009999-00", "FALLS COMMUNITY COLLEGE", "2", "Public"),
    ("009998-00", "STATE UNIVERSITY AT RIVERBEND", "4", "Public"),
    ("009997-00", "HARTWATER COLLEGE", "4", "Private"),
)
NEEDED = np.array([4, 8, 8])  # full-time terms for the credential
DEGREES = ("ASSOCIATE OF ARTS", "BACHELOR OF ARTS", "BACHELOR OF SCIENCE")
MAJORS = (("LIBERAL ARTS", "240101"), ("NURSING", "513801"), ("BUSINESS", "520201"), ("COMPUTING", "110101"))


@dataclass(frozen=True)
class Diplomas(Records):
    student: Ints
    district: Ints
    school: Ints
    year: Ints
    day: Days


@dataclass(frozen=True)
class CollegeTerms(Records):
    """One entry for each term at a college, by student and day."""

    student: Ints
    college: Ints  # index into COLLEGES
    start: Days
    end: Days
    status: NDArray[np.str_]  # F, H, or W for who withdrew in it
    major: Ints  # index into MAJORS


@dataclass(frozen=True)
class Awards(Records):
    student: Ints
    college: Ints
    day: Days
    major: Ints


@dataclass(frozen=True)
class College:
    """`enter_without` and the like: the chance of each graduate to enter within 16 months, without summer-bridge and with it."""

    diplomas: Diplomas
    terms: CollegeTerms
    awards: Awards
    enter_without: Floats
    enter_with: Floats
    bridged: Bools
    entered: Bools  # the outcome, in the months that are known


def go_on(
    people: SimulatedPopulation, spells: Spells, participation: Participation, known: np.datetime64, seed: int
) -> College:
    """College entry after the diploma, stopping out, coming back and completion, up to the last day of records."""
    rng = stream(seed, "college")
    done = np.flatnonzero(spells.exit == "graduated")
    who, n = spells.student[done], len(done)
    diplomas = Diplomas(who, spells.district[done], spells.school[done], spells.year[done], spells.end[done])
    learner = still_learning(people, who, diplomas.day)
    without = np.clip(0.66 + 0.15 * people.ability[who] - 0.06 * people.low_income[who] - 0.36 * learner, 0.05, 0.8)  # fmt: skip
    with_ = without + BRIDGE_EFFECT * learner
    bridged = np.isin(who, participation.of(SUMMER_BRIDGE).student)
    enters = rng.random(n) < np.where(bridged, with_, without)
    late = rng.random(n) < 0.12
    # Adults who never went, or left school without a diploma, come to the community college years later.
    other = np.flatnonzero(np.isin(spells.exit, ["dropout", "unmet"]) | (spells.exit == "graduated"))
    never = ~np.isin(spells.student[other], who[enters])
    adult = np.unique(spells.student[other][never & (rng.random(len(other)) < 0.12)])
    first_fall = np.concatenate([spells.year[done][enters] + late[enters], people.cohort[adult] + 3 + rng.integers(3, 9, len(adult))])  # fmt: skip
    start = np.concatenate([who[enters], adult])
    four = rng.random(len(start)) < chance(0.5 + 0.7 * people.ability[start] - 0.9 * people.low_income[start])
    college = np.where(four, np.where(rng.random(len(start)) < 0.8, STATE_UNIVERSITY, ELSEWHERE), FALLS)
    college[-len(adult) or len(college) :] = FALLS
    terms, awards = _attend(people, start, first_fall, college, known, rng)
    seen = np.isin(who, terms.student[terms.start < NEVER])
    return College(diplomas, terms, awards, without, with_, bridged, enters & seen)


def still_learning(people: SimulatedPopulation, who: Ints, on: Days) -> Bools:
    """English learners on a day, who have not been found fluent by then."""
    return np.asarray(people.english_learner[who] & ~(people.fluent_on[who] <= on))


def _attend(
    people: SimulatedPopulation,
    who: Ints,
    fall: Ints,
    college: Ints,
    known: np.datetime64,
    rng: np.random.Generator,
) -> tuple[CollegeTerms, Awards]:
    """Term by term: enrolled students may stop out, students who stopped out may come back, enough terms earn a credential."""
    n = len(who)
    college, earned = college.copy(), np.zeros(n)
    enrolled, stopped, ended = np.zeros(n, bool), np.zeros(n, bool), np.zeros(n, bool)
    major = rng.integers(0, len(MAJORS), n)
    terms: list[CollegeTerms] = []
    awards: list[Awards] = []
    for year in range(int(fall.min()), int(str(known)[:4]) + 1):
        for begin, finish in (
            (f"{year}-01-16", f"{year}-05-12"),
            (f"{year}-08-26", f"{year}-12-16"),
        ):
            first, last = np.datetime64(begin), np.datetime64(finish)
            if first > known:
                break
            autumn = begin[5:7] == "08"
            new = autumn & (fall == year)
            back = stopped & (rng.random(n) < (0.09 if autumn else 0.03))
            college = np.where(back & (rng.random(n) < 0.7), FALLS, college)
            enrolled |= new | back
            stopped &= ~back
            full = rng.random(n) < np.where(college == FALLS, 0.72, 0.92)
            leaves = enrolled & (rng.random(n) < chance(-1.55 - 0.55 * people.ability[who] - 0.3 * people.attachment[who] + 0.35 * people.low_income[who] - 0.12 * earned))  # fmt: skip
            withdrew = leaves & (rng.random(n) < 0.4)
            rows = np.flatnonzero(enrolled)
            status = np.where(withdrew, "W", np.where(full, "F", "H"))
            terms.append(CollegeTerms(who[rows], college[rows], np.full(len(rows), first), np.full(len(rows), last), status[rows], major[rows]))  # fmt: skip
            earned += (enrolled & ~withdrew) * np.where(full, 1.0, 0.5)
            finished = enrolled & (earned >= NEEDED[college])
            if last <= known:
                these = np.flatnonzero(finished)
                awards.append(Awards(who[these], college[these], np.full(len(these), last + 2), major[these]))
            # Some with a two-year credential transfer to the university with it.
            goes_on = finished & (college == FALLS) & (rng.random(n) < 0.3)
            college = np.where(goes_on, STATE_UNIVERSITY, college)
            ended |= finished & ~goes_on
            stopped |= leaves & ~finished
            enrolled &= ~((leaves | finished) & ~goes_on)
    found = CollegeTerms.joined(terms)
    return found.where(np.lexsort((found.start, found.student))), Awards.joined(awards)


LIVING_WAGE = 10_400.0  # dollars a quarter, for one adult in Riverbend
INDUSTRIES = ("722511", "445110", "622110", "236220", "611110", "541511", "493110")


@dataclass(frozen=True)
class QuarterlyEmployment(Records):
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
    short = awards.college < STATE_UNIVERSITY
    two = earliest(people.size, awards.student[short], awards.day[short])
    four = earliest(people.size, awards.student[~short], awards.day[~short])
    parts: list[QuarterlyEmployment] = []
    for y in range(year - 6, int(str(known)[:4]) + 1):
        for quarter in range(1, 5):
            first = np.datetime64(f"{y}-{3 * quarter - 2:02d}-01")
            if first + 91 > known:
                break
            left = np.char.add((people.cohort[who] + 3).astype(str), "-06-30").astype("datetime64[D]")
            grown = (first - left).astype(int) / 365
            studying = np.isin(who, terms.student[(terms.start <= first + 60) & (terms.end >= first)])
            base = np.select([four[who] < first, two[who] < first, graduated], [9.62, 9.36, 9.02], 8.82)
            pay: Floats = np.exp(base + 0.03 * np.clip(grown, 0, 12) + level + 0.12 * rng.normal(size=len(who)) - 0.9 * studying)  # fmt: skip
            employed = (grown > 0) & (rng.random(len(who)) < chance(1.1 + 0.4 * people.attachment[who] - 1.2 * studying))  # fmt: skip
            rows = np.flatnonzero(employed)
            n = len(rows)
            parts.append(QuarterlyEmployment(who[rows], np.full(n, y), np.full(n, quarter), np.round(pay[rows], 2), industry[rows]))  # fmt: skip
    return QuarterlyEmployment.joined(parts)
