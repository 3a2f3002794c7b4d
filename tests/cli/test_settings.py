"""What commands make of the settings file."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.town import Town

PERSON = "lead@oak.example"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path / "town")
    town.found()
    return town


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def write(town: Town, text: str) -> None:
    (town.root / "throughway.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("words", ["user list", "check", "serve --port {taken}"])
def test_a_wrong_setting_stops_every_command(town: Town, taken: int, words: str) -> None:
    write(town, '[site]\nhttps = "true"\n')
    error = town.told(*words.format(taken=taken).split(), exit=1)["error"]
    assert error["code"] == "settings"
    assert (
        error["message"]
        == "https in [site] of throughway.toml must be true or false, without quotation marks."
    )


def test_serve_looks_at_what_the_community_decided_of_its_measures(town: Town, taken: int) -> None:
    write(town, "[measures]\nliving_wages = 9800\n")
    assert "did you mean living_wage?" in town.told("serve", "--port", taken, exit=1)["error"]["message"]


@pytest.mark.parametrize(
    ("site", "home"),
    [
        ("", "http://127.0.0.1:8000"),
        ('hosts = ["share.oak.example"]', "https://share.oak.example"),
        ('hosts = ["share.oak.example"]\naddress = "https://data.oak.example/"', "https://data.oak.example"),
    ],
)
def test_an_invitation_points_to_the_site(town: Town, site: str, home: str) -> None:
    town.ask("partner", "add", "oak", "--name", "Oak", "--kind", "lea")
    town.ask("user", "add", PERSON, "--partner", "oak", "--role", "leader")
    write(town, f"[site]\n{site}\n")
    assert town.ask("user", "invite", PERSON)["link"].startswith(f"{home}/sign-in/new/")
    named = town.ask("user", "invite", PERSON, "--site", "https://other.example")["link"]
    assert named.startswith("https://other.example/sign-in/new/")
    assert (
        town.told("user", "invite", PERSON, "--site", "other.example", exit=1)["error"]["code"] == "bad_site"
    )


@pytest.mark.parametrize(
    ("host", "https", "warns"),
    [
        ("0.0.0.0", False, True),
        ("192.0.2.7", False, True),
        ("0.0.0.0", True, False),
        ("127.0.0.1", False, False),
    ],
)
def test_serving_other_machines_without_https_warns(
    town: Town, taken: int, host: str, https: bool, warns: bool
) -> None:
    write(town, f"[site]\nhttps = {json.dumps(https)}\n")
    done = town.run(
        "serve", "--host", host, "--port", taken, as_json=False
    )  # refused, so that nothing is served
    assert done.returncode == 1
    assert ("Warning: at" in done.stderr) is warns
    assert ("without encryption" in done.stderr) is warns
