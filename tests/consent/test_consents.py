"""What families decided: what is taken in, what is refused and why, and what stands on a day."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.gate import making
from tests.kept import kept
from throughway.consent import actions
from throughway.consent.enums import ConsentDecision
from throughway.consent.models import ConsentEvent
from throughway.consent.selectors.decisions import consents, in_force, lapsing
from throughway.consent.selectors.rights import signers
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor
from throughway.store.actions.record_keys import record_numbers
from throughway.store.selectors import current_community

pytestmark = [pytest.mark.django_db(transaction=True)]
TODAY = date.today()
LINE = {
    "partner": "north", "record_key": "n-11", "agreement": "sharing-2026", "purpose": "planning", "decision": "yes",
    "signer": "Pat One", "relation": "parent", "signed_on": str(TODAY), "method": "paper", "language": "es",
    "notice_version": "2026-1", "expires": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
@kept
def town(community: object) -> None:
    """Planning with north's records depends on consent; 11 is born in 2012, 13 in 2014."""
    document = making.sharing()
    document["purposes"][0] |= {"basis": "consent", "basis_details": {}}
    making.register()
    making.in_effect(document)
    making.people()


def add(folder: Path, *lines: dict[str, Any], by: Actor = OPERATOR) -> actions.ConsentImportCounts:
    path = folder / "consents.csv"
    rows = [",".join(str((LINE | line)[name]) for name in LINE) for line in lines]
    path.write_text("\n".join([",".join(LINE), *rows]), encoding="utf-8")
    return actions.add(path=path, by=by)


def born(record: int, day: date) -> None:
    making.land(
        "person", "north", [{"person_record": record, "record": record, "birthdate": day}], "sharing-2026"
    )


def years_ago(years: int, days: int = 0) -> date:
    return (TODAY - timedelta(days)).replace(
        year=TODAY.year - years, day=min((TODAY - timedelta(days)).day, 28)
    )


def test_a_consent_is_kept_without_key_or_name(tmp_path: Path) -> None:
    assert add(tmp_path, {}) == actions.ConsentImportCounts(new=1, unchanged=0, unchecked=0)
    (told,) = consents()
    assert (told.record, told.decision, told.right_checked) == (11, ConsentDecision.YES, True)
    assert signers("north") == {(11, told.holder): "Pat One"}
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(current_community().database)) as plain:
            dump = "\n".join(plain.iterdump())
        assert "Pat" not in dump
        assert "n-11" not in dump


def test_repeated_line_changes_nothing_after_a_withdrawal(tmp_path: Path) -> None:
    add(tmp_path, {})
    actions.withdraw(id=consents()[0].id, by=OPERATOR)
    assert add(tmp_path, {}) == actions.ConsentImportCounts(new=0, unchanged=1, unchecked=0)
    assert in_force(consents(), TODAY) == frozenset()


def test_a_withdrawal_is_one_more_event(tmp_path: Path) -> None:
    add(tmp_path, {})
    (given,) = consents()
    first = actions.withdraw(id=given.id.lower(), by=OPERATOR)
    assert (first.withdraws, first.decision, first.signed_on) == (given.id, ConsentDecision.WITHDRAWN, TODAY)
    assert actions.withdraw(id=given.id, by=OPERATOR) == first
    assert ConsentEvent.objects.count() == 2
    with pytest.raises(Refused, match="nothing to withdraw"):
        actions.withdraw(id=first.id, by=OPERATOR)
    with pytest.raises(Refused) as refused:
        actions.withdraw(id="NOPE", by=OPERATOR)
    assert refused.value.code == "unknown_consent"


def test_a_student_may_be_named_before_any_record_has_come(tmp_path: Path) -> None:
    assert add(tmp_path, {"record_key": "n-99"}).unchecked == 1
    (told,) = consents()
    assert record_numbers("north")["n-99"] == told.record


WRONG: list[tuple[dict[str, str], str]] = [
    ({"decision": "maybe"}, "has an unknown decision; write one of yes, no, withdrawn"),
    ({"relation": "neighbor"}, "a relation that gives no right to consent"),
    ({"signed_on": "1/2/2026"}, "write it as 2026-09-01"),
    ({"signed_on": str(TODAY + timedelta(1))}, "in the future"),
    ({"signed_on": ""}, "signed and dated"),
    ({"expires": str(TODAY - timedelta(1))}, "expires before it was signed"),
    ({"notice_version": ""}, "notice_version"),
    ({"decision": "no", "notice_version": ""}, "the version of the notice that was read"),
    ({"method": ""}, "signer’s identity was verified"),
    ({"signer": " "}, "name of who signed"),
    ({"partner": "nobody"}, "who is not in the register"),
    ({"agreement": "nothing"}, "an agreement that does not exist"),
    ({"purpose": "spying"}, "does not depend on consent in sharing-2026; choose planning"),
    ({"purpose": "counting"}, "does not depend on consent"),
    ({"partner": "harbor"}, "no records of harbor depend on consent"),
    ({"decision": "withdrawn"}, "never gave"),
    ({"relation": "student"}, "did not hold the right on that day; a parent held it"),
]


def test_a_wrong_line_is_named_and_nothing_of_the_file_is_kept(tmp_path: Path) -> None:
    for change, said in WRONG:
        with pytest.raises(Refused) as refused:
            add(tmp_path, {"record_key": "n-12"}, change)
        assert refused.value.message.startswith("Line 3 ")
        assert said in refused.value.message
        assert refused.value.message.endswith("nothing was changed.")
        assert "n-11" not in refused.value.message
    assert not ConsentEvent.objects.exists()


def test_a_file_without_its_columns_says_which(tmp_path: Path) -> None:
    path = tmp_path / "consents.csv"
    path.write_text("partner,record_key\nnorth,n-11\n")
    with pytest.raises(Refused, match="lacks agreement, purpose"):
        actions.add(path=path, by=OPERATOR)
    with pytest.raises(Refused, match="There is no file"):
        actions.add(path=tmp_path / "gone.csv", by=OPERATOR)


def test_no_partner_consents_for_anothers_students(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="your own partner, and this concerns north"):
        add(tmp_path, {}, by=making.reader("officer@harbor.example"))
    add(tmp_path, {}, by=making.reader("officer@north.example"))
    (given,) = consents()
    with pytest.raises(Refused, match="of your own partner"):
        actions.withdraw(id=given.id, by=making.reader("officer@harbor.example"))


def test_only_keepers_of_registers_add_and_withdraw(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        actions.add(path=tmp_path / "x.csv", by=making.reader("worker@harbor.example"))
    with pytest.raises(Refused):
        actions.withdraw(id="X", by=making.reader("worker@harbor.example"))


def test_student_signs_from_the_eighteenth_birthday(tmp_path: Path) -> None:
    born(31, years_ago(18, days=31))
    making.land("record_key", "north", [{"kind": "person", "key": "n-31", "record": 31}], "sharing-2026")
    with pytest.raises(Refused, match="the student held it and must sign") as refused:
        add(tmp_path, {"record_key": "n-31"})
    assert refused.value.citations == ("34 CFR 99.5(a)",)
    assert add(tmp_path, {"record_key": "n-31", "relation": "student"}).new == 1


def test_parents_consent_ends_when_the_right_transfers(tmp_path: Path) -> None:
    birthday = years_ago(18, days=31)
    coming_of_age = birthday.replace(year=birthday.year + 18)
    born(31, birthday)
    making.land("record_key", "north", [{"kind": "person", "key": "n-31", "record": 31}], "sharing-2026")
    add(tmp_path, {"record_key": "n-31", "signed_on": str(coming_of_age - timedelta(30))})
    assert len(in_force(consents(), coming_of_age - timedelta(1))) == 1
    assert not in_force(consents(), coming_of_age)
    (end,) = lapsing("north", 10, on=coming_of_age - timedelta(5))
    assert end.until == coming_of_age - timedelta(1)


def test_college_student_signs(tmp_path: Path) -> None:
    college = {"entry_date_into_postsecondary": TODAY - timedelta(20)}
    making.land("postsecondary_enrollment", "north", [
        {"person_record": 11, "record": 1, **college}, {"person_record": 12, "record": 2, **college},
    ])  # fmt: skip
    making.land("school_enrollment", "north", [  # who attends both: parents keep the right at the school
        {"person_record": 12, "record": 3, "enrollment_entry_date": TODAY - timedelta(90)},
    ])  # fmt: skip
    with pytest.raises(Refused, match="the student held it"):
        add(tmp_path, {"record_key": "n-11"})
    assert add(tmp_path, {"record_key": "n-12"}).new == 1


def test_signer_names_ignore_case(tmp_path: Path) -> None:
    day = TODAY - timedelta(3)
    add(tmp_path, {"decision": "no", "signed_on": str(day)}, {"signer": "PAT  one"})
    assert len({told.holder for told in consents()}) == 1
    assert len(in_force(consents(), TODAY)) == 1  # taken back by the one who refused
    add(tmp_path, {"signer": "Sam One", "decision": "no"})
    assert not in_force(consents(), TODAY)


def test_state_and_end_of_consents_by_record(tmp_path: Path) -> None:
    soon, later = TODAY + timedelta(10), TODAY + timedelta(100)
    add(
        tmp_path,
        {"expires": str(soon)},
        {"record_key": "n-12", "expires": str(later)},
        {"record_key": "n-13", "decision": "no"},
    )
    assert {held.record for held in consents() if held.id in in_force(consents(), TODAY)} == {11, 12}
    assert [(end.record, end.until) for end in lapsing("north", 30)] == [(11, soon)]
    assert [end.record for end in lapsing("north", 100)] == [11, 12]
    # A second consent that holds longer: nothing lapses.
    add(tmp_path, {"signer": "Sam One", "expires": str(later)})
    assert [end.record for end in lapsing("north", 30)] == []
