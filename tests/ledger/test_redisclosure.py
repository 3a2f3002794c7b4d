"""To whom an authority passed records on: recorded, asked for, answered, and the clock of 30 days."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from tests.gate import making
from tests.kept import kept
from tests.site.people import client_of
from throughway.core.refusals import Refused
from throughway.gate.actions import disclosures_of, enter, integrity_check
from throughway.ledger.actions import redisclosure
from throughway.ledger.actions.verification import verify
from throughway.ledger.models import FurtherEvent, LedgerEntry
from throughway.partners import OPERATOR
from throughway.site.home.page import HomeContext
from throughway.site.home.waiting import further_disclosures
from throughway.store.record_numbers import unpack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]

AUDIT = {
    "basis": "audit_evaluation",
    "basis_details": {
        "representative": "Hub",
        "program": "Title I",
        "program_owner": "North",
        "activity": "Counts absences",
    },
}
HEAD = "discloser,party,interest,basis,on,student,group"
STUDY = "north,State College,studies attendance,study,2026-09-02"
Write = Callable[..., Path]


def problems() -> list[str]:
    """What `check` finds, besides the role of these tests, which is a superuser of PostgreSQL."""
    return [
        problem
        for problem in integrity_check.check()
        if "is a superuser of the database server" not in problem
    ]


@pytest.fixture
@kept
def audited() -> None:
    """Hub receives north's attendance to evaluate it: students 11 and 12, not 13, who is read only by harbor."""
    making.register()
    plain = making.sharing()
    audit = making.purpose(
        "audit", "evaluation", "identified", **{"from": ["north"]}, recipients=["hub"], **AUDIT
    )
    schedule = [*plain["schedule"], making.line("attendance_day.*", "audit", **{"from": ["north"]})]
    making.in_effect(making.sharing(purposes=[*plain["purposes"], audit], schedule=schedule))
    making.people()
    access = enter(actor=making.reader("evaluator@hub.example"), purpose="audit")
    for student in (11, 12):
        access.query(f"SELECT person_id, attendance_status FROM attendance_day WHERE person_id = {student}")
    other = enter(actor=making.reader("evaluator@harbor.example"), purpose="planning")
    other.query("SELECT person_id FROM attendance_day WHERE person_id = 13")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(*lines: str, head: str = HEAD) -> Path:
        path = tmp_path / "further.csv"
        path.write_text("\n".join([head, *lines]), encoding="utf-8")
        return path

    return written


def hub():
    return making.reader("officer@hub.example")


def north():
    return making.reader("officer@north.example")


def passed_on() -> list[LedgerEntry]:
    return list(LedgerEntry.objects.filter(outcome="passed_on").order_by("at", "id"))


def seen(key: str, partner: str = "north", **more: object) -> list[dict[str, object]]:
    return disclosures_of(
        partner=partner, record_key=key, by=making.reader(f"officer@{partner}.example"), **more
    )


# --- what is recorded ---


def test_redisclosure_is_recorded_with_party_and_interest(audited: None, write: Write) -> None:
    done = redisclosure.add(
        path=write(f"{STUDY},11,", f"{STUDY},12,", f"{STUDY.replace('College', 'Fund')},12,"), by=hub()
    )
    assert (done.new, done.unchanged) == (2, 0)
    first, second = passed_on()
    assert (first.recipients, first.interest, first.basis) == (
        ["State College"],
        "studies attendance",
        "study",
    )
    assert (first.disclosers, first.actor_partner, str(first.on_day)) == (["north"], "hub", "2026-09-02")
    assert [unpack(bytes(entry.students)).tolist() for entry in (first, second)] == [[11, 12], [12]]
    assert verify().ok


def test_the_same_file_once_more_changes_nothing(audited: None, write: Write) -> None:
    path = write(f"{STUDY},11,", f"{STUDY},,Grade 5")
    assert redisclosure.add(path=path, by=hub()).new == 2
    again = redisclosure.add(path=path, by=hub())
    assert (again.new, again.unchanged, len(passed_on())) == (0, 2, 2)


def test_group_redisclosure_covers_all_received_students(audited: None, write: Write) -> None:
    redisclosure.add(path=write(f"{STUDY},,Grade 5 of Oak School"), by=hub())
    [entry] = passed_on()
    assert entry.reasons[0]["sentence"] == "Kept by group: Grade 5 of Oak School."
    assert unpack(bytes(entry.students)).tolist() == [11, 12]  # never 13, about whom hub received nothing


def test_the_student_page_tells_what_was_passed_on(audited: None, write: Write) -> None:
    redisclosure.add(path=write(f"{STUDY},11,"), by=hub())
    assert "passed_on" in {entry["outcome"] for entry in seen("n-11")}
    assert "passed_on" not in {entry["outcome"] for entry in seen("n-12")}
    client = client_of("officer@north.example")
    page = client.get("/ledger/student/11/").content.decode()
    assert "Passed on to State College: studies attendance" in page
    assert "read once" in page  # what an authority passed on is no reading of ours
    assert (
        "passed records on to State College" in client.get(f"/ledger/{passed_on()[0].id}/").content.decode()
    )


WRONG = {
    "names an unknown legal basis": "north,College,studies,curiosity,2026-09-02,11,",
    "has a day in the future": f"north,College,studies,study,{date.today() + timedelta(days=9)},11,",
    "lacks the day": "north,College,studies,study,,11,",
    "either a student or a group": "north,College,studies,study,2026-09-02,11,Grade 5",
    "by the id that queries show": "north,College,studies,study,2026-09-02,n-11,",
    "gave hub no records to audit": "harbor,College,studies,study,2026-09-02,21,",
    "no record of north about that student was released to you": "north,College,studies,study,2026-09-02,13,",
    "more than 300 characters": f"north,{'x' * 301},studies,study,2026-09-02,11,",
    "has no name or class": "north,,studies,study,2026-09-02,11,",
}


@pytest.mark.parametrize("sentence", WRONG)
def test_a_wrong_line_is_named_and_nothing_is_written(audited: None, write: Write, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        redisclosure.add(path=write(f"{STUDY},11,", WRONG[sentence]), by=hub())
    assert refused.value.message.startswith("Line 3 ")
    assert "n-11" not in refused.value.message
    assert passed_on() == []


def test_only_those_who_keep_an_authoritys_records_write_it(audited: None, write: Write) -> None:
    path = write(f"{STUDY},11,")
    for who in (making.reader("evaluator@hub.example"), OPERATOR):
        with pytest.raises(Refused, match="Only those who keep a record"):
            redisclosure.add(path=path, by=who)
    with pytest.raises(Refused, match="gave harbor no records to audit"):
        redisclosure.add(path=path, by=making.reader("officer@harbor.example"))


# --- the request and its clock ---


def test_request_is_due_in_thirty_days_for_received_students(audited: None) -> None:
    asked = redisclosure.request(authority="hub", by=north())
    assert asked.due == asked.on + timedelta(days=30)
    entry = LedgerEntry.objects.get(id=asked.id)
    assert (entry.outcome, entry.disclosers, entry.recipients) == ("requested", ["north"], ["hub"])
    assert unpack(bytes(entry.students)).tolist() == [11, 12]
    assert asked.id in {each["id"] for each in seen("n-11")}
    assert asked.id not in {each["id"] for each in seen("n-13")}


def test_the_same_request_waits_once(audited: None) -> None:
    redisclosure.request(authority="hub", by=north())
    with pytest.raises(Refused, match="was already asked this on"):
        redisclosure.request(authority="hub", by=north())
    of_one = redisclosure.request(authority="hub", record_key="n-11", for_parent=True, by=north())
    assert of_one.for_parent
    assert LedgerEntry.objects.get(id=of_one.id).students_count == 1
    redisclosure.answer(id=of_one.id, by=hub())
    assert (
        redisclosure.request(authority="hub", record_key="n-11", for_parent=True, by=north()).id != of_one.id
    )


def test_who_received_nothing_is_not_asked(audited: None) -> None:
    with pytest.raises(Refused, match="received no records of north to audit"):
        redisclosure.request(authority="harbor", by=north())
    with pytest.raises(Refused, match="keeps no record of that student"):
        redisclosure.request(authority="hub", record_key="h-21", by=north())


def test_the_authority_answers_and_the_discloser_has_it(audited: None, write: Write) -> None:
    redisclosure.add(path=write(f"{STUDY},11,", f"{STUDY},,Grade 5"), by=hub())
    asked = redisclosure.request(authority="hub", record_key="n-12", for_parent=True, by=north())
    answered, count = redisclosure.answer(id=asked.id, by=hub())
    assert (answered.answered, count) == (
        date.today(),
        1,
    )  # that of the group, which may tell of this student
    assert redisclosure.answer(id=asked.id, by=hub())[1] == 1
    assert LedgerEntry.objects.filter(outcome="answered").count() == 1
    assert [e["outcome"] for e in seen("n-12")][-3:] == ["passed_on", "requested", "answered"]
    assert redisclosure.waiting() == []


def test_an_authority_that_passed_nothing_on_says_so(audited: None) -> None:
    asked = redisclosure.request(authority="hub", by=north())
    assert redisclosure.answer(id=asked.id, by=hub())[1] == 0
    assert (
        "no further disclosure of these" in LedgerEntry.objects.get(outcome="answered").reasons[0]["sentence"]
    )


def test_nobody_else_answers(audited: None) -> None:
    asked = redisclosure.request(authority="hub", by=north())
    for id, who in (
        (asked.id, north()),
        (asked.id, making.reader("officer@harbor.example")),
        ("none", hub()),
    ):
        with pytest.raises(Refused, match="No request of that id"):
            redisclosure.answer(id=id, by=who)


def late(by_days: int) -> redisclosure.Request:
    """A request of which the day passed so long ago."""
    due = date.today() - timedelta(days=by_days)
    asked = redisclosure.request(authority="hub", by=north())
    made = FurtherEvent.objects.get(entry=asked.id)
    FurtherEvent.objects.create(
        kind="requested", entry=str(uuid4()), authority="hub", discloser="north", on_day=due - timedelta(days=30), due=due,
        at=made.at, by=made.by, for_parent=True,
    )  # fmt: skip
    return asked


@pytest.mark.parametrize(("days", "overdue"), [(-1, 0), (0, 0), (1, 1)])
def test_check_names_what_is_overdue_and_is_still_well(audited: None, days: int, overdue: int) -> None:
    late(days)
    assert problems() == []
    assert len(integrity_check.due()) == overdue
    assert all("hub owes north" in said and "for a parent" in said for said in integrity_check.due())


def test_both_sides_see_it_wait_with_its_day(audited: None) -> None:
    late(3)
    for email, sentence in (("officer@north.example", "was asked to whom it passed your records on"),
                            ("officer@hub.example", "asked you to whom you passed its records on")):  # fmt: skip
        client = client_of(email)
        page = client.get("/ledger/").content.decode()
        assert sentence in page
        assert "overdue" in page
        waits = list(further_disclosures(HomeContext(making.reader(email), date.today())))
        assert [wait.words for wait in waits] == ["overdue", "waits"]
        assert all("due on" in wait.why for wait in waits)


def test_the_list_tells_each_partner_what_concerns_it(audited: None, write: Write) -> None:
    redisclosure.add(path=write(f"{STUDY},11,"), by=hub())
    asked = redisclosure.request(authority="hub", by=north())
    for who in (hub(), north(), OPERATOR):
        found = redisclosure.listed(by=who)
        assert found["authorities"] == [
            {"authority": "hub", "discloser": "north", "agreements": ["sharing-2026"]}
        ]
        assert [each["party"] for each in found["further"]] == ["State College"]
        assert [(each["id"], each["overdue"], each["students"]) for each in found["requests"]] == [
            (asked.id, False, 2)
        ]
    others = redisclosure.listed(by=making.reader("officer@harbor.example"))
    assert others == {"authorities": [], "further": [], "requests": []}


def test_agreement_never_in_effect_makes_no_authority(audited: None) -> None:
    audit = making.purpose(
        "talks", "evaluation", "identified", **{"from": ["harbor"]}, recipients=["hub"], **AUDIT
    )
    making.agreements.add(text=json.dumps(making.sharing(id="talks", purposes=[audit])), by=OPERATOR)
    making.agreements.terminate(id="talks", by=north())
    pairs = {
        (each["authority"], each["discloser"]) for each in redisclosure.listed(by=OPERATOR)["authorities"]
    }
    assert pairs == {("hub", "north")}


def test_no_step_is_ever_changed(audited: None) -> None:
    redisclosure.request(authority="hub", by=north())
    for attempt in (
        FurtherEvent.objects.all().delete,
        lambda: FurtherEvent.objects.update(due=date(2030, 1, 1)),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()


# --- asking who saw a record ---


def test_a_look_is_written_and_told_only_where_it_is_asked_for(audited: None) -> None:
    seen("n-11")
    [look] = LedgerEntry.objects.filter(outcome="looked")
    assert (look.actor_email, look.disclosers, unpack(bytes(look.students)).tolist()) == (
        "officer@north.example", ["north"], [11],
    )  # fmt: skip
    assert "99.32(c)" in look.exempt
    assert {entry["outcome"] for entry in seen("n-11")} == {"released"}
    assert next(e["id"] for e in seen("n-11", looks=True) if e["outcome"] == "looked") == look.id
    client = client_of("officer@north.example")
    assert look.id not in client.get("/ledger/").content.decode()
    assert look.id in client.get("/ledger/?outcome=looked").content.decode()
    assert look.id not in client.get("/ledger/student/11/").content.decode()
    assert look.id in client.get("/ledger/student/11/?looks=1").content.decode()


def test_the_steward_who_looks_is_seen_by_whose_record_it_is(audited: None) -> None:
    disclosures_of(person=11, by=hub())
    look = LedgerEntry.objects.get(outcome="looked")
    client = client_of("officer@north.example")
    assert "Hub asked who saw a record" in client.get(f"/ledger/{look.id}/").content.decode()


# --- what entries are found by ---


def test_check_says_when_an_entry_can_no_longer_be_found(audited: None) -> None:
    from tests.ledger.test_ledger import forge

    assert problems() == []
    victim = LedgerEntry.objects.filter(outcome="released").first().id
    forge("UPDATE gate_ledgersieve SET w3 = 0, low = 99 WHERE entry = %s", victim)
    assert [victim in problem for problem in problems()] == [True]
    forge("DELETE FROM gate_ledgersieve WHERE entry = %s", victim)
    assert [victim in problem for problem in problems()] == [True]
