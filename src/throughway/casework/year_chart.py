"""The chart of a student's school year: one block for each day missed, under a line of weeks, and a bar for each support.

Positions along the year are in percent, so that one chart serves every width; the template writes the words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.casework.attendance import AttendanceYear, monday
from throughway.casework.student_facts import Support
from throughway.core.prose import counted, day

LINE, BLOCK = 28, 11  # pixels: where the line of weeks runs, and from one block to the next
MONTH = 8.0  # percent at least from one month's name to the next
MOST_SUPPORTS = 8
FEWEST_WEEKS = 8


@dataclass(frozen=True)
class AxisSpan:
    """From `start` to `end` on the axis of the year, in percent of its width."""

    start: float
    end: float

    @property
    def width(self) -> float:
        return round(self.end - self.start, 2)


@dataclass(frozen=True)
class YearChart:
    """`blocks`: (percent, pixels) of each day missed, `block` percent wide; `known` and `unknown`: weeks with and without data;
    `months`: where each begins; `supports`: each with its part of the year."""

    blocks: Sequence[tuple[float, int]]
    block: float
    known: Sequence[AxisSpan]
    unknown: Sequence[AxisSpan]
    months: Sequence[tuple[float, str]]
    supports: Sequence[tuple[Support, AxisSpan]]
    height: int
    alternative: str


def year_chart(year: AttendanceYear, supports: Sequence[Support]) -> YearChart | None:
    """The year to today, with the eight most recent supports in it; None where there is nothing to draw."""
    if not year.weeks and not supports:
        return None
    first = year.weeks[0].start if year.weeks else _first_support(year.today, supports)
    weeks = max(((monday(year.today) - first).days + 7) // 7, FEWEST_WEEKS)

    def x(on: date) -> float:
        return round(min(max((on - first).days / 7 / weeks * 100, 0), 100), 2)

    week = 100 / weeks
    known, unknown = _weeks(year, x, week)
    ran = [s for s in supports if s.end is None or s.end >= first][-MOST_SUPPORTS:]
    return YearChart(
        blocks=[(x(w.start), LINE + 4 + n * BLOCK) for w in year.weeks for n in range(w.missed)],
        block=round(week * 0.8, 2),
        known=known,
        unknown=unknown,
        months=_months(first, weeks, x),
        supports=[(s, AxisSpan(x(s.start), max(x(s.end or year.today + timedelta(days=7)), x(s.start) + 1))) for s in ran],
        height=LINE + 8 + BLOCK * max([2, *(w.missed for w in year.weeks)]) if year.weeks else 0,
        alternative=_alternative(year),
    )  # fmt: skip


def _first_support(today: date, supports: Sequence[Support]) -> date:
    begun = min((s.start for s in supports if s.start <= today), default=today)
    return monday(max(begun, today - timedelta(weeks=44)))


def _weeks(
    year: AttendanceYear, x: Callable[[date], float], week: float
) -> tuple[list[AxisSpan], list[AxisSpan]]:
    """Weeks with data, and weeks after the last mark. Where presence is marked, a week without a mark is in neither: it may be a
    break."""
    known: list[AxisSpan] = []
    unknown: list[AxisSpan] = []
    for each in year.weeks:
        after = year.last_known is not None and each.start > year.last_known
        if each.known or not (year.marks_presence or after):
            spans = known
        elif after:
            spans = unknown
        else:
            continue
        start, end = x(each.start), min(x(each.start) + week, 100)
        if spans and abs(spans[-1].end - start) < 0.1:
            start = spans.pop().start
        spans.append(AxisSpan(start, round(end, 2)))
    return known, unknown


def _months(first: date, weeks: int, x: Callable[[date], float]) -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    for monday_of in (first + timedelta(weeks=n) for n in range(weeks)):
        begins = monday_of == first or (monday_of - timedelta(weeks=1)).month != monday_of.month
        if begins and (not found or x(monday_of) >= found[-1][0] + MONTH) and x(monday_of) <= 100 - MONTH:
            found.append((x(monday_of), f"{monday_of:%b}"))
    return found


def _alternative(year: AttendanceYear) -> str:
    """The attendance in one or two sentences; empty where none is shown."""
    if not year.weeks or year.last_known is None:
        return ""
    missed = counted(year.missed, "day") if year.missed else "no day"
    text = (
        f"Attendance by week since {year.weeks[0].start:%B}: {missed} missed, {year.lately} of them in the four weeks to "
        f"{day(year.last_known)}."
    )
    if year.late:
        what = "Nothing" if year.marks_presence else "No absence"
        text += f" {what} is sent after {day(year.last_known)}."
    return text
