"""A license under an agreement under a memorandum: every tier narrows, and every tier must stand."""

from dataclasses import replace
from datetime import date

import pytest

from tests.agreements.test_effective_grants import stands
from tests.gate.making import line, purpose, sharing
from throughway.agreements.effective_grants import (
    grants_of,
    grants_of_text,
    lacking,
    linked_partners,
    why_not_in_effect,
)
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus

LINES = [line("attendance_day.*", "planning"), line("person.first_name", "planning")]
MOU = sharing(id="mou", tier="mou", purposes=[], schedule=[line("attendance_day.*", "planning")],
              records={"from": "2025-01-01"}, terms=sharing()["terms"] | {"minimum_cell": 30, "training": ["mou-course"]})  # fmt: skip
DSA = sharing(id="dsa", under=["mou"], schedule=LINES)
DUL = sharing(id="dul", tier="dul", under=["dsa"], schedule=LINES)


def three(**states: AgreementState) -> list[AgreementStatus]:
    return [stands(d, states.get(str(d["id"]), AgreementState.ACTIVE)) for d in (DUL, DSA, MOU)]


def test_the_widest_tier_narrows_the_lowest() -> None:
    dul, dsa, mou = three()
    grants = [g for g in grants_of(dul, [dsa, mou]) if g.discloser == "north" and g.purpose == "planning"]
    assert {g.table for g in grants} == {"attendance_day"}
    for grant in grants:
        assert (grant.minimum_cell, grant.training) == (30, {"mou-course"})
        assert grant.records == (date(2025, 1, 1), None)
        assert grant.tiers == (("dsa", dsa.version), ("mou", mou.version))


def test_a_purpose_of_the_wider_tier_asks_for_its_training_below() -> None:
    dul, _, mou = three()
    entries = [
        entry | {"training": ["coding"]} if entry["id"] == "planning" else entry for entry in DSA["purposes"]
    ]
    dsa = stands(DSA | {"purposes": entries}, AgreementState.ACTIVE)
    asked = {g.purpose: g.training for g in grants_of(dul, [dsa, mou])}
    assert asked == {"planning": {"mou-course", "coding"}}


@pytest.mark.parametrize("ended", ["dul", "dsa", "mou"])
def test_every_tier_must_stand(ended: str) -> None:
    dul, *above = three(**{ended: AgreementState.SUSPENDED})
    assert grants_of(dul, above) == ()
    assert [f"{ended} is suspended." in why for why in why_not_in_effect(dul, above)] == [True]
    assert grants_of_text(dul, above)


def test_a_tier_that_nobody_added_closes_the_way() -> None:
    dul, dsa, _ = three()
    assert grants_of(dul, [dsa]) == grants_of_text(dul, [dsa]) == ()
    assert why_not_in_effect(dul, [dsa]) == (
        "dsa is under mou, which is not among the community's agreements.",
    )


def test_agreements_under_each_other_give_nothing() -> None:
    one, other = stands(sharing(id="one", under=["other"])), stands(sharing(id="other", under=["one"]))
    itself = stands(sharing(id="itself", under=["itself"]))
    assert grants_of(one, [one, other]) == grants_of(itself, [itself]) == ()
    assert len(lacking(one, [one, other])) == len(lacking(itself, [itself])) == 1


def test_a_ring_above_an_agreement_closes_its_way() -> None:
    ring = [stands(sharing(id="one", under=["other"])), stands(sharing(id="other", under=["one"]))]
    below = stands(sharing(id="below", under=["one"]))
    assert grants_of(below, ring) == grants_of_text(below, ring) == ()
    assert lacking(below, ring) == ("other is under one, which is not among the community's agreements.",)


def test_a_linkage_of_another_agreement_serves() -> None:
    matching = purpose(
        "matching", "linkage", "identified", recipients=["hub"], serves=["planning"], **{"from": ["north"]}
    )
    plain = stands(sharing(id="plain", purposes=sharing()["purposes"][:2]))
    linkage = stands(sharing(id="linkage", purposes=[matching], schedule=[line("person.*", "matching")]))
    assert linked_partners([plain], "planning") == frozenset()
    assert linked_partners([plain, linkage], "planning") == {"north"}
    assert (
        linked_partners([plain, replace(linkage, state=AgreementState.SUSPENDED)], "planning") == frozenset()
    )
