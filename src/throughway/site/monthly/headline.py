"""The figures that stand first on the page of the month, all of them published: of a school, a district or a partner's own programs, or of
the whole community where none of these is shown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from throughway.core.prose import counted, school_year
from throughway.insight.figures import Figures, Milestone
from throughway.insight.reach.figures import ProgramReach
from throughway.insight.trends.chart import class_words
from throughway.insight.trends.figures import TrendSeries

MOST_HEADLINES = 4


@dataclass(frozen=True)
class HeadlineFigure:
    """`value`: as it is published, such as 61%; `label`: what it counts."""

    value: str
    label: str


def of_group(milestones: Iterable[Milestone], kind: str, name: str) -> Iterator[HeadlineFigure]:
    """The share of a district or school that reached each milestone, beside that of everybody; then how many of its class did not, where
    that is shown and no share is. The pipeline calls lost those who reached the milestone before and not this one, which are fewer."""
    own = [(each, f) for each in milestones for f in each.groups.get(kind, ()) if f.name == name]
    for each, figures in own:
        if (share := _reached(figures)) is not None:
            every = _reached(each.whole)
            beside = "" if every is None else f"; of all students, {every}%"
            yield HeadlineFigure(f"{share}%", f"{_of_class(each)}{beside}")
    for each, figures in own:
        if _reached(figures) is None and (lost := _lost(figures)):
            every_lost = _lost(each.whole)
            beside = f"; of all students, {every_lost}" if every_lost else ""
            what = (
                f"lost {each.heading.lost}" if each.heading.sign else f"did not reach “{each.heading.name}”"
            )
            yield HeadlineFigure(lost, f"{each.heading.group} {what}{_year(each)}{beside}")


def of_everybody(milestones: Iterable[Milestone]) -> Iterator[HeadlineFigure]:
    """The share of all students that reached each milestone."""
    for each in milestones:
        if (share := _reached(each.whole)) is not None:
            yield HeadlineFigure(f"{share}%", _of_class(each))


def _of_class(milestone: Milestone) -> str:
    return f"{milestone.heading.name}{_year(milestone)}"


def _year(milestone: Milestone) -> str:
    year = milestone.heading.year
    return "" if year is None else f", {school_year(year)}"


def _lost(figures: Figures | None) -> str:
    """`64 of 101`: those lost, of all in the class, seen or not; empty where one of the two is withheld or a range."""
    if figures is None or not (isinstance(figures.lost, int) and isinstance(figures.started, int)):
        return ""
    return f"{figures.lost:,} of {figures.started:,}"


def _reached(figures: Figures | None) -> int | None:
    """The share of those seen who reached it, where the share lost is shown as a whole percent."""
    lost = figures.share_lost if figures else None
    return 100 - lost if isinstance(lost, int) else None


def of_school(series: Iterable[TrendSeries], school: str) -> Iterator[HeadlineFigure]:
    """The share of a school's newest class that reached each outcome, beside that of all students."""
    for each in series:
        for own in reversed(each.groups.get("school", {}).get(school, ())):
            if isinstance(own.share, int):
                every = each.point(own.label)
                beside = (
                    f"; of all students, {every.share}%" if every and isinstance(every.share, int) else ""
                )
                yield HeadlineFigure(f"{own.share}%", f"{each.name}, {class_words(own.label)}{beside}")
                break


def of_programs(programs: Sequence[ProgramReach], partner: str) -> list[HeadlineFigure]:
    """How many took part in each of a partner's programs this year, or in the last whole one where that alone is shown, the largest first, and
    who waits."""
    found: list[tuple[int, str]] = []
    for each in (each for each in programs if each.partner == partner):
        now, whole = each.this_year, each.whole_year
        if now is not None and isinstance(now.participants, int) and now.participants:
            seats = "" if each.seats is None else f"; {counted(each.seats, 'seat')}"
            found.append((now.participants, f"took part in {each.name} so far in {now.words}{seats}"))
        elif whole is not None and isinstance(whole.participants, int) and whole.participants:
            could = f"; {whole.could:,} could come" if isinstance(whole.could, int) else ""
            found.append((whole.participants, f"took part in {each.name} in {whole.words}{could}"))
        if now is not None and isinstance(now.waiting, int) and now.waiting:
            found.append((now.waiting, f"wait for {each.name} in {now.words}"))
    return [HeadlineFigure(f"{n:,}", words) for n, words in sorted(found, key=lambda one: (-one[0], one[1]))]
