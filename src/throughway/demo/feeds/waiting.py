"""Stays in a program together with those who were sent to it and have no stay: they wait, were not answered, or declined."""

import numpy as np

from throughway.demo.chances import Days, Ints
from throughway.demo.population import NAT
from throughway.demo.town import Town

STATES = ("open", "completed", "left", "waits", "unanswered", "declined")


def with_waiting(town: Town, program: int) -> tuple[Ints, Days, Days, Days, Ints]:
    """Student, day of being sent, first day, last day and state (a place in STATES), by first day or else the day of being sent;
    without a stay there are no first and last days, and who came by another way was not sent."""
    stays, needs = town.participation.of(program), town.needs
    sent = needs.where((needs.program == program) & ~np.isnat(needs.referred_on))
    # A school year begins in July; a stay is of the year in which the student was sent.
    month = sent.referred_on.astype("datetime64[M]").astype(np.int64)
    year = 1970 + (month + 6) // 12
    sent_in, stay_in = 10_000 * sent.student + year, 10_000 * stays.student + stays.year
    waits = sent.where(~np.isin(sent_in, stay_in))
    sent_on = np.full(len(stays.student), NAT)
    _, stay, of = np.intersect1d(stay_in, sent_in, return_indices=True)
    sent_on[stay] = sent.referred_on[of]
    reason = np.select([waits.status == "sent", waits.status == "declined"], [4, 5], 3)
    exits = np.select([stays.exit == "completed", stays.exit == "left"], [1, 2], 0)
    none = np.full(len(waits.student), NAT)
    student = np.concatenate([stays.student, waits.student])
    asked = np.concatenate([sent_on, waits.referred_on])
    start, end = np.concatenate([stays.start, none]), np.concatenate([stays.end, none])
    state = np.concatenate([exits, reason])
    order = np.lexsort((student, np.concatenate([stays.start, waits.referred_on])))
    return student[order], asked[order], start[order], end[order], state[order]
