"""On which days participants came, and into which weeks and months their visits fall, whole years at once."""

import numpy as np

from throughway.demo.chances import Bools, Days, Ints
from throughway.demo.programs import Participation
from throughway.demo.years import school_days


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
