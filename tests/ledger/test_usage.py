"""How a partner's data were used: what the statement counts, what it never tells, who may ask, and that asking is written."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.gate import making
from tests.kept import kept
from tests.site.people import client_of
from throughway.core.refusals import Refused
from throughway.gate.actions import enter, land_person_links
from throughway.ledger.actions.usage import may_ask, use_of
from throughway.ledger.entry import Entry
from throughway.ledger.models import LedgerEntry
from throughway.ledger.recording import append
from throughway.ledger.usage_statement import (
    EntryGroup,
    UsageLabels,
    csv_text,
    statement,
    to_json,
    usage_line,
)
from throughway.partners import OPERATOR, Actor, PartnerKind, Role
from throughway.partners import actions as partners
from throughway.publication.actions import publish

TODAY = datetime.now(UTC).date()
YEAR_AGO = TODAY - timedelta(days=365)
PERSON = 2**41 + 5


def group(**changes: object) -> EntryGroup:
    plain = {
        "outcome": "released", "partner": "harbor", "role": "case_worker", "purpose": "planning", "interest": "To plan",
        "basis": "school_official", "agreements": (("a", "1"),), "elements": ("attendance_day.attendance_status",), "exempt": "",
        "recipients": (), "times": 1, "first": date(2026, 9, 1), "last": date(2026, 9, 1),
    }  # fmt: skip
    return EntryGroup(**{**plain, **changes})  # type: ignore[arg-type]


def of(*groups: EntryGroup, given: dict[tuple[str, str], frozenset[str]] | None = None):
    known = given or {}
    return statement(
        groups, partner="north", first=date(2026, 7, 1), last=date(2027, 6, 30),
        given=lambda *text: known.get(text), releases=0,
    )  # fmt: skip


def test_readings_alike_but_for_their_elements_are_one_line() -> None:
    found = of(
        group(times=3),
        group(times=2, elements=("attendance_day.person_id", "person.birthdate"), last=date(2026, 10, 2)),
        group(role="evaluator"),
    )
    assert [(use.times, use.key.role) for use in found.readings] == [(5, "case_worker"), (1, "evaluator")]
    assert found.readings[0].elements == (
        "attendance_day.attendance_status", "attendance_day.person_id", "person.birthdate",
    )  # fmt: skip
    assert (found.readings[0].first, found.readings[0].last) == (date(2026, 9, 1), date(2026, 10, 2))
    assert (found.to_others, found.readers, found.agreements) == (6, 1, ("a",))


def test_exempt_readings_own_ones_refusals_and_lookups_are_apart() -> None:
    found = of(
        group(exempt="34 CFR 99.32(d)(3)", times=4),
        group(partner="north", times=7),
        group(outcome="refused", elements=(), times=2),
        group(outcome="passed_on", recipients=("state",)),
        group(outcome="looked", times=9, elements=()),
        group(partner="", role="operator", purpose="matching"),
    )
    assert [
        len(part) for part in (found.readings, found.exempt, found.own, found.refused, found.passed_on)
    ] == [1] * 5
    assert (found.to_others, found.lookups, found.readers, found.by_operator) == (5, 9, 1, True)
    assert found.passed_on[0].recipients == ("state",)


def test_elements_of_other_partners_are_left_out() -> None:
    both = group(elements=("attendance_day.attendance_status", "service_received.service_date"))
    given = {("a", "1"): frozenset({"attendance_day.attendance_status"})}
    assert of(both, given=given).readings[0].elements == ("attendance_day.attendance_status",)
    unknown = group(elements=both.elements, agreements=(("a", "1"), ("b", "9")))
    assert of(unknown, given=given).readings[0].elements == both.elements
    foreign = given | {("b", "9"): frozenset()}
    assert of(unknown, given=foreign).readings[0].key.agreements == ("a",)


WORDS = UsageLabels({"harbor": "Harbor Youth"}, {"a": "Attendance"}, {"planning": "To plan"})


def test_it_is_told_in_words() -> None:
    (use,) = of(group(interest="", basis="school_official; partner_records")).readings
    line = usage_line(use, WORDS)
    assert (line.who, line.purpose, line.agreements) == (
        "Case worker, Harbor Youth",
        "To plan",
        (("a", "Attendance"),),
    )
    assert line.tables == (("attendance by day", "attendance status"),)
    (strange,) = of(group(interest="", purpose="=cmd()")).readings
    assert usage_line(strange, WORDS).purpose == "A purpose that no agreement knows (=cmd())"


def test_the_sheet_holds_every_line_and_nothing_that_computes() -> None:
    found = of(group(times=3), group(outcome="refused", purpose="=1+1", interest="=1+1", elements=()))
    rows = list(csv.DictReader(io.StringIO(csv_text(found, WORDS))))
    assert [(row["part"], row["times"]) for row in rows] == [
        ("read by others", "3"), ("refused", "1"), ("releases published", "0"), ("asked who saw a record", "0"),
    ]  # fmt: skip
    assert not any(cell.startswith("=") for row in rows for cell in row.values())


@pytest.mark.parametrize("role", list(Role))
def test_who_may_ask(role: Role) -> None:
    keeps = role in (Role.LEADER, Role.PRIVACY_OFFICER, Role.DATA_STEWARD)
    own, other, spine = (Actor("x@x.example", partner, role) for partner in ("north", "harbor", "hub"))
    assert may_ask(own, PartnerKind.LEA, "north") == keeps
    assert not may_ask(other, PartnerKind.CBO, "north")
    assert may_ask(spine, PartnerKind.BACKBONE, "north") == keeps
    assert may_ask(OPERATOR, None, "north")


@pytest.fixture
@kept
def town(community: object) -> None:
    making.register()
    partners.add_user(email="leader@harbor.example", partner="harbor", role="leader", by=OPERATOR)
    making.in_effect(making.sharing())
    making.people()
    land_person_links(links=pa.table({"record": [11, 21], "person": [PERSON, PERSON]}), by=OPERATOR)


def ask(email: str, sql: str, purpose: str = "planning") -> str:
    return enter(actor=making.reader(email), purpose=purpose).query(sql).disclosure


@pytest.mark.django_db(transaction=True)
class TestFromTheLedger:
    def test_the_ledger_of_a_time_as_a_statement(self, town: None) -> None:
        for _ in range(2):
            ask("evaluator@harbor.example", "SELECT attendance_status FROM attendance_day")
        ask("evaluator@north.example", "SELECT service_date FROM service_received")
        ask(
            "evaluator@harbor.example",
            "SELECT service_date FROM service_received WHERE service_quantity > 100",
            "own_records",
        )
        both = "SELECT a.attendance_status FROM attendance_day AS a JOIN service_received AS s ON s.person_id = a.person_id"
        read = ask("evaluator@hub.example", both)
        with pytest.raises(Refused):
            enter(actor=making.reader("worker@harbor.example"), purpose="planning")
        officer = making.reader("officer@north.example")
        publish(report="a", review_days=0, title="T", tables=[], purpose="counting", on=TODAY, agreements=[("sharing-2026", "v")], minimum_cell=10,
                disclosures=[read], by=officer)  # fmt: skip
        publish(report="b", review_days=0, title="Of others", tables=[], purpose="counting", on=TODAY, agreements=[("sharing-2026", "v")], minimum_cell=10,
                disclosures=["00000000-0000-4000-8000-000000000000"], by=officer)  # fmt: skip
        found = use_of(partner="north", first=YEAR_AGO, last=TODAY, by=officer)
        used = {(u.key.partner, u.key.role, u.key.purpose): u for u in (*found.readings, *found.exempt)}
        assert used["harbor", "evaluator", "planning"].times == 2
        assert used["hub", "evaluator", "planning"].times == 1
        assert not any(e.startswith("service_received") for u in used.values() for e in u.elements)
        assert ("north", "evaluator", "planning") not in used
        assert [(u.key.role, u.times) for u in found.refused] == [("case_worker", 1)]
        assert found.releases == 1
        by_harbor = use_of(partner="harbor", first=YEAR_AGO, last=TODAY, by=OPERATOR)
        assert by_harbor.to_others == 2 + any(
            u.key.role == "operator" for u in (*by_harbor.readings, *by_harbor.exempt)
        )
        assert by_harbor.releases == 1
        assert [(u.key.purpose, u.times) for u in by_harbor.own] == [("own_records", 1)]

    def test_asking_is_written_and_counted_the_next_time(self, town: None) -> None:
        officer = making.reader("officer@north.example")
        assert use_of(partner="north", first=YEAR_AGO, last=TODAY, by=officer).lookups == 0
        entry = LedgerEntry.objects.get(outcome="looked")
        assert (entry.actor_email, entry.purpose, entry.disclosers, entry.students_count) == (
            "officer@north.example", "ledger", ["north"], 0,
        )  # fmt: skip
        assert "99.32(c)" in entry.exempt
        assert use_of(partner="north", first=YEAR_AGO, last=TODAY, by=officer).lookups == 1

    def test_only_the_days_asked_for(self, town: None) -> None:
        ask("evaluator@harbor.example", "SELECT attendance_status FROM attendance_day")
        before = TODAY - timedelta(days=1)
        assert use_of(partner="north", first=TODAY, last=TODAY, by=OPERATOR).to_others >= 1
        found = use_of(partner="north", first=YEAR_AGO, last=before, by=OPERATOR)
        assert (found.to_others, found.first, found.last) == (0, YEAR_AGO, before)
        with pytest.raises(Refused) as refused:
            use_of(partner="north", first=TODAY, last=before, by=OPERATOR)
        assert refused.value.code == "bad_period"

    def test_it_is_told_to_nobody_else(self, town: None) -> None:
        for email in ("evaluator@north.example", "officer@harbor.example", "worker@harbor.example"):
            with pytest.raises(Refused) as refused:
                use_of(partner="north", first=YEAR_AGO, last=TODAY, by=making.reader(email))
            assert refused.value.code == "not_allowed"
        assert not LedgerEntry.objects.filter(outcome="looked").exists()

    def test_no_student_no_address_and_no_value_is_told(self, town: None) -> None:
        ask("evaluator@harbor.example", "SELECT attendance_status FROM attendance_day WHERE person_id = 12")
        client = client_of("officer@north.example")
        page = client.get("/ledger/use/").content.decode()
        sheet = client.get("/ledger/use/sheet.csv").content.decode()
        said = json.dumps(
            to_json(use_of(partner="north", first=YEAR_AGO, last=TODAY, by=OPERATOR)), default=str
        )
        for text in (page.replace("officer@north.example", ""), sheet, said):
            assert "@" not in text
            assert "n-12" not in text
            assert "secret" not in text
            assert "student_count" not in text
        assert "Evaluator, Harbor" in page

    def test_page_of_own_partner_and_of_all_for_the_backbone(
        self, town: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Sealing is the ledger's own work, once a second at most, and no part of the page.
        monkeypatch.setattr("throughway.ledger.recording.seal_soon", lambda entry, *, by: None)
        ask("evaluator@harbor.example", "SELECT attendance_status FROM attendance_day")
        harbor, hub = client_of("leader@harbor.example"), client_of("officer@hub.example")
        for client, partner, status in (
            (harbor, "", 200), (harbor, "harbor", 200), (harbor, "north", 404), (hub, "north", 200), (hub, "nowhere", 404),
        ):  # fmt: skip
            with CaptureQueriesContext(connection) as queries:
                response = client.get("/ledger/use/", {"partner": partner})
            assert (response.status_code, partner) == (status, partner)
            assert len(queries) <= 15, "\n".join(q["sql"][:110] for q in queries)
        assert ">Whose data<" in hub.get("/ledger/use/").content.decode()
        assert ">Whose data<" not in harbor.get("/ledger/use/").content.decode()
        page = harbor.get("/ledger/use/?from=2020-01-01&to=2019-01-01")
        assert (page.status_code, "This is before the first day." in page.content.decode()) == (422, True)
        assert harbor.get("/ledger/use/?from=nonsense").status_code == 422
        assert harbor.get("/ledger/use/sheet.csv?from=nonsense").status_code == 404
        assert client_of("worker@harbor.example").get("/ledger/use/").status_code == 404
        assert harbor.post("/ledger/use/").status_code == 405

    def test_a_further_disclosure_is_told(self, town: None) -> None:
        append(
            Entry(outcome="passed_on", actor=making.reader("officer@hub.example"), purpose="audit", on=TODAY,
                  disclosers=("north",), recipients=("harbor",), elements=("person.birthdate",))
        )  # fmt: skip
        found = use_of(partner="north", first=YEAR_AGO, last=TODAY, by=OPERATOR)
        assert found.passed_on[0].recipients == ("harbor",)
        assert "to Harbor" in client_of("officer@north.example").get("/ledger/use/").content.decode()
