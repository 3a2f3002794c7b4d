"""Which partner holds a record of which student, under which key: the bridge between people and files."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from throughway.demo.chances import Days, Ints, Text, stream
from throughway.demo.population import SimulatedPopulation
from throughway.demo.slips import Habits, PartnerSpellings, write_down

RIVERBEND, LAKESIDE, BRIGHT = "riverbend-schools", "lakeside-schools", "bright-futures"
PAGE, MENTORS, FAMILY, NEXT_STEP = "page-by-page", "long-walk-mentors", "family-services", "next-step"
FALLS_COLLEGE, WORKFORCE = "falls-college", "state-workforce"
DISTRICTS = (RIVERBEND, LAKESIDE)

HABITS = {
    RIVERBEND: Habits(nickname=0.02, typing=0.02, surname_styles=(0.7, 0.2, 0.1, 0.0), birthdate=0.0, old_name=0.3, missing=0.01),
    LAKESIDE: Habits(nickname=0.04, typing=0.02, surname_styles=(0.3, 0.4, 0.3, 0.0), birthdate=0.01, old_name=0.3, missing=0.03),
    BRIGHT: Habits(nickname=0.25, typing=0.05, surname_styles=(0.25, 0.15, 0.5, 0.1), birthdate=0.03, missing=0.06),
    PAGE: Habits(nickname=0.12, typing=0.03, surname_styles=(0.4, 0.2, 0.35, 0.05), birthdate=0.01, missing=0.05),
    MENTORS: Habits(nickname=0.30, typing=0.03, surname_styles=(0.2, 0.1, 0.6, 0.1), birthdate=0.02, missing=0.08),
    FAMILY: Habits(nickname=0.05, typing=0.04, surname_styles=(0.5, 0.2, 0.2, 0.1), birthdate=0.02, missing=0.1),
    NEXT_STEP: Habits(nickname=0.10, typing=0.02, surname_styles=(0.3, 0.3, 0.35, 0.05), birthdate=0.01, missing=0.04),
    FALLS_COLLEGE: Habits(nickname=0.03, typing=0.01, surname_styles=(0.5, 0.3, 0.2, 0.0), birthdate=0.005, old_name=0.6, missing=0.02),
    WORKFORCE: Habits(nickname=0.02, typing=0.02, surname_styles=(0.4, 0.2, 0.3, 0.1), birthdate=0.01, old_name=0.2, missing=0.3),
}  # fmt: skip
# What a partner's keys look like: letters, and the number of digits.
KEYS = {
    RIVERBEND: ("", 7), LAKESIDE: ("L", 6), BRIGHT: ("BF-", 6), PAGE: ("P", 6), MENTORS: ("LW", 5), FAMILY: ("FS-", 6),
    NEXT_STEP: ("NS", 5), FALLS_COLLEGE: ("@00", 6), WORKFORCE: ("W", 9),
}  # fmt: skip
# Share of students who are registered anew, as if they were unknown: who came back, who forgot an old number.
TWICE = {LAKESIDE: 0.006, BRIGHT: 0.02, FAMILY: 0.015}


@dataclass(frozen=True)
class Roster:
    """The students that one partner knows, in the order of its own keys.

    A few were written down twice, under two keys; what happens to them is filed under the first.
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
        """Where some of its students stand in the roster; all must be known to the partner."""
        order, known = self._sorted
        place = np.searchsorted(known, students)
        if len(students) and not np.array_equal(known[np.minimum(place, len(known) - 1)], students):
            raise KeyError(f"{self.partner} does not know all of these students")
        return np.asarray(order[place])

    def keys_of(self, students: Ints) -> Text:
        """The partner's keys of some of its students; all must be known to it."""
        return np.asarray(self.key[self.places_of(students)])


def enrol(partner: str, students: Ints, since: Days, people: SimulatedPopulation, seed: int) -> Roster:
    """Gives each student a key in no order that could be guessed. `students` may repeat; the first day counts."""
    rng = stream(seed, "roster", partner)
    first = np.full(people.size, np.datetime64("2200-01-01", "D"))
    np.minimum.at(first, students, since)
    known = rng.permutation(np.unique(students))
    again = rng.random(len(known)) < TWICE.get(partner, 0.0)
    known = np.concatenate([known, known[again]])
    prefix, digits = KEYS[partner]
    base = 10 ** (digits - 1)
    # Numbers rise with gaps, as where records were deleted.
    number = base + np.cumsum(rng.integers(1, 4, len(known)))
    key = np.char.add(prefix, number.astype(str))
    return Roster(partner, known, key, write_down(people, known, HABITS[partner], rng, first[known]))
