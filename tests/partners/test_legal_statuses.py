"""A partner's legal statuses after it was registered: who changes them, what takes two people, and what follows at once."""

import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.kept import kept
from tests.site.people import client_of, settle, signed_in
from throughway.cli import command
from throughway.cli.root import main
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor, LegalStatus, Role
from throughway.partners.actions import add_user
from throughway.partners.kinds import IMPLIED, PartnerKind
from throughway.partners.legal_status.actions import (
    agree_to_statuses,
    change_statuses,
    decline_statuses,
)
from throughway.partners.legal_status.selectors import status_changes, status_changes_asked
from throughway.partners.legal_status.status_change import (
    RESTRICTING,
    StatusChange,
    StatusChangeAsked,
    after,
    needs_second,
)
from throughway.partners.models import PartnerStatusEvent
from throughway.partners.selectors import actor, known, partners, partners_at
from throughway.store import Community

PART2, HIPAA, SEA = LegalStatus.PART2, LegalStatus.HIPAA, LegalStatus.SEA
LEADER, STEWARD, OFFICER = "leader@oak.example", "data_steward@oak.example", "privacy_officer@oak.example"
WHY = "License 26-114 of the State"

# ---- the rules ----


@pytest.mark.parametrize("status", LegalStatus)
def test_only_adding_what_restricts_takes_one_person(status: LegalStatus) -> None:
    assert needs_second({status}, ()) is (status not in RESTRICTING)
    assert needs_second((), {status})
    assert needs_second({PART2}, {status})
    assert needs_second({PART2, status}, ()) is (status not in RESTRICTING)


SETS = st.frozensets(st.sampled_from(LegalStatus), max_size=3)


@given(SETS, st.lists(st.tuples(SETS, SETS), max_size=6))
def test_changes_are_made_one_after_the_other(
    stated: frozenset[LegalStatus], pairs: list[tuple[frozenset[LegalStatus], frozenset[LegalStatus]]]
) -> None:
    slow = {status: status in stated for status in LegalStatus}
    for adds, removes in pairs:
        slow |= dict.fromkeys(adds, True) | dict.fromkeys(removes, False)
    assert after(stated, pairs) == {status for status, there in slow.items() if there}


# ---- in the register ----


@pytest.fixture
@kept
def oak(community: Community) -> None:
    settle()


def change(by: str = LEADER, partner: str = "oak", **what: Any) -> Any:
    who = OPERATOR if by == OPERATOR.email else actor(by)
    return change_statuses(partner=partner, by=who, **{"reason": WHY, **what})


def code(act: Any, *given: Any, **named: Any) -> str:
    with pytest.raises(Refused) as refused:
        act(*given, **named)
    return refused.value.code


@pytest.mark.django_db
@pytest.mark.usefixtures("oak")
def test_one_person_of_the_partner_adds_what_restricts() -> None:
    for by in (LEADER, STEWARD, OFFICER):
        status = {LEADER: PART2, STEWARD: HIPAA, OFFICER: LegalStatus.MINOR_CONSENT}[by]
        made = change(by, adds=[status])
        assert isinstance(made, StatusChange)
        assert status in known("oak").legal
        assert status in partners()["oak"].legal
    assert known("oak").legal == IMPLIED[PartnerKind.LEA] | {PART2, HIPAA, LegalStatus.MINOR_CONSENT}
    assert PART2 not in known("bank").legal


@pytest.mark.django_db
@pytest.mark.usefixtures("oak")
def test_nobody_else_changes_them() -> None:
    for by in (
        "steward@spine.example",
        "officer@bank.example",
        "case_worker@oak.example",
        "evaluator@oak.example",
    ):
        assert code(change, by, adds=[PART2]) == "not_allowed"
    assert PartnerStatusEvent.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("oak")
def test_a_second_person_agrees_to_any_other_change() -> None:
    asked = change(STEWARD, adds=[SEA])
    assert isinstance(asked, StatusChangeAsked)
    assert SEA not in known("oak").legal
    assert asked.people == {LEADER, OFFICER}
    for alone in (STEWARD, "officer@bank.example", "steward@spine.example", "case_worker@oak.example"):
        assert code(agree_to_statuses, number=asked.number, by=actor(alone)) == "not_allowed"
    assert code(agree_to_statuses, number=asked.number, by=OPERATOR) == "not_allowed"
    made = agree_to_statuses(number=asked.number, by=actor(OFFICER))
    assert (made.by, made.asked_by) == (OFFICER, STEWARD)
    assert SEA in known("oak").legal
    assert code(agree_to_statuses, number=asked.number, by=actor(LEADER)) == "not_asked"
    asked = change(LEADER, removes=[SEA])
    decline_statuses(number=asked.number, by=actor(STEWARD))
    assert SEA in known("oak").legal
    assert not status_changes_asked(date.today())


@pytest.mark.django_db
@pytest.mark.usefixtures("oak")
def test_a_request_lapses_after_two_weeks() -> None:
    asked = change(STEWARD, adds=[SEA])
    assert [each.number for each in status_changes_asked(asked.until)] == [asked.number]
    assert not status_changes_asked(asked.until + timedelta(1))


@pytest.mark.django_db
@pytest.mark.usefixtures("oak")
def test_where_there_is_one_person_the_operator_changes_them() -> None:
    change("officer@bank.example", "bank", adds=[PART2])
    assert code(change, "officer@bank.example", "bank", removes=[PART2]) == "nobody_second"
    # Whose account the one person alone opened is no second person.
    add_user(
        email="own@bank.example", partner="bank", role=Role.DATA_STEWARD, by=actor("officer@bank.example")
    )
    assert code(change, "officer@bank.example", "bank", removes=[PART2]) == "nobody_second"
    made = change(OPERATOR.email, "bank", removes=[PART2])
    assert made.by == OPERATOR.email
    assert PART2 not in known("bank").legal


@pytest.mark.django_db
@pytest.mark.usefixtures("oak")
def test_the_operators_word_stands_beside_it() -> None:
    asked = change(STEWARD, adds=[SEA])
    by_command = Actor(LEADER, "oak", Role.LEADER, on_operators_word=True)
    assert agree_to_statuses(number=asked.number, by=by_command).by == OPERATOR.email


@pytest.mark.django_db
@pytest.mark.usefixtures("oak")
@pytest.mark.parametrize(
    ("what", "refused"),
    [
        ({}, "no_change"),
        ({"adds": ["lea"]}, "no_change"),
        ({"removes": ["lea"]}, "implied"),
        ({"removes": ["hipaa"]}, "no_change"),
        ({"adds": ["hipaa"], "removes": ["hipaa"]}, "no_change"),
        ({"adds": ["hippa"]}, "unknown_status"),
        ({"adds": ["hipaa"], "reason": " "}, "no_reason"),
        ({"adds": ["hipaa"], "reason": "x" * 501}, "no_reason"),
        ({"adds": ["hipaa"], "partner": "nowhere"}, "unknown_partner"),
    ],
)
def test_what_is_refused_changes_nothing(what: dict[str, Any], refused: str) -> None:
    assert code(change, OPERATOR.email, **what) == refused
    assert PartnerStatusEvent.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("oak")
def test_the_register_only_grows() -> None:
    before = datetime.now(UTC)
    change(adds=[PART2])
    for statement in (
        "UPDATE partners_partnerstatusevent SET adds = '[]'",
        "DELETE FROM partners_partnerstatusevent",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert PART2 not in partners_at(before)["oak"].legal
    assert PART2 in partners_at(datetime.now(UTC))["oak"].legal
    [made] = status_changes()
    assert f"by {LEADER} ({WHY})" in made.sentence


@pytest.mark.django_db
@pytest.mark.usefixtures("oak")
def test_on_the_page() -> None:
    page = "/partners/oak/statuses/"
    assert page in client_of(LEADER).get("/partners/oak/").content.decode()
    for other in ("steward@spine.example", "officer@bank.example"):
        assert page not in client_of(other).get("/partners/oak/").content.decode()
        assert signed_in(actor(other)).get(page).status_code == 404
        assert signed_in(actor(other)).post(page, {"adds": "part2", "reason": WHY}).status_code == 404
    leader = signed_in(actor(LEADER))
    assert leader.post(page, {"adds": "part2", "reason": ""}).status_code == 422
    leader.post(page, {"adds": ["part2", "minor_consent"], "reason": WHY})
    assert {"part2", "minor_consent"} <= known("oak").legal
    leader.post(page, {"removes": "part2", "reason": "The program closed"})
    [asked] = status_changes_asked(date.today())
    settle_it = f"/partners/statuses/{asked.number}/"
    assert settle_it not in leader.get("/open-steps/").content.decode()
    assert leader.get(settle_it).status_code == 404
    second = signed_in(actor(OFFICER))
    assert settle_it in second.get("/open-steps/").content.decode()
    assert "The program closed" in second.get(settle_it).content.decode()
    second.post(settle_it, {"agree": "1"})
    assert "part2" not in known("oak").legal
    assert "as leader@oak.example asked (The program closed)" in second.get(page).content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("oak")
def test_by_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "open_community", lambda settings: SimpleNamespace(root="."))

    def run(*words: str, by: str = "") -> tuple[int, dict[str, Any]]:
        ended = CliRunner().invoke(main, ["partner", *words, *(("--as", by) if by else ()), "--json"])
        return ended.exit_code, json.loads(ended.output)

    ended, made = run("status", "oak", "--add", "part2", "--add", "hipaa", "--reason", WHY, by=LEADER)
    assert (ended, made["state"], made["adds"]) == (0, "changed", ["hipaa", "part2"])
    assert made["legal"] == ["ed_funded", "hipaa", "lea", "part2"]
    ended, asked = run("status", "oak", "--remove", "hipaa", "--reason", "Closed", by=LEADER)
    assert (ended, asked["state"]) == (0, "asked")
    number = str(asked["number"])
    assert run("agree", number, by=LEADER)[0] == 1
    assert run("decline", number, by=OFFICER) == (0, {"number": asked["number"], "state": "declined"})
    number = str(run("status", "oak", "--remove", "hipaa", "--reason", "Closed", by=LEADER)[1]["number"])
    assert len(run("statuses", by=OFFICER)[1]["changes"]) == 2
    assert run("statuses", by="officer@bank.example")[1] == {"changes": []}
    assert run("agree", number, by=OFFICER)[1]["legal"] == ["ed_funded", "lea", "part2"]
    assert run("status", "oak", "--reason", "None")[1]["error"]["code"] == "no_change"
