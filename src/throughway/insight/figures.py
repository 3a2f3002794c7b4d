"""What the report may say: the pipeline as read back from protected tables, and from nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.disclosure import ProtectedTable
from throughway.disclosure.place import Place, place
from throughway.insight.measures import Cause, Measure, Outcome
from throughway.insight.pipeline import SEEN

Shown = int | str | None  # None: withheld


@dataclass(frozen=True)
class Figures:
    """One class, or one group of it, at one milestone; each figure as published."""

    name: str  # "" for the whole class
    started: Shown
    reached: Shown
    lost: Shown
    not_seen: Shown
    share_lost: Shown

    @property
    def seen(self) -> Shown:
        """Those seen: reached and lost together, where both are shown."""
        return (
            self.reached + self.lost if isinstance(self.reached, int) and isinstance(self.lost, int) else None
        )


@dataclass(frozen=True)
class Step:
    """One milestone. `unseen` says why nobody can be seen at it; then `whole` is None, and `waiting` how many wait for it."""

    measure: Measure
    year: int | None
    unseen: Cause | None
    whole: Figures | None
    share_seen: Shown
    causes: tuple[tuple[str, Shown], ...]
    groups: Mapping[str, tuple[Figures, ...]]
    waiting: Shown = None


@dataclass(frozen=True)
class Heading:
    """A milestone without its figures: what may be said of it whoever is in it."""

    measure: Measure
    year: int | None
    unseen: Cause | None
    on: date


def steps(
    headings: Sequence[Heading], tables: Sequence[ProtectedTable], kinds: Sequence[str]
) -> tuple[Step, ...]:
    """The milestones with their protected figures."""
    for table in tables:
        if not isinstance(table, ProtectedTable):
            raise TypeError("only protected tables can be reported")
    cells = {(c.statistic, place(c.at)): c.shown for table in tables for c in table.cells}
    return tuple(_step(heading, cells, kinds) for heading in headings)


def _step(heading: Heading, cells: Mapping[tuple[str, Place], Shown], kinds: Sequence[str]) -> Step:
    m = heading.measure
    here = {"milestone": m.name}
    if ("rate", place(here | {"share": "seen"})) not in cells:
        waiting = cells.get(("students", place(here)))
        return Step(m, heading.year, heading.unseen or Cause.NO_RECORD, None, None, (), {}, waiting)
    return Step(
        measure=m,
        year=heading.year,
        unseen=None,
        whole=_figures(cells, here, {}, ""),
        share_seen=cells["rate", place(here | {"share": "seen"})],
        causes=tuple(_causes(m, here, cells)),
        groups={kind: listed for kind in kinds if (listed := tuple(_listed(cells, here, kind)))},
    )


def _causes(
    m: Measure, here: Mapping[str, str], cells: Mapping[tuple[str, Place], Shown]
) -> Iterator[tuple[str, Shown]]:
    """Each cause for which students can be out of sight at this milestone, and how many are."""
    unseen = {**here, "outcome": str(Outcome.NOT_SEEN)}
    if len(m.causes) == 1:
        yield str(m.causes[0]), cells["students", place(unseen)]
        return
    for cause in m.causes:
        yield str(cause), cells["students", place(unseen | {"cause": str(cause)})]


def _listed(
    cells: Mapping[tuple[str, Place], Shown], here: Mapping[str, str], kind: str
) -> Iterator[Figures]:
    """The groups of one kind at one milestone, in the order of their table."""
    milestone = ("milestone", here["milestone"])
    for statistic, where in cells:
        values = dict(where)
        if statistic == "students" and milestone in where and kind in values and "outcome" not in values:
            yield _figures(cells, here, {kind: values[kind]}, values[kind])


def _figures(
    cells: Mapping[tuple[str, Place], Shown], here: Mapping[str, str], group: Mapping[str, str], name: str
) -> Figures:
    def students(outcome: Outcome | None) -> Shown:
        where = {**here, **group} | ({"outcome": str(outcome)} if outcome else {})
        return cells["students", place(where)]

    reached, lost = (students(outcome) for outcome in SEEN)
    return Figures(
        name=name,
        started=students(None),
        reached=reached,
        lost=lost,
        not_seen=students(Outcome.NOT_SEEN),
        share_lost=cells["rate", place({**here, **group, "share": "lost"})],
    )


def to_json(step: Step) -> dict[str, object]:
    """One milestone for programs: each figure with what is shown and whether it is withheld."""
    told: dict[str, object] = {
        "id": step.measure.id,
        "name": step.measure.name,
        "definition": step.measure.definition,
        "class": step.year,
        "cannot_be_observed": str(step.unseen) if step.unseen else None,
    }
    if step.whole is None:
        return told | ({"waiting": _cell(step.waiting)} if step.unseen is Cause.NOT_YET_DUE else {})
    return told | _told(step.whole) | {
        "share_seen": _cell(step.share_seen),
        "not_seen_by_cause": {cause: _cell(shown) for cause, shown in step.causes},
        "groups": {kind: {f.name: _told(f) for f in listed} for kind, listed in step.groups.items()},
    }  # fmt: skip


def _told(figures: Figures) -> dict[str, object]:
    named = ("started", "reached", "lost", "not_seen", "share_lost")
    return {name: _cell(getattr(figures, name)) for name in named}


def _cell(shown: Shown) -> dict[str, object]:
    return {"shown": shown, "withheld": shown is None}
