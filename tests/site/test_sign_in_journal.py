"""What the journal says of signing in, and what happens to second factors when the site's key or the session is new."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client

from tests.site.people import PASSPHRASE, signed_in
from tests.site.test_signing_in import People, code, is_stranger, link, set_up, try_door
from throughway.partners import Role
from throughway.store import Community

FRESH = "nine lanterns by the lock"
OnCommit = Callable[..., AbstractContextManager[Any]]


def journal(community: Community) -> list[dict[str, Any]]:
    found = sorted((community.data / "log").glob("site-*.jsonl"))
    return [json.loads(line) for path in found for line in path.read_text(encoding="utf-8").splitlines()]


def events(community: Community) -> list[tuple[str, str]]:
    return [(line["what"], line.get("who", "")) for line in journal(community)]


def require_second_factor(community: Community) -> None:
    (community.root / "throughway.toml").write_text('[site]\nsecond_factor = "required"\n', encoding="utf-8")
    community.__dict__.pop("settings", None)


@pytest.mark.django_db(transaction=True)
def test_first_sign_in_asks_the_passphrase_once(community: Community, people: People) -> None:
    require_second_factor(community)
    client = Client()
    assert try_door(client, people[Role.LEADER].email, PASSPHRASE) == "/"
    assert client.get("/").headers["Location"] == "/account/second-factor/add/"
    page = client.get("/account/second-factor/add/")
    assert page.status_code == 200
    assert set_up(client)
    assert len(client.get("/account/codes/").context["unused_codes"]) == 10
    assert client.get("/").status_code == 200
    for path in ("/account/second-factor/remove/", "/account/codes/new/"):
        assert client.get(path).headers["Location"].startswith("/account/confirm/"), path


@pytest.mark.django_db(transaction=True)
def test_the_first_codes_are_shown_without_confirming_only_where_they_were_made(
    community: Community, people: People
) -> None:
    require_second_factor(community)
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        try_door(client, people[Role.LEADER].email, PASSPHRASE)
    set_up(here)
    assert here.get("/account/codes/").status_code == 200
    assert elsewhere.get("/account/codes/").status_code == 302
    session = here.session
    session["account_authentication_methods"][0]["at"] -= 301
    session.save()
    assert here.get("/account/codes/").status_code == 302


@pytest.mark.parametrize("later", [299, 301])
def test_a_factor_is_added_without_confirming_for_five_minutes(people: People, later: int) -> None:
    client = Client()
    try_door(client, people[Role.LEADER].email, PASSPHRASE)
    session = client.session
    session["account_authentication_methods"][0]["at"] -= later
    session.save()
    page = client.get("/account/second-factor/add/")
    assert page.status_code == (200 if later < 300 else 302)


def test_who_has_a_factor_confirms_before_it_is_removed(people: People) -> None:
    secret = set_up(signed_in(people[Role.LEADER]))
    client = Client()
    try_door(client, people[Role.LEADER].email, PASSPHRASE)
    client.post("/sign-in/code/", {"code": code(secret)})
    assert not is_stranger(client)
    for path in ("/account/second-factor/remove/", "/account/codes/", "/account/codes/new/"):
        assert client.get(path).headers["Location"].startswith("/account/confirm/"), path


def test_a_code_after_the_key_was_replaced_says_what_to_do(
    community: Community, people: People, settings: Any
) -> None:
    email = people[Role.LEADER].email
    secret = set_up(signed_in(people[Role.LEADER]))
    settings.SECRET_KEY = "another, as long as the one before it was, and longer still"
    client = Client()
    assert try_door(client, email, PASSPHRASE) == "/sign-in/code/"
    page = client.post("/sign-in/code/", {"code": code(secret)})
    assert page.status_code == 200
    assert "can no longer read your second factor" in page.content.decode()
    assert is_stranger(client)
    assert ("second factor unreadable", email) in events(community)
    form = (holder := Client()).get(link(email), follow=True).redirect_chain[-1][0]
    holder.post(form, {"new_password1": FRESH, "new_password2": FRESH})
    assert try_door(Client(), email, FRESH) == "/"


def test_the_journal_has_each_change_of_an_account(
    community: Community, people: People, django_capture_on_commit_callbacks: OnCommit
) -> None:
    email = people[Role.LEADER].email
    client = signed_in(people[Role.LEADER])
    before = len(journal(community))
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up(client)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/account/codes/new/")
    client.post("/account/second-factor/remove/")
    client.post("/account/passphrase/", {"oldpassword": PASSPHRASE, "password1": FRESH, "password2": FRESH})
    form = (holder := Client()).get(link(email), follow=True).redirect_chain[-1][0]
    holder.post(form, {"new_password1": PASSPHRASE, "new_password2": PASSPHRASE})
    lines = journal(community)[before:]
    assert [(line["what"], line["who"], line.get("factor")) for line in lines] == [
        ("second factor added", email, "totp"),
        ("second factor added", email, "recovery_codes"),
        ("recovery codes renewed", email, None),
        ("second factor removed", email, "totp"),
        ("second factor removed", email, "recovery_codes"),
        ("passphrase changed", email, None),
        ("link used", email, None),
        ("signed in", email, None),
    ]
    said = json.dumps(lines)
    assert not any(word in said for word in (PASSPHRASE, FRESH, secret))


def test_throttled_tries_are_one_line_for_each_account(community: Community, people: People) -> None:
    email = people[Role.LEADER].email
    for _ in range(9):
        try_door(Client(), email, "not this one at all")
    assert events(community) == [("sign-in failed", email)] * 5 + [("throttled", email)]
    for _ in range(7):
        try_door(Client(), "nobody@nowhere.example", "not this one at all")
    assert events(community)[-1] == ("throttled", "nobody that is known")
    assert "nobody@nowhere.example" not in json.dumps(journal(community))


def test_wrong_codes_and_confirmations_are_in_the_journal(community: Community, people: People) -> None:
    email = people[Role.LEADER].email
    client = signed_in(people[Role.LEADER])
    set_up(client)
    other = Client()
    try_door(other, email, PASSPHRASE)
    before = len(journal(community))
    for _ in range(7):
        other.post("/sign-in/code/", {"code": "000000"})
    assert events(community)[before:] == [("code failed", email)] * 5 + [("throttled", email)]


def test_many_confirmations_are_throttled_in_words(community: Community, people: People) -> None:
    client = signed_in(people[Role.LEADER])
    pages = [client.post("/account/confirm/", {"password": PASSPHRASE}) for _ in range(11)]
    assert pages[-1].status_code == 429
    assert "Too many tries" in pages[-1].content.decode()
    assert ("throttled", people[Role.LEADER].email) in events(community)
