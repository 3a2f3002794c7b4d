"""The files of `throughway deployment`, held against the programs that read them: systemd, its tmpfiles, a shell."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from throughway.cli import main
from throughway.cli.deployment import MODES
from throughway.ledger.triggers import APPEND_ONLY

DAY = 24 * 3600


def needs(program: str) -> str:
    found = shutil.which(program)
    if not found:
        pytest.skip(f"this machine has no {program}")
    return found


def write(folder: Path, *words: str, exit: int = 0) -> str:
    from click.testing import CliRunner

    words = ("deployment", str(folder / "etc"), "--community", str(folder / "town"), "--host", "share.ourtown.example",
             "--backups", str(folder / "backups"), "--user", "daemon", *words)  # fmt: skip
    done = CliRunner().invoke(main, [*words, "--json"])
    assert done.exit_code == exit, done.output
    return done.output


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write(tmp_path)
    return tmp_path / "etc"


def test_nothing_is_left_to_fill_in_and_secrets_are_for_root_alone(written: Path) -> None:
    for path in written.iterdir():
        text = path.read_text()
        assert not re.search("@[a-z]+@", text), path.name
        assert path.stat().st_mode & 0o777 == MODES.get(path.name, 0o644)
    assert MODES["throughway.env"] == MODES["owner.env"] == 0o600
    assert (
        f" serve --community {written.parent / 'town'} --port 8000"
        in (written / "throughway.service").read_text()
    )
    assert "share.ourtown.example {" in (written / "Caddyfile").read_text()


def test_units_are_taken_by_systemd_and_locked_down(written: Path) -> None:
    systemd = needs("systemd-analyze")
    units = [str(path) for path in sorted(written.iterdir()) if path.suffix in (".service", ".timer")]
    assert len(units) == 3
    done = subprocess.run([systemd, "verify", *units], capture_output=True, text=True)
    assert (done.returncode, [line for line in done.stderr.splitlines() if str(written) in line]) == (0, [])
    for unit in (unit for unit in units if unit.endswith(".service")):
        # Exposure from 0 to 10, times ten; a service that says nothing of it has 96.
        exposure = subprocess.run(
            [systemd, "security", "--offline=true", "--threshold=25", unit], capture_output=True, text=True
        )
        assert exposure.returncode == 0, exposure.stdout[-500:]


def test_old_journals_and_backups_go_and_new_ones_stay(written: Path) -> None:
    tmpfiles = needs("systemd-tmpfiles")
    town = written.parent
    true_day = {
        "PATH": os.environ["PATH"]
    }  # the program reads the machine's clock, whatever the tests take for today
    now = float(subprocess.run(["date", "+%s"], env=true_day, check=True, capture_output=True).stdout)
    ages = {"town/data/log": (500, 300), "backups/data": (40, 30), "backups/keys": (40, 30)}
    for folder, days in ages.items():
        (town / folder).mkdir(parents=True)
        for age in days:
            file = town / folder / f"{age}-days"
            file.touch()
            os.utime(file, (now - age * DAY, now - age * DAY))
    (town / "town" / "throughway.toml").touch()
    os.utime(town / "town" / "throughway.toml", (0, 0))
    subprocess.run(
        [tmpfiles, "--clean", written / "throughway.tmpfiles"], env=true_day, check=True, capture_output=True
    )
    for folder, (_, kept) in ages.items():
        assert [path.name for path in (town / folder).iterdir()] == [f"{kept}-days"]
    assert (town / "town" / "throughway.toml").exists()


def test_admin_has_the_secrets_the_folder_and_the_user_of_the_service(written: Path) -> None:
    """With a program that says what it was given, since this test changes no user of the machine."""
    needs("runuser")
    if os.geteuid() != 0:
        pytest.skip("runuser is for root")
    says = written.parent / "says"
    says.write_text(
        '#!/bin/sh\necho "$(id -un) $(pwd) $THROUGHWAY_DATABASE_URL $THROUGHWAY_MAIL_PASSWORD $@"\n'
    )
    says.chmod(0o755)
    for path in written.parents[:4]:  # pytest's own folders are its user's alone
        path.chmod(path.stat().st_mode | 0o011)
    (written.parent / "town").mkdir(mode=0o755)
    admin = written / "throughway-admin"
    admin.write_text(admin.read_text().replace(str(Path(sys.executable).with_name("throughway")), str(says)))
    for file, url in (("throughway.env", "postgresql://app@x/y"), ("owner.env", "postgresql://owner@x/y")):
        (written / file).write_text(
            f"# a comment\nTHROUGHWAY_DATABASE_URL={url}\nTHROUGHWAY_MAIL_PASSWORD=$HOME&#`id`;|(*=\n"
        )
    town = written.parent / "town"
    for words, url in (
        (("check",), "postgresql://app@x/y"),
        (("--owner", "check", "--json"), "postgresql://owner@x/y"),
    ):
        said = subprocess.run([admin, *words], capture_output=True, text=True, check=True).stdout.split()
        passphrase = (
            "$HOME&#`id`;|(*="  # as systemd gives it to the service, whatever a shell would make of it
        )
        assert said == [
            "daemon",
            str(town),
            url,
            passphrase,
            "--community",
            str(town),
            *words[words[0] == "--owner" :],
        ]


@pytest.mark.parametrize(
    "words", [("--host", "share our town"), ("--user", "two words"), ("--backups", "/var/100%")]
)
def test_values_that_a_unit_file_would_read_otherwise_are_refused(
    tmp_path: Path, words: tuple[str, str]
) -> None:
    assert json.loads(write(tmp_path, *words, exit=1))["error"]["code"] == "bad_value"
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_overwritten(written: Path) -> None:
    (written / "throughway.env").write_text("THROUGHWAY_DATABASE_URL=mine\n")
    for name in ("owner.env", "throughway.service"):
        (written / name).unlink()
    refused = json.loads(write(written.parent, exit=1))["error"]
    assert refused["code"] == "exists"
    assert "throughway.env" in refused["message"]
    assert not (written / "owner.env").exists()


def test_the_role_of_the_site_may_only_add_to_the_ledger(written: Path) -> None:
    revoked = re.search(
        r'^REVOKE UPDATE, DELETE ON (.+) FROM "daemon";$', (written / "rights.sql").read_text(), re.MULTILINE
    )
    assert revoked
    assert set(revoked[1].split(", ")) == set(APPEND_ONLY)
