"""The page of the month in plain values: what two releases of a report changed, what to talk about, and its form on paper.

Only published figures and public facts are on it. Two releases of a report are audited together, so the difference of two figures that
both show tells nothing that the figures do not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from throughway.core.prose import counted, day
from throughway.insight.figures import Milestone
from throughway.insight.named_years import is_school_year, value_words
from throughway.insight.trends.chart import class_words
from throughway.insight.trends.figures import TrendSeries
from throughway.paper import Block, Bullets, PaperHeading, Paragraph
from throughway.publication import ProtectedTable
from throughway.site.monthly.headline import HeadlineFigure, not_reached, who_missed

A_MONTH = timedelta(days=31)
MOST_CHANGES, MOST_TALK, MOST_DUE = 4, 3, 5  # as many as one sheet holds
MOST_LETTERS, ONE_LINE = 188, 94  # of what stands first on paper, in two lines at most; of every other line


@dataclass(frozen=True)
class MonthlyLine:
    """One line: `when` is a day in words, or empty."""

    text: str
    href: str = ""
    when: str = ""


@dataclass(frozen=True)
class MonthlyPage:
    """`whose`: the district, school or program that it is about. `sources`: the releases that it quotes, in a sentence. `headline`: the
    figures that stand first. `note`: which figure of `whose` alone is not shown, in a sentence; empty where all are. `unpublished`: where
    reports stand that are asked for and not public."""

    whose: str
    first: date
    last: date
    changed: Sequence[MonthlyLine]
    talk: Sequence[MonthlyLine]
    due: Sequence[MonthlyLine]
    sources: str
    headline: Sequence[HeadlineFigure] = ()
    note: str = ""
    unpublished: Sequence[MonthlyLine] = ()

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
        if cell.statistic == "students" and isinstance(cell.shown, int) and any(map(is_school_year, cell.at)):
            found[tuple(sorted(cell.at.items()))] = cell.shown
    return found.items()


def _words(at: Mapping[str, str]) -> str:
    """`Tutoring, Page by Page, took part, 2026-27`."""
    years = [value_words(at, name) for name, value in at.items() if is_school_year(name) and value.isdigit()]
    first = [at[name] for name in ("program",) if name in at]
    rest = [value for name, value in at.items() if name != "program" and not is_school_year(name)]
    return ", ".join([*first, *rest, *years])


def group_points(milestones: Iterable[Milestone], kind: str, name: str, district: str = "") -> list[str]:
    """What is published of a school or district at each milestone beside its district and all students, one sentence each: where most are
    lost beyond everybody’s share first, then figures before the least that a range allows."""
    found = []
    for milestone in milestones:
        figures = next((each for each in milestone.groups.get(kind, ()) if each.name == name), None)
        if figures is None or not (own := not_reached(figures)):
            continue
        share, words = own
        over = _districts(milestone, district)
        beside = [f"in {district} {over[1]}"] if over and over != own else []
        if every := not_reached(milestone.of_all):
            beside.append(f"of all students {every[1]}")
        excess = milestone.excess(figures) or 0
        more = f" That is {excess:,} more than at everybody’s share." if excess > 0 else ""
        sentence = "; ".join([f"{name}: {words} {who_missed(milestone)}", *beside])
        rank = (-excess, words.startswith("at least"), -share, milestone.heading.name)
        found.append((rank, f"{sentence}.{more}"))
    return [sentence for _, sentence in sorted(found)]


def _districts(milestone: Milestone, district: str) -> tuple[float, str] | None:
    named = (each for each in milestone.groups.get("partner", ()) if each.name == district)
    return next((own for each in named if (own := not_reached(each))), None)


def school_outcome(series: Iterable[TrendSeries], school: str) -> str:
    """The outcome at which a school's newest class is furthest below all students, in a sentence; empty where no figure tells."""
    found = [
        (every.share - own.share, one.name, own.share, every.share, class_words(one, own.label))
        for one in series
        for own in reversed(one.groups.get("school", {}).get(school, ()))
        if isinstance(own.share, int)
        and (every := one.of_all(own.label)) is not None
        and isinstance(every.share, int)
        and every.share > own.share
    ]
    if not found:
        return ""
    _, name, own_share, all_share, when = max(found)
    return f"“{name}”: {own_share}% at {school}, {all_share}% of all students, in {when}."


def blocks(page: MonthlyPage) -> list[Block]:
    """The page on paper. Of the reports that are not public the first stands in the place of two changes, and the others are counted."""
    if page.unpublished:
        page = replace(page, changed=page.changed[: MOST_CHANGES - 2])
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
    if page.unpublished:
        first, *others = page.unpublished
        more = f" And {counted(len(others), 'more report')}, on the page." if others else ""
        found.append(Paragraph(_short(first.text, MOST_LETTERS - len(more)) + more))
    found.append(Paragraph(page.sources))
    return found


def _line(line: MonthlyLine) -> str:
    return _short(f"{line.when}: {line.text}", ONE_LINE) if line.when else _short(line.text, MOST_LETTERS)


def _short(text: str, most: int) -> str:
    """The text in so many letters; of “a long title” what happened to it stays."""
    if len(text) <= most:
        return text
    title, quote, happened = text.rpartition("” ")
    if quote and len(happened) < most // 2:
        return f"{title[: most - len(happened) - 3].rstrip()}…{quote}{happened}"
    return f"{text[: most - 1].rstrip()}…"


NO_CHANGE = "No public figure and no agreement changed."
NO_TALK = (
    "No public figure tells of this organization yet. That does not mean that there is nothing to talk about."
)
NO_DUE = "Nothing is due."
