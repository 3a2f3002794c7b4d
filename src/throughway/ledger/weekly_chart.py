"""Disclosures by week and outcome: the chart's numbers, its specification, and the same numbers as a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.core.prose import counted

ORDER = ("released", "published", "refused")
COLOURS = ("#b7cdc1", "#f4efe8", "#7a2450")  # river, sunken, accent: refusals get the color that stands out
MOST_WEEKS = 53


@dataclass(frozen=True)
class DisclosureWeek:
    """The Monday on which the week begins, and the number of entries with each outcome."""

    start: date
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def row(self) -> list[int]:
        return [self.counts.get(outcome, 0) for outcome in ORDER]


def weeks_of(days: Iterable[tuple[date, str, int]], *, first: date, last: date) -> list[DisclosureWeek]:
    """Every week between two days, including those without an entry, from (day, outcome, entries); at most the last year."""
    start = max(_monday(first), _monday(last) - timedelta(weeks=MOST_WEEKS - 1))
    found: dict[date, dict[str, int]] = {}
    while start <= last:
        found[start] = {}
        start += timedelta(weeks=1)
    for day, outcome, entries in days:
        counts = found.get(_monday(day))
        if counts is not None:
            counts[outcome] = counts.get(outcome, 0) + entries
    return [DisclosureWeek(monday, counts) for monday, counts in found.items()]


def totals(days: Iterable[tuple[date, str, int]]) -> dict[str, int]:
    found = dict.fromkeys(ORDER, 0)
    for _, outcome, entries in days:
        found[outcome] = found.get(outcome, 0) + entries
    return found


def label(weeks: Sequence[DisclosureWeek]) -> str:
    """One sentence of alternative text for the chart."""
    if not weeks or not any(week.total for week in weeks):
        return "No entry in these weeks."
    most = max(weeks, key=lambda week: week.total)
    sums = ", ".join(f"{sum(w.counts.get(o, 0) for w in weeks):,} {o}" for o in ORDER)
    return (
        f"Entries by week, {counted(len(weeks), 'week')}: {sums}. Most in the week of {most.start.day} {most.start:%B}: "
        f"{most.total:,}."
    )


def specification(weeks: Sequence[DisclosureWeek]) -> dict[str, object]:
    """A Vega-Lite chart of stacked bars, made only of counts of entries: no student data is in it."""
    values = [
        {
            "week": week.start.isoformat(),
            "outcome": outcome,
            "entries": week.counts.get(outcome, 0),
            "place": at,
        }
        for week in weeks
        for at, outcome in enumerate(ORDER)
        if week.counts.get(outcome, 0) or not at  # a week without an entry is drawn too
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "height": 200,
        "data": {"values": values},
        "mark": {"type": "bar", "stroke": "#47705f"},
        "encoding": {
            "x": {
                "field": "week", "type": "ordinal", "timeUnit": "yearmonthdate", "title": None,
                "axis": {"format": "%-d %b", "labelAngle": 0, "labelOverlap": True, "ticks": False},
            },
            "y": {"field": "entries", "type": "quantitative", "title": None, "axis": {"tickMinStep": 1, "tickCount": 4}},
            "color": {
                "field": "outcome", "type": "nominal", "title": None,
                "scale": {"domain": list(ORDER), "range": list(COLOURS)},
                "legend": {"orient": "top"},
            },
            "strokeWidth": {"condition": {"test": "datum.entries > 0", "value": 1}, "value": 0},
            "order": {"field": "place"},
        },
    }  # fmt: skip


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
