"""An evaluator's day at the desk: find the schema, ask, be warned, save the question, take the extract that a license gives."""

import io
import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessible import judged, judged_at
from tests.browser.conftest import DESK, PHONE, SignedIn, Site, follow, opening, served

LICENSE = "tutoring-study-license"
COMPARES = """SELECT person_id IN (SELECT person_id FROM program_participation) AS took_part, count(*) AS marks
FROM attendance_day
GROUP BY 1 ORDER BY 1"""
# Every two marks of one student, letter by letter: more than the desk waits for on any machine, and little memory.
LONG = """SELECT count(*) AS n, sum(length(replace(concat(a.attendance_status, b.attendance_status), 'e', b.attendance_status))) AS letters
FROM attendance_day a JOIN attendance_day b ON a.person_id = b.person_id"""
ROWS = "SELECT person_id, entry_grade_level FROM school_enrollment ORDER BY 1"


@pytest.fixture
def licensed(
    site: Site, riverbend: Path, tmp_path: Path, browser: Browser
) -> Iterator[tuple[Site, SignedIn]]:
    """A copy of Riverbend in which the license that waits there is in effect; others' tests go on without that."""
    root = tmp_path / "riverbend"
    shutil.copytree(riverbend / "riverbend", root)
    with served(tmp_path, "serve", "--community", str(root)) as document:
        copy = Site(document["address"], root, site.sign_ins, site.passwords)
        director = next(email for email in site.passwords if email.startswith("director@page-by-page"))
        copy.throughway("agreement", "sign", LICENSE, "--as", director)
        copy.throughway("agreement", "activate", LICENSE, "--as", site.known("privacy_officer")[0])
        with opening(browser, copy, {}) as open_as:
            yield copy, open_as


def picture(page: Page, name: str) -> None:
    """Saved at both widths where somebody asks for pictures."""
    if folder := os.environ.get("PICTURES_INTO"):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        page.set_viewport_size(DESK)  # type: ignore[arg-type]


def test_an_evaluator_asks_saves_and_takes_an_extract(licensed: tuple[Site, SignedIn]) -> None:
    site, open_as = licensed
    page = open_as("evaluator", width=DESK)
    page.goto(site.at("/"))
    follow(page, page.get_by_role("link", name="Ask in SQL").first)
    picture(page, "desk")
    assert judged(page) + judged_at(page, PHONE, whole=True) == []
    page.set_viewport_size(DESK)  # type: ignore[arg-type]

    # The schema is at hand: the purpose's own, searched as one types, and a press writes a name.
    with page.expect_navigation():
        page.get_by_label("For which purpose?").select_option("evaluation")
    page.get_by_label("Find a table, column or code").fill("unexcused")
    expect(page.locator("[data-table]:visible summary")).to_contain_text(["attendance_day"])
    page.locator("#id_sql").fill("SELECT ")
    page.get_by_role("button", name="attendance_status", exact=True).first.click()
    expect(page.locator("#id_sql")).to_have_value("SELECT attendance_status")

    page.locator("#id_sql").fill("SELECT last_or_surname FROM persn")
    with page.expect_navigation():
        page.locator("#id_sql").press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("not in the vocabulary")
    picture(page, "desk-refused")
    assert judged(page) == []

    page.locator("#id_sql").fill(COMPARES)
    with page.expect_navigation():
        page.locator("#id_sql").press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The answer has 2 rows")
    expect(page.locator(".usa-alert--warning")).to_contain_text("the difference is not what the program did")
    told = site.throughway("query", COMPARES, "--purpose", "evaluation", "--as", site.known("evaluator")[0])
    shown = page.locator(".tw-desk-answer tbody tr").evaluate_all(
        "rows => rows.map(r => [...r.cells].map(c => c.textContent))"
    )
    assert shown == [[str(cell) for cell in row] for row in told["rows"]]
    picture(page, "desk-answer")
    assert judged(page) + judged_at(page, PHONE, whole=True) == []
    page.set_viewport_size(DESK)  # type: ignore[arg-type]

    page.get_by_text("Save this question").click()
    page.get_by_label("Title").fill("Marks of those who took part")
    follow(page, page.get_by_role("button", name="Save it"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Marks of those who took part")
    expect(page.locator("#id_sql")).to_have_value(COMPARES)
    picture(page, "desk-saved")
    assert judged(page) + judged_at(page, PHONE, whole=True) == []
    page.set_viewport_size(DESK)  # type: ignore[arg-type]

    with page.expect_navigation():
        page.get_by_label("For which purpose?").select_option("tutoring-study")
    page.locator("#id_sql").fill(ROWS)
    follow(page, page.get_by_role("button", name="Ask", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"The answer has [\d,]+ rows"))
    picture(page, "desk-rows")
    follow(page, page.get_by_role("link", name="Take the extract of"))
    page.get_by_label("I have read these terms").check()
    follow(page, page.get_by_role("button", name="Take the extract"))
    page.locator("main [name=password]").fill(site.known("evaluator")[1])  # once more, as its page says
    with page.expect_download() as download:
        page.get_by_role("button", name="Continue").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert any(name.endswith("data/school_enrollment.csv") for name in archive.namelist())


def test_a_long_question_is_counted_while_the_evaluator_does_something_else(
    site: Site, signed_in: SignedIn
) -> None:
    page = signed_in("evaluator", width=DESK)
    page.goto(site.at("/desk/"))
    with page.expect_navigation():
        page.get_by_label("For which purpose?").select_option("evaluation")
    page.locator("#id_sql").fill(LONG)
    with page.expect_navigation():
        page.locator("#id_sql").press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("A question that takes long")
    expect(page.locator("#long-question")).to_contain_text("you may leave this page")
    picture(page, "long-question-waits")
    assert judged(page) + judged_at(page, PHONE, whole=True) == []
    page.set_viewport_size(DESK)  # type: ignore[arg-type]

    page.goto(site.at("/desk/"))
    picture(page, "desk-with-a-long-question")
    assert judged(page) + judged_at(page, PHONE, whole=True) == []
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    follow(page, page.locator("main a[href*='/desk/asked/']").first)
    show = page.get_by_role("button", name="Show the answer")
    expect(show).to_be_visible(timeout=300_000)  # without a press: the page looks again by itself
    picture(page, "long-question-ready")
    assert judged(page) + judged_at(page, PHONE, whole=True) == []
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    follow(page, show)
    expect(page.get_by_role("heading", level=1)).to_have_text("The answer has 1 row")
    picture(page, "long-question-answer")
    assert judged(page) + judged_at(page, PHONE, whole=True) == []
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    follow(page, page.get_by_role("button", name="Delete it now"))
    expect(page.locator("main")).to_contain_text("nothing of it is kept")
    assert page.locator("main a[href*='/desk/asked/']").count() == 0


def test_the_desk_works_without_script(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("evaluator", width=PHONE, script=False)
    page.goto(site.at("/desk/"))
    page.get_by_label("For which purpose?").select_option("evaluation")
    page.get_by_label("Find a table, column or code").fill("unexcused")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("details[open] dt code").first).to_have_text("attendance_status")
    page.locator("#id_sql").fill("SELECT count(*) AS n FROM attendance_day")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The answer has 1 row")
    page.get_by_label("For which purpose?").select_option("community-report")
    page.locator("#id_sql").fill("SELECT count(DISTINCT person_id) AS n FROM attendance_day")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("main")).to_contain_text("Nothing has been published yet")
