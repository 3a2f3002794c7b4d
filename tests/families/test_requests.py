"""Requests to inspect and to amend, from the asking to the end, through the gate; and what each wrong step is told."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.families.conftest import AGO, ASK, ELEMENT, TODAY
from tests.gate import making
from throughway.consent.amendment import Amendment, AmendmentState
from throughway.consent.inspection import InspectionOutcome
from throughway.consent.models import RightWords
from throughway.consent.selectors.decisions import statements
from throughway.consent.selectors.rights import inspections_of
from throughway.core.refusals import Refused
from throughway.destruction.actions.orders import destroy
from throughway.families import selectors
from throughway.families.actions import amendments, inspections, limits
from throughway.families.actions.amendments import recipients
from throughway.gate.actions import enter
from throughway.ledger.actions import verification
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR, Actor

pytestmark = pytest.mark.django_db(transaction=True)
SQL = "SELECT person_id, attendance_status FROM attendance_day"


def amend(officer: Actor, **more: Any) -> Amendment:
    said = ASK | {"element": ELEMENT, "which": "1 September", "why": "She was at school"} | more
    return amendments.ask_to_amend(**said, by=officer)


def lost(officer: Actor) -> Amendment:
    found = amend(officer)
    amendments.refuse(code=found.code, on=AGO, reason="The teacher's list says so", by=officer)
    amendments.ask_hearing(code=found.code, on=AGO, by=officer)
    amendments.set_hearing(code=found.code, date_=TODAY, time="16:30", place="Room 4", officer="Deputy of the board", notice=AGO, by=officer)  # fmt: skip
    amendments.hold_hearing(code=found.code, on=TODAY, by=officer)
    return amendments.lose(
        code=found.code, on=TODAY, summary="Two lists", reasons="The list is the record", by=officer
    )


def test_a_request_to_inspect_is_gathered_shown_and_ended(officer: Actor) -> None:
    found = inspections.ask_to_inspect(**ASK, by=officer)
    assert (found.due, found.state) == (AGO + timedelta(days=45), "received")
    assert inspections.ask_to_inspect(**ASK, by=officer).code == found.code
    with pytest.raises(Refused, match="gather it first"):
        inspections.answer(code=found.code, how="copy", on=TODAY, by=officer)
    got = inspections.gather(code=found.code.lower(), by=officer)
    assert got.counts == {"attendance_day": 1, "person": 1}
    entry = LedgerEntry.objects.get(id=got.disclosure)
    assert (entry.purpose, entry.students_count) == ("own_records", 1)
    ended = inspections.answer(code=found.code, how="copy", on=TODAY, copy_fee="2.5", by=officer)
    assert (ended.how, ended.copy_fee, ended.open, ended.disclosure) == (
        InspectionOutcome.COPY,
        "2.50",
        False,
        got.disclosure,
    )
    assert inspections.answer(code=found.code, how="copy", on=TODAY, by=officer) == ended
    with pytest.raises(Refused, match="was answered on"):
        inspections.gather(code=found.code, by=officer)


TERM = {
    "throughway": "rules/1", "id": "state", "title": "Our State",
    "rules": [{"id": "ST-1", "title": "Within ten days", "citation": "State code 1", "cure": "Show it.",
               "when": {"disclosers": ["lea"]}, "inspect_within": {"days": 10}}],
}  # fmt: skip


def test_a_rule_of_the_state_makes_the_term_shorter(officer: Actor, community: Any) -> None:
    before = inspections.ask_to_inspect(**ASK | {"student": "n-12"}, by=officer)
    assert before.due == AGO + timedelta(45)
    community.rules.mkdir(exist_ok=True)
    (community.rules / "state.yaml").write_text(json.dumps(TERM))
    asked = inspections.ask_to_inspect(**ASK, by=officer)
    assert asked.due == AGO + timedelta(10)
    soon = inspections.ask_to_inspect(**ASK | {"student": "n-13"}, meeting=AGO + timedelta(4), by=officer)
    assert soon.due == AGO + timedelta(3)
    assert inspections.one(code=before.code, by=officer).due == AGO + timedelta(45)  # a request keeps its day
    (community.rules / "state.yaml").unlink()
    assert inspections.one(code=asked.code, by=officer).due == AGO + timedelta(10)


def test_the_name_of_who_asks_is_in_no_table_of_the_database(officer: Actor) -> None:
    inspections.ask_to_inspect(**ASK, by=officer)
    with connection.cursor() as cursor:
        for table in ("consent_rightevent", "consent_rightwords"):
            cursor.execute(f"SELECT * FROM {table}")
            assert "Pat One" not in json.dumps(cursor.fetchall(), default=str)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"relation": "neighbour"}, "no right to ask"),
        ({"relation": "student"}, "a parent holds the right"),
        ({"student": "nobody"}, "no record of that student"),
        ({"identified": " "}, "verified the requester"),
        ({"who": " "}, "Give the name"),
        ({"received": TODAY + timedelta(days=1)}, "in the future"),
        ({"meeting": AGO - timedelta(days=1)}, "is before the day"),
    ],
)
def test_wrong_input_is_refused(officer: Actor, more: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        inspections.ask_to_inspect(**(ASK | more), by=officer)
    assert "Pat" not in refused.value.message
    assert "n-11" not in refused.value.message


def test_only_officers_of_the_partner_that_keeps_the_record(officer: Actor) -> None:
    code = inspections.ask_to_inspect(**ASK, by=officer).code
    for other in ("evaluator@north.example", "officer@harbor.example"):
        with pytest.raises(Refused) as refused:
            inspections.gather(code=code, by=making.reader(other))
        assert refused.value.code in ("not_allowed", "unknown_request")
    with pytest.raises(Refused, match="--as EMAIL"):
        inspections.ask_to_inspect(**ASK, by=OPERATOR)
    with pytest.raises(Refused) as none:
        inspections.gather(code="NOTHING", by=officer)
    assert none.value.code == "unknown_request"


def test_fees_are_for_copies_alone(officer: Actor) -> None:
    code = inspections.ask_to_inspect(**ASK, by=officer).code
    inspections.gather(code=code, by=officer)
    for how, fee in (("inspection", "5"), ("copy", "-1"), ("copy", "much"), ("copy", "NaN")):
        with pytest.raises(Refused, match="never for the search"):
            inspections.answer(code=code, how=how, on=TODAY, copy_fee=fee, by=officer)
    with pytest.raises(Refused, match="before the previous step"):
        inspections.answer(code=code, how="copy", on=AGO - timedelta(days=1), by=officer)


def test_destruction_waits_for_an_open_inspection(officer: Actor) -> None:
    code = inspections.ask_to_inspect(**ASK, by=officer).code
    for what in ({"person": 11, "why": "Asked", "asked_by": "A parent"}, {"partner": "north"}):
        with pytest.raises(Refused, match=f"{code}, received on {AGO}") as refused:
            destroy(**what, by=officer)  # type: ignore[arg-type]
        assert refused.value.code == "waits"
    destroy(person=12, why="Asked", asked_by="A parent", by=officer)
    inspections.answer(code=code, how="withdrawn", on=TODAY, by=officer)
    assert RightWords.objects.count() == 1
    made = destroy(person=11, why="Asked", asked_by="A parent", by=officer)
    assert made.destroyed["rows"]["person"] == 1
    assert RightWords.objects.count() == 0
    assert inspections_of("north")[0].identified == ""


def test_a_limit_is_obeyed(officer: Actor, tmp_path: Path) -> None:
    given = {"student": "n-11", "who": "pat  ONE", "reference": "2026-DR-7", "since": AGO}
    contact = limits.limit(**given, kind="contact", by=officer)
    making.land(
        "guardian", "north", [{"person_record": 11, "record": 1, "first_name": "Sam"}], "sharing-2026"
    )
    code = inspections.ask_to_inspect(**ASK, by=officer).code
    got = inspections.gather(code=code, by=officer)
    assert (got.left_out, sorted(got.tables)) == (("guardian",), ["attendance_day", "person"])
    rights = limits.limit(**given, kind="rights", by=officer)
    assert limits.limit(**given, kind="rights", by=officer) == rights != contact
    assert inspections.ask_to_inspect(**ASK, by=officer).code == code  # it is open, to be refused
    for act in (
        lambda: inspections.gather(code=code, by=officer),
        lambda: inspections.answer(code=code, how="copy", on=TODAY, by=officer),
    ):
        with pytest.raises(Refused, match=f"limit {rights.code}"):
            act()
    assert inspections.ask_to_inspect(**(ASK | {"who": "Sam One"}), by=officer).code != code
    limits.lift(code=rights.code, why="Order of 3 March", on=TODAY, by=officer)
    assert inspections.ask_to_inspect(**(ASK | {"received": TODAY}), by=officer).code == code
    with pytest.raises(Refused, match="evidence"):
        limits.limit(**(given | {"reference": ""}), kind="rights", by=officer)
    with pytest.raises(Refused, match="of kind rights or contact"):
        limits.limit(**given, kind="all", by=officer)


def test_statement_is_disclosed_with_the_contested_part(officer: Actor) -> None:
    hub = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
    assert hub.query(SQL).statements == ()
    found = lost(officer)
    assert statements(["north"]) == []
    amendments.state(code=found.code, on=TODAY, statement="She was there.", by=officer)
    answer = hub.query(SQL)
    (said,) = answer.statements
    assert (said.person, said.element, said.statement) == (11, ELEMENT, "She was there.")
    assert found.code in LedgerEntry.objects.get(id=answer.disclosure).reasons[0]["sentence"]
    assert hub.query(f"{SQL} WHERE person_id = 12").statements == ()
    assert hub.query("SELECT person_id, attendance_event_date FROM attendance_day").statements == ()
    assert hub.query("SELECT first_name FROM person").statements == ()
    assert [s.statement for s in hub.record_of(11).statements] == ["She was there."]
    assert hub.record_of(12).statements == ()
    # Whatever way rows leave by: what the door handed out is told beside its statements.
    for asked, contested in (
        (lambda access: access.table(SQL), True), (lambda access: access.few({"": SQL}, [11]), True), (lambda access: access.query(SQL), True),
        (lambda access: access.record_of(11), True), (lambda access: access.few({"": SQL}, [12]), False),
        (lambda access: access.table("SELECT first_name FROM person"), False), (lambda access: access.students(), False),
    ):  # fmt: skip
        access = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
        asked(access)  # type: ignore[no-untyped-call]
        assert [s.statement for s in access.statements] == (["She was there."] if contested else [])
    own = enter(actor=officer, purpose="own_records")
    assert len(own.query(SQL).statements) == 1
    # Where the record shows none of the contested part, there is nothing to go along with.
    entry = {"from": ["north"], "recipients": ["hub"]}
    making.in_effect(making.sharing(
        id="long-ago", purposes=[making.purpose("looking-back", "operations", "identified", **entry)],
        schedule=[making.line(e, "looking-back") for e in ("attendance_day.*", "person.first_name")], records={"to": "2000-01-01"},
    ))  # fmt: skip
    past = enter(actor=making.reader("evaluator@hub.example"), purpose="looking-back").record_of(11)
    assert (sorted(past.tables), past.statements) == (["person"], ())
    assert verification.verify().ok


def test_each_step_follows_the_one_before(officer: Actor) -> None:
    code = amend(officer).code
    assert amend(officer).code == code
    for step, more in (
        (amendments.ask_hearing, {}), (amendments.hold_hearing, {}), (amendments.lose, {"summary": "S", "reasons": "R"}),
        (amendments.state, {"statement": "No."}), (amendments.correct, {}),
    ):  # fmt: skip
        with pytest.raises(Refused, match="is received") as refused:
            step(code=code, on=TODAY, by=officer, **more)  # type: ignore[operator]
        assert refused.value.code == "is_received"
    with pytest.raises(Refused, match="Say why you do not amend"):
        amendments.refuse(code=code, on=TODAY, reason=" ", by=officer)
    amendments.refuse(code=code, on=TODAY, reason="So says the list", by=officer)
    with pytest.raises(Refused, match="The request was already decided"):
        amendments.refuse(code=code, on=TODAY, reason="Again", by=officer)
    amendments.ask_hearing(code=code, on=TODAY, by=officer)
    hearing: dict[str, Any] = {
        "date_": TODAY,
        "time": "16:30",
        "place": "Room 4",
        "officer": "Deputy",
        "notice": TODAY,
    }
    for wrong, said in (
        ({"officer": officer.email}, "cannot conduct"), ({"time": "half five"}, "as 16:30"), ({"place": ""}, "Say where"),
        ({"date_": TODAY - timedelta(days=1)}, "is before its notice"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=said):
            amendments.set_hearing(code=code, by=officer, **(hearing | wrong))
    amendments.set_hearing(code=code, by=officer, **hearing)
    amendments.hold_hearing(code=code, on=TODAY, by=officer)
    with pytest.raises(Refused, match="a summary of the evidence"):
        amendments.grant(code=code, on=TODAY, by=officer)
    won = amendments.grant(code=code, on=TODAY, summary="S", reasons="R", by=officer)
    assert won.state is AmendmentState.AMENDING


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"element": "person.shoe_size"}, "not an element"),
        ({"which": ""}, "which record"),
        ({"why": ""}, "Say why"),
    ],
)
def test_a_wrong_request_to_amend(officer: Actor, more: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        amend(officer, **more)


def test_a_correction_reaches_every_recipient(officer: Actor) -> None:
    enter(actor=making.reader("evaluator@hub.example"), purpose="planning").query(SQL)
    enter(actor=making.reader("evaluator@harbor.example"), purpose="planning").query(
        "SELECT first_name FROM person"
    )
    enter(actor=officer, purpose="own_records").query(SQL)
    code = amend(officer).code
    amendments.grant(code=code, on=TODAY, by=officer)
    done = amendments.correct(code=code, on=TODAY, by=officer)
    assert [(r.partner, r.due) for r in done.recipients] == [("hub", TODAY + timedelta(days=30))]
    hub = making.reader("officer@hub.example")
    assert [s.waits_for for s in selectors.open_steps(TODAY) if s.kind == "correct"] == ["hub"]
    with pytest.raises(Refused, match="no correction with that code"):
        amendments.confirm(code=code, on=TODAY, by=making.reader("officer@harbor.example"))
    amendments.confirm(code=code, on=TODAY, by=hub)
    assert amendments.confirm(code=code, on=TODAY, by=hub).recipients[0].confirmed == TODAY
    assert selectors.open_steps(TODAY) == []


def test_recipients_by_the_ledger() -> None:
    def entry(**more: Any) -> dict[str, Any]:
        return {"outcome": "released", "disclosers": ["north"], "elements": [ELEMENT], "recipients": ["hub"], "actor": {"partner": "hub"}} | more  # fmt: skip

    assert recipients([entry()], "north", ELEMENT) == ["hub"]
    assert recipients([entry(outcome="refused")], "north", ELEMENT) == []
    assert recipients([entry(disclosers=["harbor"])], "north", ELEMENT) == []
    assert recipients([entry(elements=["person.sex"])], "north", ELEMENT) == []
    passed = entry(outcome="passed_on", elements=[], recipients=["lab"], actor={"partner": "hub"})
    assert recipients([passed], "north", ELEMENT) == ["hub", "lab"]


def test_what_is_overdue(officer: Actor) -> None:
    inspections.ask_to_inspect(**(ASK | {"received": TODAY - timedelta(days=46)}), by=officer)
    amend(officer, received=TODAY - timedelta(days=50))
    assert len(selectors.due(TODAY)) == 2
    assert selectors.due(TODAY - timedelta(days=40)) == []
    steps = selectors.open_steps(date.today())
    assert {s.href_name for s in steps} == {"families:inspection", "families:amendment"}
