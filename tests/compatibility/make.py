"""Made the sample of this folder: python -m tests.compatibility.make

It was run once, at the commit that README.md names, and stays as the record of what the sample holds; it imports modules by the names
that they had then. The community is the fictional Riverbend of `throughway demo`, with few students, and with agreements that last
until 2056, so that the sample outlives the day on which it was made.
"""

import csv
import json
import re
import shutil
import sys
import tarfile
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from tests.compatibility.answers import answers
from tests.town import Town
from throughway.cli.command import prepare
from throughway.demo.feeds import LOADS
from throughway.demo.feeds.surveys import FILES as ENDED
from throughway.demo.partners import (
    CASE_WORKER,
    COUNSELOR,
    EVALUATOR,
    LEADERS,
    MENTORS,
    OFFICER,
    PAGES,
    REGISTRAR,
    RIVERBEND,
    STEWARD,
)
from throughway.demo.simulate import DECIDED, simulate
from throughway.store.community import Community

HERE = Path(__file__).parent
STUDENTS, SEED = 60, 7
TODAY = date.today().isoformat()
LICENSE = "tutoring-study-license"
AT_THE_BACKUP = "Feeds come in, as far as the agreements need them"  # how `run` announces the step before which it is made
BACKED_UP = (PAGES, MENTORS)  # whose feeds are in the backup, which is small for that
INPUTS = (
    "feeds",
    "truth",
    "systems",
    "consents",
    "caseloads.csv",
)  # read when it was made, and not needed since
# Sentences for people, what is new with each question, and what depends on the day of asking.
PASSING = {
    "disclosure", "notes", "reason", "known", "interest", "problem", "due", "in_force", "note", "plain", "waiting", "waits_for",
    "valid", "today", "message", "holdings", "until", "words",
}  # fmt: skip
LASTING = "2056-06-30"
SHORT = {"foster-care-education"}  # the demonstration renews it, and it runs out in time


def make() -> None:
    work = Path(tempfile.mkdtemp(prefix="sample-"))
    community = Community(work / "riverbend")
    community.make(name="Riverbend", more=DECIDED)
    prepare(community)
    from throughway.demo.run import run  # needs Django, which is ready now

    simulate(community.root, students=STUDENTS, seed=SEED, today=date.today())
    lengthen(community.root)

    def say(message: str) -> None:
        sys.stderr.write(f"{message}\n")
        if message == AT_THE_BACKUP:
            back_up(community.root)

    sign_ins, _ = run(community.root, say)
    live_on(work)
    keep("head.json", ask("ledger", "head"))
    count = "SELECT count(*) AS rows FROM attendance_day"
    ask("query", count, "--purpose", "evaluation", "--as", EVALUATOR)  # an entry that no head seals yet
    for made in ask("certificate", "list")["certificates"]:
        shutil.copy(
            community.data / "certificates" / made["id"] / "certificate.json",
            HERE / f"certificate-{made['subject']}.json",
        )
    reader = next(csv.DictReader((community.feeds / PAGES / "sessions.csv").open(encoding="utf-8")))[
        "Reader No"
    ]
    commands = questions(reader)
    for name in INPUTS:
        path = community.root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    pack(community.root)
    secret = next(one for one in sign_ins if one.email == CASE_WORKER)
    record(commands, reader=reader, email=secret.email, password=secret.password, work=work)


def lengthen(folder: Path) -> None:
    """Agreements and consents last until 2056; and counts of three are shown, since the town is small."""
    for paper in (folder / "agreements").glob("*.yaml"):
        text = paper.read_text(encoding="utf-8").replace("minimum_cell: 10", "minimum_cell: 3")
        if not any(f"id: {id}\n" in text for id in SHORT):
            text = re.sub(r"expires: (2027|2028)-\d\d-\d\d", f"expires: {LASTING}", text)
        paper.write_text(text, encoding="utf-8")
    for consents in (folder / "consents").glob("*.csv"):
        text = consents.read_text(encoding="utf-8")
        consents.write_text(text.replace("2027-06-30", LASTING), encoding="utf-8")


def back_up(folder: Path) -> None:
    """The first feeds come in and are linked; a head is kept, and the community backed up."""
    from throughway.demo.loading import load_one

    for partner, name, format, crosswalk in LOADS:
        if partner in BACKED_UP and name not in ENDED:
            load_one(folder, partner, name, format, crosswalk, lambda message: None)
    ask("link")
    keep("earlier-head.json", ask("ledger", "head"))
    archives = [HERE / "backup-data.tar.gz", HERE / "backup-keys.tar.gz"]
    for archive in archives:
        archive.unlink(missing_ok=True)
    ask("backup", *map(str, archives))


def ask(*words: str) -> Any:
    [answer] = answers([words])
    assert answer["exit"] == 0, (words, answer)
    return answer["document"]


def keep(name: str, document: Any) -> None:
    (HERE / name).write_text(f"{json.dumps(document, indent=1, ensure_ascii=False)}\n", encoding="utf-8")


def live_on(work: Path) -> None:
    """What the main job of the demonstration leaves out: a research extract, a token, a hold, a bar, an incident, a look-up."""
    ask("agreement", "sign", LICENSE, "--as", LEADERS[PAGES])
    ask("agreement", "activate", LICENSE, "--as", STEWARD)
    ask("extract", "--dul", LICENSE, "--out", str(work / "extract"), "--as", EVALUATOR)
    ask("user", "token", EVALUATOR, "--name", "The evaluator's notebook")
    ask("hold", "add", "--agreement", "bus-routes", "--notice", "HOLD-2026-4", "--why", "A suit over bus stops asks for the counts.",
        "--as", OFFICER)  # fmt: skip
    ask(
        "partner",
        "bar",
        "falls-college",
        "--from",
        RIVERBEND,
        "--finding",
        "SPPO-26-11",
        "--on",
        "2026-11-02",
        "--as",
        OFFICER,
    )
    ask("right", "incident", "add", "--what", "A laptop was left on a bus.", "--known", f"{TODAY}T08:00", "--reported-by",
        "Executive director", "--with", PAGES, "--since", "2026-11-20", "--as", OFFICER)  # fmt: skip


def questions(reader: str) -> list[list[str]]:
    """The commands that the sample is asked, with the numbers that this sample gave to persons, releases and agreements."""
    agreements = [one["id"] for one in ask("agreement", "list")["agreements"]]
    releases = [one["id"] for one in ask("publish", "list")["releases"]]
    names = "SELECT DISTINCT person_id, first_name, last_or_surname FROM person {} ORDER BY ALL"
    casework = ["--purpose", "casework", "--as", CASE_WORKER, "--on", TODAY]
    evaluation = ["--purpose", "evaluation", "--as", EVALUATOR, "--on", TODAY]
    born = "SELECT DISTINCT person_id, birthdate FROM person WHERE birthdate IS NOT NULL ORDER BY birthdate DESC, person_id"
    # A parent's consent ends when the student is an adult, so it is the youngest of whom the case worker asks.
    youngest = ask("query", born, *casework)["rows"][0][0]
    came = (
        "SELECT attendance_event_date, attendance_status FROM attendance_day WHERE person_id = {}"
        " AND attendance_event_type = 'ProgramAttendance' ORDER BY ALL"
    )
    students = "SELECT DISTINCT person_id FROM school_enrollment ORDER BY ALL"
    seen = ask("query", students, "--purpose", "school-casework", "--as", COUNSELOR)["rows"]
    return [
        ["ledger", "verify"],
        ["ledger", "verify", "--head", "tests/compatibility/head.json"],
        ["ledger", "verify", "--head", "tests/compatibility/earlier-head.json"],
        ["check"],
        *([*kind, "list"] for kind in (
            ["partner"], ["user"], ["system"], ["caseload"], ["training"], ["consent"], ["agreement"], ["publish"], ["hold"],
            ["certificate"], ["governance", "body"], ["governance", "request"], ["governance", "decision"],
        )),
        *(["right", kind, "list", "--as", by] for by in (OFFICER, REGISTRAR)
          for kind in ("inspect", "amend", "limit", "notice", "incident")),
        ["partner", "bars"],
        ["services"],
        ["agreement", "proposals", "summer-bridge-attendance"],
        ["user", "tokens", EVALUATOR],
        *(["agreement", "show", id] for id in agreements if id not in SHORT),
        *(["publish", "show", id] for id in releases),
        *(["ledger", "person", str(id), "--as", OFFICER] for [id] in seen[:2]),
        ["ledger", "person", "--partner", PAGES, "--record-key", reader, "--as", LEADERS[PAGES]],
        *(["query", f"SELECT count(*) AS rows, count(DISTINCT person_id) AS students FROM {table}", *evaluation]
          for table in ("attendance_day", "assessment_result", "program_participation", "service_received", "school_enrollment")),
        ["query", "SELECT attendance_event_type, attendance_status, count(*) AS days FROM attendance_day GROUP BY 1, 2 ORDER BY 1, 2",
         *evaluation],
        ["query", names.format(""), "--purpose", "own_records", "--as", OFFICER, "--on", TODAY],
        ["query", names.format(f"WHERE person_id = {youngest}"), *casework],
        ["query", came.format(youngest), *casework],
        ["query", "SELECT count(*) FROM person", "--purpose", "casework", "--as", EVALUATOR, "--on", TODAY],
        ["query", "SELECT last_or_surname FROM person", *evaluation],
    ]  # fmt: skip


def pack(folder: Path) -> None:
    """The folder in one archive, with no owner's name in it."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        return entry

    with tarfile.open(HERE / "riverbend.tar.xz", "w:xz") as archive:
        archive.add(folder, arcname="riverbend", filter=plain)


def record(commands: list[list[str]], *, work: Path, **more: str) -> None:
    """What this version answers, of the folder as the archive has it. Questions to the gate come last (test_an_earlier_folder.py)."""
    with tarfile.open(HERE / "riverbend.tar.xz") as archive:
        archive.extractall(work / "again", filter="data")
    found = Town(work / "again" / "riverbend").module("tests.compatibility.answers", json.dumps(commands))
    asked = [
        {"command": words, "exit": answer["exit"], "document": lasting(answer["document"])}
        for words, answer in zip(commands, found, strict=True)
    ]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in asked)
    head = json.dumps({"made_on": TODAY, **more}, ensure_ascii=False)
    (HERE / "expected.json").write_text(f'{head[:-1]}, "answers": [\n{lines}\n]}}\n', encoding="utf-8")


def lasting(document: Any) -> Any:
    if isinstance(document, dict):
        runs_out = document.get("id") in SHORT or "handle" in document  # the handle is a token's
        passing = PASSING | ({"state"} if runs_out else set())
        return {name: lasting(value) for name, value in document.items() if name not in passing}
    return [lasting(value) for value in document] if isinstance(document, list) else document


if __name__ == "__main__":
    make()
