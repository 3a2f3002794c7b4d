"""Tables that are public elsewhere, such as a State's report card, as somebody enters them.

What is entered is a CSV file. Its columns are those of our own release of the same figures: a place for each dimension, and `students`
or `percent`. An empty place, or "all", is a total.

    school,outcome,students,percent
    Hill,,412,
    Hill,reached,,87.4
    Mill,,*,
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from throughway.core.refusals import Refused
from throughway.publication.tables import Place, place

STUDENTS, PERCENT = "students", "percent"
TOTAL = {"", "all"}
MOST_LINES, LONGEST = 5_000, 80
NUMBER = re.compile(r"\d{1,3}(,\d{3})+|\d{1,7}")
RANGE = re.compile(rf"({NUMBER.pattern})\s*(?:-|–|to)\s*({NUMBER.pattern})")
SHARE = re.compile(r"(?:[<>≤≥]=?\s*)?(\d{1,3}(?:\.\d+)?)(?:\s*(?:-|–|to)\s*(\d{1,3}(?:\.\d+)?))?\s*%?")
# What publishers print in place of a figure that they withhold.
MARK = re.compile(
    r"\*+|-+|[–—.]|s|ps|x|n/?a|ds|withheld|suppressed|masked|redacted|(n\s*)?(<|≤|<=)\s*\d+|(fewer|less) than \d+",
    re.I,
)


@dataclass(frozen=True)
class OutsideFigure:
    """One figure of a table from outside. `between`: the smallest and the largest number of students that is printed; None for a percent,
    and where it is withheld."""

    at: Mapping[str, str]
    statistic: str
    printed: str
    between: tuple[int, int] | None
    withheld: bool

    def to_json(self) -> dict[str, Any]:
        return {"at": dict(self.at), "statistic": self.statistic, "printed": self.printed}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "OutsideFigure":
        return _figure(stored["at"], stored["statistic"], stored["printed"])


def read_outside_table(text: str) -> tuple[OutsideFigure, ...]:
    """The figures of a CSV file; Refused (outside_table) in one sentence."""
    text = text.removeprefix("\ufeff")
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","  # as a spreadsheet is pasted
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise _refused(
            "The table is no CSV; save it as CSV from a spreadsheet, or paste it from there."
        ) from None
    rows = [[" ".join(value.split()) for value in row] for row in rows]
    if not rows or not any(rows[0]):
        raise _refused("The table is empty; give a line of column names, then a line for each figure.")
    columns = _columns(rows[0])
    lines = [(number, row) for number, row in enumerate(rows[1:], 2) if any(row)]
    if len(lines) > MOST_LINES:
        raise _refused(f"The table has more than {MOST_LINES:,} lines; enter it in parts.")
    found: list[OutsideFigure] = []
    seen: set[tuple[str, Place]] = set()
    for number, row in lines:
        for figure in _line(columns, row, number):
            if (figure.statistic, place(figure.at)) in seen:
                raise _refused(
                    f"Line {number} names the same students as an earlier line; leave one of them out."
                )
            seen.add((figure.statistic, place(figure.at)))
            found.append(figure)
    if not found:
        raise _refused(
            "The table has no figure; give a number, or the mark that is printed where one is withheld."
        )
    return tuple(found)


def _columns(names: Sequence[str]) -> list[str]:
    columns = [name.lower() if name.lower() in (STUDENTS, PERCENT) else name for name in names]
    if "" in columns or len({*columns}) < len(columns):
        raise _refused("Each column needs a name of its own in the first line.")
    if not {STUDENTS, PERCENT} & {*columns}:
        raise _refused(f"The first line needs a column {STUDENTS} or {PERCENT}.")
    return columns


def _line(columns: Sequence[str], row: Sequence[str], number: int) -> Iterator[OutsideFigure]:
    if len(row) != len(columns):
        raise _refused(
            f"Line {number} has {len(row)} values, and the first line names {len(columns)} columns."
        )
    given = dict(zip(columns, row, strict=True))
    at = {name: value for name, value in given.items() if name not in (STUDENTS, PERCENT)}
    at = {name: value for name, value in at.items() if value.lower() not in TOTAL}
    if any(len(value) > LONGEST for value in row):
        raise _refused(f"Line {number} has a value of more than {LONGEST} characters.")
    for statistic in (STUDENTS, PERCENT):
        if given.get(statistic):
            try:
                yield _figure(at, statistic, given[statistic])
            except ValueError:
                known = "412, 10-19, <10 or *" if statistic == STUDENTS else "87.4, >95, 80-84 or *"
                raise _refused(
                    f"The value of {statistic} in line {number} is no figure; write it like {known}."
                ) from None


def _figure(at: Mapping[str, str], statistic: str, printed: str) -> OutsideFigure:
    """ValueError where what is printed is no figure."""
    between = None
    if statistic == PERCENT and (share := SHARE.fullmatch(printed)):
        ends = [float(end) for end in share.groups() if end is not None]
        if ends != sorted(ends) or ends[-1] > 100:
            raise ValueError
        return OutsideFigure(at, statistic, printed, None, withheld=False)
    if statistic == STUDENTS:
        if NUMBER.fullmatch(printed):
            between = _number(printed), _number(printed)
        elif found := RANGE.fullmatch(printed):
            # the groups within a number come between the two
            between = _number(found.group(1)), _number(found.group(3))
            if between[0] > between[1]:
                raise ValueError
    if between is None and not MARK.fullmatch(printed):
        raise ValueError
    return OutsideFigure(at, statistic, printed, between, withheld=between is None)


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _refused(sentence: str) -> Refused:
    return Refused(sentence, code="outside_table")
