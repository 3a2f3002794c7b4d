"""The contents of the pipeline's page in reading order: the finding first, the evidence below."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from throughway.core.prose import data_through, day
from throughway.insight.figures import (
    Figures,
    Milestone,
    PipelineFigures,
    Shown,
    groups,
    step_to_json,
    to_json,
)
from throughway.insight.pipeline_chart import GroupBars, StepBars, group_bars, step_bars
from throughway.insight.pipeline_tables import KIND_LABELS, KINDS
from throughway.insight.pipeline_text import KeyNumber, Method, headline, key_numbers, lead, why_not_counted
from throughway.publication.shown_figures import range_ends


@dataclass(frozen=True)
class AgreementReference:
    id: str
    title: str
    until: str  # in words


@dataclass(frozen=True)
class Provenance:
    """The sources of a report. `notes`: what could not be joined, and what earlier releases changed, in sentences; `data_through`: the
    last day of each partner's data, by name; `withheld`: why figures are withheld, in sentences."""

    community: str
    release: str
    purpose: str
    agreements: tuple[AgreementReference, ...]
    minimum_cell: int
    on: date
    partners: tuple[str, ...]
    notes: tuple[str, ...] = ()
    data_through: Mapping[str, str] = field(default_factory=dict)
    rule: str = ""  # what the publication rule does to percentages, in a sentence
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True)
class GroupTable:
    """Students lost, by the groups of one kind at each milestone; None where a class has nobody in the group."""

    kind: str
    milestones: tuple[Milestone, ...]
    rows: tuple[tuple[str, tuple[tuple[Milestone, Figures | None], ...]], ...]


@dataclass(frozen=True)
class PipelinePage:
    provenance: Provenance
    method: Method
    headline: str
    lead: str
    numbers: tuple[KeyNumber, ...]
    figures: PipelineFigures
    chart: tuple[StepBars, ...]
    groups: tuple[GroupBars, ...]
    tables: tuple[GroupTable, ...]

    @property
    def ranked(self) -> list[tuple[Milestone, float]]:
        """The steps that are seen, by students lost, withheld ones last; each with its percentage of the largest loss."""
        steps = sorted((s for s in self.figures.steps if s.whole), key=lambda s: -s.lost)
        return [(s, round(100 * s.lost / max(steps[0].lost, 1), 1)) for s in steps]

    @property
    def signs(self) -> list[Milestone]:
        """Early signs, and the milestone from which the pipeline starts."""
        return [m for m in self.figures.milestones if (m.heading.sign or m.heading.spring) and m.whole]

    @property
    def notes(self) -> list[str]:
        """What a reader must know besides the figures, in sentences: how they are counted, and what cannot be seen."""
        found = self.figures.milestones
        return [
            *self.method.not_seen,
            *self.method.limits,
            *(f"{m.heading.name}: {m.heading.definition} Window: {m.heading.window}." for m in found),
            *(f"{m.heading.name}: {why_not_counted(m)}" for m in found if not m.whole),
        ]

    @property
    def as_of(self) -> str:
        return day(self.provenance.on)

    @property
    def data(self) -> str:
        """The last days of the data, in a sentence."""
        return data_through(self.provenance.data_through)

    @property
    def data_to(self) -> str:
        """The same in few words: `20 November 2026`; where partners' days differ, the latest and the earliest."""
        days = sorted({date.fromisoformat(on) for on in self.provenance.data_through.values()})
        if len(days) < 2:
            return day(days[0]) if days else ""
        return f"{day(days[-1])}, for some partners only to {day(days[0])}"

    @property
    def withholds(self) -> bool:
        """Whether a figure of the steps or of the groups is withheld."""
        return None in self._counts

    @property
    def has_ranges(self) -> bool:
        """Whether a figure of the steps or of the groups is shown as a range."""
        return any(range_ends(shown) for shown in self._counts)

    @property
    def _counts(self) -> list[Shown]:
        steps = [s for s in self.figures.steps if s.whole]
        found = [n for s in steps if (f := s.whole) for n in (f.started, f.reached, f.lost, f.not_seen)]
        found += [s.joined for s in steps if s.heading.joins]
        return found + [f.lost for t in self.tables for _, row in t.rows for _, f in row if f is not None]


def pipeline_page(figures: PipelineFigures, provenance: Provenance, method: Method) -> PipelinePage:
    """The page of a report, made of protected figures."""
    return PipelinePage(
        provenance=provenance,
        method=method,
        headline=headline(figures, provenance.community),
        lead=lead(figures.steps),
        numbers=tuple(key_numbers(figures.steps)),
        figures=figures,
        chart=step_bars(figures.steps),
        groups=group_bars(figures),
        tables=tuple(_tables(figures)),
    )


def _tables(figures: PipelineFigures) -> Iterator[GroupTable]:
    found = sorted(groups(figures.milestones), key=lambda g: g.name)
    for kind in (k for k in KINDS if any(g.kind == k for g in found)):
        milestones = tuple(m for m in figures.milestones if kind in m.groups)
        rows = []
        for group in (g for g in found if g.kind == kind):
            by_id = {m.heading.id: f for m, f in group.milestones}
            rows.append((group.name, tuple((m, by_id.get(m.heading.id)) for m in milestones)))
        yield GroupTable(KIND_LABELS.get(kind, kind), milestones, tuple(rows))


def page_to_json(page: PipelinePage) -> dict[str, object]:
    """The figures of the page for programs, with its finding and its method."""
    return {
        "headline": page.headline,
        "method": page.method.to_json(),
        "milestones": [to_json(milestone) for milestone in page.figures.milestones],
        "steps": [step_to_json(step) for step in page.figures.steps],
    }
