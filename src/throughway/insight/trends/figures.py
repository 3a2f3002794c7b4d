"""Trends as read back from protected tables only: each outcome over its classes, with interval, coverage, target and gaps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from throughway.insight.pipeline_tables import MILESTONE
from throughway.insight.trends.choices import BY_ID, Target
from throughway.insight.trends.intervals import (
    Decomposition,
    ShareInterval,
    closed_by_step,
    decomposed,
    difference,
    interval_of,
)
from throughway.insight.trends.tables import CLASS, REACHED_SHARE, SEEN_SHARE, SHARE
from throughway.measures.groups import UNKNOWN
from throughway.publication import ProtectedTable
from throughway.publication.tables import Place, place

Shown = int | str | None  # None: withheld
CHAIN = ("graduation", "enrollment", "completion")  # each is judged among those who reached the one before


@dataclass(frozen=True)
class TrendPoint:
    """One class, or one group of it, as published. `label`: the class's ending year, or several together."""

    label: str
    reached: Shown
    lost: Shown
    not_seen: Shown
    share: Shown
    seen: Shown  # the share seen; of a group it is not published
    interval: ShareInterval | None

    @property
    def exact(self) -> tuple[int, int] | None:
        """Reached and lost, where both are shown as they are."""
        if isinstance(self.reached, int) and isinstance(self.lost, int) and self.reached + self.lost:
            return self.reached, self.lost
        return None

    @property
    def tells(self) -> bool:
        """Whether it shows a share, or counts and ranges that leave it an interval which is not wide."""
        return self.share is not None or (self.interval is not None and not self.interval.wide)

    @property
    def percent(self) -> float | None:
        """The share from the counts; None where one is withheld or a range."""
        return 100 * self.exact[0] / sum(self.exact) if self.exact else None


@dataclass(frozen=True)
class TrendSeries:
    """One outcome: its classes, oldest first, in all and by group. `why`: why there is none. `groups[kind][group]`: its classes. `unseen`:
    by class, the partners whose part of it is not seen."""

    id: str
    name: str
    group: str
    definition: str
    window: str
    linked: bool
    points: tuple[TrendPoint, ...]
    groups: Mapping[str, Mapping[str, tuple[TrendPoint, ...]]]
    target: Target | None
    why: str = ""
    unseen: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def named_year(self, class_year: int) -> int:
        """The ending year of the school year that names a class."""
        return BY_ID[self.id].named_year(class_year)

    def point(self, label: str) -> TrendPoint | None:
        return next((p for p in self.points if p.label == label), None)

    def unseen_partners(self, label: str) -> list[str]:
        """The partners whose part of that class is not seen."""
        first, *_, last = [int(word) for word in label.split() if word.isdigit()] * 2
        found = [self.unseen[year] for year in sorted(self.unseen) if first <= year <= last]
        return list(dict.fromkeys(name for names in found for name in names))

    def of_all(self, label: str) -> TrendPoint | None:
        """The class; None where a partner's part of it is not seen, since a share of the others is no share of all."""
        return None if self.unseen_partners(label) else self.point(label)

    @property
    def newest(self) -> TrendPoint | None:
        """The newest class that tells of its share. Beside a pipeline whose few students not seen are withheld, that is often a range."""
        return next((p for p in reversed(self.points) if p.tells), None)

    @property
    def change(self) -> tuple[TrendPoint, TrendPoint] | None:
        """The baseline and the newest class, where both show their counts: the baseline of the target, otherwise the oldest class."""
        exact = [p for p in self.points if p.exact]
        if self.target:
            exact = [p for p in exact if p.label >= str(self.target.baseline)]
            if not exact or exact[0].label != str(self.target.baseline):
                return None
        return (exact[0], exact[-1]) if len(exact) > 1 else None

    def gap(self, kind: str, one: str, other: str) -> list[tuple[str, float, ShareInterval]]:
        """Class by class, the first group's share less the other's in points, with its interval; classes with a withheld count are left
        out."""
        listed = self.groups.get(kind, {})
        theirs = {p.label: p.exact for p in listed.get(other, ())}
        return [
            (p.label, *difference(p.exact, pair))
            for p in listed.get(one, ())
            if p.exact and (pair := theirs.get(p.label))
        ]

    def made_of(self, kind: str) -> Decomposition | None:
        """What the change is made of by the groups of one kind; None where a count is withheld."""
        if self.change is None:
            return None
        found = []
        for each in self.change:
            counts = {g: next((p.exact for p in points if p.label == each.label), None) for g, points in self.groups.get(kind, {}).items()}  # fmt: skip
            if any(pair is None for pair in counts.values()):
                return None
            found.append({g: pair for g, pair in counts.items() if pair})
        return decomposed(*found)


def heading_to_json(id: str, definition: str, window: str, why: str) -> dict[str, str]:
    return {"id": id, "definition": definition, "window": window, "why": why}


def trend_series(
    headings: Sequence[Mapping[str, Any]], tables: Sequence[ProtectedTable], kinds: Sequence[str], targets: Sequence[Target], recall: float | None
) -> tuple[TrendSeries, ...]:  # fmt: skip
    """The outcomes with their protected figures. `headings`: as the release stores them; `recall`: the least share of true links found."""
    for table in tables:
        if not isinstance(table, ProtectedTable):
            raise TypeError("only protected tables can be reported")
    cells = {(c.statistic, place(c.at)): c.shown for table in tables for c in table.cells}
    by_outcome = {target.outcome: target for target in sorted(targets, key=lambda t: -t.by)}
    return tuple(_series(h, cells, kinds, by_outcome.get(h["id"]), recall) for h in headings)


def _series(
    heading: Mapping[str, Any], cells: Mapping[tuple[str, Place], Shown], kinds: Sequence[str], target: Target | None, recall: float | None
) -> TrendSeries:  # fmt: skip
    measure = BY_ID[heading["id"]]
    own = [
        dict(where)
        for statistic, where in cells
        if statistic == "rate" and (MILESTONE, measure.name) in where
    ]
    labels = sorted({at[CLASS] for at in own})
    recall = recall if measure.linked else None

    def points(group: Mapping[str, str]) -> tuple[TrendPoint, ...]:
        found = (_point(cells, {MILESTONE: measure.name, CLASS: label, **group}, recall) for label in labels)
        return tuple(p for p in found if p is not None)

    groups = {
        kind: {value: points({kind: value}) for value in dict.fromkeys(at[kind] for at in own if kind in at)}
        for kind in kinds
        if any(kind in at for at in own)
    }
    return TrendSeries(
        id=measure.id, name=measure.name, group=measure.group, definition=heading["definition"], window=heading["window"],
        linked=measure.linked, points=points({}), groups=groups, target=target, why=heading["why"],
    )  # fmt: skip


def _point(cells: Mapping[tuple[str, Place], Shown], at: Mapping[str, str], recall: float | None) -> TrendPoint | None:  # fmt: skip
    share = ("rate", place({**at, SHARE: REACHED_SHARE}))
    if share not in cells:
        return None
    reached, lost, not_seen = (cells.get(("students", place({**at, "outcome": o}))) for o in ("reached", "lost", "not seen"))  # fmt: skip
    return TrendPoint(
        label=at[CLASS], reached=reached, lost=lost, not_seen=not_seen, share=cells[share],
        seen=cells.get(("rate", place({**at, SHARE: SEEN_SHARE}))), interval=interval_of(reached, lost, recall),
    )  # fmt: skip


def gap_pairs(series: TrendSeries) -> Iterator[tuple[str, str, str]]:
    """The kinds with two recorded groups: kind, the group that the kind is named after, and all others."""
    for kind, listed in series.groups.items():
        named = [group for group in listed if group != UNKNOWN]
        if len(named) == 2:
            one, other = sorted(named, key=lambda group: group.startswith(("No", "Did not")))
            yield kind, one, other


def chain(found: Sequence[TrendSeries], kind: str, one: str, other: str) -> list[tuple[str, float]] | None:
    """How much of the gap over the steps from graduation to a credential would close at each step, in percent: of the newest class of
    each that shows both groups. None where a step shows none."""
    by_id = {series.id: series for series in found}
    shares: list[tuple[float, float]] = []
    for id in CHAIN:
        series = by_id.get(id)
        listed = series.groups.get(kind, {}) if series else {}
        both = {p.label: p.percent for p in listed.get(other, ())}
        pairs = [(p.percent, both[p.label]) for p in listed.get(one, ()) if p.percent is not None and both.get(p.label) is not None]  # fmt: skip
        if not pairs:
            return None
        mine, theirs = pairs[-1]
        shares.append((mine / 100, (theirs or 0) / 100))
    closed = closed_by_step([a for a, _ in shares], [b for _, b in shares])
    return [(by_id[id].name, percent) for id, percent in zip(CHAIN, closed, strict=True)] if closed else None
