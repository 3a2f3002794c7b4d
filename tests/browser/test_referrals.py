"""A referral in the browser: a case worker notes an absence, finds a tutor with a seat, and refers; the tutor takes the student on."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.accessible import judged, judged_at
from tests.browser.conftest import DESK, PHONE, SignedIn, Site, follow
from tests.browser.test_journeys import button

WORKER = "caseworker@bright-futures.example"
TUTOR = "coordinator@page-by-page.example"
FREE = re.compile(r"seats? free( as of|$)", re.MULTILINE)


def tutoring(page: Page) -> Locator:
    return page.locator("li.tw-fit", has=page.get_by_role("link", name=re.compile("^Refer"))).filter(
        has_text="Page by Page"
    )


def who_may_be_referred(page: Page, site: Site) -> str:
    """A student of the worker whom a program of Page by Page fits, and who is not referred there yet; by the page's address."""
    page.goto(site.at("/students/"))
    students = page.locator("main a[href]").evaluate_all(
        "links => [...new Set(links.map(a => a.getAttribute('href')).filter(h => /^.students.[0-9]+.$/.test(h)))]"
    )
    for student in students:
        page.goto(site.at(f"{student}supports/"))
        if tutoring(page).filter(has_text=FREE).count():
            support = tutoring(page).filter(has_text=FREE).first
            support.get_by_role("link", name=re.compile("^Refer")).click()
            if "/refer/" in page.url:  # else somebody refers the student already
                return str(student)
    raise AssertionError("no student fits")


def say_that_seats_are_free(page: Page, site: Site) -> None:
    page.goto(site.at("/supports/"))
    follow(page, page.get_by_role("link", name="Tutoring", exact=True).first)
    follow(page, page.get_by_role("link", name="Change it"))
    page.get_by_label(re.compile("^Seats free")).fill("2")
    button(page, "Save")


def test_a_referral_is_sent_and_the_loop_closes(signed_in: SignedIn, site: Site) -> None:
    tutor = signed_in(TUTOR, width=PHONE)
    say_that_seats_are_free(tutor, site)
    worker = signed_in(WORKER, width=PHONE)
    student = who_may_be_referred(worker, site)
    worker.goto(site.at(student))
    worker.get_by_label("What was said or done").first.fill("Missed three days; the bus does not come.")
    button(worker, "Save the note")
    expect(worker.locator("main")).to_contain_text("Missed three days")

    worker.goto(site.at(f"{student}supports/"))
    assert judged(worker) == []
    support = tutoring(worker).filter(has_text=FREE).first
    name = support.locator("a").first.inner_text()
    follow(worker, support.get_by_role("link", name=re.compile("^Refer")))
    assert judged(worker) + judged_at(worker, DESK, whole=True) == []
    worker.set_viewport_size(PHONE)  # type: ignore[arg-type]
    worker.get_by_label(re.compile("[Tt]elephone|[Pp]hone")).fill("555-0142, ask for the grandmother")
    worker.get_by_label("Language in which to call").select_option("spa")
    button(worker, "Check what is shared")
    expect(worker.locator("main")).to_contain_text("Ask the family first")  # nothing without their wish
    worker.get_by_text("The family asked for this").click()
    button(worker, "Check what is shared")
    expect(worker.locator("#told")).to_contain_text("will read exactly this")
    assert judged(worker) + judged_at(worker, DESK) == []
    draft = worker.url

    tutor.goto(draft)
    expect(tutor.locator("main")).not_to_contain_text("555-0142")  # a draft is the sender's alone
    worker.set_viewport_size(PHONE)  # type: ignore[arg-type]
    button(worker, "Send it to Page by Page")

    tutor.goto(site.at("/students/referrals/"))
    assert judged(tutor) + judged_at(tutor, DESK, whole=True) == []
    tutor.set_viewport_size(PHONE)  # type: ignore[arg-type]
    tutor.goto(draft)
    expect(tutor.locator("main")).to_contain_text("555-0142, ask for the grandmother")
    expect(tutor.locator("main")).to_contain_text("Spanish")
    button(tutor, "Accept")
    tutor.goto(draft)
    expect(tutor.locator("main")).to_contain_text("Accepted; the program calls the family")
    tutor.get_by_text("The student started").first.click()
    assert judged(tutor) + judged_at(tutor, DESK) == []
    button(tutor, "The student started")
    tutor.goto(draft)
    expect(tutor.locator("main")).to_contain_text("The student started")

    worker.goto(site.at(student))
    expect(worker.locator("main")).to_contain_text(name)
    expect(worker.locator("main")).to_contain_text("The student started")
    assert judged(worker) == []
    # The tutor has what was sent, and not the student's page.
    tutor.goto(site.at(student))
    expect(tutor.locator("main")).not_to_contain_text("Missed three days")
