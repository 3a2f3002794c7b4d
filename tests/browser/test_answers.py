"""A mother's yes in the browser: a form in Spanish, its picture on a phone, the district's officer, and the yes taken back."""

import io
import re

from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.accessible import judged
from tests.browser.conftest import DESK, PHONE, SignedIn, Site, follow
from tests.browser.test_journeys import button, found_by_key
from throughway.demo.scenes.signed_paper import signed_paper

WORKER = "caseworker@bright-futures.example"
OFFICER = "privacy@riverbend-schools.example"
SCHOOLS = "Riverbend Schools"


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


def test_a_mother_s_yes_from_paper_in_spanish_is_confirmed_and_taken_back(
    signed_in: SignedIn, site: Site
) -> None:
    program_key, school_key = unasked(site)
    person = found_by_key(signed_in("data_steward"), site, "bright-futures", program_key)
    worker = signed_in(WORKER, width=PHONE)
    worker.goto(site.at(f"/students/{person}/"))
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
    worker.goto(site.at(f"/students/{person}/"))
    assert "Grade" not in worker.locator(".tw-name").inner_text()  # a paper alone opens nothing

    officer = signed_in(OFFICER, width=DESK)
    officer.goto(site.at("/requests/consents/"))
    follow(officer, officer.get_by_role("link", name=re.compile("Signed forms to compare")))
    assert judged(officer) == []
    follow(officer, officer.get_by_role("link", name=f"Form {code[1]}"))
    assert judged(officer) == []
    assert officer.locator("figure img").evaluate("e => e.naturalWidth") > 500
    officer.get_by_label("Student’s number").fill(school_key)
    officer.get_by_label("How you know who signed").fill("Signature compared with the enrollment form")
    button(officer, "Record the consent")
    expect(officer.get_by_role("status")).to_contain_text("It counts from now on.")

    worker.reload()
    expect(worker.locator(".tw-consent")).to_contain_text(re.compile("Family allows:.*marks"))
    assert "Signed by the mother" in worker.locator("#access").inner_text()
    assert "Grade" in worker.locator(".tw-name").inner_text()
    follow(worker, worker.get_by_role("link", name="Record the family’s answer"))
    worker.get_by_text("The family takes it back").click()
    worker.get_by_text("By telephone").first.click()
    button(worker, "Take back consent")
    expect(worker.get_by_role("status")).to_contain_text("What it opened is closed now.")
    worker.goto(site.at(f"/students/{person}/"))
    expect(worker.locator(".tw-consent")).to_contain_text(re.compile("Family does not allow:.*marks"))
    assert "Grade" not in worker.locator(".tw-name").inner_text()
    assert "Yes taken back by the mother" in worker.locator("#answers").inner_text()
