"""Each way of asking hands out only what the form of the purpose allows."""

from collections.abc import Callable

import pytest

from tests.gate import making
from tests.gate.test_door import research
from throughway.agreements import actions as agreements
from throughway.gate.actions import enter
from throughway.gate.actions.door import Door
from throughway.gate.models import LedgerEntry
from throughway.refusals import Refused
from throughway.store.reading import snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
ROWS = "SELECT person_id FROM attendance_day"
COUNT = "SELECT attendance_status, count(*) AS n FROM attendance_day GROUP BY 1"
IDENTIFIED, CODED, FIGURES = "planning", "study", "counting"  # purposes, by their form

WAYS: dict[str, tuple[Callable[[Door], object], set[str]]] = {
    "query": (lambda door: door.query(ROWS), {IDENTIFIED, CODED}),
    "table": (lambda door: door.table(ROWS), {IDENTIFIED, CODED}),
    "few": (lambda door: door.few({"days": ROWS}, [11]), {IDENTIFIED, CODED}),
    "figures": (lambda door: door.figures(COUNT), {FIGURES}),
    "take": (lambda door: door.take({"days": ROWS}, within=lambda disclosure: None), {CODED}),
    "record of one": (lambda door: door.record_of(11), {IDENTIFIED}),
    "students": (lambda door: door.students(), {IDENTIFIED}),
}


@pytest.fixture
def town() -> None:
    making.register()
    making.in_effect(making.sharing())
    making.in_effect(research(CODED))
    making.people()


def door(purpose: str) -> Door:
    return enter(actor=making.reader("evaluator@hub.example"), purpose=purpose)


@pytest.mark.parametrize("purpose", [IDENTIFIED, CODED, FIGURES])
def test_each_way_is_open_to_its_forms(town: None, purpose: str) -> None:
    for name, (ask, open_to) in WAYS.items():
        if purpose in open_to:
            ask(door(purpose))
            continue
        with pytest.raises(Refused) as refused:
            ask(door(purpose))
        assert refused.value.code == "form", name


def test_why_a_student_is_open_is_told_in_one_state_of_the_store(town: None) -> None:
    opened = door(IDENTIFIED)
    with opened.one_state() as outer, opened.one_state() as inner:
        assert inner is outer
        assert opened.why(11).agreements
    with opened.one_state() as later:
        assert later is not outer


def test_only_what_gave_the_table_is_named_as_ended(town: None) -> None:
    making.in_effect(making.sharing(id="other", schedule=[making.line("school_enrollment.*", "planning")]))
    agreements.suspend(id="other", by=making.reader("officer@north.example"))
    with pytest.raises(Refused) as refused:
        door(IDENTIFIED).query("SELECT count(*) FROM person_status")
    assert "other" not in refused.value.message


def test_what_comes_into_effect_meanwhile_closes_nothing(town: None) -> None:
    opened = door(IDENTIFIED)
    making.in_effect(making.sharing(id="other", schedule=[making.line("school_enrollment.*", "planning")]))
    assert opened.query(ROWS).rows


def test_links_that_may_no_longer_be_seen_close_what_was_begun() -> None:
    making.register()
    planning, linkage = (
        [p for p in making.sharing()["purposes"] if (p["kind"] == "linkage") == matching] for matching in (False, True)
    )  # fmt: skip
    rest = [line for line in making.sharing()["schedule"] if line["purposes"] != ["matching"]]
    making.in_effect(making.sharing(purposes=planning, schedule=rest))
    making.in_effect(
        making.sharing(id="links", purposes=linkage, schedule=[making.line("person.*", "matching")])
    )
    making.people()
    opened = door(IDENTIFIED)
    assert opened.linked
    agreements.suspend(id="links", by=making.reader("officer@north.example"))
    with pytest.raises(Refused, match="no longer stands"):
        opened.query(ROWS)


def test_the_ledger_names_the_readers_partner_alone(town: None) -> None:
    """Others may read by the same agreement, and did not."""
    found = door(IDENTIFIED).query(ROWS)
    assert list(LedgerEntry.objects.get(id=found.disclosure).recipients) == ["hub"]


def test_whom_linkage_may_keep_are_those_of_the_population() -> None:
    """Of whom a grant shows a row now: in the population, and in the table."""
    making.register()
    making.in_effect(
        making.sharing(population=[{"from": ["north"], "on": "school_enrollment", "where": "entry_grade_level = '06'", "when": "ever"}])
    )  # fmt: skip
    making.people()
    making.land("school_enrollment", "north", [
        {"person_record": record, "record": record, "entry_grade_level": grade} for record, grade in ((11, "06"), (12, "07"), (99, "06"))
    ])  # fmt: skip
    with snapshot() as stored:
        found = door("matching").admitted("person", stored)
    assert {grant.discloser: numbers.tolist() for grant, numbers in found} == {
        "north": [11],
        "harbor": [21, 22],
    }


def test_all_that_a_question_reads_must_still_stand(town: None) -> None:
    """One of two agreements that gave it ends while it runs; the other and its links stand."""
    making.in_effect(making.sharing(id="other", schedule=[making.line("school_enrollment.*", "planning")]))
    making.land("school_enrollment", "north", [{"person_record": 11, "record": 1}])
    opened = door(IDENTIFIED)
    agreements.suspend(id="other", by=making.reader("officer@north.example"))
    with pytest.raises(Refused, match="no longer stands"):
        opened.query("SELECT a.person_id FROM attendance_day a JOIN school_enrollment s USING (person_id)")
    assert opened.query(ROWS).rows
