"""The figures that stand first on the page of the month, all of them published: of a school, a district or a partner's own programs, or of
the whole community where none of these is shown."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from throughway.core.prose import counted, listed, school_year
from throughway.insight.commitments.figures import HALF_OR_MORE, PromiseFigures, PromiseYear
from throughway.insight.figures import Figures, Milestone
from throughway.insight.reach.figures import ProgramReach
from throughway.insight.trends.chart import class_words
from throughway.insight.trends.figures import TrendSeries
from throughway.publication.shown_figures import least, range_words
from throughway.supports.entry import FEW_WAIT, SupportEntry
from throughway.vocabulary.participation import ParticipationStatus
from throughway.vocabulary.school_calendar import school_year_of

MOST_HEADLINES = 4


@dataclass(frozen=True)
class HeadlineFigure:
    """`value`: as it is published, such as 61%; `label`: what it counts."""

    value: str
    label: str


def of_group(milestones: Iterable[Milestone], kind: str, name: str) -> Iterator[HeadlineFigure]:
    """The share of a district or school that reached each milestone, beside that of everybody; then how many of its class did not, where
    that is shown and no share is."""
    own = [(each, f) for each in milestones for f in each.groups.get(kind, ()) if f.name == name]
    for each, figures in own:
        if (share := _reached(figures)) is not None:
            every = _reached(each.of_all)
            beside = "" if every is None else f"; of all students, {every}%"
            yield HeadlineFigure(f"{share}%", f"{_of_class(each)}{beside}")
    for each, figures in own:
        if _reached(figures) is None and isinstance(figures.lost, int) and (lost := not_reached(figures)):
            every_lost = not_reached(each.of_all)
            beside = f"; of all students, {every_lost[1]}" if every_lost else ""
            yield HeadlineFigure(lost[1], f"{who_missed(each)}{beside}")


def who_missed(milestone: Milestone) -> str:
    """`eighth graders we can see did not reach “Are on track in grade 8 math”, 2025-26`. The pipeline calls lost those who reached the milestone before
    and not this one, which are fewer; an early sign has none before."""
    heading = milestone.heading
    what = f"were lost {heading.lost}" if heading.sign else f"did not reach “{heading.name}”"
    return f"{heading.group} we can see {what}{_year(milestone)}"


def not_reached(figures: Figures | None) -> tuple[float, str] | None:
    """The share of those seen of a class that did not reach a milestone, as on the page of the pipeline, and its number in words, `12 of 84`,
    `12 of 80–84` or `at least 10 of at most 25`; None where it is withheld, or may be none."""
    if figures is None or (between := figures.seen_between) is None:
        return None
    fewest, most = between
    lost = least(figures.lost)
    if not lost:
        return None
    if not isinstance(figures.lost, int):
        return lost / most, f"at least {lost:,} of at most {most:,}"
    return lost / most, f"{lost:,} of {most if fewest == most else range_words(fewest, most)}"


def of_everybody(milestones: Iterable[Milestone]) -> Iterator[HeadlineFigure]:
    """The share of all students that reached each milestone."""
    for each in milestones:
        if (share := _reached(each.of_all)) is not None:
            yield HeadlineFigure(f"{share}%", f"of all students: {_of_class(each)}")


def _of_class(milestone: Milestone) -> str:
    return f"{milestone.heading.name}{_year(milestone)}"


def _year(milestone: Milestone) -> str:
    year = milestone.heading.named_year
    return "" if year is None else f", {school_year(year)}"


def _reached(figures: Figures | None) -> int | None:
    """The share of those seen who reached it, where the share lost is shown as a whole percent."""
    lost = figures.share_lost if figures else None
    return 100 - lost if isinstance(lost, int) else None


def of_school(series: Iterable[TrendSeries], school: str) -> Iterator[HeadlineFigure]:
    """The share of a school's newest class that reached each outcome, beside that of all students."""
    for each in series:
        for own in reversed(each.groups.get("school", {}).get(school, ())):
            if isinstance(own.share, int):
                every = each.of_all(own.label)
                beside = (
                    f"; of all students, {every.share}%" if every and isinstance(every.share, int) else ""
                )
                yield HeadlineFigure(f"{own.share}%", f"{each.name}, {class_words(each, own.label)}{beside}")
                break


def of_programs(
    partner: str,
    promises: Iterable[PromiseFigures],
    programs: Iterable[ProgramReach],
    entries: Iterable[SupportEntry],
    on: date,
) -> list[HeadlineFigure]:
    """A partner's own programs: how many took part of the promised seats, who waits, how many had the promised hours; then who took part
    in each other this year, or in the last whole one where that alone is shown. Who waits is the published figure, else the number that
    the partner itself states in the directory."""
    seats: dict[str, tuple[int, str, str]] = {}
    waits: dict[str, tuple[int, str, str]] = {}
    hours: dict[str, tuple[int, str, str]] = {}
    others: dict[str, tuple[int, str, str]] = {}
    for each, year in _newest(partner, promises):
        program, took_part = each.promise.program, year.students
        when = f"so far in {year.words}" if school_year_of(on) == year.year else f"in {year.words}"
        if isinstance(took_part, int) and each.promise.seats:
            value = f"{took_part:,} of {each.promise.seats:,}"
            beside = f"; {each.beside}" if each.beside else ""
            seats[program] = took_part, value, f"promised seats of {program} taken {when}{beside}"
        if isinstance(n := dict(year.others.shown).get(ParticipationStatus.WAITING), int) and n:
            waits[program] = n, f"{n:,}", f"wait for {program} in {year.words}"
        if isinstance(n := dict(year.halves).get(HALF_OR_MORE), int) and isinstance(took_part, int):
            hours[program] = (
                n,
                f"{n:,} of {took_part:,}",
                f"had half or more of the promised hours of {program} {when}",
            )
    for reach in (reach for reach in programs if reach.partner == partner):
        now, whole = reach.this_year, reach.whole_year
        if now is not None and isinstance(n := now.participants, int) and n:
            stated = "" if reach.seats is None else f"; {counted(reach.seats, 'seat')}"
            others[reach.name] = n, f"{n:,}", f"took part in {reach.name} so far in {now.words}{stated}"
        elif whole is not None and isinstance(n := whole.participants, int) and n:
            could = f"; {whole.could:,} are eligible" if isinstance(whole.could, int) else ""
            others[reach.name] = n, f"{n:,}", f"took part in {reach.name} in {whole.words}{could}"
        if now is not None and isinstance(n := now.waiting, int) and n:
            waits.setdefault(reach.name, (n, f"{n:,}", f"wait for {reach.name} in {now.words}"))
    for entry in entries:
        if (n := entry.said.waiting or 0) >= FEW_WAIT:
            name = entry.said.name
            waits.setdefault(name, (n, f"{n:,}", f"wait for {name}, as we say in the directory"))
    for program in seats:
        others.pop(program, None)
    return [
        HeadlineFigure(value, label)
        for part in (seats, waits, hours, others)
        for _, value, label in sorted(part.values(), key=lambda one: (-one[0], one[2]))
    ]


def hours_not_shown(partner: str, promises: Iterable[PromiseFigures]) -> str:
    """Of which own programs it is not shown how many had the promised hours, in a sentence; empty where there is none."""
    found = [
        each.promise.program
        for each, year in _newest(partner, promises)
        if each.promise.hours_per_week and not isinstance(dict(year.halves).get(HALF_OR_MORE), int)
    ]
    return (
        f"How many had the promised hours in {listed(found)} is not shown: the number would reveal a few students, or no hours are recorded."
        if found
        else ""
    )


def _newest(partner: str, promises: Iterable[PromiseFigures]) -> Iterator[tuple[PromiseFigures, PromiseYear]]:
    """A partner's promises, each with its newest school year."""
    for each in promises:
        if each.promise.partner == partner and each.years:
            yield each, max(each.years, key=lambda year: year.year)
