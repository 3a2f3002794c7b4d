"""Data systems in the browser: who reads, who changes, what a form says, and what stays when it is wrong."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.site.people import settle, signed_in
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.models import User
from throughway.partners.selectors import actor, systems
from throughway.partners.systems.actions import add_system, retire_system
from throughway.partners.systems.system import Holding, Refresh, Regime, SystemStatement
from throughway.store import Community
from throughway.vocabulary.labels import element_words

pytestmark = pytest.mark.django_db
SAID = SystemStatement("Student system", "Office of technology", "Registrar", Regime.FERPA, Refresh.DAILY, "",
            (Holding("person.birthdate"), Holding("person_status.idea_indicator")))  # fmt: skip
FORM = {
    "name": "Buses", "owner": "Transport", "steward": "Transport", "regime": "own", "refresh": "yearly", "note": "",
    "held": ["person_contact.address_city", "person.sex"], "first_person": "2020-01-01", "last_person": "",
}  # fmt: skip


@pytest.fixture
def people(community: Community) -> dict[Role, Actor]:
    return settle()


@pytest.mark.parametrize("role", list(Role))
def test_everyone_who_shares_reads_what_a_partner_keeps(people: dict[Role, Actor], role: Role) -> None:
    add_system(partner="bank", statement=SAID, by=OPERATOR)
    client = signed_in(people[role])
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/partners/bank/systems/").content.decode()
    assert len(queries) <= 15
    assert "What data Bank Tutors keeps, and where" in page
    assert "Office of technology" in page
    assert element_words("idea_indicator") in page
    assert "/partners/bank/systems/new/" not in page  # another partner's is not theirs to change


def test_only_keepers_change_a_system(people: dict[Role, Actor]) -> None:
    made = add_system(partner="oak", statement=SAID, by=OPERATOR)
    addresses = ["/partners/oak/systems/new/", f"/partners/oak/systems/{made.id}/"]
    opens = {role: {signed_in(who).get(a).status_code for a in addresses} for role, who in people.items()}
    keeps = {Role.DATA_STEWARD, Role.PRIVACY_OFFICER, Role.LEADER}
    assert opens == {role: {200 if role in keeps else 404} for role in Role}
    # The backbone's: only where an agreement hands it over, or nobody of the partner ever came.
    assert {signed_in(actor("steward@spine.example")).get(a).status_code for a in addresses} == {404}
    User.objects.filter(partner="oak").update(last_login=None, password="!")
    assert {signed_in(actor("steward@spine.example")).get(a).status_code for a in addresses} == {200}
    assert {signed_in(actor("officer@bank.example")).get(a).status_code for a in addresses} == {404}
    other = signed_in(actor("officer@bank.example"))
    for last in ("retire", "use"):
        assert other.post(f"/partners/oak/systems/{made.id}/{last}/").status_code == 404
    assert signed_in(people[Role.LEADER]).get(f"/partners/bank/systems/{made.id}/").status_code == 404


def test_a_system_is_entered_by_hand(people: dict[Role, Actor]) -> None:
    client = signed_in(people[Role.LEADER])
    assert client.post("/partners/oak/systems/new/", FORM).headers["Location"] == "/partners/oak/systems/"
    (made,) = systems("oak")
    assert {element for element, _, _ in made.holdings} == {"person_contact.address_city", "person.sex"}
    assert ["person.sex", "2020-01-01", None] in made.holdings
    assert "Buses is in the register" in client.get("/partners/oak/systems/").content.decode()
    assert "One is in the register" in client.get("/partners/oak/").content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "Type a name."),
        ({"owner": "ann@oak.example"}, "name an office"),
        ({"held": []}, "at least one element"),
        ({"regime": "magic"}, "magic is not one of the available choices"),
        ({"last_person": "2019-01-01"}, "This is before the first day."),
        ({"first_person": "soon"}, "Write a calendar day, such as September 1, 2026."),
        ({"held": ["person.nothing"]}, "at least one element"),
    ],
)
def test_a_wrong_form_says_what_to_do_and_keeps_what_was_typed(
    people: dict[Role, Actor], change: dict[str, object], words: str
) -> None:
    response = signed_in(people[Role.LEADER]).post("/partners/oak/systems/new/", FORM | change)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert 'value="Transport"' in page
    if "held" not in change:
        assert re.search(r'value="person.sex" checked', page)
    assert systems("oak") == []


def test_form_without_new_days_keeps_those_of_each_element(people: dict[Role, Actor]) -> None:
    from datetime import date

    told = (
        Holding("person.sex", date(2019, 1, 1), None),
        Holding("person.birthdate", date(2021, 1, 1), None),
    )
    made = add_system(
        partner="oak", statement=SystemStatement(**{**vars(SAID), "holdings": told}), by=OPERATOR
    )
    form = FORM | {"held": ["person.sex", "person.birthdate"], "first_person": "2019-01-01"}
    signed_in(people[Role.LEADER]).post(f"/partners/oak/systems/{made.id}/", form)
    assert set(systems("oak")[0].statement.holdings) == set(told)
    signed_in(people[Role.LEADER]).post(
        f"/partners/oak/systems/{made.id}/", form | {"first_person": "2022-01-01"}
    )
    assert {h.first for h in systems("oak")[0].statement.holdings} == {date(2022, 1, 1)}


def test_a_system_is_retired_and_taken_into_use_again(people: dict[Role, Actor]) -> None:
    made = add_system(partner="oak", statement=SAID, by=OPERATOR)
    client = signed_in(people[Role.PRIVACY_OFFICER])
    client.post(f"/partners/oak/systems/{made.id}/retire/")
    page = client.get("/partners/oak/systems/").content.decode()
    assert "No longer in use" in page
    client.post(f"/partners/oak/systems/{made.id}/use/")
    assert systems("oak") != []
    retire_system(partner="oak", number=made.id, by=OPERATOR)
    assert "has not said what it keeps" in client.get("/partners/oak/systems/").content.decode()


def test_what_was_loaded_is_not_there_before_anything_landed(people: dict[Role, Actor]) -> None:
    client = signed_in(people[Role.LEADER])
    page = client.post("/loads/landed/oak/", follow=True).content.decode()
    assert "Nothing from oak has been loaded yet" in page
    assert client.post("/loads/landed/bank/").status_code == 404
    assert client.get("/loads/landed/oak/").status_code == 405
