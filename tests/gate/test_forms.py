"""Each way of asking hands out only what the form of the purpose allows."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import transaction

from tests.gate import making
from tests.gate.test_governed_access import research
from tests.kept import kept
from throughway.agreements import actions as agreements
from throughway.agreements.selectors import linkage_purposes
from throughway.core.long_work import TransactionOpen
from throughway.core.refusals import Refused
from throughway.gate.actions import enter, governed_access, linking_turn
from throughway.gate.actions.governed_access import GovernedAccess
from throughway.ledger.hmac_digests import question_digest
from throughway.ledger.models import LedgerEntry
from throughway.store import Community
from throughway.store.selectors import snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
ROWS = "SELECT person_id FROM attendance_day"
COUNT = "SELECT attendance_status, count(*) AS n FROM attendance_day GROUP BY 1"
IDENTIFIED, CODED, FIGURES = "planning", "study", "counting"  # purposes, by their form

WAYS: dict[str, tuple[Callable[[GovernedAccess], object], set[str]]] = {
    "query": (lambda access: access.query(ROWS), {IDENTIFIED, CODED}),
    "table": (lambda access: access.table(ROWS), {IDENTIFIED, CODED}),
    "few": (lambda access: access.few({"days": ROWS}, [11]), {IDENTIFIED, CODED}),
    "figures": (lambda access: access.figures(COUNT), {FIGURES}),
    "take": (lambda access: access.take({"days": ROWS}, within=lambda disclosure: None), {CODED}),
    "record of one": (lambda access: access.record_of(11), {IDENTIFIED}),
    "students": (lambda access: access.students(), {IDENTIFIED}),
}


@pytest.fixture
@kept
def town() -> None:
    making.register()
    making.in_effect(making.sharing())
    making.in_effect(research(CODED))
    making.people()


def access(purpose: str) -> GovernedAccess:
    return enter(actor=making.reader("evaluator@hub.example"), purpose=purpose)


@pytest.mark.parametrize("purpose", [IDENTIFIED, CODED, FIGURES])
def test_each_way_is_open_to_its_forms(town: None, purpose: str) -> None:
    for name, (ask, open_to) in WAYS.items():
        if purpose in open_to:
            ask(access(purpose))
            continue
        with pytest.raises(Refused) as refused:
            ask(access(purpose))
        assert refused.value.code == "form", name


def test_why_a_student_is_open_is_told_in_one_state_of_the_store(town: None) -> None:
    opened = access(IDENTIFIED)
    with opened.one_state() as outer, opened.one_state() as inner:
        assert inner is outer
        assert opened.why(11).agreements
    with opened.one_state() as later:
        assert later is not outer


def test_only_what_gave_the_table_is_named_as_ended(town: None) -> None:
    making.in_effect(making.sharing(id="other", schedule=[making.line("school_enrollment.*", "planning")]))
    agreements.suspend(id="other", by=making.reader("officer@north.example"))
    with pytest.raises(Refused) as refused:
        access(IDENTIFIED).query("SELECT count(*) FROM person_status")
    assert "other" not in refused.value.message


def test_what_comes_into_effect_meanwhile_closes_nothing(town: None) -> None:
    opened = access(IDENTIFIED)
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
    opened = access(IDENTIFIED)
    assert opened.linked
    agreements.suspend(id="links", by=making.reader("officer@north.example"))
    with pytest.raises(Refused, match="Access changed while"):
        opened.query(ROWS)


def test_the_ledger_names_the_readers_partner_alone(town: None) -> None:
    """Others may read by the same agreement, and did not."""
    found = access(IDENTIFIED).query(ROWS)
    assert list(LedgerEntry.objects.get(id=found.disclosure).recipients) == ["hub"]


def test_whom_linkage_may_keep_are_those_of_the_population() -> None:
    """The students about whom a grant shows a row now: in the population, and in the table."""
    making.register()
    making.in_effect(
        making.sharing(
            schedule=[*making.sharing()["schedule"], making.line("attendance_day.*", "matching")],
            population=[{"from": ["north"], "on": "school_enrollment", "where": "entry_grade_level = '06'", "when": "ever"}],
        )
    )  # fmt: skip
    making.people()
    making.land("school_enrollment", "north", [
        {"person_record": record, "record": record, "entry_grade_level": grade} for record, grade in ((11, "06"), (12, "07"), (99, "06"))
    ])  # fmt: skip
    with snapshot() as stored:
        found = access("matching").admitted("person", stored)
    assert sorted((grant.table, grant.discloser, numbers.tolist()) for grant, numbers in found) == [
        ("person", "harbor", [21, 22]), ("person", "north", [11]),
    ]  # fmt: skip


def test_all_that_a_question_reads_must_still_stand(town: None) -> None:
    """One of two agreements that gave it ends while it runs; the other and its links stand."""
    making.in_effect(making.sharing(id="other", schedule=[making.line("school_enrollment.*", "planning")]))
    making.land("school_enrollment", "north", [{"person_record": 11, "record": 1}])
    opened = access(IDENTIFIED)
    agreements.suspend(id="other", by=making.reader("officer@north.example"))
    with pytest.raises(Refused, match="Access changed while"):
        opened.query("SELECT a.person_id FROM attendance_day a JOIN school_enrollment s USING (person_id)")
    assert opened.query(ROWS).rows


def test_of_two_agreements_the_larger_cell_holds(town: None) -> None:
    for id, cell in (("less", 5), ("more", 20)):
        other = making.sharing(id=id, schedule=[making.line("attendance_day.*", "counting")])
        other["terms"] |= {"minimum_cell": cell}
        making.in_effect(other)
    assert access(FIGURES).minimum_cell == 20


def test_an_agreement_that_ended_links_nothing(town: None) -> None:
    assert linkage_purposes(date.today()) == ["matching"]
    for id in ("sharing-2026", CODED):
        agreements.suspend(id=id, by=making.reader("officer@north.example"))
    assert linkage_purposes(date.today()) == []


def test_one_linkage_after_another(town: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from throughway.store.actions import links

    monkeypatch.setattr(links, "PATIENCE", 0.05)
    with linking_turn(), pytest.raises(Refused, match="being linked or destroyed"), linking_turn():
        pass
    with linking_turn():
        pass


def test_the_entry_of_several_questions_is_of_them_alone(town: None, community: Community) -> None:
    """Of the partners and elements that they read, under the digest of all of them."""
    asked = {name: f"SELECT person_id FROM {name}" for name in ("attendance_day", "person")}
    text = ";\n".join(asked.values())
    _, disclosure = access(IDENTIFIED).few({"days": asked["attendance_day"]}, [11])
    entry = LedgerEntry.objects.get(pk=disclosure)
    assert (entry.disclosers, entry.elements) == (["north"], ["attendance_day.person_id"])
    taken = access(CODED).take(asked, within=lambda disclosure: None)
    entry = LedgerEntry.objects.get(pk=taken.disclosure)
    assert [id for id, _ in entry.agreements] == [CODED]
    assert entry.elements == ["attendance_day.person_id", "person.person_id"]
    assert entry.question == question_digest(text, community.keys)
    for ask in (
        lambda of: of.few(asked, [11]),
        lambda of: of.take(asked, within=lambda disclosure: None),
    ):
        with pytest.raises(Refused):
            ask(access(FIGURES))
        refused = LedgerEntry.objects.order_by("at", "id").last()
        assert refused is not None
        assert refused.question == question_digest(text, community.keys)


def test_of_a_few_records_what_tells_of_nobody_is_whole() -> None:
    making.register()
    document = making.sharing()
    document["schedule"] += [making.line("organization.*", "planning", **{"from": ["north"]})]
    making.in_effect(document)
    making.people()
    making.land("organization", "north", [{"organization_id": "s1", "organization_name": "Elm"}])
    schools = "SELECT organization_name FROM organization"
    tables, _ = access(IDENTIFIED).few({"schools": schools, "days": ROWS}, [11])
    assert tables["schools"].column(0).to_pylist() == ["Elm"]
    assert tables["days"].column(0).to_pylist() == [11]


def test_as_many_rows_as_are_allowed_and_not_one_more(town: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(governed_access, "MOST_ROWS", 3)
    assert len(access(IDENTIFIED).query(ROWS).rows) == 3
    monkeypatch.setattr(governed_access, "MOST_ROWS", 2)
    with pytest.raises(Refused, match="more than 2 rows") as refused:
        access(IDENTIFIED).query(ROWS)
    assert refused.value.code == "too_large"
    assert access(IDENTIFIED).table(ROWS)[0].num_rows == 3


def test_rows_leave_only_after_the_entry_is_committed(town: None) -> None:
    with pytest.raises(TransactionOpen, match="a question to the gate"), transaction.atomic():
        access(IDENTIFIED).query(ROWS)


def test_future_dated_choice_counts_today_not_on_past_days(town: None) -> None:
    tomorrow = date.today() + timedelta(days=1)
    making.land(
        "attendance_day", "north", [{"person_record": 12, "record": 9, "attendance_event_date": tomorrow}]
    )
    sql = f"SELECT person_id FROM attendance_day WHERE attendance_event_date = '{tomorrow}'"
    assert access(IDENTIFIED).query(sql).rows == [(12,)]
    before = enter(
        actor=making.reader("evaluator@hub.example"), purpose=IDENTIFIED, on=date.today() - timedelta(days=1)
    )
    assert before.query(sql).rows == []


def test_codes_are_drawn_for_persons_alone_and_for_values_alone() -> None:
    """One agreement shows persons under codes and no value; the other persons by their numbers, and a name under codes."""
    making.register()
    coded = research(CODED)
    coded["schedule"] = [line for line in coded["schedule"] if line.get("transform") != "pseudonym"]  # type: ignore[index, attr-defined]
    making.in_effect(coded)
    document = making.sharing()
    document["schedule"] += [
        making.line("person.last_or_surname", "planning", transform="pseudonym", **{"from": ["north"]})
    ]
    making.in_effect(document)
    making.people()
    shown = access(CODED).query("SELECT person_id FROM person").rows
    assert [len(str(code)) for (code,) in shown] == [16] * 3
    rows = (
        access(IDENTIFIED)
        .query("SELECT person_id, last_or_surname FROM person WHERE person_id < 20 ORDER BY 1")
        .rows
    )
    assert [person for person, _ in rows] == [11, 12, 13]
    assert [len(str(code)) for _, code in rows] == [16] * 3
