"""A small community with one user for each role."""

from datetime import UTC, datetime

from django.test import Client

from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_partner, add_user
from throughway.partners.models import User
from throughway.partners.tokens.actions import make

PASSPHRASE = "four herons stand in mist"


def settle() -> dict[Role, Actor]:
    """Oak Schools with one user in each role; the Backbone and its steward; Bank Tutors and their officer."""
    add_partner(id="oak", name="Oak Schools", kind="lea", by=OPERATOR)
    add_partner(id="spine", name="Riverbend Forward", kind="backbone", by=OPERATOR)
    add_partner(id="bank", name="Bank Tutors", kind="cbo", by=OPERATOR)
    add("steward", "spine", Role.DATA_STEWARD)
    add("officer", "bank", Role.PRIVACY_OFFICER)
    return {role: add(role.value, "oak", role) for role in Role}


def add(name: str, partner: str, role: Role) -> Actor:
    return add_user(
        email=f"{name}@{partner}.example", partner=partner, role=role, password=PASSPHRASE, by=OPERATOR
    )


def program(actor: Actor) -> Client:
    """A program that shows a token of that user."""
    made = make(email=actor.email, name="a program of a test", days=1, by=OPERATOR)
    return Client(headers={"Authorization": f"Bearer {made.text}"})


def client_of(email: str) -> Client:
    """A browser in which the user of that address is signed in, without the door."""
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


def signed_in(actor: Actor, client: Client | None = None) -> Client:
    """The same; the user's factor was asked for a moment ago."""
    client, user = client or Client(), User.objects.get(email=actor.email)
    client.force_login(user)
    session = client.session
    record = {"method": "password", "at": datetime.now(UTC).timestamp(), "reauthenticated": True}
    session["account_authentication_methods"] = [record]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
