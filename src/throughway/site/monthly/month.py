"""The page of the month in plain values: what two releases of a report changed, what to talk about, and its form on paper.

Only published figures and public facts are on it. Two releases of a report are audited together, so the difference of two figures that
both show tells nothing that the figures do not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.core.prose import day, school_year
from throughway.insight.figures import Milestone
from throughway.insight.reach.figures import ProgramReach
from throughway.insight.reach.page import talking_points
from throughway.insight.trends.chart import class_words
from throughway.insight.trends.figures import TrendSeries
from throughway.paper import Block, Bullets, PaperHeading, Paragraph
from throughway.publication import ProtectedTable
from throughway.site.monthly.headline import HeadlineFigure

A_MONTH = timedelta(days=31)
MOST_CHANGES, MOST_TALK, MOST_DUE = 4, 3, 5  # as many as one sheet holds
MOST_LETTERS, ONE_LINE = 188, 94  # of what stands first on paper, in two lines at most; of every other line
YEARS = ("school year", "school year of enrollment", "school year of the seat or application")


@dataclass(frozen=True)
class MonthlyLine:
    """One line: `when` is a day in words, or empty."""

    text: str
    href: str = ""
    when: str = ""


@dataclass(frozen=True)
class MonthlyPage:
    """`whose`: the district, school or program that it is about. `sources`: the releases that it quotes, in a sentence. `headline`: the
    figures that stand first. `note`: that no figure of `whose` alone is shown, in a sentence; empty where one is."""

    whose: str
    first: date
    last: date
    changed: Sequence[MonthlyLine]
    talk: Sequence[MonthlyLine]
    due: Sequence[MonthlyLine]
    sources: str
    headline: Sequence[HeadlineFigure] = ()
    note: str = ""

    @property
    def title(self) -> str:
        return f"{self.whose}: {self.last:%B %Y}"

    @property
    def talk_heading(self) -> str:
        return "Three things to talk about" if len(self.talk) == MOST_TALK else "To talk about"

    @property
    def parts(self) -> Sequence[tuple[str, Sequence[MonthlyLine], str]]:
        """What to talk about, what changed and what is due: heading, lines, and the sentence where there is none."""
        return (
            (self.talk_heading, self.talk, NO_TALK), (f"What changed since {day(self.first)}", self.changed, NO_CHANGE),
            ("Decisions and steps that are due", self.due, NO_DUE),
        )  # fmt: skip

    @property
    def period(self) -> str:
        return f"{day(self.first)} to {day(self.last)}"


@dataclass(frozen=True)
class FigureChange:
    """A figure that two releases of one report show, with different numbers."""

    words: str
    before: int
    now: int

    @property
    def text(self) -> str:
        return f"{self.words}: {self.now:,}, {self.before:,} before"


def figure_changes(
    now: Iterable[ProtectedTable], before: Iterable[ProtectedTable], names: Iterable[str]
) -> list[FigureChange]:
    """The counts of programs or schools with these names that differ between two releases of one report, largest difference first. Only
    figures of a named school year are compared: others are of another class in each release."""
    wanted = {*names}
    earlier = dict(_counts(before))
    found = [
        FigureChange(_words(dict(place)), earlier[place], shown)
        for place, shown in _counts(now)
        if place in earlier and earlier[place] != shown and wanted & {value for _, value in place}
    ]
    return sorted(found, key=lambda change: (-abs(change.now - change.before), change.words))


def _counts(tables: Iterable[ProtectedTable]) -> Iterable[tuple[tuple[tuple[str, str], ...], int]]:
    """The counts that are shown as numbers, of a named school year, each once."""
    found: dict[tuple[tuple[str, str], ...], int] = {}
    for cell in (cell for table in tables for cell in table.cells):
        if (
            cell.statistic == "students"
            and isinstance(cell.shown, int)
            and any(name in YEARS for name in cell.at)
        ):
            found[tuple(sorted(cell.at.items()))] = cell.shown
    return found.items()


def _words(at: Mapping[str, str]) -> str:
    """`Tutoring, Page by Page, took part, 2026-27`."""
    years = [school_year(int(value)) for name, value in at.items() if name in YEARS and value.isdigit()]
    first = [at[name] for name in ("program",) if name in at]
    rest = [value for name, value in at.items() if name not in (*YEARS, "program")]
    return ", ".join([*first, *rest, *years])


def lost_of(milestones: Iterable[Milestone], kind: str, name: str) -> str:
    """Where a district or school loses most students beyond everybody's share, in a sentence; empty where no figure tells."""
    found = [
        (excess, milestone.heading.name, milestone, figures)
        for milestone in milestones
        for figures in milestone.groups.get(kind, ())
        if figures.name == name and (excess := milestone.excess(figures)) is not None and excess > 0
    ]
    if not found:
        return ""
    excess, _, milestone, figures = max(found, key=lambda one: one[:2])
    return f"{name} loses {figures.lost:,} students {milestone.heading.lost}, {excess:,} more than at everybody’s share."


def school_outcome(series: Iterable[TrendSeries], school: str) -> str:
    """The outcome at which a school's newest class is furthest below all students, in a sentence; empty where no figure tells."""
    found = [
        (every.share - own.share, one.name, own.share, every.share, class_words(own.label))
        for one in series
        for own in reversed(one.groups.get("school", {}).get(school, ()))
        if isinstance(own.share, int)
        and (every := one.point(own.label)) is not None
        and isinstance(every.share, int)
        and every.share > own.share
    ]
    if not found:
        return ""
    _, name, own_share, all_share, when = max(found)
    return f"“{name}”: {own_share} % at {school}, {all_share} % of all students, in {when}."


def own_reach(programs: Sequence[ProgramReach], partner: str) -> list[str]:
    """What to talk about in the programs of a partner; of all programs where it runs none."""
    own = [each for each in programs if each.partner == partner]
    return talking_points(own or programs)


def blocks(page: MonthlyPage) -> list[Block]:
    """The page on paper."""
    found: list[Block] = []
    if page.note:
        found.append(Paragraph(page.note))
    if page.headline:
        found.append(
            Bullets(tuple(_short(f"{each.value} {each.label}", MOST_LETTERS) for each in page.headline))
        )
    for heading, lines, empty in page.parts:
        found.append(PaperHeading(heading))
        found.append(Bullets(tuple(_line(each) for each in lines)) if lines else Paragraph(empty))
    found.append(Paragraph(page.sources))
    return found


def _line(line: MonthlyLine) -> str:
    return _short(f"{line.when}: {line.text}", ONE_LINE) if line.when else _short(line.text, MOST_LETTERS)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


NO_CHANGE = "No public figure and no agreement changed."
NO_TALK = (
    "No public figure tells of this organization yet. That does not mean that there is nothing to talk about."
)
NO_DUE = "Nothing is due."
