"""What families may ask of notes, and how notes end: with the agreement, with a student's record, with the partner that leaves."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.casework.test_contact_notes import SAID, note, open_student, texts
from tests.casework.town import PERSON, TODAY, asked_again, signed_in
from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.casework.models import ContactNote, TextKey
from throughway.casework.typed_entries.actions import forget
from throughway.casework.typed_entries.selectors import typed_about
from throughway.consent.amendment import AmendmentState
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.destruction.actions import hand_over
from throughway.destruction.actions.orders import destroy
from throughway.destruction.selectors import to_collect
from throughway.families.actions import amendments, inspections
from throughway.gate.actions import disclosures_of, enter
from throughway.gate.actions.integrity_check import check
from throughway.ledger.models import LedgerEntry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
OFFICER = "officer@harbor.example"
ASK = {
    "student": "h-21",
    "who": "Pat",
    "relation": "mother",
    "identified": "license",
    "received": TODAY - timedelta(days=1),
}


def officer(email: str = OFFICER):  # type: ignore[no-untyped-def]
    return making.reader(email)


def text_keys() -> list[Path]:
    return list(settings.COMMUNITY.keys.rglob("*.text"))


def test_a_family_sees_the_notes_and_who_read_and_wrote(tmp_path: Path) -> None:
    open_student(tmp_path)
    note()
    asked = inspections.ask_to_inspect(**ASK, by=officer())
    shown = inspections.gather(code=asked.code, by=officer()).tables["contact_note"].to_pylist()
    assert [(row["contact_text"], row["author_partner"]) for row in shown] == [(SAID, "harbor")]
    found = disclosures_of(partner="harbor", record_key="h-21", by=officer())
    assert {entry["outcome"] for entry in found} >= {"written", "released"}


def test_a_family_s_statement_goes_with_a_contested_note(tmp_path: Path) -> None:
    open_student(tmp_path)
    note()
    contested = amendments.ask_to_amend(
        **ASK, element="contact_note.contact_text", which="The call", why="I never said that", by=officer()
    )
    for step, more in (
        (amendments.refuse, {"reason": "The worker heard it"}),
        (amendments.ask_hearing, {}),
    ):
        step(code=contested.code, on=TODAY, by=officer(), **more)
    amendments.set_hearing(code=contested.code, date_=TODAY, time="16:30", place="Room 4", officer="Deputy", notice=TODAY, by=officer())  # fmt: skip
    amendments.hold_hearing(code=contested.code, on=TODAY, by=officer())
    amendments.lose(code=contested.code, on=TODAY, summary="Heard", reasons="The note stays", by=officer())
    made = amendments.state(code=contested.code, on=TODAY, statement="I never said that", by=officer())
    assert made.state is AmendmentState.STATEMENT
    answer = enter(actor=making.reader("worker@harbor.example"), purpose="casework").query(
        "SELECT person_id, contact_text FROM contact_note"
    )
    assert [each.statement for each in answer.statements] == ["I never said that"]


def test_check_names_texts_whose_key_is_lost(tmp_path: Path) -> None:
    open_student(tmp_path)
    note()
    before = check()
    [key] = text_keys()
    lost = key.rename(tmp_path / "lost")
    [problem] = [each for each in check() if each not in before]
    assert problem.startswith("No key opens what was typed in contact_note under ")
    assert "about 1 learner;" in problem
    lost.rename(key)
    assert check() == before


def test_an_agreement_s_end_destroys_its_notes_and_returns_them(tmp_path: Path) -> None:
    open_student(tmp_path)
    note()
    (key,) = text_keys()
    kept = shutil.copytree(settings.COMMUNITY.data, tmp_path / "older")
    agreements.terminate(id="sharing-2026", reason="It is over", by=officer())
    made = destroy(agreement="sharing-2026", by=officer())
    assert not ContactNote.objects.exists()
    assert not TextKey.objects.exists()
    assert not key.exists()
    assert made.body["destroyed"]["registers"]["versions of notes about contacts"] == 1
    assert "harbor" in {h.partner for h in to_collect(destruction=made.id)}
    given = json.loads(hand_over.collect(id=made.id, by=officer()))
    (returned,) = given["typed"]["contact_note"]
    assert (returned["student"], returned["contact_text"], returned["version"]) == ("h-21", SAID, 1)
    assert not any(
        "bus left" in path.read_text(errors="ignore") for path in Path(kept).rglob("*") if path.is_file()
    )


@pytest.mark.parametrize(("asked", "stays"), [("h-21", True), ("h-22", False)])
def test_a_part_of_an_agreement_s_end_returns_the_notes_about_whoever_need_not_wait(
    tmp_path: Path, asked: str, stays: bool
) -> None:
    open_student(tmp_path)
    note()
    inspections.ask_to_inspect(**(ASK | {"student": asked}), by=officer())
    agreements.terminate(id="sharing-2026", reason="It is over", by=officer())
    made = destroy(agreement="sharing-2026", by=officer())
    assert made.body["kind"] == "part"
    assert ContactNote.objects.exists() == TextKey.objects.exists() == bool(text_keys()) == stays
    waiting = {h.partner for h in to_collect(destruction=made.id)}
    given = json.loads(hand_over.collect(id=made.id, by=officer())) if "harbor" in waiting else {"typed": {}}
    assert [row["contact_text"] for row in given["typed"].get("contact_note", [])] == (
        [] if stays else [SAID]
    )


def test_one_student_s_record_goes_with_its_notes_and_no_other(tmp_path: Path) -> None:
    open_student(tmp_path)
    note()
    other = TextKey.objects.get()
    assert typed_about("sharing-2026", "harbor", frozenset({21}))
    assert not typed_about("sharing-2026", "harbor", frozenset({22}))
    destroy(person=PERSON, why="Asked", asked_by="A parent", by=officer())
    assert not ContactNote.objects.exists()
    assert not TextKey.objects.filter(id=other.id).exists()
    assert text_keys() == []


@pytest.mark.parametrize(
    ("gone", "stays"),
    [
        (Gone("sharing-2026", {}, frozenset(), frozenset()), False),
        (Gone("another", {}, frozenset(), frozenset()), True),
        (Gone(None, {"harbor": frozenset({21})}, frozenset(), frozenset()), False),
        (Gone(None, {"north": frozenset({21}), "harbor": frozenset({22})}, frozenset(), frozenset()), True),
        (Gone(None, {}, frozenset(), frozenset({"harbor"})), True),
        (Gone(None, {}, frozenset(), frozenset(), partner="harbor"), False),
        (
            Gone(None, {}, frozenset(), frozenset(), partner="harbor", keeping=frozenset({"sharing-2026"})),
            True,
        ),
        (Gone(None, {}, frozenset(), frozenset(), partner="north"), True),
        (
            Gone(None, {}, frozenset(), frozenset(), consents=frozenset({("sharing-2026", "harbor", 21)})),
            False,
        ),
        (
            Gone(None, {}, frozenset(), frozenset(), consents=frozenset({("sharing-2026", "harbor", 22)})),
            True,
        ),
    ],
)
def test_what_goes_with_a_destruction(tmp_path: Path, gone: Gone, stays: bool) -> None:
    open_student(tmp_path)
    note()
    told = forget(gone)
    assert ContactNote.objects.exists() is stays
    assert bool(text_keys()) is stays
    assert told == ({} if stays else {"versions of notes about contacts": 1})
    assert forget(gone) == {}


def test_a_student_s_page_asks_few_questions(tmp_path: Path) -> None:
    open_student(tmp_path)
    note()
    client: Client = signed_in()
    asked = asked_again(client, f"/students/{PERSON}/")
    assert len(asked) <= 15, "\n".join(q[:150] for q in asked)


def test_nobody_reads_a_note_twice_without_an_entry(tmp_path: Path) -> None:
    open_student(tmp_path)
    note()
    before = LedgerEntry.objects.count()
    texts()
    with pytest.raises(Refused):
        enter(actor=making.reader("worker@harbor.example"), purpose="casework").query(
            "SELECT text FROM contact_note"
        )
    assert LedgerEntry.objects.count() == before + 2
