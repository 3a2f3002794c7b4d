"""Three people share one student: a case worker, a tutor of another organization, and the district's officer with a mother's yes.

The case worker notes an absence, finds a tutor with a seat who speaks Spanish, and refers. The tutor accepts, enters the student and marks
attendance on a phone. The mother's yes comes on paper in Spanish, is confirmed, and taken back: what came from the school closes, and each
program keeps its own roster, telephone and attendance.
"""

import io
import re

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.accessible import judged, judged_at
from tests.browser.conftest import DESK, PHONE, SignedIn, Site, follow
from tests.browser.test_journeys import button, found_by_key
from throughway.demo.scenes.signed_paper import signed_paper

OFFICER = "privacy@riverbend-schools.example"
SCHOOLS = "Riverbend Schools"
WORKER = "caseworker@bright-futures.example"
TUTOR = "coordinator@page-by-page.example"
TELEPHONE = "555-0187"
EVENING = "/sessions/of/page-by-page/evening-reading/"


def test_three_people_share_one_student(signed_in: SignedIn, site: Site) -> None:
    program_key, school_key = unasked(site)
    person = found_by_key(signed_in("data_steward"), site, "bright-futures", program_key)
    worker, tutor = signed_in(WORKER, width=PHONE), signed_in(TUTOR, width=PHONE, touch=True)
    student = site.at(f"/students/{person}/")

    notes_an_absence(worker, student)
    name = finds_a_tutor_and_refers(worker, student)
    accepts_and_enters(tutor, site, name)
    marks_attendance(tutor, site, name)
    code = the_mother_signs_in_spanish(worker, site, student)
    the_officer_confirms(signed_in(OFFICER, width=DESK), site, code, school_key)

    worker.goto(student)
    expect(worker.locator(".tw-consent")).to_contain_text(re.compile("Family allows:.*marks"))
    assert "Signed by the mother" in worker.locator("#access").inner_text()
    assert "Grade" in worker.locator(".tw-name").inner_text()
    the_yes_is_taken_back(worker, student)

    # What came from the school is closed. Each program keeps what is its own.
    worker.goto(student)
    expect(worker.locator(".tw-consent")).to_contain_text(re.compile("Family does not allow:.*marks"))
    assert "Grade" not in worker.locator(".tw-name").inner_text()
    assert "Yes taken back by the mother" in worker.locator("#answers").inner_text()
    expect(worker.locator("main")).to_contain_text("Missed three days")
    expect(worker.locator("main")).to_contain_text("Evening Reading")
    tutor.goto(site.at(EVENING))
    line = tutor.locator(".tw-roster-list > li", has_text=name)
    assert line.locator("input[value=late]").is_checked()
    tutor.goto(site.at("/students/referrals/"))
    expect(tutor.locator("main")).to_contain_text(TELEPHONE)
    worker.goto(site.at("/students/"))
    expect(worker.locator("main")).to_contain_text(name.split()[0])


def unasked(site: Site) -> tuple[str, str]:
    """A student of the case worker whose family answered no school, by the keys at the program and at the school."""
    person = {(row["partner"], row["record_key"]): row["person"] for row in site.rows("truth/persons.csv")}
    school = {of: key for (partner, key), of in person.items() if partner == "riverbend-schools"}
    answered = {person[row["partner"], row["record_key"]] for row in site.rows("consents/casework.csv")}
    mine = [
        row["record_key"] for row in site.rows("caseloads.csv") if row["email"] == WORKER and not row["to"]
    ]
    # The last ones, of whom no other journey asks, are ended there.
    for key in mine[:-2]:
        student = person["bright-futures", key]
        if student in school and student not in answered:
            return key, school[student]
    raise AssertionError("every family answered")


def notes_an_absence(worker: Page, student: str) -> None:
    worker.goto(student)
    worker.get_by_label("What was said or done").first.fill(
        "Missed three days; the mother asks for help with reading."
    )
    button(worker, "Save the note")
    expect(worker.locator("main")).to_contain_text("Missed three days")


def finds_a_tutor_and_refers(worker: Page, student: str) -> str:
    """The name under which the student was referred."""
    worker.goto(f"{student}supports/")
    support = worker.locator("li.tw-fit", has_text="Evening Reading").first
    expect(support).to_contain_text(re.compile("[Ss]panish"))
    expect(support).to_contain_text(re.compile("seats? free"))
    follow(worker, support.get_by_role("link", name=re.compile("^Refer")))
    name = worker.get_by_label("Name of the student").input_value()
    worker.get_by_label(re.compile("[Tt]elephone|[Pp]hone")).fill(f"{TELEPHONE}, ask for the mother")
    worker.get_by_label("Language in which to call").select_option("spa")
    worker.get_by_text("The family asked for this").click()
    button(worker, "Check what is shared")
    button(worker, "Send it to Page by Page")
    return name


def accepts_and_enters(tutor: Page, site: Site, name: str) -> None:
    tutor.goto(site.at("/students/referrals/"))
    card = tutor.locator("li", has_text=name).filter(has_text="Evening Reading").first
    follow(tutor, card.get_by_role("link").first)
    button(tutor, "Accept")
    expect(tutor.locator("#own")).to_be_visible()
    assert judged(tutor) == []
    button(tutor, "Enter the student in our records")
    assert judged(tutor) + judged_at(tutor, DESK, whole=True) == []
    tutor.set_viewport_size(PHONE)  # type: ignore[arg-type]
    expect(tutor.get_by_label("Telephone of the family")).to_have_value(TELEPHONE)
    expect(tutor.get_by_label("Language at home")).to_have_value("spa")
    button(tutor, "Enter the student")
    expect(tutor.locator("main")).to_contain_text("In your records since")
    follow(tutor, tutor.get_by_role("link", name="Open today’s roster"))


def marks_attendance(tutor: Page, site: Site, name: str) -> None:
    line = tutor.locator(".tw-roster-list > li", has_text=name)
    expect(line).to_have_count(1)
    line.locator("input[value=late]").tap()
    tutor.get_by_role("button", name="Save").tap()
    expect(tutor.locator("#roster [role=status]")).to_contain_text("1 late")
    assert judged(tutor) == []
    tutor.goto(site.at("/sessions/entered/"))
    assert judged(tutor) + judged_at(tutor, DESK, whole=True) == []
    expect(tutor.locator("main")).to_contain_text(name)
    tutor.set_viewport_size(PHONE)  # type: ignore[arg-type]


def the_mother_signs_in_spanish(worker: Page, site: Site, student: str) -> str:
    """The code of the form, whose picture the case worker sends."""
    worker.goto(student)
    expect(worker.locator(".tw-consent")).not_to_contain_text("marks")
    assert "Grade" not in worker.locator(".tw-name").inner_text()
    follow(worker, worker.get_by_role("link", name="Record the family’s answer"))
    assert judged(worker) == []
    worker.get_by_text("Give the family a form").click()
    form = worker.locator("form", has=worker.get_by_role("button", name="Make the form"))
    form.get_by_text(re.compile(f"Records of {SCHOOLS}")).click()
    form.get_by_text("Spanish").click()
    form.get_by_text("Handed over").click()
    button(worker, "Make the form")
    code = re.search(r"The form (\w{4}-\w{4}) is ready", worker.locator("main").inner_text())
    assert code
    way = worker.get_by_role("link", name=re.compile("Print the form")).get_attribute("href")
    printed = worker.request.get(site.at(str(way)))
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(printed.body())).pages)
    assert "Permiso para compartir" in text
    assert code[1] in text
    # The paper comes back; its code leads to the student.
    worker.goto(site.at("/requests/answers/"))
    assert judged(worker) == []
    worker.get_by_label("Code of the form").fill(code[1].lower())
    button(worker, "Find the student")
    worker.get_by_text("A signed form came back").click()
    paper = signed_paper(code=code[1], language="es", student="Ana", signer="Rosa Ibarra", day="hoy")
    worker.get_by_label("Code of the form").fill(code[1])
    worker.get_by_label("Name of who signed").fill("Rosa Ibarra")
    form = worker.locator("form", has=worker.get_by_role("button", name="Keep the signed form"))
    form.get_by_text("the mother").click()
    form.locator("input[type=file]").set_input_files(
        {"name": "paper.jpg", "mimeType": "image/jpeg", "buffer": paper}
    )
    button(worker, "Keep the signed form")
    expect(worker.locator("main")).to_contain_text("signed, to be confirmed")
    worker.goto(student)
    assert "Grade" not in worker.locator(".tw-name").inner_text()  # a paper alone opens nothing
    return code[1]


def the_officer_confirms(officer: Page, site: Site, code: str, school_key: str) -> None:
    officer.goto(site.at("/requests/consents/"))
    follow(officer, officer.get_by_role("link", name=re.compile("Signed forms to compare")))
    assert judged(officer) == []
    follow(officer, officer.get_by_role("link", name=f"Form {code}"))
    assert judged(officer) == []
    assert officer.locator("figure img").evaluate("e => e.naturalWidth") > 500
    officer.get_by_label("Student’s number").fill(school_key)
    officer.get_by_label("How you know who signed").fill("Signature compared with the enrollment form")
    button(officer, "Record the consent")
    expect(officer.get_by_role("status")).to_contain_text("It counts from now on.")


def the_yes_is_taken_back(worker: Page, student: str) -> None:
    worker.goto(student)
    follow(worker, worker.get_by_role("link", name="Record the family’s answer"))
    worker.get_by_text("The family takes it back").click()
    worker.get_by_text("By telephone").first.click()
    button(worker, "Take back consent")
    expect(worker.get_by_role("status")).to_contain_text("What it opened is closed now.")
