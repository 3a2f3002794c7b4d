"""Disclosers on the same terms are read as one; whoever differs in anything stays apart."""

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import numpy as np
import pytest

from tests.gate.making import line, purpose, sharing
from throughway.agreements.document import AgreementDocument
from throughway.agreements.effective_grants import grants_of
from throughway.agreements.enums import AccessForm, Basis, Reach
from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import TableQueryOptions
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.agreements.transforms import Transform
from throughway.consent.consent_state import ConsentStatus
from throughway.gate.governed_relations import merge_grants, rows_of, single_relations
from throughway.gate.row_scope import RowScope
from throughway.store.links import Links

DAY = date(2026, 10, 1)
CONSENT = RequiredFamilyChoice("all", "planning", Basis.CONSENT)


def grant(discloser: str = "north") -> Grant:
    document = AgreementDocument.model_validate(sharing(
        id="all", purposes=[purpose("planning", "operations", "identified", **{"from": ["north"], "recipients": ["hub"]})],
        schedule=[line("attendance_day.attendance_status", "planning")],
        population=[{"on": "school_enrollment", "where": "entry_grade_level = '06'", "when": "fact"}],
    ))  # fmt: skip
    (held,) = grants_of(AgreementStatus(document, "v1", AgreementState.ACTIVE, ""), [])
    return replace(held, discloser=discloser)


def together(
    *own: tuple[Grant, ...], linked: tuple[str, ...] = (), without: tuple[str, ...] = ()
) -> list[str]:
    return [grants[0].discloser for grants in merge_grants(own, linked, without).grants]


def test_the_same_terms_are_one() -> None:
    assert together((grant("north"),), (grant("south"),), (grant("west"),)) == ["north+south+west"]


def test_what_does_not_bear_on_rows_keeps_nobody_apart() -> None:
    other = replace(grant("south"), agreement="another", version="v9", interest="Otherwise said", expires=DAY)
    assert together((grant("north"),), (other,)) == ["north+south"]


DIFFERENT = {
    "form": {"form": AccessForm.AGGREGATE},
    "columns": {"columns": MappingProxyType({**grant().columns, "attendance_status": Transform("mask")})},
    "population": {"population": ()},
    "records": {"records": (date(2026, 9, 1), None)},
    "reach": {"reach": Reach.CASELOAD},
    "choices": {"choices": frozenset({CONSENT})},
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_other_terms_stay_apart(what: str) -> None:
    south = replace(grant("south"), **DIFFERENT[what])  # type: ignore[arg-type]
    assert together((grant("north"),), (south,), (grant("west"),)) == ["north+west", "south"]
    assert together((grant("north"), grant("north")), (grant("south"), south)) == ["north", "south"]


@pytest.mark.parametrize("by", ["form", "transform"])
def test_codes_are_of_one_purpose(by: str) -> None:
    coded = MappingProxyType({**grant().columns, "attendance_status": Transform("pseudonym")})
    how = {"form": AccessForm.PSEUDONYMOUS} if by == "form" else {"columns": coded}
    north, south = (replace(grant(name), **how) for name in ("north", "south"))
    assert together((north,), (south,)) == ["north+south"]
    assert together((north,), (replace(south, codes="another/study"),)) == ["north", "south"]


def test_links_and_the_side_of_a_choice_are_terms_too() -> None:
    north, south = (replace(grant(n), choices=frozenset({CONSENT})) for n in ("north", "south"))
    assert together((north,), (south,), linked=("south",)) == ["north", "south"]
    assert together((north,), (south,), without=(CONSENT.of("south"),)) == ["north", "south"]
    alike = merge_grants(((north,), (south,)), ("north", "south"), [CONSENT.of("north"), CONSENT.of("south")])
    assert "north+south" in alike.linked
    assert CONSENT.of("north+south") in alike.without
    shown = TableQueryOptions((), DAY, without=(CONSENT.of("north"), CONSENT.of("south")))
    (one,) = rows_of("attendance_day", [north, south], shown)
    assert ("not_consented", CONSENT.of("north+south")) in one.relations


def test_apart_where_a_reader_sees_who_disclosed() -> None:
    grants = [grant("north"), grant("south")]
    assert len(rows_of("attendance_day", grants, TableQueryOptions((), DAY, numbered=True))) == 2
    (none,) = rows_of("attendance_day", grants, TableQueryOptions((), DAY, records=()))
    (few,) = rows_of("attendance_day", grants, TableQueryOptions((), DAY, records=(4, 14)))
    (one,) = rows_of("attendance_day", grants, TableQueryOptions((), DAY))
    assert none.relations == few.relations == one.relations
    assert "(4, 14)" in few.sql
    assert ("attendance_day", "north+south") in one.relations
    # The population is decided for each by itself.
    assert {("school_enrollment", "north"), ("school_enrollment", "south")} <= one.relations


def test_the_relations_of_several() -> None:
    assert single_relations("north") == ["north"]
    assert single_relations("north+south") == ["north", "south"]
    assert single_relations("all/planning/north+south") == ["all/planning/north", "all/planning/south"]


class Registers:
    """Of north everybody opted out, of south nobody."""

    def words(self, choice: RequiredFamilyChoice, discloser: str, on: date) -> ConsentStatus:
        nobody = np.empty(0, dtype=np.int64)
        out = np.array([1, 2], dtype=np.int64) if discloser == "north" else nobody
        return ConsentStatus(given=nobody, refused=nobody, opted_out=out)

    def held(self, tables: object, discloser: str) -> np.ndarray:
        return np.array([1, 2] if discloser == "north" else [11, 12], dtype=np.int64)

    def assigned(self, on: date) -> list[tuple[str, int]]:
        return []

    def served(self, on: date) -> np.ndarray:
        return np.empty(0, dtype=np.int64)


def test_choice_at_one_partner_leaves_other_partners_rows() -> None:
    notice = RequiredFamilyChoice("all", "planning", Basis.DIRECTORY)
    grants = [replace(grant(n), choices=frozenset({notice})) for n in ("north", "south")]
    links = Links(np.array([1, 11], dtype=np.int64), np.array([100, 100], dtype=np.int64))
    people = RowScope(grants, Registers(), links, linked=("north", "south"), reader="hub", days=(DAY,))
    assert people.records("opted_out", notice.of("north")).tolist() == [1, 2, 11]
    assert people.records("opted_out", notice.of("north+south")).tolist() == [1, 2]


def test_once_settled_the_registers_are_asked_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    notice = RequiredFamilyChoice("all", "planning", Basis.DIRECTORY)
    grants = [replace(grant(n), choices=frozenset({notice})) for n in ("north", "south")]
    nobody = np.empty(0, dtype=np.int64)
    people = RowScope(grants, Registers(), Links(nobody, nobody), linked=(), reader="hub", days=(DAY,))
    people.settle()
    for asked in ("words", "held", "assigned", "served"):
        monkeypatch.delattr(Registers, asked)
    assert people.records("opted_out", notice.of("north+south")).tolist() == [1, 2]
