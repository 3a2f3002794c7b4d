"""What 34 CFR 99.32 asks of an entry beyond who and what for: the threat of an emergency, and who may receive it next."""

import pytest

from tests.gate import making
from tests.site.people import client_of
from throughway.gate.actions import disclosures_of, enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]

THREAT = {
    "threat": "A flood at the school",
    "determined_by": "The superintendent",
    "determined_on": "2026-09-01",
}
ONWARD = [
    {"party": "harbor", "interest": "finds the students", "basis": "emergency"},
    {"party": "State Fire Service", "interest": "plans the rescue", "basis": "emergency"},
]


@pytest.fixture
def flooded() -> str:
    """The id of a disclosure to hub in an emergency."""
    making.register()
    rescue = making.purpose("rescue", "operations", "identified", **{"from": ["north"]}, recipients=["hub"],
                            basis="emergency", basis_details=THREAT)  # fmt: skip
    plain = making.sharing()
    schedule = [*plain["schedule"], making.line("attendance_day.*", "rescue", **{"from": ["north"]})]
    making.in_effect(making.sharing(purposes=[*plain["purposes"], rescue], schedule=schedule, onward=ONWARD))
    making.people()
    return ask("rescue")


def ask(purpose: str) -> str:
    access = enter(actor=making.reader("evaluator@hub.example"), purpose=purpose)
    return access.query("SELECT person_id FROM attendance_day").disclosure


def told(id: str) -> dict[str, object]:
    found = disclosures_of(partner="north", record_key="n-12", by=making.reader("officer@north.example"))
    return next(entry for entry in found if entry["id"] == id)


def test_an_emergency_is_written_with_its_threat_and_its_parties(flooded: str) -> None:
    entry = told(flooded)
    assert entry["threat"] == "A flood at the school (determined by The superintendent on 2026-09-01)"
    assert (entry["basis"], entry["recipients"]) == ("emergency", ["hub"])


def test_what_is_no_emergency_has_no_threat(flooded: str) -> None:
    assert told(ask("planning"))["threat"] == ""


def test_onward_recipients_are_recorded(flooded: str) -> None:
    found = told(flooded)["onward"]
    assert [step["party"] for step in found] == ["State Fire Service", "harbor"]
    assert {step["party"]: (step["interest"], step["basis"]) for step in found} == {
        step["party"]: (step["interest"], step["basis"]) for step in ONWARD
    }


def test_the_pages_say_both(flooded: str) -> None:
    client = client_of("officer@north.example")
    page = client.get(f"/ledger/{flooded}/").content.decode()
    assert "A flood at the school" in page
    assert "State Fire Service: plans the rescue (a health or safety emergency)" in page
    assert "Harbor: finds the students" in page
    assert "A flood at the school" in client.get("/ledger/student/12/").content.decode()


def test_beside_what_is_no_emergency_the_threat_is_told_alone(flooded: str) -> None:
    making.in_effect(
        making.sharing(
            id="other",
            purposes=[
                making.purpose(
                    "rescue", "operations", "identified", **{"from": ["north"]}, recipients=["hub"]
                )
            ],
            schedule=[making.line("school_enrollment.*", "rescue")],
        )
    )
    access = enter(actor=making.reader("evaluator@hub.example"), purpose="rescue")
    both = access.query("SELECT count(*) FROM school_enrollment s JOIN attendance_day a USING (person_id)")
    making.land("school_enrollment", "north", [{"person_record": 12, "record": 1}])
    both = access.query("SELECT count(*) FROM school_enrollment s JOIN attendance_day a USING (person_id)")
    assert told(both.disclosure)["threat"] == told(flooded)["threat"]
