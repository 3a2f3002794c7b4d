"""The register of families' decisions on the site: recorded, found by the student's number, and taken back."""

from pathlib import Path

import pytest

from tests.families.conftest import AGO, TODAY, consents
from tests.families.test_registers import chosen, line
from tests.site.people import client_of
from throughway.consent.models import ConsentEvent
from throughway.consent.selectors import decisions
from throughway.families import selectors
from throughway.partners import Actor

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/requests/consents/"
SAID = {
    "student": "n-11", "about": "sharing-2027 *", "decision": "yes", "signer": "Pat One", "relation": "parent", "signed_on": str(AGO),
    "method": "signed paper", "language": "es", "notice_version": "2026-1", "expires": "",
}  # fmt: skip


def values(officer: Actor) -> list[str]:
    return [choice.value for choice in selectors.choices(officer.partner or "", TODAY)]


def test_choices_are_those_that_rest_on_a_family(officer: Actor) -> None:
    assert values(officer) == []
    chosen()
    assert values(officer) == ["sharing-2027 *", "sharing-2027 choosing"]


def test_a_decision_is_recorded_shown_and_taken_back(officer: Actor) -> None:
    chosen()
    browser = client_of("officer@north.example")
    about = {"about": values(officer)[0]}
    assert browser.post(PATH + "new/", SAID | about).status_code == 302
    assert browser.post(PATH + "new/", SAID | about).status_code == 302  # sent twice is one decision
    (given,) = decisions.consents(partner="north")
    assert (given.decision, given.signed_on, given.notice_version, given.method) == (
        "yes",
        AGO,
        "2026-1",
        "signed paper",
    )
    page = browser.post(PATH, {"student": "n-11"}).content.decode()
    assert given.id in page
    assert "The family takes it back" in page
    assert "Pat One" not in page
    assert browser.post(f"{PATH}{given.id}/withdraw/").status_code == 302
    assert decisions.in_force(decisions.consents(partner="north"), TODAY) == frozenset()
    page = browser.post(PATH, {"student": "n-11"}).content.decode()
    assert "yes, taken back" in page
    assert "The family takes it back" not in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"student": ""}, "Give the student’s number."),
        ({"method": ""}, "has no statement of how the signer’s identity was verified"),
        ({"language": ""}, "has no language in which the notice was read"),
        ({"expires": "2020-01-01"}, "expires before it was signed"),
        ({"decision": "withdrawn"}, "withdraws a consent that this signer never gave"),
        ({"about": "sharing-2027 counting"}, "Choose from the list."),
        ({"signed_on": "2999-01-01"}, "was signed on a day in the future"),
    ],
)
def test_a_wrong_decision_is_refused_and_what_was_typed_stays(change: dict[str, str], said: str) -> None:
    chosen()
    answer = client_of("officer@north.example").post(PATH + "new/", SAID | change)
    text = answer.content.decode().replace("&#x27;", "'")
    assert answer.status_code == 400
    assert said in text
    assert "signed paper" in text or change.get("method") == ""
    assert not ConsentEvent.objects.exists()


def test_another_partner_finds_and_takes_back_nothing(tmp_path: Path) -> None:
    chosen()
    consents(tmp_path, line())
    (given,) = decisions.consents(partner="north")
    other = client_of("officer@harbor.example")
    assert given.id not in other.post(PATH, {"student": "n-11"}).content.decode()
    assert other.post(f"{PATH}{given.id}/withdraw/").status_code == 403
    assert client_of("worker@harbor.example").post(f"{PATH}{given.id}/withdraw/").status_code == 404
    assert len(decisions.consents(partner="north")) == 1
