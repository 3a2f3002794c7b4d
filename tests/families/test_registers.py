"""Limits and consents together, opt-out windows, rows by a consent that was withdrawn, incidents with their clocks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.families.conftest import AGO, TODAY, consents
from tests.gate import making
from throughway.agreements.selectors import one
from throughway.consent import actions as consent
from throughway.consent.selectors.decisions import consents as decided
from throughway.consent.selectors.rights import windows_of
from throughway.core.refusals import Refused
from throughway.families import selectors
from throughway.families.actions import incidents, inspections, limits
from throughway.gate.actions import enter
from throughway.partners import Actor

pytestmark = pytest.mark.django_db(transaction=True)
SQL = "SELECT person_id FROM attendance_day"
LATER = "sharing-2027"


def chosen(basis: str = "consent", custody: dict[str, Any] | None = None) -> None:
    """A second agreement, under which planning depends on each family's choice."""
    document = making.sharing(id=LATER, title="By choice")
    document["purposes"] = [document["purposes"][0] | {"id": "choosing", "basis": basis, "basis_details": {"notice": "7", "items": ["name"]} if basis == "directory" else {}}]  # fmt: skip
    document["schedule"] = [making.line("person.first_name", "choosing"), making.line("attendance_day.*", "choosing")][: 1 if basis == "directory" else 2]  # fmt: skip
    if custody:
        document["custody"] = custody
    making.in_effect(document)


def shown() -> list[Any]:
    return sorted(
        row[0]
        for row in enter(actor=making.reader("evaluator@hub.example"), purpose="choosing").query(SQL).rows
    )


def line(**more: Any) -> dict[str, Any]:
    return {"agreement": LATER, "purpose": "choosing"} | more


def test_refusal_of_one_parent_holds_unless_an_order_limits_them(officer: Actor, tmp_path: Path) -> None:
    chosen()
    consents(
        tmp_path, line(), line(signer="Sam One", decision="no"), line(record_key="n-12", signer="Kim Two")
    )
    assert shown() == [12]
    order = limits.limit(
        student="n-11", who="Sam One", kind="rights", reference="2026-DR-7", since=TODAY, by=officer
    )
    assert shown() == [11, 12]
    with pytest.raises(Refused, match=f"limit {order.code}") as refused:
        consents(tmp_path, line(signer="Sam One", decision="no", purpose="*"))
    assert refused.value.citations == ["34 CFR 99.4"] or refused.value.citations == ("34 CFR 99.4",)
    limits.lift(code=order.code, why="Vacated", on=TODAY, by=officer)
    assert shown() == [12]


def test_who_asks_and_who_signs_are_one_person_by_name(officer: Actor, tmp_path: Path) -> None:
    chosen()
    inspections.ask_to_inspect(
        student="n-11", who="Sam One", relation="parent", identified="ID", received=AGO, by=officer
    )
    consents(tmp_path, line(), line(signer="sam one"))
    assert sorted((c.holder, c.record) for c in decided()) == [(1, 11), (2, 11)]


def test_late_opt_out_is_valid_and_reported(officer: Actor, tmp_path: Path) -> None:
    chosen("directory")
    out = line(decision="no")
    limits.open_window(
        year=TODAY.year + 1, notice="7", opens=AGO, closes=TODAY - timedelta(days=1), by=officer
    )
    assert consents(tmp_path, out | {"signed_on": str(AGO)}).late == 0
    late = consents(tmp_path, out | {"record_key": "n-12", "signer": "Kim"})
    assert (late.new, late.late, late.closed) == (1, 1, TODAY - timedelta(days=1))
    limits.open_window(year=TODAY.year + 1, notice="7", opens=AGO, closes=TODAY, by=officer)
    assert consents(tmp_path, out | {"record_key": "n-13", "signer": "Lu"}).late == 0
    assert len(windows_of("north")) == 1
    with pytest.raises(Refused, match="closes before it opens"):
        limits.open_window(year=2027, notice="7", opens=TODAY, closes=AGO, by=officer)


def test_rows_by_a_consent_that_was_withdrawn_are_to_be_removed(tmp_path: Path) -> None:
    chosen(custody={"basis": "consent", "basis_details": {}})
    consents(tmp_path, line(signed_on=str(AGO)), line(record_key="n-12", signer="Kim", signed_on=str(AGO)))
    assert selectors.removals(TODAY) == []
    consent.withdraw(id=decided()[0].id, by=making.reader("officer@north.example"))
    (removal,) = selectors.removals(TODAY)
    assert (removal.record, removal.agreement, removal.due) == (11, LATER, TODAY + timedelta(days=60))
    (step,) = selectors.open_steps(TODAY)
    assert (step.kind, step.waits_for, step.due, step.href_args) == (
        "remove",
        "hub",
        removal.due,
        ("consent", removal.id),
    )
    assert f"throughway destroy --consent {removal.id}" in selectors.due(removal.due + timedelta(days=1))[0]


def test_incident_lists_recipients_students_and_deadlines(officer: Actor) -> None:
    hub = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
    leaked = hub.query(f"{SQL} WHERE person_id IN (11, 12)").disclosure
    said: dict[str, Any] = {"what": "A laptop was lost", "known": datetime.now(UTC), "reported_by": "The hub", "recipients": ["hub"], "since": AGO}  # fmt: skip
    found = incidents.record_incident(**said, by=officer)
    assert (found.entries, found.students) == ((leaked,), {"north": 2})
    (clock,) = found.clocks
    hours = one("sharing-2026").document.terms.breach_notice_hours
    assert (clock.agreement, clock.due) == ("sharing-2026", found.known + timedelta(hours=hours))
    assert [s.href_name for s in selectors.open_steps(TODAY)] == ["families:incident"]
    assert len(selectors.due(TODAY + timedelta(days=5))) == 1
    with pytest.raises(Refused, match="Some parties have not been notified"):
        incidents.close_incident(code=found.code, outcome="Wiped", by=officer)
    with pytest.raises(Refused, match="no notice deadline under that agreement"):
        incidents.told_of(code=found.code, agreement="other", by=officer)
    incidents.told_of(code=found.code, agreement="sharing-2026", by=officer)
    with pytest.raises(Refused, match="Say what was done"):
        incidents.close_incident(code=found.code, outcome="", by=officer)
    assert not incidents.close_incident(code=found.code, outcome="Wiped", by=officer).open
    assert selectors.open_steps(TODAY) == []
    with pytest.raises(Refused, match="no incident with that code"):
        incidents.close_incident(code=found.code, outcome="x", by=making.reader("officer@harbor.example"))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"what": ""}, "what happened"), ({"reported_by": ""}, "which office"), ({"recipients": []}, "Name the partners"),
        ({"recipients": ["nobody"]}, "Name the partners"), ({"known": datetime.now(UTC) + timedelta(hours=5)}, "in the future"),
        ({"since": TODAY + timedelta(days=1)}, "in the future"),
    ],
)  # fmt: skip
def test_a_wrong_incident(officer: Actor, more: dict[str, Any], sentence: str) -> None:
    said = {
        "what": "x",
        "known": datetime.now(UTC),
        "reported_by": "y",
        "recipients": ["hub"],
        "since": AGO,
    } | more
    with pytest.raises(Refused, match=sentence):
        incidents.record_incident(**said, by=officer)
