"""Stays in a program together with those who were sent to it and have no stay: they wait, were not answered, or declined."""

import numpy as np

from throughway.demo.chances import Days, Ints
from throughway.demo.population import NAT
from throughway.demo.town import Town

STATES = ("open", "completed", "left", "waits", "unanswered", "declined")


def with_waiting(town: Town, program: int) -> tuple[Ints, Days, Days, Ints]:
    """Student, first day, last day and state (a place in STATES), by first day; without a stay there are no days."""
    stays, needs = town.participation.of(program), town.needs
    sent = needs.where((needs.program == program) & ~np.isnat(needs.referred_on))
    # A school year begins in July; a stay is of the year in which the student was sent.
    month = sent.referred_on.astype("datetime64[M]").astype(np.int64)
    year = 1970 + (month + 6) // 12
    waits = sent.where(~np.isin(10_000 * sent.student + year, 10_000 * stays.student + stays.year))
    reason = np.select([waits.status == "sent", waits.status == "declined"], [4, 5], 3)
    exits = np.select([stays.exit == "completed", stays.exit == "left"], [1, 2], 0)
    none = np.full(len(waits.student), NAT)
    student = np.concatenate([stays.student, waits.student])
    start, end = np.concatenate([stays.start, none]), np.concatenate([stays.end, none])
    state = np.concatenate([exits, reason])
    order = np.lexsort((student, np.concatenate([stays.start, waits.referred_on])))
    return student[order], start[order], end[order], state[order]
