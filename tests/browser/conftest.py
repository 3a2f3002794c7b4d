"""A real browser before the real site: Riverbend as a newcomer gets it, served by the command itself."""

import csv
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.commands import commands

STUDENTS, SEED = int(os.environ.get("STUDENTS", "400")), 7
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
# ms for whatever a page is waited for: the served site runs its studies meanwhile, another site is tested beside it, and no test is of speed.
PATIENCE = 90_000
expect.set_options(timeout=PATIENCE)
WIDTHS = {"phone": PHONE, "desk": DESK}
ROLES = ("case_worker", "data_steward", "privacy_officer", "leader")


@dataclass(frozen=True)
class Site:
    """The community that is served, and who may sign in; one sign-in for each role, the first that is printed."""

    address: str
    folder: Path
    sign_ins: dict[str, tuple[str, str]]
    passwords: dict[str, str]

    def at(self, path: str) -> str:
        return self.address.rstrip("/") + path

    def known(self, who: str) -> tuple[str, str]:
        """E-mail address and password of a role, or of one user by address."""
        return self.sign_ins[who] if who in self.sign_ins else (who, self.passwords[who])

    def rows(self, name: str) -> list[dict[str, str]]:
        """The lines of a CSV of the folder."""
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def throughway(self, *arguments: str) -> Any:
        """What the command says, as JSON, run in the folder that is served."""
        done = commands().run(["--community", str(self.folder), "--json", *arguments], environment())
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)


def environment() -> dict[str, str]:
    """This process's own, without what would lead to another community."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("THROUGHWAY", "DJANGO", "DATABASE"))}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """The browser of this machine: Playwright's own is never downloaded."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    path = path and shutil.which(path)
    if not path:
        pytest.skip("no Chromium on this machine; `make browser` installs it")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {**browser_type_launch_args, "executable_path": path, "args": quiet}


@contextmanager
def served(folder: Path, *words: str) -> Iterator[Any]:
    """A command that serves a site, in a process of its own, with `folder` for its log; the document that it says."""
    command = [sys.executable, "-m", "throughway", *words, "--port", "0", "--json"]
    log = folder / "log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
        )  # fmt: skip
        try:
            yield _document(process, log)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.communicate(timeout=120)


@pytest.fixture(scope="session")
def riverbend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `throughway demo`, with what it said beside it: the first worker makes it, and all others take it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made = base / "demo"
    with (base / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.is_dir():
            making = base / "demo.making"
            words = [
                "demo",
                str(making / "riverbend"),
                "--students",
                str(STUDENTS),
                "--seed",
                str(SEED),
                "--no-serve",
                "--json",
            ]
            making.mkdir()
            done = commands().run(words, environment())
            assert done.returncode == 0, done.stdout + done.stderr
            (making / "said.json").write_text(done.stdout, encoding="utf-8")
            making.rename(made)
    return made


@pytest.fixture(scope="session")
def site(riverbend: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A copy of Riverbend for the tests of this worker, served until the last of them has ended."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(riverbend / "riverbend", folder / "riverbend")
    sign_ins: dict[str, tuple[str, str]] = {}
    said = json.loads((riverbend / "said.json").read_text(encoding="utf-8"))["sign_ins"]
    for known in said:
        sign_ins.setdefault(known["role"], (known["email"], known["password"]))
    passwords = {known["email"]: known["password"] for known in said}
    with served(folder, "serve", "--community", str(folder / "riverbend")) as document:
        yield Site(document["address"], folder / "riverbend", sign_ins, passwords)


def _document(process: "subprocess.Popen[str]", log: Path) -> Any:
    """The one document on stdout, complete as soon as the site answers."""
    assert process.stdout
    text = ""
    for line in process.stdout:
        text += line
        try:
            found = json.loads(text)
        except ValueError:
            continue
        return found
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def _states() -> dict[str, object]:
    return {}


SignedIn = Callable[..., Page]


@pytest.fixture
def signed_in(browser: Browser, site: Site, _states: dict[str, object]) -> Iterator[SignedIn]:
    """Opens a page as a role, or a user by address: `signed_in("leader", width=PHONE)`. Every complaint of the browser fails the test."""
    with opening(browser, site, _states) as open_as:
        yield open_as


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A small community whose agreements are still to be made, until the last test has ended."""
    from tests.browser.ourtown import ourtown

    with ourtown(tmp_path_factory.mktemp("town")) as site:
        yield site


@pytest.fixture
def in_town(browser: Browser, town: Site) -> Iterator[SignedIn]:
    """As `signed_in`, at the small community, where everybody signs in anew: `in_town("privacy@oak.example")`."""
    with opening(browser, town, {}) as open_as:
        yield open_as


@contextmanager
def opening(browser: Browser, site: Site, states: dict[str, object]) -> Iterator[SignedIn]:
    """Pages at a site; `states`: who has signed in already. On leaving, no browser may have complained."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def open_as(
        who: str | None, *, width: dict[str, int] = DESK, script: bool = True, touch: bool = False
    ) -> Page:
        if who and who not in states:
            states[who] = _signed_in(browser, site, who)
        context = browser.new_context(
            viewport=width,
            java_script_enabled=script,
            has_touch=touch,
            storage_state=states.get(who) if who else None,
        )
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.extend(_complaint(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_as
    for context in opened:
        context.close()
    assert not complaints


def follow(page: Page, way: Locator) -> None:
    """Clicks what leads to another page, and waits until that page stands."""
    with page.expect_navigation():
        way.click()


def sign_in(page: Page, site: Site, who: str) -> None:
    email, password = site.known(who)
    page.goto(site.at("/"))
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(password)
    follow(page, page.locator("main form button[type=submit]").first)
    page.wait_for_url(site.at("/"))


def confirm(page: Page, site: Site, who: str) -> None:
    """Gives the passphrase once more, where it is asked for: not of somebody who gave it a moment ago."""
    if "/account/confirm/" in page.url:
        page.locator("main [name=password]").fill(site.known(who)[1])
        follow(page, page.locator("main form button[type=submit]").first)


def _signed_in(browser: Browser, site: Site, who: str) -> object:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    sign_in(context.new_page(), site, who)
    state = context.storage_state()
    context.close()
    return state


def _complaint(message: ConsoleMessage) -> Iterator[str]:
    # The browser reports a page that answers 403 or 404 as an error of its own.
    if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
        yield f"{message.text} at {message.location.get('url')}"
