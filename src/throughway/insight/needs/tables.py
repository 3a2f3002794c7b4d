"""Needs and help as tables to be protected, and what holds between their figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

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
from throughway.publication import RawCell, RawTable
from throughway.publication.tables import Relation
from throughway.store.record_numbers import NOBODY, Numbers, any_of, both, less

TITLE = "Students with a need, and what became of it"
YEAR, NEED, STATUS, REASON, HELPED = "school year", "need", "status", "why help ended", "served or not"
SAID_BY, SAID = "need in the records", "the records say"
PARTNER = "asked at"
OF_PARTNER, SCHOOL = "partner", "school"  # kinds of group, by the student's last school of the year
HAS, HAS_NOT, UNTOLD = "the need", "no need", "do not say"
NOT_RECORDED = "Not recorded"
NOT_SERVED, OTHERWISE = str(Helped.NOT_SERVED), "served, or not known"
BY_RULE, ASKED_FOR = "records", "asked"
UNNAMED = "A reason that the rules do not name"
ANY_ASKED, ANY_RULE = "Any help that was asked for", "Any need that the records show"
ANY: Mapping[str, str] = {ASKED_FOR: ANY_ASKED, BY_RULE: ANY_RULE}


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
NO_GROUPS: Groups = MappingProxyType({})


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


def _overall(needs: Sequence[CountedNeed], found_by: str) -> dict[str, Numbers]:
    """Over all needs that are found one way; only what the records can tell."""
    mine = [each for each in needs if each.found_by == found_by]
    told = _told(mine)
    return {
        str(helped): who
        for helped, who in overall([each.outcomes for each in mine]).items()
        if helped in told
    }


def _told(needs: Sequence[CountedNeed]) -> set[Helped]:
    """What the records can tell of one of these needs."""
    return {HELPED_OF[status] for each in needs for status in each.possible}


def _helped(
    year: int, found_by: str, of: Mapping[str, Numbers], group: Mapping[str, str], members: Numbers | None = None
) -> Iterator[RawCell]:  # fmt: skip
    if not of:
        return
    at = {YEAR: str(year), NEED: ANY[found_by], **group}
    mine = {helped: who if members is None else both(who, members) for helped, who in of.items()}
    yield _cell(at, any_of((NOBODY, *mine.values())))
    for helped, who in mine.items():
        yield _cell({**at, HELPED: helped}, who)


def _by_group(
    year: int, found_by: str, of: Mapping[str, Numbers], kind: str, members: Mapping[str, Numbers]
) -> Iterator[RawCell]:
    """A school's students are told apart in two only: three would mostly be withheld, and each figure more makes the audit slower."""
    every = any_of((NOBODY, *of.values()))
    if kind == SCHOOL and of:
        not_served = {helped: who for helped, who in of.items() if helped == NOT_SERVED}
        of = not_served | {OTHERWISE: less(every, any_of((NOBODY, *not_served.values())))}
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
    needs: Sequence[CountedNeed], year: int, partners: Sequence[AskedPartner] = (), groups: Groups = NO_GROUPS
) -> tuple[Relation, ...]:
    """That those of whom the records say a need are those with the need, that who has one need has any and who is not served at one is
    not served over all, and that the records are asked the same of the same students, all who are enrolled; and how those who asked a
    partner are among those who asked for help, and that a partner's students are those of its schools: else one figure would tell what
    another withholds."""
    found = [*_of_partners(needs, year, partners), *_of_schools(needs, year, groups)]
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


def _of_schools(needs: Sequence[CountedNeed], year: int, groups: Groups) -> Iterator[Relation]:
    """A partner's students are those of its schools, and more where the records name no school of some."""
    schools = {name: who for name, who in groups.get(SCHOOL, {}).items() if name != NOT_RECORDED}
    for partner, persons in groups[OF_PARTNER].items() if schools else ():
        own = [name for name, who in schools.items() if not less(who, persons).size]
        every = not less(persons, any_of([NOBODY, *(schools[name] for name in own)])).size
        for found_by, any_need in ANY.items() if own and partner != NOT_RECORDED else ():
            at = {YEAR: str(year), NEED: any_need}
            told = _told([each for each in needs if each.year == year and each.found_by == found_by])
            for place in ([at] if told else []) + ([at | {HELPED: NOT_SERVED}] if NOT_SERVED in told else []):
                parts = [place | {SCHOOL: name} for name in own]
                yield Relation(place | {OF_PARTNER: partner}, parts, exact=every)


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
