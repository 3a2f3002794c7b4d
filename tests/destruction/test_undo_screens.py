"""The page on which a load is taken back, from what it names before to the certificate."""

from pathlib import Path

import pytest
from django.urls import reverse

from tests.destruction.papers import load, paper, people, rows, sign
from tests.destruction.test_agreement import ALL, held
from tests.destruction.test_screens import client, page
from throughway.destruction.actions import orders
from throughway.destruction.models import Destruction
from throughway.intake.selectors import batch_of
from throughway.partners.models import User
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def batch(community: Community, tmp_path: Path) -> str:
    people()
    sign(paper("one", ALL), "one")
    return load(tmp_path, rows({"SENTINEL-001": "06", "SENTINEL-002": "07"})).batch


def test_it_is_taken_back_on_the_page(batch: str, tmp_path: Path) -> None:
    officer = client("officer", "school")
    here = reverse("destruction:undo", args=[batch])
    assert here in page(officer, f"/loads/{batch}/")
    told = page(officer, here)
    assert "Taking it back destroys 10 rows" in told
    assert "No later load rests on it" in told
    assert "SENTINEL" not in told
    assert officer.post(here, {"reason": "", "named": batch}).status_code == 400
    answer = officer.post(here, {"reason": "It is another partner's file.", "named": batch})
    assert (answer.status_code, answer["Location"]) == (302, here)
    order = Destruction.objects.get()
    orders.resume_order(id=order.id)
    assert held("person") == []
    assert officer.get(here)["Location"] == f"/loads/{batch}/"
    told = page(officer, f"/loads/{batch}/")
    assert "This load was taken back" in told
    assert "another partner&#x27;s file" in told
    assert reverse("destruction:certificate", args=[order.id]) in told
    assert "taken back" in page(officer, "/loads/")
    page(officer, reverse("destruction:certificate", args=[order.id]))


def test_a_load_that_came_after_the_page_was_shown_stops_it(batch: str, tmp_path: Path) -> None:
    later = load(tmp_path, rows({"SENTINEL-001": "06"}), name="later").batch
    officer = client("officer", "school")
    here = reverse("destruction:undo", args=[batch])
    answer = officer.post(here, {"reason": "It is wrong.", "named": batch})
    assert answer.status_code == 400
    told = answer.content.decode()
    assert "came in meanwhile" in told
    assert reverse("intake:batch", args=[later]) in told
    assert not Destruction.objects.exists()
    assert not batch_of(later).taken_back  # type: ignore[union-attr]


def test_it_asks_for_the_passphrase_again(batch: str) -> None:
    user = User.objects.get(email="officer@school.example")
    user.set_password("river stones and long grass")
    user.save()
    answer = client("officer", "school").post(
        reverse("destruction:undo", args=[batch]), {"reason": "It is wrong.", "named": batch}
    )
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not Destruction.objects.exists()


@pytest.mark.parametrize("who", [("officer", "club"), ("worker", "backbone"), ("leader", "backbone")])
def test_to_who_may_not_the_page_is_not_there(batch: str, who: tuple[str, str]) -> None:
    other, here = client(*who), reverse("destruction:undo", args=[batch])
    page(other, here, 404)
    assert other.post(here, {"reason": "Why", "named": batch}).status_code == 404
    assert here not in other.get(f"/loads/{batch}/").content.decode()
    assert not Destruction.objects.exists()
