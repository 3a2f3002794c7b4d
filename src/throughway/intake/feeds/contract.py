"""What a partner's feed is expected to be, and how a file that came differs from it.

The section `feed` of a crosswalk. Without it nothing is expected of a file. Plain values in, sentences out, never a value of a row.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from throughway.agreements.enums import Severity
from throughway.agreements.labels import table_words
from throughway.core.prose import capital, counted, day, listed
from throughway.core.refusals import did_you_mean
from throughway.vocabulary import TABLES

Percent = Annotated[int, Field(ge=0, le=100)]
FILES = re.compile(r"[\w*?.-]{1,100}")  # a pattern of names in one folder


class FeedPart(BaseModel):
    """Part of the section: frozen; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TableExpectation(FeedPart):
    """What each file has of one table. `rows`: at least so many. `fall`, `rise`: percent fewer or more than last time. `set_aside`: percent
    that cannot be read, at most. `newest_days`: how old the newest row may be. `filled`: element → percent with a value, at least.
    `between`: element → the lowest and the highest value. `known`: percent of students who were in an earlier file, at least."""

    rows: int = Field(default=1, ge=0)
    fall: Percent = 20
    rise: Annotated[int, Field(ge=0, le=100_000)] = 100
    set_aside: Percent = 5
    newest_days: Annotated[int, Field(ge=0, le=3660)] | None = None
    filled: Mapping[str, Percent] = {}
    between: Mapping[str, tuple[str, str]] = {}
    known: Percent | None = None


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


class FeedContract(FeedPart):
    """`partner`: whose files these are. `files`: the names under which they come into the folder `feeds`. `every_days`: a file is late
    when none was accepted for longer. `whole`: tables of which each file has every row of its school years, so that a stored row
    that is missing from it is withdrawn. `new_columns`: whether a column that no earlier file had stops it."""

    partner: str = Field(min_length=1)
    files: str = ""
    every_days: Annotated[int, Field(ge=1, le=730)] | None = None
    whole: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()
    new_columns: Literal["tell", "stop"] = "tell"
    expect: Mapping[str, TableExpectation] = {}

    @model_validator(mode="after")
    def _in_the_vocabulary(self) -> Self:
        for name in (*self.expect, *self.whole):
            if name not in TABLES:
                near = did_you_mean(name, TABLES, "`throughway vocabulary` lists them")
                raise ValueError(f"{name} is not a table of the vocabulary; {near}")
        for name in self.whole:
            if TABLES[name].vaulted or not TABLES[name].of_person:
                raise ValueError(
                    f"whole: {name} is kept for as long as other records refer to it; name only tables of facts about students"
                )
        for name, table in self.expect.items():
            _check_elements(name, table)
        if self.files and not FILES.fullmatch(self.files):
            raise ValueError("files is the name of a file, with * for what varies, such as oak-*.csv")
        return self

    def takes(self, name: str) -> bool:
        return bool(self.files) and fnmatchcase(name, self.files)

    def due(self, accepted: date | None) -> date | None:
        """The last day on which the next file is on time; None where no rhythm is promised or nothing came yet."""
        return accepted + timedelta(days=self.every_days) if accepted and self.every_days else None


def _check_elements(name: str, table: TableExpectation) -> None:
    kinds = dict(TABLES[name].landed)
    for element in (*table.filled, *table.between):
        if element not in kinds or element not in TABLES[name].elements:
            near = did_you_mean(element, TABLES[name].elements, f"`throughway vocabulary {name}` lists them")
            raise ValueError(f"{name}.{element} is not an element; {near}")
    if table.newest_days is not None and not TABLES[name].starts:
        raise ValueError(f"{name} has no day, so newest_days cannot be judged; leave it out")
    for element, bounds in table.between.items():
        low, high = (_comparable(kinds[element], bound) for bound in bounds)
        if low is None or high is None:
            raise ValueError(f"between: {name}.{element} needs two days (2026-09-01) or two numbers")
        if type(low) is not type(high) or low > high:  # type: ignore[operator]
            raise ValueError(f"between: {name}.{element} ends before it begins")


def _comparable(kind: str, bound: str) -> date | float | None:
    try:
        if kind == "DATE":
            return date.fromisoformat(bound)
        return float(bound) if kind in NUMBERS else None
    except ValueError:
        return None


NUMBERS = frozenset({"BIGINT", "DOUBLE"})


@dataclass(frozen=True)
class TableSeen:
    """What a file has of one table. `aside`: rows that cannot be read or judged. `newest`: its latest day. `filled`: element → percent.
    `outside`: element → rows outside of the bounds. `known`: percent of its students who were known, None where none was before. `withdrawn`: stored rows that a whole table
    lacks, of `stored` in its school years."""

    read: int
    aside: int = 0
    newest: date | None = None
    filled: Mapping[str, float] | None = None
    outside: Mapping[str, int] | None = None
    known: float | None = None
    withdrawn: int = 0
    stored: int = 0


@dataclass(frozen=True)
class Earlier:
    """The last file of the feed that was accepted: its day, rows by table, and columns that nothing mapped."""

    on: date
    read: Mapping[str, int]
    columns: frozenset[str]


@dataclass(frozen=True)
class FeedFinding:
    """One difference. `rule` names the expectation; `stops`: whether nothing is stored unless somebody says that it is right; `rows`: how
    many rows or students it concerns, 0 where it is the file as a whole."""

    rule: str
    table: str
    sentence: str
    stops: bool = True
    rows: int = 0

    def to_json(self) -> dict[str, object]:
        severity = Severity.BLOCKING if self.stops else Severity.WARNING
        return {"id": self.rule, "severity": severity.value, "message": self.sentence, "rows": self.rows}


def judge(
    feed: FeedContract,
    seen: Mapping[str, TableSeen],
    columns: Sequence[str],
    earlier: Earlier | None,
    today: date,
) -> list[FeedFinding]:
    """Every difference, table by table. `columns`: those of the file that nothing maps."""
    found = [
        finding
        for name, expected in feed.expect.items()
        for finding in _of_table(name, expected, seen.get(name, TableSeen(0)), earlier, today)
    ]
    found += _shrunken(feed, seen, earlier)
    return [*found, *new_columns(columns, earlier, stops=feed.new_columns == "stop")]


def new_columns(columns: Sequence[str], earlier: Earlier | None, *, stops: bool) -> Iterator[FeedFinding]:
    """Columns that nothing maps and the last file did not have."""
    new = [column for column in columns if earlier is not None and column not in earlier.columns]
    if new:
        yield FeedFinding(
            "new_columns", "", f"{counted(len(new), 'column')} came that the last such file did not have: {listed(new[:5])}"
            f"{' and others' if len(new) > 5 else ''}. Nothing of it is stored.", stops,
        )  # fmt: skip


def _of_table(
    name: str, expected: TableExpectation, seen: TableSeen, earlier: Earlier | None, today: date
) -> Iterator[FeedFinding]:
    what = capital(table_words(name))
    if seen.read < expected.rows:
        yield FeedFinding(
            "rows",
            name,
            f"{what}: {counted(seen.read, 'row')} came, and at least {expected.rows:,} are expected.",
        )
    yield from _against_last_time(name, expected, seen, earlier)
    if seen.read and seen.aside * 100 > expected.set_aside * seen.read:
        yield FeedFinding(
            "set_aside", name, f"{what}: {_share(seen.aside, seen.read)} of the rows cannot be read, and at most "
            f"{expected.set_aside}% are expected.",
        )  # fmt: skip
    most = expected.newest_days
    if most is not None and seen.read and (seen.newest is None or (today - seen.newest).days > most):
        last = f"the newest row is of {day(seen.newest)}" if seen.newest else "no row has a day"
        yield FeedFinding(
            "newest_days",
            name,
            f"{what}: {last}, and one of the last {most} days is expected.",
        )
    for element, least in expected.filled.items():
        share = (seen.filled or {}).get(element, 0.0)
        if seen.read and share < least:
            yield FeedFinding(
                "filled",
                name,
                f"{what}: {element} is filled in {share:.0f}% of the rows, and {least}% are expected.",
            )
    for element, number in (seen.outside or {}).items():
        if number:
            low, high = expected.between[element]
            yield FeedFinding(
                "between",
                name,
                f"{what}: {element} is not between {low} and {high} in {counted(number, 'row')}.",
            )
    if expected.known is not None and seen.known is not None and seen.known < expected.known:
        yield FeedFinding(
            "known", name, f"{what}: {seen.known:.0f}% of the students were in an earlier file, and {expected.known}% are expected. "
            "Perhaps their numbers changed.",
        )  # fmt: skip


def _against_last_time(
    name: str, expected: TableExpectation, seen: TableSeen, earlier: Earlier | None
) -> Iterator[FeedFinding]:
    before = earlier.read.get(name, 0) if earlier else 0
    if not earlier or not before or not seen.read:
        return
    change = (
        f"{capital(table_words(name))}: {counted(seen.read, 'row')} came, and {before:,} on {day(earlier.on)}"
    )
    if seen.read * 100 < before * (100 - expected.fall):
        yield FeedFinding("fall", name, f"{change}; at most {expected.fall}% fewer are expected.")
    if seen.read * 100 > before * (100 + expected.rise):
        yield FeedFinding("rise", name, f"{change}; at most {expected.rise}% more are expected.")


def _shrunken(
    feed: FeedContract, seen: Mapping[str, TableSeen], earlier: Earlier | None
) -> Iterator[FeedFinding]:
    """A whole table that shrank would withdraw rows, so it is judged even where nothing is expected of it."""
    for name in feed.whole:
        there = seen.get(name, TableSeen(0))
        most = feed.expect.get(name, TableExpectation()).fall
        if there.withdrawn * 100 > there.stored * most:
            yield FeedFinding(
                "withdrawn", name, f"{capital(table_words(name))}: {counted(there.withdrawn, 'stored row')} of {there.stored:,} would be withdrawn, "
                f"because the file lacks them or says that they are deleted; at most {most}% are expected.",
            )  # fmt: skip
        if name not in feed.expect:
            yield from _against_last_time(name, TableExpectation(), seen.get(name, TableSeen(0)), earlier)
            if earlier and earlier.read.get(name) and not seen.get(name, TableSeen(0)).read:
                yield FeedFinding("rows", name, f"{capital(table_words(name))}: no row came.")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%"


def stopping(found: Sequence[FeedFinding]) -> list[FeedFinding]:
    return [finding for finding in found if finding.stops]


def notice(
    *,
    partner: str,
    on: date,
    stopped: bool,
    sentences: Sequence[str],
    problems: Sequence[str],
    reason: str = "",
) -> str:
    """What to tell the partner, in plain words and without any value. `problems`: the kinds of fault, with their rows and cures."""
    lines = [f"To {partner}", ""]
    lines.append(
        f"Your file of {day(on)} was not loaded. Nothing of it was stored."
        if stopped
        else f"Your file of {day(on)} was loaded."
    )
    if sentences:
        lines += [
            "",
            "Why:" if stopped else "What differs from what is expected:",
            *(f"- {sentence}" for sentence in sentences),
        ]
    if reason:
        lines += ["", f"It was accepted all the same: {reason}"]
    if problems:
        lines += [
            "",
            "Please correct these in your own system, and send the file again:",
            *(f"- {each}" for each in problems),
        ]
    if stopped:
        lines += ["", "If the file is right as it is, tell your data steward why; then it can be loaded."]
    return "\n".join(lines)
