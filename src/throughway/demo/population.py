"""Who lives in Riverbend: households with siblings and twins, names, birth dates, statuses, and hidden traits.

All of it is made up, and the same seed gives the same people.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from throughway.demo.arrays import NAT, Bools, Days, Floats, Ints, Records, Text, picked, whether

RACES = np.array(["White", "BlackorAfricanAmerican", "Asian", "AmericanIndianorAlaskaNative"])
TWINS = 0.05  # share of later-born siblings who are born with the one before them
SPANISH_SPEAKING = 0.30  # share of households with two Spanish surnames
SCHOOL_COHORTS = 19  # kindergarten to grade 12 in seven years
ALUMNI_COHORTS = 6  # classes that left school before the first of these years
DISABILITIES = np.array(["Specific Learning Disability", "Speech or Language Impairment", "Autism", "Other Health Impairment"])  # fmt: skip


@dataclass(frozen=True)
class SimulatedPopulation(Records):
    """One entry for each student. The traits at the end drive what happens to them and are never exported."""

    household: Ints
    first: Text
    nickname: Text
    middle: Text
    surname: Text
    second_surname: Text  # empty outside Spanish-speaking households
    new_surname: Text  # after a marriage or an adoption; empty for most
    renamed_on: Days  # NaT for most
    sex: Text  # F or M
    birthdate: Days
    twin: Bools
    race: Text
    hispanic: Bools
    language: Text  # spoken at home: eng or spa
    cohort: Ints  # the ending year of the school year in which the student enters grade 9
    district: Ints  # 0 or 1, where the household lives first
    arrives: Ints  # the ending year of the first school year in town; 0 for those who were always here
    spot: Floats  # 0 to 1: where in the district the household lives, which decides the schools
    street: Text
    zip_code: Text
    phone: Text
    new_street: Text  # where the household lives after its first move, if it moves
    new_zip_code: Text
    moved_on: Days  # NaT for those who stayed
    guardian: Text  # the given name of a parent; the surname is the household's
    english_learner: Bools  # at entry to school
    fluent_on: Days  # when an English learner was found to be fluent; NaT while not
    low_income: Bools
    disability: Text  # empty for most
    foster_from: Days
    foster_to: Days
    homeless_from: Days
    homeless_to: Days
    attachment: Floats
    ability: Floats
    reading: Floats  # aptitude for reading besides ability
    numbers: Floats  # and for mathematics

    @property
    def size(self) -> int:
        return len(self.household)


@cache
def words(name: str) -> dict[str, Text]:
    """The columns of a list of made-up words."""
    rows = list(
        csv.DictReader(files("throughway.demo").joinpath("words", name).read_text("utf-8").splitlines())
    )
    return {column: np.array([row[column] for row in rows]) for column in rows[0]}


def settle(students: int, year: int, rng: np.random.Generator) -> SimulatedPopulation:
    """Makes the students of a community whose current school year ends in `year`."""
    household, birth = _households(students, rng)
    homes = int(household.max()) + 1
    spanish = whether(np.full(homes, SPANISH_SPEAKING), rng)
    twin = (birth > 0) & (rng.random(students) < TWINS)
    cohort = _cohorts(household, birth, twin, year, rng)
    twin |= (birth > 0) & (cohort == np.roll(cohort, 1))
    # Where brothers and sisters are in neighboring classes, they are born in one season, most of a year apart.
    close = np.isin(household, household[(birth > 0) & (np.abs(cohort - np.roll(cohort, 1)) == 1)])
    season = rng.integers(30, 335, homes)[household] + rng.integers(-30, 31, students)
    day = np.where(close, season, rng.integers(0, 365, students))
    birthdate = np.char.add((cohort - 15).astype(str), "-09-02").astype("datetime64[D]") + day
    birthdate = np.where(twin, np.roll(birthdate, 1), birthdate)
    sex = rng.choice(["F", "M"], students)
    first, nickname = _given_names(sex, spanish[household], household, rng)
    surname, second, parents = _surnames(homes, spanish, rng)
    district = (rng.random(homes) < 0.42).astype(np.int64)
    low_income = whether(np.where(spanish, 0.52, 0.36), rng)
    street = _streets(homes, rng)
    line = np.char.zfill(np.arange(homes).astype(str), 5)
    phone = np.char.add(np.char.add(np.char.add("555-01", np.char.zfill(rng.integers(0, 99, homes).astype(str), 2)), "-"), line)  # fmt: skip
    attachment = 0.7 * rng.normal(size=homes)[household] + 0.7 * rng.normal(size=students)
    own = rng.random(students)
    renamed, renamed_on = _new_names(surname[household], cohort, household, rng)
    learner = spanish[household] & (own < 0.5)
    started = np.char.add((cohort - 10).astype(str), "-09-01").astype("datetime64[D]")
    foster = _span(whether(np.full(students, 0.012), rng), started, 4000, 700, rng)
    homeless = _span((rng.random(homes) < 0.09 * low_income)[household], started, 4200, 300, rng, household)
    return SimulatedPopulation(
        household=household,
        first=first,
        nickname=nickname,
        middle=np.where(rng.random(students) < 0.7, rng.choice(list("ABCDEFGHJKLMNPRST"), students), ""),
        surname=surname[household],
        second_surname=second[household],
        new_surname=renamed,
        renamed_on=renamed_on,
        sex=sex,
        birthdate=birthdate,
        twin=twin | np.roll(twin, -1),
        race=rng.choice(RACES, homes, p=[0.55, 0.3, 0.11, 0.04])[household],
        hispanic=spanish[household],
        language=np.where(learner | (spanish[household] & (own < 0.7)), "spa", "eng"),
        cohort=cohort,
        district=district[household],
        arrives=np.where(rng.random(homes) < 0.08, year - rng.integers(0, 6, homes), 0)[household],
        spot=rng.random(homes)[household],
        street=street[household],
        zip_code=np.where(district == 0, rng.choice(["00501", "00502"], homes), "00503")[household],
        phone=phone[household],
        new_street=_streets(homes, rng)[household],
        new_zip_code=rng.choice(["00501", "00502", "00503"], homes)[household],
        moved_on=np.full(students, NAT),
        guardian=parents[household],
        english_learner=learner,
        fluent_on=_fluent(learner, started, rng),
        low_income=low_income[household],
        disability=np.where(rng.random(students) < 0.14, rng.choice(DISABILITIES, students, p=[0.45, 0.25, 0.12, 0.18]), ""),
        foster_from=foster[0],
        foster_to=foster[1],
        homeless_from=homeless[0],
        homeless_to=homeless[1],
        attachment=attachment,
        ability=0.4 * attachment + rng.normal(size=students),
        reading=0.55 * rng.normal(size=students),
        numbers=0.55 * rng.normal(size=students),
    )  # fmt: skip


def _households(students: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """The household of each student, and the student's place among its children (0 the first)."""
    sizes = rng.choice([1, 2, 3, 4], students, p=[0.42, 0.37, 0.16, 0.05])
    household = np.repeat(np.arange(students), sizes)[:students]
    starts = np.searchsorted(household, household)
    return household, np.arange(students) - starts


def _cohorts(household: Ints, birth: Ints, twin: Bools, year: int, rng: np.random.Generator) -> Ints:
    """The year of grade 9: siblings two or three years apart, twins together, all within the classes that live here."""
    classes, homes = SCHOOL_COHORTS + ALUMNI_COHORTS, int(household.max()) + 1
    first = rng.integers(0, classes, homes)[household]
    gap = np.where((birth == 0) | twin, 0, rng.integers(2, 4, len(household)))
    total = np.cumsum(gap)
    apart = total - total[np.searchsorted(household, household)]
    place = first + apart * rng.choice([-1, 1], homes)[household]
    # Reflected at both ends, which leaves every class the same size.
    place = np.where(place < 0, -1 - place, np.where(place >= classes, 2 * classes - 1 - place, place))
    cohort: Ints = year + 9 - place
    return cohort


def _given_names(sex: Text, spanish: Bools, household: Ints, rng: np.random.Generator) -> tuple[Text, Text]:
    """A given name and its nickname, no two alike in one household."""
    given = words("given.csv")
    drawn = np.zeros(len(sex), dtype=np.int64)
    for letter in ("F", "M"):
        for tongue in (False, True):
            among = np.flatnonzero((given["sex"] == letter) & ((given["spanish"] == "yes") == tongue))
            members = np.flatnonzero((sex == letter) & (spanish == tongue))
            # A random start for each household and a step for each child: never the same name twice at home.
            offset = rng.integers(0, len(among), int(household.max()) + 1)[household[members]]
            drawn[members] = among[(offset + members) % len(among)]
    return given["name"][drawn], given["nickname"][drawn]


def surnames_of(tongue: str) -> Text:
    """Surnames of a language: those of the list and, in English, also combinations of the two parts."""
    listed = words("surnames.csv")
    if tongue == "spa":
        return np.asarray(listed["name"][listed["spanish"] == "yes"])
    parts = words("surname_parts.csv")
    ends = parts["end"][parts["end"] != ""]
    made = np.char.add(parts["begin"][:, None], ends[None, :]).ravel()
    return np.unique(np.concatenate([listed["name"][listed["spanish"] == ""], made]))


def _surnames(homes: int, spanish: Bools, rng: np.random.Generator) -> tuple[Text, Text, Text]:
    """One surname for each household of English names, two for each of Spanish ones, and a parent's given name."""
    ours, theirs = surnames_of("eng"), surnames_of("spa")
    given = words("given.csv")
    parent = np.where(
        spanish,
        rng.choice(given["name"][given["spanish"] == "yes"], homes),
        rng.choice(given["name"][given["spanish"] == ""], homes),
    )
    return (
        np.where(spanish, rng.choice(theirs, homes), rng.choice(ours, homes)),
        np.where(spanish, rng.choice(theirs, homes), ""),
        parent,
    )


def _streets(homes: int, rng: np.random.Generator) -> Text:
    number = np.char.add(rng.integers(1, 900, homes).astype(str), " ")
    return np.char.add(number, rng.choice(words("streets.csv")["name"], homes))


def _new_names(surname: Text, cohort: Ints, household: Ints, rng: np.random.Generator) -> tuple[Text, Days]:
    """A parent's marriage or an adoption renames all children of a household; their own marriage renames some adults."""
    homes = int(household.max()) + 1
    began = np.char.add((cohort - 9).astype(str), "-01-15").astype("datetime64[D]")
    family = (rng.random(homes) < 0.035)[household]
    # One day for the household: years after the eldest child's start of school.
    days = rng.integers(200, 3000, homes)[household]
    eldest = np.minimum.reduceat(began, np.unique(household, return_index=True)[1])[household]
    own = ~family & (rng.random(len(household)) < 0.06)
    grown = began + 365 * 14 + rng.integers(0, 2500, len(household))
    chosen = surnames_of("eng")
    name = np.where(
        family, rng.choice(chosen, homes)[household], np.where(own, rng.choice(chosen, len(household)), "")
    )
    name = np.where(name == surname, "", name)
    day = np.where(family, eldest + days, np.where(own, grown, NAT))
    return name, np.where(name == "", NAT, day)


def _fluent(learner: Bools, started: Days, rng: np.random.Generator) -> Days:
    """When some English learners are found to be fluent: in school, from grade 3 on."""
    day = picked(started + 1400, 1800, rng)
    return np.where(learner & (rng.random(len(learner)) < 0.3), day, NAT)


def _span(
    who: Bools, began: Days, within: int, longest: int, rng: np.random.Generator, of: Ints | None = None
) -> tuple[Days, Days]:
    """First and last day of a period that starts within so many days of the start of school; siblings share it if `of` is given."""
    size = len(who) if of is None else int(of.max()) + 1
    start, length = rng.integers(60, within, size), rng.integers(40, longest, size)
    if of is not None:
        start, length = start[of], length[of]
        began = np.minimum.reduceat(began, np.unique(of, return_index=True)[1])[of]
    first = np.where(who, began + start, NAT)
    return first, np.where(who, first + length, NAT)
