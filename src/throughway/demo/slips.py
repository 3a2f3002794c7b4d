"""How names and birth dates are really written down: nicknames, typing errors, one surname of two, swapped days."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from throughway.demo.population import Ints, Population, Text

KEYS = "abcdefghijklmnoprstuvwz"


@dataclass(frozen=True)
class Habits:
    """How careful one partner is: the share of records with each slip."""

    nickname: float
    typing: float
    surname_styles: tuple[float, float, float, float]  # "A B", "A-B", "A", "B A"
    birthdate: float


@dataclass(frozen=True)
class Written:
    """A partner's own way of writing some students."""

    first: Text
    last: Text
    birthdate: Text  # ISO, may be empty


def write_down(people: Population, who: Ints, habits: Habits, rng: np.random.Generator) -> Written:
    n = len(who)
    known_as = people.nickname[who]
    first = np.where((rng.random(n) < habits.nickname) & (known_as != ""), known_as, people.first[who])
    a, b = people.surname[who], people.second_surname[who]
    style = rng.choice(4, n, p=habits.surname_styles)
    last = np.array([_surname(x, y, s) for x, y, s in zip(a, b, style, strict=True)])
    first = _mistyped(first, habits.typing, rng)
    last = _mistyped(last, habits.typing, rng)
    return Written(first, last, _days(people.birthdate[who], habits.birthdate, rng))


def _surname(a: str, b: str, style: int) -> str:
    return a if not b else (f"{a} {b}", f"{a}-{b}", a, f"{b} {a}")[style]


def _mistyped(names: Text, share: float, rng: np.random.Generator) -> Text:
    """Two letters swapped, one dropped, or one hit beside."""
    result = names.astype(object)
    for i in np.flatnonzero(rng.random(len(names)) < share):
        name = str(names[i])
        at = int(rng.integers(1, max(2, len(name) - 1)))
        kind = rng.integers(3)
        if kind == 0:
            name = name[: at - 1] + name[at : at + 1] + name[at - 1] + name[at + 1 :]
        elif kind == 1:
            name = name[:at] + name[at + 1 :]
        else:
            name = name[:at] + str(rng.choice(list(KEYS))) + name[at + 1 :]
        result[i] = name
    return result.astype(str)


def _days(birthdate: NDArray[np.datetime64], share: float, rng: np.random.Generator) -> Text:
    """ISO days; a few with day and month swapped, the year off by one, or missing."""
    days = birthdate.astype(str).astype(object)
    for i in np.flatnonzero(rng.random(len(days)) < share):
        y, m, d = str(days[i]).split("-")
        kind = rng.integers(3)
        if kind == 0 and int(d) <= 12:
            days[i] = f"{y}-{d}-{m}"
        elif kind == 1 and not (m == "02" and d == "29"):
            days[i] = f"{int(y) + int(rng.choice([-1, 1]))}-{m}-{d}"
        else:
            days[i] = ""
    return days.astype(str)
