"""The page of a report, made of published figures alone: a finding, what to talk about, and sections with a chart and its table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

Shown = int | str | None  # as published: a count, a range or code, or None where it is withheld


@dataclass(frozen=True)
class ReportColumn:
    """`part`: the figure is a part of the row's bar. `strong`: a part that the page is about; `unknown`: one of which no record tells. `percent`: a
    share, not a count."""

    name: str
    part: bool = False
    strong: bool = False
    unknown: bool = False
    percent: bool = False


@dataclass(frozen=True)
class BarPart:
    """A part of a row's bar, in percent of the chart's width. `kind`: a class of the style sheet."""

    kind: str
    x: float
    width: float

    @property
    def hatched(self) -> bool:
        return self.kind == "tw-withheld"


@dataclass(frozen=True)
class RowFigure:
    """One figure of a row under its column."""

    column: ReportColumn
    shown: Shown


@dataclass(frozen=True)
class ReportRow:
    """`cells`: one for each column. `why`: why the row has no figures, in a sentence; it then has no cells."""

    name: str
    cells: tuple[Shown, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class DrawnRow:
    """A row as it is drawn: its bar, and its figures."""

    name: str
    bar: tuple[BarPart, ...]
    figures: tuple[RowFigure, ...]

    @property
    def parts(self) -> tuple[RowFigure, ...]:
        """The figures of its bar."""
        return tuple(each for each in self.figures if each.column.part)

    @property
    def exact(self) -> tuple[RowFigure, ...]:
        """The figures of its bar that are counts; the table beside the chart has the others."""
        return tuple(each for each in self.parts if isinstance(each.shown, int))


NOT_TOLD = "—"  # in place of a figure that the records cannot tell; nothing is drawn for it
WITHHELD_WIDTH = 6.0  # percent of the chart's width: a part whose count is withheld or a range
# The classes of a bar's parts, in the order of the columns.
PLAIN_PARTS, UNKNOWN_PART = ("tw-water", "tw-join", "tw-ended", "tw-declined"), "tw-unseen"
STRONG_PARTS = ("tw-lost", "tw-lost-too")
OPEN_AT_ONCE = 3  # sections; a page that shows all is not read


def by_reason(said: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """What has no figure, each with the reason: each reason once, with the names."""
    found: dict[str, list[str]] = {}
    for name, why in said:
        found.setdefault(why, []).append(name)
    return list(found.items())


@dataclass(frozen=True)
class ReportSection:
    """A heading, what it says in sentences, and a table with a bar for each row. `first`: the heading of the rows' names. `chart`: a
    Vega-Lite specification in place of the bars, made of the table's figures alone, with `chart_label` in words."""

    id: str
    title: str
    words: Sequence[str]
    first: str
    columns: Sequence[ReportColumn]
    rows: Sequence[ReportRow]
    chart: Mapping[str, object] | None = None
    chart_label: str = ""

    @property
    def has_bars(self) -> bool:
        """Whether a bar says anything: one that is ranges alone does not."""
        return self.chart is None and any(map(self._has_bar, self.rows))

    @property
    def has_counts(self) -> bool:
        """Whether any figure is exact, and a part of a bar where there are such: ranges alone are looked up, not read."""
        if any(column.part for column in self.columns):
            return self.chart is not None or self.has_bars
        return any(isinstance(n, int) and n for row in self.rows for n in row.cells)

    @property
    def silent(self) -> list[tuple[str, list[str]]]:
        """Rows without figures: each reason once, with the names of its rows, in place of lines of the table."""
        return by_reason((row.name, row.why) for row in self.rows if not row.cells)

    @property
    def told(self) -> list[DrawnRow]:
        """The rows with figures, which are the lines of the table."""
        return [row for row in self.drawn if row.figures]

    @property
    def barred(self) -> list[DrawnRow]:
        """The rows that are drawn."""
        return [row for row in self.told if row.bar]

    @property
    def in_table_alone(self) -> list[str]:
        """The names of the rows that have figures and no bar, where others have one."""
        return [row.name for row in self.told if not row.bar] if self.has_bars else []

    @property
    def key(self) -> list[tuple[str, str]]:
        """What each mark that is drawn means: the class of the style sheet, and the name of the column."""
        marks = {part.kind for row in self.drawn for part in row.bar}
        return [(kind, column.name) for column, kind in self._kinds() if kind in marks]

    @property
    def drawn(self) -> list[DrawnRow]:
        """The rows on one scale. Parts that are withheld or a range have one width, which means nothing."""
        barred = [self._parts(row) for row in self.rows if self._has_bar(row)]
        hidden = max((sum(not isinstance(n, int) for n in parts) for parts in barred), default=0)
        most = max((sum(n for n in parts if isinstance(n, int)) for parts in barred), default=0)
        scale = (100 - WITHHELD_WIDTH * hidden) / max(most, 1)
        return [
            DrawnRow(row.name, self._bar(row, scale), tuple(map(RowFigure, self.columns, row.cells)))
            for row in self.rows
        ]

    def _kinds(self) -> list[tuple[ReportColumn, str]]:
        """The parts of a bar, each with its class; more parts than there are classes share the last."""
        strong, plain = iter(STRONG_PARTS), iter(PLAIN_PARTS)
        found = []
        for column in (each for each in self.columns if each.part):
            if column.unknown:
                kind = UNKNOWN_PART
            elif column.strong:
                kind = next(strong, STRONG_PARTS[-1])
            else:
                kind = next(plain, PLAIN_PARTS[-1])
            found.append((column, kind))
        return found

    def _parts(self, row: ReportRow) -> list[Shown]:
        """The figures of the row's bar; 0 where the records cannot tell one, so that nothing is drawn."""
        return [
            0 if n == NOT_TOLD else n
            for column, n in zip(self.columns, row.cells, strict=False)
            if column.part
        ]

    def _has_bar(self, row: ReportRow) -> bool:
        return any(isinstance(n, int) and n for n in self._parts(row))

    def _bar(self, row: ReportRow, scale: float) -> tuple[BarPart, ...]:
        if not self._has_bar(row):
            return ()
        parts = self._parts(row)
        widths = [n * scale if isinstance(n, int) else WITHHELD_WIDTH for n in parts]
        kinds = [
            kind if isinstance(n, int) else "tw-withheld"
            for n, (_, kind) in zip(parts, self._kinds(), strict=False)
        ]
        starts = [0.0, *accumulate(widths)]
        return tuple(BarPart(*each) for each in zip(kinds, starts, widths, strict=False) if each[2])


@dataclass(frozen=True)
class ReportPage:
    """`headline`: the finding in one sentence. `talk`: what to talk about, one sentence each. `method`: how it is counted. `absent`: what
    has no figure, and why. `choose`: what one section is about, such as a school, where a reader may look at one alone."""

    headline: str
    lead: str
    talk: Sequence[str] = ()
    sections: Sequence[ReportSection] = ()
    method: Sequence[str] = ()
    absent: Sequence[tuple[str, str]] = field(default=())
    choose: str = ""

    @property
    def has_charts(self) -> bool:
        return any(section.chart is not None for section in self.sections)

    @property
    def open_sections(self) -> list[ReportSection]:
        """The first sections with exact figures; where there is none, the first of all."""
        return [each for each in self.sections if each.has_counts][:OPEN_AT_ONCE] or list(self.sections[:1])

    @property
    def folded_sections(self) -> list[ReportSection]:
        """The sections that a reader opens, in their order."""
        return [each for each in self.sections if each not in self.open_sections]

    @property
    def absent_by_reason(self) -> list[tuple[str, list[str]]]:
        """Each reason once, with all that it holds for."""
        return by_reason(self.absent)

    @property
    def notes(self) -> list[str]:
        """What a reader must know besides the figures, in sentences: how they are counted, what each section is of, what has no figure."""
        of_sections = by_reason(
            (section.title, words) for section in self.sections for words in section.words
        )
        said = [*of_sections, *self.absent_by_reason]
        return [*self.method, *(f"{'; '.join(names)}: {words}" for words, names in said)]

    def only(self, id: str) -> "ReportPage":
        """The page with one section alone, where it has that section."""
        found = [section for section in self.sections if section.id == id]
        return replace(self, sections=found) if found and self.choose else self


def page_to_json(page: ReportPage) -> dict[str, object]:
    """The page for programs, with each figure as it is shown."""
    return {
        "headline": page.headline,
        "lead": page.lead,
        "talk": list(page.talk),
        "sections": [
            {
                "id": section.id,
                "title": section.title,
                "words": list(section.words),
                "rows": [
                    {"name": row.name, "why": row.why, "figures": dict(zip((c.name for c in section.columns), row.cells, strict=False))}
                    for row in section.rows
                ],
            }
            for section in page.sections
        ],
        "method": list(page.method),
        "absent": [{"what": what, "why": why} for what, why in page.absent],
    }  # fmt: skip
