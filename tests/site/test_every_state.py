"""Every page that a role can reach by following links, while an agreement is in each of its states: none breaks, no link is dead."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.urls import resolve, reverse

from tests.casework.town import PERSON, TODAY, allow, settle, works_with
from tests.gate import making
from tests.site.people import PASSPHRASE, client_of
from throughway.agreements import actions as agreements
from throughway.agreements.selectors import one
from throughway.agreements.states import AgreementState
from throughway.partners import OPERATOR, Role
from throughway.partners.actions import add_user
from throughway.partners.models import User
from throughway.site.open_steps.selectors import open_steps

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
ID = "sharing-2026"
LINK = re.compile(r'\b(?:href|hx-get)="(/[^"]*)"')
FILES = ("/static/", "/api/")


def officer(partner: str = "north") -> str:
    return f"officer@{partner}.example"


def suspend() -> None:
    agreements.suspend(id=ID, reason="A lost laptop.", by=making.reader(officer()))


def terminate() -> None:
    agreements.terminate(id=ID, reason="It is over.", by=making.reader(officer()))


def wind_down() -> None:
    terminate()
    agreements.wind_down(id=ID, by=making.reader(officer()))


def amend() -> None:
    agreements.renew(id=ID, by=making.reader(officer()))


def nothing() -> None:
    pass


STATES: dict[str, tuple[Callable[[], None], AgreementState]] = {
    "in effect": (nothing, AgreementState.ACTIVE),
    "amending": (amend, AgreementState.ACTIVE),
    "suspended": (suspend, AgreementState.SUSPENDED),
    "terminated": (terminate, AgreementState.TERMINATED),
    "winding down": (wind_down, AgreementState.WINDING_DOWN),
}
READERS = [
    ("north", Role.LEADER), ("north", Role.PRIVACY_OFFICER), ("hub", Role.DATA_STEWARD), ("harbor", Role.CASE_WORKER),
    ("harbor", Role.PROGRAM_MANAGER), ("harbor", Role.EVALUATOR),
]  # fmt: skip
# Pages that depend on an agreement's state; the others are the same in every state, and are checked in one.
HANGING = (
    "home",
    "agreements:",
    "exchange:",
    "casework:",
    "open_steps:",
    "ledger:",
    "destruction:",
    "negotiation:",
    "extracts:",
)


def people() -> list[str]:
    """One account for each reader, some made by `settle` before."""
    found = []
    for partner, role in READERS:
        user = User.objects.filter(partner=partner, role=role).first()
        email = user.email if user else f"{role}@{partner}.example"
        if user is None:
            add_user(email=email, partner=partner, role=role, by=OPERATOR)
        found.append(email)
    User.objects.update(password=make_password(PASSPHRASE))  # who is signed in has one
    return found


def crawl(email: str, kinds: tuple[str, ...] = ("",)) -> dict[str, int]:
    """The status of every page that this reader reaches from home: one of each kind, however many links lead there, and every
    step that waits for the reader."""
    client = client_of(email)
    client.raise_request_exception = False
    found: dict[str, int] = {}
    seen: set[str] = set()
    reader = making.reader(email)
    asked = [reverse(s.href_name, args=s.href_args) for s in open_steps(TODAY) if s.is_for(reader)]
    found |= {address: client.get(address).status_code for address in asked}
    asked.append("/")
    while asked:
        address = asked.pop(0)
        if address in found or address.startswith(FILES):
            continue
        kind = resolve(address.partition("?")[0]).view_name
        if kind in seen or not kind.startswith(kinds):
            continue
        seen.add(kind)
        response = client.get(address)
        found[address] = response.status_code
        if response.status_code == 200 and "html" in response.headers["Content-Type"]:
            asked += [unescape(link).partition("#")[0] for link in LINK.findall(response.content.decode())]
    return found


def check(email: str, kinds: tuple[str, ...] = HANGING) -> None:
    # A page that asks for the passphrase once more answers 302.
    broken = {address: status for address, status in crawl(email, kinds).items() if status not in (200, 302)}
    assert not broken, f"{email}: {broken}"


@pytest.mark.parametrize("state", STATES)
def test_no_page_breaks_and_no_link_is_dead(state: str, tmp_path: Path) -> None:
    settle()
    works_with(11, 12)
    allow(tmp_path, ("n-11", "yes"), until=TODAY + timedelta(days=20))
    reach, stands = STATES[state]
    reach()
    assert one(ID).state is stands
    for email in people():
        check(email, ("",) if state == "in effect" else HANGING)
    worker = client_of("worker@harbor.example")
    # While an agreement is suspended, a student's page leads to the list, which says by whom.
    told = {AgreementState.ACTIVE: 200, AgreementState.SUSPENDED: 302}.get(stands, 404)
    assert worker.get(f"/students/{PERSON}/").status_code == told


BEFORE: dict[str, Callable[[], None]] = {
    "draft": nothing,
    "partly signed": lambda: sign("north"),
    "signed": lambda: sign("north", "harbor", "hub"),
    "signed, its first day to come": lambda: sign("north", "harbor", "hub"),
    "ended before it began": lambda: terminate(),
    "under review": lambda: prepare("submit"),
    "in negotiation": lambda: prepare("submit", "offer"),
    "waiting for approvals": lambda: prepare("submit", "offer", "agree"),
}


def sign(*partners: str) -> None:
    for partner in partners:
        agreements.sign(id=ID, by=making.leader(partner))


def prepare(*acts: str) -> None:
    for act in acts:
        getattr(agreements, act)(id=ID, by=making.reader(officer()))


@pytest.mark.parametrize("state", BEFORE)
def test_no_page_breaks_before_it_is_in_effect(state: str) -> None:
    making.register()
    document = making.sharing()
    if state.endswith("to come"):
        document["terms"]["effective"] = (TODAY + timedelta(days=9)).isoformat()
    agreements.add(text=json.dumps(document), by=making.reader(officer()))
    BEFORE[state]()
    for email in people():
        check(email)
