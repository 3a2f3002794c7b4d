"""Single sign-on, against an OpenID provider that answers on loopback."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import authlib.oidc.core.grants.code as code_grant
import oidc_provider_mock
import pytest
import requests
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client
from joserfc.jwk import OctKey, RSAKey

from tests.site.people import PASSPHRASE, program
from tests.site.test_sign_in_journal import journal
from tests.site.test_signing_in import WRONG, People, code, is_stranger, link, set_up, try_door
from throughway.partners import OPERATOR, Role
from throughway.partners.actions import reopen_user
from throughway.partners.leaving.actions import close_user
from throughway.partners.models import User
from throughway.site.sign_on import verified_email
from throughway.store import Community
from throughway.store.settings_file import parse

START = "/sign-in/at/oak/"
# The provider uses parts of its library that the library calls old.
pytestmark = pytest.mark.filterwarnings(
    "ignore::authlib.deprecate.AuthlibDeprecationWarning", "ignore::DeprecationWarning:authlib"
)


@dataclass
class Provider:
    """The accounts of Oak Schools at its own provider."""

    issuer: str

    def knows(self, subject: str, **claims: object) -> None:
        answer = requests.put(f"{self.issuer}/users/{subject}", json=claims, timeout=90)
        assert answer.status_code == 204

    def answers(self, address: str, subject: str | None) -> str:
        """Where the browser is sent after the person (None: who is turned away) was at the provider's page."""
        given = {"action": "deny"} if subject is None else {"sub": subject}
        answer = requests.post(address, data=given, allow_redirects=False, timeout=90)
        assert answer.status_code == 302, answer.text
        back = answer.headers["Location"]
        if subject is None:  # this provider forgets the state when it turns somebody away
            back += "&state=" + parse_qs(urlsplit(address).query)["state"][0]
        return back


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread(port=0) as found:
        yield f"http://localhost:{found.server_port}"


@pytest.fixture
def provider(server: str, community: Community, people: People, monkeypatch: pytest.MonkeyPatch) -> Provider:
    settle(
        community,
        f'[sign_on.oak]\nissuer = "{server}"\nclient_id = "throughway"\nname = "Oak staff account"\n',
    )
    for partner in ("OAK", "BANK"):
        monkeypatch.setenv(f"THROUGHWAY_SIGN_ON_SECRET_{partner}", "between the two")
    found = Provider(server)
    for role, actor in people.items():
        found.knows(str(role), email=actor.email, email_verified=True)
    return found


def settle(community: Community, text: str) -> None:
    (community.root / "throughway.toml").write_text(text, encoding="utf-8")
    community.__dict__.pop("settings", None)


def sign_on(client: Client, provider: Provider, subject: str | None, start: str = START) -> Any:
    """The site's answer to the browser that comes back from the provider."""
    there = client.get(start)
    assert there.status_code == 302, there.content.decode()
    back = urlsplit(provider.answers(there.headers["Location"], subject))
    return client.get(f"{back.path}?{back.query}")


def who(client: Client) -> str:
    return client.get("/account/").content.decode()


def test_the_sign_in_page_offers_the_provider(provider: Provider) -> None:
    page = Client().get("/sign-in/?next=/account/").content.decode()
    assert "Oak staff account" in page
    assert f'href="{START}?next=/account/"' in page


def test_a_user_of_the_register_signs_on(provider: Provider, people: People, community: Community) -> None:
    client, email = Client(), people[Role.LEADER].email
    there = client.get(f"{START}?next=/account/")
    asked = parse_qs(urlsplit(there.headers["Location"]).query)
    assert (asked["client_id"], asked["code_challenge_method"]) == (["throughway"], ["S256"])
    assert set(asked["scope"][0].split()) == {"openid", "email"}
    assert asked["redirect_uri"] == [f"http://testserver{START}back/"]
    back = urlsplit(provider.answers(there.headers["Location"], "leader"))
    assert client.get(f"{back.path}?{back.query}").headers["Location"] == "/account/"
    assert email in who(client)
    assert (journal(community)[-1]["what"], journal(community)[-1]["factors"]) == (
        "signed in",
        ["socialaccount"],
    )
    [kept] = SocialAccount.objects.all()
    assert (kept.provider, kept.uid, kept.extra_data) == ("oak", "leader", {})
    assert not SocialToken.objects.exists()


def test_nobody_is_led_to_another_site(provider: Provider) -> None:
    answer = sign_on(Client(), provider, "leader", f"{START}?next=https://evil.example/")
    assert answer.headers["Location"] == "/"


def test_what_the_address_asks_for_besides_is_ignored(provider: Provider) -> None:
    asked = Client().get(
        f"{START}?process=connect&scope=admin&auth_params=redirect_uri%3Dhttps://evil.example"
    )
    query = parse_qs(urlsplit(asked.headers["Location"]).query)
    assert set(query["scope"][0].split()) == {"openid", "email"}
    assert query["redirect_uri"] == [f"http://testserver{START}back/"]


NO_ACCOUNT = "You have no open account here"
UNVERIFIED = "does not confirm your e-mail address"


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"email": "nobody@oak.example", "email_verified": True}, NO_ACCOUNT),
        ({"email": "steward@spine.example", "email_verified": True}, NO_ACCOUNT),  # of another partner
        ({"email": "leader@oak.example", "email_verified": False}, UNVERIFIED),
        ({"email": "leader@oak.example", "email_verified": "no"}, UNVERIFIED),
        ({"email": "leader@oak.example"}, UNVERIFIED),
        ({"email_verified": True}, UNVERIFIED),
        ({"email": ["leader@oak.example"], "email_verified": True}, UNVERIFIED),
        ({"email": "LEADER@oak.example", "email_verified": True}, ""),
        ({"email": "leader@oak.example", "xms_edov": 1}, ""),
    ],
)
def test_the_register_and_a_verified_address_decide(
    provider: Provider, community: Community, claims: dict[str, object], says: str
) -> None:
    provider.knows("somebody", **claims)
    client, before = Client(), User.objects.count()
    answer = sign_on(client, provider, "somebody")
    assert is_stranger(client) is bool(says)
    assert User.objects.count() == before
    if says:
        assert answer.status_code == 403
        assert says in answer.content.decode()
        assert not SocialAccount.objects.exists()
        line = journal(community)[-1]
        assert (line["what"], line["partner"]) == ("sign-on failed", "oak")
        assert "@" not in json.dumps(line)


@pytest.mark.parametrize(
    ("token", "page", "email"),
    [
        ({"email": "a@x.example", "email_verified": True}, {"email": "b@x.example"}, "a@x.example"),
        ({}, {"email": "b@x.example", "email_verified": True}, "b@x.example"),
        ({"email": "a@x.example"}, {"email": "b@x.example", "email_verified": True}, "b@x.example"),
        ({"email": "a@x.example"}, {"email_verified": True}, ""),
        ({"email_verified": True}, {"email": "b@x.example"}, ""),
    ],
)
def test_an_address_is_verified_by_who_names_it(
    token: dict[str, Any], page: dict[str, Any], email: str
) -> None:
    assert verified_email(token, page) == email


def test_unknown_closed_and_another_partner_s_get_the_same_answer(provider: Provider, people: People) -> None:
    close_user(email=people[Role.EVALUATOR].email, by=OPERATOR)
    provider.knows("stranger", email="nobody@oak.example", email_verified=True)
    provider.knows("other", email="officer@bank.example", email_verified=True)
    pages = [sign_on(Client(), provider, who) for who in ("evaluator", "stranger", "other")]
    assert {page.status_code for page in pages} == {403}
    assert len({re.sub(r'value="\w{64}"', "", page.content.decode()) for page in pages}) == 1


def test_a_provider_speaks_for_its_own_partner_alone(
    provider: Provider, server: str, community: Community, people: People
) -> None:
    settle(community, f'[sign_on.bank]\nissuer = "{server}"\nclient_id = "throughway"\n')
    client = Client()
    answer = sign_on(
        client, provider, "leader", "/sign-in/at/bank/"
    )  # a leader of Oak at the provider of Bank
    assert NO_ACCOUNT in answer.content.decode()
    assert is_stranger(client)


def test_an_answer_for_one_provider_does_not_serve_another(
    provider: Provider, server: str, community: Community
) -> None:
    both = "".join(f'[sign_on.{p}]\nissuer = "{server}"\nclient_id = "throughway"\n' for p in ("oak", "bank"))
    settle(community, both)
    client = Client()
    back = urlsplit(provider.answers(client.get("/sign-in/at/bank/").headers["Location"], "leader"))
    answer = client.get(f"{START}back/?{back.query}")
    assert answer.status_code == 403
    assert is_stranger(client)


def test_the_state_belongs_to_the_browser(provider: Provider) -> None:
    victim = Client()
    back = urlsplit(provider.answers(Client().get(START).headers["Location"], "leader"))
    assert victim.get(f"{back.path}?{back.query}").status_code == 403
    assert is_stranger(victim)


@pytest.mark.parametrize("query", ["", "code=x", "state=x", "error=server_error&state=x", "code=x&state=x"])
def test_an_invented_answer_opens_nothing(provider: Provider, query: str) -> None:
    client = Client()
    client.get(START)
    answer = client.get(f"{START}back/?{query}")
    assert answer.status_code == 403
    assert "no answer that can be trusted" in answer.content.decode()
    assert is_stranger(client)


def test_a_false_code_opens_nothing(provider: Provider) -> None:
    client = Client()
    state = parse_qs(urlsplit(client.get(START).headers["Location"]).query)["state"][0]
    assert client.get(f"{START}back/?code=invented&state={state}").status_code == 403
    assert is_stranger(client)


def test_an_identity_stays_with_its_account(provider: Provider, people: People, community: Community) -> None:
    """An address that is given to the next person does not give the account."""
    sign_on(Client(), provider, "leader")
    provider.knows("successor", email=people[Role.LEADER].email, email_verified=True)
    client = Client()
    answer = sign_on(client, provider, "successor")
    assert "another identity" in answer.content.decode()
    assert is_stranger(client)
    assert journal(community)[-1]["who"] == people[Role.LEADER].email
    provider.knows("leader", email=people[Role.EVALUATOR].email, email_verified=True)  # nor another account
    assert "another identity" in sign_on(Client(), provider, "leader").content.decode()
    link(people[Role.LEADER].email)  # a new link begins anew
    assert sign_on(client, provider, "successor").status_code == 302
    assert not is_stranger(client)


def test_who_leaves_the_register_is_out_at_the_next_click(provider: Provider, people: People) -> None:
    client = Client()
    sign_on(client, provider, "leader")
    assert not is_stranger(client)
    close_user(email=people[Role.LEADER].email, by=OPERATOR)
    assert is_stranger(client)
    assert NO_ACCOUNT in sign_on(Client(), provider, "leader").content.decode()
    reopen_user(email=people[Role.LEADER].email, by=OPERATOR)
    assert sign_on(client, provider, "leader").status_code == 302


@pytest.mark.parametrize(("hours", "out"), [(3.9, False), (4.1, True)])
def test_who_leaves_the_provider_is_out_within_four_hours(
    provider: Provider, hours: float, out: bool
) -> None:
    client = Client()
    sign_on(client, provider, "leader")
    client.get("/account/")
    session = client.session
    session["began"], session["seen"] = time.time() - hours * 3600, time.time()
    session.save()
    assert is_stranger(client) is out
    answer = sign_on(Client(), provider, None)  # the provider knows the leaver no more
    assert (answer.status_code, "did not sign you in" in answer.content.decode()) == (403, True)


def test_a_passphrase_opens_nothing_beside_the_provider(
    provider: Provider, people: People, community: Community
) -> None:
    email = people[Role.LEADER].email
    assert WRONG in try_door(Client(), email, PASSPHRASE)
    assert try_door(Client(), "steward@spine.example", PASSPHRASE) == "/"  # who has no provider
    sign_on(Client(), provider, "leader")
    settle(community, "")
    assert WRONG in try_door(Client(), email, PASSPHRASE)  # it ended with the first sign-on
    assert Client().get(START).status_code == 404


def test_a_link_says_that_no_passphrase_is_needed(provider: Provider, people: People) -> None:
    page = Client().get(link(people[Role.LEADER].email), follow=True).content.decode()
    assert "you need no passphrase here" in page
    assert "new_password1" not in page


def test_a_token_reads_for_four_hours_after_the_last_sign_on(provider: Provider, people: People) -> None:
    asking = program(people[Role.LEADER])
    assert asking.get("/api/").status_code == 401
    sign_on(Client(), provider, "leader")
    assert asking.get("/api/").status_code == 200
    for hours, status in ((3.9, 200), (4.1, 401)):
        User.objects.filter(email=people[Role.LEADER].email).update(
            last_login=datetime.now(UTC) - timedelta(hours=hours)
        )
        assert asking.get("/api/").status_code == status


def test_an_act_that_asks_for_the_passphrase_again_asks_for_a_new_sign_on(provider: Provider) -> None:
    client = Client()
    sign_on(client, provider, "data_steward")
    path = f"/partners/people/{User.objects.get(email='evaluator@oak.example').pk}/"
    assert client.post(path + "close/").status_code == 302  # asks for nothing again
    client.post(path + "open/")
    assert client.post(path + "link/").status_code == 200  # signed on a moment ago
    session = client.session
    session["account_authentication_methods"] = [
        record | {"at": time.time() - 301} for record in session["account_authentication_methods"]
    ]
    session.save()
    there = client.post(path + "link/", headers={"referer": f"http://testserver{path}"})
    assert there.headers["Location"] == f"{START}?next={path.replace('/', '%2F')}"
    asked = client.get(there.headers["Location"])
    assert parse_qs(urlsplit(asked.headers["Location"]).query)["prompt"] == ["login"]
    back = urlsplit(provider.answers(asked.headers["Location"], "data_steward"))
    assert client.get(f"{back.path}?{back.query}").headers["Location"] == path
    assert client.post(path + "link/").status_code == 200


def test_the_second_factor_of_the_site_stays(
    provider: Provider, people: People, community: Community, server: str
) -> None:
    settle(
        community, (community.root / "throughway.toml").read_text() + '[site]\nsecond_factor = "required"\n'
    )
    client = Client()
    sign_on(client, provider, "leader")
    assert client.get("/").headers["Location"] == "/account/second-factor/add/"
    secret = set_up(client)
    assert client.get("/").status_code == 200
    other = Client()
    assert sign_on(other, provider, "leader").headers["Location"] == "/sign-in/code/"
    assert is_stranger(other)
    assert other.post("/sign-in/code/", {"code": code(secret)}).status_code == 302
    assert not is_stranger(other)
    other.get("/account/")
    session = other.session
    session["began"] = time.time() - 4.1 * 3600
    session.save()
    assert is_stranger(other)  # the code makes no longer session


Claims = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c | {"iss": "https://other.example"},
        lambda c: c | {"aud": "another client"},
        lambda c: c | {"exp": int(time.time()) - 3600},
        lambda c: c | {"sub": ""},
        lambda c: c | {"sub": "somebody-else"},  # the user's page is about another
        lambda c: {name: value for name, value in c.items() if name != "sub"},
        lambda c: {name: value for name, value in c.items() if name != "exp"},
    ],
)
def test_a_token_that_is_not_for_us_opens_nothing(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, change: Claims
) -> None:
    """The provider itself signs another content."""
    sign = code_grant.jwt.encode
    monkeypatch.setattr(
        code_grant.jwt, "encode", lambda header, claims, *rest: sign(header, change(claims), *rest)
    )
    client = Client()
    assert sign_on(client, provider, "leader").status_code == 403
    assert is_stranger(client)


@pytest.mark.parametrize("header", [{"alg": "RS256"}, {"alg": "RS256", "kid": "k"}, {"alg": "HS256"}])
def test_a_token_that_others_signed_opens_nothing(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, header: dict[str, str]
) -> None:
    sign = code_grant.jwt.encode
    key = (
        RSAKey.generate_key(2048)
        if header["alg"] == "RS256"
        else OctKey.import_key("between the two, not enough")
    )
    monkeypatch.setattr(
        code_grant.jwt, "encode", lambda _, claims, *rest: sign(header, claims, key, [header["alg"]])
    )
    client = Client()
    assert sign_on(client, provider, "leader").status_code == 403
    assert is_stranger(client)


def test_another_issuer_or_none_that_answers_is_refused(
    provider: Provider, server: str, community: Community
) -> None:
    for issuer in (server.replace("localhost", "LOCALHOST"), f"{server}/tenant", "http://localhost:9"):
        settle(community, f'[sign_on.oak]\nissuer = "{issuer}"\nclient_id = "throughway"\n')
        answer = Client().get(START)
        assert answer.status_code == 403, issuer
        assert "no answer that can be trusted" in answer.content.decode()


def test_pages_are_in_spanish_too(provider: Provider) -> None:
    client = Client(headers={"Accept-Language": "es"})
    assert "Con la cuenta de su organización" in client.get("/sign-in/").content.decode()
    page = client.get(f"{START}back/").content.decode()
    assert "No ha iniciado sesión" in page


def test_only_the_settings_name_providers(provider: Provider) -> None:
    assert Client().get("/sign-in/at/spine/").status_code == 404
    assert Client().get("/sign-in/at/openid_connect/").status_code == 404


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[sign_on.oak]\nissuer = "https://id.example"', "needs issuer and client_id"),
        ('[sign_on.oak]\nissuer = "http://id.example"\nclient_id = "t"', "begins with https://"),
        ('[sign_on.oak]\nissuer = "https://id.example"\nclient_id = "t"\nsecret = "x"', "secret in [sign_on.oak] of throughway.toml is not a setting"),
        ('[sign_on]\nissuer = "https://id.example"', "a section for each partner"),
    ],
)  # fmt: skip
def test_wrong_settings_are_refused(text: str, said: str) -> None:
    from throughway.core.refusals import Refused

    with pytest.raises(Refused) as refused:
        parse(text)
    assert said in refused.value.message
