"""What the report may show: the pipeline as read back from protected tables only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from typing import Any

from throughway.core.prose import school_year
from throughway.insight.pipeline_tables import JOIN, MILESTONE, STEP
from throughway.measures.groups import UNKNOWN
from throughway.measures.measure import Cause, MeasuredClass, MilestoneOutcome, MilestoneStep
from throughway.measures.policy import MeasurePolicy
from throughway.publication import ProtectedCell, ProtectedTable
from throughway.publication.shown_figures import count_between, least, range_words
from throughway.publication.tables import Place, place


@dataclass(frozen=True)
class MilestoneHeading:
    """A milestone without its figures. `unseen`: why nobody can be seen at it."""

    id: str
    name: str
    short: str
    lost: str
    definition: str
    window: str
    group: str
    causes: tuple[str, ...]
    sign: bool
    spring: bool
    year: int | None  # its class: the ending year of a school year
    unseen: str | None
    begins: int | None  # the ending year of the school year in which students start on the step to it
    # The milestone that everyone on the step had reached; None where they are the milestone's own class.
    after: str | None
    joins: bool  # students can join on the way
    # Where nobody can be seen: the problem and its solution, where more is known than the cause.
    cure: str = ""

    @property
    def named_year(self) -> int | None:
        """The ending year of the school year that names the class on every page, as `Measure.named_year`."""
        return None if self.year is None else max(self.year, self.begins or 0)


def heading(measured: MeasuredClass, step: MilestoneStep | None, policy: MeasurePolicy) -> MilestoneHeading:
    """The heading for a measured class and the step to it; an early sign has no step."""
    m, class_year = measured.measure, measured.class_year
    begins = None if class_year is None else step.since if step and step.since else class_year + m.starts_in
    return MilestoneHeading(
        id=m.id, name=m.name, short=m.short, lost=m.lost, definition=m.definition(policy), window=m.window(policy), group=m.group,
        causes=tuple(map(str, m.causes)), sign=m.sign, spring=m.spring, year=class_year,
        unseen=str(_unseen(measured)) if _unseen(measured) else None, begins=begins,
        after=step.after.name if step and step.after else None,
        joins=step is not None and step.joined is not None, cure=measured.cure,
    )  # fmt: skip


def _unseen(measured: MeasuredClass) -> Cause | None:
    if measured.waits:
        return Cause.NOT_YET_DUE
    return None if measured.students() else measured.why_unseen or Cause.NO_RECORD


def class_key(found: MilestoneHeading) -> str:
    """Equal for two headings if and only if they count the same class under the same definition."""
    terms = (found.definition, found.window, found.begins, found.after, found.unseen == Cause.NOT_YET_DUE)
    return f"{found.id} {found.year} {sha256(repr(terms).encode()).hexdigest()[:16]}"


def class_pairs(found: MilestoneHeading) -> list[tuple[str, str]]:
    """The dimensions and values under which its figures are published."""
    return [(dimension, found.name) for dimension in (MILESTONE, STEP, JOIN)]


def headings_to_json(headings: Sequence[MilestoneHeading]) -> list[dict[str, Any]]:
    return [asdict(h) | {"causes": list(h.causes)} for h in headings]


def headings_from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[MilestoneHeading, ...]:
    names = [f.name for f in fields(MilestoneHeading)]
    return tuple(
        MilestoneHeading(
            **{name: row[name] for name in names if name in row} | {"causes": tuple(row["causes"])}
        )
        for row in stored
    )


Shown = int | str | None  # None: withheld
Cells = Mapping[tuple[str, Place], Shown]


@dataclass(frozen=True)
class Figures:
    """The figures of one class, or of one group of it, as published."""

    name: str  # "" for the whole class
    started: Shown
    reached: Shown
    lost: Shown
    not_seen: Shown
    share_lost: Shown

    @property
    def seen(self) -> int | None:
        """Students who reached the milestone or were lost; None where one of the two is withheld."""
        return _sum(self.reached, self.lost)

    @property
    def seen_between(self) -> tuple[int, int] | None:
        """The fewest and the most students seen; None where one of the two is withheld."""
        if self.reached is None or self.lost is None:
            return None
        (least_in, most_in), (least_out, most_out) = count_between(self.reached), count_between(self.lost)
        most = most_in + most_out
        return least_in + least_out, min(most, self.started) if isinstance(self.started, int) else most


@dataclass(frozen=True)
class Milestone:
    """A milestone, or the step to it. Where nobody can be seen `whole` is None, and `waiting` is the number not due yet.
    `unseen_partners`: whose students of the class are not seen (`partners_not_seen`)."""

    heading: MilestoneHeading
    under: str  # the dimension of its figures in the tables: milestone or step
    whole: Figures | None
    share_seen: Shown
    causes: tuple[tuple[str, Shown], ...]
    groups: Mapping[str, tuple[Figures, ...]]
    waiting: Shown = None
    joined: Shown = None
    unseen_partners: tuple[str, ...] = ()

    @property
    def of_all(self) -> Figures | None:
        """The figures of the whole class; None where a partner's class is not seen, since a share of the others is no share of all."""
        return None if self.unseen_partners else self.whole

    @property
    def at(self) -> dict[str, str]:
        return {self.under: self.heading.name}

    @property
    def lost(self) -> int:
        """Students lost; 0 where nobody can be seen or the figure is withheld."""
        return self.whole.lost if self.whole and isinstance(self.whole.lost, int) else 0

    @property
    def percent_lost(self) -> int | None:
        """The share lost where it is a whole percent; None where it is withheld or a code such as ≥95%."""
        return self.whole.share_lost if self.whole and isinstance(self.whole.share_lost, int) else None

    @property
    def arrive(self) -> int | None:
        """Students who reached the milestone, including those who joined on the way."""
        return _sum(self.whole.reached, self.joined) if self.whole else None

    def expected(self, group: Figures) -> int | None:
        """Students that a group would lose at the whole class's rate, rounded."""
        whole = self.whole
        if whole is None or not whole.seen or group.seen is None or not isinstance(whole.lost, int):
            return None
        return (2 * group.seen * whole.lost + whole.seen) // (2 * whole.seen)

    def excess(self, group: Figures) -> int | None:
        """Students that a group loses beyond that; negative where the group does better."""
        expected = self.expected(group)
        return group.lost - expected if isinstance(group.lost, int) and expected is not None else None


@dataclass(frozen=True)
class GroupFigures:
    """One group, with its figures at each milestone that has them."""

    kind: str
    name: str
    milestones: tuple[tuple[Milestone, Figures], ...]

    @property
    def excesses(self) -> list[int]:
        """Students lost beyond the whole class's rate, at each milestone where that is shown."""
        return [n for milestone, figures in self.milestones if (n := milestone.excess(figures)) is not None]

    @property
    def excess(self) -> int:
        return sum(self.excesses)

    @property
    def not_seen(self) -> int | None:
        """Over all milestones; None where the figure of one is withheld."""
        return _sum(*(figures.not_seen for _, figures in self.milestones))


@dataclass(frozen=True)
class PipelineFigures:
    """All milestones, early signs among them, and the steps from one to the next."""

    milestones: tuple[Milestone, ...]
    steps: tuple[Milestone, ...]


def _sum(*shown: Shown) -> int | None:
    counts = [n for n in shown if isinstance(n, int)]
    return sum(counts) if len(counts) == len(shown) else None


def pipeline(
    headings: Sequence[MilestoneHeading], tables: Sequence[ProtectedTable], kinds: Sequence[str]
) -> PipelineFigures:
    """The milestones and steps with their protected figures."""
    for table in tables:
        if not isinstance(table, ProtectedTable):
            raise TypeError("only protected tables can be reported")
    cells = {(c.statistic, place(c.at)): c.shown for table in tables for c in table.cells}
    steps = [h for h in headings if not h.sign and not h.spring]
    milestones = [_milestone(h, MILESTONE, cells, kinds) for h in headings]
    unseen = {m.heading.id: partners_not_seen(m.groups.get(PARTNER, ())) for m in milestones}
    found = [_milestone(h, STEP if h.after else MILESTONE, cells, kinds) for h in steps]
    return PipelineFigures(
        *(
            tuple(replace(m, unseen_partners=unseen[m.heading.id]) for m in each)
            for each in (milestones, found)
        )
    )


PARTNER = "partner"  # the kind of group


def is_not_seen(figures: Figures) -> bool:
    """Whether more of the students are known not to be seen than are known to be seen, by the least that each printed figure allows."""
    return least(figures.not_seen) > least(figures.reached) + least(figures.lost)


def partners_not_seen(partners: Sequence[Figures]) -> tuple[str, ...]:
    """The partners whose part of the class is not seen, by name."""
    return tuple(each.name for each in partners if is_not_seen(each))


def _milestone(heading: MilestoneHeading, under: str, cells: Cells, kinds: Sequence[str]) -> Milestone:
    here = {under: heading.name}
    joined = cells.get(("students", place({JOIN: heading.name})))
    if ("rate", place(here | {"share": "seen"})) not in cells:
        waiting = cells.get(("students", place(here)))
        return Milestone(heading, under, None, None, (), {}, waiting)
    return Milestone(
        heading=heading,
        under=under,
        whole=_figures(cells, here, {}, ""),
        share_seen=cells["rate", place(here | {"share": "seen"})],
        causes=tuple(_causes(heading, here, cells)) if under == MILESTONE else (),
        groups={kind: listed for kind in kinds if (listed := tuple(_listed(cells, here, kind)))},
        joined=joined,
    )


def _causes(heading: MilestoneHeading, here: Mapping[str, str], cells: Cells) -> Iterator[tuple[str, Shown]]:
    """Each cause for which students can be unseen at this milestone, with their number."""
    unseen = {**here, "outcome": str(MilestoneOutcome.NOT_SEEN)}
    if len(heading.causes) == 1:
        yield heading.causes[0], cells["students", place(unseen)]
        return
    for cause in heading.causes:
        yield cause, cells["students", place(unseen | {"cause": cause})]


def _listed(cells: Cells, here: Mapping[str, str], kind: str) -> Iterator[Figures]:
    """The groups of one kind, in the order of their table."""
    (milestone,) = here.items()
    for statistic, where in cells:
        values = dict(where)
        if statistic == "students" and milestone in where and kind in values and "outcome" not in values:
            yield _figures(cells, here, {kind: values[kind]}, values[kind])


def _figures(cells: Cells, here: Mapping[str, str], group: Mapping[str, str], name: str) -> Figures:
    def students(outcome: MilestoneOutcome | None) -> Shown:
        where = {**here, **group} | ({"outcome": str(outcome)} if outcome else {})
        return cells["students", place(where)]

    return Figures(
        name=name,
        started=students(None),
        reached=students(MilestoneOutcome.REACHED),
        lost=students(MilestoneOutcome.LOST),
        not_seen=students(MilestoneOutcome.NOT_SEEN),
        share_lost=cells["rate", place({**here, **group, "share": "lost"})],
    )


def to_json(milestone: Milestone) -> dict[str, object]:
    """One milestone for programs: each figure with what is shown and whether it is withheld."""
    h = milestone.heading
    found: dict[str, object] = {
        "id": h.id,
        "name": h.name,
        "definition": h.definition,
        "window": h.window,
        "class": h.year,
        "school_year": _school_year(h),
        "sign": h.sign,
        "cannot_be_observed": h.unseen,
        "cure": h.cure,
    }
    if milestone.whole is None:
        return found | ({"waiting": _cell(milestone.waiting)} if h.unseen == Cause.NOT_YET_DUE else {})
    return found | _counts(milestone.whole) | {
        "share_seen": _cell(milestone.share_seen),
        "partners_not_seen": list(milestone.unseen_partners),
        "not_seen_by_cause": {cause: _cell(shown) for cause, shown in milestone.causes},
        "groups": {kind: {f.name: _counts(f) for f in listed} for kind, listed in milestone.groups.items()},
    }  # fmt: skip


def step_to_json(step: Milestone) -> dict[str, object]:
    """One step for programs."""
    h = step.heading
    found: dict[str, object] = {
        "to": h.name,
        "id": h.id,
        "after": h.after,
        "begins": h.begins,
        "class": h.year,
        "school_year": _school_year(h),
    }
    if step.whole is None:
        return found | {"cannot_be_observed": h.unseen}
    return found | _counts(step.whole) | {
        "joined": _cell(step.joined) if h.joins else None,
    }  # fmt: skip


def _school_year(found: MilestoneHeading) -> str | None:
    return None if found.named_year is None else school_year(found.named_year)


def _counts(figures: Figures) -> dict[str, object]:
    named = ("started", "reached", "lost", "not_seen", "share_lost")
    return {name: _cell(getattr(figures, name)) for name in named}


def _cell(shown: Shown) -> dict[str, object]:
    return {"shown": shown, "withheld": shown is None}


DERIVED_TITLE = "Made of the figures above"
DERIVED_RULE = "Each is computed from figures that are shown in this release, so it tells nothing more; it is withheld where one of them is."
LARGEST = 3


def derived_table(figures: PipelineFigures) -> ProtectedTable:
    """Figures computed from published ones, and published with them: sums over steps, and what a group would lose at the whole class's
    rate.

    Because each is computed from printed figures, it reveals nothing new. Where one of its parts is withheld it is withheld too, or it
    omits that part and states the number of steps that it covers.
    """
    cells = [
        *(cell for m in figures.milestones if m.whole for cell in _derived_of(m, m.whole)),
        *(cell for s in figures.steps if s.whole and s.heading.after for cell in _derived_of(s, s.whole)),
        *(
            ProtectedCell({"sum": what, "steps": str(total.steps)}, "sum", total.shown)
            for what, total in totals(figures.steps).items()
        ),
    ]
    for group in groups(compared(figures)):
        at = {group.kind: group.name}
        steps = str(len(group.excesses))
        cells.append(
            ProtectedCell({**at, "sum": "lost beyond everyone's share", "steps": steps}, "sum", group.excess)
        )
        cells.append(ProtectedCell({**at, "sum": "not seen"}, "sum", group.not_seen))
    by = tuple(dict.fromkeys(dimension for cell in cells for dimension in cell.at))
    return ProtectedTable(DERIVED_TITLE, by, tuple(cells), DERIVED_RULE)


def _derived_of(m: Milestone, whole: Figures) -> Iterator[ProtectedCell]:
    yield ProtectedCell({**m.at, "sum": "seen"}, "sum", whole.seen)
    if m.heading.joins:
        yield ProtectedCell({**m.at, "sum": "arrive"}, "sum", m.arrive)
    for kind, listed in m.groups.items():
        for group in listed:
            where = {**m.at, kind: group.name}
            yield ProtectedCell({**where, "sum": "seen"}, "sum", group.seen)
            yield ProtectedCell({**where, "expected": "lost"}, "mean", m.expected(group))


@dataclass(frozen=True)
class StepsTotal:
    """Students over a number of steps: a number, a range where a figure of one step is a range, None where one is withheld."""

    steps: int
    shown: Shown


def totals(steps: Sequence[Milestone]) -> dict[str, StepsTotal]:
    """Sums over all steps at which students are seen, never over those alone whose figure is shown: outcome → total."""
    seen = [s.whole for s in steps if s.whole]
    by_outcome: dict[str, list[Shown]] = {
        "lost": [f.lost for f in seen],
        "not seen": [f.not_seen for f in seen],
        "join": [s.joined for s in steps if s.whole and s.heading.joins],
    }
    found = {what: _total(shown) for what, shown in by_outcome.items() if shown}
    if seen and isinstance(found["lost"].shown, int):
        largest = sorted((n for n in by_outcome["lost"] if isinstance(n, int)), reverse=True)[:LARGEST]
        found["lost, largest"] = StepsTotal(len(largest), sum(largest))
    return found


def _total(shown: Sequence[Shown]) -> StepsTotal:
    between = [count_between(each) for each in shown if each is not None]
    if len(between) < len(shown):
        return StepsTotal(len(shown), None)
    low, high = sum(low for low, _ in between), sum(high for _, high in between)
    return StepsTotal(len(shown), low if low == high else range_words(low, high))


def compared(figures: PipelineFigures) -> Sequence[Milestone]:
    """The milestones at which groups are compared: all except the early signs."""
    return [m for m in figures.milestones if not m.heading.sign]


def groups(milestones: Sequence[Milestone]) -> list[GroupFigures]:
    """Every group in the records, with its figures at these milestones."""
    found: dict[tuple[str, str], list[tuple[Milestone, Figures]]] = {}
    for milestone in milestones:
        for kind, listed in milestone.groups.items():
            for figures in listed:
                if figures.name != UNKNOWN:
                    found.setdefault((kind, figures.name), []).append((milestone, figures))
    return [GroupFigures(kind, name, tuple(each)) for (kind, name), each in found.items()]
