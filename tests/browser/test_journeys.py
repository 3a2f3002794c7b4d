"""What each of the four roles comes for, done as a person does it, at the width of a phone and of a desk."""

import csv
import json
import re
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import judged
from tests.browser.conftest import WIDTHS, SignedIn, Site, follow, sign_in
from throughway.publication.sheet import ABOUT
from throughway.training.library import courses

at_both_widths = pytest.mark.parametrize("width", WIDTHS)
ALLOWED = {"phone": 0, "desk": 1}  # which student loses what: each journey takes another


def button(page: Page, name: str) -> None:
    """Presses what is named so, as a button or as a link that looks like one."""
    follow(page, page.locator("main a.usa-button, main button", has_text=name).first)


def saved(page: Page, name: str) -> Path:
    """The file that a button gives."""
    with page.expect_download() as waiting:
        page.locator("main a.usa-button", has_text=name).first.click()
    return Path(waiting.value.path())


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()


def go(page: Page, destination: str) -> None:
    """By the header, as people go."""
    follow(page, page.get_by_role("navigation", name="Main").get_by_role("link", name=destination))


# --- a manager whose training has ended -------------------------------------------------------------------------------


def test_a_manager_passes_the_course_and_sees_students_again(signed_in: SignedIn, site: Site) -> None:
    """In Spanish, on a phone: a wrong answer is told, the right ones open the students."""
    questions = courses(site.folder)["ferpa-basics"]["es"].questions
    page = signed_in("manager@bright-futures.example", width=WIDTHS["phone"])
    page.goto(site.at("/"))
    follow(page, page.get_by_role("link", name="Take the training"))
    follow(page, page.get_by_role("link", name="FERPA basics"))
    follow(page, page.get_by_role("link", name="Español"))
    for n, question in enumerate(questions):
        choice = (question.right + 1) % 3 if n < 2 else question.right
        page.locator(f"input[name=q{n}]").nth(choice).check()
    button(page, "Comprobar mis respuestas")
    expect(page.get_by_role("alert")).to_contain_text("7 de 9")
    assert judged(page) == []
    for n in range(2):
        page.locator(f"input[name=q{n}]").nth(questions[n].right).check()
    button(page, "Comprobar mis respuestas")
    expect(page.get_by_text("9 de 9 respuestas son correctas")).to_be_visible()
    page.goto(site.at("/students/"))
    assert "You must complete training" not in page.locator("main").inner_text()


# --- the case worker --------------------------------------------------------------------------------------------------


def persons(site: Site) -> dict[tuple[str, str], str]:
    """Who is who: the person behind a partner's own number."""
    return {(row["partner"], row["record_key"]): row["person"] for row in site.rows("truth/persons.csv")}


def agreed(site: Site) -> list[tuple[dict[str, str], str]]:
    """Students of the case worker's whose families allow the records of Riverbend Schools: the line of the caseload, and
    the schools' own number."""
    person, (email, _) = persons(site), site.known("case_worker")
    said = site.rows("consents/casework.csv")
    until = (date.today() + timedelta(days=1)).isoformat()
    not_now = {row["record_key"] for row in said if row["decision"] != "yes" or row["expires"] < until}
    keys = {
        person[row["partner"], row["record_key"]]: row["record_key"]
        for row in said
        if row["partner"] == "riverbend-schools" and row["record_key"] not in not_now
    }
    own = [row for row in site.rows("caseloads.csv") if row["email"] == email]
    found = [(row, keys.get(person[row["partner"], row["record_key"]], "")) for row in own]
    return [(row, key) for row, key in found if key]


def of_nobody(site: Site) -> tuple[str, str]:
    """A student of Riverbend Schools who is on no caseload: the partner, and its own number."""
    person = persons(site)
    worked_with = {person[row["partner"], row["record_key"]] for row in site.rows("caseloads.csv")}
    return next(
        key for key, who in person.items() if key[0] == "riverbend-schools" and who not in worked_with
    )


def found_by_key(page: Page, site: Site, partner: str, key: str) -> str:
    """The person's number on the platform, as the data steward finds it."""
    page.goto(site.at("/persons/"))
    page.locator("select[name=partner]").select_option(partner)
    page.locator("input[name=record_key]").fill(key)
    button(page, "Show the person")
    return page.url.rstrip("/").rpartition("/")[2]


def withdraw(site: Site, steward: Page, person: str) -> None:
    """What the family allows of the schools' records ends today, by the command line."""
    steward.goto(site.at(f"/persons/{person}/"))
    line = steward.locator("main tr", has_text="Riverbend Schools").first
    record = int(line.locator("td").first.inner_text())
    consents = site.throughway("consent", "list")["consents"]
    standing = [
        c["id"] for c in consents if (c["record"], c["purpose"], c["in_force"]) == (record, "casework", True)
    ]
    for id in standing:
        site.throughway("consent", "withdraw", id)
    assert standing


@at_both_widths
def test_a_case_worker(signed_in: SignedIn, site: Site, width: str, tmp_path: Path) -> None:
    steward = signed_in("data_steward")
    assigned, key = agreed(site)[ALLOWED[width]]
    person = found_by_key(steward, site, "riverbend-schools", key)
    not_theirs = found_by_key(steward, site, *of_nobody(site))

    page = signed_in(None, width=WIDTHS[width])
    sign_in(page, site, "case_worker")
    assert re.search("waiting for you|Nothing is waiting|tasks? (is|are) due", heading(page))
    numbers = page.locator("main dl.tw-numbers div")
    seen = int(numbers.filter(has_text="whom you may see today").locator("dd").inner_text())
    talk = int(numbers.filter(has_text="missed many days lately").locator("dd").inner_text())

    go(page, "Students")
    assert page.locator(".tw-students > li").count() == seen
    follow(page, page.get_by_role("link", name="Missed many days lately"))
    expect(page.locator(".tw-students .is-talk")).to_have_count(talk)
    follow(page, page.get_by_role("link", name=re.compile(r"^All \d")))
    follow(page, page.locator(f".tw-students a[href='/students/{person}/']"))

    name = heading(page)
    assert name not in page.title()
    consent = page.locator(".tw-consent")
    assert re.search("Family allows: [^.]*attendance", consent.inner_text())
    story = page.locator("#story")
    assert "Riverbend Schools" in story.inner_text()
    why = page.locator("#access")
    for said in (
        "Why can I see this?",
        "AGREEMENT",
        "caseload since",
        "Signed by",
        "The ledger records that you opened",
    ):
        assert said.lower() in why.inner_text().lower()
    assert judged(page) == []

    for address in (f"/students/{not_theirs}/", "/students/1/", f"/ledger/student/{person}/"):
        answer = page.goto(site.at(address))
        assert answer
        assert (answer.status, heading(page)) == (404, "Page not found")

    page.goto(site.at(f"/students/{person}/"))
    withdraw(site, steward, person)
    page.reload()
    assert "Riverbend Schools" not in story.inner_text()
    assert not re.search("Family allows: [^.]*attendance", consent.inner_text())

    ended = tmp_path / "ended.csv"
    with ended.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, assigned)
        writer.writeheader()
        writer.writerow(assigned | {"to": (date.today() - timedelta(days=1)).isoformat()})
    site.throughway("caseload", "add", str(ended))
    if width == "phone":  # where the page of a student has no header, but a way back
        follow(page, page.get_by_role("link", name="My students"))
    else:
        go(page, "Students")
    assert page.locator(".tw-students > li").count() == seen - 1
    assert page.locator(f"a[href='/students/{person}/']").count() == 0
    answer = page.goto(site.at(f"/students/{person}/"))
    assert answer
    assert answer.status == 404
    assert name not in page.content()


# --- whoever publishes a figure ---------------------------------------------------------------------------------------


@at_both_widths
def test_a_question_becomes_a_release_that_awaits_its_review(
    signed_in: SignedIn, site: Site, width: str
) -> None:
    """How many club members were chronically absent, by school: from the page of reports to the registry."""
    page = signed_in("data_steward", width=WIDTHS[width])
    page.goto(site.at("/pipeline/"))
    follow(page, page.get_by_role("link", name="Publish a figure"))
    assert judged(page) == []
    page.get_by_label("Count students who have").select_option(label="Time in programs")
    button(page, "Next")
    assert judged(page) == []
    page.get_by_label("How many of them missed many school days, and their share").check()
    page.get_by_label("Only where (1)").select_option(label="Program")
    page.get_by_label("Value", exact=True).nth(1).fill(
        {"phone": "Homework Club", "desk": "Chess Club"}[width]
    )
    page.get_by_label("By", exact=True).select_option("school_enrollment.organization_id")
    page.get_by_label("Title").fill(f"Absent club members, {width}")
    button(page, "Count and see a preview")
    assert heading(page) == f"Absent club members, {width}: what it would show"
    assert "would be shown" in page.locator("main").inner_text()
    assert judged(page) == []
    button(page, "Publish it")
    assert heading(page) == f"Absent club members, {width}"
    assert "Not public before" in page.locator("main").inner_text()
    assert judged(page) == []
    file = saved(page, "Download as PDF")
    assert file.read_bytes().startswith(b"%PDF")
    title = f"Absent club members, {width}"
    assert title in [release["title"] for release in site.throughway("publish", "list")["releases"]]


# --- the data steward -------------------------------------------------------------------------------------------------


def send(page: Page, name: str, text: str) -> None:
    """Sessions of Page by Page, as its system exports them."""
    go(page, "Loads")
    button(page, "Send a file")
    assert judged(page) == []
    page.get_by_label("Whose records").select_option(label="Page by Page Tutoring")
    page.get_by_label("File", exact=True).set_input_files(
        [{"name": name, "mimeType": "text/csv", "buffer": text.encode()}]
    )
    page.get_by_label("Format").select_option(label="Spreadsheet saved as CSV")
    page.get_by_label("Crosswalk").select_option(label="page by page sessions")
    button(page, "Send it")


@at_both_widths
def test_a_data_steward(signed_in: SignedIn, site: Site, width: str) -> None:
    page = signed_in(None, width=WIDTHS[width])
    sign_in(page, site, "data_steward")
    follow(
        page,
        page.locator(".tw-waiting li", has_text=re.compile(r"set aside: load \d+\.csv")).get_by_role("link"),
    )
    aside = page.locator("section[aria-labelledby=aside]")
    assert "not a date in %m/%d/%Y" in aside.inner_text()
    assert "Correct the date" in aside.inner_text()
    assert re.search(r"times in load \d+\.csv, rows \d+", aside.inner_text())
    file = saved(page, "Save the whole list")
    listed = list(csv.DictReader(StringIO(file.read_text(encoding="utf-8"))))
    [kept] = {row["file"] for row in listed}  # a name that no format knows is not kept
    assert re.fullmatch(r"load \d+\.csv", kept)
    assert all(row["row"] and row["problem"] and row["cure"] for row in listed)

    last = site.rows("feeds/page-by-page/sessions.csv")[-1]
    send(page, "sessions.csv", f"Session,Reader No,Date\nS1,{last['Reader No']},{last['Date']}\n")
    expect(page.locator("h1")).to_have_text("Nothing from this file was loaded")
    assert "has no column Session No, which the crosswalk reads" in page.locator("main").inner_text()

    heads, tail = "Session No,Reader No,Date,Minutes,Tutor,Tutor Speaks", "T-24,English"
    reader, day = last["Reader No"], last["Date"]
    good, bad = f"{width}-1,{reader},{day},30,{tail}", f"{width}-2,{reader},8 October,30,{tail}"
    send(page, "sessions.csv", f"{heads}\n{good}\n{bad}\n")
    assert "/loads/sent/" in page.url
    expect(page.locator("h1")).to_have_text("The file is loaded")
    assert judged(page) == []
    button(page, "See what was loaded")
    assert heading(page) == "1 row of sessions.csv was loaded"
    assert "not a date in" in page.locator("section[aria-labelledby=aside]").inner_text()
    assert "8 October" not in page.locator("main").inner_text()  # no value of the file is repeated

    site.throughway("link")
    go(page, "Persons")
    assert re.match(r"[\d,]+ records are [\d,]+ persons", heading(page))
    people = site.rows("feeds/page-by-page/enrollments.csv")[0]
    assert people["Last"] not in page.locator("main").inner_text()
    person = found_by_key(page, site, "page-by-page", people["Reader No"])
    assert people["Last"] not in page.locator("main").inner_text()
    assert judged(page) == []
    button(page, "Show the names")
    named = page.locator("section[aria-labelledby=names]")
    assert people["Last"] in named.inner_text()
    written = page.locator("main p", has_text="This reading is in the ledger").get_by_role("link")
    entries = [link.get_attribute("href") for link in written.all()]
    assert judged(page) == []
    page.goto(site.at(f"/persons/{person}/"))
    assert people["Last"] not in page.content()

    go(page, "Ledger")
    newest = page.locator(".tw-entries li").first
    assert site.known("data_steward")[0] in newest.inner_text()
    assert newest.get_by_role("link").get_attribute("href") in entries
    read = ""
    for entry in entries:
        page.goto(site.at(str(entry)))
        read += page.locator("section[aria-labelledby=what]").inner_text()
    assert "irst name, last name" in read
    assert judged(page) == []


# --- the privacy officer ----------------------------------------------------------------------------------------------


@at_both_widths
def test_a_privacy_officer(signed_in: SignedIn, site: Site, width: str) -> None:
    page = signed_in(None, width=WIDTHS[width])
    sign_in(page, site, "privacy_officer")
    go(page, "Agreements")
    follow(page, page.locator("main a[href='/agreements/riverbend-counselors/']"))
    clause = page.locator(".tw-clause", has_text="Who reads").first
    assert "Case workers of Riverbend Schools" in clause.inner_text()
    if width == "phone":
        clause.locator("summary", has_text="Show the SQL").click()
    sql = clause.locator("pre.tw-sql:visible")
    assert re.search(r"\bSELECT\b", sql.inner_text(), re.IGNORECASE)

    go(page, "Agreements")
    follow(page, page.locator("main a[href='/agreements/tutors-see-scores/']"))
    assert "stopped at review" in page.locator(".tw-title-row").inner_text().lower()
    worst = page.locator(".tw-finding.is-stop").first
    assert "legitimate educational interest" in worst.inner_text()
    assert "34 CFR 99.31" in worst.inner_text()
    assert page.get_by_role("link", name=re.compile("sign")).count() == 0

    page.goto(site.at("/agreements/riverbend-counselors/"))
    button(page, "Suspend it")
    assert "Only Riverbend Schools can lift this suspension." in page.locator("main").inner_text()
    assert judged(page) == []
    page.get_by_label("Why").fill("We look at how it is used.")
    button(page, "Suspend it")
    assert heading(page) == "Confirm that it is you"
    page.locator("main input[type=password]").fill(site.known("privacy_officer")[1])
    button(page, "Continue")
    assert "suspended" in page.locator(".tw-title-row").inner_text().lower()
    assert "We look at how it is used." in page.locator("main").inner_text()
    counselor = signed_in("counselor@riverbend-schools.example")
    counselor.goto(site.at("/students/"))
    assert counselor.locator(".tw-students").count() == 0
    button(page, "Lift the suspension")
    button(page, "Lift the suspension")
    assert "in effect" in page.locator(".tw-title-row").inner_text().lower()
    counselor.reload()
    assert counselor.locator(".tw-students > li").count() > 0

    follow(counselor, counselor.locator(".tw-students a").first)
    person = counselor.url.rstrip("/").rpartition("/")[2]
    go(page, "Ledger")
    button(page, "Find a student")
    key = next(r for r in site.rows("caseloads.csv") if r["email"].startswith("counselor@"))
    page.get_by_label("Partner", exact=True).select_option(label="Riverbend Schools")
    page.get_by_label(re.compile("number in that partner")).fill("no such number")
    button(page, "Show who saw this student")
    assert "You keep no record of a student with that number." in page.locator("main").inner_text()
    page.get_by_label("Partner", exact=True).select_option(label="Riverbend Schools")
    page.get_by_label(re.compile("number in that partner")).fill(key["record_key"])
    button(page, "Show who saw this student")
    assert re.search("were read [\\d,]+ times", heading(page))
    page.goto(site.at(f"/ledger/student/{person}/"))
    looks = page.locator("main ol > li, main ul > li")
    assert "Case worker, Riverbend Schools" in looks.first.inner_text()
    assert "Under What a school counselor sees" in looks.first.inner_text()
    assert judged(page) == []

    go(page, "Ledger")
    file = saved(page, "Keep this head")
    told = site.throughway("ledger", "verify", "--head", str(file))
    assert told["ok"]
    assert told["entries"] >= json.loads(file.read_text())["size"]


# --- the leader -------------------------------------------------------------------------------------------------------


@at_both_widths
def test_a_leader(signed_in: SignedIn, site: Site, width: str) -> None:
    page = signed_in(None, width=WIDTHS[width])
    sign_in(page, site, "leader")
    finding = page.locator("main h1, main h2").filter(has_text="students").first.inner_text()
    button(page, "See the whole picture")
    assert heading(page) == finding
    release = page.url.rstrip("/").rpartition("/")[2]
    go(page, "Pipeline")
    assert heading(page) == finding

    drawn = page.locator("figure.tw-figure")
    table = drawn.locator("table")
    expect(table).to_be_hidden()
    drawn.locator("summary", has_text="Show as a table").click()
    expect(table).to_be_visible()
    shown = site.throughway("publish", "show", release)
    lost = re.search(r"loses ([\d,]+) students", finding)
    assert lost
    assert lost[1] in table.inner_text()

    button(page, "Download the tables")
    file = saved(page, "Download as JSON")
    downloaded = json.loads(file.read_text(encoding="utf-8"))
    assert downloaded["id"] == release
    assert downloaded["tables"] == shown["tables"]
    file = saved(page, "Download as CSV")
    lines = csv.DictReader(StringIO(file.read_text(encoding="utf-8")))
    figures = [line for line in lines if line["table"] != ABOUT]
    cells = [cell for each in shown["tables"] for cell in each["cells"]]
    assert [row["shown"] for row in figures] == ["" if c["withheld"] else str(c["shown"]) for c in cells]
    assert any(cell["withheld"] for cell in cells)
