"""What the cells of a column look like: how many are filled, of what type, in which order their dates are written, and their shape.

The engine reads every row once for counts, and a sample of rows for everything else. Values stay inside: what leaves is a shape
(`A99-999`), a rounded range, or a code that the vocabulary knows.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from throughway.intake.crosswalk import NOTHING
from throughway.intake.raw_cells import Raw
from throughway.intake.value_parsing import DECIMAL, FALSE, INTEGER, TRUE, ending_year
from throughway.store.engine import Engine

SAMPLE = 20_000  # rows whose cells are looked at
VALUES = 3_000  # different values of a column that are looked at
AT_ONCE = 100  # columns in one statement
EMPTY = frozenset(text.lower() for text in (*NOTHING, "null", "n/a", "none", "nan", "-", "."))

TIMES = (
    (r"", ""),
    (r"[ T]\d{1,2}:\d{2}:\d{2}\.\d+", "%H:%M:%S.%f"),
    (r"[ T]\d{1,2}:\d{2}:\d{2} ?[AaPp][Mm]", "%I:%M:%S %p"),
    (r"[ T]\d{1,2}:\d{2} ?[AaPp][Mm]", "%I:%M %p"),
    (r"[ T]\d{1,2}:\d{2}:\d{2}", "%H:%M:%S"),
    (r"[ T]\d{1,2}:\d{2}", "%H:%M"),
)
PARTS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
ISO_DAY = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?!\d)")
NAMED = re.compile(r"(\d{1,2})([- ])([A-Za-z]{3})\2(\d{4}|\d{2})(?!\d)")
COMPACT = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
US_COMPACT = re.compile(r"(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(19|20)\d{2}")
ZONE_NAME = re.compile(
    r" (?:[ACEHMP][SD]?T|AK[SD]T|UTC|GMT)$"
)  # `2018/08/12 6:28:23 AM EDT`, as forms export it
ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")


@dataclass(frozen=True)
class DateForms:
    """How a column's dates are written. `formats`: as a crosswalk names them, the most frequent first. `order`: `month first`,
    `day first`, `year first`, `mixed`, or `cannot tell`. `share`: of the filled cells that read so. `weak`: plain numbers that may be
    something else."""

    formats: tuple[str, ...]
    order: str
    share: float
    weak: bool
    first: date | None = None
    last: date | None = None
    utc: bool = False  # moments with an offset from UTC

    def ordered(self, order: str) -> "DateForms":
        """The same once the order is known that its own days do not tell."""
        formats = [f.replace("%m", "%1").replace("%d", "%m").replace("%1", "%d") for f in self.formats]
        return replace(self, order=order, formats=tuple(formats) if order == "day first" else self.formats)


@dataclass(frozen=True)
class ColumnProfile:
    """One column. `distinct` is an estimate above a few thousand values. `values`: how often each value was met in the sample; they may be
    a person's and are never shown as they are."""

    name: str
    position: int
    rows: int
    filled: int
    distinct: int
    values: Mapping[str, int] = field(repr=False)
    sampled: int = 0  # filled cells in the sample

    def share(self, pattern: str) -> float:
        """The share of filled cells in the sample that a regular expression matches as a whole."""
        fits = re.compile(pattern)
        return self.share_that(lambda text: bool(fits.fullmatch(text)))

    def share_in(self, known: Iterable[str]) -> float:
        folded = {*known}
        return self.share_that(lambda text: text.lower() in folded)

    def share_that(self, holds: Callable[[str], bool]) -> float:
        total = sum(self.values.values())
        return sum(n for text, n in self.values.items() if holds(text)) / total if total else 0.0

    @cached_property
    def dates(self) -> DateForms | None:
        return date_forms(self.values)

    @cached_property
    def type(self) -> str:
        """`empty`, `yes or no`, `date`, `whole number`, `number`, `school year` or `text`."""
        if not self.values:
            return "empty"
        if self.dates and self.dates.share >= 0.9 and not self.dates.weak:
            return "date"
        if self.share_in((*TRUE, *FALSE, "t", "f")) == 1 and self.distinct <= 4:
            return "yes or no"
        if self.share(INTEGER) >= 0.98:
            return "whole number"
        if self.share(DECIMAL) >= 0.98:
            return "number"
        if self.share_that(lambda text: ending_year(text) is not None) >= 0.95:
            return "school year"
        return "text"

    @cached_property
    def unique(self) -> float:
        """How many different values there are for each filled cell, 0 to 1."""
        return min(self.distinct / self.filled, 1.0) if self.filled else 0.0

    @cached_property
    def shapes(self) -> tuple[str, ...]:
        """The most frequent shapes: A for letters, 9 for a digit."""
        counted: Counter[str] = Counter()
        for text, n in self.values.items():
            counted[shape(text)] += n
        return tuple(each for each, _ in counted.most_common(3))

    def rounded_range(self, *, years_only: bool = False) -> str:
        """The first and last day, or least and greatest number, rounded outward, so that neither is anybody's own value."""
        if self.type == "date" and self.dates and self.dates.first and self.dates.last:
            first, last = self.dates.first, self.dates.last
            if years_only:
                return f"{first.year} to {last.year}"
            return f"{first:%Y-%m} to {last:%Y-%m}"
        if self.type in ("whole number", "number") and not years_only:
            numbers = [float(text) for text in self.values if re.fullmatch(DECIMAL, text)]
            low, high = min(numbers), max(numbers)
            if not math.isfinite(high - low):
                return ""
            step = 10.0 ** math.floor(math.log10(max(high - low, abs(high), 1)))
            return f"{math.floor(low / step) * step:,.0f} to {math.ceil(high / step) * step:,.0f}"
        return ""


def shape(text: str) -> str:
    """A value's shape: each digit 9, each run of letters A, AA, AAA or A…; a long one is cut."""
    plain = re.sub(r"[^\W\d_]+", lambda run: "A" * len(run[0]) if len(run[0]) <= 3 else "A…", text)
    plain = re.sub(r"\d", "9", plain)
    plain = re.sub(r"9{13,}", "999…", plain)
    words = len(plain.split())
    if words > 5:
        return "text of several words" if words <= 12 else "long text"
    return plain if len(plain) <= 30 else f"{plain[:30]}…"


def _time_of(rest: str) -> tuple[str, bool] | None:
    """The format of what follows a day, and whether it has an offset; None when it is no time."""
    name = ZONE_NAME.search(rest)  # stands in the format as it is: the day is that of the clock on the wall
    rest, called = (rest[: name.start()], name[0]) if name else (rest, "")
    zone = ZONE.search(rest)
    plain = rest[: zone.start()] if zone else rest
    for pattern, written in TIMES:
        if re.fullmatch(pattern, plain):
            if not written:
                return ("", False) if not zone and not name else None
            between = "T" if plain.startswith("T") else " "
            suffix = "Z" if zone and zone[0] == "Z" else "%z" if zone else ""
            written = (
                written if " %p" not in written or " " in plain.strip() else written.replace(" %p", "%p")
            )
            return f"{between}{written}{suffix}{called}", bool(zone)
    return None


def date_forms(values: Mapping[str, int]) -> DateForms | None:
    """How the dates of a column are written; None where at most half of its cells read as dates."""
    forms: Counter[str] = Counter()
    parts: list[tuple[int, int]] = []
    days: list[date] = []
    loose: list[tuple[int, int, int]] = []
    weak = utc = False
    for text, count in values.items():
        read = _one_date(text)
        if read is None:
            continue
        form, numbers, is_weak, has_zone = read
        forms[form] += count
        weak, utc = weak or is_weak, utc or has_zone
        if "{day}" in form:
            parts.append(numbers[:2])
            loose.append(numbers)
        else:
            _add_day(days, *numbers)
    total = sum(values.values())
    share = sum(forms.values()) / total if total else 0.0
    if share <= 0.5:
        return None
    order = _order(parts) if parts else "year first"
    if not parts and any("%b" in form for form in forms):
        order = "day first"
    for first, second, year in loose:
        month, day = (second, first) if order == "day first" else (first, second)
        _add_day(days, year, month, day)
    ways = ("%d", "%m") if order == "day first" else ("%m", "%d")
    formats = [form.format(day=ways[0], other=ways[1]) for form, _ in forms.most_common(4)]
    if order == "mixed":
        formats += [form.format(day="%d", other="%m") for form, _ in forms.most_common(4) if "{day}" in form]
    return DateForms(tuple(dict.fromkeys(formats)), order, share, weak, min(days, default=None), max(days, default=None), utc)  # fmt: skip


def _add_day(days: list[date], year: int, month: int, day: int) -> None:
    with suppress(ValueError):
        days.append(date(year, month, day))


def _order(parts: Sequence[tuple[int, int]]) -> str:
    first, second = max(p[0] for p in parts), max(p[1] for p in parts)
    if first > 12 and second > 12:
        return "mixed"
    if first > 12:
        return "day first"
    return "month first" if second > 12 else "cannot tell"


MONTHS = {
    name: n
    for n, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}


def _one_date(text: str) -> tuple[str, tuple[int, int, int], bool, bool] | None:
    """The format of one text, with {day} and {other} where the order is open; its numbers (year, month, day, or as written); whether it may
    be a plain number; whether it has an offset."""
    if match := ISO_DAY.match(text):
        time = _time_of(text[match.end() :])
        if time is not None:
            between = match[2]
            return f"%Y{between}%m{between}%d{time[0]}", (int(match[1]), int(match[3]), int(match[4])), False, time[1]  # fmt: skip
    if match := PARTS.match(text):
        time = _time_of(text[match.end() :])
        numbers = int(match[1]), int(match[3])
        if time is not None and min(numbers) >= 1 and min(numbers) <= 12 and max(numbers) <= 31:
            year = int(match[4]) if len(match[4]) == 4 else 2000 + int(match[4]) - 100 * (int(match[4]) > 68)
            between, years = match[2], "%Y" if len(match[4]) == 4 else "%y"
            return f"{{day}}{between}{{other}}{between}{years}{time[0]}", (*numbers, year), False, time[1]
    if (match := NAMED.match(text)) and match[3].lower() in MONTHS:
        time = _time_of(text[match.end() :])
        if time is not None:
            year = int(match[4]) if len(match[4]) == 4 else 2000 + int(match[4])
            years = "%Y" if len(match[4]) == 4 else "%y"
            return f"%d{match[2]}%b{match[2]}{years}{time[0]}", (year, MONTHS[match[3].lower()], int(match[1])), False, time[1]  # fmt: skip
    if COMPACT.fullmatch(text):
        return "%Y%m%d", (int(text[:4]), int(text[4:6]), int(text[6:])), True, False
    if US_COMPACT.fullmatch(text):
        return "%m%d%Y", (int(text[4:]), int(text[:2]), int(text[2:4])), True, False
    return None


def profiles(engine: Engine, raw: Raw) -> tuple[ColumnProfile, ...]:
    """The profile of each column of a file or sheet, in the order of the file."""
    width = len(raw.headings)
    counts: list[tuple[int, int]] = []
    rows = 0
    for start in range(0, max(width, 1), AT_ONCE):
        columns = range(start, min(start + AT_ONCE, width))
        asked = "".join(f", count({_filled(n)}), approx_count_distinct(c{n})" for n in columns)
        found = [
            column[0].as_py() for column in engine.run(f"SELECT count(*){asked} FROM {raw.relation}").columns
        ]
        rows = found[0]
        counts += [(found[1 + 2 * k], found[2 + 2 * k]) for k in range(len(columns))]
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE looked_at AS SELECT * FROM {raw.relation} USING SAMPLE reservoir({SAMPLE} ROWS) REPEATABLE (1)"
    )
    return tuple(_profile(engine, raw, n, rows, *counts[n]) for n in range(width))


def _profile(engine: Engine, raw: Raw, n: int, rows: int, filled: int, distinct: int) -> ColumnProfile:
    met = engine.run(
        f"SELECT {_cell(n)} AS text, count(*) AS met FROM looked_at WHERE {_cell(n)} IS NOT NULL GROUP BY text"
        f" ORDER BY met DESC, text LIMIT {VALUES}"
    )
    values = dict(zip(met["text"].to_pylist(), met["met"].to_pylist(), strict=True))
    if len(values) < VALUES and rows <= SAMPLE:
        distinct = len(values)  # counted, not estimated
    heading = raw.headings[n].text
    return ColumnProfile(heading, n + 1, rows, filled, min(distinct, filled), values, sum(values.values()))


def _cell(n: int) -> str:
    """A cell without blanks around it; NULL where nothing stands there."""
    text = f"trim(c{n}, ' ' || chr(9) || chr(10) || chr(13) || chr(160))"
    return f"CASE WHEN lower({text}) NOT IN ({', '.join(_quoted(text) for text in sorted(EMPTY))}) THEN {text} END"


def _filled(n: int) -> str:
    """Not NULL where a cell is filled. Trimming costs more than reading, so only a cell with blanks at an end is trimmed to know that."""
    empty = ", ".join(_quoted(text) for text in sorted(EMPTY))
    plain = f"c{n} >= '!' AND NOT suffix(c{n}, ' ')"
    short = f"CASE WHEN lower(c{n}) NOT IN ({empty}) THEN '' END"
    return f"CASE WHEN length(c{n}) > 4 AND c{n} >= '!' THEN '' WHEN {plain} THEN {short} ELSE {_cell(n)} END"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def frequent(values: Mapping[str, int], least: int = 2) -> list[str]:
    """The values that at least so many rows have, so that none stands for one person alone."""
    return [text for text, count in values.items() if count >= least]
