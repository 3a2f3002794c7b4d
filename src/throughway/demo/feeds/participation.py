"""On which days participants came, how their visits fall into weeks and months, and who was sent to a program and has no stay."""

from collections.abc import Callable

import numpy as np

from throughway.demo.arrays import NAT, Bools, Days, Ints
from throughway.demo.enrollment import school_days
from throughway.demo.programs import Participation
from throughway.demo.town import Town


def program_days(year: int, weekdays: str) -> Days:
    """Those weekdays (`Mon Wed`) of the school year."""
    days = school_days(year)
    return days[np.is_busday(days, weekmask=weekdays)]


def came(
    days: Days, stays: Participation, until: np.datetime64, rng: np.random.Generator
) -> tuple[Bools, Bools]:
    """Stay by day: whether the stay lasts that day, and on which of these days the student came, as often as it says."""
    last = np.minimum(np.where(np.isnat(stays.end), until, stays.end), until)
    lasts = (days >= stays.start[:, None]) & (days <= last[:, None])
    draw = np.where(lasts, rng.random(lasts.shape, dtype=np.float32), np.float32(2))
    place = draw.argsort(axis=1).argsort(axis=1)
    return lasts, lasts & (place < stays.sessions[:, None])


def sessions(
    stays: Participation, held: Callable[[int], Days], until: np.datetime64, rng: np.random.Generator
) -> tuple[Ints, Days]:
    """The stay and the day of each visit, day by day; `held` gives the days of a year on which the program is open."""
    stay, day = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype="datetime64[D]")]
    for year in np.unique(stays.year):
        rows = np.flatnonzero(stays.year == year)
        days = held(int(year))
        at, row = np.nonzero(came(days, stays.where(rows), until, rng)[1].T)
        stay.append(rows[row])
        day.append(days[at])
    return np.concatenate(stay), np.concatenate(day)


def spread(total: Ints, over: Ints) -> tuple[Ints, Ints]:
    """Each total spread as evenly as whole numbers can be over so many parts: the row of each part, and its share."""
    row = np.repeat(np.arange(len(total)), over)
    first = np.cumsum(over) - over
    part = np.arange(len(row)) - first[row]
    each, parts = total[row], np.maximum(over, 1)[row]
    return row, (part + 1) * each // parts - part * each // parts


def weeks(stays: Participation, until: np.datetime64) -> tuple[Ints, Days, Ints]:
    """The weeks of each stay that had visits: its row, the week's last day (a Saturday), how many visits."""
    last = np.minimum(np.where(np.isnat(stays.end), until, stays.end), until)
    first_week, last_week = _saturday(stays.start), _saturday(last)
    number = np.maximum((last_week - first_week).astype(np.int64) // 7 + 1, 1)
    row, visits = spread(stays.sessions, number)
    nth = np.arange(len(row)) - (np.cumsum(number) - number)[row]
    some = visits > 0
    return row[some], (first_week[row] + 7 * nth)[some], visits[some]


def months(stays: Participation, until: np.datetime64) -> tuple[Ints, Days, Days, Ints]:
    """The months of each stay: its row, the month's first and last day, how many visits (there may be none)."""
    last = np.minimum(np.where(np.isnat(stays.end), until, stays.end), until)
    first_month, last_month = (d.astype("datetime64[M]") for d in (stays.start, last))
    number = np.maximum((last_month - first_month).astype(np.int64) + 1, 1)
    row, visits = spread(stays.sessions, number)
    nth = np.arange(len(row)) - (np.cumsum(number) - number)[row]
    month = first_month[row] + nth
    return row, month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]") - 1, visits


def _saturday(day: Days) -> Days:
    """The last day of the week, Sunday to Saturday, in which a day lies."""
    number = day.astype("datetime64[D]").astype(np.int64)
    # Day 0 was a Thursday, two days before a Saturday.
    return day + (2 - number) % 7


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
