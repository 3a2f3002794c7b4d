"""Tokens: what is kept of one, how long it opens anything, and who makes and ends it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.site.people import add, program, settle, signed_in
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import invite, reopen_user
from throughway.partners.leaving.actions import close_user
from throughway.partners.models import AccessToken, User, UserEvent
from throughway.partners.tokens import actions, selectors
from throughway.partners.tokens.token import MOST, TokenScope, drawn, parted, written
from throughway.store import Community

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def leader(db: None, community: Community) -> Actor:
    return settle()[Role.LEADER]


def make(actor: Actor, *, by: Actor | None = None, **more: Any) -> actions.CreatedToken:
    said = {"email": actor.email, "name": "nightly sheet", "days": 30, **more}
    return actions.make(**said, by=by or actor)


def opens(text: str) -> bool:
    return selectors.holder(text) is not None


def token(**changes: Any) -> AccessToken:
    plain: dict[str, Any] = {
        "handle": "0" * 12, "name": "x", "scope": TokenScope.READ, "made": NOW - timedelta(days=1), "made_by": "x", "until": NOW + timedelta(days=1),
        "ended": None, "used": None,
    }  # fmt: skip
    return AccessToken(**{**plain, **changes})


def test_when_a_token_holds() -> None:
    a_bit = timedelta(microseconds=1)
    assert token().holds(NOW)
    assert not token(until=NOW).holds(NOW)
    assert token(until=NOW + a_bit).holds(NOW)
    assert not token(ended=NOW - timedelta(hours=1)).holds(NOW)
    assert not token(made=NOW + a_bit).holds(NOW)  # a clock set back makes no token older than itself
    states = [token(until=NOW + timedelta(days=n)).state(NOW)[1] for n in (0, 13, 14)]
    assert states == ["ran out", "runs out soon", "holds"]
    assert token(ended=NOW).state(NOW)[1] == "ended"


def test_a_token_is_long_random_and_read_back() -> None:
    made = [drawn() for _ in range(200)]
    assert len({handle for handle, _ in made}) == len({secret for _, secret in made}) == 200
    assert all(parted(written(*pair)) == pair for pair in made)
    assert {len(secret) for _, secret in made} == {43}  # 256 bits


@given(st.text(max_size=80))
def test_any_other_text_is_no_token(text: str) -> None:
    found = parted(text)
    assert found is None or written(*found) == text


def test_of_a_token_only_a_keyed_hash_is_kept(leader: Actor, settings: Any) -> None:
    made = make(leader)
    _, secret = parted(made.text) or ("", "")
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(cell) for row in cursor.fetchall() for cell in row]
    assert not any(secret in cell for cell in found)
    assert opens(made.text)
    settings.SECRET_KEY = "another key"  # as after a restore without keys/
    assert not opens(made.text)


def test_every_part_of_a_token_counts(leader: Actor) -> None:
    one, other = make(leader).text, make(leader).text
    for place in range(3, len(one)):
        changed = one[:place] + ("b" if one[place] != "b" else "c") + one[place + 1 :]
        assert not opens(changed), place
    assert not opens(one[:15] + other[15:])
    for text in (
        one[:-1],
        one + "A",
        one.upper(),
        one[3:],
        f" {one}",
        f"{one}\n",
        "",
        "tw__",
        one.replace("tw_", "TW_"),
    ):
        assert not opens(text), text
    assert opens(one)


def test_a_token_runs_out_is_ended_and_stays_so(leader: Actor) -> None:
    short, long = make(leader, days=1), make(leader, days=365)
    AccessToken.objects.filter(handle=short.token.handle).update(until=datetime.now(UTC))
    assert (opens(short.text), opens(long.text)) == (False, True)
    first = actions.end(email=leader.email, handle=long.token.handle, by=leader)
    assert actions.end(email=leader.email, handle=long.token.handle, by=leader).ended == first.ended
    assert not opens(long.text)
    assert [e.what for e in UserEvent.objects.order_by("id")][-3:] == [
        "token_made",
        "token_made",
        "token_ended",
    ]


@pytest.mark.parametrize("lost", ["closed", "invited"])
def test_a_token_ends_with_the_account_and_with_a_new_link(leader: Actor, lost: str) -> None:
    made = make(leader)
    if lost == "closed":
        close_user(email=leader.email, by=OPERATOR)
        assert not opens(made.text)
        reopen_user(email=leader.email, by=OPERATOR)
    else:
        invite(email=leader.email, by=OPERATOR)
    assert not opens(made.text)
    assert selectors.tokens_of(leader.email)[0].ended is not None


def test_token_is_valid_for_the_role_it_was_made_in(leader: Actor) -> None:
    made = make(leader)
    for change, back in (
        ({"role": Role.EVALUATOR}, {"role": leader.role}),
        ({"partner_id": "spine"}, {"partner_id": "oak"}),
    ):
        User.objects.filter(email=leader.email).update(**change)
        assert not opens(made.text)
        User.objects.filter(email=leader.email).update(**back)
    User.objects.filter(email=leader.email).update(is_active=False)
    assert not opens(made.text)
    User.objects.filter(email=leader.email).update(is_active=True)
    assert opens(made.text)


def test_required_second_factor_applies_to_tokens(leader: Actor, settings: Any) -> None:
    before = make(leader)
    with (settings.COMMUNITY.root / "throughway.toml").open("a", encoding="utf-8") as file:
        file.write('\n[site]\nsecond_factor = "required"\n')
    settings.COMMUNITY = Community(settings.COMMUNITY.root)  # as the next process reads it
    assert not opens(before.text)
    for by in (leader, OPERATOR):
        with pytest.raises(Refused, match="second factor"):
            make(leader, by=by)
    browser = signed_in(leader)
    assert browser.get("/tokens/").headers["Location"] == "/account/second-factor/add/"
    assert browser.post("/tokens/", {"name": "x", "days": "30"}).status_code == 302
    assert AccessToken.objects.count() == 1
    user = User.objects.get(email=leader.email)
    kept = Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    assert opens(before.text)
    assert opens(make(leader).text)
    kept.delete()
    assert not opens(before.text)


def test_nobody_makes_sees_or_ends_a_token_of_another(leader: Actor) -> None:
    officer = Actor("privacy_officer@oak.example", "oak", Role.PRIVACY_OFFICER)
    made = make(leader)
    for email in (leader.email, "nobody@oak.example"):
        told = set()
        for ask in (
            lambda email=email: actions.make(email=email, name="x", days=1, by=officer),
            lambda email=email: actions.end(email=email, handle=made.token.handle, by=officer),
            lambda email=email: actions.check_own(email, officer),
        ):
            with pytest.raises(Refused) as refused:
                ask()
            told.add((refused.value.code, refused.value.message))
        assert len(told) == 1
        assert "oak" not in str(told)
    with pytest.raises(Refused, match="no such token"):
        actions.end(email=officer.email, handle=made.token.handle, by=officer)
    assert opens(made.text)
    mine, theirs = signed_in(leader), signed_in(officer)
    assert made.token.handle in mine.get("/tokens/").content.decode()
    assert made.token.handle not in theirs.get("/tokens/").content.decode()
    closed = theirs.post(f"/tokens/{made.token.handle}/end/")
    absent = theirs.post("/tokens/0123456789ab/end/")
    assert closed.status_code == absent.status_code == 404
    assert opens(made.text)


@pytest.mark.parametrize(
    ("more", "code"),
    [({"name": " "}, "missing_name"), ({"name": "x" * 61}, "bad_name"), ({"name": "a\nb"}, "bad_name"), ({"days": 0}, "bad_days"),
     ({"days": 366}, "bad_days"), ({"days": -1}, "bad_days")],
)  # fmt: skip
def test_wrong_token_names_and_days_are_refused(leader: Actor, more: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        make(leader, **more)
    assert refused.value.code == code


def test_number_of_tokens_is_limited(leader: Actor) -> None:
    made = [make(leader, days=1) for _ in range(MOST)]
    with pytest.raises(Refused, match="10 tokens"):
        make(leader)
    assert "which is the maximum" in signed_in(leader).get("/tokens/").content.decode()
    actions.end(email=leader.email, handle=made[0].token.handle, by=leader)
    make(leader)


def test_the_last_use_is_kept_once_a_minute(leader: Actor) -> None:
    asking = program(leader)

    def used() -> datetime | None:
        return AccessToken.objects.get().used

    asking.get("/api/")
    first = used()
    assert first is not None
    asking.get("/api/")
    assert used() == first
    AccessToken.objects.update(used=first - timedelta(minutes=2))
    asking.get("/api/")
    assert used() > first - timedelta(minutes=1)


def test_page_shows_a_token_once_after_reauthentication(leader: Actor) -> None:
    browser = signed_in(leader)
    shown = browser.post("/tokens/", {"name": "nightly <b>sheet</b>", "days": "90"})
    text = shown.content.decode().split('id="token">')[1].split("<")[0]
    assert opens(text)
    assert shown.headers["Cache-Control"] == "no-store"
    listed = browser.get("/tokens/").content.decode()
    assert text not in listed
    assert "nightly &lt;b&gt;sheet" in listed
    assert "One program can read in your name" in listed
    assert "Made by you" in listed
    make(leader, by=OPERATOR)
    assert "Made by the operator of the folder" in browser.get("/tokens/").content.decode()
    AccessToken.objects.order_by("-id")[0].delete()
    forgetful = Client()
    forgetful.force_login(User.objects.get(email=leader.email))  # who was asked nothing lately
    asked = forgetful.post("/tokens/", {"name": "x", "days": "90"})
    assert asked.headers["Location"].startswith("/account/confirm/")
    assert browser.post("/tokens/", {"name": "", "days": "9999"}).status_code == 422
    assert AccessToken.objects.count() == 1
    handle = AccessToken.objects.get().handle
    assert browser.get(f"/tokens/{handle}/end/").status_code == 405
    browser.post(f"/tokens/{handle}/end/")
    assert not opens(text)
    assert "Ended tokens" in browser.get("/tokens/").content.decode()


def test_pages_need_few_queries(leader: Actor, django_assert_max_num_queries: Any) -> None:
    browser = signed_in(leader)
    for _ in range(MOST):
        make(leader)
    browser.get("/tokens/")
    with django_assert_max_num_queries(15):
        browser.get("/tokens/")
    with django_assert_max_num_queries(15):
        browser.get("/account/")


def test_others_partners_have_tokens_of_their_own_role(leader: Actor) -> None:
    newcomer = add("newcomer", "bank", Role.CASE_WORKER)
    found = selectors.holder(make(newcomer).text)
    assert found is not None
    assert found.actor == newcomer
