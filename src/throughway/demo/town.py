"""The simulated lives of Riverbend's students, as arrays from which feeds are written.

A student is an index into `people`. Partners' own spellings, keys and errors are in `rosters`. Days after `known` have not happened yet
for any partner.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from throughway.demo import (
    after_graduation,
    assessments,
    attendance_and_marks,
    enrollment,
    programs,
    student_needs,
    survey_answers,
    survey_comments,
)
from throughway.demo.after_graduation import College, QuarterlyEmployment
from throughway.demo.arrays import Bools, Days, Ints, stream
from throughway.demo.assessments import ReadingWithout, Scores
from throughway.demo.attendance_and_marks import Marks, SimulatedAttendance
from throughway.demo.enrollment import Schools, Spells
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
from throughway.demo.population import SimulatedPopulation, settle
from throughway.demo.programs import Lottery, Participation, Seats
from throughway.demo.roster import Roster, enrol
from throughway.demo.student_needs import Needs
from throughway.demo.survey_answers import Answers, CheckIns, Feelings
from throughway.demo.survey_comments import WrittenComments
from throughway.vocabulary.school_calendar import school_year_of


@dataclass(frozen=True)
class Town:
    """`year` is the ending year of the current school year; `known` the last day of which there are records."""

    seed: int
    today: date
    year: int
    known: np.datetime64
    people: SimulatedPopulation
    schools: Schools
    spells: Spells
    marks: Marks
    scores: Scores
    participation: Participation
    lottery: Lottery
    seats: Seats
    needs: Needs
    college: College
    work: QuarterlyEmployment
    answers: Answers
    check_ins: CheckIns
    comments: WrittenComments
    feelings: tuple[Ints, Feelings]  # who was asked; the answers
    on_track: tuple[Ints, Bools, Bools]  # grade 9 stays; on track without career-start; with it
    reading: ReadingWithout

    @property
    def years(self) -> range:
        """The ending years of the school years with records, the current one last."""
        return range(self.year - enrollment.YEARS, self.year + 1)

    def stream(self, *subject: object) -> np.random.Generator:
        """Random numbers of one subject, of this town's seed: `town.stream("feeds", "falls-college")`."""
        return stream(self.seed, *subject)

    def attendance(self, year: int) -> SimulatedAttendance:
        """The attendance of one school year, computed at each call with the same result."""
        return attendance_and_marks.attend(self.people, self.spells, self.in_gym, year, self.known, self.seed)

    def each_year(self) -> Iterator[SimulatedAttendance]:
        return (self.attendance(year) for year in self.years)

    @cached_property
    def in_gym(self) -> Bools:
        """Stays of students who go to late-gym in that year."""
        return attendance_and_marks.in_program(self.spells, self.participation, programs.LATE_GYM)

    @cached_property
    def rosters(self) -> dict[str, Roster]:
        """By partner: the students it knows, with its own keys and spellings."""
        spells, joined, needs, terms = self.spells, self.participation, self.needs, self.college.terms
        first = np.datetime64(f"{self.year - enrollment.YEARS - 1}-08-25")
        found: dict[str, Roster] = {}

        def add(partner: str, *parts: tuple[Ints, Days]) -> None:
            who, since = (np.concatenate(column) for column in zip(*parts, strict=True))
            found[partner] = enrol(partner, who, since, self.people, self.seed)

        def stays(*which: int) -> tuple[Ints, Days]:
            chosen = joined.of(*which)
            return chosen.student, chosen.start

        def sent(*which: int) -> tuple[Ints, Days]:
            chosen = np.isin(needs.program, which) & ~np.isnat(needs.referred_on)
            return needs.student[chosen], needs.referred_on[chosen]

        def autumn(of_year: Ints) -> Days:
            return np.char.add((of_year - 1).astype(str), "-09-15").astype("datetime64[D]")

        for place, district in enumerate((RIVERBEND, LAKESIDE)):
            ours = spells.district == place
            add(district, (spells.student[ours], spells.start[ours]))
        add(
            BRIGHT,
            stays(*range(programs.LATE_GYM, programs.GARDEN + 1)),
            (self.lottery.student, autumn(self.lottery.year)),
        )
        add(PAGES, stays(programs.TUTORING), sent(programs.TUTORING))
        add(MENTORS, stays(programs.MENTORING), sent(programs.MENTORING))
        add(FAMILIES, sent(programs.FOOD, programs.HOUSING, programs.COUNSELING))
        add(COLLEGE_ACCESS, stays(programs.SUMMER_BRIDGE))
        at_falls = terms.college == after_graduation.FALLS
        add(COLLEGE, (terms.student[at_falls], terms.start[at_falls]))
        workers = np.unique(self.work.student)
        add(WAGES, (workers, np.full(len(workers), first)))
        return found  # fmt: skip


def live(students: int, seed: int, today: date) -> Town:
    """Simulates a community of so many students up to the month before `today`."""
    year, known = school_year_of(today), enrollment.known_until(today)
    every = range(year - enrollment.YEARS, year + 1)
    people = settle(students, year, stream(seed, "people"))
    built = enrollment.build(students)
    spells, moved_on = enrollment.live(people, built, year, seed)
    people = replace(people, moved_on=moved_on)
    screener = assessments.screen(people, seed)
    joined, lottery, seats = programs.join(people, spells, screener, every, known, seed)
    marks, on_track = attendance_and_marks.mark(people, spells, joined, seed)
    scores, reading = assessments.assess(people, spells, joined, screener, every, known, seed)
    needs, served = student_needs.find(people, spells, joined, seats, every, known, seed)
    joined = Participation.joined([joined, served])
    answers = survey_answers.answer(people, spells, joined, every, known, seed)
    after = after_graduation.go_on(people, spells, joined, known, seed)
    return Town(
        seed=seed,
        today=today,
        year=year,
        known=known,
        people=people,
        schools=built,
        spells=spells,
        marks=marks,
        scores=scores,
        participation=joined,
        lottery=lottery,
        seats=seats,
        needs=needs,
        college=after,
        work=after_graduation.work(people, after.diplomas, after.terms, after.awards, year, known, seed),
        answers=answers,
        check_ins=survey_answers.check_in(people, joined, every, known, seed),
        comments=survey_comments.write(people, answers, seed),
        feelings=survey_answers.feel(people, spells, every, known, seed),
        on_track=on_track,
        reading=reading,
    )
