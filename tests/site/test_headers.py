"""What every answer carries, and how the folder's secret is kept."""

import os
import stat
from pathlib import Path

import pytest
from django.test import Client

from tests.commands import commands
from tests.site.people import PASSPHRASE, signed_in
from throughway.partners import Actor, Role
from throughway.site.secret_key import keep_secret_key, secret_key
from throughway.store import Community

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'"
)
People = dict[Role, Actor]


def test_every_page_carries_the_policy(client: Client, people: People) -> None:
    for response in (
        client.get("/sign-in/"),
        client.get("/nowhere/"),
        signed_in(people[Role.LEADER]).get("/account/"),
    ):
        assert set(response.headers["Content-Security-Policy"].split("; ")) == set(POLICY.split("; "))
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["X-Frame-Options"] == "DENY"


def test_no_page_brings_its_own_script_or_style(client: Client, people: People) -> None:
    pages = [client.get("/sign-in/"), signed_in(people[Role.PRIVACY_OFFICER]).get("/partners/people/")]
    for page in (p.content.decode() for p in pages):
        assert " style=" not in page
        assert " on" + "click=" not in page
        assert "<style" not in page
        assert "//" not in page.replace("<!DOCTYPE html>", "").replace("http://www.w3.org", "")


def test_cookies_are_for_the_server_alone(client: Client, people: People) -> None:
    client.get("/sign-in/")
    client.post("/sign-in/", {"login": people[Role.LEADER].email, "password": PASSPHRASE})
    assert {"sessionid", "csrftoken"} <= set(client.cookies)
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_the_secret_is_made_once_and_is_the_owners_alone(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("THROUGHWAY_SECRET_KEY", raising=False)
    assert secret_key(community) != secret_key(community)  # nothing is kept yet: each process its own
    keep_secret_key(community)
    first = secret_key(community)
    keep_secret_key(community)
    assert secret_key(community) == first
    assert len(first) >= 50
    [path] = community.keys.glob("site.secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    monkeypatch.setenv("THROUGHWAY_SECRET_KEY", "from the environment")
    assert secret_key(community) == "from the environment"


@pytest.mark.parametrize("https", ["", "[site]\nhttps = true\nhosts = ['data.riverbend.example']\n"])
def test_the_framework_finds_nothing_to_warn_of(community: Community, https: str) -> None:
    (community.root / "throughway.toml").write_text(f'[community]\nname = "T"\n{https}', encoding="utf-8")
    keep_secret_key(community)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("THROUGHWAY", "DATABASE", "DJANGO"))},
        "THROUGHWAY_COMMUNITY": str(community.root),
        "DJANGO_SETTINGS_MODULE": "throughway.site.settings",
    }
    with commands().python(LOOK, environment) as looking:
        said = looking.communicate()[0]
    assert looking.returncode == 0
    assert said.split()[-1] == str(bool(https))


LOOK = """
import django
from django.conf import settings
from django.core.management import call_command

django.setup()
call_command("check", deploy=True, fail_level="WARNING", verbosity=0)
assert not settings.DEBUG
assert settings.SESSION_COOKIE_SECURE == settings.CSRF_COOKIE_SECURE == bool(settings.SECURE_HSTS_SECONDS)
print(settings.SESSION_COOKIE_SECURE)
"""


def test_nothing_of_the_site_comes_from_elsewhere() -> None:
    site = Path(__file__).resolve().parents[2] / "src" / "throughway"
    for template in site.rglob("templates/**/*.html"):
        text = template.read_text(encoding="utf-8")
        for outside in ('src="http', "src='http", 'href="http', "url(http"):
            assert outside not in text, template
