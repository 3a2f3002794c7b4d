"""Acts that people try for whom they are not, or too late: each line says who, does what, and meets which refusal."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.agreements.documents import AUDIT, STUDY, changed, text_of
from tests.governance import world
from tests.governance.world import BRIGHT, HILLS, LAB, SCHOOLS, who
from throughway.agreements import actions as agreements
from throughway.agreements.reading import one
from throughway.partners import OPERATOR, Role
from throughway.partners.models import User
from throughway.refusals import Refused
from throughway.store import Community

pytestmark = pytest.mark.django_db
OFFICER, STEWARD, WORKER = Role.PRIVACY_OFFICER, Role.DATA_STEWARD, Role.CASE_WORKER
ID = AUDIT["id"]


@pytest.fixture(autouse=True)
def house(community: Community) -> None:
    world.register()


def refused(act: Callable[..., Any], **said: Any) -> str:
    with pytest.raises(Refused) as found:
        act(**said)
    return found.value.code


def signed_in(partner: str, role: Role = OFFICER) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=who(partner, role).email))
    return client


OTHER = text_of(changed(AUDIT, ("title", "Quite another text")))


@pytest.mark.parametrize("state", ["draft", "review", "negotiation", "approval", "terminated", "active"])
def test_a_stranger_puts_no_text_in_the_place_of_one_that_is_there(state: str) -> None:
    """And learns nothing of it but that its id is taken, however it stands, even with exactly its text."""
    author = who(SCHOOLS, OFFICER)
    version = agreements.add(text=text_of(AUDIT), by=author).version
    steps = ("submit", "offer", "agree")[: ("review", "negotiation", "approval").index(state) + 1] if state in (
        "review", "negotiation", "approval") else ()  # fmt: skip
    for step in steps:
        getattr(agreements, step)(id=ID, by=author)
    if state == "active":
        for partner in (SCHOOLS, LAB):
            agreements.sign(id=ID, by=who(partner))
        agreements.activate(id=ID, by=author)
    if state == "terminated":
        agreements.terminate(id=ID, by=author, reason="Hush")
    said = set()
    for text in (OTHER, text_of(AUDIT)):
        with pytest.raises(Refused) as found:
            agreements.add(text=text, by=who(HILLS))
        said.add((found.value.code, found.value.message))
        page = signed_in(HILLS).post("/agreements/review/", {"text": text, "add": "1"})
        assert page.status_code == 403
        assert "Hush" not in page.content.decode()
    assert len(said) == 1
    assert (one(ID).version, str(one(ID).state)) == (version, state)


def test_on_the_long_way_the_author_alone_changes_the_text() -> None:
    author = who(SCHOOLS, OFFICER)
    agreements.add(text=text_of(AUDIT), by=author)
    agreements.submit(id=ID, by=author)
    assert refused(agreements.add, text=OTHER, by=who(LAB)) == "not_allowed"
    agreements.offer(id=ID, by=author)
    assert refused(agreements.add, text=OTHER, by=who(LAB)) == "not_allowed"
    agreements.agree(id=ID, by=author)
    assert refused(agreements.add, text=OTHER, by=who(LAB)) == "not_allowed"
    assert agreements.add(text=OTHER, by=author).state == "negotiation"


def test_a_partner_that_an_amendment_names_reads_and_signs_it() -> None:
    world.study()
    later = changed(world.BOTH, ("parties", [*world.BOTH["parties"], {"partner": BRIGHT, "roles": [],
                    "signatory": {"title": "Director", "authority": "Bylaws"}}]))  # fmt: skip
    agreements.amend(id="reading-study", text=text_of(later), by=who(SCHOOLS))
    client = signed_in(BRIGHT, Role.LEADER)
    assert client.get("/agreements/reading-study/later/").status_code == 200
    assert client.get("/agreements/reading-study/sign/").status_code == 200
    assert "A study of reading" in client.get("/agreements/").content.decode()


def open_study() -> None:
    agreements.add(text=text_of(changed(STUDY, ("joinder", {"open_to": ["lea"]}))), by=OPERATOR)
    for partner in (SCHOOLS, LAB):
        agreements.sign(id="reading-study", by=who(partner))
    agreements.activate(id="reading-study", by=who(SCHOOLS, OFFICER))


def test_who_might_join_reads_the_text_in_effect_and_nothing_else() -> None:
    open_study()
    agreements.suspend(id="reading-study", by=who(SCHOOLS), reason="Hush: a quarrel")
    agreements.resume(id="reading-study", by=who(SCHOOLS))
    later = changed(STUDY, ("title", "Hush: amended"), ("joinder", {"open_to": ["lea"]}))
    agreements.amend(id="reading-study", text=text_of(later), by=who(SCHOOLS))
    client = signed_in(HILLS)
    page = client.get("/agreements/reading-study/")
    assert page.status_code == 200
    assert "Hush" not in page.content.decode()
    assert client.get("/agreements/reading-study/later/").status_code == 404
    assert "later text" not in page.content.decode().lower()
    assert client.get("/negotiation/reading-study/").status_code == 404
