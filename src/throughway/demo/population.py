"""Who lives in Riverbend: households with siblings and twins, names, birth dates, and two hidden traits.

All of it is made up, and the same seed gives the same people.
"""

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Text = NDArray[np.str_]
Ints = NDArray[np.int64]

RACES = np.array(["White", "BlackorAfricanAmerican", "Asian", "AmericanIndianorAlaskaNative"])
TWINS = 0.04  # share of later-born siblings who are born with the one before them
SPANISH_SPEAKING = 0.35  # share of households with two Spanish surnames
COHORTS = (
    10  # grade 9 entry years that live in the community at once: grades 6 to 12, and three classes that left
)


@dataclass(frozen=True)
class Population:
    """One entry for each student. `attachment` and `ability` drive what happens to them and are never exported."""

    household: Ints
    first: Text
    nickname: Text
    middle: Text
    surname: Text
    second_surname: Text  # empty outside Spanish-speaking households
    sex: Text  # F or M
    birthdate: NDArray[np.datetime64]
    race: Text
    hispanic: NDArray[np.bool_]
    english_learner: NDArray[np.bool_]
    cohort: Ints  # the ending year of the school year in which the student enters grade 9
    district: Ints  # 0 or 1, where the household lives first
    attachment: NDArray[np.float64]
    ability: NDArray[np.float64]
    street: Text
    zip_code: Text
    phone: Text

    @property
    def size(self) -> int:
        return len(self.household)


def words(name: str) -> dict[str, Text]:
    """The columns of a list of made-up words."""
    rows = list(
        csv.DictReader(files("throughway.demo").joinpath("words", name).read_text("utf-8").splitlines())
    )
    return {column: np.array([row[column] for row in rows]) for column in rows[0]}


def settle(students: int, year: int, rng: np.random.Generator) -> Population:
    """Makes the students of a community whose current school year ends in `year`."""
    household, born_as = _households(students, rng)
    homes = int(household.max()) + 1
    spanish = (rng.random(homes) < SPANISH_SPEAKING)[household]
    twin = (born_as > 0) & (rng.random(students) < TWINS)
    cohort = year - 7 + (rng.integers(0, COHORTS, homes)[household] + 2 * born_as) % COHORTS
    cohort = np.where(twin, np.roll(cohort, 1), cohort)
    # Age 14 on the first of September of grade 9.
    start = np.array([f"{c - 16}-09-02" for c in cohort], dtype="datetime64[D]")
    birthdate = start + rng.integers(0, 365, students).astype("timedelta64[D]")
    birthdate = np.where(twin, np.roll(birthdate, 1), birthdate)
    sex = rng.choice(["F", "M"], students)
    first, nickname = _given_names(sex, spanish, household, rng)
    ours, theirs = _surnames(homes, rng)
    surnames = words("surnames.csv")["name"]
    streets = words("streets.csv")["name"]
    attachment = 0.7 * rng.normal(size=homes)[household] + 0.7 * rng.normal(size=students)
    street = np.array(
        [f"{n} {s}" for n, s in zip(rng.integers(1, 900, homes), rng.choice(streets, homes), strict=True)]
    )
    return Population(
        household=household,
        first=first,
        nickname=nickname,
        middle=np.where(rng.random(students) < 0.7, rng.choice(list("ABCDEFGHJKLMNPRST"), students), ""),
        surname=np.where(spanish, surnames[theirs[0]][household], surnames[ours][household]),
        second_surname=np.where(spanish, surnames[theirs[1]][household], ""),
        sex=sex,
        birthdate=birthdate,
        race=rng.choice(RACES, homes, p=[0.55, 0.3, 0.11, 0.04])[household],
        hispanic=spanish,
        english_learner=spanish & (rng.random(students) < 0.4),
        cohort=cohort,
        district=(rng.random(homes) < 0.42).astype(np.int64)[household],
        attachment=attachment,
        ability=0.4 * attachment + rng.normal(size=students),
        street=street[household],
        zip_code=rng.choice(["00501", "00502", "00503"], homes)[household],
        phone=np.array([f"555-01{n:02d}-{h:05d}" for h, n in enumerate(rng.integers(0, 99, homes))])[
            household
        ],
    )


def _households(students: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """The household of each student, and the student's place among its children (0 the first)."""
    sizes = rng.choice([1, 2, 3, 4], students, p=[0.48, 0.34, 0.14, 0.04])
    household = np.repeat(np.arange(students), sizes)[:students]
    starts = np.searchsorted(household, household)
    return household, np.arange(students) - starts


def _given_names(
    sex: Text, spanish: NDArray[np.bool_], household: Ints, rng: np.random.Generator
) -> tuple[Text, Text]:
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


def _surnames(homes: int, rng: np.random.Generator) -> tuple[Ints, tuple[Ints, Ints]]:
    """One surname for each household of English names, two for each of Spanish names."""
    spanish = words("surnames.csv")["spanish"] == "yes"
    ours = rng.choice(np.flatnonzero(~spanish), homes)
    theirs = np.flatnonzero(spanish)
    return ours, (rng.choice(theirs, homes), rng.choice(theirs, homes))
