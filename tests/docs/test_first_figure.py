"""The hour from an empty folder to a first published figure works as the manual writes it, and its figures are the files' own."""

import csv
import json
import re
import shlex
import subprocess
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import environment
from tests.commands import commands
from tests.docs.test_first_community import BLOCK, in_force

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "first-figure.md"
FILES = ROOT / "docs" / "first-figure"
SAVED = re.compile(r"saved as `([^`]+)`:\s*\Z")
FEWEST_STEPS = 30  # commands that the issue allows


def run(line: str) -> str:
    """One line of the page: a command of ours in a forked process, anything else in a shell."""
    if not line.startswith("throughway "):
        subprocess.run(["bash", "-ec", line], check=True)
        return ""
    words = shlex.split(line)[1:]
    into = words.index(">") if ">" in words else len(words)
    done = commands().run(words[:into], environment())
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    if into < len(words):
        Path(words[into + 1]).write_text(done.stdout, encoding="utf-8")
    return done.stdout


def document(*words: str, exit: int = 0) -> Any:
    done = commands().run([*words, "--json"], environment())
    assert done.returncode == exit, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_the_hour_works_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(beside_the_files(tmp_path))
    today = date.today()
    page = in_force(PAGE.read_text(encoding="utf-8")).replace("2026-11-25", today.isoformat())
    ran, answer, steps = 0, "", []
    for block in BLOCK.finditer(page):
        kind, body = block.groups()
        if saved := SAVED.search(page[: block.start()]):
            Path(saved[1]).write_text(body, encoding="utf-8")
        elif kind == "text":
            public = today + timedelta(days=14)
            known = re.sub(r"publish agree \w{8} ", "publish agree RELEASE ", answer)
            known = re.sub(r"/releases/\w{8}/", "/releases/RELEASE/", known)
            assert known.strip() == body.strip().replace("DAY", f"{public.day} {public:%B %Y}")
        elif kind == "sh":
            for line in body.strip().splitlines():
                if line.startswith("cd "):
                    monkeypatch.chdir(Path.cwd() / line[3:])
                    steps.append(document("doctor", exit=1)["next"])
                    continue
                answer = run(line)
                ran += line.startswith("throughway ")
                if line.startswith(("throughway agreement activate", "throughway load feeds/club")):
                    steps.append(document("doctor", exit=1)["next"])
    assert ran == 20 < FEWEST_STEPS
    assert "Twenty commands" in page
    assert steps == ["partners", "file", "linked"]
    assert Path("question.sql").read_text() == (FILES / "question.sql").read_text()
    for path in ("agreements/first.yaml", "crosswalks/oak.yaml", "crosswalks/club.yaml"):
        assert Path(path).read_text() == in_force((FILES / Path(path).name).read_text()), path
    _figures_are_those_of_the_files()


def beside_the_files(folder: Path) -> Path:
    """The folder of the project, as far as the page names files of it, with an agreement that is in effect today."""
    files = folder / "docs" / "first-figure"
    files.mkdir(parents=True)
    for file in FILES.iterdir():
        (files / file.name).write_text(in_force(file.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def test_the_readme_s_main_job_works_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(beside_the_files(tmp_path))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    job = readme.partition("## The main job")[2].partition("\n## ")[0]
    lines = [line.partition("    #")[0].strip() for line in re.findall(r"^    (.+)$", job, re.MULTILINE)]
    assert (lines[0].split()[:2], lines[-1]) == (["make", "setup"], "throughway serve")
    for line in lines[1:-1]:
        if line.startswith("cd "):
            monkeypatch.chdir(line.split()[1])
            run(line.partition(" && ")[2])
        elif line.startswith("throughway query"):
            done = commands().run(shlex.split(line)[1:], environment())
            assert done.returncode == 1
            assert "gives protected figures, never rows" in done.stderr
        else:
            run(line)
    _figures_are_those_of_the_files()


def _figures_are_those_of_the_files() -> None:
    grade = {row["First"] + row["Last"] + row["DOB"][:2]: f"0{row['Grade']}" for row in rows("oak.csv")}
    counted = Counter(grade[r["First Name"] + r["Last Name"] + r["Birthdate"][5:7]] for r in rows("club.csv"))
    (release,) = document("publish", "list")["releases"]
    assert release["state"] == "waiting"
    for who in ("lead@oak.example", "lead@club.example"):
        document("publish", "agree", release["id"], "--as", who)
    (found,) = document("publish", "list")["releases"]
    assert found["state"] == "public"
    (table, *_) = document("publish", "show", release["id"])["tables"]
    shown = {
        cell["at"].get("grade"): cell["shown"] for cell in table["cells"] if cell["statistic"] == "students"
    }
    assert {grade: shown[grade] for grade in counted} == dict(counted)


def rows(path: str) -> list[dict[str, str]]:
    with (FILES / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


KIDS = [(f"Kim{chr(97 + n % 26)}", f"Oak{chr(97 + n % 26)}{'aeimq'[n // 26]}", f"{1 + n % 12}/{1 + n % 28}/201{2 + n % 3}") for n in range(120)]  # fmt: skip
MESSY = {
    "oak": "Oak Schools - Year End Attendance\n\nStu #,Student Name,Birth Date,Gr,School,Lunch,Days Enrolled,Days Absent\n"
    + "".join(f'{4000 + n},"{last}, {first}",{born},{5 + n % 3},Oak Middle,{"NY"[n % 2]},175,{n % 23}\n' for n, (first, last, born) in enumerate(KIDS))
    + "Total: 120,,,,,,,\n",
    "club": "Member ID;Child;DOB;Program;First Day;Hours\n"
    + "".join(f"M{n};{first} {last};{born};Homework Club;9/{1 + n % 28}/2026;{n % 5}\n" for n, (first, last, born) in enumerate(KIDS) if n % 6)
    + "Total;100;;;;\n",
}  # fmt: skip


# The same sheet without a number of the club's own: a child is known by the name and the birth date.
NUMBERLESS = {
    **MESSY,
    "club": re.sub(r"(?m)^[^;]*;", "", MESSY["club"]).replace("100;", "Total children: 100;"),
}


@pytest.mark.parametrize("files", [MESSY, NUMBERLESS], ids=["messy", "numberless"])
def test_own_messy_files_need_few_commands(
    files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same hour with a district's totals of days absent and a club's sheet: names of both orders, lunch by yes or no, lines of totals.
    Somebody accepts what the drafts ask by taking number signs away, and leaves the hours out; no other command than the page's."""
    monkeypatch.chdir(beside_the_files(tmp_path))
    page = in_force(PAGE.read_text(encoding="utf-8")).replace("2026-11-25", date.today().isoformat())
    ran, lines = (
        0,
        [line for kind, body in BLOCK.findall(page) if kind == "sh" for line in body.strip().splitlines()],
    )
    question = next(body for kind, body in BLOCK.findall(page) if kind == "sql")
    for line in lines:
        if line.startswith("cd "):
            monkeypatch.chdir(Path.cwd() / line[3:])
            Path("question.sql").write_text(question, encoding="utf-8")
            continue
        name = next((name for name in files if f"feeds/{name}.csv" in line), "")
        if line.startswith("cp "):
            for each, text in files.items():
                Path(f"feeds/{each}.csv").write_text(text, encoding="utf-8")
            continue
        if line.startswith("throughway load"):
            drafted = Path(f"crosswalks/{name}.yaml")
            before, hours, rest = drafted.read_text(encoding="utf-8").partition("  # DOUBT: Hours")
            drafted.write_text(
                re.sub(r"(?m)^(  +)# (?!DOUBT)", r"\1", before) + hours + rest, encoding="utf-8"
            )
            run(f"throughway crosswalk check feeds/{name}.csv {drafted}")
            line += " --school-year 2026-27"
            ran += 1
        run(line)
        ran += 1
    assert f"counts {ran} commands" in page
    assert ran <= FEWEST_STEPS
    linked = document("link")
    assert (linked["records"], linked["persons"]) == (220, 120)
    (release,) = document("publish", "list")["releases"]
    assert release["title"] == "Students who come to the club, by grade"
