"""A run of linkage that is asked for on the site: who may, and what the page tells."""

from typing import Any

import pytest

from tests.gate import making
from tests.kept import kept
from tests.site.people import signed_in
from throughway.core.refusals import Refused
from throughway.gate.actions import person_links
from throughway.identity.actions.asked_linkage import LINKAGE
from throughway.identity.actions.linking import link
from throughway.identity.models import IdentityRun
from throughway.intake.models import LANDED, Upload
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.partners.asked_work.actions import carry_out
from throughway.partners.models import AskedWork

GOES_ON = "Records are being compared; this page says when that is done."


def settle() -> None:
    making.register()
    for email, partner in (("desk@hub.example", "hub"), ("desk@north.example", "north")):
        making.partners.add_user(email=email, partner=partner, role="data_steward", by=OPERATOR)
    document = making.sharing()
    for purpose in document["purposes"]:
        if purpose["kind"] == "linkage":
            purpose["roles"] = ["data_steward"]
    making.in_effect(document)
    making.people()


@pytest.fixture
@kept
def town(transactional_db: None, community: object) -> None:
    settle()


@pytest.fixture
def client(town: None) -> Any:
    return signed_in(making.reader("desk@hub.example"))


def page(client: Any) -> str:
    return str(client.get("/persons/").content.decode())


def carried_out() -> AskedWork:
    carry_out(LINKAGE, AskedWork.objects.get().pk)
    return AskedWork.objects.get()


class TestAfterALoad:
    """A run that begins by itself is the folder's own: it reads what the operator's does, and names who sent the file."""

    def test_it_begins_once_two_partners_are_here(self, town: None) -> None:
        LANDED.send(Upload(by="desk@north.example"))
        assert AskedWork.objects.get().given["after"] == "a load"
        LANDED.send(Upload(by="desk@hub.example"))  # the run that waits reads this file too
        before = LedgerEntry.objects.count()
        assert carried_out().state == "done"
        entry = LedgerEntry.objects.order_by("id")[before]
        assert (entry.actor_email, entry.purpose) == ("operator", "matching")
        assert len(set(person_links()["person"].to_pylist())) == 4
        shown = page(signed_in(making.reader("desk@hub.example")))
        assert "Begun by itself after a load by desk@north.example" in shown

    def test_not_while_nothing_can_be_compared(self, town: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            "throughway.identity.actions.asked_linkage.stored_tables",
            lambda: {"north": frozenset({"person"}), "harbor": frozenset({"attendance_day"})},
        )
        LANDED.send(Upload(by="desk@hub.example"))
        assert not AskedWork.objects.exists()

    def test_a_loads_page_asks_only_of_a_run(self, client: Any) -> None:
        part = client.get("/persons/?run", headers={"HX-Request": "true"}).content.decode()
        assert "once two partners have sent persons" in part
        assert "<form" not in part
        LANDED.send(Upload(by="desk@hub.example"))
        part = client.get("/persons/?run", headers={"HX-Request": "true"}).content.decode()
        assert GOES_ON in part
        assert 'hx-get="/persons/?run"' in part
        carried_out()
        part = client.get("/persons/?run", headers={"HX-Request": "true"}).content.decode()
        assert 'href="/start/?next"' in part
        assert "<form" not in part  # the button for a repeat is on the page of persons


class TestAsked:
    def test_from_button_to_persons(self, client: Any) -> None:
        assert "5 records wait to be compared" in page(client)
        assert "Who knows the same persons" not in page(
            client
        )  # nobody is a person before records are compared
        shown = client.post("/persons/link/", follow=True).content.decode()
        assert GOES_ON in shown
        assert "Recognize the persons</button>" not in shown
        assert 'hx-get="/persons/"' in shown
        part = client.get("/persons/", headers={"HX-Request": "true"}).content.decode()
        assert GOES_ON in part
        assert "<main" not in part  # the page asks for this part alone while it waits
        before = LedgerEntry.objects.count()
        row = carried_out()
        shown = page(client)
        links = person_links()
        assert f"5 records are {len(set(links['person'].to_pylist()))} persons" in shown
        assert f"Records were compared: {row.message}" in shown.replace("&#x27;", "'")
        assert "5 records, 4 persons (4 new" in row.message
        entry = LedgerEntry.objects.order_by("id")[before]
        assert (entry.actor_email, entry.purpose) == ("desk@hub.example", "matching")

    def test_pressed_twice_it_runs_once(self, client: Any) -> None:
        client.post("/persons/link/")
        shown = client.post("/persons/link/", {"full": "yes"}, follow=True).content.decode()
        assert "Records are being linked already" in shown
        assert AskedWork.objects.count() == 1
        carried_out()
        client.post("/persons/link/", {"full": "yes"})
        assert "it was requested" in carried_out().message
        assert IdentityRun.objects.count() == 2

    def test_only_whom_the_agreements_name(self, town: None) -> None:
        for email in ("desk@north.example", "officer@hub.example"):
            other = signed_in(making.reader(email))
            assert other.post("/persons/link/").status_code == 404
            assert "Recognize the persons</button>" not in page(other)
        assert signed_in(making.reader("evaluator@hub.example")).post("/persons/link/").status_code == 404
        assert AskedWork.objects.count() == 0

    def test_who_is_named_for_some_records_alone_would_split_the_persons_of_others(self, client: Any) -> None:
        """Two agreements have a purpose of one name; in the second a district's own steward is named too, to look students up."""
        document = making.sharing(id="look-up-2026")
        for purpose in document["purposes"]:
            if purpose["kind"] == "linkage":
                purpose["roles"] = ["data_steward"]
                purpose["recipients"] += ["north"] if purpose["from"] == ["north"] else []
        making.in_effect(document)
        client.post("/persons/link/")
        assert carried_out().state == "done"
        links = person_links().to_pylist()
        north = signed_in(making.reader("desk@north.example"))
        assert "Recognize the persons</button>" not in page(north)
        assert north.post("/persons/link/").status_code == 404
        for full in (False, True):
            with pytest.raises(Refused) as refused:
                link(full=full, by=making.reader("desk@north.example"))
            assert refused.value.code == "not_allowed"
            assert "sharing-2026" in refused.value.message
        assert person_links().to_pylist() == links

    def test_the_right_is_asked_again_when_it_runs(self, client: Any) -> None:
        client.post("/persons/link/")
        AskedWork.objects.update(by="desk@north.example")
        assert carried_out().state == "refused"
        assert "Records were not compared." in page(client)
        assert person_links().num_rows == 0
