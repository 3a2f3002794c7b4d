"""Rows that a consent housed go when it has ended: exactly those that no other agreement takes in, of that student alone."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from tests.destruction.papers import TODAY, load, paper, people, person, rows, sign
from tests.destruction.test_agreement import ALL, files_with, held
from tests.kept import kept
from tests.site.people import client_of
from throughway.consent import actions as consent
from throughway.consent.selectors.decisions import consents, lapsed_custody
from throughway.core.personal_data import HIDDEN_REASON
from throughway.core.refusals import Refused
from throughway.destruction.actions import orders
from throughway.destruction.models import Destruction
from throughway.families import selectors
from throughway.families.actions import inspections
from throughway.partners import OPERATOR
from throughway.store import Community
from throughway.store.actions.maintenance import check

pytestmark = pytest.mark.django_db(transaction=True)
STUDENTS = {"SENTINEL-001": "06", "SENTINEL-002": "07"}
STEWARD = ("steward", "backbone")


def decide(folder: Path, key: str, decision: str = "yes", expires: date | None = None, ago: int = 90) -> None:
    line = {
        "partner": "school", "record_key": key, "agreement": "chosen", "purpose": "*", "decision": decision, "signer": "Pat",
        "relation": "parent", "signed_on": TODAY - timedelta(days=ago), "method": "paper", "language": "en", "notice_version": "1",
        "expires": expires or "",
    }  # fmt: skip
    path = folder / "consents.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(line))
        writer.writeheader()
        writer.writerow(line)
    consent.add(path=path, by=OPERATOR)


@pytest.fixture
@kept
def town(community: Community, tmp_path: Path) -> Community:
    """Two students whose families agreed that their records are housed under one agreement, `chosen`."""
    people()
    sign(paper("chosen", ALL, custody="{basis: consent, basis_details: {}}"), "chosen")
    for key in STUDENTS:
        decide(tmp_path, key)
    return community


def withdrawn() -> str:
    """Takes the first student's consent back; the id of the withdrawal."""
    return consent.withdraw(id=consents()[0].id, by=person("officer", "school")).id


def test_it_takes_that_students_rows_alone(town: Community, tmp_path: Path) -> None:
    load(tmp_path, rows(STUDENTS))
    assert len(held("attendance_day")) == 4
    id = withdrawn()
    (step,) = selectors.open_steps(TODAY)
    assert (step.kind, step.waits_for, step.href_args) == ("remove", "backbone", ("consent", id))
    made = orders.destroy(consent=id, by=person(*STEWARD))
    assert made.destroyed["rows"] == {"attendance_day": 2, "person": 1, "school_enrollment": 1}
    assert [row["last_or_surname"] for row in held("person")] == ["Family-SENTINEL-002"]
    assert len(held("attendance_day")) == 2
    assert files_with(town, "Family-SENTINEL-001") == []
    assert check() == []
    assert selectors.open_steps(TODAY) == lapsed_custody(TODAY) == []
    assert selectors.due(TODAY + timedelta(days=100)) == []
    # What the family decided stays, and the next load brings nothing of the student back.
    assert [c.decision for c in consents()] == ["yes", "yes", "withdrawn"]
    assert load(tmp_path, rows(STUDENTS, days=3)).tables["attendance_day"].out_of_scope == 3
    assert len(held("person")) == 1
    for who in (STEWARD, ("officer", "school")):  # ordered twice: the certificate that there is
        assert orders.destroy(consent=id.lower(), by=person(*who)).id == made.id
    assert Destruction.objects.count() == 1


def test_another_agreement_keeps_what_it_takes_in_by_itself(town: Community, tmp_path: Path) -> None:
    sign(paper("other", ["element: school_enrollment.*", "element: person.birthdate"]), "other")
    load(tmp_path, rows(STUDENTS))
    made = orders.destroy(consent=withdrawn(), by=person("officer", "school"))
    assert made.destroyed["rows"] == {"attendance_day": 2}
    assert made.destroyed["values"].keys() == {"person.first_name", "person.last_or_surname"}
    first, second = sorted(held("person"), key=lambda row: str(row.get("last_or_surname", "")))
    assert ("birthdate" in first, "last_or_surname" in first) == (True, False)
    assert second["last_or_surname"] == "Family-SENTINEL-002"
    assert len(held("school_enrollment")) == 2
    assert files_with(town, "Family-SENTINEL-001") == []
    assert selectors.removals(TODAY) == []  # though rows of the student are here still, by the other


def test_expired_consent_leads_to_removal(town: Community, tmp_path: Path) -> None:
    decide(tmp_path, "SENTINEL-003", expires=TODAY - timedelta(days=10))
    load(tmp_path, rows({**STUDENTS, "SENTINEL-003": "08"}))
    assert len(held("person")) == 2  # by then nothing of the third comes in
    (lapsed,) = lapsed_custody(TODAY)
    assert (lapsed.ended, lapsed.due) == (TODAY - timedelta(days=9), TODAY + timedelta(days=51))
    assert selectors.removals(TODAY) == []  # nothing of it is here


@pytest.mark.parametrize("who", [("officer", "club"), ("worker", "school"), ("leader", "backbone")])
def test_who_may_not(town: Community, tmp_path: Path, who: tuple[str, str]) -> None:
    id = withdrawn()
    with pytest.raises(Refused):
        orders.destroy(consent=id, by=person(*who))


def test_consent_in_force_or_unknown_is_refused_alike(town: Community, tmp_path: Path) -> None:
    for id in (consents()[0].id, "ZZZZZZZZ", ""):
        with pytest.raises(Refused, match="in force or covers no stored row"):
            orders.destroy(consent=id, by=person(*STEWARD))


def test_it_waits_for_an_open_inspection(town: Community, tmp_path: Path) -> None:
    load(tmp_path, rows(STUDENTS))
    asked = inspections.ask_to_inspect(
        student="SENTINEL-001", who="Pat", relation="parent", identified="ID", received=TODAY, by=person("officer", "school")
    )  # fmt: skip
    id = withdrawn()
    with pytest.raises(Refused, match=HIDDEN_REASON) as hidden:
        orders.destroy(consent=id, by=person(*STEWARD))
    assert asked.code not in hidden.value.message
    with pytest.raises(Refused, match=asked.code):
        orders.destroy(consent=id, by=person("officer", "school"))
    inspections.answer(code=asked.code, how="withdrawn", on=TODAY, by=person("officer", "school"))
    assert orders.destroy(consent=id, by=person(*STEWARD)).destroyed["rows"]["person"] == 1


def test_each_order_takes_one_students_rows(town: Community, tmp_path: Path) -> None:
    load(tmp_path, rows(STUDENTS))
    officer = person("officer", "school")
    ids = [consent.withdraw(id=given.id, by=officer).id for given in consents()]
    orders.destroy(consent=ids[0], by=officer)
    assert [row["last_or_surname"] for row in held("person")] == ["Family-SENTINEL-002"]
    assert [each.id for each in selectors.removals(TODAY)] == ids[1:]


def test_the_step_leads_to_its_page(town: Community, tmp_path: Path) -> None:
    load(tmp_path, rows(STUDENTS))
    id = withdrawn()
    (step,) = selectors.open_steps(TODAY)
    address = reverse(step.href_name, args=step.href_args)
    page = client_of("steward@backbone.example").get(address).content.decode()
    assert "4 rows will be destroyed" in page
    assert "Rows of one student, by a consent that has ended" in page
    assert "SENTINEL" not in page
    stranger = client_of("officer@club.example")
    assert stranger.get(address).status_code == 404
    assert stranger.get(address.replace(id, "ZZZZZZZZ")).status_code == 404
