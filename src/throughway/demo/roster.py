"""Which partner holds a record of which student, under which key, and how it writes names and birth dates: nicknames, typing
errors, one surname of two, old names, gaps."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from throughway.demo.arrays import Days, Ints, Text, earliest, stream
from throughway.demo.partners import (
    BRIGHT,
    COLLEGE,
    COLLEGE_ACCESS,
    FAMILIES,
    LAKESIDE,
    MENTORS,
    PAGES,
    RIVERBEND,
    WAGES,
)
from throughway.demo.population import SimulatedPopulation

ABBREVIATED = {
    " Street": " St",
    " Road": " Rd",
    " Lane": " Ln",
    " Court": " Ct",
    " Avenue": " Ave",
    " Drive": " Dr",
}
LETTERS = np.array(list("abcdefghijklmnoprstuvwz"))


@dataclass(frozen=True)
class Habits:
    """How careful one partner is: the share of records with each slip."""

    nickname: float
    typing: float
    surname_styles: tuple[float, float, float, float]  # "A B", "A-B", "A", "B A"
    birthdate: float
    old_name: float = (
        0.5  # of those renamed, or moved, since they came: still under the old name, or at the old address
    )
    missing: float = 0.03  # addresses and telephones not asked for
    short: float = 0.1  # streets written `St` or `Rd`


@dataclass(frozen=True)
class PartnerSpellings:
    """A partner's own spelling for some students. All fields except the first two may be empty."""

    first: Text
    last: Text
    birthdate: Text  # ISO
    street: Text
    zip_code: Text
    phone: Text


def write_down(
    people: SimulatedPopulation,
    who: Ints,
    habits: Habits,
    rng: np.random.Generator,
    since: Days | None = None,
) -> PartnerSpellings:
    """`since`: the day on which the partner first wrote each of them down."""
    n = len(who)
    known_as = people.nickname[who]
    first = np.where((rng.random(n) < habits.nickname) & (known_as != ""), known_as, people.first[who])
    style = rng.choice(4, n, p=habits.surname_styles)
    last = surnames(people.surname[who], people.second_surname[who], style)
    renamed = people.new_surname[who] != ""
    if since is not None:
        renamed &= (people.renamed_on[who] <= since) | (rng.random(n) >= habits.old_name)
    last = np.where(renamed, people.new_surname[who], last)
    birthdate = _days(people.birthdate[who], habits.birthdate, rng)
    first, last = mistyped(first, habits.typing, rng), mistyped(last, habits.typing, rng)
    gone = ~np.isnat(people.moved_on[who])
    if since is not None:
        gone &= (people.moved_on[who] <= since) | (rng.random(n) >= habits.old_name)
    street = np.where(gone, people.new_street[who], people.street[who])
    street = np.where(rng.random(n) < habits.short, _shortened(street), street)
    asked, reachable = rng.random(n) >= habits.missing, rng.random(n) >= habits.missing
    return PartnerSpellings(
        first=first,
        last=last,
        birthdate=birthdate,
        street=np.where(asked, street, ""),
        zip_code=np.where(asked, np.where(gone, people.new_zip_code[who], people.zip_code[who]), ""),
        phone=np.where(reachable, people.phone[who], ""),
    )


def _shortened(streets: Text) -> Text:
    for long, short in ABBREVIATED.items() if len(streets) else ():
        streets = np.char.replace(streets, long, short)
    return streets


def surnames(first: Text, second: Text, style: Ints) -> Text:
    """Two surnames written in one of four ways; a single surname is unchanged."""
    gap, hyphen = np.char.add(first, " "), np.char.add(first, "-")
    return np.where(
        second == "",
        first,
        np.select(
            [style == 0, style == 1, style == 2],
            [np.char.add(gap, second), np.char.add(hyphen, second), first],
            np.char.add(np.char.add(second, " "), first),
        ),
    )


def mistyped(names: Text, share: float, rng: np.random.Generator) -> Text:
    """Typing errors: two letters swapped, one dropped, or one replaced."""
    rows = np.flatnonzero(rng.random(len(names)) < share)
    kinds, places, keys = (
        rng.integers(3, size=len(rows)),
        rng.random(len(rows)),
        rng.choice(LETTERS, len(rows)),
    )
    result = names.copy()
    for i, kind, place, key in zip(rows, kinds, places, keys, strict=True):
        name = str(names[i])
        at = 1 + int(place * max(1, len(name) - 2))
        if kind == 0:
            pair = name[at : at + 1] + name[at - 1]
            pair = (
                pair.capitalize() if at == 1 and name[0].isupper() else pair
            )  # the first letter stays a capital
            name = name[: at - 1] + pair + name[at + 1 :]
        elif kind == 1:
            name = name[:at] + name[at + 1 :]
        else:
            name = name[:at] + key + name[at + 1 :]
        result[i] = name
    return result


def _days(birthdate: Days, share: float, rng: np.random.Generator) -> Text:
    """ISO days; a few with day and month swapped, the year off by one, or missing."""
    days = birthdate.astype("datetime64[D]").astype("U10")
    rows = np.flatnonzero(rng.random(len(days)) < share)
    kinds, signs = rng.integers(3, size=len(rows)), rng.choice([-1, 1], len(rows))
    for i, kind, sign in zip(rows, kinds, signs, strict=True):
        y, m, d = str(days[i]).split("-")
        if kind == 0 and int(d) <= 12:
            days[i] = f"{y}-{d}-{m}"
        elif kind == 1 and not (m == "02" and d == "29"):
            days[i] = f"{int(y) + sign}-{m}-{d}"
        else:
            days[i] = ""
    return days


DISTRICTS = (RIVERBEND, LAKESIDE)

HABITS = {
    RIVERBEND: Habits(nickname=0.02, typing=0.02, surname_styles=(0.7, 0.2, 0.1, 0.0), birthdate=0.0, old_name=0.3, missing=0.01),
    LAKESIDE: Habits(nickname=0.04, typing=0.02, surname_styles=(0.3, 0.4, 0.3, 0.0), birthdate=0.01, old_name=0.3, missing=0.03),
    BRIGHT: Habits(nickname=0.25, typing=0.05, surname_styles=(0.25, 0.15, 0.5, 0.1), birthdate=0.03, missing=0.06),
    PAGES: Habits(nickname=0.12, typing=0.03, surname_styles=(0.4, 0.2, 0.35, 0.05), birthdate=0.01, missing=0.05),
    MENTORS: Habits(nickname=0.30, typing=0.03, surname_styles=(0.2, 0.1, 0.6, 0.1), birthdate=0.02, missing=0.08),
    FAMILIES: Habits(nickname=0.05, typing=0.04, surname_styles=(0.5, 0.2, 0.2, 0.1), birthdate=0.02, missing=0.1),
    COLLEGE_ACCESS: Habits(nickname=0.10, typing=0.02, surname_styles=(0.3, 0.3, 0.35, 0.05), birthdate=0.01, missing=0.04),
    COLLEGE: Habits(nickname=0.03, typing=0.01, surname_styles=(0.5, 0.3, 0.2, 0.0), birthdate=0.005, old_name=0.6, missing=0.02),
    WAGES: Habits(nickname=0.02, typing=0.02, surname_styles=(0.4, 0.2, 0.3, 0.1), birthdate=0.01, old_name=0.2, missing=0.3),
}  # fmt: skip
# What a partner's keys look like: letters, and the number of digits.
KEYS = {
    RIVERBEND: ("", 7), LAKESIDE: ("L", 6), BRIGHT: ("BF-", 6), PAGES: ("P", 6), MENTORS: ("LW", 5), FAMILIES: ("FS-", 6),
    COLLEGE_ACCESS: ("NS", 5), COLLEGE: ("@00", 6), WAGES: ("W", 9),
}  # fmt: skip
# Share of students who are registered a second time: they came back, or forgot an old number.
TWICE = {LAKESIDE: 0.006, BRIGHT: 0.02, FAMILIES: 0.015}


@dataclass(frozen=True)
class Roster:
    """The students that one partner knows, in the order of its own keys.

    A few students have two records, under two keys; later records use the first.
    """

    partner: str
    student: Ints  # index into the population
    key: Text
    written: PartnerSpellings

    @cached_property
    def _sorted(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.student, kind="stable")
        return order, self.student[order]

    def places_of(self, students: Ints) -> Ints:
        """The positions of some students in the roster; all must be known to the partner."""
        order, known = self._sorted
        place = np.searchsorted(known, students)
        if len(students) and not np.array_equal(known[np.minimum(place, len(known) - 1)], students):
            raise KeyError(f"{self.partner} does not know all of these students")
        return np.asarray(order[place])

    def keys_of(self, students: Ints) -> Text:
        """The partner's keys of some of its students; all must be known to it."""
        return np.asarray(self.key[self.places_of(students)])


def enrol(partner: str, students: Ints, since: Days, people: SimulatedPopulation, seed: int) -> Roster:
    """Gives each student a record key in random order. `students` may repeat; the first day counts."""
    rng = stream(seed, "roster", partner)
    first = earliest(people.size, students, since)
    known = rng.permutation(np.unique(students))
    again = rng.random(len(known)) < TWICE.get(partner, 0.0)
    known = np.concatenate([known, known[again]])
    prefix, digits = KEYS[partner]
    base = 10 ** (digits - 1)
    # Numbers rise with gaps, as where records were deleted.
    number = base + np.cumsum(rng.integers(1, 4, len(known)))
    key = np.char.add(prefix, number.astype(str))
    return Roster(partner, known, key, write_down(people, known, HABITS[partner], rng, first[known]))
