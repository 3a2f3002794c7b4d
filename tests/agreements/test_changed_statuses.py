"""What a change of a partner's legal statuses means for agreements: none that one person may make silences a finding, and what the review then
finds in a text in effect is an open step."""

import json
from dataclasses import replace
from datetime import date

import pytest

from tests.agreements.rules.making import Pair
from tests.agreements.rules.table import PAIRS
from tests.gate import making
from tests.site.people import client_of
from throughway.agreements import actions as agreements
from throughway.agreements.document import read_document
from throughway.agreements.legal_review.review import review
from throughway.agreements.selectors import findings_of_changed_statuses
from throughway.partners import OPERATOR, LegalStatus
from throughway.partners.legal_status.actions import change_statuses
from throughway.partners.legal_status.status_change import RESTRICTING
from throughway.partners.open_step import OpenStep
from throughway.partners.selectors import actor
from throughway.site.open_steps.selectors import open_steps
from throughway.store import Community

TODAY = date.today()


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_what_restricts_silences_no_finding(pair: Pair) -> None:
    """Whoever of the parties gets it: why one person alone may add it. Each document fails by one rule at least. What asks for the very status
    ends with it."""
    document, _ = read_document(json.dumps(pair.failing, default=str))
    if document is None:
        return
    context = pair.failing_context
    before = review(document, context)
    for party in document.partners:
        facts = context.partners.get(party)
        for status in RESTRICTING if facts else ():
            also = replace(facts, stated=facts.stated | {status})
            now = replace(context, partners={**context.partners, party: also})
            still = {(f.id, f.element) for f in review(document, now)}
            lost = [
                f for f in before if (f.id, f.element) not in still and f"(status {status})" not in f.message
            ]
            assert not lost, (party, status)


# ---- a text in effect ----


@pytest.fixture
def town(community: Community) -> None:
    making.register()
    making.in_effect(making.sharing())


def change(partner: str, status: LegalStatus, what: str = "adds") -> None:
    change_statuses(partner=partner, reason="License 26-114", by=OPERATOR, **{what: [status]})


def steps() -> list[OpenStep]:
    return [step for step in open_steps(TODAY) if step.kind == "changed_statuses"]


@pytest.mark.django_db
@pytest.mark.usefixtures("town")
def test_a_finding_in_a_text_in_effect_is_an_open_step() -> None:
    assert steps() == []
    change("harbor", LegalStatus.PART2)
    [step] = steps()
    assert (step.waits_for, step.agreement, step.since) == ("harbor", "sharing-2026", TODAY)
    [found] = findings_of_changed_statuses(TODAY)
    assert found.findings[0].blocks
    assert found.findings[0].id in step.title
    assert found.findings[0].message in step.title
    assert "42 CFR" in step.title
    assert step.is_for(actor("officer@harbor.example"))
    page = client_of("officer@harbor.example").get("/open-steps/").content.decode()
    assert "the legal statuses of harbor changed, and the review finds PART2" in page
    change("harbor", LegalStatus.PART2, "removes")
    assert steps() == []


@pytest.mark.django_db
@pytest.mark.usefixtures("town")
def test_a_status_of_somebody_else_is_none_of_it() -> None:
    making.partners.add_partner(id="clinic", name="Clinic", kind="agency", by=OPERATOR)
    change("clinic", LegalStatus.PART2)
    assert steps() == []


@pytest.mark.django_db
@pytest.mark.usefixtures("town")
def test_what_was_found_when_it_was_signed_is_no_step() -> None:
    """Warnings that were there before the change are not of it."""
    change("harbor", LegalStatus.HIPAA)
    new = {(f.id, f.element) for found in findings_of_changed_statuses(TODAY) for f in found.findings}
    assert new
    assert {id for id, _ in new} == {"HIPAA"}


@pytest.mark.django_db
def test_a_text_signed_after_the_change_has_no_step(community: Community) -> None:
    making.register()
    change("harbor", LegalStatus.HIPAA)
    making.in_effect(making.sharing())
    assert steps() == []


@pytest.mark.django_db
@pytest.mark.usefixtures("town")
def test_a_suspended_text_keeps_its_step_and_an_ended_one_loses_it() -> None:
    change("harbor", LegalStatus.PART2)
    agreements.suspend(id="sharing-2026", by=actor("officer@harbor.example"))
    assert len(steps()) == 1
    agreements.resume(id="sharing-2026", by=actor("officer@harbor.example"))
    agreements.terminate(id="sharing-2026", by=actor("officer@harbor.example"))
    assert steps() == []
