"""Who learns that a court, a family or a note keeps one student's records: every role, by each page and command where a destruction waits."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from tests.destruction import papers
from tests.destruction.papers import PARTNERS, PEOPLE, end, load, paper, people, person, rows, sign
from tests.destruction.test_agreement import ALL, held
from tests.site.people import client_of
from throughway.casework.models import ContactNote
from throughway.cli.root import main
from throughway.core.personal_data import HIDDEN_REASON, WaitingReason, told
from throughway.core.refusals import Refused
from throughway.destruction.actions import holds, orders
from throughway.destruction.models import HoldEvent
from throughway.destruction.selectors import holds as every_hold
from throughway.families.actions import inspections
from throughway.partners import OPERATOR
from throughway.partners.actor import Actor
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)

COURT, COUNSEL, RECORDS = "Docket-OF-SCHOOL", "Docket-OF-BACKBONE", "Docket-ON-CLUB"
ANYBODY = [f"{name}@{partner}.example" for partner in PARTNERS for name in PEOPLE]
READERS = [None, *ANYBODY]
CUSTODIANS, OFFICERS = ("leader", "officer", "steward"), ("officer", "steward")


@dataclass(frozen=True)
class Kept:
    """Reasons about one student: `secrets` by what tells each; and what may be destroyed or taken back."""

    secrets: dict[str, str]
    person: str
    load: str
    hold: str


@pytest.fixture
def kept(community: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """A student of the school for whom there are a hold of the school's, one of the backbone's, a family's request and a note."""
    people()
    for id in ("one", "two"):
        sign(paper(id, ALL), id)
    batch = load(tmp_path, rows({"SENTINEL-001": "06"})).batch
    [number] = {int(str(row["person_record"])) for row in held("person")}
    officer = person("officer", "school")
    on_school = holds.hold(kind="person", subject=str(number), notice=COURT, why="A custody case", by=officer)
    holds.hold(kind="person", subject=str(number), notice=COUNSEL, why="A suit", by=person("leader", "backbone"))  # fmt: skip
    holds.hold(kind="partner", subject="club", notice=RECORDS, why="An audit", by=person("officer", "club"))
    asked = inspections.ask_to_inspect(
        student="SENTINEL-001",
        who="Pat",
        relation="parent",
        identified="ID",
        received=papers.TODAY,
        by=officer,
    )
    ContactNote.objects.create(
        entry_id="n", version=1, partner="school", record=number, agreement="two", key="k", author="worker@school.example",
        author_partner="school", author_capacity="own", disclosure="d", at=timezone.now(), on=date.today(), kind="call",
    )  # fmt: skip
    end("one")
    monkeypatch.setenv("THROUGHWAY_COMMUNITY", str(community.root))
    secrets = {"court": COURT, "counsel": COUNSEL, "records": RECORDS, "family": asked.code, "note": "note about a contact"}  # fmt: skip
    return Kept(secrets, str(number), batch, on_school.code)


def may_know(email: str | None) -> set[str]:
    """What the reader may know of, as the rule says it."""
    if email is None:
        return {"records"}
    name, partner = email.removesuffix(".example").split("@")
    of = {
        "court": ("school", CUSTODIANS), "counsel": ("backbone", CUSTODIANS), "records": ("club", CUSTODIANS),
        "family": ("school", OFFICERS), "note": ("school", OFFICERS),
    }  # fmt: skip
    return {what for what, (whose, names) in of.items() if partner == whose and name in names}


def pages(email: str, kept: Kept) -> dict[str, str]:
    client = client_of(email)
    order = "/destruction/order"
    addresses = [
        "/destruction/", f"{order}/agreement/one/", f"{order}/person/{kept.person}/", f"{order}/partner/school/",
        f"/destruction/load/{kept.load}/", f"/loads/{kept.load}/", "/", "/register/one/", "/register.json", "/agreements/one/",
    ]  # fmt: skip
    found = {address: client.get(address) for address in addresses}
    return {address: got.content.decode() for address, got in found.items() if got.status_code == 200}


def commands(email: str | None, kept: Kept) -> dict[str, str]:
    found = {}
    for words in (
        ["load", "--undo", kept.load, "--check"], ["load", "--undo", kept.load, "--reason", "It is wrong"], ["destroy", "--agreement", "one"],
        ["destroy", "--person", kept.person, "--why", "Asked", "--asked-by", "A parent"], ["destroy", "--partner", "school"],
        ["hold", "list"], ["hold", "lift", kept.hold, "--why", ""], ["certificate", "list"], ["steps"], ["check"],
    ):  # fmt: skip
        for more in ([], ["--json"]):
            done = CliRunner().invoke(main, [*words, *more, *(["--as", email] if email else [])])
            found[" ".join([*words, *more])] = done.output
    return found


@pytest.mark.parametrize("email", READERS)
def test_each_reader_learns_what_they_may_know(kept: Kept, email: str | None) -> None:
    shown = commands(email, kept) | (pages(email, kept) if email else {})
    may = may_know(email)
    for what, secret in kept.secrets.items():
        where = [place for place, text in shown.items() if secret in text]
        if what not in may and what != "family":
            assert where == [], (what, where)
        if what == "family" and what not in may:
            # That a partner has a request to answer is no secret of its clock, which the operator watches; that it keeps a student's records is.
            assert [place for place in where if not place.startswith(("steps", "check"))] == []
    waits = {place: text for place, text in shown.items() if "must wait" in text.lower() or '"waits"' in text}
    for place, text in waits.items():
        if "agreement" in place and "records" in may:
            assert RECORDS in text, place  # nothing else stops it: another agreement keeps the student's rows
            continue
        assert HIDDEN_REASON in text.replace(escape(HIDDEN_REASON), HIDDEN_REASON), place  # nobody knows all
    if email in ("officer@school.example", "steward@school.example"):
        assert waits.keys() >= {
            f"/destruction/load/{kept.load}/",
            f"/destruction/order/person/{kept.person}/",
        }
        for what in ("court", "family", "note"):
            assert any(kept.secrets[what] in text for text in waits.values())
    if email in (None, "steward@backbone.example", "worker@school.example"):
        assert any(place.startswith("load --undo") for place in waits)


def test_whoever_may_know_nothing_reads_the_same_whatever_it_is(kept: Kept) -> None:
    """A hold, a request and a note are one sentence to a worker, who may take the load back."""
    worker = person("worker", "school")
    _, all_of_them = orders.undoing(load=kept.load, by=worker)
    officer = person("officer", "school")
    inspections.answer(code=kept.secrets["family"], how="withdrawn", on=papers.TODAY, by=officer)
    ContactNote.objects.all().delete()
    for each in every_hold():
        if each.notice in (COUNSEL, RECORDS):
            holds.lift(code=each.code, why="Settled", by=person("leader", each.partner))
    _, one_hold = orders.undoing(load=kept.load, by=worker)
    assert all_of_them == one_hold == [HIDDEN_REASON]
    holds.lift(code=kept.hold, why="Settled", by=officer)
    assert orders.undoing(load=kept.load, by=worker)[1] == []


def test_what_a_worker_process_keeps_tells_no_reason(kept: Kept) -> None:
    """An order that began to wait after it was given: its page is open to everybody who keeps the partner's registers."""
    HoldEvent.objects.filter(what="lift").delete()
    officer = person("officer", "school")
    for each in every_hold():
        holds.lift(code=each.code, why="Settled", by=person("officer", each.partner))
    code = kept.secrets["family"]
    inspections.answer(code=code, how="withdrawn", on=papers.TODAY, by=officer)
    id = orders.order(kind="person", id=kept.person, why="Asked", by=officer)
    holds.hold(kind="person", subject=kept.person, notice=COURT, why="A custody case", by=officer)
    with pytest.raises(Refused) as refused:
        orders.resume_order(id=id)
    from throughway.destruction.models import Destruction

    order = Destruction.objects.get(id=id)
    for text in (refused.value.message, json.dumps(order.work), order.stopped):
        assert COURT not in text
        assert HIDDEN_REASON in text
    order.work["stopped"] = (
        f"The destruction of one person's records must wait. The legal hold X (notice {COURT}) stops it."
    )
    order.save()  # as an earlier version kept it
    assert (
        Destruction.objects.get(id=id).stopped
        == f"The destruction of one person's records must wait. {HIDDEN_REASON}"
    )


def test_a_hold_that_one_may_not_know_of_is_unknown(kept: Kept) -> None:
    for who in (
        person("leader", "club"),
        person("officer", "backbone"),
        person("worker", "school"),
        OPERATOR,
    ):
        with pytest.raises(Refused) as hidden:
            holds.lift(code=kept.hold, why="Over", by=who)
        with pytest.raises(Refused) as absent:
            holds.lift(code="ABCD2345", why="Over", by=who)
        assert (hidden.value.message, hidden.value.code) == (absent.value.message, absent.value.code)


def test_the_operator_sees_that_a_hold_is_there_and_not_about_whom(kept: Kept) -> None:
    listed = json.loads(CliRunner().invoke(main, ["hold", "list", "--json"]).stdout)["holds"]
    of_person = [each for each in listed if each["kind"] == "person"]
    assert len(of_person) == 2
    assert {(each["subject"], each["notice"], each["why"]) for each in of_person} == {("", "", HIDDEN_REASON)}
    [other] = [each for each in listed if each["kind"] == "partner"]
    assert (other["subject"], other["notice"]) == ("club", RECORDS)


def test_reasons_are_told_or_hidden_once() -> None:
    reader = Actor("a@b.example", "b", "leader")
    known, secret = WaitingReason("Known.", lambda _: True), WaitingReason("Secret.", lambda who: who != reader)  # fmt: skip
    assert told([], reader) == []
    assert told([known], reader) == ["Known."]
    assert told([secret], reader) == told([secret, secret], reader) == [HIDDEN_REASON]
    assert told([secret, known, secret], reader) == ["Known.", HIDDEN_REASON]
    assert told([secret, known], OPERATOR) == ["Secret.", "Known."]


def test_the_public_register_tells_nothing(kept: Kept) -> None:
    for address in ("/register/", "/register/one/", "/register.json"):
        page = Client().get(address).content.decode()
        assert not any(secret in page for secret in (*kept.secrets.values(), HIDDEN_REASON, kept.hold))
        assert "must wait" not in page
