"""Needs: how each is found, where the student is referred, and the outcome.

A student with a need and no help has exactly one simulated reason: no seat, no one who speaks the language, a referral that nobody
answered, a family that declined, or no referral at all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from throughway.demo.arrays import NAT, Days, Ints, Records, chance, stream
from throughway.demo.enrollment import Spells, school_days
from throughway.demo.population import SimulatedPopulation
from throughway.demo.programs import (
    COUNSELING,
    FOOD,
    HOUSING,
    MENTORING,
    TUTORING,
    Participation,
    Seats,
    stays_from,
)

NEEDS = ("food", "housing", "counseling", "reading", "mentor")
ANSWERED_BY = np.array([FOOD, HOUSING, COUNSELING, TUTORING, MENTORING])  # program for each need
REASONS = ("", "no_seat", "wrong_language", "referral_unanswered", "family_declined", "never_referred")


@dataclass(frozen=True)
class Needs(Records):
    """One entry for each need found. Whoever was helped has `served_from` and no `why_unmet`."""

    student: Ints
    need: Ints  # index into NEEDS
    found_on: Days
    found_by: Ints  # district whose school found it
    program: Ints  # index into PROGRAMS: where the student was, or should have been, sent
    referred_on: Days  # NaT where never referred
    status: NDArray[np.str_]  # sent (not answered), accepted, declined, done, none
    # Enrolled, WaitingList, NotEligible, ParentDeclined, Unreachable, Other, or empty
    outcome: NDArray[np.str_]
    closed_on: Days  # NaT while open
    served_from: Days
    served_to: Days
    why_unmet: NDArray[np.str_]  # a word of REASONS; empty where served


# By need: chances of each reason in the order of REASONS, for others and for families that speak Spanish.
CHANCES: dict[int, tuple[tuple[float, ...], tuple[float, ...]]] = {
    0: ((0.80, 0.02, 0.00, 0.08, 0.04, 0.06), (0.74, 0.02, 0.04, 0.09, 0.04, 0.07)),
    1: ((0.45, 0.27, 0.00, 0.14, 0.04, 0.10), (0.40, 0.27, 0.05, 0.15, 0.04, 0.09)),
    2: ((0.62, 0.08, 0.00, 0.14, 0.08, 0.08), (0.30, 0.06, 0.34, 0.14, 0.08, 0.08)),
}


def find(
    people: SimulatedPopulation, spells: Spells, participation: Participation, seats: Seats, years: range,
    known: np.datetime64, seed: int,
) -> tuple[Needs, Participation]:  # fmt: skip
    """The needs, and the stays in programs of those who were served for food, housing and counseling."""
    parts: list[Needs] = []
    for year in years:
        rng = stream(seed, "needs", year)
        there = stays_from(spells, year)
        who = there.student
        began = np.datetime64(f"{year - 1}-09-01")
        homeless = (people.homeless_from[who] < began + 270) & (people.homeless_to[who] > began)
        poor = people.low_income[who]
        odds = (
            -4.6 + 1.9 * poor + 1.5 * homeless,
            -6.0 + 1.0 * poor + 4.2 * homeless,
            -3.6 - 0.5 * people.attachment[who] + 0.3 * poor,
        )
        for need, log_odds in enumerate(odds):
            chosen = rng.random(len(who)) < chance(log_odds)
            parts.append(_one(people, there.where(chosen), need, year, known, rng))
        parts.append(_reading(there, seats, participation, year, known, rng))
        lonely = (there.grade >= 6) & (there.grade <= 9) & (rng.random(len(who)) < chance(-3.6 - 0.4 * people.attachment[who]))  # fmt: skip
        parts.append(_mentor(there.where(lonely), participation, year, known, rng))
    needs = Needs.joined(parts)
    return needs, _stays(needs, seed)


def _one(
    people: SimulatedPopulation,
    there: Spells,
    need: int,
    year: int,
    known: np.datetime64,
    rng: np.random.Generator,
) -> Needs:
    days = school_days(year)
    n = len(there.student)
    others, spanish = (np.cumsum(p) for p in CHANCES[need])
    draw = rng.random(n)
    speaks = people.language[there.student] == "spa"
    code = np.where(speaks, np.searchsorted(spanish, draw), np.searchsorted(others, draw))
    code = np.minimum(code, len(REASONS) - 1)
    return _as_known(there, need, days[5 + rng.integers(0, 140, n)], np.array(REASONS)[code], known, rng)


def _as_known(
    there: Spells, need: int, found: Days, why: NDArray[np.str_], known: np.datetime64, rng: np.random.Generator
) -> Needs:  # fmt: skip
    """The needs as known by the last day of records: later steps have not happened yet."""
    n = len(found)
    sent = np.where(why == "never_referred", NAT, found + rng.integers(1, 12, n))
    answer = sent + rng.integers(3, 30, n)
    start = np.where(why == "", answer + rng.integers(2, 20, n), NAT)
    end = start + rng.integers(30, 150, n)
    outcome = np.select(
        [why == "", why == "no_seat", why == "wrong_language", why == "family_declined"],
        ["Enrolled", "WaitingList", "Other", "ParentDeclined"],
        "",
    ).astype("U16")
    status = np.select(
        [why == "never_referred", why == "referral_unanswered", why == "", why == "no_seat"],
        ["none", "sent", "done", "accepted"],
        "declined",
    ).astype("U8")
    closed = np.where(why == "", end, np.where(status == "declined", answer, NAT))
    pending = (answer > known) & (status != "none")
    status[pending], outcome[pending] = "sent", ""
    status[(why == "") & ~pending & (end > known)] = "accepted"
    needs = Needs(
        student=there.student,
        need=np.full(n, need),
        found_on=found,
        found_by=there.district,
        program=np.full(n, ANSWERED_BY[need]),
        referred_on=sent,
        status=status,
        outcome=outcome,
        closed_on=np.where(closed > known, NAT, closed),
        served_from=np.where(start > known, NAT, start),
        served_to=np.where(end > known, NAT, end),
        why_unmet=why,
    )
    return needs.where(np.isnat(sent) & (found <= known) | (sent <= known))


def _reading(
    there: Spells, seats: Seats, participation: Participation, year: int, known: np.datetime64, rng: np.random.Generator
) -> Needs:  # fmt: skip
    """Third graders who applied for tutoring: seated, or on the waiting list."""
    applied = seats.year == year
    place = np.searchsorted(there.student, seats.student[applied])
    stays = there.where(place)
    seated = seats.seated[applied]
    found = school_days(year)[5 + rng.integers(0, 20, len(stays.student))]
    known_needs = _as_known(stays, 3, found, np.where(seated, "", "no_seat"), known, rng)
    return _as_attended(known_needs, participation.of(TUTORING), year)


def _mentor(
    there: Spells, participation: Participation, year: int, known: np.datetime64, rng: np.random.Generator
) -> Needs:
    """Students with a mentor are served; most of the others wait for one."""
    mentored = participation.of(MENTORING)
    has = np.isin(there.student, mentored.student[mentored.year == year])
    why = np.where(
        has,
        "",
        rng.choice(["no_seat", "referral_unanswered", "never_referred"], len(has), p=[0.5, 0.25, 0.25]),
    )
    found = school_days(year)[rng.integers(0, 15, len(has))]
    return _as_attended(_as_known(there, 4, found, why, known, rng), mentored, year)


def _as_attended(needs: Needs, stays: Participation, year: int) -> Needs:
    """Takes the days of service from the program's own stays."""
    rows = np.flatnonzero(stays.year == year)
    rows = rows[np.argsort(stays.student[rows], kind="stable")]
    served = np.flatnonzero(np.isin(needs.student, stays.student[rows]) & (needs.why_unmet == ""))
    at = rows[np.searchsorted(stays.student[rows], needs.student[served])]
    needs.served_from[served], needs.served_to[served] = stays.start[at], stays.end[at]
    needs.closed_on[served] = stays.end[at]
    needs.outcome[served] = "Enrolled"
    needs.status[served] = np.where(np.isnat(stays.end[at]), "accepted", "done")
    return needs


def _stays(needs: Needs, seed: int) -> Participation:
    rows = np.flatnonzero((needs.need <= 2) & ~np.isnat(needs.served_from))
    rng = stream(seed, "served")
    start, end = needs.served_from[rows], needs.served_to[rows]
    year = start.astype("datetime64[Y]").astype(int) + 1970 + (start.astype("datetime64[M]").astype(int) % 12 >= 6)  # fmt: skip
    return Participation(
        student=needs.student[rows],
        program=needs.program[rows],
        year=year,
        start=start,
        end=end,
        exit=np.where(np.isnat(end), "", np.where(rng.random(len(rows)) < 0.85, "completed", "left")),
        sessions=rng.integers(1, 12, len(rows)),
    )
