"""Recognizes a column of an earlier file under a new heading, by the shape of its cells and its place among the other columns.

What is known of the earlier file is the section `seen` of its crosswalk: headings in their order, and shapes such as `A999`, never a value.
Nothing is taken as the same column by itself: a person confirms it.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from math import prod

from throughway.intake.crosswalk import ColumnMap, Crosswalk
from throughway.intake.inspection.column_profile import ColumnProfile
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.melted_columns import is_day_column
from throughway.intake.inspection.student_key import PERSON_KEY
from throughway.intake.said_dates import is_day

MOST_CELLS = 0.8  # of the cells have a code that the crosswalk maps
MOST_WAYS = 4  # that a person is asked about; with more the file is of another layout


def seen(columns: Sequence[ElementGuess]) -> dict[str, str]:
    """What a crosswalk keeps of a file: its headings in their order, each with the shape of most cells. Left out are headings that several
    columns have, which no crosswalk can name, and days, which the next file has not."""
    names = [column.name for column in columns]
    return {
        c.name: next(iter(_shapes(c.profile)), "")
        for c in columns
        if c.name and names.count(c.name) == 1 and not is_day(c.name) and not is_day_column(c)
    }


def _shapes(profile: ColumnProfile) -> list[str]:
    """The most frequent shapes, the first one first. Signs that are neither letters nor digits nor of a keyboard may be part of a word in
    other scripts, so they are left out of what is kept."""
    return [re.sub("[^ -~…]", "", shape) for shape in profile.shapes]


def missing(crosswalk: Crosswalk, columns: Sequence[ElementGuess]) -> list[str]:
    """The columns that the crosswalk cannot do without and the file lacks, in the order of the crosswalk."""
    now = {column.name for column in columns}
    tables = crosswalk.tables.values()
    needed = {source for table in tables for source in table.required()} - now
    return [name for name in dict.fromkeys(s for t in tables for s in t.sources()) if name in needed]


def candidates(crosswalk: Crosswalk, columns: Sequence[ElementGuess]) -> dict[str, list[str]]:
    """For each column that is missing, the new headings that stand in its place over cells that look the same; none where no column does.
    A column that is surely something else is none of them."""
    new = seen(columns)
    places, new_places = _places([*crosswalk.seen], new), _places([*new], crosswalk.seen)
    known = {*crosswalk.seen, *crosswalk.headings()}
    added = [column for column in columns if column.name in new and column.name not in known]
    uses = uses_of(crosswalk)
    keys = {c for name, table in crosswalk.tables.items() for c in table.person_key(name)}
    found = {}
    for name in missing(crosswalk, columns):
        read = {path.partition(".")[2]: column for path, column in uses.get(name, {}).items()}
        elements = {*read, *([PERSON_KEY.partition(".")[2]] if name in keys and not read else [])}
        found[name] = [
            column.name
            for column in added
            if not places.get(name, set()).isdisjoint(new_places[column.name])
            and _looks_the_same(crosswalk.seen[name], read.values(), column.profile)
            and not _is_something_else(column, elements)
        ]
    return found


Place = tuple[
    str, int
]  # a heading that both files have, or the edge of the file, and how many columns from it


def _places(order: Sequence[str], kept: Collection[str]) -> dict[str, set[Place]]:
    """For each heading how far it is from the next one before it that both files have, and from the next one behind it. A column is in its
    place by either, since columns are also added and taken away."""
    found: dict[str, set[Place]] = {name: set() for name in order}
    for sign, names in ((1, order), (-1, order[::-1])):
        last, far = "", 0
        for name in names:
            far += 1
            found[name].add((last, sign * far))
            if name in kept:
                last, far = name, 0
    return found


def _looks_the_same(shape: str, read: Collection[ColumnMap], profile: ColumnProfile) -> bool:
    """Most cells have one of the codes that the crosswalk maps, or, where it maps none, a frequent shape is the earlier one."""
    codes = {code.lower() for column in read for code in column.map or {} if "*" not in (column.map or {})}
    if codes:
        return profile.share_in(codes) >= MOST_CELLS
    return bool(shape) and any(_alike(shape, other) for other in _shapes(profile))


def _alike(shape: str, other: str) -> bool:
    """Whether two shapes differ at most in the length of words and by one digit in a number, as `A999` and `A9999`, or `9/9/9999` and
    `99/9/9999`."""
    bare = [re.sub("9+", "9", re.sub("A+…?", "A", each)) for each in (shape, other)]
    numbers = zip(re.findall("9+", shape), re.findall("9+", other), strict=False)
    return bare[0] == bare[1] and all(abs(len(one) - len(two)) <= 1 for one, two in numbers)


def _is_something_else(column: ElementGuess, elements: Collection[str]) -> bool:
    """Whether a column is surely another element than those that read the earlier one."""
    name = (column.element or "").partition(".")[2]
    return bool(name) and not column.is_doubt and bool(elements) and name not in elements


def uses_of(crosswalk: Crosswalk) -> Mapping[str, Mapping[str, ColumnMap]]:
    """By column of the file, the elements that read it."""
    found: dict[str, dict[str, ColumnMap]] = {}
    for table, mapped in crosswalk.tables.items():
        for element, column in mapped.columns.items():
            for source in column.sources:
                found.setdefault(source, {})[f"{table}.{element}"] = column
    return found


Headings = Mapping[str, str]  # by the heading of the earlier file, the new one


def ways(found: Mapping[str, Sequence[str]]) -> list[Headings]:
    """Each way in which new headings stand for all that are missing, out of what `candidates` found: one where nothing is open, several
    where a column may be one or another; none where a column is not recognized, or very much is open."""
    if not found or prod(map(len, found.values())) > MOST_WAYS**2:
        return []
    each: list[Headings] = [dict(zip(found, chosen, strict=True)) for chosen in product(*found.values())]
    whole = [way for way in each if len({*way.values()}) == len(way)]
    return whole if len(whole) <= MOST_WAYS else []


def why_the_same(of: Sequence[Headings]) -> str:
    """Why the columns of these ways may be the missing ones, as the page and the commands say it."""
    return "; ".join(_standing(of))


def _standing(of: Sequence[Headings]) -> Iterator[str]:
    for earlier in of[0]:
        standing = " or ".join(f"“{name}”" for name in dict.fromkeys(way[earlier] for way in of))
        place = "its place" if len(of[0]) == 1 else f"the place of “{earlier}”"
        yield f"{standing} stands at {place} and its cells look the same"
