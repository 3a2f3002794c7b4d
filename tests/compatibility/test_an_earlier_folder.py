"""What an earlier version made, this one opens: a community folder, a backup, heads that were kept, certificates (README.md)."""

import csv
import html
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.contrib.auth.hashers import check_password

from tests.town import Town
from throughway.agreements.document import read_document, version_of
from throughway.vocabulary import TABLES

HERE = Path(__file__).parent
CHECKS = HERE.parents[1] / "docs" / "check"
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
HEAD, EARLIER_HEAD = HERE / "head.json", HERE / "earlier-head.json"
CERTIFICATES = sorted(HERE.glob("certificate-*.json"))
PAGES = list(csv.DictReader((HERE / "pages.csv").read_text(encoding="utf-8").splitlines()))
BACKUP = [str(HERE / "backup-data.tar.gz"), str(HERE / "backup-keys.tar.gz")]
EVALUATOR = "evaluator@riverbend-backbone.example"
CODES = "SELECT id, partner FROM store_storedfile WHERE \"table\" = 'pseudonym' AND state = 'live'"
SESSIONS = "SELECT count(*) AS sessions FROM service_received"
COUNT = ["query", SESSIONS, "--purpose", "evaluation", "--as", EVALUATOR]
OFFICER = "privacy@riverbend-schools.example"
TEXT = ["query", "SELECT response_value, count(*) FROM survey_response GROUP BY 1 ORDER BY 1", "--purpose", "own_records", "--as", OFFICER]  # fmt: skip
TRAINED = [  # what they completed before the folder was kept grows old
    ["training", "record", email, "ferpa-basics", "--on", date.today().isoformat()]
    for email in (EVALUATOR, OFFICER, EXPECTED["email"])
]


def unpacked(folder: Path) -> Town:
    with tarfile.open(HERE / "riverbend.tar.xz") as archive:
        archive.extraction_filter = lambda member, _: (
            member
        )  # its own archive; Python before 3.11.4 has no filters
        archive.extractall(folder)
    return Town(folder / "riverbend")


def answers(town: Town, *commands: list[str]) -> Any:
    return town.module("tests.compatibility.answers", json.dumps(commands))


def altered(kept: Path, folder: Path, **changes: object) -> Path:
    """A copy of a kept JSON file, in which something was changed."""
    path = folder / f"altered-{kept.name}"
    path.write_text(json.dumps(json.loads(kept.read_text(encoding="utf-8")) | changes), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Opened:
    """The folder after this version has opened it. `answered`: to the questions of expected.json; `pages`: those of pages.csv;
    `after`: to further commands; `sealing`: to those that seal its free text."""

    town: Town
    answered: Any
    pages: Any
    after: Any
    sealing: Any
    codes: dict[str, str]  # before it was opened, the files of random codes, and whose they were

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return rows_of(self.town, sql)


def rows_of(town: Town, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(town.root / "data" / "throughway.sqlite3")) as database:
        return database.execute(sql).fetchall()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """One process asks all that is asked of the folder as it was handed down, and then works on in it."""
    folder = tmp_path_factory.mktemp("earlier")
    town = unpacked(folder)
    codes = dict(rows_of(town, CODES))
    feed = folder / "sessions.csv"
    feed.write_text(
        "Session No,Reader No,Date,Minutes,Tutor,Tutor Speaks\n"
        f"S90001,{EXPECTED['reader']},11/20/25,45,T-1,English\n",
        encoding="utf-8",
    )
    crosswalk = town.root / "crosswalks" / "page-by-page-sessions.yaml"
    load = ["load", str(feed), "--partner", "page-by-page", "--format", "csv", "--crosswalk", str(crosswalk)]
    questions = [one["command"] for one in EXPECTED["answers"]]
    to_the_gate = next(place for place, words in enumerate(questions) if words[0] == "query")
    rounds = [
        questions[:to_the_gate],
        TRAINED,
        questions[to_the_gate:],
        [["GET", page["path"], page["email"]] for page in PAGES],
        [
            COUNT, load, load, ["link"], COUNT,
            ["ledger", "verify", "--head", str(altered(HEAD, folder, root="0" * 64))],
            ["ledger", "prove", "--head", str(EARLIER_HEAD)],
            ["ledger", "verify", "--head", str(HEAD)],
            ["check"],
        ],
        [TEXT, ["check"], ["check", "--repair"], ["check"], TEXT],
    ]  # fmt: skip
    found = iter(answers(town, *(words for each in rounds for words in each)))
    first, _, gate, pages, after, sealing = ([next(found) for _ in each] for each in rounds)
    return Opened(town, [*first, *gate], pages, after, sealing, codes)


@pytest.mark.parametrize(
    "number",
    range(len(EXPECTED["answers"])),
    ids=[" ".join(one["command"][:3]) for one in EXPECTED["answers"]],
)
def test_it_answers_as_it_did(number: int, opened: Opened) -> None:
    expected, found = EXPECTED["answers"][number], opened.answered[number]
    assert found["exit"] == expected["exit"], found
    assert list(differences(without_counted_rows(expected["document"]), found["document"])) == []


def without_counted_rows(document: Any) -> Any:
    """What is told of the ledger now: of figures, and of an entry without a channel, which may be of figures, not how many rows were
    counted."""
    if isinstance(document, list):
        return [without_counted_rows(each) for each in document]
    if not isinstance(document, dict):
        return document
    if document.get("outcome") == "released" and document["way"] in ("", "report"):
        return document | {"rows": None}
    return {name: without_counted_rows(each) for name, each in document.items()}


def differences(expected: Any, found: Any, path: str = "") -> Iterator[str]:
    """Where `found` lacks or changes what is expected; it may say more."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            if name in found:
                yield from differences(value, found[name], f"{path}.{name}")
            else:
                yield f"{path}.{name} is missing"
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for place, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from differences(one, other, f"{path}[{place}]")
    elif expected != found:
        yield f"{path}: {expected!r} became {found!r}"


@pytest.mark.parametrize("number", range(len(PAGES)), ids=[page["path"] for page in PAGES])
def test_its_pages_show_what_they_showed(number: int, opened: Opened) -> None:
    found = opened.pages[number]
    assert found["exit"] == 200
    assert PAGES[number]["holds"] in html.unescape(found["document"])


def test_work_goes_on_in_it(opened: Opened) -> None:
    before, load, again, _, after, *_, check = [one["document"] for one in opened.after]
    assert [one["tables"]["service_received"]["landed"] for one in (load, again)] == [1, 0]
    assert after["rows"][0][0] == before["rows"][0][0] + 1
    assert check["ok"], check["problems"]


def test_its_free_text_is_sealed_and_shown_as_before(opened: Opened) -> None:
    """It had been stored in the clear: that is named, and is no damage."""
    before, named, repaired, sealed, after = (one["document"] for one in opened.sealing)
    assert named["ok"]
    assert any("unsealed" in sentence for sentence in named["due"])
    assert (repaired["ok"], repaired["sealed"] > 20, sealed["problems"]) == (True, True, [])
    assert not any("unsealed" in sentence for sentence in sealed["due"])
    assert len(before["rows"]) > 3
    assert after["rows"] == before["rows"]
    texts = {name for table in TABLES.values() for name in table.free_text}
    files = list((opened.town.root / "data" / "store").glob("*.parquet"))
    assert files
    assert [
        file.name for file in files if texts & set(pq.read_schema(file).names) and _with_text(file, texts)
    ] == []


def _with_text(file: Path, texts: set[str]) -> bool:
    rows = pq.read_table(file)
    return any(rows[name].null_count < rows.num_rows for name in texts & set(rows.column_names))


def test_codes_that_one_purpose_showed_are_still_its_own(opened: Opened) -> None:
    """They were an agreement's; in both agreements one purpose alone had shown them, so that its rows and its extracts go on."""
    keep = {"riverbend-data": "evaluation", "tutoring-study-license": "tutoring-study"}
    assert set(opened.codes.values()) == set(keep)
    now = dict(opened.rows(CODES))
    assert {id: now[id] for id in opened.codes} == {
        id: f"{one}/{keep[one]}" for id, one in opened.codes.items()
    }


def test_a_kept_head_still_binds_the_ledger(opened: Opened, tmp_path: Path) -> None:
    altered_head, growth, kept_head, _ = opened.after[-4:]
    assert (altered_head["exit"], altered_head["document"]["error"]["code"]) == (1, "bad_head")
    assert (kept_head["exit"], kept_head["document"]["ok"]) == (0, True)
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(growth["document"]), encoding="utf-8")
    assert checked("check_ledger.py", proof, EARLIER_HEAD) == 0
    assert checked("check_ledger.py", proof, altered(EARLIER_HEAD, tmp_path, size=5)) == 1


def checked(script: str, *files: Path) -> int:
    """The exit code of a script of the manual that knows nothing of Throughway."""
    return subprocess.run(
        [sys.executable, CHECKS / script, *files], capture_output=True, check=False
    ).returncode


def test_a_changed_entry_is_found(opened: Opened, tmp_path: Path) -> None:
    town = Town(tmp_path / "riverbend")
    shutil.copytree(opened.town.root, town.root)
    with closing(sqlite3.connect(town.root / "data" / "throughway.sqlite3")) as database, database:
        for (trigger,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        [(first,)] = database.execute("SELECT id FROM gate_ledgerentry ORDER BY at LIMIT 1")
        database.execute("UPDATE gate_ledgerentry SET purpose = purpose || 's' WHERE id = ?", [first])
    [verdict] = answers(town, ["ledger", "verify", "--head", str(HEAD)])
    assert (verdict["exit"], verdict["document"]["ok"], verdict["document"]["first_bad"]) == (1, False, first)


def test_a_text_still_has_the_hash_that_its_parties_signed(opened: Opened) -> None:
    texts = dict(opened.rows("SELECT version, text FROM agreements_agreementversion"))
    signed = {
        version
        for (version,) in opened.rows(
            "SELECT DISTINCT version FROM agreements_agreementevent WHERE what = 'sign'"
        )
    }
    assert len(signed) > 15
    assert signed <= set(texts)
    for version, text in texts.items():
        document, findings = read_document(text)
        assert document, (version, findings)
        assert version_of(document) == version


def test_people_sign_in_as_before(opened: Opened, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    [(stored,)] = opened.rows(f"SELECT password FROM partners_user WHERE email = '{EXPECTED['email']}'")
    assert check_password(EXPECTED["password"], stored)


@pytest.mark.parametrize("certificate", CERTIFICATES, ids=lambda path: path.stem)
def test_a_certificate_still_holds(certificate: Path, opened: Opened, tmp_path: Path) -> None:
    assert checked("check_certificate.py", certificate, HEAD, opened.town.root) == 0
    body = json.loads(certificate.read_text(encoding="utf-8"))["certificate"] | {
        "finished": "2020-01-01T00:00:00+00:00"
    }
    assert checked("check_certificate.py", altered(certificate, tmp_path, certificate=body), HEAD) == 1


def test_its_releases_count_before_every_preview(opened: Opened, tmp_path: Path) -> None:
    """They store no students, so whom a question differs from is unknown: it is refused, in a preview too."""
    question = tmp_path / "question.sql"
    question.write_text("SELECT count(DISTINCT person_id) AS n FROM program_participation", encoding="utf-8")
    asked = ("report", question, "--purpose", "community-report", "--preview", "--as", EVALUATOR)
    refused = opened.town.told(*asked, exit=1)["error"]
    assert refused["code"] == "covered", refused
    assert opened.rows("SELECT * FROM disclosure_previewedfigures") == []


def test_the_backup_comes_back(tmp_path: Path) -> None:
    """What was destroyed after it is destroyed in it again."""
    town = Town(tmp_path / "restored")
    certificates = [word for path in CERTIFICATES for word in ("--certificate", str(path))]
    restored, verified, *_, counted = (
        answer["document"]
        for answer in answers(
            town,
            ["restore", *BACKUP, str(town.root), *certificates],
            ["ledger", "verify", "--head", str(EARLIER_HEAD)],
            *TRAINED,
            COUNT,
        )
    )
    assert (restored["one_backup"], restored["problems"]) == (True, [])
    assert verified["ok"], verified
    assert counted["rows"][0][0] > 0
