"""The door: who comes in, who does not, and what each is told."""

import json
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from tests.site.people import PASSPHRASE, signed_in
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import invite
from throughway.partners.leaving.actions import close_user
from throughway.store import Community

WRONG = "That address and passphrase do not open an account"
People = dict[Role, Actor]


def try_door(client: Client, email: str, passphrase: str, **more: str) -> str:
    """Where it leads, or what the page says."""
    response = client.post("/sign-in/", {"login": email, "password": passphrase, **more})
    return response.headers["Location"] if response.status_code == 302 else response.content.decode()


def is_stranger(client: Client) -> bool:
    response = client.get("/account/")
    return response.status_code == 302 and response.headers["Location"].startswith("/sign-in/")


def test_a_user_comes_in_and_goes_where_they_wanted(client: Client, people: People) -> None:
    email = people[Role.LEADER].email
    assert client.get("/account/").headers["Location"] == "/sign-in/?next=/account/"
    assert try_door(client, email.upper(), PASSPHRASE, next="/account/") == "/account/"
    assert email in client.get("/account/").content.decode()


def test_nobody_is_led_to_another_site(client: Client, people: People) -> None:
    assert try_door(client, people[Role.LEADER].email, PASSPHRASE, next="https://evil.example/") == "/"


def test_wrong_unknown_and_closed_get_the_same_answer(people: People) -> None:
    closed = people[Role.EVALUATOR].email
    close_user(email=closed, by=OPERATOR)
    pages = [
        try_door(Client(), people[Role.LEADER].email, "not this one at all"),
        try_door(Client(), "nobody@nowhere.example", PASSPHRASE),
        try_door(Client(), closed, PASSPHRASE),
    ]
    assert all(WRONG in page for page in pages)
    told = {page.split("tw-message")[1].split("</div>")[0] for page in pages}
    assert len(told) == 1


def test_many_tries_are_told_how_long_to_wait(people: People) -> None:
    email = people[Role.LEADER].email
    for _ in range(5):
        assert WRONG in try_door(Client(), email, "not this one at all")
    assert "Wait five minutes" in try_door(Client(), email, "nor this one")
    assert "Wait five minutes" in try_door(Client(), email, PASSPHRASE)
    assert try_door(Client(), people[Role.EVALUATOR].email, PASSPHRASE) == "/"


def test_tries_of_strangers_leave_the_right_person_in(people: People) -> None:
    """By the browser in which the account was open before; a stranger at another address does not use up one's tries either."""
    email, own = people[Role.LEADER].email, Client()
    assert try_door(own, email, PASSPHRASE) == "/"
    own.post("/sign-out/")
    strangers = [Client(REMOTE_ADDR=f"203.0.113.{n}") for n in range(25)]
    for stranger in strangers:
        for _ in range(6):
            try_door(stranger, email, "not this one at all")
    assert "Wait five minutes" in try_door(Client(), email, PASSPHRASE)  # a new browser waits until tomorrow
    assert try_door(own, email, PASSPHRASE) == "/"
    assert try_door(Client(REMOTE_ADDR="198.51.100.7"), people[Role.EVALUATOR].email, PASSPHRASE) == "/"


def test_five_tries_elsewhere_do_not_close_a_new_browser(people: People) -> None:
    email = people[Role.LEADER].email
    for _ in range(9):
        try_door(Client(REMOTE_ADDR="203.0.113.1"), email, "not this one at all")
    assert try_door(Client(REMOTE_ADDR="198.51.100.7"), email, PASSPHRASE) == "/"


def test_a_known_browser_does_not_guess_without_end(people: People) -> None:
    own, email = Client(), people[Role.LEADER].email
    try_door(own, email, PASSPHRASE)
    own.post("/sign-out/")
    for _ in range(5):
        assert WRONG in try_door(own, email, "not this one at all")
    assert "Wait five minutes" in try_door(own, email, PASSPHRASE)


def test_a_browser_is_known_for_the_accounts_that_were_open_in_it_alone(people: People) -> None:
    own, email = Client(), people[Role.LEADER].email
    try_door(own, people[Role.EVALUATOR].email, PASSPHRASE)
    own.post("/sign-out/")
    other = Client()
    other.cookies["known_browser"] = own.cookies["known_browser"].value[:-1] + "x"  # not signed by the site
    for client in (own, other):
        for _ in range(3):
            try_door(client, email, "not this one at all")
    assert "Wait five minutes" in try_door(own, email, PASSPHRASE)
    assert people[Role.EVALUATOR].email not in own.cookies["known_browser"].value


def test_nobody_makes_an_account_alone(client: Client, people: People) -> None:
    for path in ("/account/signup/", "/sign-up/", "/account/password/reset/", "/account/email/"):
        assert client.get(path).status_code == 404


def test_the_session_gets_a_new_key(client: Client, people: People) -> None:
    client.get("/sign-in/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    try_door(client, people[Role.LEADER].email, PASSPHRASE)
    assert client.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert is_stranger(thief)


def test_a_session_stolen_before_sign_out_opens_nothing_after(people: People) -> None:
    victim, thief = signed_in(people[Role.LEADER]), Client()
    thief.cookies["sessionid"] = victim.cookies["sessionid"].value
    assert not is_stranger(thief)
    response = victim.post("/sign-out/")
    assert response.status_code == 200
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert is_stranger(victim)
    assert is_stranger(thief)


def test_get_does_not_sign_out(people: People) -> None:
    client = signed_in(people[Role.LEADER])
    assert client.get("/sign-out/").status_code == 405
    assert not is_stranger(client)


@pytest.mark.parametrize(
    ("which", "ago", "ends"),
    [
        ("seen", 14 * 60, False),
        ("seen", 16 * 60, True),
        ("began", 11.9 * 3600, False),
        ("began", 12.1 * 3600, True),
    ],
)
def test_a_session_ends_when_idle_or_old(people: People, which: str, ago: float, ends: bool) -> None:
    client = signed_in(people[Role.LEADER])
    client.get("/account/")
    session = client.session
    session["seen"] = time.time()
    session[which] = time.time() - ago
    session.save()
    assert is_stranger(client) == ends
    if ends:
        assert "You were signed out" in client.get("/sign-in/").content.decode()
        assert "You were signed out" not in client.get("/sign-in/").content.decode()


def test_a_closed_account_ends_at_the_next_click(people: People) -> None:
    client = signed_in(people[Role.LEADER])
    assert not is_stranger(client)
    close_user(email=people[Role.LEADER].email, by=OPERATOR)
    assert is_stranger(client)


def test_one_sees_and_ends_ones_other_sessions(people: People) -> None:
    email, here, there = people[Role.LEADER].email, Client(), Client()
    try_door(here, email, PASSPHRASE)
    try_door(there, email, PASSPHRASE)
    assert "signed in two times" in here.get("/account/sessions/").content.decode()
    here.post("/account/sessions/")
    assert is_stranger(there)
    assert not is_stranger(here)


def test_changing_the_passphrase_ends_other_sessions(people: People) -> None:
    here, there = signed_in(people[Role.LEADER]), signed_in(people[Role.LEADER])
    fresh = "five swans over the weir"
    answers = {"oldpassword": PASSPHRASE, "password1": fresh, "password2": fresh}
    assert here.post("/account/passphrase/", answers).headers["Location"] == "/account/"
    assert not is_stranger(here)
    assert is_stranger(there)
    assert try_door(Client(), people[Role.LEADER].email, fresh) == "/"


# --- a link that opens once -------------------------------------------------------------------------------------------


def link(email: str) -> str:
    invitation = invite(email=email, by=OPERATOR)
    return f"/sign-in/new/{invitation.user}/{invitation.token}/"


def test_a_link_lets_its_holder_choose_a_passphrase_once(client: Client, people: People) -> None:
    email, fresh = people[Role.LEADER].email, "nine lanterns by the lock"
    path = link(email)
    assert WRONG in try_door(Client(), email, PASSPHRASE)  # the old one ended with it
    page = client.get(path, follow=True)
    assert "Choose a passphrase" in page.content.decode()
    form = page.redirect_chain[-1][0]  # the token has left the address
    client.post(form, {"new_password1": fresh, "new_password2": fresh})
    assert try_door(Client(), email, fresh) == "/"
    assert "This link no longer works" in Client().get(path, follow=True).content.decode()


def test_a_newer_link_ends_the_earlier(client: Client, people: People) -> None:
    first, second = link(people[Role.LEADER].email), link(people[Role.LEADER].email)
    assert "This link no longer works" in client.get(first, follow=True).content.decode()
    assert "Choose a passphrase" in client.get(second, follow=True).content.decode()


@pytest.mark.parametrize("weak", ["short", "password1234", "leader@oak.example"])
def test_a_weak_passphrase_is_not_taken(client: Client, people: People, weak: str) -> None:
    form = client.get(link(people[Role.LEADER].email), follow=True).redirect_chain[-1][0]
    page = client.post(form, {"new_password1": weak, "new_password2": weak})
    assert page.status_code == 200
    assert "usa-error-message" in page.content.decode()
    assert WRONG in try_door(Client(), people[Role.LEADER].email, weak)


def test_the_command_line_takes_no_weak_passphrase(people: People) -> None:
    from throughway.partners.actions import add_user

    with pytest.raises(Refused) as refused:
        add_user(email="new@oak.example", partner="oak", role="leader", password="tooshort", by=OPERATOR)
    assert refused.value.code == "passphrase"
    assert "tooshort" not in refused.value.message


# --- the second factor ------------------------------------------------------------------------------------------------


STEP, SLOWEST = 30, 5  # seconds: of one code, and until a busy machine has read it


def code(secret: str) -> str:
    """The code of this moment, with time left to use it."""
    if (left := STEP - time.time() % STEP) < SLOWEST:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time()) // STEP))


def set_up(client: Client) -> str:
    secret = client.get("/account/second-factor/add/").context["form"].secret
    response = client.post("/account/second-factor/add/", {"code": code(secret)})
    assert response.headers["Location"] == "/account/codes/"
    return str(secret)


def test_a_second_factor_is_asked_for(people: People) -> None:
    client = signed_in(people[Role.LEADER])
    secret = set_up(client)
    codes = client.get("/account/codes/").context["unused_codes"]
    other = Client()
    assert try_door(other, people[Role.LEADER].email, PASSPHRASE) == "/sign-in/code/"
    assert is_stranger(other)
    assert "That code is not right" in other.post("/sign-in/code/", {"code": "000000"}).content.decode()
    assert other.post("/sign-in/code/", {"code": codes[0]}).status_code == 302
    assert not is_stranger(other)
    another = Client()
    try_door(another, people[Role.LEADER].email, PASSPHRASE)
    another.post("/sign-in/code/", {"code": codes[0]})
    assert is_stranger(another)  # a recovery code opens once
    assert generate_totp_secret() != secret


def test_the_secret_of_an_authenticator_rests_sealed(people: People) -> None:
    from allauth.mfa.models import Authenticator

    secret = set_up(signed_in(people[Role.LEADER]))
    for kept in Authenticator.objects.all():
        assert secret not in json.dumps(kept.data)


def test_required_second_factor_must_be_set_up_first(community: Community, people: People) -> None:
    (community.root / "throughway.toml").write_text(
        '[community]\nname = "T"\n[site]\nsecond_factor = "required"\n', encoding="utf-8"
    )
    community.__dict__.pop("settings", None)
    client = signed_in(people[Role.LEADER])
    for path in ("/", "/partners/"):
        assert client.get(path).headers["Location"] == "/account/second-factor/add/"
    set_up(client)
    assert client.get("/partners/").status_code == 200
    assert "This community requires" in client.post("/account/second-factor/remove/").content.decode()


def test_a_link_clears_a_lost_second_factor(people: People) -> None:
    set_up(signed_in(people[Role.LEADER]))
    form = (browser := Client()).get(link(people[Role.LEADER].email), follow=True).redirect_chain[-1][0]
    browser.post(
        form, {"new_password1": "nine lanterns by the lock", "new_password2": "nine lanterns by the lock"}
    )
    assert try_door(Client(), people[Role.LEADER].email, "nine lanterns by the lock") == "/"
