"""Whose rows come out of the door: reach, consent, opt-outs and training, as the registers stand at that moment."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.gate import making
from throughway.consent import actions as consents
from throughway.gate.actions import Door, enter, land_person_links
from throughway.gate.actions.assigning import add_caseload
from throughway.gate.models import LedgerEntry
from throughway.gate.students import StudentLine
from throughway.partners import OPERATOR
from throughway.refusals import Refused
from throughway.store.compact import unpack
from throughway.training import actions as training

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
TODAY = date.today()
PERSON = 2**41 + 5
WORKER = "worker@harbor.example"
COLUMNS = "partner,record_key,agreement,purpose,decision,signer,relation,signed_on,method,language,notice_version,expires"


def town(training: list[str] | None = None, also: str = "attendance_day.*", **entry: Any) -> None:
    """North gives casework to harbor's case workers, as `entry` says; 11 and 21 are one person."""
    casework = making.purpose(
        "casework", "casework", "identified", **{"from": ["north"]}, recipients=["harbor"], **{"reach": "all", "roles": ["case_worker"], **entry},
    )  # fmt: skip
    document = making.sharing()
    document["purposes"] += [casework]
    for linkage in document["purposes"]:
        if linkage["kind"] == "linkage":
            linkage["serves"] += ["casework"]
    document["schedule"] += [
        making.line("person.first_name", "casework", **{"from": ["north"]}),
        making.line(also, "casework", **{"from": ["north"]}),
    ]
    document["terms"]["training"] = training or []
    making.register()
    making.in_effect(document)
    making.people()
    land_person_links(links=pa.table({"record": [11, 21], "person": [PERSON, PERSON]}), by=OPERATOR)


def door(email: str = WORKER) -> Door:
    return enter(actor=making.reader(email), purpose="casework")


def seen(**more: Any) -> list[str]:
    return [name for (name,) in door(**more).query("SELECT first_name FROM person ORDER BY 1").rows]


def told() -> list[int]:
    """Of whom the last entry of the ledger tells."""
    entry = LedgerEntry.objects.order_by("at", "id").last()
    assert entry is not None
    return unpack(bytes(entry.students)).tolist()


@pytest.fixture
def say(tmp_path: Path) -> Callable[..., None]:
    """Adds lines of consents: key, decision and what differs from a parent's consent to all of it."""

    def add(*lines: tuple[str, str], purpose: str = "*", signer: str = "Pat", relation: str = "parent", on: date = TODAY,
            expires: str = "") -> None:  # fmt: skip
        path = tmp_path / "consents.csv"
        rows = [
            f"north,{key},sharing-2026,{purpose},{decision},{signer},{relation},{on},paper,en,v1,{expires}"
            for key, decision in lines
        ]
        path.write_text("\n".join([COLUMNS, *rows]))
        consents.add(path=path, by=OPERATOR)

    return add


@pytest.fixture
def assign(tmp_path: Path) -> Callable[..., None]:
    def add(*lines: str) -> None:
        path = tmp_path / "caseload.csv"
        path.write_text("\n".join(["email,partner,record_key,from,to", *lines]))
        add_caseload(path=path, by=OPERATOR)

    return add


CONSENT = {"basis": "consent", "basis_details": {}}


def test_only_students_whose_consent_is_in_force_show(say: Callable[..., None]) -> None:
    town(**CONSENT)
    assert seen() == []
    say(("n-11", "yes"), ("n-12", "no"))
    assert seen() == ["Ada"]
    assert told() == [11]
    assert LedgerEntry.objects.order_by("at", "id").last().exempt == "34 CFR 99.32(d)(3)"  # type: ignore[union-attr]


def test_where_most_consent_the_few_others_are_left_out(say: Callable[..., None]) -> None:
    town(**CONSENT)
    say(("n-11", "yes"), ("n-13", "yes"))
    assert seen() == ["Ada", "Cyd"]
    assert told() == [11, 13]
    assert door().query("SELECT count(*) AS n FROM attendance_day").rows == [(2,)]


def test_a_withdrawal_closes_at_the_next_read(say: Callable[..., None]) -> None:
    town(**CONSENT)
    say(("n-11", "yes"), ("n-12", "yes"))
    standing = door()
    assert standing.record_of(12).tables
    (consent,) = (c.id for c in consents.consents() if c.record == 12)
    consents.withdraw(id=consent, by=OPERATOR)
    assert seen() == ["Ada"]
    with pytest.raises(Refused) as refused:
        standing.record_of(12)
    assert refused.value.code == "unknown_student"
    assert standing.query("SELECT first_name FROM person").rows == [("Ada",)]


def test_what_is_withdrawn_while_a_question_runs_is_not_handed_out(
    say: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    town(**CONSENT)
    say(("n-11", "yes"), ("n-12", "yes"))
    from throughway.gate.actions import door as at_the_door

    run = at_the_door.run

    def meanwhile(*args: Any, **more: Any) -> Any:
        held = run(*args, **more)
        (consent,) = (c.id for c in consents.consents() if c.record == 12)
        consents.withdraw(id=consent, by=OPERATOR)
        return held

    opened = door()
    monkeypatch.setattr(at_the_door, "run", meanwhile)
    with pytest.raises(Refused, match="no longer stands; nothing was handed out"):
        opened.query("SELECT first_name FROM person")


def test_a_consent_ends_with_its_last_day(say: Callable[..., None]) -> None:
    town(**CONSENT)
    say(("n-11", "yes"), on=TODAY - timedelta(9), expires=str(TODAY))
    say(("n-12", "yes"), on=TODAY - timedelta(9), expires=str(TODAY - timedelta(1)))
    assert seen() == ["Ada"]


def test_on_a_past_day_consent_must_stand_then_and_today(say: Callable[..., None]) -> None:
    town(**CONSENT)
    day = TODAY - timedelta(5)
    say(("n-11", "yes"), on=TODAY - timedelta(9))
    say(("n-12", "yes"))
    say(("n-13", "yes"), on=TODAY - timedelta(9), expires=str(TODAY - timedelta(2)))
    rows = (
        enter(actor=making.reader(WORKER), purpose="casework", on=day)
        .query("SELECT first_name FROM person")
        .rows
    )
    assert rows == [("Ada",)]


def test_two_who_disagree_and_two_records_of_one_person(say: Callable[..., None]) -> None:
    town(**CONSENT)
    say(("n-11", "yes"), ("n-12", "yes"), ("n-13", "yes"))
    say(("n-13", "no"), signer="Sam")
    assert seen() == ["Ada", "Ben"]
    # 12 turns out to be the student of 13, whose other parent said no.
    links = pa.table({"record": [11, 21, 12, 13], "person": [PERSON, PERSON, PERSON + 1, PERSON + 1]})
    land_person_links(links=links, by=OPERATOR)
    assert seen() == ["Ada"]


def test_one_who_opted_out_of_the_directory_is_left_out(say: Callable[..., None]) -> None:
    town(also="person.birthdate", basis="directory", basis_details={"notice": "2026", "items": ["name"]})
    assert seen() == ["Ada", "Ben", "Cyd"]
    say(("n-12", "no"))
    assert seen() == ["Ada", "Cyd"]
    assert told() == [11, 13]
    with pytest.raises(Refused, match=r"No agreement grants person\.birthdate"):
        door().query("SELECT birthdate FROM person")
    # Names found by other data are no directory information, so they bear no id that links.
    assert door().query("SELECT person_id FROM person ORDER BY 1").rows == [(11,), (13,)]


def test_a_case_worker_sees_the_caseload_of_the_day(assign: Callable[..., None]) -> None:
    town(reach="caseload")
    assert seen() == []
    assign(
        f"{WORKER},north,n-12,{TODAY},", f"{WORKER},north,n-13,{TODAY - timedelta(9)},{TODAY - timedelta(1)}"
    )
    assert seen() == ["Ben"]
    assert told() == [12]
    with pytest.raises(Refused) as refused:
        door().record_of(13)
    assert refused.value.code == "unknown_student"
    assign(f"{WORKER},north,n-12,{TODAY},{TODAY}")
    assert seen() == ["Ben"]  # through its last day


def test_an_assignment_by_the_programs_own_key_reaches_by_the_link(assign: Callable[..., None]) -> None:
    town(reach="caseload")
    assign(f"{WORKER},harbor,h-21,{TODAY},")
    assert seen() == ["Ada"]
    assert set(door().record_of(PERSON).tables) == {"attendance_day", "person"}


def test_a_roster_is_whom_the_readers_partner_serves_on_the_day() -> None:
    town(reach="roster")
    assert seen() == []
    yesterday = TODAY - timedelta(1)
    making.land("program_participation", "harbor", [
        {"person_record": 21, "record": 1, "program_participation_start_date": date(2026, 8, 1)},
    ])  # fmt: skip
    assert seen() == ["Ada"]
    assert told() == [11]
    making.land("school_enrollment", "harbor", [
        {"person_record": 22, "record": 2, "enrollment_entry_date": date(2020, 1, 1), "enrollment_exit_date": yesterday},
    ])  # fmt: skip
    links = pa.table({"record": [11, 21, 12, 22], "person": [PERSON, PERSON, PERSON + 1, PERSON + 1]})
    land_person_links(links=links, by=OPERATOR)
    assert seen() == ["Ada"]  # the spell of the other has ended


def test_no_one_enters_whose_training_has_ended(assign: Callable[..., None]) -> None:
    town(training=["ferpa-basics"], reach="caseload")
    assign(f"{WORKER},north,n-12,{TODAY},")
    with pytest.raises(
        Refused, match="You cannot open casework: you have not completed the training ferpa-basics"
    ):
        door()
    long_ago = TODAY - timedelta(400)
    training.record(email=WORKER, course="ferpa-basics", on=long_ago, by=OPERATOR)
    with pytest.raises(Refused, match="your training ferpa-basics ended on"):
        door()
    entry = LedgerEntry.objects.order_by("at", "id").last()
    assert entry is not None
    assert entry.reasons[0]["citation"].endswith("terms.training")
    training.record(email=WORKER, course="ferpa-basics", on=TODAY, by=OPERATOR)
    assert seen() == ["Ben"]


def test_the_list_of_students_is_one_entry_of_the_ledger(assign: Callable[..., None]) -> None:
    town(reach="caseload")
    assign(f"{WORKER},harbor,h-21,{TODAY},", f"{WORKER},north,n-12,{TODAY},")
    before = LedgerEntry.objects.count()
    assert door().students() == [StudentLine(PERSON, "Ada"), StudentLine(12, "Ben")]
    assert LedgerEntry.objects.count() == before + 1
    assert told() == [11, 12]


def test_why_a_student_is_open(say: Callable[..., None], assign: Callable[..., None]) -> None:
    town(reach="caseload", training=["ferpa-basics"], **CONSENT)
    training.record(email=WORKER, course="ferpa-basics", on=TODAY, by=OPERATOR)
    since, until = TODAY - timedelta(3), TODAY + timedelta(30)
    assign(f"{WORKER},harbor,h-21,{since},")
    say(("n-11", "yes"), on=since, expires=str(until))
    why = door().why(PERSON)
    assert why.agreements == ("sharing-2026",)
    assert (why.role, why.assigned_since, why.consent_until) == ("case_worker", since, until)
    assert why.consent == tuple(c.id for c in consents.consents())
    assert why.training == (("ferpa-basics", TODAY + timedelta(365)),)
    with pytest.raises(Refused) as refused:
        door().why(12)
    assert refused.value.code == "unknown_student"
