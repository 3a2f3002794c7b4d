"""The page of a report of reach: the finding, what to talk about, and its tables, all of published figures and facts that partners state."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from throughway.core.prose import counted, school_year
from throughway.insight.reach.counting import MONTHS_FROM
from throughway.insight.reach.figures import ProgramReach, absent, shown_words
from throughway.insight.reach.tables import MONTH, SINCE_MONTH, ReachYear, Shown
from throughway.insight.reports.page import NOT_TOLD, ReportColumn, ReportPage, ReportRow, ReportSection
from throughway.measures.groups import OTHERS, UNKNOWN
from throughway.publication.shown_figures import count_between
from throughway.vocabulary.participation import ParticipationStatus

STANDING_WORDS: Mapping[ParticipationStatus, str] = {
    ParticipationStatus.TOOK_PART: "took part",
    ParticipationStatus.WAITING: "wait",
    ParticipationStatus.APPLIED: "applied or were referred, no seat",
    ParticipationStatus.DECLINED: "declined, or not eligible",
    ParticipationStatus.WITHDREW: "withdrew before a first day",
    ParticipationStatus.UNKNOWN: "standing not recorded",
}
MOST_GAPS = 12  # groups that are listed
METHOD = (
    "Who is eligible is counted from records of school: students who were enrolled on any day of the school year, in a grade, of an age, at "
    "a school and with a status that the program’s own rules name. Rules that no record answers are named with each program; where there "
    "are some, fewer students are eligible than are counted.",
    "Who took part has a first day in the program and a status that means taking part. All others with a record of the program stand in one "
    "place: waiting, without a seat, declined, withdrawn, or not recorded. Each student counts once in a program and year.",
    "How many of those who are eligible took part is not counted: it would tell the few participants who are not among them. So the figures "
    "for each 100 can be above 100. Eligible is not a seat: a program that is full could have taken nobody else.",
    "Who is eligible, and groups, are counted for the last whole school year: in a year that runs, not everybody has begun.",
    "Applicants are counted by the quarter of their first application for the year.",
    "Funding for each student is the year’s funding, as the program states it, divided by the published number of those who took part so "
    "far. It falls while the year runs, and it says nothing about what the help is worth.",
)  # fmt: skip


@dataclass(frozen=True)
class GroupGap:
    """A group that takes part less often than all who are eligible: by how many students, at everybody's share."""

    program: ProgramReach
    group: str
    could: int
    took_part: int
    short: int


def reach_page(programs: Sequence[ProgramReach]) -> ReportPage:
    """What a release shows of these programs."""
    return ReportPage(
        headline=_headline(programs),
        lead="Each program’s participants beside the students who are eligible by its own rules, who applied and who waits. Figures are "
        "protected so that they do not identify a child.",
        talk=talking_points(programs),
        sections=[
            *_reached(programs), *_standings(programs), *_months(programs), *_quarters(programs), *_gap_section(group_gaps(programs)), *_costs(programs),
        ],
        method=METHOD,
        absent=[*_absent(programs)],
    )  # fmt: skip


def _headline(programs: Sequence[ProgramReach]) -> str:
    shares = [(share, each.name, each) for each in programs if (share := _share(each)) is not None]
    if not shares:
        return f"{counted(len(programs), 'program')}, and whom they reach"
    *_, first = min(shares, key=lambda one: one[:2])
    year = first.whole_year
    assert year is not None
    return f"{shown_words(year.participants)} students took part in {first.name} in {year.words}; {shown_words(year.could)} are eligible"


def _share(program: ProgramReach) -> float | None:
    """Participants for each eligible student, in the last whole year; None where either is not shown as a number."""
    year = program.whole_year
    if (
        year is None
        or not isinstance(year.could, int)
        or not isinstance(year.participants, int)
        or not year.could
    ):
        return None
    return year.participants / year.could


def talking_points(programs: Sequence[ProgramReach]) -> list[str]:
    """Three sentences at most, of each kind the one about most students: who waits, who is not reached, which group comes less."""
    found = []
    waits = [
        (n, each.name, each)
        for each in programs
        if (n := least_shown(each.this_year.waiting if each.this_year else None))
    ]
    if waits:
        *_, most = max(waits, key=lambda one: one[:2])
        now = most.this_year
        assert now is not None
        seats = f"; it has {counted(most.seats, 'seat')}" if most.seats is not None else ""
        found.append(f"{shown_words(now.waiting)} students wait for {most.name} in {now.words}{seats}.")
    away = [(n, each.name, each) for each in programs if (n := at_least_away(each.whole_year))]
    if away:
        number, name, most = max(away, key=lambda one: one[:2])
        year = most.whole_year
        assert year is not None
        found.append(
            f"At least {number:,} students who are eligible for {name} ({most.rules}) did not take part in {year.words}{_seats_clause(most)}."
        )
    if gaps := group_gaps(programs):
        gap = gaps[0]
        found.append(
            f"{gap.group}: {gap.took_part:,} took part in {gap.program.name} and {gap.could:,} are eligible, {gap.short:,} fewer than at "
            "everybody’s share. This describes; it does not say why."
        )
    return found


def _seats_clause(program: ProgramReach) -> str:
    """What the program’s seats say of those who did not take part: nobody could have come to a full one."""
    now, seats = program.this_year, program.seats
    if now and (waiting := least_shown(now.waiting)):
        has = f"it has {counted(seats, 'seat')} and " if seats is not None else ""
        return f"; {has}{'at least ' if not isinstance(now.waiting, int) else ''}{counted(waiting, 'student')} wait{'s' if waiting == 1 else ''}, so nobody else could come now"
    if seats is None:
        return ""
    taken = now.participants if now else None
    if not isinstance(taken, int):
        return f"; it has {counted(seats, 'seat')}"
    room = f"at most {seats - taken:,} more could come now" if seats > taken else "nobody else could come now"
    return f"; it has {counted(seats, 'seat')} and {taken:,} took part so far this year, so {room}"


def least_shown(shown: Shown) -> int:
    """The least that a published count says; 0 where it is withheld."""
    return 0 if shown is None else count_between(shown)[0]


def at_least_away(year: ReachYear | None) -> int:
    """How many eligible students at least did not take part: those who are eligible, less all who took part, some of whom may not be among
    them."""
    if year is None or year.could is None or year.participants is None:
        return 0
    return max(count_between(year.could)[0] - count_between(year.participants)[1], 0)


def group_gaps(programs: Sequence[ProgramReach]) -> list[GroupGap]:
    """The groups that take part less often than all who are eligible, most students first; only where all four figures are numbers."""
    found = []
    for program in programs:
        year, share = program.whole_year, _share(program)
        if year is None or share is None:
            continue
        for group in (group for groups in year.groups.values() for group in groups):
            named = group.name not in OTHERS and group.name != UNKNOWN
            if named and isinstance(group.could, int) and isinstance(group.took_part, int):
                short = round(group.could * share) - group.took_part
                if short > 0:
                    found.append(GroupGap(program, group.name, group.could, group.took_part, short))
    return sorted(found, key=lambda gap: (-gap.short, gap.program.name, gap.group))


def _reached(programs: Sequence[ProgramReach]) -> Iterator[ReportSection]:
    found = [(each, each.whole_year) for each in programs if each.whole_year]
    if not found:
        return
    yield ReportSection(
        "reach", f"Who took part, and who is eligible: {school_year(found[0][1].year)}",
        ["Who is eligible is counted by the program’s own rules, as far as records answer them. Some participants may not be among them: "
         "those whose records of school are not here, and those whom the program took beyond its rules. Who is eligible had no seat where all "
         "were taken: the seats stand beside."],
        "Program",
        (ReportColumn("took part", part=True), ReportColumn("eligible, and did not, at least", part=True, strong=True),
         ReportColumn("eligible"), ReportColumn("took part for each 100 eligible"), ReportColumn("seats")),
        [_reach_row(each, whole) for each, whole in found],
    )  # fmt: skip


def _reach_row(program: ProgramReach, year: ReachYear) -> ReportRow:
    if not year.says_who_could:
        why = (
            " ".join(program.notes)
            or "Its rules name no grade, age, school or status, so nobody can say who is eligible."
        )
        return ReportRow(program.label, why=f"Took part: {shown_words(year.participants)}. {why}")
    share = _share(program)
    per_hundred = "not shown" if share is None else round(100 * share)
    told = year.participants is not None and year.could is not None
    away = at_least_away(year) if told else NOT_TOLD
    return ReportRow(
        program.label,
        (
            year.participants,
            away,
            year.could,
            per_hundred,
            NOT_TOLD if program.seats is None else program.seats,
        ),
    )


def _standings(programs: Sequence[ProgramReach]) -> Iterator[ReportSection]:
    found = [(each, each.this_year) for each in programs if each.this_year]
    if not found:
        return
    yield ReportSection(
        "standings", f"Applicants and waiting lists: {school_year(found[0][1].year)}",
        ["Where everybody with a record of the program stands this year."],
        "Program",
        [ReportColumn(STANDING_WORDS[s], part=True, strong=s is ParticipationStatus.WAITING, unknown=s is ParticipationStatus.UNKNOWN) for s in ParticipationStatus],
        [ReportRow(each.label, tuple(now.standings.get(str(s)) for s in ParticipationStatus)) for each, now in found],
    )  # fmt: skip


def _months(programs: Sequence[ProgramReach]) -> Iterator[ReportSection]:
    """A row for each month with a figure, of the programs that show one exact figure by month."""
    found = [
        (program, year.months)
        for program in programs
        if (year := program.this_year)
        and any(isinstance(n, int) for figures in year.months.values() for n in figures.values())
    ]
    rows = [
        ReportRow(f"{program.label}: {month}", tuple(figures.get(name, NOT_TOLD) for name in (MONTH, SINCE_MONTH)))
        for program, months in found
        for month, figures in months.items()
        if any(shown is not None for shown in figures.values())
    ]  # fmt: skip
    if rows:
        yield ReportSection(
            "months", "Month by month: who applied, who waits",
            ["Everybody with a record of the program this year, and those who wait, by the month of the first application. A month without a line has no figure that may be shown, and a program without one stands "
             "by quarter alone."],
            "Program and month",
            (ReportColumn("applied"), ReportColumn("of these, wait")), rows,
        )  # fmt: skip


def _quarters(programs: Sequence[ProgramReach]) -> Iterator[ReportSection]:
    now = [(each, each.this_year) for each in programs if each.this_year]
    undated = [
        ReportRow(each.label, why="Its records give no day of application.")
        for each, year in now
        if not year.quarters
    ]
    unless = (
        ""
        if any(year.months for _, year in now)
        else f" Months are counted where at least {MONTHS_FROM:,} students are enrolled."
    )
    for id, title, words, by_quarter in (
        ("applied", "Applicants by quarter", f"Everybody with a record of the program this year, by the quarter of the first application.{unless}",
         [(each, year.quarters) for each, year in now if year.quarters]),
        ("since", "Who waits, and since when", "Students on the waiting list, by the quarter of the application.",
         [(each, year.since) for each, year in now if isinstance(year.waiting, int)]),
    ):  # fmt: skip
        if by_quarter:
            names = list(dict.fromkeys(quarter for _, quarters in by_quarter for quarter in quarters))
            rows = [
                ReportRow(each.label, tuple(quarters.get(name) for name in names))
                for each, quarters in by_quarter
            ]
            columns = [ReportColumn(name) for name in names]
            yield ReportSection(id, title, [words], "Program", columns, [*rows, *undated])


def _gap_section(gaps: Sequence[GroupGap]) -> Iterator[ReportSection]:
    if not gaps:
        return
    yield ReportSection(
        "groups", "Groups that take part less often",
        ["Groups that take part in a program less often than everybody who is eligible, most students first. This describes a difference; "
         "it does not say why."],
        "Group",
        (ReportColumn("took part"), ReportColumn("eligible"), ReportColumn("fewer than at everybody’s share")),
        [ReportRow(f"{gap.group}: {gap.program.label}", (gap.took_part, gap.could, gap.short)) for gap in gaps[:MOST_GAPS]],
    )  # fmt: skip


def _costs(programs: Sequence[ProgramReach]) -> Iterator[ReportSection]:
    rows = []
    for each in programs:
        year = each.this_year
        if each.cost_of_one is not None and year is not None:
            cells = (
                "not stated" if each.seats is None else each.seats,
                year.participants,
                dollars(each.cost_per_seat),
                dollars(each.funding),
                _between(each.cost_of_one),
            )
            rows.append(ReportRow(each.label, cells))
        elif year is not None:
            rows.append(ReportRow(each.label, why=each.why_no_cost))
    if rows:
        yield ReportSection(
            "cost", "Seats, and cost for each student served",
            ["Seats, cost and funding are what each program states of the year."],
            "Program",
            (
                ReportColumn("seats"), ReportColumn("took part so far"), ReportColumn("cost of a seat"), ReportColumn("funding"),
                ReportColumn("funding for each student"),
            ),
            rows,
        )  # fmt: skip


def dollars(amount: float | None) -> str:
    return "not stated" if amount is None else f"${amount:,.0f}"


def _between(cost: tuple[float, float]) -> str:
    """`$1,150`, or `$1,020 to $1,190` where the number of students is a range."""
    low, high = map(dollars, cost)
    return low if low == high else f"{low} to {high}"


def _absent(programs: Sequence[ProgramReach]) -> Iterator[tuple[str, str]]:
    """Each program with what is not told of it, and its own words on who can come."""
    for each in programs:
        if why := absent(each):
            yield each.label, why
        else:
            said = f" (“{each.who}”)" if each.who else ""
            yield from ((f"{each.label}{said}", note) for note in each.notes)
