"""The directory: who writes what, what a feed changes, what waits to be confirmed, and what everybody sees."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test import Client

from tests.gate import making
from tests.site.people import add, signed_in
from throughway.core.refusals import Refused
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_partner
from throughway.site.open_steps.selectors import open_to
from throughway.supports import actions, selectors
from throughway.supports.entry import SupportStatement, WeeklySession
from throughway.supports.models import DirectoryEntry, DirectoryEvent
from throughway.supports.triggers import SUPPORTS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
TODAY = date.today()
CHESS = SupportStatement(
    "Chess Club",
    "stem",
    sessions=(WeeklySession("TU"),),
    languages=("spa",),
    seats_open=2,
    seats_all=8,
    waiting=3,
)


@pytest.fixture
def manager() -> Actor:
    making.register()
    return add("manager", "harbor", Role.PROGRAM_MANAGER)


def asked_last(ago: int) -> None:
    """As if every entry had been confirmed that many days ago."""
    DirectoryEntry.objects.update(confirmed=TODAY - timedelta(days=ago))
    selectors._ENTRIES.clear()


@pytest.mark.parametrize(
    ("partner", "role", "may"),
    [
        ("harbor", Role.PROGRAM_MANAGER, True),
        ("harbor", Role.DATA_STEWARD, True),
        ("harbor", Role.PRIVACY_OFFICER, True),
        ("harbor", Role.LEADER, True),
        ("harbor", Role.CASE_WORKER, False),
        ("harbor", Role.EVALUATOR, False),
        ("hub", Role.DATA_STEWARD, True),
        ("hub", Role.EVALUATOR, False),
        ("north", Role.LEADER, False),
    ],
)
def test_its_partner_and_the_backbone_keep_an_entry(partner: str, role: Role, may: bool) -> None:
    making.register()
    number = actions.add_support(partner="harbor", said=CHESS, by=OPERATOR).number
    who = Actor("somebody@example.org", partner, role)
    acts = (
        lambda: actions.add_support(partner="harbor", said=replace(CHESS, name="Go"), by=who),
        lambda: actions.change_support(number=number, said=replace(CHESS, seats_open=1), by=who),
        lambda: actions.confirm_support(number=number, by=who),
        lambda: actions.close_support(number=number, by=who),
        lambda: actions.reopen_support(number=number, by=who),
    )
    for act in acts:
        if may:
            act()
        else:
            with pytest.raises(Refused, match="Only a program manager"):
                act()


def test_every_change_keeps_its_history(manager: Actor) -> None:
    number = actions.add_support(partner="harbor", said=CHESS, by=manager).number
    found = actions.change_support(number=number, said=replace(CHESS, seats_open=1), by=manager)
    assert (found.said.seats_open, found.said.seats_on) == (1, TODAY)
    assert found == selectors.entry(number)
    actions.change_support(
        number=number, said=found.said, by=manager
    )  # nothing new, and confirmed today already
    actions.close_support(number=number, by=manager)
    actions.close_support(number=number, by=manager)
    with pytest.raises(Refused, match="open it again first"):
        actions.confirm_support(number=number, by=manager)
    assert [event["what"] for event in selectors.history(number)] == ["Closed", "Changed", "Entered"]
    with pytest.raises(Refused, match="of this name"):
        actions.add_support(partner="harbor", said=CHESS, by=manager)


def test_history_is_append_only(manager: Actor) -> None:
    actions.add_support(partner="harbor", said=CHESS, by=manager)
    assert SUPPORTS.missing(connection) == []
    with pytest.raises((IntegrityError, ValidationError)):
        DirectoryEvent.objects.update(by="nobody")
    with pytest.raises((IntegrityError, ValidationError)):
        DirectoryEvent.objects.all().delete()


def test_unconfirmed_waits_for_its_partner_and_one_tap_keeps_it(manager: Actor) -> None:
    number = actions.add_support(partner="harbor", said=replace(CHESS, public=True), by=manager).number
    assert selectors.open_steps(TODAY) == []
    for ago, stands in ((95, True), (121, False)):
        asked_last(ago)
        [step] = selectors.open_steps(TODAY)
        assert (step.waits_for, step.due) == ("harbor", TODAY + timedelta(days=120 - ago))
        assert step.is_for(manager)
        assert bool(selectors.public_entries(TODAY)) is stands
    client = signed_in(manager)
    waiting = [each for each in open_to(manager, TODAY) if each.step.kind == "confirm_support"]
    assert [each.href for each in waiting] == [f"/supports/{number}/"]
    assert "offered to no student" in client.get(f"/supports/{number}/").content.decode()
    page = client.post(f"/supports/{number}/confirm/", follow=True).content.decode()
    assert "Confirmed. Chess Club stays in the directory." in page
    assert selectors.entry(number).confirmed == TODAY
    assert selectors.open_steps(TODAY) == []


def programs() -> None:
    making.people()
    making.land("program", "harbor", [
        {"record": 1, "program_identifier": "harbor/chess", "program_name": "Chess Club", "program_subtype": "stem",
         "program_capacity_available": 0, "program_capacity_maximum": 9, "minimum_age": 8, "maximum_age": 14},
        {"record": 2, "program_identifier": "harbor/boats", "program_name": "Boats"},
        {"record": 3, "program_identifier": "harbor/none"},
        {"record": 4, "program_identifier": "harbor/rope", "program_name": "Rope", "eligibility_description": "Girls only"},
    ])  # fmt: skip
    making.land("program_participation", "harbor", [
        {"person_record": r, "record": record, "program_identifier": "harbor/chess", "program_participation_status": status,
         "program_application_date": applied}
        for record, r, status, applied in (
            (61, 21, "WaitingList", None), (62, 22, "WaitingList", TODAY - timedelta(30)), (63, 23, "Active", None),
            (64, 23, "WaitingList", TODAY - timedelta(400)),  # nobody closed the application of the year before
        )
    ])  # fmt: skip


def test_seats_and_who_waits_come_from_the_partners_own_records(manager: Actor) -> None:
    """Its own people read them through the gate; words of the directory that the records do not speak of stay."""
    programs()
    actions.add_support(partner="harbor", said=replace(CHESS, description="Sixty-four squares."), by=manager)
    before = LedgerEntry.objects.count()
    taken = actions.take_from_records(partner="harbor", by=manager)
    assert (taken.new, taken.changed, taken.unchanged) == (1, 1, 0)
    assert ["Rope chooses students by sex" in sentence for sentence in taken.refused] == [True]
    assert LedgerEntry.objects.count() == before + 2
    chess, boats = (
        next(e for e in selectors.entries() if e.said.name == name) for name in ("Chess Club", "Boats")
    )
    assert (chess.said.seats_open, chess.said.seats_all, chess.said.waiting) == (0, 9, 2)
    assert (chess.said.program, chess.said.description, chess.said.languages) == (
        "harbor/chess",
        "Sixty-four squares.",
        ("spa",),
    )
    assert boats.confirmed is None  # nobody has looked at it yet
    again = actions.take_from_records(partner="harbor", by=manager)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    making.land("program_participation", "harbor", [
        {"person_record": 21, "record": 61, "program_identifier": "harbor/boats", "program_participation_status": "Active"}
    ], year=2027)  # fmt: skip
    actions.change_support(number=boats.number, said=replace(boats.said, waiting=30), by=manager)
    actions.take_from_records(partner="harbor", by=manager)
    assert (
        selectors.entry(boats.number).said.waiting is None
    )  # its records show nobody who waits, and do not say that nobody does
    page = signed_in(manager).post("/supports/take/", follow=True).content.decode()
    assert "0 entries added, 0 brought up to date, 2 unchanged." in page
    assert "Rope chooses students by sex" in page


def test_nobody_but_its_own_people_reads_a_partners_records(manager: Actor) -> None:
    programs()
    for who in (OPERATOR, Actor("s@hub.example", "hub", Role.DATA_STEWARD)):
        with pytest.raises(Refused, match="can read its own records"):
            actions.take_from_records(partner="harbor", by=who)
    assert selectors.entries() == ()


def test_form_says_what_is_wrong_and_keeps_what_was_typed(manager: Actor) -> None:
    client = signed_in(manager)
    typed = {
        "name": "Robotics", "category": "stem", "rules": "grade is 03 or 04\nsex is Female", "on_TU": "on", "opens_TU": "15:00",
        "closes_TU": "17:00", "languages": ["spa"], "seats_open": "0", "public": "on", "who": "Ask Ms. O’Neil",
    }  # fmt: skip
    page = client.post("/supports/new/", typed)
    assert page.status_code == 422
    assert "forbids in general" in page.content.decode()
    assert "Ask Ms. O’Neil" in page.content.decode()
    page = client.post("/supports/new/", typed | {"rules": "grad is 03"})
    assert "did you mean grade?" in page.content.decode()
    page = client.post("/supports/new/", typed | {"rules": "grade is 03 or 04"}, follow=True)
    assert "Robotics is in the directory." in page.content.decode()
    [found] = selectors.entries()
    assert found.said.days_words == "Tuesdays"
    assert (found.said.seats_open, found.said.public, str(found.said.rules[0])) == (
        0,
        True,
        "grade is 03 or 04",
    )
    form = client.get(f"/supports/{found.number}/change/").content.decode()
    assert "grade is 03 or 04" in form
    assert 'value="15:00"' in form


def test_other_partners_see_an_entry_and_cannot_change_it(manager: Actor) -> None:
    number = actions.add_support(partner="harbor", said=CHESS, by=manager).number
    other = signed_in(add("manager", "north", Role.PROGRAM_MANAGER))
    page = other.get(f"/supports/{number}/").content.decode()
    assert "a few students wait" in page.lower()
    assert "Change it" not in page
    assert other.get(f"/supports/{number}/change/").status_code == 404
    for act in ("confirm", "close", "open"):
        assert other.post(f"/supports/{number}/{act}/").status_code == 404
    actions.close_support(number=number, by=manager)
    assert other.get(f"/supports/{number}/").status_code == 404


def test_the_public_directory_shows_only_what_its_partner_made_public(manager: Actor) -> None:
    shown = actions.add_support(
        partner="harbor", said=replace(CHESS, name="Open Chess", public=True, cost=None), by=manager
    )
    hidden = actions.add_support(partner="harbor", said=CHESS, by=manager)
    everybody = Client()
    page = everybody.get("/directory/")
    text = page.content.decode()
    assert "Open Chess" in text
    assert "Chess Club" not in text
    assert "Set-Cookie" not in page.headers
    assert everybody.get(f"/directory/{hidden.key}/").status_code == 404
    detail = everybody.get(f"/directory/{shown.key}/").content.decode()
    assert "wait" not in detail.partition("<main")[2].lower()  # how many wait is nobody's business
    assert "manager@harbor" not in detail
    spanish = everybody.get(f"/directory/{shown.key}/?language=es").content.decode()
    for words in ("Martes", "Español", "Cupos disponibles ahora: 2", "Ciencia, tecnología", "Cuándo y dónde"):
        assert words.lower() in spanish.lower(), words
    file = everybody.get("/directory.json").json()
    assert [each["name"] for each in file["supports"]] == ["Open Chess"]
    assert "waiting" not in file["supports"][0]
    asked_last(121)
    assert everybody.get(f"/directory/{shown.key}/").status_code == 404
    actions.confirm_support(number=shown.number, by=manager)
    assert everybody.get(f"/directory/{shown.key}/").status_code == 200
    actions.close_support(number=shown.number, by=manager)
    assert everybody.get(f"/directory/{shown.key}/").status_code == 404


def test_a_community_may_keep_no_public_directory(
    manager: Actor, settings: object, community: object
) -> None:
    path = community.root / "throughway.toml"  # type: ignore[attr-defined]
    path.write_text(path.read_text() + "\n[site]\ndirectory = false\n")
    vars(community).pop("settings", None)
    assert [Client().get(a).status_code for a in ("/directory/", "/directory.json")] == [404, 404]
    assert Client().get("/register/").status_code == 200


def test_pages_ask_the_database_little(manager: Actor) -> None:
    from django.test.utils import CaptureQueriesContext

    add_partner(id="bank", name="Bank", kind="cbo", by=OPERATOR)
    for n in range(30):
        actions.add_support(partner="harbor", said=replace(CHESS, name=f"Club {n}", public=True), by=OPERATOR)
    client = signed_in(manager)
    for address in ("/supports/", f"/supports/{selectors.entries()[0].number}/", "/directory/"):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 15, address


def test_a_season_that_has_ended_has_no_seats_anywhere(manager: Actor) -> None:
    last = TODAY - timedelta(days=1)
    over = replace(CHESS, program="harbor/chess", public=True, ends=last)
    found = actions.add_support(partner="harbor", said=over, by=manager)
    everybody = Client()
    for address in ("/directory/", f"/directory/{found.key}/"):
        text = everybody.get(address).content.decode()
        assert "The season has ended." in text
        assert "Seats free now" not in text
        spanish = everybody.get(f"{address}?language=es").content.decode()
        assert "La temporada terminó." in spanish
    [as_data] = everybody.get("/directory.json").json()["supports"]
    assert as_data["seats_free"] == 0
    page = signed_in(manager).get(f"/supports/{found.number}/").content.decode()
    assert "No seat, because its season ended on" in page
    assert "2 seats free" not in page
    assert selectors.ended_programs(TODAY) == {"harbor/chess"}
    assert selectors.free_seats_by_program(TODAY) == {}
    with pytest.raises(Refused, match="season of this program ended"):
        actions.take_seat(number=found.number, by=manager)
    # The next season of the same program has seats.
    actions.add_support(
        partner="harbor",
        said=replace(CHESS, name="Chess in spring", program="harbor/chess", seats_open=3),
        by=manager,
    )
    selectors.forget_recent_entries()
    assert selectors.ended_programs(TODAY) == frozenset()
    assert selectors.free_seats_by_program(TODAY) == {"harbor/chess": 3}
