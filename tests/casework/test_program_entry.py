"""A student whom a program accepted becomes its own record: on its roster, linked, ended with the referral, and never twice."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from tests.casework.referring import TUTOR, M, moved, sent, stands
from tests.casework.town import TODAY, page, signed_in
from tests.casework.tutoring import GROUP, tutoring
from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.casework.models import ProgramEntry, Referral, SessionMark, WalkInName
from throughway.casework.program_entry import actions
from throughway.casework.program_entry.entered_student import EnteredStudent, split_name
from throughway.casework.program_entry.selectors import OwnStudent
from throughway.casework.referrals.selectors import details_in
from throughway.casework.student_summary import identify_student
from throughway.casework.typed_entries.actions import new_entry_id
from throughway.core.person_names import comparable_name
from throughway.core.refusals import Refused
from throughway.destruction.actions.orders import destroy
from throughway.gate.actions import enter, links_in_force
from throughway.identity.actions.linking import link
from throughway.identity.actions.person_history import undo
from throughway.identity.models import ConfirmedLink, IdentityEvent
from throughway.identity.selectors import rulings
from throughway.intake.actions import load
from throughway.intake.models import IntakeBatch
from throughway.partners import OPERATOR

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
ADA = EnteredStudent("Ada", "One", date(making.BORN, 3, 4), "555-0142", "spa")
ROSTER = f"/sessions/of/{GROUP}/"
STAYS = (
    "SELECT program_participation_start_date, program_participation_exit_date, program_participation_status"
    " FROM program_participation WHERE person_id <> 31"
)


def accepted(support: int) -> str:
    id = sent(support)
    moved(id, M.ACCEPT)
    return id


def enter_ada(id: str, *, said: EnteredStudent | None = ADA, since: date = TODAY, by: str = TUTOR, **more: Any) -> ProgramEntry:  # fmt: skip
    return actions.enter_referred(
        referral=id, purpose="take-referrals", since=since, said=said, by=making.reader(by), **more
    )


def on_roster() -> list[str]:
    return re.findall(r"<legend>([^<]+?) ?<", page(signed_in(TUTOR), ROSTER)[1])


def asked(sql: str) -> list[tuple[object, ...]]:
    return enter(actor=making.reader(TUTOR), purpose="tutor-groups").query(sql).rows


def refused(code: str, act: Any) -> str:
    before = (ProgramEntry.objects.count(), IntakeBatch.objects.count())
    with pytest.raises(Refused) as raised:
        act()
    assert raised.value.code == code, raised.value.message
    assert (ProgramEntry.objects.count(), IntakeBatch.objects.count()) == before
    assert "Ada" not in raised.value.message
    return raised.value.message


def test_an_accepted_student_is_the_program_s_own_record_and_on_its_roster(tutors: int) -> None:
    id, client = sent(tutors), signed_in(TUTOR)
    its, address = f"/students/referrals/{id}/", f"/students/referrals/{id}/enter/"
    assert client.get(address)["Location"] == its  # not accepted yet
    answer = client.post(its, {"kind": "accept", "based_on": "3"}, follow=True)
    assert answer.redirect_chain == [(its, 302)]
    assert f'href="{address}"' in answer.content.decode()
    assert on_roster() == ["Gus Five"]
    text = page(client, address)[1]
    for value in ('value="Ada"', 'value="One"', 'value="555-0142"', 'value="spa" selected'):
        assert value in text
    form = {
        "first_name": "Ada",
        "last_or_surname": "One",
        "telephone": "555-0142",
        "language": "spa",
        "since": str(TODAY),
    }
    assert client.post(address, form).status_code == 302
    assert client.post(address, form).status_code == 302  # sent twice, it is one
    assert on_roster() == ["Ada One", "Gus Five"]
    assert "In your records since" in page(client, f"/students/referrals/{id}/")[1]
    entry = ProgramEntry.objects.get()
    assert (entry.partner, entry.program, entry.since, entry.until) == ("tutors", GROUP, TODAY, None)
    assert asked("SELECT first_name, last_or_surname FROM person WHERE person_id <> 31") == [("Ada", "One")]
    assert asked("SELECT telephone_number FROM person_contact") == [("555-0142",)]
    assert asked("SELECT iso_639_2_language_code FROM person_language") == [("spa",)]
    [stay] = asked(STAYS)
    assert (str(stay[0])[:10], *stay[1:]) == (str(TODAY), None, "Active")
    batch = IntakeBatch.objects.get()
    assert (batch.partner, batch.by, [id for id, _ in batch.agreements]) == (
        "tutors",
        TUTOR,
        ["tutors-groups"],
    )
    # The name and the telephone rest sealed.
    folder = settings.COMMUNITY.root
    for file in (each for each in folder.rglob("*") if each.is_file()):
        assert b"555-0142" not in file.read_bytes(), file


def test_the_record_is_linked_to_the_referred_one_and_that_can_be_undone(tutors: int) -> None:
    id = accepted(tutors)
    record = enter_ada(id).record
    links = links_in_force()
    assert links.persons_of(_numbers(record)) == links.persons_of(
        _numbers(21)
    )  # harbor's record, from which it was sent
    confirmed = ConfirmedLink.objects.get()
    assert {confirmed.one, confirmed.other} == {21, record}
    assert [set(each) for each in rulings()[0]] == [{21, record}]
    event = IdentityEvent.objects.get()
    assert (event.kind, event.reason, event.by) == ("merged", "referral", TUTOR)
    undo(event=event.pk, by=OPERATOR)
    links = links_in_force()
    assert links.persons_of(_numbers(record)) != links.persons_of(_numbers(21))
    assert rulings()[0] == []
    assert on_roster() == ["Ada One", "Gus Five"]  # each program keeps its own roster


def _numbers(record: int) -> Any:
    return np.array([record], dtype=np.int64)


def test_linkage_sees_names_alike_or_not_and_keeps_the_link(tutors: int) -> None:
    id = accepted(tutors)
    record = enter_ada(id, said=EnteredStudent("Quentin", "Other")).record
    link(full=True, by=OPERATOR)
    links = links_in_force()
    assert links.persons_of(_numbers(record)) == links.persons_of(_numbers(21))


def test_an_incremental_run_keeps_the_link_and_splits_nobody(tutors: int) -> None:
    link(full=True, by=OPERATOR)
    before = links_in_force().persons_of(_numbers(21))
    record = enter_ada(accepted(tutors), said=EnteredStudent("Quentin", "Other")).record
    ran = link(by=OPERATOR)
    assert ran.why_full == ""
    links = links_in_force()
    assert links.persons_of(_numbers(record)) == links.persons_of(_numbers(21)) == before
    assert {event.kind for event in IdentityEvent.objects.all()} <= {"merged"}


def test_a_referral_withdrawn_while_the_form_was_sent_stores_nothing(
    tutors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender withdraws between the decision and the transaction that stores the record."""
    id = accepted(tutors)
    lands = actions.enter_rows

    def withdrawn(**given: Any) -> str:
        Referral.objects.filter(pk=id).update(state="withdrawn", is_open=False, due=None)
        return lands(**given)

    monkeypatch.setattr(actions, "enter_rows", withdrawn)
    refused("not_accepted", lambda: enter_ada(id))
    assert on_roster() == ["Gus Five"]
    assert not ConfirmedLink.objects.exists()


def test_without_a_linkage_purpose_nothing_is_linked(tmp_path: Path) -> None:
    id = accepted(tutoring(tmp_path, linked=False))
    record = enter_ada(id).record
    assert links_in_force().persons_of(_numbers(record)) == record
    assert on_roster() == ["Ada One", "Gus Five"]


def test_with_the_end_of_the_referral_the_stay_ends(tutors: int) -> None:
    id = accepted(tutors)
    entry = enter_ada(id, since=TODAY)
    moved(id, M.START, on=TODAY)
    moved(id, M.END, reason="goal_met", on=TODAY)
    assert stands(id).state == "ended"
    entry.refresh_from_db()
    assert entry.until == TODAY
    [stay] = asked(STAYS)
    assert (str(stay[1])[:10], stay[2]) == (str(TODAY), "Exited")
    assert IntakeBatch.objects.count() == 2


def test_the_family_s_no_ends_it_and_the_sender_s_withdrawal_does_not(tutors: int) -> None:
    support = tutors
    id = accepted(support)
    entry = enter_ada(id)
    moved(id, M.WITHDRAW, by="worker@harbor.example")
    entry.refresh_from_db()
    assert entry.until is None  # the program's own record: the program says when the student left
    for by in ("worker@harbor.example", "officer@tutors.example"):
        with pytest.raises(Refused):
            actions.end_stay(entry=entry.pk, until=TODAY, purpose="tutor-groups", by=making.reader(by))
    actions.end_stay(entry=entry.pk, until=TODAY, purpose="tutor-groups", by=making.reader(TUTOR))
    entry.refresh_from_db()
    assert entry.until == TODAY
    again = accepted(support)
    other = enter_ada(again)
    moved(again, M.FAMILY_NO)
    other.refresh_from_db()
    assert other.until == TODAY


def test_only_the_receiver_of_an_accepted_referral_enters_the_student(tutors: int) -> None:
    support = tutors
    id = sent(support)
    refused("not_accepted", lambda: enter_ada(id))
    moved(id, M.ACCEPT)
    for by, purpose in (("worker@harbor.example", "casework"), ("evaluator@hub.example", "take-referrals")):
        with pytest.raises(Refused):
            actions.enter_referred(referral=id, purpose=purpose, since=TODAY, said=ADA, by=making.reader(by))
    assert page(signed_in("worker@harbor.example"), f"/students/referrals/{id}/enter/")[0] == 404
    refused("unknown_referral", lambda: enter_ada(new_entry_id()))
    for since in (TODAY + timedelta(days=1), TODAY - timedelta(days=1)):
        refused("usage", lambda since=since: enter_ada(id, since=since))
    refused("usage", lambda: enter_ada(id, said=EnteredStudent("", "One")))
    refused("known_number", lambda: enter_ada(id, said=EnteredStudent("Ada", "One", own_number="t-31")))
    assert on_roster() == ["Gus Five"]
    assert not ConfirmedLink.objects.exists()


def test_what_no_agreement_needs_is_not_stored(tmp_path: Path) -> None:
    id = accepted(
        tutoring(tmp_path, shown=("person.first_name", "person.last_or_surname", "program_participation.*"))
    )
    refused("not_covered", lambda: enter_ada(id))
    enter_ada(id, said=EnteredStudent("Ada", "One"))
    assert on_roster() == ["Ada One", "Gus Five"]


FEED = """
throughway: crosswalk/1
source: {format: csv}
tables:
  person:
    key: [Number]
    columns:
      first_name: {from: First}
      last_or_surname: {from: Last}
  program_participation:
    key: [Number]
    person: [Number]
    columns:
      program_identifier: {value: tutors/reading}
      program_participation_start_date: {from: Since}
      program_participation_status: {value: Active}
"""


def feed(folder: Path, number: str) -> None:
    """The program's next file has the student under this number."""
    (folder / "crosswalk.yaml").write_text(FEED)
    (folder / "feed.csv").write_text(
        f"Number,First,Last,Since\n{number},Ada,One,{TODAY - timedelta(days=1)}\n"
    )
    load(
        path=folder / "feed.csv",
        partner="tutors",
        format="csv",
        crosswalk=folder / "crosswalk.yaml",
        by=OPERATOR,
    )


def test_the_next_file_continues_a_record_with_its_own_number(tutors: int, tmp_path: Path) -> None:
    id = accepted(tutors)
    entry = enter_ada(id, said=EnteredStudent("Ada", "One", own_number="t-77"))
    feed(tmp_path, "t-77")
    assert on_roster() == ["Ada One", "Gus Five"]
    moved(id, M.START, on=TODAY)
    moved(id, M.END, reason="goal_met", on=TODAY)
    entry.refresh_from_db()
    assert entry.until == TODAY


@pytest.mark.parametrize("linked", [True, False])
def test_the_next_file_s_own_number_is_recognized_by_a_person(tmp_path: Path, linked: bool) -> None:
    id = accepted(tutoring(tmp_path, linked=linked))
    entry = enter_ada(id)
    ProgramEntry.objects.update(since=TODAY - timedelta(days=1), received=None)  # entered yesterday
    client = signed_in(TUTOR)
    feed(tmp_path, "t-77")
    text = page(client, ROSTER)[1]
    assert on_roster().count("Ada One") == 2
    assert "If it is one student, say so." in text
    text = page(client, f"/sessions/entered/?same={entry.pk}")[1]
    person = re.search(r'name="person" value="(\d+)"', text)
    assert person is not None
    answer = client.post("/sessions/entered/", {"entry": str(entry.pk), "person": person[1]})
    assert answer.status_code == 302
    assert on_roster() == ["Ada One", "Gus Five"]
    assert ConfirmedLink.objects.count() == 2
    assert "one name" not in page(client, ROSTER)[1]


def test_a_student_whom_the_program_lists_already_is_not_entered_twice(tutors: int) -> None:
    id = accepted(tutors)
    entry = enter_ada(id, said=None, listed=OwnStudent(31, "tutor-groups"))
    assert (entry.record, entry.is_new) == (31, False)
    assert on_roster() == ["Gus Five"]
    with pytest.raises(Refused):
        actions.same_student(entry=entry.pk, listed=OwnStudent(11, "tutor-groups"), by=making.reader(TUTOR))


def test_a_name_from_the_door_that_no_record_fits_becomes_a_student(tutors: int) -> None:
    client = signed_in(TUTOR)
    client.post(f"{ROSTER}walk-in/", {"entry": new_entry_id(), "on": str(TODAY), "name": "Zoe Nova"})
    address = f"/sessions/walk-ins/{WalkInName.objects.get().entry_id}/"
    assert "A new student: enter in our records" in page(client, address)[1]
    text = page(client, f"{address}enter/")[1]
    assert 'value="Zoe"' in text
    assert (
        client.post(f"{address}enter/", {"first_name": "Zoe", "last_or_surname": "Nova"}).status_code == 302
    )
    assert not WalkInName.objects.exists()
    mark = SessionMark.objects.get()
    assert (mark.record, mark.mark, mark.on) == (ProgramEntry.objects.get().record, "present", TODAY)
    assert on_roster() == ["Gus Five", "Zoe Nova"]
    assert page(client, f"{address}enter/")[0] == 404
    assert "Zoe Nova" in page(client, "/sessions/entered/")[1]


def test_the_record_goes_with_the_agreement_and_is_seen_in_an_inspection(tutors: int) -> None:
    id = accepted(tutors)
    record = enter_ada(id).record
    officer = making.reader("officer@tutors.example")
    seen = enter(actor=officer, purpose="own_records").query(
        "SELECT first_name FROM person WHERE first_name = 'Ada'"
    )
    assert seen.rows == [("Ada",)]
    agreements.terminate(id="tutors-groups", reason="It is over", by=officer)
    made = destroy(agreement="tutors-groups", by=officer)
    assert not ProgramEntry.objects.exists()
    assert not ConfirmedLink.objects.exists()
    assert made.body["destroyed"]["registers"]["lines about students entered on the site"] == 1
    assert record not in {int(n) for e in IdentityEvent.objects.all() for of in e.after.values() for n in of}


@pytest.mark.parametrize(
    ("name", "first", "family"),
    [
        ("Miguel Olmos Vega", "Miguel", "Olmos Vega"),
        ("Ana María López", "Ana María", "López"),
        ("María Fernanda Ruiz Soto", "María Fernanda", "Ruiz Soto"),
        ("María de la Cruz", "María", "de la Cruz"),
        ("Bosque González, Nando", "Nando", "Bosque González"),
        ("Mary Ann Smith", "Mary Ann", "Smith"),
        ("John Q. Public", "John Q.", "Public"),
        ("Jo Smith Jr", "Jo", "Smith Jr"),
        ("Zoe Nova", "Zoe", "Nova"),
        ("Zoe", "Zoe", ""),
    ],
)
def test_a_name_in_one_line_is_suggested_as_first_and_family_name(name: str, first: str, family: str) -> None:
    assert split_name(name) == {"first_name": first, "last_or_surname": family}


WORDS = st.lists(st.text("abcxyzÑñé'-", min_size=1, max_size=6), min_size=1, max_size=3).map(" ".join)


@given(first=WORDS, family=WORDS)
def test_a_referral_says_where_the_family_name_begins_as_the_record_has_it(first: str, family: str) -> None:
    """Xiomara Yadira | López, which no list of given names knows, as well as Miguel | Olmos Vega."""
    told = details_in({"person": [{"first_name": first, "last_or_surname": family}]})["student_name"]
    assert " ".join(told.split()) == f"{first} {family}"
    assert split_name(told) == {"first_name": first, "last_or_surname": family}


def test_a_referral_names_the_student_as_the_page_does() -> None:
    row = {"first_name": "Guadalupe", "preferred_first_name": "Lupe", "last_or_surname": "Prado", "preferred_last_or_surname": "Prado Estrada"}  # fmt: skip
    told = details_in({"person": [row]})["student_name"]
    assert split_name(told) == {"first_name": "Lupe", "last_or_surname": "Prado Estrada"}
    assert comparable_name(told) == comparable_name(identify_student({"person": [row]}, {}, {}, TODAY).name)


def test_a_name_that_somebody_changed_is_a_suggestion_again() -> None:
    told = details_in({"person": [{"first_name": "Miguel", "last_or_surname": "Olmos Vega"}]})["student_name"]
    assert split_name(f"{told} Ruiz")["first_name"] == "Miguel"
