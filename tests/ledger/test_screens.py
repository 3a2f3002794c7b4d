"""The ledger in the browser: who sees which entry, who is told of one student, and what a page costs."""

import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.gate import making
from tests.kept import kept
from tests.site.people import client_of
from throughway.core.refusals import Refused
from throughway.gate.actions import enter, land_person_links
from throughway.ledger import selectors
from throughway.ledger.actions.verification import verify
from throughway.ledger.entry_presenter import column_words
from throughway.ledger.models import LedgerEntry
from throughway.ledger.visibility import LedgerVisibility
from throughway.partners import OPERATOR
from throughway.partners import actions as partners

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
PERSON = 2**41 + 5
MOST = 15  # queries of a page
MORE = {
    "desk@hub.example": ("hub", "data_steward"),
    "leader@harbor.example": ("harbor", "leader"),
    "manager@harbor.example": ("harbor", "program_manager"),
}


@pytest.fixture
@kept
def town() -> None:
    """Harbor's evaluator reads north's attendance, north's reads harbor's services, harbor's case worker is refused."""
    making.register()
    for email, (partner, role) in MORE.items():
        partners.add_user(email=email, partner=partner, role=role, by=OPERATOR)
    making.in_effect(making.sharing())
    making.people()
    land_person_links(links=pa.table({"record": [11, 21], "person": [PERSON, PERSON]}), by=OPERATOR)


@pytest.fixture
def read(town: None) -> dict[str, str]:
    by_harbor = ask("evaluator@harbor.example", "SELECT person_id FROM attendance_day WHERE person_id = 12")
    by_north = ask(
        "evaluator@north.example", f"SELECT person_id FROM service_received WHERE person_id = {PERSON}"
    )
    with pytest.raises(Refused):
        enter(actor=making.reader("worker@harbor.example"), purpose="planning")
    refused = LedgerEntry.objects.get(outcome="refused")
    return {"by harbor": by_harbor, "by north": by_north, "refused": refused.id}


def ask(email: str, sql: str) -> str:
    return enter(actor=making.reader(email), purpose="planning").query(sql).disclosure


def counted(client: Client, address: str, most: int = MOST) -> tuple[int, str]:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert len(queries) <= most, "\n".join(q["sql"][:120] for q in queries)
    return response.status_code, response.content.decode()


OPENS = {
    "officer@north.example": True,
    "officer@harbor.example": True,
    "leader@harbor.example": True,
    "desk@hub.example": True,
    "evaluator@hub.example": False,
    "worker@harbor.example": False,
    "manager@harbor.example": False,
}


def test_the_ledger_opens_to_those_who_keep_records(read: dict[str, str]) -> None:
    addresses = ["/ledger/", "/ledger/student/", f"/ledger/{read['by harbor']}/", "/ledger/head/"]
    found = {email: {client_of(email).get(address).status_code for address in addresses} for email in OPENS}
    assert found == {email: {200 if opens else 404} for email, opens in OPENS.items()}
    stranger = Client().get("/ledger/")
    assert (stranger.status_code, "next=/ledger/" in stranger["Location"]) == (302, True)


SEES = {
    # who: by harbor of north's records, by north of harbor's records, harbor's refused request under their agreement
    "officer@north.example": (True, True, True),
    "officer@harbor.example": (True, True, True),
    "desk@hub.example": (True, True, True),
    "officer@far.example": (False, False, False),
}


def test_each_sees_the_entries_that_concern_its_partner(read: dict[str, str]) -> None:
    partners.add_partner(id="far", name="Far", kind="lea", by=OPERATOR)
    partners.add_user(email="officer@far.example", partner="far", role="privacy_officer", by=OPERATOR)
    for email, sees in SEES.items():
        client = client_of(email)
        status, page = counted(client, "/ledger/")
        assert status == 200
        assert tuple(f"/ledger/{id}/" in page for id in read.values()) == sees, email
        opened = [counted(client, f"/ledger/{id}/")[0] == 200 for id in read.values()]
        assert tuple(opened) == sees, email


def test_an_entry_of_others_alone_is_not_there(town: None) -> None:
    """What north's own people read of north's own records is nothing to harbor."""
    own = enter(actor=making.reader("evaluator@north.example"), purpose="own_records")
    id = own.query("SELECT person_id FROM attendance_day").disclosure
    assert counted(client_of("officer@north.example"), f"/ledger/{id}/")[0] == 200
    assert counted(client_of("officer@harbor.example"), f"/ledger/{id}/")[0] == 404
    assert id not in counted(client_of("officer@harbor.example"), "/ledger/?days=")[1]


def test_address_is_shown_to_own_partner_and_steward(read: dict[str, str]) -> None:
    address = "evaluator@harbor.example"
    told = {email: address in counted(client_of(email), f"/ledger/{read['by harbor']}/")[1]
            for email in ("officer@north.example", "officer@harbor.example", "desk@hub.example")}  # fmt: skip
    assert told == {"officer@north.example": False, "officer@harbor.example": True, "desk@hub.example": True}


def concerns(sight: LedgerVisibility, row: LedgerEntry) -> bool:
    """The rule of `LedgerVisibility.entries`, for one row at a time."""
    refused_by = {reason["agreement"] for reason in row.reasons}
    return (
        sight.everything
        or row.outcome == "published"
        or row.actor_partner == sight.partner
        or sight.partner in row.disclosers
        or (row.outcome == "refused" and not sight.gives_under.isdisjoint(refused_by))
        or (row.outcome == "requested" and sight.partner in row.recipients)
    )


def test_the_database_finds_the_entries_that_a_reader_may_see(read: dict[str, str]) -> None:
    rows = list(LedgerEntry.objects.all())
    everyone = [LedgerVisibility("hub", True), *(LedgerVisibility(p, False, frozenset(g)) for p in ("north", "harbor", "far")
                                      for g in ((), ("sharing-2026",)))]  # fmt: skip
    for sight in everyone:
        found = {line.id for line in selectors.entries(sight, selectors.Filters(days=None)).lines}
        assert found == {row.id for row in rows if concerns(sight, row)}


STUDENT = {
    # who: 12 (north alone), the shared person, 22 (harbor alone), nobody
    "officer@north.example": (200, 200, 404, 404),
    "officer@harbor.example": (404, 200, 200, 404),
    "leader@harbor.example": (404, 200, 200, 404),
    "officer@hub.example": (200, 200, 200, 404),
    "desk@hub.example": (200, 200, 200, 404),
    "evaluator@hub.example": (404, 404, 404, 404),
    "worker@harbor.example": (404, 404, 404, 404),
}


def test_who_saw_a_student_is_told_to_those_who_keep_the_record(read: dict[str, str]) -> None:
    for email, told in STUDENT.items():
        client = client_of(email)
        found = [client.get(f"/ledger/student/{person}/") for person in (12, PERSON, 22, 999_999)]
        assert tuple(page.status_code for page in found) == told, email
        assert {page["Cache-Control"] for page in found if page.status_code == 200} <= {"no-store"}


def test_the_page_of_one_student_tells_each_reading(read: dict[str, str]) -> None:
    status, page = counted(
        client_of("officer@north.example"), "/ledger/student/12/", MOST + 1
    )  # is it a record of somebody?
    assert status == 200
    assert page.count(read["by harbor"]) == 1
    assert read["by north"] not in page
    assert "To do planning" in page
    assert "Evaluator, Harbor" in page


@pytest.mark.parametrize("path", ["/ledger/student/11/", f"/ledger/student/{PERSON}/"])
def test_one_look_is_one_entry_also_by_the_number_of_a_record(read: dict[str, str], path: str) -> None:
    page = client_of("officer@north.example").get(path, follow=True)
    assert (page.status_code, page.request["PATH_INFO"]) == (200, f"/ledger/student/{PERSON}/")
    assert LedgerEntry.objects.filter(outcome="looked").count() == 1


def test_record_number_reveals_no_person_of_other_partners(
    read: dict[str, str],
) -> None:
    land_person_links(links=pa.table({"record": [21, 22], "person": [PERSON, PERSON]}), by=OPERATOR)
    for path, status in (("/ledger/student/21/", 404), (f"/ledger/student/{PERSON}/", 404)):
        assert client_of("officer@north.example").get(path).status_code == status
    assert client_of("officer@harbor.example").get("/ledger/student/21/").status_code == 302
    assert not LedgerEntry.objects.filter(outcome="looked").exists()


def test_student_is_found_by_key_kept_out_of_urls(read: dict[str, str]) -> None:
    client = client_of("officer@north.example")
    found = client.post("/ledger/student/", {"partner": "north", "record_key": "n-11"})
    assert (found.status_code, found["Location"]) == (302, f"/ledger/student/{PERSON}/")
    assert found["Cache-Control"] == "no-store"
    for partner, key in (("north", "n-99"), ("harbor", "h-22"), ("north", "")):
        missed = client.post("/ledger/student/", {"partner": partner, "record_key": key})
        assert missed.status_code == 422
        assert "usa-error-message" in missed.content.decode()


def test_filters_narrow_and_the_totals_follow(read: dict[str, str]) -> None:
    client = client_of("desk@hub.example")
    for query, ids in (
        ("outcome=refused", {"refused"}),
        ("partner=north", {"by north"}),
        ("purpose=planning&partner=harbor&outcome=released", {"by harbor"}),
        ("outcome=nonsense", {"by harbor", "by north", "refused"}),
        ("partner=hub", set()),
    ):
        _, page = counted(client, f"/ledger/?{query}")
        assert {name for name, id in read.items() if f"/ledger/{id}/" in page} == ids, query
    assert "No entry fits." in counted(client, "/ledger/?partner=hub")[1]


def test_a_part_of_the_page_is_given_to_htmx(read: dict[str, str]) -> None:
    client = client_of("desk@hub.example")
    part = client.get("/ledger/?outcome=refused", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert read["refused"] in part
    restored = client.get("/ledger/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in restored.content.decode()


def test_paging_shows_every_entry_once_at_constant_cost(town: None) -> None:
    """Many entries of one moment, so that pages must tell them apart by more than the moment."""
    now = datetime.now(UTC)
    LedgerEntry.objects.bulk_create(
        [
            LedgerEntry(at=now - timedelta(minutes=n // 40), outcome="released", actor_email="evaluator@hub.example",
                        actor_partner="hub", actor_role="evaluator", purpose="planning", on_day=now.date(),
                        disclosers=["north"] if n % 3 else ["harbor"], students_sha256="0" * 64, students_count=0)
            for n in range(2_000)
        ]
    )  # fmt: skip
    sight = LedgerVisibility("north", False)
    expected = {e.id for e in LedgerEntry.objects.all() if "north" in e.disclosers}
    met: list[str] = []
    before = ""
    while True:
        page = selectors.entries(sight, selectors.Filters(days=None), before=before)
        met += [line.id for line in page.lines]
        before = page.earlier
        if not before:
            break
    assert len(met) == len(set(met))
    assert set(met) == expected
    client = client_of("officer@north.example")
    client.get("/ledger/")  # the agreements are read once, and known from then on
    assert counted(client, "/ledger/")[0] == 200
    assert counted(client, f"/ledger/?before={met[500]}")[0] == 200


def test_a_kept_head_is_one_that_the_ledger_can_be_held_against(read: dict[str, str]) -> None:
    response = client_of("officer@north.example").get("/ledger/head/")
    head = json.loads(response.content)
    assert "attachment" in response["Content-Disposition"]
    assert verify(head).ok
    with pytest.raises(Refused, match="does not match"):
        verify({**head, "root": "0" * 64})


def test_no_page_of_a_student_says_a_name(read: dict[str, str]) -> None:
    page = client_of("officer@north.example").get(f"/ledger/student/{PERSON}/").content.decode()
    assert "Ada" not in page
    assert "n-11" not in page


def test_a_number_of_one_record_leads_to_its_person(read: dict[str, str]) -> None:
    officer = client_of("officer@north.example")
    assert officer.get("/ledger/student/11/").headers["Location"] == f"/ledger/student/{PERSON}/"
    assert officer.get("/ledger/student/12/").status_code == 200  # never linked: its own person
    assert officer.get("/ledger/student/22/").status_code == 404  # another partner's: nothing is told of it


def test_entry_lists_what_was_read_without_store_columns() -> None:
    assert column_words("last_or_surname") == "last name"
    assert column_words("iso_639_2_language_code") == "language"
    assert {column_words(name) for name in ("person_id", "person_record", "valid_from", "source_system")} == {
        ""
    }
