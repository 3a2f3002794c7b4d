"""Needs and help as tables to be protected, and the page that the protected tables make."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from throughway.core.prose import counted, listed, school_year
from throughway.insight.needs.statuses import (
    FOLDED,
    HELPED_OF,
    STATUS_OF,
    STEPS,
    EndReason,
    Helped,
    NeedStatus,
    Outcomes,
    overall,
)
from throughway.insight.reports.page import (
    NOT_TOLD,
    ReportColumn,
    ReportPage,
    ReportRow,
    ReportSection,
    Shown,
)
from throughway.publication import ProtectedTable, RawCell, RawTable
from throughway.publication.shown_figures import count_between
from throughway.publication.tables import Place, Relation, place
from throughway.store.record_numbers import NOBODY, Numbers, any_of, both, less

TITLE = "Students with a need, and what became of it"
YEAR, NEED, STATUS, REASON, HELPED = "school year", "need", "status", "why help ended", "served or not"
SAID_BY, SAID = "need in the records", "the records say"
PARTNER = "asked at"
HAS, HAS_NOT, UNTOLD = "the need", "no need", "do not say"
NOT_RECORDED = "Not recorded"
BY_RULE, ASKED_FOR = "records", "asked"
UNNAMED = "A reason that the rules do not name"
MOST_TALK = 3
ANY_ASKED, ANY_RULE = "Any help that was asked for", "Any need that the records show"
ANY: Mapping[str, str] = {ASKED_FOR: ANY_ASKED, BY_RULE: ANY_RULE}
OPEN = (NeedStatus.WAITING, NeedStatus.UNANSWERED, NeedStatus.ENDED, NeedStatus.DECLINED, NeedStatus.ASKED, NeedStatus.NEVER)  # fmt: skip


@dataclass(frozen=True)
class CountedNeed:
    """One need in one school year, as counted: never shown. `none` and `untold`: of a need by a rule, who of the enrolled does not have
    it, and of whom the records do not say. `possible`: the statuses that the records can tell."""

    name: str
    year: int
    found_by: str
    outcomes: Outcomes = field(repr=False)
    possible: tuple[NeedStatus, ...]
    none: Numbers | None = field(default=None, repr=False)
    untold: Numbers | None = field(default=None, repr=False)


@dataclass(frozen=True)
class AskedPartner:
    """What became of the students who asked one partner for help in one school year, as counted: never shown. `needs`: what it was asked
    for, by name; `alone_for`: those that nobody else was asked for."""

    name: str
    year: int
    by_status: Mapping[NeedStatus, Numbers] = field(repr=False)
    needs: Sequence[str] = ()
    alone_for: Sequence[str] = ()

    @property
    def says_nothing_new(self) -> bool:
        """Whether it is asked for one kind of help, and for that alone: the need says it already, of nearly the same students."""
        return len(self.needs) == len(self.alone_for) == 1


@dataclass(frozen=True)
class NamedNeed:
    """A need in a release: its name in the tables, and how it is found."""

    name: str
    found_by: str
    years: tuple[int, ...]


Groups = Mapping[str, Mapping[str, Numbers]]  # kind → group → person numbers


def raw_tables(
    needs: Sequence[CountedNeed], partners: Sequence[AskedPartner], groups: Groups, year: int
) -> tuple[RawTable, ...]:
    """Students by need, year and status. Of `year` also: what the records say, why referrals ended, by group, and by partner."""
    of_year = [each for each in needs if each.year == year]
    any_of_year = {found_by: _overall(of_year, found_by) for found_by in ANY}
    tables = [
        RawTable(TITLE, (YEAR, NEED, STATUS), tuple(cell for each in needs for cell in _by_status(each))),
        RawTable("Why help ended before it began", (YEAR, REASON), tuple(_by_reason(of_year, year))),
        RawTable("Of how many students the records tell a need", (YEAR, SAID_BY, SAID), tuple(cell for each in of_year for cell in _said(each))),
        RawTable("Served or not", (YEAR, NEED, HELPED), tuple(cell for found_by, of in any_of_year.items() for cell in _helped(year, found_by, of, {}))),
        *(
            RawTable(served_by(kind), (YEAR, NEED, kind, HELPED),
                     tuple(cell for found_by, of in any_of_year.items() for cell in _by_group(year, found_by, of, kind, members)))
            for kind, members in groups.items()
        ),
        RawTable("What became of those who asked a partner", (YEAR, PARTNER, STATUS), tuple(cell for each in partners if each.year == year for cell in _of_partner(each))),
    ]  # fmt: skip
    return tuple(table for table in tables if table.cells)


def served_by(kind: str) -> str:
    """The title of the table by one kind of group."""
    return f"Served or not, by {kind}"


def _cell(at: Mapping[str, str], persons: Numbers) -> RawCell:
    return RawCell(at, count=persons.size, persons=persons)


def _at(each: CountedNeed) -> dict[str, str]:
    return {YEAR: str(each.year), NEED: each.name}


def _by_status(each: CountedNeed) -> Iterator[RawCell]:
    yield _cell(_at(each), each.outcomes.persons)
    for status in each.possible:
        yield _cell({**_at(each), STATUS: str(status)}, each.outcomes.by_status[status])


def _by_reason(needs: Sequence[CountedNeed], year: int) -> Iterator[RawCell]:
    """Students whose help ended before it began, each at the first of the reasons; no row where nothing was asked for."""
    asked = [each for each in needs if each.found_by == ASKED_FOR]
    before = NOBODY
    for reason in EndReason if asked else ():
        found = less(any_of((NOBODY, *(each.outcomes.by_reason[reason] for each in asked))), before)
        before = any_of((before, found))
        yield _cell({YEAR: str(year), REASON: str(reason)}, found)


def _said_by(each: CountedNeed) -> dict[str, str]:
    return {YEAR: str(each.year), SAID_BY: each.name}


def _said(each: CountedNeed) -> Iterator[RawCell]:
    if each.none is not None and each.untold is not None:
        at = _said_by(each)
        yield _cell(at, any_of((each.outcomes.persons, each.none, each.untold)))
        for words, persons in ((HAS, each.outcomes.persons), (HAS_NOT, each.none), (UNTOLD, each.untold)):
            yield _cell({**at, SAID: words}, persons)


def _overall(needs: Sequence[CountedNeed], found_by: str) -> dict[Helped, Numbers]:
    """Over all needs that are found one way; only what the records can tell."""
    mine = [each for each in needs if each.found_by == found_by]
    told = {HELPED_OF[status] for each in mine for status in each.possible}
    return {
        helped: who for helped, who in overall([each.outcomes for each in mine]).items() if helped in told
    }


def _helped(
    year: int, found_by: str, of: Mapping[Helped, Numbers], group: Mapping[str, str], members: Numbers | None = None
) -> Iterator[RawCell]:  # fmt: skip
    if not of:
        return
    at = {YEAR: str(year), NEED: ANY[found_by], **group}
    mine = {helped: who if members is None else both(who, members) for helped, who in of.items()}
    yield _cell(at, any_of((NOBODY, *mine.values())))
    for helped, who in mine.items():
        yield _cell({**at, HELPED: str(helped)}, who)


def _by_group(
    year: int, found_by: str, of: Mapping[Helped, Numbers], kind: str, members: Mapping[str, Numbers]
) -> Iterator[RawCell]:
    every = any_of((NOBODY, *of.values()))
    rest = less(every, any_of((NOBODY, *members.values())))
    whole = {**members, NOT_RECORDED: any_of((members.get(NOT_RECORDED, NOBODY), rest))}
    for name, persons in sorted(whole.items(), key=lambda one: (one[0] == NOT_RECORDED, one[0])):
        yield from _helped(year, found_by, of, {kind: name}, persons)


def _of_partner(each: AskedPartner) -> Iterator[RawCell]:
    at = {YEAR: str(each.year), PARTNER: each.name}
    yield _cell(at, any_of((NOBODY, *each.by_status.values())))
    for status, persons in each.by_status.items():
        yield _cell({**at, STATUS: str(status)}, persons)


def relations(
    needs: Sequence[CountedNeed], year: int, partners: Sequence[AskedPartner] = ()
) -> tuple[Relation, ...]:
    """That those of whom the records say a need are those with the need, that who has one need has any and who is not served at one is
    not served over all, and that the records are asked the same of the same students, all who are enrolled; and how those who asked a
    partner are among those who asked for help: else one figure would tell what another withholds."""
    found = [*_of_partners(needs, year, partners)]
    first: CountedNeed | None = None
    for each in needs:
        if each.year == year:
            if each.none is not None:
                if first is not None:
                    found.append(Relation(_said_by(first), [_said_by(each)]))
                first = first or each
                found.append(Relation({YEAR: str(year), SAID_BY: each.name, SAID: HAS}, [_at(each)]))
            any_need = {YEAR: str(year), NEED: ANY[each.found_by]}
            found.append(Relation(any_need, [_at(each)], exact=False))
            not_served = [
                _at(each) | {STATUS: str(s)} for s in each.possible if HELPED_OF[s] is Helped.NOT_SERVED
            ]
            if not_served:
                found.append(Relation(any_need | {HELPED: str(Helped.NOT_SERVED)}, not_served, exact=False))
    return tuple(found)


def _of_partners(
    needs: Sequence[CountedNeed], year: int, partners: Sequence[AskedPartner]
) -> Iterator[Relation]:
    """Who asked a partner asked for help; one that is asked for one kind of help is asked by those with that need; and who has a need
    that one partner alone is asked for, and is not served, asked it."""
    by_name = {each.name: each for each in needs if each.year == year and each.found_by == ASKED_FOR}
    for partner in partners:
        if partner.year != year:
            continue
        at = {YEAR: str(year), PARTNER: partner.name}
        yield Relation({YEAR: str(year), NEED: ANY_ASKED}, [at], exact=False)
        if len(partner.needs) == 1:
            need = by_name[partner.needs[0]]
            yield Relation(_at(need), [at], exact=False)
            yield Relation(
                _at(need) | {STATUS: str(NeedStatus.SERVED)},
                [at | {STATUS: str(NeedStatus.SERVED)}],
                exact=False,
            )
        for name in partner.alone_for:
            need = by_name[name]
            unmet = [_at(need) | {STATUS: str(s)} for s in need.possible if s in FOLDED]
            yield Relation(at, unmet, exact=False)


def by_step(furthest: tuple[Numbers, Numbers]) -> dict[NeedStatus, Numbers]:
    """Students by the status of the furthest step; all statuses that a step can have, in order."""
    who, step = furthest
    return {
        status: any_of(
            (NOBODY, *(who[step == n] for n, each in enumerate(STEPS) if STATUS_OF[each] is status))
        )
        for status in NeedStatus
        if status in STATUS_OF.values()
    }


def needs_to_json(needs: Sequence[CountedNeed]) -> list[dict[str, Any]]:
    years: dict[tuple[str, str], list[int]] = {}
    for each in needs:
        years.setdefault((each.name, each.found_by), []).append(each.year)
    return [
        asdict(NamedNeed(name, found_by, tuple(of))) | {"years": of} for (name, found_by), of in years.items()
    ]


NOTHING_TOLD = "What became of them is withheld, because it would reveal a few."
TOO_FEW = "Nobody, too few students to show any figure, or figures that would reveal a few; which of these is not said."


class _Cells:
    """The protected figures of a release by place."""

    def __init__(self, tables: Sequence[ProtectedTable]) -> None:
        self.by_place: dict[Place, Shown] = {place(c.at): c.shown for table in tables for c in table.cells}
        self.tables = tables

    def __contains__(self, at: Mapping[str, str]) -> bool:
        return place(at) in self.by_place

    def at(self, at: Mapping[str, str]) -> Shown:
        return self.by_place.get(place(at))

    def told(self, at: Mapping[str, str]) -> Shown:
        """The figure; a dash where the records cannot tell it."""
        return self.at(at) if at in self else NOT_TOLD

    def values(self, dimension: str) -> list[str]:
        """The values of a dimension, in the order of the tables."""
        return list(dict.fromkeys(c.at[dimension] for t in self.tables for c in t.cells if dimension in c.at))


def need_page(about: Mapping[str, Any], tables: Sequence[ProtectedTable]) -> ReportPage:
    """The page of a release. `about`: what it stores besides figures."""
    cells = _Cells(tables)
    needs = _named(about)
    year, without = _most_without(about, cells)
    return ReportPage(
        headline=_headline(year, without) or _size(year, needs, cells),
        lead="Of students with a need: who is served, who waits, who got no answer, and who was never referred. A reason to talk, not a verdict.",
        talk=need_talk(about, tables)
        or ["No number of students without help can be shown. Ask each partner who waits, and since when."],
        sections=[section for section in _sections(about, needs, cells, year, without) if section.rows],
        method=about["method"],
        absent=[(each["what"], each["why"]) for each in about["absent"]],
    )  # fmt: skip


def need_talk(about: Mapping[str, Any], tables: Sequence[ProtectedTable]) -> list[str]:
    """What to talk about, in sentences; empty where no number of students without help is shown."""
    year, without = _most_without(about, _Cells(tables))
    return [_talk(year, *each) for each in without[:MOST_TALK]]


def _named(about: Mapping[str, Any]) -> list[NamedNeed]:
    return [NamedNeed(n["name"], n["found_by"], tuple(n["years"])) for n in about["needs"]]


def _most_without(
    about: Mapping[str, Any], cells: _Cells
) -> tuple[int, list[tuple[int, NamedNeed, NeedStatus]]]:
    """The school year that is talked about, and its numbers of students without help: the last whole year, or else another that shows any."""
    needs, last = _named(about), int(about["year"])
    years = [last, *sorted({year for need in needs for year in need.years} - {last}, reverse=True)]
    found = ((year, _without(year, needs, cells)) for year in years)
    return next((each for each in found if each[1]), (last, []))


def _without(year: int, needs: Sequence[NamedNeed], cells: _Cells) -> list[tuple[int, NamedNeed, NeedStatus]]:
    """The numbers of students without help that are shown of a school year, the most students first."""
    found = [
        (n, need, status)
        for need in needs
        if year in need.years
        for status in OPEN
        if isinstance(n := cells.at(_place(year, need.name, status)), int) and n
    ]
    return sorted(found, key=lambda one: -one[0])


def _place(year: int, need: str, status: NeedStatus | None = None) -> dict[str, str]:
    return {YEAR: str(year), NEED: need} | ({STATUS: str(status)} if status else {})


def _headline(year: int, without: Sequence[tuple[int, NamedNeed, NeedStatus]]) -> str:
    if not without:
        return ""
    n, need, status = without[0]
    return f"{need.name}: in {school_year(year)}, {n:,} students {SENTENCES[status]}"


def _size(year: int, needs: Sequence[NamedNeed], cells: _Cells) -> str:
    """The finding where no number of students without help is shown: the need that most students have."""
    when = school_year(year)
    known = [
        (n, need.name) for need in needs if isinstance(n := cells.at(_place(year, need.name)), int) and n
    ]
    if not known:
        return f"How many students go without help in {when} is withheld"
    n, name = max(known)
    return f"{name}: {counted(n, 'student')} in {when}; how many go without help is withheld"


SENTENCES: Mapping[NeedStatus, str] = {
    NeedStatus.WAITING: "wait for a place",
    NeedStatus.UNANSWERED: "have no answer",
    NeedStatus.ENDED: "were turned away before help began",
    NeedStatus.DECLINED: "were not helped because the family declined",
    NeedStatus.ASKED: "asked for help and are not served",
    NeedStatus.NEVER: "were never referred, as far as the records tell",
}
QUESTIONS: Mapping[NeedStatus, str] = {
    NeedStatus.WAITING: "Where is a place free, and who decides on more?",
    NeedStatus.UNANSWERED: "Who answers, and by when?",
    NeedStatus.ENDED: "Is it the language, the form or the rule that stops them?",
    NeedStatus.DECLINED: "What do families say they would rather have?",
    NeedStatus.ASKED: "Where do they wait, and for whom?",
    NeedStatus.NEVER: "Who could have offered help, and did they know of it?",
}


def _talk(year: int, n: int, need: NamedNeed, status: NeedStatus) -> str:
    return f"{need.name}: {n:,} students {SENTENCES[status]}, in {school_year(year)}. {QUESTIONS[status]}"


WITHOUT = (NeedStatus.UNANSWERED, NeedStatus.ASKED, NeedStatus.NEVER)
SHOWN: Mapping[str, tuple[NeedStatus, ...]] = {
    ASKED_FOR: tuple(s for s in NeedStatus if s is not NeedStatus.ASKED),
    BY_RULE: (NeedStatus.SERVED, NeedStatus.ASKED, NeedStatus.NEVER, NeedStatus.UNKNOWN),
}


FOUND: Mapping[str, tuple[str, str]] = {
    ASKED_FOR: ("Help that was asked for", "By a referral, an application to a program, a need that a person noted, or an answer to a survey."),
    BY_RULE: ("Needs that the records show", "By the community’s rules of need, whether or not anybody asked for help."),
}  # fmt: skip


def _sections(
    about: Mapping[str, Any],
    needs: Sequence[NamedNeed],
    cells: _Cells,
    talked: int,
    without: Sequence[tuple[int, NamedNeed, NeedStatus]],
) -> Iterator[ReportSection]:
    """`talked`, `without`: the year and the numbers that the headline is about, which come first."""
    years = sorted({year for need in needs for year in need.years}, key=lambda year: (year != talked, -year))
    first = without[0][1].found_by if without else ASKED_FOR
    for year in years:
        for found_by in sorted(FOUND, key=lambda found_by: found_by != first):
            title, words = FOUND[found_by]
            columns = [
                ReportColumn("students"),
                *(
                    ReportColumn(
                        str(each), part=True, strong=each in WITHOUT, unknown=each is NeedStatus.UNKNOWN
                    )
                    for each in SHOWN[found_by]
                ),
            ]
            rows = [
                _row(need.name, _figures(_place(year, need.name), SHOWN[found_by], cells))
                for need in needs
                if need.found_by == found_by and year in need.years
            ]
            yield ReportSection(f"{found_by}-{year}", f"{title}, {school_year(year)}", [words], "Need", columns, rows)  # fmt: skip
    year = about["year"]
    yield _ended(year, cells)
    yield _asked_partners(year, cells)
    for kind in about["groups"]:
        yield _of_kind(year, kind, cells)
    yield _coverage(year, needs, cells)


def _row(name: str, figures: tuple[Shown, ...]) -> ReportRow:
    """A row; in one sentence where none of its figures can be shown, or its number of students alone."""
    every, *parts = figures
    if any(map(_says, parts)):
        return ReportRow(name, figures)
    if isinstance(every, int) and every:
        return ReportRow(f"{name} ({counted(every, 'student')})", why=NOTHING_TOLD)
    return ReportRow(name, why=TOO_FEW)


def _says(shown: Shown) -> bool:
    """Whether a figure says more than that it may be none."""
    return shown not in (None, NOT_TOLD) and (isinstance(shown, int) or count_between(shown)[0] > 0)


def _figures(at: Mapping[str, str], statuses: Iterable[NeedStatus], cells: _Cells) -> tuple[Shown, ...]:
    return cells.at(at), *(cells.told({**at, STATUS: str(status)}) for status in statuses)


def _ended(year: int, cells: _Cells) -> ReportSection:
    rows = [
        ReportRow(reason, (cells.at({YEAR: str(year), REASON: reason}),)) for reason in cells.values(REASON)
    ]
    return ReportSection(
        "ended", f"Why help ended before it began, {school_year(year)}",
        ["From the reasons in referrals and applications, whatever was asked for. Those whom the family’s own choice ended are counted above."],
        "Reason", [ReportColumn("students", part=True, strong=True)], rows,
    )  # fmt: skip


def _asked_partners(year: int, cells: _Cells) -> ReportSection:
    statuses = [status for status in NeedStatus if status in STATUS_OF.values()]
    columns = [
        ReportColumn("students"),
        *(
            ReportColumn(
                str(s), part=True, strong=s is NeedStatus.UNANSWERED, unknown=s is NeedStatus.UNKNOWN
            )
            for s in statuses
        ),
    ]
    rows = []
    for name in cells.values(PARTNER):
        at = {YEAR: str(year), PARTNER: name}
        if at in cells:
            rows.append(_row(name, (cells.at(at), *(cells.at({**at, STATUS: str(s)}) for s in statuses))))
    return ReportSection(
        "partners", f"What became of those who asked a partner, {school_year(year)}",
        ["A student who asked several times counts once for each partner, by the furthest that any of these came. A partner that is asked for "
         "one kind of help, and is alone asked for it, has no row: what became of that help is told above."], "Partner", columns, rows,
    )  # fmt: skip


def _of_kind(year: int, kind: str, cells: _Cells) -> ReportSection:
    """The groups of one kind, of those who asked for help, then of those with a need in the records."""
    columns = [
        ReportColumn("students"),
        *(
            ReportColumn(str(h), part=True, strong=h is Helped.NOT_SERVED, unknown=h is Helped.UNKNOWN)
            for h in Helped
        ),
    ]
    rows = []
    for need in ANY.values():
        for group in cells.values(kind):
            at = {YEAR: str(year), NEED: need, kind: group}
            if at in cells:
                rows.append(
                    _row(
                        f"{need}: {group}",
                        (cells.at(at), *(cells.told({**at, HELPED: str(h)}) for h in Helped)),
                    )
                )
    return ReportSection(
        f"group-{kind.replace(' ', '-')}", f"By {kind}, {school_year(year)}",
        ["Not served: at one need at least. Compare shares, not numbers: groups differ in size."], "Need and group", columns, rows,
    )  # fmt: skip


def _coverage(year: int, needs: Sequence[NamedNeed], cells: _Cells) -> ReportSection:
    columns = [ReportColumn(words) for words in (HAS, HAS_NOT, UNTOLD)]
    rows = [
        ReportRow(
            need.name, tuple(cells.at({YEAR: str(year), SAID_BY: need.name, SAID: c.name}) for c in columns)
        )
        for need in needs
        if need.found_by == BY_RULE and year in need.years
    ]
    return ReportSection(
        "coverage", f"Of how many students the records tell a need, {school_year(year)}",
        ["Of the students enrolled in the school year. Where the records do not say, a student may have the need or not."], "Need", columns, rows,
    )  # fmt: skip


def method(words: Sequence[str]) -> list[str]:
    """How needs are counted, in sentences. `words`: the needs by rule, in words."""
    return [
        f"A need that the records show is one of the community’s rules of need: {listed(words)}. It is a reason to ask the family, never a "
        "verdict and never a prediction. It counts for students enrolled in the school year.",
        "A need that was asked for is a referral, by a partner’s system or made on the site, an application to a program, a need that a "
        "person noted, or an answer to a survey that the rules name. What both a system and the site have counts once. A student counts once for each need and school year; one with several needs counts at each, so they do not add up.",
        "Served: the student took part in a program that answers the need, or had a service of it, in the same school year, before or after "
        "the need was found. An acceptance or a place on a list is not service. Of several referrals the one that came furthest counts.",
        "No referral on record is said only where every listed program that answers the need sent records of the school year, for all of "
        "its students. Otherwise such a student is counted as not known. A dash stands where the records cannot tell a status at all.",
        "Answers on topics that 20 USC 1232h(b) protects are never read for it.",
    ]  # fmt: skip
