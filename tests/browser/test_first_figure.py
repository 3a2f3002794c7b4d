"""From partners and people to the first published figure on the site alone, led by *Getting started*; each page is looked at."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Site, environment, follow, opening, served
from tests.browser.life import Life
from tests.browser.ourtown import PASSPHRASE, lines, told
from tests.commands import commands

PARTNERS = {
    "oak-schools": ("Oak Schools", "lea"),
    "page-club": ("Page Club", "cbo"),
    "our-town": ("Our Town Together", "backbone"),
}
STEWARD, EVA = "steward@town.example", "eva@town.example"
SIGNERS = ("lead@oak.example", "lead@club.example", "lead@town.example")
PEOPLE = {
    STEWARD: ("our-town", "data_steward"), EVA: ("our-town", "evaluator"), "lead@oak.example": ("oak-schools", "leader"),
    "lead@club.example": ("page-club", "leader"), "lead@town.example": ("our-town", "leader"),
}  # fmt: skip
OAK = """throughway: crosswalk/1
source: {format: csv}
tables:
  person:
    key: [ID]
    columns:
      first_name: {from: First}
      last_or_surname: {from: Last}
      birthdate: {from: DOB}
  school_enrollment:
    key: [ID, Enrolled]
    person: ID
    columns:
      enrollment_entry_date: {from: Enrolled}
      entry_grade_level: {from: Grade}
feed: {partner: oak-schools, every_days: 30, expect: {school_enrollment: {rows: 50}}}
"""
CLUB = """throughway: crosswalk/1
source: {format: csv}
tables:
  person:
    key: [Member]
    columns:
      first_name: {from: First}
      last_or_surname: {from: Last}
      birthdate: {from: DOB}
  program_participation:
    key: [Member]
    person: Member
    columns:
      program_identifier: {value: Homework Club}
      program_participation_start_date: {from: Start}
"""
KIDS = [(f"Kim{chr(97 + n % 26)}", f"Oak{chr(97 + n % 26)}{chr(97 + n // 26 * 5)}", f"201{2 + n % 3}-{1 + n % 12:02}-{1 + n % 28:02}", f"0{5 + n % 3}") for n in range(90)]  # fmt: skip
MEMBERS = [kid for n, kid in enumerate(KIDS) if n % 3 or n % 2]


@pytest.fixture
def newcomers(tmp_path: Path, browser: Browser) -> Iterator[Life]:
    """A community with partners and people, and nothing else."""
    root = tmp_path / "ourtown"
    told(tmp_path, ("init", str(root), "--name", "Our Town"))
    told(
        root,
        *(("partner", "add", id, "--name", name, "--kind", kind) for id, (name, kind) in PARTNERS.items()),
        *(
            ("user", "add", email, "--partner", partner, "--role", role)
            for email, (partner, role) in PEOPLE.items()
        ),
        ("training", "record", EVA, "ferpa-basics", "--on", str(date.today() - timedelta(days=3))),
    )
    (root / "crosswalks" / "oak.yaml").write_text(OAK)
    (root / "crosswalks" / "club.yaml").write_text(CLUB)
    start = f"{date.today().year - 1}-09-05"
    lines(tmp_path / "oak.csv", ["ID", "First", "Last", "DOB", "Grade", "Enrolled"],
          *([f"S{n}", *kid, start] for n, kid in enumerate(KIDS)))  # fmt: skip
    lines(tmp_path / "short.csv", ["ID", "First", "Last", "DOB", "Grade", "Enrolled"],
          *([f"S{n}", *kid, start] for n, kid in enumerate(KIDS[:9])))  # fmt: skip
    lines(tmp_path / "club.csv", ["Member", "First", "Last", "DOB", "Start"],
          *([f"C{n}", *kid[:3], start] for n, kid in enumerate(MEMBERS)))  # fmt: skip
    with served(tmp_path, "serve", "--community", str(root)) as document:
        site = Site(document["address"], root, {}, dict.fromkeys(PEOPLE, PASSPHRASE))
        with opening(browser, site, {}) as open_as:
            yield Life(site, open_as, id="first", title="Who comes to the club")


def picture(page: Page, name: str) -> None:
    """Saved at both widths where somebody asks for pictures."""
    if folder := os.environ.get("PICTURES_INTO"):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})


def drafted(life: Life) -> None:
    """The button of the first missing step leads to the templates; the draft is finished without leaving the site."""
    page = life.at(STEWARD, "/start/")
    picture(page, "start-empty")
    life.press(page, "Start a draft")
    life.press(page, "Match a district")
    page.get_by_label("What is it about, in a line?").fill(life.title)
    page.get_by_label("Short name").fill(life.id)
    page.get_by_label("The school district whose program").select_option(label="Oak Schools")
    page.get_by_label("Page Club").check()
    page.get_by_label("The organization that keeps").select_option(label="Our Town Together")
    page.get_by_label("First day").fill((date.today() - timedelta(days=30)).isoformat())
    page.get_by_label("Last day").fill((date.today() + timedelta(days=600)).isoformat())
    page.get_by_label("Which Federal- or State-supported").fill(
        "The district's 21st Century program, which the club carries out"
    )
    page.get_by_label("What exactly is done").fill(
        "Students who came are compared with others of their grade"
    )
    page.get_by_label("annual notice").fill("Annual notice, section 3")
    page.get_by_label("Where does a family agree").fill("Enrollment form, part 3")
    life.press(page, "Begin the draft")
    life.press(page, "Write it")
    for office, authority in enumerate(("Board policy 12", "Bylaws 4", "Bylaws 7")):
        page.get_by_label("What gives it the authority?").nth(office).fill(authority)
    life.press(page, "Save")
    life.at(STEWARD, "/drafts/")
    life.press(page, life.title)
    assert "ready to be finished" in page.locator(".tw-title-row").inner_text()
    life.press(page, "Finish it")
    life.press(page, "Finish it")
    assert page.url.endswith("/agreements/first/")


def sent(life: Life, name: str, partner: str, crosswalk: str, right: str = "") -> str:
    """Sends a file on the form, and waits until it is loaded or refused."""
    page = life.at(STEWARD, "/loads/new/")
    page.get_by_label("Whose records").select_option(label=partner)
    page.locator("main [name=file]").set_input_files(life.site.folder.parent / name)
    page.locator("main [name=format]").select_option("csv")
    page.locator("main [name=crosswalk]").select_option(crosswalk)
    page.locator("main [name=right]").fill(right)
    life.press(page, "Send")
    for _ in range(60):  # the page polls for itself
        if not re.search("Waiting its turn|Checking the file", page.locator("main").inner_text()):
            break
        page.wait_for_timeout(500)
    return str(page.locator("main").inner_text())


def next_step(life: Life) -> str:
    return str(life.at(STEWARD, "/start/").locator(".tw-waits .tw-strong").inner_text())


def test_the_first_figure_is_published_on_the_site(newcomers: Life) -> None:
    life = newcomers
    assert next_step(life) == "Write a first agreement"
    drafted(life)
    assert next_step(life) == "Get the agreement signed and put into effect"
    for who in SIGNERS:
        life.act(who, "sign")
    life.act(STEWARD, "activate")
    assert next_step(life) == "Send a first file"
    assert "at least 50 are expected" in sent(life, "short.csv", "Oak Schools", "oak.yaml")
    picture(life.at(STEWARD, "/loads/feeds/"), "feeds")
    sent(life, "oak.csv", "Oak Schools", "oak.yaml")
    sent(life, "club.csv", "Page Club", "club.yaml")
    assert next_step(life) == "Recognize the persons"
    done = commands().run(["--community", str(life.site.folder), "link"], environment())
    assert done.returncode == 0, done.stderr
    assert next_step(life) == "Ask a first question"
    picture(life.at(STEWARD, "/start/"), "start")
    picture(life.at(STEWARD, "/loads/gaps/"), "gaps")
    published(life)
    page = life.at(STEWARD, "/start/")
    assert page.locator("h1").inner_text() == "Nothing stands in the way"
    assert life.faults == {}


def published(life: Life) -> None:
    """The evaluator chooses, previews and publishes; the figures are those of the files."""
    page = life.at(EVA, "/figures/")
    page.get_by_label("Count students who have").select_option(value="school_enrollment")
    life.press(page, "Next")
    page.locator("main [name=group_1]").select_option(value="school_enrollment.entry_grade_level")
    life.press(page, "Count and see a preview")
    follow(page, page.locator("main button[name=publish]").first)
    release = page.url.rstrip("/").rpartition("/")[2]
    picture(page, "release")
    shown = life.site.throughway("publish", "show", release)["tables"][0]["cells"]
    by_grade = Counter(f"{grade}" for *_, grade in KIDS)
    found = {
        value: cell["shown"]
        for cell in shown
        for value in cell["at"].values()
        if cell["statistic"] == "students"
    }
    assert {grade: found[grade] for grade in by_grade} == dict(by_grade)
