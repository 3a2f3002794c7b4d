"""From partners and people to the first published figure on the site alone, led by *Getting started*; each page is looked at."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.clicks import Clicks
from tests.browser.conftest import Site, follow, opening, served
from tests.browser.life import Life
from tests.browser.ourtown import PASSPHRASE, lines, told
from throughway.training.course import read_course
from throughway.training.library import SHIPPED

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
    page.get_by_label("Page Club", exact=True).check()
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


def together(life: Life) -> None:
    """The district exported its students and their enrollment apart: both files are chosen at once, and one leads to the other."""
    folder, start = life.site.folder.parent, f"{date.today().year - 1}-09-05"
    lines(folder / "students.csv", ["Student ID", "First Name", "Last Name", "Birth Date"],
          *([f"S{n}", *kid[:3]] for n, kid in enumerate(KIDS)))  # fmt: skip
    lines(folder / "enrollments.csv", ["Student ID", "Grade", "Entry Date"],
          *([f"S{n}", kid[3], start] for n, kid in enumerate(KIDS)))  # fmt: skip
    page = life.at(STEWARD, "/loads/look/")
    page.get_by_label("Whose records").select_option(label="Oak Schools")
    page.locator("main [name=file]").set_input_files([folder / "students.csv", folder / "enrollments.csv"])
    for name, place in (("students.csv", "File 1 of 2"), ("enrollments.csv", "File 2 of 2")):
        page.locator("main h1", has_text=name).wait_for()
        assert place in page.locator("main").inner_text()
        assert page.locator("main [name=file]").evaluate("field => field.files.length") == 2
        life.look(page)
        picture(page, f"together-{name}")
        page.get_by_role("button", name="Save the crosswalk and load the file").click()
    page.locator("main h1", has_text="The file is loaded").wait_for(timeout=120_000)
    life.look(page)
    picture(page, "together-done")
    assert "enrollments.csv" in page.locator("main").inner_text()
    assert "upload 1.csv" in page.locator("#beside + ul").inner_text()


def next_step(life: Life) -> str:
    return str(life.at(STEWARD, "/start/").locator(".tw-waits .tw-strong").inner_text())


def test_the_first_figure_is_published_on_the_site(newcomers: Life) -> None:
    life = newcomers
    assert next_step(life) == "Write a first agreement"
    drafted(life)
    assert next_step(life) == "Get the agreement signed and put into effect"
    for who in SIGNERS:
        life.act(who, "sign", signer="Pat Hill", title="Director", authority="Bylaws 4")
    life.act(STEWARD, "activate")
    assert next_step(life) == "Send a first file"
    assert "at least 50 are expected" in sent(life, "short.csv", "Oak Schools", "oak.yaml")
    picture(life.at(STEWARD, "/loads/feeds/"), "feeds")
    together(life)
    sent(life, "club.csv", "Page Club", "club.yaml")
    life.pages[STEWARD].get_by_text("Records were compared").wait_for(timeout=120_000)
    assert next_step(life) == "Ask a first question"
    picture(life.at(STEWARD, "/start/"), "start")
    picture(life.at(STEWARD, "/loads/gaps/"), "gaps")
    published(life)
    page = life.at(STEWARD, "/start/")
    assert page.locator("h1").inner_text() == "Nothing stands in the way"
    page = life.at(STEWARD, "/")
    picture(page, "home-after")
    assert (
        page.get_by_role("link", name=re.compile("is registered, and waits for its partners until")).count()
        == 1
    )
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


# Messy as exports are: a line above the headings, days in the American order, names in capitals, a row twice, a line of totals; and a file
# with semicolons and names in one column. With `doubts` the club knows one child by another first name, and mistyped the birth date of
# another: linkage leaves these two pairs to a person.
IN_DOUBT = {
    23: ("Joe", ""),
    5: ("", "01-30"),
}  # first name, month and day; by their place in the district's list


def messy(folder: Path, *, doubts: bool = False) -> tuple[str, str]:
    start = date(date.today().year - 1, 9, 5)
    oak = ["Oak Schools - student list,,,,,", "Student ID,LAST,FIRST,Birth Date,Gr,Entry Date"]
    for n, (first, last, born, grade) in enumerate(KIDS):
        day = date.fromisoformat(born)
        oak.append(f"S{n:03},{last.upper()},{first.upper()},{day:%m/%d/%Y},{int(grade)},{start:%m/%d/%Y}")
    oak += [oak[2], f"Total,,,,,{len(KIDS)}"]
    club = ["Member No;Name;DOB;Program;Joined"]
    for n, kid in enumerate(MEMBERS):
        first, last, born, _grade = kid
        name, day = IN_DOUBT.get(KIDS.index(kid) if doubts else -1, ("", ""))
        club.append(
            f"C{n:03};{last}, {name or first};{born[:5]}{day or born[5:]};Homework Club;{start.isoformat()}"
        )
    for name, rows in (("oak export.csv", oak), ("club members.csv", club)):
        (folder / name).write_text("\n".join(rows) + "\n")
    return str(folder / "oak export.csv"), str(folder / "club members.csv")


CLICKS, FIELDS = 22, 31
FOR_PAIRS = 8  # to decide two pairs of records: the answers of the course, to send them, two verdicts, and on to the next step


@pytest.fixture
def empty(tmp_path: Path, browser: Browser) -> Iterator[tuple[Life, str]]:
    """A community just after `init`, served; and the link that it printed."""
    root = tmp_path / "ourtown"
    said = told(
        tmp_path,
        ("init", str(root), "--name", "Our Town", "--steward", STEWARD, "--backbone", "Our Town Together"),
    )
    link = re.search(r"/sign-in/new/\S+", said)
    assert link, said
    with served(tmp_path, "serve", "--community", str(root)) as document:
        site = Site(document["address"], root, {}, dict.fromkeys(PEOPLE, PASSPHRASE))
        with opening(browser, site, {}) as open_as:
            yield Life(site, open_as), link.group()


def enters(life: Life, clicks: Clicks, who: str, address: str) -> Page:
    """One opens the link and chooses a passphrase."""
    page = life.pages[who] = life.open(None, width={"width": 390, "height": 844})
    clicks.open(page, life.site.at(address))
    clicks.fill(page.locator("[name=new_password1]"), PASSPHRASE)
    clicks.fill(page.locator("[name=new_password2]"), PASSPHRASE)
    picture(page, "passphrase")
    clicks.follow(page, page.locator("main form button"))
    life.look(page)
    return page


def goes_on(clicks: Clicks, page: Page, name: str) -> None:
    clicks.follow(
        page, page.locator("main :is(a, button)", has_text=re.compile(rf"^\s*{re.escape(name)}")).first
    )


@pytest.mark.parametrize("doubts", [False, True], ids=["sure", "doubts"])
def test_from_an_empty_folder_with_few_clicks(empty: tuple[Life, str], tmp_path: Path, doubts: bool) -> None:
    life, link = empty
    clicks = Clicks()
    page = enters(life, clicks, STEWARD, link)  # leads to the first partners
    for name, value in (
        ("own_signer", "lead@town.example"), ("name_1", "Oak Schools"), ("signer_1", "lead@oak.example"),
        ("name_2", "Page Club"), ("signer_2", "lead@club.example"),
    ):  # fmt: skip
        clicks.fill(page.locator(f"main [name={name}]"), value)
    picture(page, "partners")
    goes_on(clicks, page, "Add them")
    life.look(page)
    picture(page, "links")
    links = re.findall(r"/sign-in/new/\S+", page.locator("main").inner_text())
    assert len(links) == 3
    goes_on(clicks, page, "Write the agreement")
    life.look(page)
    drafted_by_hand(clicks, page)
    goes_on(clicks, page, "Begin it, and finish it")
    life.look(page)
    picture(page, "finished")
    assert page.url.endswith("/agreements/first/")
    for who, address in zip(
        ("lead@town.example", "lead@oak.example", "lead@club.example"), links, strict=True
    ):
        leader = enters(life, clicks, who, address)
        picture(leader, "sign")
        assert "authorized representative" in leader.locator("main").inner_text()
        # The steward of another organization wrote the text, so it says nothing for these two.
        own = ("signer",) if who == "lead@town.example" else ("signer", "title", "authority")
        for name in own:
            clicks.fill(leader.locator(f"main [name={name}]"), "Pat Hill")
        goes_on(clicks, leader, "Sign for")
    steps(life, clicks, page, messy(tmp_path, doubts=doubts), doubts=doubts)
    (tmp_path / "presses.txt").write_text(clicks.told())
    assert life.faults == {}
    assert len(clicks.pressed) <= CLICKS + doubts * FOR_PAIRS
    assert clicks.fields <= FIELDS


def drafted_by_hand(clicks: Clicks, page: Page) -> None:
    picture(page, "draft")
    for label, value in (
        ("What is it about, in a line?", "Who comes to the club"), ("Short name", "first"),
        ("First day", (date.today() - timedelta(days=30)).isoformat()), ("Last day", (date.today() + timedelta(days=600)).isoformat()),
        ("Which Federal- or State-supported", "The district’s 21st Century program, which the club carries out"),
        ("What exactly is done", "Students who came are compared with others of their grade"),
        ("annual notice", "Annual notice, section 3"), ("Where does a family agree", "Enrollment form, part 3"),
        ("authority does Oak Schools", "Board policy 12"), ("authority does Page Club", "Bylaws 4"),
        ("authority does Our Town Together", "Bylaws 2"),
    ):  # fmt: skip
        clicks.fill(page.get_by_label(label), value)


def keeps_the_file(page: Page) -> None:
    """A name that cannot be saved is asked for again, and the chosen file stays. No press of the walk: the proposed name is a good one."""
    name = page.locator("main [name=name]")
    proposed = name.input_value()
    name.fill("No, name!")
    page.get_by_role("button", name="Save the crosswalk").click()
    page.locator("main .usa-error-message", has_text="small letters").wait_for()
    assert page.locator("main [name=file]").evaluate("field => field.files.length") == 2
    name.fill(proposed)


def steps(life: Life, clicks: Clicks, page: Page, files: tuple[str, str], *, doubts: bool) -> None:
    """From the last signature to the published figure, each step as the guided start leads."""
    clicks.open(page, life.site.at("/start/"))
    life.look(page)
    picture(page, "start-signed")
    goes_on(clicks, page, "Send a file")
    picture(page, "look")
    clicks.choose(
        page.locator("main [name=file]"), *files
    )  # they are looked at without a press, one after the other
    for n, path in enumerate(files):
        page.locator("main h1", has_text=path.rpartition("/")[2]).wait_for()
        life.look(page)
        picture(page, f"looked-{n}")
        assert ("Oak Schools", "Page Club")[n] in page.locator("main").inner_text()
        for menu in page.locator("main form select").all():
            if not menu.input_value():  # in doubt: the likeliest answer stands first
                clicks.select(menu, 1)
        if not n:
            keeps_the_file(page)
        clicks.press(page.get_by_role("button", name="Save the crosswalk"))
    page.get_by_text("Records were compared").wait_for(timeout=120_000)  # by itself, on the page of the load
    life.look(page)
    picture(page, "linked")
    goes_on(clicks, page, "Go on to the next step")
    if doubts:
        pairs_decided(life, clicks, page)
    picture(page, "figure")
    goes_on(clicks, page, "Count and see a preview")
    picture(page, "preview")
    clicks.follow(page, page.locator("main button[name=publish]").first)
    picture(page, "published")
    release = page.url.rstrip("/").rpartition("/")[2]
    shown = life.site.throughway("publish", "show", release)["tables"][0]["cells"]
    by_grade = Counter(grade for *_, grade in MEMBERS)  # also of those whom the club knows otherwise
    found = {
        value: cell["shown"]
        for cell in shown
        for value in cell["at"].values()
        if cell["statistic"] == "students"
    }
    assert {grade: found[grade] for grade in by_grade} == dict(by_grade)
    page.goto(life.site.at("/start/"))
    assert page.get_by_role("link", name="Ask a question").first.get_attribute("href") == "/figures/"


def pairs_decided(life: Life, clicks: Clicks, page: Page) -> None:
    """The course, answered right by who reads it; the two pairs, by what they say; and the comparison that begins by itself."""
    life.look(page)
    picture(page, "course")
    read = read_course("deciding-pairs", "en", (SHIPPED / "deciding-pairs.en.md").read_text(encoding="utf-8"))
    for n, question in enumerate(read.questions):
        clicks.press(page.locator(f"main label[for=id_q{n}_{question.right}]"))
    goes_on(clicks, page, "Check my answers")
    for n in range(len(IN_DOUBT)):
        life.look(page)
        picture(page, f"pair-{n}")
        assert page.locator("h1").inner_text() == "Are these two records one person?"
        goes_on(clicks, page, "Same person")
    page.get_by_text("Records were compared").wait_for(timeout=120_000)
    life.look(page)
    picture(page, "compared-again")
    goes_on(clicks, page, "Go on to the next step")
