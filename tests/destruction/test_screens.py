"""The screens: what is due, an order with what goes and stays, a certificate with its files, a hold."""

from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.destruction.papers import end, load, paper, people, person, rows, sign
from tests.destruction.test_agreement import ALL
from tests.site.people import client_of
from throughway.destruction.actions import orders
from throughway.destruction.models import Destruction
from throughway.destruction.selectors import holds, open_steps
from throughway.partners.models import User
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 16  # queries of a page, those of the session and the user included


@pytest.fixture
def ended(community: Community, tmp_path: Path) -> None:
    people()
    sign(paper("one", ALL), "one")
    load(tmp_path, rows({"SENTINEL-001": "06", "SENTINEL-002": "07"}))
    end("one")


def client(role: str, partner: str) -> Client:
    return client_of(f"{role}@{partner}.example")


def page(of: Client, address: str, status: int = 200, most: int = MOST) -> str:
    with CaptureQueriesContext(connection) as asked:
        answer = of.get(address)
    assert answer.status_code == status, address
    assert len(asked) <= most, "\n".join(q["sql"][:150] for q in asked)
    return answer.content.decode()


def test_pages_show_what_is_due_and_will_be_destroyed(ended: None) -> None:
    officer = client("officer", "school")
    assert "The agreement one" in page(officer, "/destruction/")
    told = page(officer, "/destruction/order/agreement/one/")
    assert "10 rows will be destroyed" in told
    assert "SENTINEL" not in told
    page(client("worker", "school"), "/destruction/", 404)
    page(client("leader", "school"), "/destruction/order/agreement/one/", 404)
    page(officer, "/destruction/order/agreement/nothing/", 404)
    page(officer, "/destruction/order/partner/club/", 404)
    assert page(officer, "/destruction/order/partner/school/")


def test_ordering_asks_for_the_passphrase_again(ended: None) -> None:
    user = User.objects.get(email="officer@school.example")
    user.set_password("river stones and long grass")
    user.save()
    officer = client("officer", "school")
    answer = officer.post("/destruction/order/agreement/one/", {"sure": "on"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not Destruction.objects.exists()


def test_a_worker_carries_it_out(ended: None) -> None:
    id = orders.order(kind="agreement", id="one", by=person("officer", "school"))
    officer = client("officer", "school")
    assert "The destruction waits for a worker" in page(officer, f"/destruction/{id}/")
    orders.resume_order(id=id)
    assert "10 rows destroyed" in page(officer, f"/destruction/{id}/")
    assert officer.get(f"/destruction/{id}/certificate.pdf").content[:4] == b"%PDF"
    assert officer.get(f"/destruction/{id}/certificate.json").json()["certificate"]["id"] == id
    assert officer.get(f"/destruction/{id}/certificate.exe").status_code == 404
    assert officer.get(f"/destruction/{id}/", headers={"HX-Request": "true"}).status_code == 286
    assert id in page(officer, "/destruction/")
    assert not [s for s in open_steps(date.today()) if s.kind == "destroy"]


def test_a_hold_is_recorded_and_lifted(ended: None) -> None:
    leader = client("leader", "school")
    page(leader, "/destruction/hold/one/")
    assert leader.post("/destruction/hold/one/", {"notice": "", "why": ""}).status_code == 400
    assert (
        leader.post("/destruction/hold/one/", {"notice": "2026-CV-17", "why": "A subpoena"}).status_code
        == 302
    )
    assert "2026-CV-17" in page(leader, "/destruction/")
    assert "This destruction must wait" in page(
        client("officer", "school"), "/destruction/order/agreement/one/"
    )
    (code,) = [h.code for h in holds()]
    page(client("leader", "club"), f"/destruction/hold/{code}/lift/", 404)
    assert leader.post(f"/destruction/hold/{code}/lift/", {"why": "Quashed"}).status_code == 302
    assert "will be destroyed" in page(client("officer", "school"), "/destruction/order/agreement/one/")
