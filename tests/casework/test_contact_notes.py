"""Notes about contacts: typed by a worker, decided and recorded by the gate, sealed, edited without losing words, and destroyed."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from tests.casework.town import (
    CONSENTS,
    MOST,
    PERSON,
    TODAY,
    WORKER,
    allow,
    page,
    questions,
    settle,
    signed_in,
    trained,
    works_with,
)
from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.casework.contact_notes.actions import save_note
from throughway.casework.contact_notes.note import ContactKind, NoteText, notes_of
from throughway.casework.models import ContactNote, TextKey
from throughway.casework.typed_entries.actions import new_entry_id
from throughway.consent import actions as consents
from throughway.consent.selectors.decisions import consents as decisions
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR, assigning
from throughway.partners import actions as partners
from throughway.partners.caseload import Assigned
from throughway.partners.models import Partner
from throughway.store.actions.key_rotation import rotate_agreement_keys
from throughway.store.record_numbers import unpack
from throughway.training import actions as training

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
SAID = "Mother says\nthe bus left early;  <b>two</b> mornings"
WRITES = [
    {
        "table": "contact_note",
        "purposes": ["casework"],
        "by": ["harbor"],
        "necessity": "The team knows who called.",
    }
]
COLLEAGUE = "colleague@harbor.example"
SELECT = "SELECT contact_text, author_partner, version, superseded FROM contact_note ORDER BY version"


def open_student(tmp_path: Path, *, course: str = "", writes: Sequence[object] = WRITES) -> None:
    settle(course, lambda document: document.update(writes=[*writes]))
    works_with(11)
    allow(tmp_path, ("n-11", "yes"))


def colleague() -> None:
    partners.add_user(email=COLLEAGUE, partner="harbor", role="case_worker", by=OPERATOR)
    assigning.assign(assigned=[Assigned(COLLEAGUE, "north", 11, TODAY - timedelta(days=3))], by=OPERATOR)


def note(said: str = SAID, *, by: str = WORKER, id: str = "", based_on: int = 0) -> str:
    id = id or new_entry_id()
    save_note(
        person=PERSON, purpose="casework", note=id, based_on=based_on,
        said=NoteText(TODAY, ContactKind.CALL, said), by=making.reader(by),
    )  # fmt: skip
    return id


def texts(by: str = WORKER, purpose: str = "casework") -> list[tuple[object, ...]]:
    return enter(actor=making.reader(by), purpose=purpose).query(SELECT).rows


def last() -> LedgerEntry:
    return LedgerEntry.objects.order_by("at").last()


def test_a_note_is_typed_recorded_sealed_and_shown(tmp_path: Path) -> None:
    open_student(tmp_path)
    client = signed_in()
    text = page(client, f"/students/{PERSON}/")[1]
    assert "Note a contact" in text
    for words in ("No diagnosis", "immigration", "child-abuse line", "34 CFR 99.3"):
        assert words in text
    before = LedgerEntry.objects.count()
    id = re.search(r'name="entry" value="([0-9a-f]{32})"', text)
    assert id
    form = {
        "entry": id[1],
        "based_on": "0",
        "text": SAID.replace("\n", "\r\n"),
        "kind": "call",
        "on": str(TODAY),
    }
    asked = questions(lambda: client.post(f"/students/{PERSON}/notes/", form))
    assert len(asked) <= MOST, "\n".join(asked)
    entry = last()
    assert (LedgerEntry.objects.count(), entry.outcome, entry.disclosers) == (
        before + 1,
        "written",
        ["harbor"],
    )
    assert unpack(bytes(entry.students)).tolist() == [21]
    row = ContactNote.objects.get()
    assert (row.partner, row.record, row.author, row.author_partner, row.author_capacity, row.disclosure) == (
        "harbor", 21, WORKER, "harbor", "own_program", entry.id,
    )  # fmt: skip
    assert b"bus" not in bytes(row.text)
    # Sent a second time, it is one note, and nothing is recorded.
    assert client.post(f"/students/{PERSON}/notes/", form).status_code == 302
    assert (ContactNote.objects.count(), LedgerEntry.objects.count()) == (1, before + 1)
    text = page(client, f"/students/{PERSON}/")[1]
    assert "the bus left early;  &lt;b&gt;two&lt;/b&gt; mornings" in text
    assert "Telephone call" in text
    assert "contact_note.contact_text" in last().elements
    assert texts() == [(SAID, "harbor", 1, False)]
    assert 21 in unpack(bytes(last().students)).tolist()


def test_two_who_save_the_same_note_keep_both_texts(tmp_path: Path) -> None:
    open_student(tmp_path)
    colleague()
    id = note("first")
    note("second", by=COLLEAGUE, id=id, based_on=1)
    client = signed_in()
    sent = {"entry": id, "based_on": "1", "text": "third", "kind": "visit", "on": str(TODAY)}
    answer = client.post(f"/students/{PERSON}/notes/{id}/", sent)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody saved this note while you were writing" in shown
    assert "third" in shown
    assert "second" in shown
    assert 'name="based_on" value="2"' in shown
    assert client.post(f"/students/{PERSON}/notes/{id}/", sent | {"based_on": "2"}).status_code == 302
    assert texts() == [
        ("first", "harbor", 1, True),
        ("second", "harbor", 2, True),
        ("third", "harbor", 3, False),
    ]
    assert "2 earlier versions" in page(client, f"/students/{PERSON}/")[1]
    with pytest.raises(DatabaseError), transaction.atomic():
        ContactNote.objects.update(author="somebody")


def test_who_left_the_caseload_keeps_the_text(tmp_path: Path) -> None:
    open_student(tmp_path)
    client = signed_in()
    page(client, f"/students/{PERSON}/")
    assigning.end_assignments(email=WORKER, record=11, last=TODAY - timedelta(days=1), by=OPERATOR)
    form = {"entry": new_entry_id(), "based_on": "0", "text": SAID, "kind": "call", "on": str(TODAY)}
    answer = client.post(f"/students/{PERSON}/notes/", form)
    shown = answer.content.decode()
    assert answer.status_code == 403
    assert "the bus left early" in shown
    assert "You cannot open this student" in shown
    assert "Ada" not in shown
    assert not ContactNote.objects.exists()
    assert last().outcome == "refused"


def refused(code: str, by: str = WORKER, purpose: str = "casework") -> str:
    count = LedgerEntry.objects.filter(outcome="refused").count()
    with pytest.raises(Refused) as raised:
        save_note(
            person=PERSON, purpose=purpose, note=new_entry_id(), based_on=0,
            said=NoteText(TODAY, ContactKind.CALL, SAID), by=making.reader(by),
        )  # fmt: skip
    assert raised.value.code == code
    assert "bus" not in raised.value.message
    assert LedgerEntry.objects.filter(outcome="refused").count() == count + 1
    return raised.value.message


def test_attacks_on_a_note_return_nothing(tmp_path: Path) -> None:
    """Another team, another partner, another role, withdrawn consent, no training, an agreement that is not in effect."""
    open_student(tmp_path, course="ferpa-basics")
    trained("ferpa-basics")
    note()
    assert len(texts()) == 1
    # A colleague of the same partner without the student.
    partners.add_user(email=COLLEAGUE, partner="harbor", role="case_worker", by=OPERATOR)
    training.record(email=COLLEAGUE, course="ferpa-basics", on=TODAY, by=OPERATOR)
    assert texts(COLLEAGUE) == []
    refused("unknown_student", COLLEAGUE)
    # Other partners, and other purposes.
    for email in ("evaluator@north.example", "evaluator@hub.example", "evaluator@harbor.example"):
        training.record(email=email, course="ferpa-basics", on=TODAY, by=OPERATOR)
        refused("not_allowed", email)
        for purpose in ("casework", "planning", "own_records"):
            with pytest.raises(Refused):
                texts(email, purpose)
    with pytest.raises(Refused):
        texts(WORKER, "own_records")
    # The officer of the program reads it to answer a family; the district's officer has no such record.
    assert len(texts("officer@harbor.example", "own_records")) == 1
    assert texts("officer@north.example", "own_records") == []
    # Consent withdrawn: what the family allowed is closed, and so is writing; the program keeps its own note.
    consents.withdraw(id=decisions()[0].id, by=OPERATOR)
    assert [row[0] for row in texts()] == [SAID]


def test_what_is_shared_by_consent_closes_with_it(tmp_path: Path) -> None:
    """Harbor's agreement shows its notes, without their text, to north's workers for families that consent."""

    def shares(document: dict[str, Any]) -> None:
        document["writes"] = WRITES
        document["purposes"] += [
            making.purpose("hand-over", "casework", "identified", **{"from": ["harbor"]}, recipients=["north"],
                           roles=["case_worker"], reach="all", basis="consent", basis_details={}),
        ]  # fmt: skip
        document["schedule"] += [making.line("contact_note.*", "hand-over", **{"from": ["harbor"]})]

    settle(change=shares)
    works_with(11)
    allow(tmp_path, ("n-11", "yes"))
    note()
    counselor = "counselor@north.example"
    partners.add_user(email=counselor, partner="north", role="case_worker", by=OPERATOR)
    count = "SELECT contact_kind FROM contact_note"
    access = making.reader(counselor)
    assert enter(actor=access, purpose="hand-over").query(count).rows == []
    path = tmp_path / "harbor.csv"
    path.write_text(
        f"{CONSENTS}\nharbor,h-21,sharing-2026,hand-over,yes,Pat,mother,{TODAY - timedelta(1)},paper,es,v1,"
    )
    consents.add(path=path, by=OPERATOR)
    assert enter(actor=access, purpose="hand-over").query(count).rows == [("call",)]
    with pytest.raises(Refused):
        enter(actor=access, purpose="hand-over").query("SELECT contact_text FROM contact_note")
    refused("not_granted", counselor, "hand-over")
    consents.withdraw(id=next(c.id for c in decisions() if c.partner == "harbor"), by=OPERATOR)
    assert enter(actor=access, purpose="hand-over").query(count).rows == []
    assert len(texts()) == 1


def test_no_training_and_an_ended_agreement_close_reading_and_writing(tmp_path: Path) -> None:
    open_student(tmp_path, course="ferpa-basics")
    trained("ferpa-basics")
    note()
    trained("ferpa-basics")
    agreements.suspend(id="sharing-2026", reason="A breach", by=making.reader("officer@north.example"))
    refused("not_allowed")
    with pytest.raises(Refused):
        texts()
    agreements.resume(id="sharing-2026", by=making.reader("officer@north.example"))
    assert len(texts()) == 1
    agreements.terminate(id="sharing-2026", reason="It is over", by=making.reader("officer@harbor.example"))
    refused("not_allowed")
    with pytest.raises(Refused):
        texts()


def test_without_training_nobody_writes(tmp_path: Path) -> None:
    open_student(tmp_path, course="ferpa-basics")
    assert "training" in refused("not_allowed")
    assert not ContactNote.objects.exists()


@pytest.mark.parametrize("status", ["part2", "victim_services", "child_welfare", "hipaa"])
def test_a_confidential_service_types_nothing(tmp_path: Path, status: str) -> None:
    open_student(tmp_path)
    Partner.objects.filter(id="harbor").update(stated=[status])
    assert "is itself protected" in refused("confidential_service")
    form = {"entry": new_entry_id(), "based_on": "0", "text": SAID, "kind": "call", "on": str(TODAY)}
    shown = signed_in().post(f"/students/{PERSON}/notes/", form).content.decode()
    assert "is itself protected" in shown
    assert "the bus left early" in shown
    assert "Note a contact" not in page(signed_in(), f"/students/{PERSON}/")[1]


def test_without_writes_there_is_no_form(tmp_path: Path) -> None:
    open_student(tmp_path, writes=[])
    assert "Note a contact" not in page(signed_in(), f"/students/{PERSON}/")[1]
    refused("not_granted")


def test_a_text_cannot_be_moved_or_read_without_its_key(tmp_path: Path) -> None:
    open_student(tmp_path)
    note("one")
    key = TextKey.objects.get()
    path = settings.COMMUNITY.keys / "sharing-2026" / f"{key.id}.text"
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(Refused) as raised:
        texts()
    assert raised.value.code == "vault"
    path.write_bytes(kept)
    assert texts()[0][0] == "one"


def test_a_text_opens_after_the_keys_were_replaced(tmp_path: Path) -> None:
    open_student(tmp_path)
    note("before")
    rotate_agreement_keys(by=OPERATOR)
    note("after")
    assert {row[0] for row in texts()} == {"before", "after"}


def test_a_note_is_saved_under_its_own_address_alone(tmp_path: Path) -> None:
    open_student(tmp_path)
    id = note("one")
    sent = {"entry": id, "based_on": "1", "text": "two", "kind": "call", "on": str(TODAY)}
    assert signed_in().post(f"/students/{PERSON}/notes/{new_entry_id()}/", sent).status_code == 404
    assert signed_in().get(f"/students/{PERSON}/notes/{new_entry_id()}/").status_code == 404
    assert ContactNote.objects.count() == 1


def test_rows_without_their_note_are_shown_one_by_one() -> None:
    rows = [{"contact_date": TODAY, "contact_kind": "call"}, {"contact_date": TODAY, "contact_kind": "visit"}]
    assert [each.now.kind_words for each in notes_of(rows, names={}, reader="north")] == [
        "Visit at home",
        "Telephone call",
    ]
