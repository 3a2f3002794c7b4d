"""Attendance of a program's group: one roster in one act, corrected in versions, by two at once, and walk-ins until they are matched."""

import json
import re
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from tests.casework.group import CHESS, CIRCLE, COLLEAGUE, PERSON, TODAY, WORKER, settle_groups
from tests.casework.town import MOST, asked_again, page, questions, signed_in
from tests.gate import making
from throughway.agreements.enums import AuthorCapacity
from throughway.casework.models import ProgramEntry, SessionMark, WalkInName
from throughway.casework.sessions import actions
from throughway.casework.sessions.mark import NAMES, Mark, SavedRoster, SentMark
from throughway.casework.typed_entries.actions import key_of, new_entry_id
from throughway.core.refusals import Refused
from throughway.gate.actions import RowPlace, enter
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.partners import actions as partners
from throughway.store.record_numbers import unpack
from throughway.supports.actions import add_support, change_support
from throughway.supports.entry import WEEK, SupportStatement, WeeklySession

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
ADDRESS = f"/sessions/of/{CIRCLE}/"
P, L, A = Mark.PRESENT, Mark.LATE, Mark.ABSENT


def save(
    marks: dict[int, tuple[Mark, int]], by: str = WORKER, *, days_ago: int = 0, program: str = CIRCLE
) -> SavedRoster:
    return actions.save_roster(
        program=program, on=TODAY - timedelta(days=days_ago), purpose="groups", by=making.reader(by),
        sent={person: SentMark(mark, based) for person, (mark, based) in marks.items()},
    )  # fmt: skip


def rows(
    by: str = WORKER, purpose: str = "groups", order: str = "person_id, version"
) -> list[tuple[Any, ...]]:
    sql = f"SELECT session_mark, version, superseded, author FROM session_attendance ORDER BY {order}"
    return enter(actor=making.reader(by), purpose=purpose).query(sql).rows


def last() -> LedgerEntry:
    return LedgerEntry.objects.order_by("at").last()


def form(**marks: str) -> dict[str, str]:
    """`m22="late:0"`: the mark and the version before it."""
    sent = {"on": str(TODAY)}
    for name, value in marks.items():
        person, (mark, based) = name.removeprefix("m"), value.split(":")
        sent |= {f"mark-{person}": mark, f"based-{person}": based}
    return sent


def send(client: Client, **marks: str) -> tuple[int, dict[str, Any]]:
    answer = client.post(ADDRESS, form(**marks), headers={"accept": "application/json"})
    return answer.status_code, json.loads(answer.content)


def test_marks_ask_the_database_little(groups: None) -> None:
    client = signed_in()
    assert len(asked_again(client, ADDRESS)) <= MOST
    send(client, **{f"m{PERSON}": "present:0", "m22": "late:0"})  # which makes the keys of their texts
    asked = questions(lambda: send(client, **{f"m{PERSON}": "late:1", "m22": "present:1"}))
    assert 0 < len(asked) <= MOST, "\n".join(sql[:90] for sql in asked)
    assert SessionMark.objects.count() == 4


def test_a_group_is_opened_marked_and_saved_in_one_act(groups: None) -> None:
    client = signed_in()
    text = page(client, "/sessions/")[1]
    assert f'href="{ADDRESS}"' in text
    assert "From their own systems" in text  # the chess club
    status, text = page(client, ADDRESS)
    assert status == 200
    assert re.findall(r"<legend>([^<]+)</legend>", text) == ["Ada One", "Dot Two"]
    assert len(re.findall(r'value="present" checked', text)) == 2
    assert unpack(bytes(last().students)).tolist() == [21, 22]
    before = LedgerEntry.objects.count()
    status, told = send(client, **{f"m{PERSON}": "present:0", "m22": "late:0"})
    assert (status, told["saved"], told["differ"]) == (200, "Saved: 1 present and 1 late.", {})
    entry = last()
    assert (LedgerEntry.objects.count(), entry.outcome, entry.rows) == (before + 1, "written", 2)
    assert unpack(bytes(entry.students)).tolist() == [21, 22]
    assert set(SessionMark.objects.values_list("partner", "record", "agreement", "author_capacity", "disclosure")) == {
        ("harbor", record, "sharing-2026", "own_program", entry.id) for record in (21, 22)
    }  # fmt: skip
    # Sent again, as after a lost answer: nothing is written, nothing is recorded.
    assert (
        send(client, **{f"m{PERSON}": "present:0", "m22": "late:0"})[1]["saved"]
        == "Saved: 1 present and 1 late."
    )
    assert (SessionMark.objects.count(), LedgerEntry.objects.count()) == (2, before + 1)


def test_saving_again_corrects_and_keeps_the_earlier_version(groups: None) -> None:
    client = signed_in()
    send(client, **{f"m{PERSON}": "present:0", "m22": "present:0"})
    text = page(client, ADDRESS)[1]
    assert 'name="based-22" value="1"' in text
    assert "Save again to correct" in text
    # Without script: a redirect, and the sentence on the next page.
    answer = client.post(ADDRESS, form(**{f"m{PERSON}": "present:1", "m22": "absent:1"}), follow=True)
    assert "Saved: 1 present and 1 absent." in answer.content.decode()
    assert rows(order="person_id, version") == [
        ("present", 1, True, WORKER), ("absent", 2, False, WORKER), ("present", 1, False, WORKER),
    ]  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        SessionMark.objects.update(mark="absent")


def test_two_who_mark_one_session_lose_no_mark(groups: None) -> None:
    """Both open it unmarked. The one who saves second keeps what the first marked, is told, and decides."""
    assert save({PERSON: (A, 0), 22: (P, 0)}).marked == {A: 1, P: 1}
    client = signed_in(COLLEAGUE)
    status, told = send(client, **{f"m{PERSON}": "present:0", "m22": "present:0"})
    assert status == 409
    assert told["differ"] == {str(PERSON): {"said": f"Absent, by {WORKER}", "based_on": 1}}
    assert "Somebody marked 1 student differently" in told["saved"]
    assert {row.mark for row in SessionMark.objects.filter(record=21)} == {"absent"}
    # Without script the page says the same, next to the sender's own mark.
    answer = client.post(ADDRESS, form(**{f"m{PERSON}": "present:0", "m22": "present:0"}))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert f"Absent, by {WORKER}" in text
    assert f'name="based-{PERSON}" value="1"' in text
    assert re.search(rf'name="mark-{PERSON}" value="present" checked', text)
    assert send(client, **{f"m{PERSON}": "present:1", "m22": "present:0"})[0] == 200
    assert [(m.mark, m.version, m.author) for m in SessionMark.objects.filter(record=21).order_by("version")] == [
        ("absent", 1, WORKER), ("present", 2, COLLEAGUE),
    ]  # fmt: skip


def test_who_is_no_longer_served_is_left_out_and_counted(groups: None) -> None:
    saved = save({PERSON: (P, 0), 22: (P, 0), 23: (P, 0), 12: (P, 0)})
    assert saved.refused == 2
    assert "2 students left out" in saved.sentence
    assert sorted(SessionMark.objects.values_list("record", flat=True)) == [21, 22]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"on": str(TODAY - timedelta(days=2))}, "only today’s"),
        ({"on": str(TODAY + timedelta(days=1))}, "only today’s"),
        ({"on": str(TODAY - timedelta(days=367))}, "only today’s"),
        ({"on": "today"}, "cannot be read"),
        ({"mark-22": "sick"}, "cannot be read"),
        ({"based-22": ""}, "cannot be read"),
        ({"mark-22": None}, "cannot be read"),
    ],
)
def test_what_a_roster_does_not_say_is_not_saved(
    change: dict[str, str | None], words: str, groups: None
) -> None:
    sent = {name: value for name, value in (form(m22="present:0") | change).items() if value is not None}
    answer = signed_in().post(ADDRESS, sent, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert words in answer.json()["refused"]
    assert not SessionMark.objects.exists()
    without = signed_in().post(ADDRESS, sent)
    assert without.status_code == 422
    assert words in without.content.decode()


def test_a_roster_left_open_overnight_is_saved_for_its_own_day(groups: None) -> None:
    save({22: (L, 0)}, days_ago=1)
    assert SessionMark.objects.get().on == TODAY - timedelta(days=1)


def test_a_mark_of_an_earlier_day_is_corrected_and_none_is_added(groups: None) -> None:
    earlier = TODAY - timedelta(days=9)
    marked(21, earlier, A)
    marked(23, earlier, P)  # has left the program since
    client = signed_in(COLLEAGUE)
    text = page(client, ADDRESS)[1]
    assert f'href="{ADDRESS}on/{earlier}/"' in text
    address = f"{ADDRESS}on/{earlier}/"
    text = page(client, address)[1]
    assert re.findall(r"<legend>([^<]+)</legend>", text) == ["Ada One"]
    assert f"{WORKER}, " in text  # who marked, and when
    assert "is not on the list" not in text
    sent = {
        "on": str(earlier),
        f"mark-{PERSON}": "late",
        f"based-{PERSON}": "1",
        "mark-22": "present",
        "based-22": "0",
    }
    answer = client.post(address, sent, follow=True)
    assert "Saved: 1 late." in answer.content.decode()
    assert f"{COLLEAGUE}, " in answer.content.decode()
    assert "version 2" in answer.content.decode()
    found = SessionMark.objects.filter(on=earlier).order_by("record", "version")
    assert [(m.record, m.mark, m.version, m.author, m.hours) for m in found] == [
        (21, "absent", 1, WORKER, 1.5), (21, "late", 2, COLLEAGUE, 1.5), (23, "present", 1, WORKER, 1.5),
    ]  # fmt: skip
    assert page(client, f"{ADDRESS}on/{TODAY}/")[0] == 302
    assert page(client, f"{ADDRESS}on/2026-13-01/")[0] == 404
    assert (
        "Nobody who is on your roster today" in page(client, f"{ADDRESS}on/{TODAY - timedelta(days=8)}/")[1]
    )


def marked(record: int, on: date, mark: Mark) -> None:
    """A mark as it was saved on that day."""
    place = RowPlace("sharing-2026", "harbor", record, "harbor", AuthorCapacity.OWN_PROGRAM)
    SessionMark.objects.create(
        entry_id=new_entry_id(), version=1, partner="harbor", record=record, agreement="sharing-2026", key=key_of(place),
        author=WORKER, author_partner="harbor", author_capacity="own_program", disclosure="x", at=timezone.now(),
        program=CIRCLE, on=on, mark=mark, hours=1.5,
    )  # fmt: skip


def test_a_session_has_the_hours_of_the_directory(groups: None) -> None:
    said = SupportStatement(
        "Reading Circle",
        program=CIRCLE,
        sessions=tuple(WeeklySession(day, time(15), time(16, 30)) for day in WEEK),
    )
    save({PERSON: (P, 0)})
    support = add_support(partner="harbor", said=said, by=OPERATOR)
    save({22: (L, 0)})
    assert dict(SessionMark.objects.values_list("record", "hours")) == {21: None, 22: 1.5}
    change_support(number=support.number, said=replace(said, sessions=(WeeklySession("MO"),)), by=OPERATOR)
    save({PERSON: (A, 1), 22: (P, 1)})
    hours = dict(SessionMark.objects.filter(version=2).values_list("record", "hours"))
    assert hours == {21: None, 22: 1.5}  # a correction keeps the hours of the session
    sql = "SELECT session_hours FROM session_attendance WHERE NOT superseded ORDER BY person_id"
    assert enter(actor=making.reader(WORKER), purpose="groups").query(sql).rows == [(1.5,), (None,)]


def test_what_a_feed_brings_is_not_typed(groups: None) -> None:
    client = signed_in()
    text = page(client, f"/sessions/of/{CHESS}/")[1]
    assert "recorded in its own system" in text
    assert "<form" not in text.split("<main")[1]
    with pytest.raises(Refused) as raised:
        save({25: (P, 0)}, program=CHESS)
    assert raised.value.code == "fed"
    with pytest.raises(Refused):
        actions.note_walk_in(entry=new_entry_id(), program=CHESS, on=TODAY, name="Zoe", purpose="groups", by=making.reader(WORKER))  # fmt: skip


def test_a_mark_is_in_the_student_s_own_record(groups: None) -> None:
    save({PERSON: (P, 0), 22: (L, 0)})
    whole = enter(actor=making.reader(WORKER), purpose="groups").record_of(22)
    (row,) = whole.tables["session_attendance"].to_pylist()
    assert (row["session_mark"], row["program_identifier"], row["walk_in_name"]) == ("late", CIRCLE, None)
    # Names without a record are no reason why a student is open.
    assert enter(actor=making.reader(WORKER), purpose="groups").why(22)


def test_other_teams_and_programs_are_unknown(groups: None) -> None:
    save({22: (P, 0)})
    partners.add_user(email="counselor@north.example", partner="north", role="case_worker", by=OPERATOR)
    assert page(signed_in("counselor@north.example"), ADDRESS)[0] == 404
    assert page(signed_in(), "/sessions/of/north/reading/")[0] == 404
    assert "You record no attendance here" in page(signed_in("counselor@north.example"), "/sessions/")[1]
    for email in ("evaluator@north.example", "evaluator@hub.example", "evaluator@harbor.example"):
        for purpose in ("groups", "planning", "own_records"):
            with pytest.raises(Refused):
                rows(email, purpose)
    # A family that asks is answered by the program's officer.
    assert len(rows("officer@harbor.example", "own_records")) == 1
    assert rows("officer@north.example", "own_records") == []


def test_without_writes_nobody_marks() -> None:
    settle_groups(writes=[])
    assert page(signed_in(), ADDRESS)[0] == 403
    with pytest.raises(Refused) as raised:
        save({22: (P, 0)})
    assert raised.value.code == "not_granted"


def note_walk_in(client: Client, name: str) -> Any:
    sent = {"entry": new_entry_id(), "on": str(TODAY), "name": name}
    return client.post(f"{ADDRESS}walk-in/", sent), sent


def test_a_walk_in_is_a_name_until_somebody_finds_whose_it_is(groups: None) -> None:
    client = signed_in()
    answer, sent = note_walk_in(client, "  Gús   five ")
    assert answer.status_code == 302
    assert client.post(f"{ADDRESS}walk-in/", sent).status_code == 302  # sent twice, it is one name
    row = WalkInName.objects.get()
    assert (row.record, row.partner) == (0, "harbor")
    assert b"five" not in bytes(row.name)
    assert LedgerEntry.objects.filter(outcome="written").count() == 1
    # A colleague matches it.
    colleague = signed_in(COLLEAGUE)
    assert "Gús five" in page(colleague, "/sessions/walk-ins/")[1]
    text = page(colleague, f"/sessions/walk-ins/{row.entry_id}/")[1]
    assert "<strong>Gus Five</strong>" in text
    assert "Dot Two" not in text
    match = {"based_on": "1", "person": "25"}
    assert colleague.post(f"/sessions/walk-ins/{row.entry_id}/", match).status_code == 302
    assert not WalkInName.objects.exists()
    mark = SessionMark.objects.get()
    assert (mark.record, mark.mark, mark.program, mark.author) == (25, "present", CIRCLE, COLLEAGUE)
    assert unpack(bytes(last().students)).tolist() == [25] or last().outcome != "written"
    text = page(client, ADDRESS)[1]
    assert re.findall(r"<legend>([^<]+?) ?<", text) == ["Ada One", "Dot Two", "Gus Five"]
    assert "came to the door" in text
    # The name as it was typed stays with the mark, also in a correction.
    save({25: (L, 1)})
    names = (
        enter(actor=making.reader(WORKER), purpose="groups")
        .query("SELECT walk_in_name FROM session_attendance")
        .rows
    )
    assert names == [("Gús five",), ("Gús five",)]
    assert colleague.post(f"/sessions/walk-ins/{row.entry_id}/", match).status_code == 404


@pytest.mark.parametrize(
    "typed", ["Eve Three", "three EVE", "Evie Three", "Eve Thre", "Eve Three Nova", "Eva Three"]
)
def test_a_former_student_at_the_door_is_found_and_takes_part_again(typed: str, groups: None) -> None:
    """Eve left the circle yesterday: the agreement shows her on no list, and the program's own records name her."""
    client = signed_in()
    note_walk_in(client, typed)
    entry = WalkInName.objects.get().entry_id
    text = page(client, f"/sessions/walk-ins/{entry}/")[1]
    assert "<strong>Eve Three</strong>" in text
    assert "on no list today" in text
    assert "Gus Five" not in text
    new = page(client, f"/sessions/walk-ins/{entry}/enter/")[1]
    assert "Do you have this student already?" in new
    assert "<strong>Eve Three</strong>" in new
    answer = client.post(f"/sessions/walk-ins/{entry}/enter/", {"person": "23", "own": "1", "based_on": "1"})
    assert answer.status_code == 302
    assert not WalkInName.objects.exists()
    stay = ProgramEntry.objects.get()
    assert (stay.record, stay.program, stay.since, stay.until, stay.is_new) == (
        23,
        CIRCLE,
        TODAY,
        None,
        False,
    )
    mark = SessionMark.objects.get()
    assert (mark.record, mark.mark) == (23, "present")
    assert "Eve Three" in re.findall(r"<legend>([^<]+?) ?<", page(client, ADDRESS)[1])


def test_who_was_here_before_is_looked_for_in_the_own_records_alone(groups: None) -> None:
    """Nobody whom another partner’s records name is offered, the ledger names whose names were looked at, and the typist reads them only at
    the door: a user without the purpose of groups has no such page."""
    client = signed_in()
    note_walk_in(client, "Ben Two")  # a learner of north, and nearly Dot Two of harbor
    address = f"/sessions/walk-ins/{WalkInName.objects.get().entry_id}/"
    before = set(LedgerEntry.objects.values_list("id", flat=True))
    text = page(client, address)[1]
    assert "<strong>Ben" not in text
    looked = [entry for entry in LedgerEntry.objects.exclude(id__in=before) if entry.purpose == "own_records"]
    assert looked, "a look is an entry"
    for entry in looked:
        assert entry.disclosers == ["harbor"]
        assert set(unpack(bytes(entry.students)).tolist()) <= {21, 22, 23, 24, 25}
        assert set(entry.elements) <= {*map("person.{}".format, NAMES), "person.person_id"} | {
            each for each in entry.elements if each.startswith(("school_enrollment.", "organization."))
        }
    assert page(signed_in("evaluator@harbor.example"), address)[0] == 404


def test_a_name_that_is_typed_anew_is_held_against_the_records_before_a_second_is_made(groups: None) -> None:
    client = signed_in()
    note_walk_in(client, "Zachary Unknown")
    address = f"/sessions/walk-ins/{WalkInName.objects.get().entry_id}/enter/"
    assert "Do you have this student already?" not in page(client, address)[1]
    typed = {"first_name": "Eve", "last_or_surname": "Thre"}
    warned = client.post(address, typed)
    assert (warned.status_code, ProgramEntry.objects.count()) == (422, 0)
    assert "students with a name like this one" in warned.content.decode()
    assert 'value="Thre"' in warned.content.decode()  # nothing typed is lost
    assert '<input type="hidden" name="shown" value="23">' in warned.content.decode()
    assert client.post(address, typed | {"shown": "23"}).status_code == 302  # it is another student
    assert ProgramEntry.objects.get().is_new


def test_a_walk_in_matched_to_nobody_stays_the_program_s_own(groups: None) -> None:
    client = signed_in()
    note_walk_in(client, "Zachary Unknown")
    entry = WalkInName.objects.get().entry_id
    text = page(client, f"/sessions/walk-ins/{entry}/")[1]
    assert "No student of your organization has a similar name" in text
    assert client.post(f"/sessions/walk-ins/{entry}/", {"based_on": "1"}).status_code == 302
    assert "No name waits" in page(client, "/sessions/walk-ins/")[1]
    assert WalkInName.objects.count() == 2  # versions
    found = enter(actor=making.reader("officer@harbor.example"), purpose="own_records").query(
        "SELECT walk_in_name, walk_in_closed FROM walk_in WHERE NOT superseded"
    )
    assert found.rows == [("Zachary Unknown", True)]


@pytest.mark.parametrize("person", [12, 23, 999])
def test_a_walk_in_is_matched_only_to_a_student_who_is_open(person: int, groups: None) -> None:
    client = signed_in()
    note_walk_in(client, "Eve Three")
    entry = WalkInName.objects.get().entry_id
    answer = client.post(f"/sessions/walk-ins/{entry}/", {"based_on": "1", "person": str(person)})
    assert answer.status_code == 422
    assert "You cannot open this student" in answer.content.decode()
    assert WalkInName.objects.exists()
    assert not SessionMark.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "12 3", "x" * 101])
def test_a_walk_in_without_a_name_is_not_saved(name: str, groups: None) -> None:
    client = signed_in()
    answer, _ = note_walk_in(client, name)
    assert answer.status_code == 422
    assert not WalkInName.objects.exists()
    assert LedgerEntry.objects.filter(outcome="written").count() == 0


def test_the_list_of_groups_tells_both_where_the_days_differ(groups: None) -> None:
    """The chess club’s own system marked one weekday in each of the last weeks, the directory names another."""
    making.land("attendance_day", "harbor", [
        {"person_record": 25, "record": 900 + n, "attendance_event_date": TODAY - timedelta(3 + 7 * n), "attendance_event_type": "ProgramAttendance",
         "attendance_status": "Present", "program_id": CHESS} for n in range(1, 4)
    ])  # fmt: skip
    codes = list(WEEK)
    held, other = codes[(TODAY - timedelta(3)).weekday()], codes[TODAY.weekday()]
    chess = SupportStatement("Chess Club", program=CHESS, sessions=(WeeklySession(other),))
    number = add_support(partner="harbor", said=chess, by=OPERATOR).number
    both = f"The directory says {WEEK[other]}s; attendance of the last eight weeks is of {WEEK[held]}s."
    assert both in page(signed_in(), "/sessions/")[1]
    assert len(asked_again(signed_in(), "/sessions/")) <= MOST
    change_support(number=number, said=replace(chess, sessions=(WeeklySession(held),)), by=OPERATOR)
    assert "The directory says" not in page(signed_in(), "/sessions/")[1]


def test_pages_ask_few_questions(groups: None) -> None:
    save({PERSON: (P, 0), 22: (L, 0)})
    note_walk_in(signed_in(), "Gus Five")
    for address in ("/sessions/", ADDRESS, f"{ADDRESS}sign-out/", "/sessions/walk-ins/"):
        asked = asked_again(signed_in(), address)
        assert len(asked) <= 15, address + "\n" + "\n".join(q[:150] for q in asked)


def test_my_students_leads_to_the_groups(groups: None) -> None:
    text = page(signed_in(), "/students/")[1]
    assert "Your students are in their groups" in text
    assert "/sessions/" in text
