"""Who works with which student: what is taken in, what is refused and why, and what stands on a day."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests.gate import making
from throughway.core.refusals import Refused
from throughway.gate.actions.caseloads import AddedCaseload, add_caseload
from throughway.partners import OPERATOR
from throughway.partners.models import CaseloadEvent
from throughway.partners.selectors import assignments, caseload_of
from throughway.store.selectors import current_community

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
TODAY = date.today()
WORKER = "worker@harbor.example"


def town() -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()


def add(folder: Path, *lines: str) -> AddedCaseload:
    path = folder / "caseload.csv"
    path.write_text("\n".join(["email,partner,record_key,from,to", *lines]), encoding="utf-8")
    return add_caseload(path=path, by=OPERATOR)


def test_assignments_are_stored_by_record_number(tmp_path: Path) -> None:
    town()
    line = f"{WORKER.upper()},north,n-11,{TODAY},"
    assert add(tmp_path, line, line) == AddedCaseload(new=1, unchanged=1, not_loaded=0)
    assert add(tmp_path, line) == AddedCaseload(new=0, unchanged=1, not_loaded=0)
    assert caseload_of(WORKER, TODAY) == [("north", 11)]
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(current_community().database)) as plain:
            assert "n-11" not in "\n".join(plain.iterdump())


def test_assignment_ends_by_a_new_version_with_a_last_day(tmp_path: Path) -> None:
    town()
    first = TODAY - timedelta(9)
    add(tmp_path, f"{WORKER},north,n-11,{first},")
    add(tmp_path, f"{WORKER},north,n-11,{first},{TODAY - timedelta(1)}")
    assert caseload_of(WORKER, TODAY) == []
    assert caseload_of(WORKER, TODAY - timedelta(1)) == [("north", 11)]
    assert caseload_of(WORKER, TODAY - timedelta(1), TODAY) == []
    (told,) = assignments()
    assert told.last == TODAY - timedelta(1)
    assert CaseloadEvent.objects.count() == 2


def test_a_student_may_be_assigned_before_the_record_comes(tmp_path: Path) -> None:
    town()
    assert add(tmp_path, f"{WORKER},north,n-77,{TODAY},") == AddedCaseload(new=1, unchanged=0, not_loaded=1)


def test_unknown_key_without_an_agreement_is_refused(tmp_path: Path) -> None:
    making.register()
    with pytest.raises(Refused, match="add the agreement first"):
        add(tmp_path, f"{WORKER},north,n-77,{TODAY},")
    assert not CaseloadEvent.objects.exists()


WRONG = [
    (f"nobody@x.example,north,n-11,{TODAY},", "a user who is not in the register"),
    (f"{WORKER},nobody,n-11,{TODAY},", "a partner who is not in the register"),
    (f"{WORKER},north,n-11,,", "no first day"),
    (f"{WORKER},north,n-11,soon,", "write it as 2026-09-01"),
    (f"{WORKER},north,n-11,{TODAY},{TODAY - timedelta(1)}", "ends before it begins"),
    (f"{WORKER},north,,{TODAY},", "no key of the student"),
    (f"{WORKER},north,n-11,{TODAY}", "has 4 cells"),
]


def test_a_wrong_line_is_named_and_nothing_of_the_file_is_kept(tmp_path: Path) -> None:
    town()
    for line, said in WRONG:
        with pytest.raises(Refused) as refused:
            add(tmp_path, f"{WORKER},north,n-12,{TODAY},", line)
        assert refused.value.message.startswith("Line 3 ")
        assert said in refused.value.message
        assert "n-11" not in refused.value.message
    assert not CaseloadEvent.objects.exists()


def test_no_partner_opens_anothers_students_to_its_people(tmp_path: Path) -> None:
    town()
    path = tmp_path / "caseload.csv"
    path.write_text(f"email,partner,record_key,from,to\n{WORKER},north,n-11,{TODAY},\n")
    with pytest.raises(Refused, match="your own partner, and this concerns north"):
        add_caseload(path=path, by=making.reader("officer@harbor.example"))
    assert not CaseloadEvent.objects.exists()
    assert add_caseload(path=path, by=making.reader("officer@north.example")).new == 1


def test_only_keepers_of_registers_assign(tmp_path: Path) -> None:
    town()
    with pytest.raises(Refused, match="can change the registers"):
        add_caseload(path=tmp_path / "caseload.csv", by=making.reader(WORKER))
