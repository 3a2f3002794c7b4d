"""A community with one agreement in effect, one that ended, and one that is still a draft."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.agreements.documents import CASEWORK, MOU, PARTNERS, STUDY, changed, text_of
from tests.kept import kept
from tests.site.people import client_of
from throughway.agreements import actions
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_partner, add_user
from throughway.partners.models import User
from throughway.store import Community

SignIn = Callable[[str], Client]
ENDED = changed(
    STUDY, ("id", "bus-study"), ("title", "A study of buses"), ("purposes.0.id", "study-buses"),
    ("schedule.0.purposes", ["study-buses"]),
)  # fmt: skip
SIGNERS = ("riverbend-schools", "reading-lab")


def actor(partner: str, role: Role) -> Actor:
    return Actor(f"{role}@{partner}.example", partner, role)


@pytest.fixture
@kept
def house(community: Community) -> Community:
    for facts in PARTNERS.values():
        add_partner(id=facts.id, name=facts.name, kind=facts.kind, legal=facts.stated, by=OPERATOR)
    actions.add(text=text_of(MOU), by=OPERATOR)
    actions.add(text=text_of(CASEWORK), by=OPERATOR)
    for document in (STUDY, ENDED):
        actions.add(text=text_of(document), by=OPERATOR)
        for partner in SIGNERS:
            actions.sign(id=document["id"], by=actor(partner, Role.LEADER))
        actions.activate(id=document["id"], by=actor(SIGNERS[0], Role.PRIVACY_OFFICER))
    actions.terminate(
        id="bus-study", by=actor(SIGNERS[0], Role.PRIVACY_OFFICER), reason="The buses run on time"
    )
    return community


@pytest.fixture
def sign_in() -> SignIn:
    """Signs in whom an address `role@partner.example` names."""

    def signed_in(email: str) -> Client:
        role, _, partner = email.removesuffix(".example").partition("@")
        if not User.objects.filter(email=email).exists():
            add_user(email=email, partner=partner, role=role, by=OPERATOR)
        return client_of(email)

    return signed_in
