"""Whom reach and families' choices let through: each rule by itself, over registers that are written down here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.agreements.test_effective_grants import stands
from tests.gate.making import sharing
from throughway.agreements.effective_grants import grants_of
from throughway.agreements.enums import Basis, Reach
from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.grant import Grant
from throughway.agreements.row_filter import CONSENTED, NOT_CONSENTED, OPTED_OUT
from throughway.consent.consent_state import ConsentStatus
from throughway.gate.row_scope import RowScope
from throughway.store.links import Links

THEN, TODAY = date(2026, 9, 1), date(2026, 10, 1)
CONSENT = RequiredFamilyChoice("sharing-2026", "planning", Basis.CONSENT)
NOTICE = RequiredFamilyChoice("sharing-2026", "planning", Basis.DIRECTORY)
# 12 and 13 are one person with 22; 11 is the student of harbor's 21. All of north's but 14 are linked.
LINKS = {11: 2**41, 21: 2**41, 12: 2**41 + 1, 13: 2**41 + 1, 22: 2**41 + 1}


def numbers(*found: int) -> NDArray[np.int64]:
    return np.array(sorted(found), dtype=np.int64)


@dataclass
class Registers:
    """By day; a day that is not written is as today."""

    caseload: Mapping[date, Sequence[tuple[str, int]]] = field(default_factory=dict)
    roster: Mapping[date, Sequence[int]] = field(default_factory=dict)
    sites: Mapping[date, Sequence[int]] = field(default_factory=dict)
    given: Mapping[date, Sequence[int]] = field(default_factory=dict)
    refused: Mapping[date, Sequence[int]] = field(default_factory=dict)
    opted_out: Mapping[date, Sequence[int]] = field(default_factory=dict)

    def assigned(self, on: date) -> Sequence[tuple[str, int]]:
        return self.caseload.get(on, self.caseload[TODAY])

    def served(self, on: date) -> NDArray[np.int64]:
        return numbers(*self.roster.get(on, self.roster[TODAY]))

    def at_sites(self, on: date) -> NDArray[np.int64]:
        return numbers(*self.sites.get(on, self.sites[TODAY]))

    def words(self, choice: RequiredFamilyChoice, discloser: str, on: date) -> ConsentStatus:
        assert discloser == "north"
        return ConsentStatus(
            *(numbers(*of.get(on, of.get(TODAY, ()))) for of in (self.given, self.refused, self.opted_out))
        )

    def held(self, tables: Collection[str], discloser: str) -> NDArray[np.int64]:
        assert tables == {"person"}
        return numbers(11, 12, 13, 14)


def person_of_north(**changes: object) -> Grant:
    (grant,) = (
        g
        for g in grants_of(stands(sharing()), [])
        if (g.purpose, g.table, g.discloser) == ("planning", "person", "north")
    )
    return replace(grant, **changes)  # type: ignore[arg-type]


def people(
    grant: Grant,
    registers: Registers,
    *,
    linked: str = "north harbor",
    reader: str = "harbor",
    on: date = TODAY,
) -> RowScope:
    links = Links(numbers(*LINKS), np.array([LINKS[n] for n in sorted(LINKS)], dtype=np.int64))
    return RowScope([grant], registers, links, linked=linked.split(), reader=reader, days=(on, TODAY))


def let_through(grant: Grant, registers: Registers, **more: object) -> list[int]:
    everybody = numbers(11, 12, 13, 14)
    return people(grant, registers, **more).allowed(grant, everybody).tolist()  # type: ignore[arg-type]


def test_without_reach_and_choice_everybody() -> None:
    assert let_through(person_of_north(), Registers()) == [11, 12, 13, 14]


@pytest.mark.parametrize(
    ("given", "refused", "expected"),
    [
        ({TODAY: [11, 12]}, {}, [11, 12]),
        ({TODAY: [11, 12]}, {TODAY: [13]}, [11]),  # another record of the same person was refused
        ({TODAY: [11, 12], THEN: [12]}, {}, [12]),  # in force on both days
        ({TODAY: [12], THEN: [11, 12]}, {}, [12]),
        ({TODAY: [11, 12]}, {THEN: [13], TODAY: []}, [11]),  # refused on one of them
        ({TODAY: [11, 12]}, {THEN: [], TODAY: [13]}, [11]),
    ],
)
def test_consents(given: dict[date, list[int]], refused: dict[date, list[int]], expected: list[int]) -> None:
    grant = person_of_north(choices=frozenset({CONSENT}))
    assert let_through(grant, Registers(given=given, refused=refused), on=THEN) == expected


@pytest.mark.parametrize("given", [[11], [11, 12], [11, 12, 14]])
def test_the_fewer_are_told(given: list[int]) -> None:
    grant = person_of_north(choices=frozenset({CONSENT}))
    found = people(grant, Registers(given={TODAY: given}))
    name = CONSENT.of("north")
    assert found.without == ({name} if len(given) > 2 else set())
    assert found.records(CONSENTED, name).tolist() == given
    assert found.records(NOT_CONSENTED, name).tolist() == sorted({11, 12, 13, 14} - {*given})


@pytest.mark.parametrize(
    ("opted_out", "expected"),
    [
        ({}, [11, 12, 13, 14]),
        ({TODAY: [14]}, [11, 12, 13]),
        ({TODAY: [12]}, [11, 14]),  # and the other record of the same person
        ({TODAY: [], THEN: [11]}, [12, 13, 14]),
        ({TODAY: [11], THEN: []}, [12, 13, 14]),
    ],
)
def test_opt_outs(opted_out: dict[date, list[int]], expected: list[int]) -> None:
    grant = person_of_north(choices=frozenset({NOTICE}))
    assert let_through(grant, Registers(opted_out=opted_out), on=THEN) == expected
    assert not set(expected) & set(
        people(grant, Registers(opted_out=opted_out), on=THEN).records(OPTED_OUT, NOTICE.of("north"))
    )


@pytest.mark.parametrize(
    ("linked", "caseload", "expected"),
    [
        ("", [("north", 11)], [11]),
        ("", [("harbor", 21)], []),  # by harbor's own key, and nothing may link
        ("north", [("harbor", 21)], []),
        ("harbor", [("harbor", 21)], []),
        ("north harbor", [("harbor", 21)], [11]),
        ("", [("north", 12)], [12]),
        ("north", [("north", 12)], [12, 13]),
        ("north harbor", [("harbor", 22), ("north", 14)], [12, 13, 14]),
    ],
)
def test_a_caseload(linked: str, caseload: list[tuple[str, int]], expected: list[int]) -> None:
    grant = person_of_north(reach=Reach.CASELOAD)
    assert let_through(grant, Registers(caseload={TODAY: caseload}), linked=linked) == expected


def test_a_caseload_on_a_past_day_is_that_of_both_days() -> None:
    grant = person_of_north(reach=Reach.CASELOAD)
    for then, now in (([("north", 11)], []), ([], [("north", 11)])):
        assert let_through(grant, Registers(caseload={THEN: then, TODAY: now}), on=THEN) == []


@pytest.mark.parametrize(
    ("linked", "reader", "served", "expected"),
    [
        ("north harbor", "harbor", [21], [11]),
        ("north harbor", "harbor", [22], [12, 13]),
        ("north", "harbor", [21], []),
        ("harbor", "harbor", [21], []),
        ("", "harbor", [11], []),
        ("", "north", [12], [12]),
        ("north", "north", [12], [12, 13]),
    ],
)
def test_a_roster(linked: str, reader: str, served: list[int], expected: list[int]) -> None:
    grant = person_of_north(reach=Reach.ROSTER)
    assert let_through(grant, Registers(roster={TODAY: served}), linked=linked, reader=reader) == expected


@pytest.mark.parametrize(
    ("linked", "reader", "at_sites", "expected"),
    [
        ("north harbor", "harbor", [21], [11]),
        ("north harbor", "harbor", [22], [12, 13]),
        ("north harbor", "harbor", [], []),
        ("north", "harbor", [21], []),
        ("harbor", "harbor", [21], []),
        ("", "harbor", [11], []),
        ("", "north", [12], [12]),
        ("north", "north", [12], [12, 13]),
    ],
)
def test_a_site(linked: str, reader: str, at_sites: list[int], expected: list[int]) -> None:
    """The partner serves more students than are at the reader's sites; these alone count."""
    registers = Registers(roster={TODAY: [11, 12, 13, 14, 21, 22]}, sites={TODAY: at_sites})
    assert let_through(person_of_north(reach=Reach.SITE), registers, linked=linked, reader=reader) == expected


def test_a_site_on_a_past_day_is_that_of_both_days() -> None:
    grant = person_of_north(reach=Reach.SITE)
    for then, now, expected in (([11], [], []), ([], [11], []), ([11, 12], [12, 13], [12])):
        registers = Registers(sites={THEN: then, TODAY: now})
        assert let_through(grant, registers, linked="", reader="north", on=THEN) == expected


def test_a_table_of_nobody_is_shown_whole_and_holds_nobody() -> None:
    of_nobody = person_of_north(table="organization", reach=Reach.CASELOAD)
    assert let_through(of_nobody, Registers()) == [11, 12, 13, 14]
    of_somebody = person_of_north(choices=frozenset({CONSENT}))
    registers = Registers(caseload={TODAY: []}, given={TODAY: [11]})
    found = RowScope(
        [of_nobody, of_somebody],
        registers,
        Links(numbers(), numbers()),
        linked=(),
        reader="hub",
        days=(TODAY,),
    )
    assert found.records(NOT_CONSENTED, CONSENT.of("north")).tolist() == [12, 13, 14]


def test_a_roster_on_a_past_day_is_that_of_both_days_by_person() -> None:
    grant = person_of_north(reach=Reach.ROSTER)
    for then, now, expected in (([21], [], []), ([], [21], []), ([12], [13], [12, 13])):
        registers = Registers(roster={THEN: then, TODAY: now})
        assert let_through(grant, registers, reader="north", on=THEN) == expected


def test_own_roster_needs_no_links_and_holds_on_both_days() -> None:
    grant = person_of_north(reach=Reach.ROSTER)
    for then, now, expected in (([11], [], []), ([], [11], []), ([11, 12], [12, 13], [12])):
        registers = Registers(roster={THEN: then, TODAY: now})
        assert let_through(grant, registers, linked="", reader="north", on=THEN) == expected


def test_a_notice_is_never_told_by_those_who_consented() -> None:
    found = people(person_of_north(choices=frozenset({NOTICE})), Registers(given={TODAY: [11, 12, 13, 14]}))
    assert found.without == frozenset()


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"reach": Reach.CASELOAD}, [("caseload", "north")]),
        ({"reach": Reach.ROSTER}, [("roster", "north")]),
        ({"reach": Reach.SITE}, [("site", "north")]),
        (
            {"choices": frozenset({CONSENT})},
            [(CONSENTED, CONSENT.of("north")), (NOT_CONSENTED, CONSENT.of("north"))],
        ),
        ({"choices": frozenset({NOTICE})}, [(OPTED_OUT, NOTICE.of("north"))]),
    ],
)
def test_once_settled_the_registers_are_asked_no_more(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], asked: list[tuple[str, str]]
) -> None:
    found = people(
        person_of_north(**changes), Registers({TODAY: [("north", 11)]}, {TODAY: [11]}, {TODAY: [11]})
    )
    found.settle()

    def again(*_: object) -> None:
        pytest.fail("a register was asked again")

    for question in ("assigned", "served", "words", "held"):
        monkeypatch.setattr(Registers, question, again)
    for relation, name in asked:
        found.records(relation, name)


def test_there_is_no_other_relation() -> None:
    grant = person_of_north(choices=frozenset({CONSENT}))
    with pytest.raises(KeyError):
        people(grant, Registers()).records("somebody", CONSENT.of("north"))


def test_what_one_of_several_grants_closed_is_noticed() -> None:
    by_consent, open_to_all = person_of_north(choices=frozenset({CONSENT})), person_of_north()
    before = people(by_consent, Registers(given={TODAY: [11, 12]}))
    later = people(by_consent, Registers(given={TODAY: [11]}))
    for grants in ([by_consent, open_to_all], [open_to_all, by_consent]):
        assert not before.stands_by(later, grants, numbers(12))
        assert before.stands_by(later, grants, numbers(11))


def test_what_was_closed_since_is_noticed_for_those_it_concerns() -> None:
    grant = person_of_north(choices=frozenset({CONSENT}))
    before = people(grant, Registers(given={TODAY: [11, 12]}))
    later = people(grant, Registers(given={TODAY: [11, 14]}))
    assert before.stands_by(later, [grant], numbers(11))
    assert not before.stands_by(later, [grant], numbers(11, 12))
    assert before.stands_by(before, [grant], numbers(11, 12))
