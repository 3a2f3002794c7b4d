"""Services whose clients decide at any age (42 CFR 2.14; 45 CFR 164.502(g)(3); 28 CFR 94.115): no parent consents, inspects or amends there."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.gate import making
from throughway.consent import actions as consent_actions
from throughway.consent.models import ConsentEvent
from throughway.consent.right_holders import RightHolder
from throughway.consent.selectors.decisions import consents, in_force, last_day
from throughway.consent.selectors.rights import who_holds
from throughway.core.refusals import Refused
from throughway.families.actions.amendments import ask_to_amend
from throughway.families.actions.inspections import ask_to_inspect, gather
from throughway.gate.actions import enter
from throughway.partners import OPERATOR, LegalStatus
from throughway.partners import actions as partners
from throughway.partners.kinds import CLIENT_DECIDES, PartnerFacts, PartnerKind, why_client_decides

pytestmark = [pytest.mark.django_db(transaction=True)]
TODAY = date.today()
LATER = TODAY + timedelta(90)
CONSENT: dict[str, Any] = {"basis": "consent", "basis_details": {}}
LINE = {
    "partner": "harbor", "record_key": "h-21", "agreement": "sharing-2026", "purpose": "planning", "decision": "yes", "signer": "Ada One",
    "relation": "student", "signed_on": str(TODAY), "method": "paper", "language": "es", "notice_version": "2026-1", "expires": str(LATER),
}  # fmt: skip
ASK = {"student": "h-21", "who": "Pat One", "relation": "parent", "identified": "Photo ID", "received": TODAY}


@pytest.fixture(autouse=True)
def town(community: object) -> None:
    """Each test founds its own."""


def found(status: LegalStatus) -> None:
    """Harbor is such a service, and gives its clients' records by their consent; its clients 21 and 22 are children."""
    for id, kind, legal in (("north", "lea", ()), ("harbor", "cbo", (status,)), ("hub", "backbone", ())):
        partners.add_partner(id=id, name=id.title(), kind=kind, legal=legal, by=OPERATOR)
    for email, (partner, role) in making.USERS.items():
        partners.add_user(email=email, partner=partner, role=role, by=OPERATOR)
    document = making.sharing()
    for purpose in document["purposes"]:
        if purpose.get("from") == ["harbor"]:
            purpose |= CONSENT
    document["custody"] = [{"from": ["north"], **making.OFFICIAL}, {"from": ["harbor"], **CONSENT}]
    document["clauses"] = {
        **document["clauses"],
        "substance_use_notice": "42 CFR part 2 prohibits unauthorized use of these records.",
    }
    making.in_effect(document)
    making.people()


def add(folder: Path, **cells: str) -> Any:
    path = folder / "consents.csv"
    path.write_text("\n".join([",".join(LINE), ",".join((LINE | cells).values())]), encoding="utf-8")
    return consent_actions.add(path=path, by=OPERATOR)


@pytest.mark.parametrize("status", CLIENT_DECIDES)
def test_a_parent_signs_and_sees_nothing_there(tmp_path: Path, status: LegalStatus) -> None:
    found(status)
    officer = making.reader("officer@harbor.example")
    assert who_holds("harbor", 21, TODAY) is RightHolder.STUDENT
    assert who_holds("harbor", 999, TODAY) is RightHolder.STUDENT  # no record of the client has come yet
    assert who_holds("north", 11, TODAY) is RightHolder.PARENTS  # the same child at school
    for relation in ("parent", "guardian", "surrogate"):
        with pytest.raises(Refused) as refused:
            add(tmp_path, relation=relation, signer="Pat One")
        assert (refused.value.code, refused.value.citations) == ("no_right", (CLIENT_DECIDES[status],))
    for relation in ("parent", "representative"):
        with pytest.raises(Refused) as refused:
            ask_to_inspect(**ASK | {"relation": relation}, by=officer)
        assert (refused.value.code, refused.value.citations) == ("no_right", (CLIENT_DECIDES[status],))
    with pytest.raises(Refused, match="at any age"):
        ask_to_amend(**ASK, element="service_received.*", which="The last one", why="It is wrong", by=officer)
    assert add(tmp_path).new == 1
    asked = ask_to_inspect(**ASK | {"relation": "student", "who": "Ada One"}, by=officer)
    assert gather(code=asked.code, by=officer).counts["person"] == 1


def test_a_parents_yes_of_before_counts_no_longer(tmp_path: Path) -> None:
    found(LegalStatus.PART2)
    ConsentEvent.objects.create(
        code="OLD", partner="harbor", record=21, agreement="sharing-2026", purpose="planning", decision="yes", holder=1, relation="parent",
        right_checked=True, signed_on=TODAY - timedelta(30), method="paper", language="en", notice_version="1", at=datetime.now(UTC), by="x@y.example",
    )  # fmt: skip
    (old,) = consents(partner="harbor")
    assert in_force([old], TODAY) == frozenset()
    assert last_day(old) == TODAY - timedelta(31)
    access = enter(actor=making.reader("evaluator@north.example"), purpose="planning")
    asked = "SELECT count(*) FROM service_received"
    assert access.query(asked).rows == [(0,)]
    add(tmp_path)
    assert access.query(asked).rows != [(0,)]


@pytest.mark.parametrize("status", [LegalStatus.PART2, LegalStatus.VICTIM_SERVICES])
def test_such_a_consent_has_a_last_day(tmp_path: Path, status: LegalStatus) -> None:
    found(status)
    with pytest.raises(Refused, match="has no last day") as refused:
        add(tmp_path, expires="")
    assert refused.value.code == "no_last_day"
    assert add(tmp_path, decision="no", expires="", method="", language="", notice_version="").new == 1


def test_a_school_district_is_never_such_a_service_as_a_whole() -> None:
    def law(kind: PartnerKind, *legal: LegalStatus) -> str:
        return why_client_decides(PartnerFacts("x", "X", kind, frozenset(legal)).legal)

    for status, said in CLIENT_DECIDES.items():
        assert law(PartnerKind.AGENCY, status) == law(PartnerKind.CBO, status) == said
        assert law(PartnerKind.LEA, status) == law(PartnerKind.CHARTER, status) == ""
    assert law(PartnerKind.AGENCY, LegalStatus.HIPAA) == ""
