"""Draws attendance and supports: days missed hang under the line, one square each; supports lie beneath, on the same weeks.

Drawn twice, wide and upright, never shrunk: in user units that are pixels at the drawn width.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.casework.attendance import A_WEEK, AttendanceYear, monday
from throughway.casework.student_facts import Support
from throughway.core.prose import day


def label(year: AttendanceYear, supports: Sequence[Support]) -> str:
    parts = []
    if year.weeks and year.last_known is not None:
        parts.append(
            f"Attendance by week since {year.weeks[0].start:%B}: {days(year.missed)} missed, {year.lately} of them in the"
            f" four weeks to {day(year.last_known)}."
        )
        if year.late:
            what = "Nothing" if year.marks_presence else "No absence"
            parts.append(f"{what} is sent after {day(year.last_known)}.")
    parts += [f"{s.name} from {_month(s.start)}{_until(s)}." for s in supports]
    return " ".join(parts)


def days(n: int) -> str:
    return "no day" if n == 0 else "1 day" if n == 1 else f"{n} days"


def _until(support: Support) -> str:
    return f" to {_month(support.end)}, ended" if support.end else ", no end reported"


def _month(day: date) -> str:
    return f"{day:%B %Y}"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LINE, HANG = 44.0, 4.0  # where the line runs, and how far below it the first square hangs
LANE, BETWEEN = 12.0, 50.0  # a lane's height, and from one lane to the next
TIP = 9.0
MOST_LANES = 8
FEW_LETTERS = 7.6  # width of a letter, to keep a name inside the picture


@dataclass(frozen=True)
class Square:
    x: float
    y: float
    side: float


@dataclass(frozen=True)
class Word:
    x: float
    y: float
    text: str
    anchor: str = "start"
    quiet: bool = True


@dataclass(frozen=True)
class Lane:
    path: str
    is_past: bool


@dataclass(frozen=True)
class Picture:
    """`line`: path of weeks that are known; `gap`: of weeks of which nothing is known."""

    kind: str
    width: float
    height: float
    line: str
    gap: str
    squares: Sequence[Square]
    lanes: Sequence[Lane]
    words: Sequence[Word]


def picture(year: AttendanceYear, supports: Sequence[Support], *, wide: bool) -> Picture:
    """The year to today. Supports that ended before it began are not drawn; the newest eight are."""
    width = 640.0 if wide else 342.0
    first, last = _span(year, supports)
    weeks = max(((last - first).days + 7) // 7, 8)
    step = width / weeks
    side = min(15.0 if wide else 10.2, step * 0.78)
    squares = list(_squares(year, first, step, side))
    said = LINE + 38 if year.late else LINE  # what is below makes room for words under the line
    deepest = max([said, *(s.y + side for s in squares)])
    top = deepest + (46 if wide else 42) if year.weeks else LINE + 4
    shown = [s for s in supports if s.end is None or s.end >= first][-MOST_LANES:]
    lanes, names = [], []
    for at, support in enumerate(shown):
        y = top + at * BETWEEN
        lanes.append(_lane(support, first, last, step, width, y + 8))
        names.append(_name(support, first, step, width, y))
    height = top + (len(shown) - 1) * BETWEEN + 8 + LANE + 8 if shown else deepest + 12
    words = [*_months(first, weeks, step, wide), *_said(year, first, step, width), *names]
    line, gap = _lines(year, first, step, width)
    return Picture("wide" if wide else "narrow", width, round(height, 1), line, gap, squares, lanes, words)


def _span(year: AttendanceYear, supports: Sequence[Support]) -> tuple[date, date]:
    last = monday(year.today)
    if year.weeks:
        return year.weeks[0].start, last
    begun = [s.start for s in supports if s.start <= year.today]
    newest = max((s.end or year.today for s in supports), default=year.today)
    start = min(begun, default=newest)
    return monday(max(start, year.today - timedelta(weeks=44))), last


def _x(day: date, first: date, step: float) -> float:
    return (day - first).days / 7 * step


def _squares(year: AttendanceYear, first: date, step: float, side: float) -> Iterator[Square]:
    for week in year.weeks:
        x = _x(week.start, first, step) + (step - side) / 2
        for n in range(week.missed):
            yield Square(round(x, 1), round(LINE + HANG + n * (side + 2), 1), round(side, 1))


def _lines(year: AttendanceYear, first: date, step: float, width: float) -> tuple[str, str]:
    """Known weeks as runs of a line; where presence is marked, other weeks are dots. After the last mark: dots."""
    solid: list[tuple[float, float]] = []
    dots: list[tuple[float, float]] = []
    for week in year.weeks:
        x = _x(week.start, first, step)
        after = year.last_known is not None and week.start > year.last_known
        known = week.known or (not year.marks_presence and not after)
        runs = solid if known else dots
        if known or after:
            if runs and abs(runs[-1][1] - x) < 0.1:
                runs[-1] = (runs[-1][0], x + step)
            else:
                runs.append((x, x + step))
    inset = 4.0
    return (
        "".join(f"M{a:.1f} {LINE:g}H{min(b, width):.1f}" for a, b in solid),
        "".join(f"M{a + inset:.1f} {LINE:g}H{min(b, width) - inset:.1f}" for a, b in dots),
    )


def _months(first: date, weeks: int, step: float, wide: bool) -> Iterator[Word]:
    last_end = -100.0
    for n in range(weeks):
        start = first + n * A_WEEK
        begins = n == 0 or (start - A_WEEK).month != start.month
        x = n * step
        if begins and x > last_end + 8 and x < step * weeks - 30:
            yield Word(round(x, 1), 16.0, MONTHS[start.month - 1])
            last_end = x + (34 if wide else 32)


def _said(year: AttendanceYear, first: date, step: float, width: float) -> Iterator[Word]:
    if year.late and year.last_known is not None:
        x = (_x(monday(year.last_known) + A_WEEK, first, step) + width) / 2
        if width - x > 40:
            # Where absence alone is sent, weeks without a mark may be weeks without an absence.
            above, below = ("not sent", "yet") if year.marks_presence else ("no absence", "sent")
            yield Word(round(x, 1), LINE + 24, above, "middle")
            yield Word(round(x, 1), LINE + 42, below, "middle")


def _lane(support: Support, first: date, last: date, step: float, width: float, y: float) -> Lane:
    a = max(_x(support.start, first, step), 0.0)
    middle, bottom = y + LANE / 2, y + LANE
    if support.end is None or support.end > last + timedelta(days=7):
        b = width - 10
        a = min(a, b - TIP)
        return Lane(
            f"M{a:.1f} {y:g}H{b:.1f}L{b + TIP:.1f} {middle:g} {b:.1f} {bottom:g}H{a:.1f}Z", is_past=False
        )
    b = min(max(_x(support.end, first, step), a + 6), width - 1)
    a = min(a, b - 6)
    return Lane(f"M{a:.1f} {y:g}H{b:.1f}V{bottom:g}H{a:.1f}Z", is_past=True)


def _name(support: Support, first: date, step: float, width: float, y: float) -> Word:
    text = support.name + (f": ended, {support.why_ended.lower()}" if support.why_ended else "")
    most = int(width / FEW_LETTERS)
    text = text if len(text) <= most else text[: most - 1].rstrip() + "…"
    x = min(max(_x(support.start, first, step), 0.0), max(width - len(text) * FEW_LETTERS, 0.0))
    return Word(round(x, 1), round(y, 1), text, quiet=False)
