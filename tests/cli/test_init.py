"""`init`: from nothing to a community whose first steward can sign in, or nothing at all."""

import json
import signal
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.store.test_opening import refused as refused_by
from tests.store.test_opening import sql
from tests.town import Fresh, Town
from throughway.store.new_folder import MARK

STEWARD = "Steward@Backbone.example"


def run(town: Town, *words: object, exit: int = 0, **environment: str) -> dict[str, object]:
    from tests.commands import commands

    done: subprocess.CompletedProcess[str] = commands().run(
        [*map(str, words), "--json"], town.environment(**environment)
    )
    assert done.returncode == exit, done.stdout + done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_first_partner_and_steward_can_sign_in_and_go_on(tmp_path: Path) -> None:
    town = Town(tmp_path / "town")
    made = run(
        town, "init", town.root, "--name", "Our Town", "--steward", STEWARD, "--backbone", "Our Town United",
        "--address", "https://share.ourtown.example",
    )  # fmt: skip
    assert (made["partner"], made["email"]) == ("our-town-united", STEWARD.lower())
    partner = town.ask("partner", "list")["partners"][0]
    assert (partner["id"], partner["kind"], partner["name"]) == (
        "our-town-united",
        "backbone",
        "Our Town United",
    )
    assert town.ask("user", "list")["users"] == [
        {"email": STEWARD.lower(), "partner": "our-town-united", "role": "data_steward", "until": None}
    ]
    site = tomllib.loads((town.root / "throughway.toml").read_text())["site"]
    assert site == {
        "address": "https://share.ourtown.example", "hosts": ["share.ourtown.example"],
        "https": True, "second_factor": "required",
    }  # fmt: skip
    # The link of the command opens the account in another process, as the site is.
    link = urlsplit(str(made["link"]))
    assert (link.scheme, link.netloc) == ("https", "share.ourtown.example")
    code = (
        "from django.test import Client\n"
        f"page = Client().get({link.path!r}, follow=True, secure=True, headers={{'host': 'share.ourtown.example'}})\n"
        "print('new_password1' in page.content.decode())"
    )
    assert town.python(code).communicate()[0].strip() == "True"


def test_plain_init_makes_no_partner(tmp_path: Path) -> None:
    town = Town(tmp_path / "town")
    assert run(town, "init", town.root) == {"folder": str(town.root)}
    assert town.ask("partner", "list")["partners"] == []
    assert "site" not in tomllib.loads((town.root / "throughway.toml").read_text())


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--steward", "nobody"), "bad_email"),
        (("--steward", "a@b.example", "--backbone", "n" * 201), "missing_name"),
        (("--address", "http://share.ourtown.example"), "bad_address"),
        (("--address", "https://share.ourtown.example/path"), "bad_address"),
        (("--address", "share.ourtown.example"), "bad_address"),
    ],
)
def test_wrong_input_leaves_nothing(tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    town = Town(tmp_path / "town")
    refused = run(town, "init", town.root, *words, exit=1)["error"]
    assert isinstance(refused, dict)
    assert refused["code"] == code
    assert "nobody" not in str(refused["message"])
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_reached_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    nowhere = "postgresql://town:secret@127.0.0.1:1/town"
    town, new = Town(tmp_path, database=nowhere), tmp_path / "new"
    (tmp_path / "notes.txt").write_text("mine")
    for folder in (tmp_path, new):
        refused = run(town, "init", folder, "--steward", "a@b.example", exit=1)["error"]
        assert isinstance(refused, dict)
        assert "secret" not in str(refused)
        assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


# What an `init` does that kills itself at a moment.
KILLED = {
    "some tables are there": "import throughway.partners.triggers as t; t.AppendOnly.put = end",
    "all tables are there": "import throughway.cli.folder as f; f._first_steward = end",
    "the database is whole, the mark stands": (
        "import pathlib; remove = pathlib.Path.unlink; pathlib.Path.unlink = lambda path, **more: "
        "end() if path.name == '.unfinished' and path.with_name('throughway.toml').exists() else remove(path, **more)"
    ),
}
KILLING = """
import os, signal, sys
def end(*_):
    os.kill(os.getpid(), signal.SIGKILL)
{moment}
from throughway.cli import main
sys.argv = ["throughway", *{words!r}]
main()
"""


def test_a_killed_init_is_taken_away_by_the_next(tmp_path: Path, fresh_database: Fresh) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with fresh_database() as database:
        town = Town(tmp_path, database)
        words = ["init", str(tmp_path), "--steward", STEWARD]
        for name, moment in KILLED.items():
            code = KILLING.format(moment=moment, words=words)
            with town.python(code, ready=False) as killed:
                killed.communicate()
            assert killed.returncode == -signal.SIGKILL, name
            assert {"notes.txt", MARK, "throughway.toml", "keys"} <= {
                path.name for path in tmp_path.iterdir()
            }
            assert refused_by(town, "check")[0] == "half_initialised", name
        assert refused_by(town, "serve", "--port", "0")[0] == "half_initialised"
        (tmp_path / "agreements" / "ours.yaml").write_text("what a person put there meanwhile")
        done = town.run(*words)
        assert done.returncode == 0, done.stdout
        assert "was interrupted" in done.stderr
        assert not (tmp_path / MARK).exists()
        assert (tmp_path / "notes.txt").read_text() == "mine"
        assert (tmp_path / "agreements" / "ours.yaml").is_file()
        assert town.ask("check")["ok"]
        assert len(town.ask("user", "list")["users"]) == 1


def test_a_database_of_another_program_is_never_emptied(tmp_path: Path, fresh_database: Fresh) -> None:
    """Though an interrupted attempt, of which it is not known which database it filled, left its folder."""
    with fresh_database() as database:
        if database is None:
            pytest.skip("a SQLite file is the folder's own")
        sql(database, "CREATE TABLE notes (words text)", "INSERT INTO notes VALUES ('mine')")
        (tmp_path / MARK).write_text('{"there": true, "before": []}')
        (tmp_path / "throughway.toml").write_text("[community]\n")
        assert refused_by(Town(tmp_path, database), "init", tmp_path)[0] == "exists"
        assert sql(database, "SELECT words FROM notes")[0].fetchone() == ("mine",)
        assert list(tmp_path.iterdir()) == []
