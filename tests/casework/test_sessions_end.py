"""How attendance and walk-ins end, who may pick up, and how long a shared telephone stays signed in."""

import json
import re
import time
from datetime import date, timedelta

import pytest
from django.test import Client

from tests.casework.group import PERSON, TODAY, WORKER
from tests.casework.test_contact_notes_end import OFFICER, officer
from tests.casework.test_sessions import ADDRESS, A, L, P, note_walk_in, save
from tests.casework.town import page, signed_in
from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.casework.models import SessionMark, TextKey, WalkInName
from throughway.casework.sessions import actions
from throughway.destruction.actions import hand_over
from throughway.destruction.actions.orders import destroy
from throughway.families.actions import limits
from throughway.gate.actions import disclosures_of
from throughway.gate.actions.limited_adults import INTEREST

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
NONE_LEFT = "person_relationship_to_learner_contact_restrictions_description"


def marked() -> None:
    save({PERSON: (P, 0), 22: (L, 0)})
    save({22: (A, 1)})
    note_walk_in(signed_in(), "Gus Five")
    note_walk_in(signed_in(), "Zachary Unknown")
    actions.match_walk_in(
        entry=WalkInName.objects.earliest("id").entry_id,
        person=25,
        purpose="groups",
        by=making.reader(WORKER),
    )


def test_with_the_agreement_all_of_it_goes_and_is_returned_to_the_program(groups: None) -> None:
    marked()
    agreements.terminate(id="sharing-2026", reason="It is over", by=making.reader("officer@harbor.example"))
    made = destroy(agreement="sharing-2026", by=officer())
    assert not SessionMark.objects.exists()
    assert not WalkInName.objects.exists()
    assert not TextKey.objects.exists()
    counted = made.body["destroyed"]["registers"]
    assert counted["versions of marks of attendance"] == 4
    assert counted["versions of names of walk-ins"] == 1
    given = json.loads(hand_over.collect(id=made.id, by=officer()))["typed"]
    marks = [
        (r["student"], r["version"], r["session_mark"], r["walk_in_name"])
        for r in given["session_attendance"]
    ]
    assert sorted(marks, key=lambda mark: mark[:2]) == [
        ("h-21", 1, "present", None), ("h-22", 1, "late", None), ("h-22", 2, "absent", None), ("h-25", 1, "present", "Gus Five"),
    ]  # fmt: skip
    assert [(r["student"], r["walk_in_name"]) for r in given["walk_in"]] == [("", "Zachary Unknown")]


def test_one_student_s_marks_go_with_the_record_and_no_other(groups: None) -> None:
    marked()
    destroy(person=PERSON, why="Asked", asked_by="A parent", by=officer())
    assert sorted(set(SessionMark.objects.values_list("record", flat=True))) == [22, 25]
    assert WalkInName.objects.count() == 1


def test_who_saw_a_student_names_the_marks_of_this_one(groups: None) -> None:
    marked()
    outcomes = [e["outcome"] for e in disclosures_of(person=PERSON, by=making.reader(OFFICER))]
    assert outcomes.count("written") == 1


def guardians(*rows: dict[str, object]) -> None:
    made = [
        {"person_record": 22, "record": 500 + n, "first_name": "Pat", "last_or_surname": "Two", "person_relationship_type": "Mother",
         "custodial_parent_or_guardian_indicator": "Yes", "telephone_number": "555 0100", **row}
        for n, row in enumerate(rows)
    ]  # fmt: skip
    making.land("guardian", "harbor", made, "sharing-2026")


def test_sign_out_names_custodial_adults_and_asks_the_office_otherwise(groups: None) -> None:
    save({PERSON: (A, 0), 22: (P, 0)})
    guardians({}, {"person_record": 21, NONE_LEFT: "Order 12"}, {"first_name": "Neighbor", "custodial_parent_or_guardian_indicator": "No"})  # fmt: skip
    text = page(signed_in(), f"{ADDRESS}sign-out/")[1]
    ada, dot = text.split("Dot Two")
    assert "ask the office" in ada
    assert "not here today" in ada
    assert "Order 12" not in text
    assert "Pat Two, mother" in dot
    assert "555 0100" in dot
    assert "Neighbor" not in text
    assert "ask the office" not in dot.split("<footer")[0].split("Nobody is named")[0]


def test_a_recorded_limit_on_an_adult_names_nobody(groups: None) -> None:
    guardians({})
    assert "Pat Two" in page(signed_in(), f"{ADDRESS}sign-out/")[1]
    limits.limit(
        student="h-22", who="Pat Two", kind="contact", reference="Order 12", since=TODAY - timedelta(days=1), by=officer()
    )  # fmt: skip
    text = page(signed_in(), f"{ADDRESS}sign-out/")[1]
    assert "Pat Two" not in text
    assert "Order 12" not in text


def test_whom_a_student_may_not_go_to_is_looked_up_and_the_ledger_records_it(groups: None) -> None:
    """Offered for every student for whom nobody is named, so that the page itself tells of no order."""
    guardians(
        {},
        {"person_record": 21, "first_name": "Guillermo", "last_or_surname": "Bosque", NONE_LEFT: "Order 12"},
    )
    limits.limit(
        student="h-22", who="Quincy Two", kind="contact", reference="Order 12", since=TODAY - timedelta(days=1), by=officer()
    )  # fmt: skip
    where, client = f"{ADDRESS}sign-out/", signed_in()
    text = page(client, where)[1]
    assert text.count("Look up more") == text.count("Ask the office before") >= 2
    assert not re.search("order|court|Bosque|Quincy", text[text.index("<main") :].split("<footer")[0], re.I)
    for student, name, other in ((PERSON, "Guillermo Bosque", "Quincy"), (22, "Quincy Two", "Bosque")):
        before = looks(student)
        text = client.post(where, {"student": student}).content.decode()
        assert f"Not to:</strong> {name}" in text
        assert other not in text
        assert looks(student) == before + 1
    assert "Quincy" not in client.post(where, {"student": 25}).content.decode()


def looks(student: int) -> int:
    found = disclosures_of(person=student, looks=True, by=making.reader(OFFICER))
    return sum(e["interest"] == INTEREST for e in found)


def began(client: Client, hours: float) -> None:
    session = client.session
    session["began"] = session["seen"] = time.time() - hours * 3600
    session["seen"] = time.time()
    session.save()


def test_a_shared_telephone_is_signed_out_after_four_hours(groups: None) -> None:
    client = signed_in()
    client.get("/")
    began(client, 5)
    assert client.get("/students/").status_code == 200  # other pages: twelve hours
    answer = client.get(ADDRESS)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/")
    client = signed_in()
    assert client.get(ADDRESS).status_code == 200
    began(client, 3.9)
    assert client.get("/students/").status_code == 200
    began(client, 4.1)
    assert client.get("/students/").status_code == 302


def test_marks_that_are_sent_after_that_are_not_saved(groups: None) -> None:
    client = signed_in()
    client.get(ADDRESS)
    began(client, 4.1)
    sent = {"on": str(date.today()), "mark-22": "late", "based-22": "0"}
    assert client.post(ADDRESS, sent, headers={"accept": "application/json"}).status_code == 302
    assert not SessionMark.objects.exists()
