"""The two districts' schools: as many as a town of that size has, and which one a household's children attend."""

from dataclasses import dataclass

import numpy as np

from throughway.demo.population import Floats, Ints, Text, words

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
