"""Loads for display: totals over several loads, loads superseded by later ones, and why a column was not stored."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PartyRole
from throughway.agreements.labels import day, element_words, listed, table_words
from throughway.core.prose import capital
from throughway.intake.feeds.contract import FeedFinding
from throughway.intake.formats import BY_CROSSWALK
from throughway.intake.load_report import Counts, RowOutcomes, together, total
from throughway.intake.safe_names import NUMBERED
from throughway.vocabulary import TABLES, Element


@dataclass(frozen=True)
class Batch:
    """One load, landed or refused. No value of a record is in it."""

    id: str
    partner: str
    format: str
    source: str
    at: datetime
    by: str
    agreements: tuple[tuple[str, str], ...]  # id, version
    counts: Mapping[str, Counts]
    cells_emptied: int
    refused_columns: tuple[str, ...]
    unmapped: (
        frozenset[str] | None
    )  # those of them that nothing maps; None where an earlier version did not record it
    refusal: str
    feed: str = ""
    findings: tuple[FeedFinding, ...] = ()
    accepted: str = ""
    withdrawn: Mapping[str, int] = field(default_factory=dict)
    row_keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    days: Mapping[str, Sequence[str]] = field(default_factory=dict)
    found: Mapping[str, int] | None = None  # by table, rows that were stored before; None: not recorded
    digest: str = ""
    taken_back: Mapping[str, str] = field(default_factory=dict)  # certificate, at, by, asked_by, why

    @property
    def is_stopped(self) -> bool:
        """Whether it was refused because it differs from what its feed is expected to be."""
        return bool(self.refusal) and not self.accepted and any(finding.stops for finding in self.findings)

    @property
    def total(self) -> Counts:
        return total(self.counts.values())

    @property
    def shown(self) -> RowOutcomes:
        """The numbers for readers, who know the rows of their file: by a crosswalk one row fills several tables, so the largest count of
        any; otherwise the total."""
        return together(self.counts.values(), max) if self.format in BY_CROSSWALK else self.total

    @property
    def columns_refused(self) -> tuple[str, ...]:
        """The columns of which nothing was stored: by a crosswalk those of `refused_columns` that it names as the file does, since one
        column may fill several elements."""
        by_name = self.format in BY_CROSSWALK
        return tuple(name for name in self.refused_columns if not by_name or _element(name) is None)


@dataclass(frozen=True)
class LoadedChange:
    """A load, `at` a moment, that changed rows of one table, dated from `first` to `last`."""

    partner: str
    table: str
    at: datetime
    first: date
    last: date


def superseded(load: Batch, loads: Iterable[Batch]) -> bool:
    """Whether a later load supplied what this one did not store: the same file, or at least as many rows of each table with rows that
    were set aside, could not be judged, or had no reader where one exists now."""
    lacking = [
        kind
        for kind, counts in load.counts.items()
        if counts.quarantined
        or counts.cannot_tell
        or not (counts.landed or counts.unchanged or counts.not_read)
    ]
    unread = [kind for kind, counts in load.counts.items() if counts.not_read == counts.read]
    return bool(load.taken_back) or any(_brings_again(later, load, lacking or unread) for later in loads)


def repeated(load: Batch, loads: Iterable[Batch]) -> bool:
    """Whether a later load had the same file, or at least as many rows of each kind."""
    return any(_brings_again(later, load, load.counts) for later in loads)


def _brings_again(later: Batch, load: Batch, kinds: Collection[str]) -> bool:
    if later.partner != load.partner or later.at <= load.at or later.taken_back:
        return False
    if not load.counts and NUMBERED.match(load.source):  # refused before reading; its name is not stored
        return later.format == load.format
    if later.source == load.source and not NUMBERED.match(load.source):
        return True
    return bool(kinds) and all(_read(later, kind) >= _read(load, kind) for kind in kinds)


def _read(load: Batch, kind: str) -> int:
    return load.counts[kind].read if kind in load.counts else 0


@dataclass(frozen=True)
class Unjudged:
    """Rows of one table whose scope cannot be decided, in the partner's newest load of the table."""

    partner: str
    table: str
    rows: int
    load: str
    at: datetime


def unjudged(loads: Iterable[Batch]) -> list[Unjudged]:
    """`loads`: newest first. Sorted by number of rows; tables that a later load supplied with every needed cell are left out."""
    newest: dict[tuple[str, str], Unjudged] = {}
    for load in loads:
        for table, counts in load.counts.items():
            found = Unjudged(load.partner, table, counts.cannot_tell, load.id, load.at)
            newest.setdefault((load.partner, table), found)
    return sorted((each for each in newest.values() if each.rows), key=lambda each: -each.rows)


@dataclass(frozen=True)
class LoadWeek:
    """`begins`: its Monday."""

    begins: date
    landed: int
    set_aside: int

    @property
    def label(self) -> str:
        return day(self.begins)


FEWEST, MOST = 8, 26  # weeks of a chart


def by_week(loads: Iterable[tuple[date, RowOutcomes]]) -> list[LoadWeek]:
    """Rows landed and set aside in each week up to that of the last load, weeks without any included."""
    landed: dict[date, int] = defaultdict(int)
    aside: dict[date, int] = defaultdict(int)
    for on, counts in loads:
        monday = on - timedelta(days=on.weekday())
        landed[monday] += counts.landed
        aside[monday] += counts.quarantined
    if not landed:
        return []
    last = max(landed)
    first = min(*landed, last - timedelta(weeks=FEWEST - 1))
    weeks = [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    return [LoadWeek(monday, landed[monday], aside[monday]) for monday in weeks[-MOST:]]


def chart_of(weeks: Iterable[LoadWeek]) -> dict[str, object]:
    """The Vega-Lite specification of the weeks: what landed in sage, what was set aside in the strong colour."""
    rows = [
        {"week": w.begins.isoformat(), "rows": rows, "what": what, "order": order}
        for w in weeks
        for order, (what, rows) in enumerate((("loaded", w.landed), ("set aside", w.set_aside)))
    ]
    return {
        "data": {"values": rows},
        "width": "container",
        "height": 180,
        "mark": {"type": "bar", "stroke": "#47705f"},
        "encoding": {
            "x": {"field": "week", "type": "ordinal", "timeUnit": "yearmonthdate", "title": None,
                  "axis": {"format": "%-d %b", "labelAngle": 0, "labelOverlap": True, "ticks": False}},
            "y": {"field": "rows", "type": "quantitative", "title": None, "axis": {"format": ",d", "tickCount": 4}},
            "color": {"field": "what", "scale": {"domain": ["loaded", "set aside"], "range": ["#b7cdc1", "#7a2450"]},
                      "legend": {"orient": "top", "title": None}},
            "strokeWidth": {"condition": {"test": "datum.rows > 0", "value": 1}, "value": 0},
            "order": {"field": "order"},
        },
    }  # fmt: skip


NOT_MAPPED = "Not mapped: neither the format nor the crosswalk says what it is. Map it in the crosswalk if an agreement needs it."
NAMED = 10  # unmapped columns that a page lists
MAPPED_ONLY = "The crosswalk uses it only for elements that no agreement in effect needs."


@dataclass(frozen=True)
class RefusedColumn:
    """`name` as the load reports it; `what` in plain words; `why`, and what would allow it."""

    name: str
    what: str
    why: str
    is_protected: bool = False


def explain_refused_columns(
    names: Iterable[str],
    partner: str,
    called: str,
    agreements: Sequence[AgreementDocument],
    *,
    unmapped: Collection[str] | None,
) -> list[RefusedColumn]:
    """`called`: the partner's name. `agreements`: those in effect when the file came. `unmapped`: the names that neither the
    format nor the crosswalk maps; None where that is not known."""
    own = [d for d in agreements if partner in d.parties_with(PartyRole.DISCLOSER) and d.schedule]
    return [_refused(name, called, own, unmapped) for name in names]


def _element(name: str) -> Element | None:
    table, _, column = name.partition(".")
    return TABLES[table].elements.get(column) if table in TABLES else None


def _refused(
    name: str, called: str, own: Sequence[AgreementDocument], unmapped: Collection[str] | None
) -> RefusedColumn:
    table, _, column = name.partition(".")
    found = _element(name)
    if found is None:
        mapped = unmapped is not None and name not in unmapped
        numbered = NUMBERED.fullmatch(name)
        what = f"{capital(name)}; its heading was not stored" if numbered else f"The column {name}"
        return RefusedColumn(name, what, MAPPED_ONLY if mapped else NOT_MAPPED)
    what = f"{element_words(column)}, of {table_words(table)}"
    what = capital(what)
    near = [d.title for d in own if any(line.table == table for line in d.schedule)]
    others = [d.title for d in own]
    where = listed(f"“{title}”" for title in (near or others)[:2])
    would = (
        f"To store it, list it in the schedule of {where}, with the reason why it is necessary."
        if where
        else f"To store it, list it in the schedule of an agreement in which {called} gives records, with "
        f"the reason why it is necessary."
    )
    if found.restricted:
        return RefusedColumn(
            name,
            what,
            f"It is specially protected, so an agreement must name it by itself. {would} Otherwise leave it "
            f"out of the file.",
            is_protected=True,
        )
    return RefusedColumn(name, what, f"No agreement in effect needs it from {called}. {would}")


def few_unmapped(columns: Iterable[RefusedColumn]) -> tuple[list[RefusedColumn], int]:
    """The columns that a page lists: all except unmapped ones beyond the first few, whose number is returned second."""
    shown, unmapped = [], 0
    for column in columns:
        unmapped += column.why == NOT_MAPPED
        if column.why != NOT_MAPPED or unmapped <= NAMED:
            shown.append(column)
    return shown, max(unmapped - NAMED, 0)
